"""The shared folders and the spool, as the worker needs them: names in, effects out. Decides nothing.

A folder is named ``outbox``, ``processing``, ``failed`` or ``sent/2026/11`` (below the configured sent folder).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from chorus_outbox.core.names import free_name
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.settling import Signature
from chorus_outbox.errors import StorageError
from chorus_outbox.ports import BusyError, Scan, Taken

from . import moves
from .lease import writer_busy
from .outbox import Outbox
from .spool import Spool

FOLDER_MODE = 0o2770  # setgid: what is filed stays readable for the share's group


class SharedFolders:
    """The four folders and the spool.

    Args:
        outbox: Where people drop files.
        others: ``processing``, ``sent`` and ``failed`` -> their directories.
        spool: Private copies.

    """

    def __init__(self, outbox: Outbox, others: Mapping[str, Path], spool: Spool) -> None:
        self._outbox = outbox
        self._others = others
        self._spool = spool

    def scan(self) -> Scan:
        """Return what lies in the outbox."""
        return self._outbox.scan()

    def there(self) -> bool:
        """Tell whether the outbox is there now."""
        return self._outbox.there()

    def take(self, name: str, signature: Signature, limit: int, suffix: str = ".pdf") -> Taken:
        """Copy a dropped file to the spool, hashed and synced, unless somebody is still writing it."""
        with self._outbox.open_checked(name) as file:
            if writer_busy(file.fd):
                raise BusyError(name)
            return self._spool.take(file.fd, expected=signature, limit=limit, suffix=suffix)

    def read(self, name: str, limit: int, signature: Signature) -> bytes:
        """Return the content of a small file in the outbox."""
        return self._outbox.read_small(name, limit, signature)

    def spooled(self, sha256: str, suffix: str) -> Path:
        """Return the path of a copy in the spool."""
        return self._spool.path(sha256, suffix)

    def derive(self, source: Path, change: Callable[[Path, Path], Problem | None]) -> str | Problem:
        """Put a changed copy of a spooled file into the spool; return its SHA-256, or why it can't be made."""
        target = source.with_name(f".take-{secrets.token_hex(8)}")
        try:
            if problem := change(source, target):
                return problem
            digest = hashlib.sha256(target.read_bytes()).hexdigest()
            target.rename(self._spool.path(digest, ".pdf"))
            moves.sync_folder(target.parent)
        except OSError as e:
            raise StorageError(f"spool: {e.strerror or e}") from e
        finally:
            with suppress(OSError):
                target.unlink(missing_ok=True)
        return digest

    def forget(self, sha256s: Sequence[str]) -> None:
        """Remove copies that are no longer needed from the spool."""
        for sha256 in {s for s in sha256s if s}:
            self._spool.remove(sha256)

    def free_stem(self, folder: str, stem: str, suffixes: Sequence[str]) -> str:
        """Return ``stem`` or ``stem (2)``... such that no file of it lies in the folder (which is made if missing)."""
        return free_name(stem, suffixes, moves.taken_in(self._made(folder)))

    def present(self, folder: str, name: str) -> bool:
        """Tell whether the folder has that name; ``OSError`` when that can't be known."""
        try:
            (self._path(folder) / name).lstat()
        except FileNotFoundError:
            self._path(folder).lstat()  # a folder that is away says nothing about the file
            return False
        return True

    def move(self, folder: str, name: str, to_folder: str, to_name: str, sha256: str) -> bool:
        """Move without overwriting; False when the file is in neither place. Already moved counts as moved."""
        source, target = self._path(folder) / name, self._made(to_folder) / to_name
        try:
            moves.move(source, target, sha256=sha256 or None)
        except FileNotFoundError:
            if self.present(folder, name):
                raise
            return self.present(to_folder, to_name) and not sha256
        return True

    def digest(self, folder: str, name: str) -> str | None:
        """Return the SHA-256 of a file, None when it is not there."""
        try:
            return moves.sha256_of(self._path(folder) / name)
        except FileNotFoundError:
            return None

    def restore(self, sha256: str, suffix: str, folder: str, name: str) -> None:
        """Put the spool's copy into a folder, without overwriting."""
        moves.write_new(self._made(folder) / name, self._spool.path(sha256, suffix).read_bytes())

    def write(self, folder: str, name: str, data: bytes) -> None:
        """Write one of our own files (logs), replacing an earlier version of it."""
        moves.write_atomically(self._made(folder) / name, data)

    def write_new(self, folder: str, name: str, data: bytes) -> None:
        """Write a file for people; nothing is done when that name exists."""
        with suppress(FileExistsError):
            moves.write_new(self._made(folder) / name, data)

    def remove_log(self, folder: str, name: str) -> None:
        """Remove one of our own logs, if it is there; a power cut does not bring it back."""
        path = self._path(folder) / name
        path.unlink(missing_ok=True)
        moves.sync_folder(path.parent)

    def _path(self, folder: str) -> Path:
        if folder == "outbox":
            return self._outbox.directory
        first, _, rest = folder.partition("/")
        return self._others[first] / rest

    def _made(self, folder: str) -> Path:
        """Return a folder's path; the year and month below sent/ are made, the configured folders never."""
        path = self._path(folder)
        first, _, rest = folder.partition("/")
        if rest:
            root = self._others[first]
            for part in Path(rest).parts:
                root /= part
                with suppress(FileExistsError):
                    root.mkdir(FOLDER_MODE)
                    os.chmod(root, FOLDER_MODE)  # noqa: PTH101 - mkdir's mode is cut by the umask
                    moves.sync_folder(root.parent)
        return path
