"""Files moved and written so that nothing is ever overwritten, and what was done survives a crash.

It decides neither where a file goes nor under which name (``core/names.free_name`` does), and notes nothing. A crash
leaves at most a temporary file whose name begins with ``.outbox-``, or both names of one move, which the same ``move``
then finishes. What file systems do: engineering.md 3.1 and 3.2.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from chorus_outbox.core.names import MARKER_PREFIX
from chorus_outbox.core.settling import ChangedError, Signature

CHUNK = 1 << 20  # bytes copied at a time
SHARED_MODE = 0o660  # of what we create in shared folders: its group must be able to correct and move it
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_UNKNOWN_CALL = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)
# No links there, or a file of somebody else (fs.protected_hardlinks): nothing that a copy would not solve.
_NO_LINK = (*_UNKNOWN_CALL, errno.EPERM, errno.EACCES, errno.EMLINK)
_LIBC = ctypes.CDLL(None, use_errno=True)


def move(source: Path, target: Path, *, expected: Signature | None = None, sha256: str | None = None) -> None:
    """Move a file to exactly that name, both folders synced; to another file system by a verified copy.

    Can be repeated after a crash at any point: when the source is gone and the target is the file meant, or both are,
    the move is finished and counts as done.

    Args:
        source: The file.
        target: Its new name, in a folder that exists.
        expected: Only inode and size are compared: a rename changes ctime, and a new mount the device.
        sha256: Of its bytes: recognises what was copied from another file system.

    Raises:
        FileExistsError: When something else has the target's name.
        FileNotFoundError: When the source is gone and the target is not it.
        ChangedError: When the source is not the file meant.
        OSError: As the system says. After any of these the source is where it was, unchanged.

    """
    if not lexists(source):
        if not lexists(target) or not _is_meant(target, expected, sha256):
            raise _error(errno.ENOENT, source)
    elif expected is not None and not _is_expected(source, expected):
        raise ChangedError(str(source))
    elif _is_half_done(source, target, sha256):
        sync_folder(target.parent)
        source.unlink()
    else:
        _rename_or_copy(source, target, sha256)
    sync_folder(target.parent)
    sync_folder(source.parent)


def rename_noreplace(source: Path, target: Path) -> None:
    """Rename within one file system, never replacing anything; nothing is synced.

    Where the kernel can't refuse to replace (NFS, FUSE), a second link is made and the first removed; a crash in
    between leaves both names of the one file.

    Raises:
        FileExistsError: When the target's name is taken, by whatever.
        OSError: ENOTSUP where links can't be made either, EXDEV across file systems, else as the system says.

    """
    try:
        _renameat2(source, target)
    except OSError as error:
        if error.errno not in _UNKNOWN_CALL:
            raise
        _link_and_unlink(source, target)


def taken_in(folder: Path) -> Callable[[str], bool]:
    """Return what tells whether a name is taken in a folder, be it by a dangling link (for ``free_name``)."""
    return lambda name: lexists(folder / name)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a regular file's bytes, in hexadecimal; a link raises OSError."""
    digest = hashlib.sha256()
    for chunk in read_chunks(path):
        digest.update(chunk)
    return digest.hexdigest()


def write_atomically(path: Path, data: bytes, mode: int = SHARED_MODE) -> None:
    """Write a file whole and synced, replacing the one of that name: only for what this program wrote itself."""
    _write_beside(path, data, mode, os.replace)


def write_new(path: Path, data: bytes, mode: int = SHARED_MODE) -> None:
    """Write a new file whole and synced; FileExistsError when the name is taken."""
    _write_beside(path, data, mode, publish)


def sync_folder(folder: Path) -> None:
    """Make what was created, renamed or removed in a folder survive a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network mounts sync no folders
            raise
    finally:
        os.close(fd)


def lexists(path: Path) -> bool:
    """Tell whether the name is taken; unlike ``os.path.lexists``, a folder that can't be searched is an error."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


