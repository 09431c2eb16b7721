"""The witnesses beside the ledger: a file in the spool, synced at each deposit, and the outbox's marker.

What they prove is decided in ``core/identity.py``.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from chorus_outbox.core.identity import Witness, decode, encode
from chorus_outbox.errors import StorageError

from .moves import write_atomically
from .outbox import MARKER

SPOOL_FILE = "generation"


def read(path: Path) -> Witness | None:
    """Read a witness; None when there is none."""
    try:
        return decode(path.read_bytes())
    except OSError:
        return None


class Witnesses:
    """The two files of one daemon.

    Args:
        spool: The spool's directory.
        outbox: The outbox's directory.

    """

    def __init__(self, spool: Path, outbox: Path) -> None:
        self._spool = spool / SPOOL_FILE
        self._outbox = outbox / MARKER
        self._marked: int | None = None  # nothing yet: even a first ledger, of generation 0, leaves its mark

    def read(self) -> tuple[Witness | None, Witness | None]:
        """Return what spool and outbox say."""
        return read(self._spool), read(self._outbox)

    def keep(self, witness: Witness) -> None:
        """Write the spool's, synced: called between the intent and the first byte of each deposit."""
        try:
            write_atomically(self._spool, encode(witness), mode=0o600)
        except OSError as e:
            raise StorageError(f"spool: {e.strerror or e}") from e

    def mark(self, witness: Witness) -> None:
        """Write the outbox's marker when its generation has grown; a share that can't be written is said elsewhere."""
        if witness.generation != self._marked or not self._outbox.is_file():
            with suppress(OSError):
                write_atomically(self._outbox, encode(witness))
                self._marked = witness.generation
