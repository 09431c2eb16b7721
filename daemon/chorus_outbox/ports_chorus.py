"""What the worker needs of Chorus Pro, as Protocols. The real ones stand in ``edge/chorus``, those in memory in the tests.

Every method that asks Chorus Pro raises ``errors.RemoteError``, whose kinds say what is certain.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .core.analysis import Analysis
from .core.decide import Found
from .core.directory import Known
from .core.entry import Receipt
from .core.flow import FlowReport
from .core.followup import History
from .core.invoice import Invoice
from .core.preflight import Recipient
from .core.problem import Problem


@dataclass(frozen=True)
class Upload:
    """The answer to an upload: the id to submit with, and what the analysis read."""

    attachment_id: int
    analysis: Analysis


@dataclass(frozen=True)
class Attached:
    """An attachment that is at Chorus Pro already: its id, the code of its type, and what people call it."""

    attachment_id: int
    type_code: str
    designation: str  # at most 100 characters


class Directory(Protocol):
    """What recipients require, remembered for a while."""

    def recipient(self, siret: str, service: str | None) -> Recipient | None:
        """Return a recipient with its rules, services and the given service's own rule; None when unknown."""

    def forget(self, siret: str) -> None:
        """Ask anew the next time: a deposit was refused, so what is remembered may be stale."""

    def news(self, siret: str) -> Problem | None:
        """Return what people have not been told yet of a recipient whose rules changed, or None."""

    def told(self, siret: str) -> None:
        """Note that people were told."""

    def engagement_known(self, number: str, supplier: str) -> bool | None:
        """Tell whether the State knows an engagement to that supplier; None when nobody can say. Never raises."""


class RecipientStore(Protocol):
    """Where what Chorus Pro said of recipients is kept."""

    def recall(self, siret: str) -> Known | None:
        """Return what is remembered of a recipient, or None."""

    def remember(self, siret: str, known: Known) -> None:
        """Keep what Chorus Pro said of a recipient."""


class ChorusPro(Protocol):
    """The remote side. Every method raises ``errors.RemoteError`` (its kinds say what is certain)."""

    def payload(self, invoice: Invoice, *, signed: bool) -> Mapping[str, Any]:
        """Return the deposit of an invoice as the body of ``soumettre``, without its files."""

    def upload(self, pdf: Path, name: str, *, signed: bool) -> Upload:
        """Upload the main PDF (harmless when repeated)."""

    def attach(self, file: Path, name: str) -> int:
        """Upload another file and return its id (harmless when repeated)."""

    def submit(self, payload: Mapping[str, Any], attachment_id: int, attached: Sequence[Attached] = ()) -> Receipt:
        """Deposit the invoice. The one call that must never be repeated blindly."""

    def search(self, number: str, supplier: str) -> Sequence[Found]:
        """Return every invoice of a supplier (SIRET) of the account with that number, all pages read."""


class FollowUp(Protocol):
    """What can be asked and done after a deposit. Every method raises ``errors.RemoteError``."""

    def history(self, chorus_id: int) -> History:
        """Return where an invoice stands and how it got there, all pages read."""

    def recycling(self, invoice: Invoice, cleared: Collection[str]) -> Mapping[str, Any]:
        """Return the body that sends an invoice on to its corrected recipient; ``cleared``: fields it has no more."""

    def recycle(self, chorus_id: int, payload: Mapping[str, Any]) -> Receipt:
        """Send an invoice on to a corrected recipient (``A_RECYCLER`` only); never repeated blindly."""

    def complete(self, chorus_id: int, comment: str, attachments: Sequence[Attached]) -> Receipt:
        """Add attachments and a comment to an invoice (``SUSPENDUE`` only); never repeated blindly."""

    def acknowledge(self, chorus_id: int) -> None:
        """Say that a rejection is dealt with (``REJETEE`` only); harmless when repeated."""


class Flows(Protocol):
    """Deposits of Factur-X as flows. Every method raises ``errors.RemoteError``."""

    def deposit(self, pdf: Path, name: str) -> str:
        """Deposit and return the flow's number. Must never be repeated blindly, as ``submit``."""

    def report(self, flow: str) -> FlowReport:
        """Return what became of a flow."""


class Lists(Protocol):
    """Chorus Pro's reference lists: code -> label. Every method raises ``errors.RemoteError``."""

    def attachment_types(self) -> Mapping[str, str]:
        """Return the types that an attachment can have."""

    def exemption_reasons(self) -> Mapping[str, str]:
        """Return the reasons for which no VAT is due."""
