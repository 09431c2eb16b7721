"""What the worker needs of this machine, as Protocols. The real ones stand in ``edge/``, those in memory in the tests.

What it needs of Chorus Pro: ``ports_chorus.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from .core.entry import Entry
from .core.facts import PdfFacts
from .core.lifecycle import Event
from .core.outage import WELL, Health
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
class Noted:
    """One line of an invoice's story: what happened when, and the state that followed."""

    at: datetime
    event: str
    state: str
    detail: str


@dataclass(frozen=True)
class Outlook:
    """What the running daemon knows beyond its ledger, for what people see of it.

    Args:
        at: When this was so (aware UTC).
        health: How Chorus Pro and PISTE are doing.
        unavailable: Why the outbox can't be looked at, or "".
        looked_at: When the outbox was last looked at, or None.
        ending: The program ends: what is shown now stays until it runs again.

    """

    at: datetime
    health: Health = WELL
    unavailable: str = ""
    looked_at: datetime | None = None
    ending: bool = False


class Show(Protocol):
    """Something that people see of the daemon: the page, the metrics, the alerts. Called by one thread of its own."""

    @property
    def name(self) -> str:
        """A word for the log."""

    def show(self, outlook: Outlook) -> None:
        """Bring what is seen up to date, if it is time; called after each turn of the loop, so at least every 10 s.

        Whatever it raises is logged once and harms nothing else.
        """


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
