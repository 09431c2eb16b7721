"""Private copies: the bytes that were settled on, whole and synced, or nothing."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chorus_outbox.core.settling import ChangedError, Signature
from chorus_outbox.edge.folders.spool import CHUNK, Spool
from chorus_outbox.errors import StorageError
from chorus_outbox.ports import TooBigError

PDF = b"%PDF-1.7\n%%EOF\n"
SHA = hashlib.sha256(PDF).hexdigest()
LIMIT = 10 * CHUNK


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "FA.pdf").write_bytes(PDF)
    return tmp_path / "FA.pdf"


@contextmanager
def opened(path: Path) -> Iterator[tuple[int, Signature]]:
    fd = os.open(path, os.O_RDONLY)
    try:
        status = os.fstat(fd)
        yield fd, Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    finally:
        os.close(fd)


def names(spool: Spool) -> list[str]:
    return sorted(path.name for path in spool.directory.iterdir())


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_take(spool: Spool, source: Path, size: int) -> None:
    """The copy has the source's bytes, is named by their SHA-256, and nothing else is left in the spool."""
    content = os.urandom(size)
    source.write_bytes(content)
    with opened(source) as (fd, signature):
        taken = spool.take(fd, expected=signature, limit=LIMIT)
    assert taken.path.read_bytes() == content
    assert (taken.sha256, taken.size) == (hashlib.sha256(content).hexdigest(), size)
    assert names(spool) == [f"{taken.sha256}.pdf"]
    assert taken.path == spool.path(taken.sha256)


def test_private(spool: Spool, source: Path) -> None:
    """Nobody else can read the spool or its files, even when the directory was there with other rights."""
    spool.directory.chmod(0o755)
    again = Spool(spool.directory)
    with opened(source) as (fd, signature):
        taken = again.take(fd, expected=signature, limit=LIMIT, suffix=".jpg")
    assert spool.directory.stat().st_mode & 0o777 == 0o700
    assert taken.path.stat().st_mode & 0o777 == 0o600
    assert taken.path.suffix == ".jpg"


def test_independent_of_the_source(spool: Spool, source: Path) -> None:
    """What happens to the source afterwards does not touch the copy; the descriptor's position does not matter."""
    with opened(source) as (fd, signature):
        os.lseek(fd, 5, os.SEEK_SET)
        taken = spool.take(fd, expected=signature, limit=LIMIT)
        assert os.lseek(fd, 0, os.SEEK_CUR) == 5
    source.write_bytes(b"something else")
    source.unlink()
    assert taken.path.read_bytes() == PDF


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_bytes(PDF + b"x"), id="grew"),
        pytest.param(lambda path: path.write_bytes(PDF[:-1]), id="shrank"),
        pytest.param(lambda path: path.write_bytes(b"x" * len(PDF)), id="same-size"),
        pytest.param(lambda path: os.utime(path, (1, 1)), id="old-time"),
    ],
)
def test_changed_before(spool: Spool, source: Path, change: object) -> None:
    """A file that is not as it was when it was found settled is not taken, and nothing is left behind."""
    with opened(source) as (_, signature):
        pass
    time.sleep(0.01)
    assert callable(change)
    change(source)
    with opened(source) as (fd, _), pytest.raises(ChangedError):
        spool.take(fd, expected=signature, limit=LIMIT)
    assert names(spool) == []


def test_changed_meanwhile(spool: Spool, tmp_path: Path) -> None:
    """A writer that writes while the file is copied is noticed, and nothing is left behind.

    On a busy machine the writer may have no turn during a copy: then the copy is whole, and another one is made.
    """
    source = tmp_path / "FA.pdf"
    source.write_bytes(bytes(8 * CHUNK))
    script = """
import os, sys
fd = os.open(sys.argv[1], os.O_WRONLY)
print(flush=True)
while True: os.pwrite(fd, b"x", 5)
"""
    writer = subprocess.Popen([sys.executable, "-c", script, source], stdout=subprocess.PIPE)
    try:
        assert writer.stdout
        writer.stdout.readline()
        noticed = 0
        for _ in range(200):
            with opened(source) as (fd, signature):
                try:
                    spool.remove(spool.take(fd, expected=signature, limit=LIMIT).sha256)
                except ChangedError:
                    noticed += 1
            if noticed == 5:
                break
        assert noticed == 5
    finally:
        writer.kill()
        writer.communicate()
    assert names(spool) == []


