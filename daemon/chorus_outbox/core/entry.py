"""An entry of the ledger: all that is known of one invoice, as a value. It touches no disk and decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from .lifecycle import HOLDS_NUMBER, State
from .problem import Problem

LEFT_TO_A_PERSON = frozenset({"doubt.person", "doubt.several", "flow.slow"})
"""Reasons of a doubt that Chorus Pro does not settle."""


@dataclass(frozen=True)
class Member:
    """One file of an invoice: the PDF itself, its sidecar or an attachment.

    Args:
        role: ``pdf``, ``sidecar`` or ``attachment``.
        name: Path below the outbox where it was dropped.
        suffix: What follows the invoice's stem in the name it gets elsewhere (``.pdf``, ``.yaml``, ``_PJ1.jpg``,
            `` - bon.pdf``).
        sha256: Of the copy in the spool, or "" where none is kept (sidecars).
        type_code: Of an attachment: its type at Chorus Pro.
        designation: Of an attachment: what people call it there.
        upload: Of an attachment: its file name there.

    """

    role: str
    name: str
    suffix: str
    sha256: str = ""
    type_code: str = ""
    designation: str = ""
    upload: str = ""

    @property
    def ending(self) -> str:
        """The ending of its private copy in the spool."""
        return "." + self.suffix.rpartition(".")[2].lower()


@dataclass(frozen=True)
class Receipt:
    """What Chorus Pro answered to a deposit that it took (api.md 2.11)."""

    chorus_id: int
    status: str
    deposit_date: str = ""  # as sent, normally YYYY-MM-DD
    certificate: str = ""  # empreinteCertificatDepot
    number: str = ""


@dataclass(frozen=True)
class Entry:
    """One invoice in the ledger. Times are aware UTC; ``*_at`` of something that has not happened is None.

    Args:
        file: Name of the PDF, as people see it.
        origin: Path below the outbox where it was dropped (may hold surrogate escapes).
        folder: ``outbox``, ``processing``, ``sent/2026/11`` or ``failed``: where its files are.
        stem: Name without ending that its files have there ("" in the outbox: each has its own name).
        to_folder, to_stem: Where they are being moved, "" otherwise; a crash may have left some here, some there.
        corrected: A person has dropped it again after it failed: what its sidecar says now wins over its old name.
        signature: What identified the dropped files when they were last looked at.
        sent_sha256: SHA-256 of the bytes uploaded (differs from ``sha256`` when Factur-X was taken out).
        attempts: How many deposits were begun.
        doubts: How many of them ended in doubt.
        negatives: Complete searches since the last doubt that did not find it.
        faults: Calls without effect that failed in a row (sets the next pause).
        action: What is asked of Chorus Pro: ``deposit``, ``flow`` (a deposit as Factur-X), or the correction of an
            invoice that came back: ``recycle``, ``complete``.
        flow: Number of the flow (``numeroFluxDepot``) while its report is awaited, and ever after.
        uploaded: SHA-256 of attachments -> their ids at Chorus Pro, for this deposit or correction.
        attached: SHA-256 of the attachments that the deposited invoice has.
        pays_in_silence: The recipient never reports that it has paid (api.md 2.6).
        look_at: When its status is asked for next; None: not followed.
        looks: How often it was asked for since it last changed.
        told: The status that its ``NAME.log`` tells; while a flow's report is awaited, the flow's.

    """

    id: int
    file: str
    origin: str
    state: State
    folder: str
    first_seen: datetime
    updated_at: datetime
    stem: str = ""
    to_folder: str = ""
    to_stem: str = ""
    corrected: bool = False
    members: tuple[Member, ...] = ()
    signature: str = ""
    sha256: str = ""
    sent_sha256: str = ""
    size: int = 0
    supplier: str = ""
    siret: str = ""
    recipient_name: str = ""
    number: str = ""
    date: date | None = None
    gross: Decimal | None = None
    fields: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # name -> (text, source)
    payload: str = ""  # the deposit as JSON, without the attachment's id
    signed: bool = False
    problems: tuple[Problem, ...] = ()
    attachment_id: int | None = None
    receipt: Receipt | None = None
    attempts: int = 0
    doubts: int = 0
    negatives: int = 0
    faults: int = 0
    refusal: tuple[str, str] | None = None  # Chorus Pro's last no: code and words
    begun_at: datetime | None = None
    next_try_at: datetime | None = None
    sent_at: datetime | None = None
    action: str = "deposit"
    flow: str = ""
    uploaded: Mapping[str, int] = field(default_factory=dict)
    attached: tuple[str, ...] = ()
    pays_in_silence: bool = False
    look_at: datetime | None = None
    looks: int = 0
    told: str = ""

    @property
    def holds_number(self) -> bool:
        """Tell whether nobody else may use its number."""
        return self.receipt is not None or self.state in HOLDS_NUMBER

    @property
    def attachments(self) -> tuple[Member, ...]:
        """The files that are sent with the PDF."""
        return tuple(m for m in self.members if m.role == "attachment")

    @property
    def sidecar_helps(self) -> bool:
        """Tell whether a sidecar can correct it: not while its Factur-X is what would be sent."""
        return self.action != "flow" or self.receipt is not None

    @property
    def left_to_a_person(self) -> bool:
        """Tell whether only a person can settle what became of its deposit."""
        unsettled = self.state in (State.IN_DOUBT, State.INTEGRATING)
        return unsettled and any(p.code in LEFT_TO_A_PERSON for p in self.problems)

    def name_in(self, folder: str, stem: str, member: Member) -> str:
        """Return the name that one of its files has in a folder."""
        return member.name if folder == "outbox" else stem + member.suffix

    @property
    def chorus_status(self) -> str:
        """The last status that Chorus Pro gave, or ""."""
        return self.receipt.status if self.receipt else ""
