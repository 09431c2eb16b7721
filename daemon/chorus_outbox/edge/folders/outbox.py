"""The outbox as it is now: what lies in it, and its files opened without ever following a link.

It decides nothing, moves nothing and writes nothing. Everything is reached from a descriptor of the outbox, one folder
at a time, and described by ``fstat`` of what was really opened; names are used for nothing else (engineering.md 3.3).
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from chorus_outbox.core.names import DEFAULTS_NAMES, is_skipped_folder, kind_of, pair_key
from chorus_outbox.core.settling import ChangedError, Signature
from chorus_outbox.errors import OutboxUnavailableError
from chorus_outbox.ports import Scan

DEPTH_MAX = 8  # folders below the outbox
MARKER = ".outbox-id"  # written by whoever owns the outbox; tells the real folder from a bare mount point
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotOursError(OSError):
    """An entry that is never opened; ``kind`` says why (link, folder, pipe, socket, device, hard link, unsafe name).

    An OSError, so that what was put in a file's place after the scan is one file that can't be read now, no bug.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class _Found:
    present: dict[str, Signature] = field(default_factory=dict)
    strange: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, Signature] = field(default_factory=dict)
    defaults: dict[str, Signature] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OpenFile:
    """A regular file open for reading, with its signature when it was opened; a ``with`` closes it."""

    fd: int
    signature: Signature

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)