def test_too_big(spool: Spool, source: Path) -> None:
    """A file above the limit is refused with its size before a byte of it is copied; the limit itself is allowed."""
    with opened(source) as (fd, signature):
        with pytest.raises(TooBigError) as caught:
            spool.take(fd, expected=signature, limit=len(PDF) - 1)
        assert spool.take(fd, expected=signature, limit=len(PDF)).size == len(PDF)
    assert caught.value.size == len(PDF)


def test_huge_sparse_file_is_refused_at_once(spool: Spool, source: Path) -> None:
    """A file of 10 GB without content costs nothing (T8)."""
    os.truncate(source, 10_000_000_000)
    with opened(source) as (fd, signature), pytest.raises(TooBigError):
        spool.take(fd, expected=signature, limit=LIMIT)


def test_same_bytes_twice(spool: Spool, source: Path) -> None:
    """The same bytes are kept once; a copy that was damaged since is healed."""
    for _ in range(2):
        with opened(source) as (fd, signature):
            taken = spool.take(fd, expected=signature, limit=LIMIT)
        assert taken.path.read_bytes() == PDF
        taken.path.write_bytes(b"damaged")
    assert names(spool) == [f"{SHA}.pdf"]


def test_full_disk(spool: Spool, tmp_path: Path) -> None:
    """When the spool's disk takes no more, it says so, and nothing half is left behind (T17)."""
    source = tmp_path / "FA.pdf"
    source.write_bytes(bytes(2 * CHUNK))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(source) as (fd, signature):
        resource.setrlimit(resource.RLIMIT_FSIZE, (CHUNK + 10, before[1]))  # Python ignores SIGXFSZ: write fails
        try:
            with pytest.raises(StorageError, match="File too large"):
                spool.take(fd, expected=signature, limit=LIMIT)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert names(spool) == []


def test_spool_gone(spool: Spool, source: Path, tmp_path: Path) -> None:
    """A spool whose directory is gone, or whose parent never was, is a StorageError, not a missing invoice."""
    spool.directory.rmdir()
    with opened(source) as (fd, signature), pytest.raises(StorageError):
        spool.take(fd, expected=signature, limit=LIMIT)
    with pytest.raises(StorageError):
        spool.sweep(set(), 0)
    with pytest.raises(StorageError):
        Spool(tmp_path / "none" / "spool")


def test_a_source_that_fails_is_not_the_spools_fault(spool: Spool, tmp_path: Path) -> None:
    """What the share answers comes out as it is: a folder in place of the file can't be read."""
    with opened(tmp_path) as (fd, signature), pytest.raises(IsADirectoryError):
        spool.take(fd, expected=signature, limit=LIMIT)
    assert names(spool) == []


@pytest.mark.parametrize(
    ("sha256", "suffix"),
    [("../x", ".pdf"), ("A" * 64, ".pdf"), (SHA, "/../x"), (SHA, "pdf"), (SHA, ""), (SHA + "\n", ".pdf")],
)
def test_no_path_out_of_the_spool(spool: Spool, sha256: str, suffix: str) -> None:
    """Only a SHA-256 and a plain suffix name a file of the spool."""
    with pytest.raises(ValueError, match="no name for the spool"):
        spool.path(sha256, suffix)


def test_remove(spool: Spool) -> None:
    """All copies of these bytes are removed, others stay; to remove what is not there is fine."""
    other = "0" * 64
    for path in (spool.path(SHA), spool.path(SHA, ".stripped.pdf"), spool.path(other)):
        path.write_bytes(PDF)
    spool.remove(SHA)
    spool.remove(SHA)
    assert names(spool) == [f"{other}.pdf"]


def test_sweep(spool: Spool) -> None:
    """Old copies that nobody keeps and old remains of crashes go; young ones, kept ones and foreign files stay."""
    kept, old, young = "a" * 64, "b" * 64, "c" * 64
    for name in (f"{kept}.pdf", f"{old}.pdf", f"{old}.jpg", f"{young}.pdf", ".take-0123", "generation"):
        (spool.directory / name).write_bytes(b"x")
        if young not in name:
            os.utime(spool.directory / name, (1, 1))
    assert sorted(spool.sweep({kept}, 3600)) == [".take-0123", f"{old}.jpg", f"{old}.pdf"]
    assert names(spool) == [f"{kept}.pdf", f"{young}.pdf", "generation"]
