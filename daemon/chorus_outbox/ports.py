"""What the worker needs of the world, as Protocols. The real ones stand in ``edge/``, those in memory in the tests."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from .core.analysis import Analysis
from .core.decide import Found
from .core.directory import Known
from .core.entry import Entry, Receipt
from .core.facts import PdfFacts
from .core.flow import FlowReport
from .core.followup import History
from .core.invoice import Invoice
from .core.lifecycle import Event
from .core.preflight import Recipient
from .core.problem import Problem
from .core.settling import Signature


@dataclass(frozen=True)
class Scan:
    """What lies in the outbox. Names are paths below it.

    Args:
        present: PDFs, sidecars and attachments -> what identifies their content.
        strange: What is no regular file, but has a name of ours or might be named by a sidecar -> what it is (link,
            folder, pipe...).
        foreign: Regular files of other kinds, left untouched unless a sidecar names them.
        defaults: The ``_defaults.yaml`` files.
        unreadable: What could not be looked at -> the system's reason; what such a folder holds is not gone.

    """

    present: Mapping[str, Signature]
    strange: Mapping[str, str]
    foreign: Mapping[str, Signature]
    defaults: Mapping[str, Signature]
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taken:
    """A file copied to the spool."""

    path: Path
    sha256: str
    size: int  # bytes


class Clock(Protocol):
    """One clock for everything."""

    def now(self) -> datetime:
        """Return the time as aware UTC: for what is noted and told."""

    def monotonic(self) -> float:
        """Return seconds that never jump: for what is waited for."""


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


@dataclass(frozen=True)
class Noted:
    """One line of an invoice's story: what happened when, and the state that followed."""

    at: datetime
    event: str
    state: str
    detail: str


class Ledger(Protocol):
    """Where the state of every invoice is kept. Every write is on disk when the method returns."""

    def admit(self, file: str, origin: str, signature: str, now: datetime, back: int | None = None) -> Entry:
        """Return the entry of a file seen in the outbox; ``back`` is the failed one that it is, corrected."""

    def note(self, entry_id: int, event: Event, now: datetime, detail: str = "", **changes: Any) -> Entry:
        """Record an event with the changes it brings, in one transaction, and return the new entry.

        Raises:
            core.lifecycle.ImpossibleError: When the life cycle has no such step.
            NumberTakenError: When another entry holds the number.

        """

    def schedule(self, entry_id: int, **changes: Any) -> None:
        """Note when an invoice is looked at next, which is no event of its story."""

    def schedule_all(self, entry_ids: Collection[int], look_at: datetime) -> None:
        """Note when several invoices are looked at next, in one transaction."""

    def unfollowed(self) -> Sequence[Entry]:
        """Return the deposited invoices in sent/ or failed/ that no look is noted for."""

    def next_look(self) -> Entry | None:
        """Return the invoice whose status is to be asked for next, due or not; None when none is followed."""

    def get(self, entry_id: int) -> Entry:
        """Return one entry."""

    def events(self, entry_id: int) -> Sequence[Noted]:
        """Return an invoice's story, oldest first."""

    def open_entries(self) -> Sequence[Entry]:
        """Return the entries that the program still has something to do for, oldest first."""

    def seen_entries(self) -> Sequence[Entry]:
        """Return the entries of files that wait in the outbox."""

    def failed_as(self, stem: str) -> Entry | None:
        """Return the newest failed entry whose files bear that stem in failed/, or None."""

    def failed_with_files(self) -> Sequence[Entry]:
        """Return the failed entries whose sidecar named attachments."""

    def counts(self) -> Mapping[str, int]:
        """Return how many invoices stand in each state."""

    def holder(self, supplier: str, number: str, year: int) -> Entry | None:
        """Return the entry that holds a number, or None."""

    def sender_of(self, sha256: str) -> Entry | None:
        """Return the entry that sends or has sent these bytes, or None."""


class Folders(Protocol):
    """The shared folders and the spool. A folder is named ``outbox``, ``processing``, ``sent/2026/11`` or ``failed``.

    Names are relative to it. ``OSError`` of the share means: try again later; ``StorageError`` of the spool: stop.
    """

    def scan(self) -> Scan:
        """Return what lies in the outbox; ``OutboxUnavailableError`` when it can't be read."""

    def take(self, name: str, signature: Signature, limit: int, suffix: str = ".pdf") -> Taken:
        """Copy a dropped file to the spool (the copy's name ending in ``suffix``), hashed and synced.

        Raises:
            ChangedError: It is not the file that was seen any more.
            BusyError: Somebody still has it open for writing.
            TooBigError: It has more than ``limit`` bytes.

        """

    def read(self, name: str, limit: int, signature: Signature) -> bytes:
        """Return the content of a small file in the outbox, at most ``limit`` + 1 bytes; ``ChangedError`` as above."""

    def spooled(self, sha256: str, suffix: str) -> Path:
        """Return the path of a copy in the spool, whether it exists or not."""

    def derive(self, source: Path, change: Callable[[Path, Path], Problem | None]) -> str | Problem:
        """Put a changed copy of a spooled file into the spool; return its SHA-256, or why it can't be made."""

    def forget(self, sha256s: Sequence[str]) -> None:
        """Remove copies that are no longer needed from the spool."""

    def free_stem(self, folder: str, stem: str, suffixes: Sequence[str]) -> str:
        """Return ``stem`` or ``stem (2)``... such that no file of it lies in the folder."""

    def present(self, folder: str, name: str) -> bool:
        """Tell whether the folder has that name; ``OSError`` when that can't be known."""

    def move(self, folder: str, name: str, to_folder: str, to_name: str, sha256: str) -> bool:
        """Move without overwriting; False when the file is in neither place. Already moved counts as moved."""

    def digest(self, folder: str, name: str) -> str | None:
        """Return the SHA-256 of a file, None when it is not there."""

    def restore(self, sha256: str, suffix: str, folder: str, name: str) -> None:
        """Put the spool's copy into a folder, without overwriting."""

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Write one of our own files (logs), replacing an earlier version of it."""

    def write_new(self, folder: str, name: str, data: bytes) -> None:
        """Write a file for people; nothing is done when that name exists."""

    def remove_log(self, folder: str, name: str) -> None:
        """Remove one of our own logs, if it is there."""


class PdfReader(Protocol):
    """Looks into PDFs, away from this process."""

    def read(self, path: Path) -> PdfFacts | Problem:
        """Return the facts, or the problem that makes it unusable."""

    def strip(self, source: Path, target: Path) -> Problem | None:
        """Write a copy without its embedded files; None when done."""


class NumberTakenError(Exception):
    """Another entry holds this supplier's number of this year."""


class BusyError(Exception):
    """Somebody still has the file open for writing."""


class TooBigError(Exception):
    """The file has more bytes than may be sent; ``size`` says how many."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size