class Outbox:
    """One outbox folder.

    A folder that was deleted and made anew is taken as the same outbox. One on another file system is so only when it
    holds a marker: else a share that went away would look like an empty outbox (reliability.md T18). What the marker
    says is not looked at here.

    Args:
        directory: The folder; links in its path are resolved once, here.

    Attributes:
        reopened: The last scan found another folder in its place than the one before, and accepted it.
        unreadable: What the last scan could not look at -> the system's reason. What an unreadable folder holds is
            missing from the scan, not gone.

    Raises:
        OutboxUnavailableError: When it can't be opened.

    """

    def __init__(self, directory: Path) -> None:
        self.directory = Path(os.path.realpath(directory))
        self.reopened = False
        self.unreadable: Mapping[str, str] = {}
        self._device: int | None = None
        with self._opened() as fd:
            self._scanned = _identity(fd)

    def scan(self) -> Scan:
        """Look at everything, sub-folders included; an entry that can't be looked at never ends the look.

        Raises:
            OutboxUnavailableError: When the outbox itself can't be read, or is another folder.

        """
        found = _Found()
        with self._opened() as fd:
            self.reopened = self._scanned != _identity(fd)
            self._scanned = _identity(fd)
            try:
                _look(fd, "", found)
            except OSError as error:
                raise OutboxUnavailableError(_reason(error)) from error
        self.unreadable = found.unreadable
        return Scan(found.present, found.strange, found.foreign, found.defaults, found.unreadable)

    def there(self) -> bool:
        """Tell whether the outbox can be opened and is the one meant (not the bare folder of a share that went away)."""
        try:
            with self._opened():
                return True
        except OutboxUnavailableError:
            return False

    def open_checked(self, name: str) -> OpenFile:
        """Open a file of the outbox, never through a link.

        Raises:
            NotOursError: When it is no regular file with one name.
            OutboxUnavailableError: When the outbox itself can't be opened.
            OSError: As the system says: FileNotFoundError when it is gone, PermissionError when it can't be read.

        """
        *folders, base = _parts(name)
        with self._opened() as outbox:
            folder = os.dup(outbox)
            try:
                for part in folders:
                    inner = _open_folder(part, folder)
                    os.close(folder)
                    folder = inner
                return _open_file(base, folder)
            finally:
                os.close(folder)

    def read_small(self, name: str, limit: int, expected: Signature | None = None) -> bytes:
        """Return the content of a small file, at most ``limit + 1`` bytes: one more than ``limit`` says "too big".

        Raises:
            ChangedError: When it is not the ``expected`` file, or somebody wrote to it meanwhile.
            NotOursError, OutboxUnavailableError, OSError: As ``open_checked``.

        """
        with self.open_checked(name) as file:
            content = _read(file.fd, limit + 1)
            if signature_of(os.fstat(file.fd)) != (expected or file.signature):
                raise ChangedError(name)
        return content

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Give a descriptor of the outbox, checked to be the one meant."""
        try:
            fd = os.open(self.directory, _FOLDER)
        except OSError as error:
            raise OutboxUnavailableError(_reason(error)) from error
        try:
            self._recognise(fd)
            yield fd
        finally:
            os.close(fd)

    def _recognise(self, fd: int) -> None:
        device, _ = _identity(fd)
        if self._device not in (None, device) and not _has_marker(fd):
            raise OutboxUnavailableError(f"{self.directory}: not the file system it was on; is the share mounted?")
        self._device = device


def signature_of(status: os.stat_result) -> Signature:
    """Return what identifies a file and its content."""
    return Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _look(folder: int, prefix: str, found: _Found, depth: int = 0) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                _note(entry, folder, prefix + entry.name, found, depth)
            except FileNotFoundError:
                continue  # gone since it was listed
            except OSError as error:
                found.unreadable[prefix + entry.name] = _reason(error)


def _note(entry: os.DirEntry[str], folder: int, name: str, found: _Found, depth: int) -> None:
    kind = kind_of(entry.name)
    ours = kind in ("pdf", "sidecar", "attachment-candidate")
    if entry.is_dir(follow_symlinks=False):
        if is_skipped_folder(entry.name):
            return
        if ours or depth >= DEPTH_MAX:
            found.strange[name] = "folder"
            return
        inner = os.open(entry.name, _FOLDER, dir_fd=folder)
        try:
            _look(inner, name + "/", found, depth + 1)
        finally:
            os.close(inner)
    elif ours or kind == "other" or pair_key(entry.name) in DEFAULTS_NAMES:
        status = entry.stat(follow_symlinks=False)
        if (strange := strangeness(status)) is not None:
            found.strange[name] = strange  # a link perhaps to a folder of invoices: worth a word
        else:
            place = found.present if ours else found.foreign if kind == "other" else found.defaults
            place[name] = signature_of(status)


def strangeness(status: os.stat_result) -> str | None:
    """Return what an entry is that is no regular file with one name; None of one that is."""
    kinds = {
        stat.S_IFLNK: "link",
        stat.S_IFDIR: "folder",
        stat.S_IFIFO: "pipe",
        stat.S_IFSOCK: "socket",
        stat.S_IFREG: "hard link" if status.st_nlink > 1 else None,
    }
    return kinds.get(stat.S_IFMT(status.st_mode), "device")


def _parts(name: str) -> list[str]:
    parts = name.split("/")
    with suppress(UnicodeEncodeError):  # a lone surrogate: from a sidecar perhaps, never from a disk
        if b"\0" not in os.fsencode(name) and not any(part in ("", ".", "..") for part in parts):
            return parts
    raise NotOursError("unsafe name")


def _open_folder(name: str, folder: int) -> int:
    try:
        return os.open(name, _FOLDER, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise NotOursError("link") from error
        raise


def _open_file(name: str, folder: int) -> OpenFile:
    # Looked at before it is opened as well as after: to open a device can already do something.
    if (strange := strangeness(os.stat(name, dir_fd=folder, follow_symlinks=False))) is not None:
        raise NotOursError(strange)
    try:
        fd = os.open(name, _FILE, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):
            raise NotOursError("link" if error.errno == errno.ELOOP else "socket") from error
        raise
    status = os.fstat(fd)
    if (strange := strangeness(status)) is not None:
        os.close(fd)
        raise NotOursError(strange)
    return OpenFile(fd, signature_of(status))


def _read(fd: int, limit: int) -> bytes:
    content = b""
    while len(content) < limit and (chunk := os.pread(fd, limit - len(content), len(content))):
        content += chunk
    return content


def _identity(folder: int) -> tuple[int, int]:
    status = os.fstat(folder)
    return status.st_dev, status.st_ino


def _has_marker(folder: int) -> bool:
    with suppress(OSError):
        return stat.S_ISREG(os.stat(MARKER, dir_fd=folder, follow_symlinks=False).st_mode)
    return False


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
