"""What the simulated portal holds: structures, accounts, files, invoices, flows. Plain records, no rule.

An invoice keeps the body of the ``soumettre`` request that made it (nulls out, amounts as ``Decimal``): one shape for
what came by API, by flow, or was read from a PDF.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from .enums import DRAFTS

Body = dict[str, Any]
"""A JSON object, as received or as answered."""


@dataclass(frozen=True)
class Service:
    """A service of a public structure (api.md 2.7, 2.8)."""

    id: int
    code: str
    name: str
    active: bool = True
    needs_engagement: bool = False


@dataclass(frozen=True)
class Structure:
    """A supplier (private) or a recipient (public), with the three rules of api.md 4.1.

    Args:
        id: ``idStructureCPP``.
        siret: 14 digits.
        name: Its name.
        public: True for recipients.
        active: An inactive recipient can't receive.
        service_required: ``codeServiceDoitEtreRenseigne``.
        engagement_required: ``numeroEJDoitEtreRenseigne``.
        engagement_or_service: ``gestionNumeroEJOuCodeService``.
        works_owner: ``getaMoa``.
        payment_reported: False: ``MISE_EN_PAIEMENT`` never comes.
        engagements: Not None for the State: the engagements that Chorus Pro knows (api.md 4.2).
        services: Its services.
        bank_accounts: Pairs of id and name (suppliers).
        password_expires: Last day of the technical account's password (suppliers).

    """

    id: int
    siret: str
    name: str
    public: bool = True
    active: bool = True
    service_required: bool = False
    engagement_required: bool = False
    engagement_or_service: bool = False
    works_owner: bool = False
    payment_reported: bool = True
    engagements: frozenset[str] | None = None
    services: tuple[Service, ...] = ()
    bank_accounts: tuple[tuple[int, str], ...] = ()
    password_expires: date | None = None


@dataclass(frozen=True)
class Account:
    """A technical account.

    Args:
        login: Its login.
        password: Its password.
        suppliers: Ids of the supplier structures to which it is attached.
        former: Id of a structure -> what its attachment is instead of VALIDEE (``statutRattachementStructure``).

    """

    login: str
    password: str
    suppliers: tuple[int, ...]
    former: Mapping[int, str] = field(default_factory=dict)


@dataclass
class StoredFile:
    """A file in the account. ``format`` is None when it came by ``ajouter/fichier``."""

    id: int
    account: str
    name: str
    content: bytes
    sha256: str
    format: str | None = None
    facturx: bool = False
    used_by: int | None = None


class Step(NamedTuple):
    """A status, since when (aware), and what the recipient said."""

    status: str
    at: datetime
    comment: str | None = None


@dataclass
class Facture:
    """An invoice or a draft.

    Args:
        id: ``identifiantFactureCPP``.
        account: Login of the technical account that deposited it.
        supplier: ``idStructureCPP`` of the supplier.
        mode: ``modeDepot``.
        body: The submitted data, as in ``soumettre``.
        steps: Its history, oldest first, never empty.
        plan: Statuses still to come by themselves.
        visible_from: When ``rechercher/fournisseur`` starts to show it.
        file: ``pieceJointeId`` of the PDF, if any.
        flow: ``numeroFluxDepot``, if it came by a flow.
        certificate: ``empreinteCertificatDepot``.
        rejection_handled: ``rejetTraite``.
        lost: A deposit that Chorus Pro took for a flow and never integrated: its number stays free (api.md 5.3, 7.2).

    """

    id: int
    account: str
    supplier: int
    mode: str
    body: Body
    steps: list[Step]
    visible_from: datetime
    plan: list[Step] = field(default_factory=list)
    file: int | None = None
    flow: str | None = None
    certificate: str = ""
    rejection_handled: bool = False
    lost: bool = False

    @property
    def number(self) -> str | None:
        """The invoice number; None for a draft whose PDF was not understood."""
        value: str | None = self.body.get("numeroFactureSaisi")
        return value

    @property
    def status(self) -> str:
        """The current status."""
        return self.steps[-1].status

    @property
    def deposited(self) -> datetime:
        """When it was deposited."""
        return self.steps[0].at

    @property
    def draft(self) -> bool:
        """Tell whether it was never submitted."""
        return self.status in DRAFTS

    @property
    def attachments(self) -> list[int]:
        """Ids of the complementary attachments."""
        return [p["pieceJointeComplementaireId"] for p in self.body.get("pieceJointeComplementaire", [])]


@dataclass
class Flow:
    """A deposit by ``deposer/flux``: states behind it, states to come, and what was found wrong.

    ``decided``: somebody has said by the control interface what becomes of it, so that it no longer moves by itself.
    """

    number: str
    account: str
    name: str
    syntax: str
    steps: list[Step]
    content: bytes = b""
    decided: bool = False
    plan: list[Step] = field(default_factory=list)
    technical_errors: list[Body] = field(default_factory=list)
    invoice_errors: list[Body] = field(default_factory=list)

    @property
    def state(self) -> str:
        """The current state."""
        return self.steps[-1].status


@dataclass
class Settings:
    """The switches of a world; all of them can be changed while it runs.

    Args:
        ocr: ``null``: ``deposer/pdf`` reads nothing; ``echo``: it answers what was registered for the next file.
        facturx_trap: A Factur-X deposited as a plain PDF is accepted, then silently rejected (api.md 7.2).
        refusal_status: HTTP status of business refusals, 200 or 400 (api.md 6.1).
        token_seconds: Lifetime of a token.
        routing_seconds: From deposit to EN_COURS_ACHEMINEMENT.
        available_seconds: From deposit to MISE_A_DISPOSITION.
        auto_pay: Goes on to MANDATEE and MISE_EN_PAIEMENT by itself; otherwise only the control interface does.
        pay_seconds: From deposit to MANDATEE, and again as much to MISE_EN_PAIEMENT.
        trap_seconds: From deposit to the rejection of a trapped Factur-X.
        flow_seconds: Between two states of a flow.
        report_seconds: How long the report of a new flow is not known yet.
        strict_payable: The amount to pay must be the total less the discount but for A2 (api.md 5.4, to the letter).
        unsubscribed: Names of APIs (``factures``...) that the PISTE application may not call: HTTP 403.

    """

    ocr: str = "null"
    facturx_trap: bool = True
    refusal_status: int = 200
    token_seconds: float = 3600
    routing_seconds: float = 60
    available_seconds: float = 120
    auto_pay: bool = False
    pay_seconds: float = 180
    trap_seconds: float = 60
    flow_seconds: float = 5
    report_seconds: float = 0
    strict_payable: bool = False
    unsubscribed: tuple[str, ...] = ()

    def plan(self, start: datetime, *, payment_reported: bool) -> list[Step]:
        """Return the statuses through which an ordinary invoice goes by itself after ``start``."""
        after = [("EN_COURS_ACHEMINEMENT", self.routing_seconds), ("MISE_A_DISPOSITION", self.available_seconds)]
        if self.auto_pay:
            after.append(("MANDATEE", self.pay_seconds))
            if payment_reported:
                after.append(("MISE_EN_PAIEMENT", 2 * self.pay_seconds))
        return [Step(status, start + timedelta(seconds=seconds)) for status, seconds in after]