def _is_expected(path: Path, expected: Signature) -> bool:
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and (status.st_ino, status.st_size) == (expected.inode, expected.size)


def _has_bytes(path: Path, sha256: str | None) -> bool:
    return sha256 is not None and stat.S_ISREG(path.lstat().st_mode) and sha256_of(path) == sha256


def _is_meant(target: Path, expected: Signature | None, sha256: str | None) -> bool:
    known = expected is not None and _is_expected(target, expected)
    return known or _has_bytes(target, sha256)


def _is_half_done(source: Path, target: Path, sha256: str | None) -> bool:
    """Tell whether both names are there because a move was cut between making the one and removing the other."""
    if not lexists(target):
        return False
    if os.path.samestat(source.lstat(), target.lstat()) or (_has_bytes(target, sha256) and _has_bytes(source, sha256)):
        return True
    raise _error(errno.EEXIST, target)


def _rename_or_copy(source: Path, target: Path, sha256: str | None) -> None:
    try:
        rename_noreplace(source, target)
    except OSError as error:
        if error.errno not in (errno.EXDEV, errno.ENOTSUP):
            raise
    else:
        return
    before = source.lstat()
    temporary = temporary_beside(target)
    write_whole(temporary, read_chunks(source), stat.S_IMODE(before.st_mode))
    try:
        if sha256_of(temporary) != (sha256 or sha256_of(source)):
            raise ChangedError(str(source))
        os.utime(temporary, ns=(before.st_atime_ns, before.st_mtime_ns))
        publish(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)
    try:
        _remove_copied(source, before)
    except BaseException:
        target.unlink()  # our own copy, made a moment ago; the source is still there
        raise


def _remove_copied(source: Path, before: os.stat_result) -> None:
    after = source.lstat()
    if (after.st_ino, after.st_size, after.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
        raise ChangedError(str(source))
    source.unlink()


def publish(temporary: Path, target: Path) -> None:
    """Give our own finished file its name.

    Where neither a rename that refuses to replace nor links exist (some FUSE), the name is reserved by creating it
    exclusively and filled in place: the only way left that can't overwrite. A crash then leaves a partial target.
    """
    try:
        rename_noreplace(temporary, target)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        status = temporary.lstat()
        write_whole(target, read_chunks(temporary), stat.S_IMODE(status.st_mode))
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))


def _renameat2(source: Path, target: Path) -> None:
    call = getattr(_LIBC, "renameat2", None)
    if call is None:  # a C library without it
        raise _error(errno.ENOSYS, source)
    if call(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE) != 0:
        raise _error(ctypes.get_errno(), target)


def _link_and_unlink(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NO_LINK:
            raise _error(errno.ENOTSUP, target) from error
        raise
    try:
        source.unlink()
    except OSError:
        target.unlink()
        raise


def temporary_beside(path: Path) -> Path:
    """Return a new name in the same folder that the daemon and people's programs leave alone."""
    return path.with_name(f"{MARKER_PREFIX}{secrets.token_hex(8)}.tmp")


def read_chunks(source: Path) -> Iterator[bytes]:
    """Yield a regular file's bytes; a link, or anything else, raises OSError."""
    fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb", buffering=0) as reader:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise _error(errno.EINVAL, source)
        while chunk := reader.read(CHUNK):
            yield chunk


def write_whole(target: Path, chunks: Iterable[bytes], mode: int) -> None:
    """Create a file exclusively, whole and synced; when that fails, none is left."""
    fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as writer:
            writer.writelines(chunks)
            with suppress(PermissionError):  # a share without modes
                os.fchmod(fd, mode)
            writer.flush()
            os.fsync(fd)
    except BaseException:
        target.unlink()
        raise


def _write_beside(path: Path, data: bytes, mode: int, name: Callable[[Path, Path], None]) -> None:
    temporary = temporary_beside(path)
    write_whole(temporary, [data], mode)
    try:
        name(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _error(code: int, path: Path) -> OSError:
    return OSError(code, os.strerror(code), str(path))
