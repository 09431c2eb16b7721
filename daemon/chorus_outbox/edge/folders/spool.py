"""The spool: private copies of what is sent, so that a late writer, an edit or a vanished share changes nothing.

Files are named by the SHA-256 of their bytes and never change. The spool does not know what refers to them: it removes
only what it is told to, or what nobody keeps. ``OSError`` of the source comes out as it is; of the spool's own disk as
``StorageError``.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chorus_outbox.core.settling import ChangedError, Signature
from chorus_outbox.errors import StorageError
from chorus_outbox.ports import Taken, TooBigError

CHUNK = 1 << 20  # bytes copied at a time
_TEMPORARY = ".take-"
_OURS = re.compile(r"(?P<sha256>[0-9a-f]{64})\.[^/]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9._-]{1,32}")


class Spool:
    """One directory of copies, readable by nobody else (mode 0700; made when missing, not its parents).

    Raises:
        StorageError: From every method, when the spool's own disk refuses.

    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with _storage():
            directory.mkdir(mode=0o700, exist_ok=True)
            directory.chmod(0o700)

    def take(self, fd: int, *, expected: Signature, limit: int, suffix: str = ".pdf") -> Taken:
        """Copy an open file, hashed on the way; it is on disk under its final name when this returns.

        A file of the same bytes that is already there gives way to the copy just verified, in case it was damaged.

        Args:
            fd: Descriptor of the source; its position is neither used nor moved.
            expected: The signature it had when it was found settled.
            limit: Bytes it may have at most.
            suffix: Ending of the copy's name.

        Raises:
            ChangedError: When the source is not, or is no longer, what was expected.
            TooBigError: Before anything is copied.

        """
        _check(fd, expected)
        if expected.size > limit:
            raise TooBigError(expected.size)
        temporary = self.directory / f"{_TEMPORARY}{secrets.token_hex(8)}"
        try:
            sha256 = _copy(fd, temporary, expected)
            path = self.path(sha256, suffix)
            with _storage():
                temporary.rename(path)
                self._sync()
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        return Taken(path, sha256, expected.size)

    def path(self, sha256: str, suffix: str = ".pdf") -> Path:
        """Return where a copy is, or would be."""
        if not _DIGEST.fullmatch(sha256) or not _SUFFIX.fullmatch(suffix):
            raise ValueError(f"no name for the spool: {sha256!r} {suffix!r}")
        return self.directory / f"{sha256}{suffix}"

    def remove(self, sha256: str) -> None:
        """Remove the copies of these bytes, whatever their suffix; none is fine."""
        with _storage():
            for file, digest in self._copies():
                if digest == sha256:
                    file.unlink(missing_ok=True)
            self._sync()

    def sweep(self, keep: Container[str], older_than_seconds: float) -> tuple[str, ...]:
        """Remove copies whose SHA-256 is not in ``keep``, and remains of a crash; return their names.

        The age (file time against the computer's clock) protects what was taken but is not yet noted. Anything that
        is not the spool's own stays.
        """
        oldest = time.time() - older_than_seconds
        swept = []
        with _storage():
            for file, digest in self._copies():
                if digest not in keep and file.lstat().st_mtime < oldest:
                    file.unlink(missing_ok=True)
                    swept.append(file.name)
        return tuple(swept)

    def _copies(self) -> list[tuple[Path, str]]:
        """Return path and SHA-256 ("" of an unfinished copy) of each file that is the spool's own."""
        found = []
        for file in self.directory.iterdir():
            if match := _OURS.fullmatch(file.name):
                found.append((file, match["sha256"]))
            elif file.name.startswith(_TEMPORARY):
                found.append((file, ""))
        return found

    def _sync(self) -> None:
        fd = os.open(self.directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


@contextmanager
def _storage() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(f"spool: {error.strerror or error}") from error


def _copy(fd: int, target: Path, expected: Signature) -> str:
    digest = hashlib.sha256()
    offset = 0
    with _storage():
        out = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        # One byte more than expected would show a file that grew; the signature below shows all the rest.
        while chunk := os.pread(fd, min(CHUNK, expected.size + 1 - offset), offset):
            digest.update(chunk)
            offset += len(chunk)
            with _storage():
                _write(out, chunk)
        with _storage():
            os.fsync(out)
    finally:
        os.close(out)
    _check(fd, expected)
    if offset != expected.size:
        raise ChangedError(f"{offset} bytes instead of {expected.size}")
    return digest.hexdigest()


def _write(fd: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(fd, view) :]


def _check(fd: int, expected: Signature) -> None:
    status = os.fstat(fd)
    found = Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    if found != expected:
        raise ChangedError(f"{found} instead of {expected}")
