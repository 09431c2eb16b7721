"""Disks of which every write and every flush is recorded, in one log: a FUSE file system of a few files.

    python crash_recorder.py MOUNT_POINT LOG IMAGE...      serves MOUNT_POINT/disk0, disk1... until it is unmounted

A loop device over such a file is a disk whose power can be cut at any recorded instant. Speaks to ``/dev/fuse`` itself
(no library); needs root. One request after the other, so the log's order is the order of what happened.

A record is kind (``W``, ``F``), disk, offset, length (little endian: 1, 1, 8, 8 bytes), then a write's data.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
from pathlib import Path

RECORD = struct.Struct("<cBQQ")
_MAX_WRITE = 1 << 17
_IN, _OUT = struct.Struct("<IIQQIIII"), struct.Struct("<IiQ")
_ATTR = struct.Struct("<QQQQQQIIIIIIIIII")
_FORGET, _BATCH_FORGET, _INTERRUPT = 2, 42, 36  # want no answer
_LIBC = ctypes.CDLL(None, use_errno=True)


def mount(point: Path) -> int:
    """Mount a FUSE file system and return the descriptor that serves it."""
    fd = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
    options = f"fd={fd},rootmode={stat.S_IFDIR:o},user_id={os.getuid()},group_id={os.getgid()}"
    nosuid, nodev = 2, 4
    if _LIBC.mount(b"crash", os.fsencode(point), b"fuse", nosuid | nodev, options.encode()) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(point))
    return fd


class Disks:
    """The files behind the disks, and the log."""

    def __init__(self, log: Path, images: list[Path]) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._files = [os.open(image, os.O_RDWR) for image in images]

    def answer(self, opcode: int, node: int, body: bytes) -> bytes:
        """Return what a request gets; OSError: its error. Node 1 is the folder, 2 and up are the disks."""
        match opcode:
            case 26:  # INIT
                most = min(struct.unpack_from("<II", body)[1], 31)
                return struct.pack("<IIIIHHIIHHI28x", 7, most, 1 << 17, 0, 12, 9, _MAX_WRITE, 1, 32, 0, 0)
            case 1:  # LOOKUP
                return self._look_up(body.rstrip(b"\0").decode())
            case 3 | 4:  # GETATTR, SETATTR
                return struct.pack("<QII", 60, 0, 0) + self._attributes(node)
            case 14:  # OPEN
                return struct.pack("<QII", node, 0, 0)
            case 15:  # READ
                _, offset, size = struct.unpack_from("<QQI", body)
                return os.pread(self._files[node - 2], size, offset)
            case 16:  # WRITE
                _, offset, size = struct.unpack_from("<QQI", body)
                self._write(node - 2, offset, body[40 : 40 + size])
                return struct.pack("<II", size, 0)
            case 20:  # FSYNC
                os.write(self._log, RECORD.pack(b"F", node - 2, 0, 0))
                return b""
            case 17:  # STATFS
                return bytes(80)
            case 18 | 25 | 38:  # RELEASE, FLUSH, DESTROY
                return b""
            case _:
                raise OSError(errno.ENOSYS, "")

    def _write(self, disk: int, offset: int, data: bytes) -> None:
        os.write(self._log, RECORD.pack(b"W", disk, offset, len(data)) + data)
        os.pwrite(self._files[disk], data, offset)

    def _look_up(self, name: str) -> bytes:
        names = [f"disk{n}" for n in range(len(self._files))]
        if name not in names:
            raise OSError(errno.ENOENT, "")
        node = names.index(name) + 2
        return struct.pack("<QQQQII", node, 0, 60, 60, 0, 0) + self._attributes(node)

    def _attributes(self, node: int) -> bytes:
        folder = node == 1
        mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o600
        size = 0 if folder else os.fstat(self._files[node - 2]).st_size
        return _ATTR.pack(node, size, size // 512, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def serve(fd: int, disks: Disks) -> None:
    """Answer until the file system is unmounted."""
    while True:
        try:
            request = os.read(fd, _MAX_WRITE + 4096)
        except OSError as e:
            if e.errno == errno.ENODEV:
                return
            if e.errno in (errno.ENOENT, errno.EINTR):
                continue
            raise
        _, opcode, unique, node, *_ = _IN.unpack_from(request)
        if opcode in (_FORGET, _BATCH_FORGET, _INTERRUPT):
            continue
        code, answer = 0, b""
        try:
            answer = disks.answer(opcode, node, request[_IN.size :])
        except OSError as e:
            code = -(e.errno or errno.EIO)
        os.write(fd, _OUT.pack(_OUT.size + len(answer), code, unique) + answer)


if __name__ == "__main__":
    point, log, *images = map(Path, sys.argv[1:])
    serve(mount(point), Disks(log, images))
