"""The outbox on real directories: what is seen, what is opened, who still writes."""

from __future__ import annotations

import mmap
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from chorus_outbox.core.settling import ChangedError, Settled, Sighting, settle
from chorus_outbox.edge.folders.lease import writer_busy
from chorus_outbox.edge.folders.outbox import DEPTH_MAX, MARKER, NotOursError, Outbox, signature_of
from chorus_outbox.errors import OutboxUnavailableError

NOBODY = 65534
PDF = b"%PDF-1.7\n%%EOF\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root to become somebody else")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outbox").mkdir()
    return tmp_path / "outbox"


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that other users can reach as well."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextmanager
def powerless() -> Iterator[None]:
    """Be somebody whom file modes stop."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(before)


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def make_link(path: Path) -> None:
    path.symlink_to("/etc/hostname")


def make_dangling(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def make_hard_link(path: Path) -> None:
    other = path.parent.parent / "foreign.txt"
    other.write_bytes(PDF)
    os.link(other, path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # the path of a socket has 108 bytes at most
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


STRANGE: list[tuple[Callable[[Path], object], str]] = [
    (make_link, "link"),
    (make_dangling, "link"),
    (Path.mkdir, "folder"),
    (os.mkfifo, "pipe"),
    (make_socket, "socket"),
    (make_hard_link, "hard link"),
]
strange = pytest.mark.parametrize(
    ("make", "kind"), STRANGE, ids=["link", "dangling", "folder", "pipe", "socket", "hard-link"]
)


def test_what_is_ours(folder: Path) -> None:
    """PDFs, sidecars, attachments and folder defaults are found at every level; the rest only by name."""
    for name in ("FA.pdf", "Mairie/FA.PDF", "Mairie/FA.yml", "Mairie/b/FA_PJ1.jpg", "Mairie/_defaults.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PDF)
    for name in ("notes.docx", "Mairie/photo.jpg", ".FA.pdf.x7", "FA.pdf.part", "FA.log", MARKER, "Thumbs.db"):
        (folder / name).write_bytes(b"x")
    for name in ("@eaDir", ".stversions", "#recycle"):
        (folder / name).mkdir()
        (folder / name / "FA.pdf").write_bytes(PDF)
    scan = Outbox(folder).scan()
    assert set(scan.present) == {"FA.pdf", "Mairie/FA.PDF", "Mairie/FA.yml", "Mairie/b/FA_PJ1.jpg"}
    assert set(scan.defaults) == {"Mairie/_defaults.yaml"}
    assert set(scan.foreign) == {"notes.docx", "Mairie/photo.jpg"}
    assert scan.strange == {}
    assert scan.present["FA.pdf"] == signature_of((folder / "FA.pdf").lstat())


@strange
def test_strange_entries_are_named(folder: Path, make: Callable[[Path], object], kind: str) -> None:
    """What has an invoice's name but is no file of its own is told as what it is, and nothing hangs (T1-T3)."""
    make(folder / "x.pdf")
    scan = Outbox(folder).scan()
    assert (scan.strange, scan.present) == ({"x.pdf": kind}, {})


@strange
def test_strange_entries_are_never_opened(folder: Path, make: Callable[[Path], object], kind: str) -> None:
    """To open such an entry fails with its kind, at once."""
    make(folder / "x.pdf")
    with pytest.raises(NotOursError) as caught:
        Outbox(folder).open_checked("x.pdf")
    assert caught.value.kind == kind


def test_device(folder: Path) -> None:
    """A device file is neither taken nor opened."""
    try:
        os.mknod(folder / "x.pdf", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("device files can't be made here")
    assert Outbox(folder).scan().strange == {"x.pdf": "device"}
    with pytest.raises(NotOursError, match="device"):
        Outbox(folder).open_checked("x.pdf")


def test_links_to_folders_are_not_followed(folder: Path) -> None:
    """Neither a scan nor an opening goes through a link, and a folder swapped for one is noticed."""
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / "FA.pdf").write_bytes(PDF)
    (folder / "sub").symlink_to(folder.parent / "elsewhere")
    outbox = Outbox(folder)
    scan = outbox.scan()
    assert (scan.present, scan.strange) == ({}, {"sub": "link"})
    with pytest.raises(NotOursError, match="link"):
        outbox.open_checked("sub/FA.pdf")


@pytest.mark.parametrize("name", ["../FA.pdf", "/etc/hostname", "a//b.pdf", "./FA.pdf", "", "a\0.pdf", "\ud800.pdf"])
def test_unsafe_names(folder: Path, name: str) -> None:
    """A name that could lead out of the outbox, or that no file can have, is refused before anything is opened (T4)."""
    (folder.parent / "FA.pdf").write_bytes(PDF)
    with pytest.raises(NotOursError, match="unsafe name"):
        Outbox(folder).open_checked(name)


@pytest.mark.parametrize(
    "base",
    [
        pytest.param(b"latin1_\xe9.pdf", id="no-utf8"),
        pytest.param("e\u0301te\u0301.pdf".encode(), id="nfd"),
        pytest.param(b"a\nb\x1b[2J.pdf", id="newline-escape"),
        pytest.param(b"-rf.pdf", id="dash"),
        pytest.param("\u202efdp.pdf".encode(), id="direction-override"),
        pytest.param(b"x" * 251 + b".pdf", id="255-bytes"),
    ],
)
def test_odd_names(folder: Path, base: bytes) -> None:
    """Any name that a file can have is found and can be opened by what was found (T10)."""
    (folder / "sub").mkdir()
    Path(os.fsdecode(os.fsencode(folder) + b"/sub/" + base)).write_bytes(PDF)
    outbox = Outbox(folder)
    (name,) = outbox.scan().present
    assert os.fsencode(name) == b"sub/" + base
    with outbox.open_checked(name) as file:
        assert os.pread(file.fd, 100, 0) == PDF
        assert file.signature == outbox.scan().present[name]


def test_depth(folder: Path) -> None:
    """Folders below the depth limit are not searched, and said."""
    deepest = folder.joinpath(*("d" * (DEPTH_MAX + 1)))
    deepest.mkdir(parents=True)
    (deepest / "FA.pdf").write_bytes(PDF)
    (deepest.parent / "FB.pdf").write_bytes(PDF)
    scan = Outbox(folder).scan()
    assert set(scan.present) == {"/".join("d" * DEPTH_MAX) + "/FB.pdf"}
    assert scan.strange == {"/".join("d" * (DEPTH_MAX + 1)): "folder"}


def test_an_unreadable_folder_ends_nothing(open_folder: Path) -> None:
    """A folder that can't be read is told with the reason; all others are still found."""
    (open_folder / "closed").mkdir(mode=0o000)
    (open_folder / "a.pdf").write_bytes(PDF)
    with powerless():
        outbox = Outbox(open_folder)
        assert set(outbox.scan().present) == {"a.pdf"}
        assert outbox.unreadable == {"closed": "Permission denied"}
    (open_folder / "closed").rmdir()
    outbox.scan()
    assert outbox.unreadable == {}


def test_an_unreadable_file_says_so(open_folder: Path) -> None:
    """A file that we may not read is seen, and opening it says why."""
    (open_folder / "a.pdf").write_bytes(PDF)
    (open_folder / "a.pdf").chmod(0o000)
    with powerless():
        outbox = Outbox(open_folder)
        assert set(outbox.scan().present) == {"a.pdf"}
        with pytest.raises(PermissionError):
            outbox.open_checked("a.pdf")


def test_gone(folder: Path) -> None:
    """A file that is gone is an ordinary FileNotFoundError."""
    with pytest.raises(FileNotFoundError):
        Outbox(folder).open_checked("FA.pdf")


def test_no_descriptor_is_left_open(folder: Path) -> None:
    """Scans and openings, refused ones included, give all descriptors back."""
    (folder / "sub").mkdir()
    (folder / "sub" / "a.pdf").write_bytes(PDF)
    os.mkfifo(folder / "sub" / "p.pdf")
    outbox = Outbox(folder)
    before = descriptors()
    outbox.scan()
    with outbox.open_checked("sub/a.pdf"):
        pass
    for name in ("sub/p.pdf", "sub/none.pdf", "none/a.pdf"):
        with pytest.raises((NotOursError, FileNotFoundError)):
            outbox.open_checked(name)
    assert descriptors() <= before


def test_a_missing_outbox(folder: Path) -> None:
    """An outbox that is away is an error, never "no files"; when it comes back, it is taken and said once."""
    (folder / "FA.pdf").write_bytes(PDF)
    outbox = Outbox(folder)
    kept = os.open(folder, os.O_RDONLY)  # so that the new folder has another inode
    shutil.rmtree(folder)
    with pytest.raises(OutboxUnavailableError):
        outbox.scan()
    folder.mkdir()
    os.close(kept)
    (folder / "FB.pdf").write_bytes(PDF)
    with outbox.open_checked("FB.pdf"):
        pass
    assert set(outbox.scan().present) == {"FB.pdf"}
    assert outbox.reopened
    outbox.scan()
    assert not outbox.reopened


@pytest.mark.parametrize("instead", ["file", "link"])
def test_something_else_in_its_place(folder: Path, instead: str) -> None:
    """A file, or a link to another folder, in the outbox's place is not the outbox."""
    outbox = Outbox(folder)
    folder.rename(folder.parent / "renamed")
    if instead == "file":
        folder.write_bytes(b"")
    else:
        folder.symlink_to(folder.parent / "renamed")
    with pytest.raises(OutboxUnavailableError):
        outbox.scan()


def test_a_link_in_the_configuration_is_resolved(folder: Path) -> None:
    """The configured path may be a link; it is resolved when the outbox is opened."""
    (folder.parent / "link").symlink_to(folder)
    (folder / "FA.pdf").write_bytes(PDF)
    assert set(Outbox(folder.parent / "link").scan().present) == {"FA.pdf"}


def test_another_file_system_needs_the_marker(folder: Path) -> None:
    """Another file system in the outbox's place is refused (a share that went away), unless it holds the marker."""
    outbox = Outbox(folder)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with pytest.raises(OutboxUnavailableError, match="mounted"):
            outbox.scan()
        (folder / MARKER).write_text("id")
        (folder / "FA.pdf").write_bytes(PDF)
        assert set(outbox.scan().present) == {"FA.pdf"}
        assert outbox.reopened
    finally:
        subprocess.run(["umount", folder], check=True)
    with pytest.raises(OutboxUnavailableError, match="mounted"):
        outbox.scan()


def busy(folder: Path, name: str) -> bool | None:
    with Outbox(folder).open_checked(name) as file:
        return writer_busy(file.fd)


def test_a_writer_in_another_process(folder: Path) -> None:
    """A file is busy as long as another program has it open for writing, and free afterwards."""
    writer = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys; f = open(sys.argv[1], 'wb'); print(flush=True); input()",
            folder / "FA.pdf",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with writer:
        assert writer.stdout
        writer.stdout.readline()
        assert busy(folder, "FA.pdf") is True
        (folder / "FA.pdf").rename(folder / "FB.pdf")
        assert busy(folder, "FB.pdf") is True
        writer.communicate(b"\n")
    assert busy(folder, "FB.pdf") is False


def test_a_writer_through_memory(folder: Path) -> None:
    """A file mapped for writing is busy though its descriptor is closed; one that is only read is free."""
    (folder / "FA.pdf").write_bytes(PDF)
    with (folder / "FA.pdf").open("r+b") as file:
        mapped = mmap.mmap(file.fileno(), 0)
    assert busy(folder, "FA.pdf") is True
    mapped.close()
    with (folder / "FA.pdf").open("rb"):
        assert busy(folder, "FA.pdf") is False


@as_root
def test_not_allowed_to_ask(open_folder: Path) -> None:
    """Of another user's file it can't be known without CAP_LEASE."""
    (open_folder / "a.pdf").write_bytes(PDF)
    with powerless():
        assert busy(open_folder, "a.pdf") is None


def test_free_means_nothing_where_others_may_write() -> None:
    """A file system that is not known as local never answers "free"."""
    with Path("/proc/self/status").open("rb") as file:
        assert writer_busy(file.fileno()) is None


def test_a_writer_that_comes_in_between_harms_nobody(folder: Path) -> None:
    """Neither is the asking process ended by the kernel's signal, nor does the writer wait for long."""
    (folder / "FA.pdf").write_bytes(PDF)
    script = """
import os, sys, time
from chorus_outbox.edge.folders.lease import writer_busy
fd = os.open(sys.argv[1], os.O_RDONLY)
print(flush=True)
end = time.monotonic() + 1
while time.monotonic() < end: writer_busy(fd)
"""
    asking = subprocess.Popen([sys.executable, "-c", script, folder / "FA.pdf"], stdout=subprocess.PIPE)
    with asking:
        assert asking.stdout
        asking.stdout.readline()
        slowest = 0.0
        while asking.poll() is None:
            begun = time.monotonic()
            os.close(os.open(folder / "FA.pdf", os.O_WRONLY))
            slowest = max(slowest, time.monotonic() - begun)
    assert asking.returncode == 0
    assert slowest < 5


def test_small_files(folder: Path) -> None:
    """A small file is read whole; of a big one, one byte more than the limit."""
    (folder / "FA.yaml").write_bytes(b"0123456789")
    outbox = Outbox(folder)
    assert outbox.read_small("FA.yaml", 10) == b"0123456789"
    assert outbox.read_small("FA.yaml", 9) == b"0123456789"
    assert outbox.read_small("FA.yaml", 4) == b"01234"


def test_small_file_that_changed(folder: Path) -> None:
    """A sidecar that is not the one that was settled on any more is not read."""
    (folder / "FA.yaml").write_bytes(b"numero: A")
    outbox = Outbox(folder)
    seen = outbox.scan().present["FA.yaml"]
    assert outbox.read_small("FA.yaml", 100, seen) == b"numero: A"
    (folder / "FA.yaml").write_bytes(b"numero: B!")
    with pytest.raises(ChangedError):
        outbox.read_small("FA.yaml", 100, seen)


class Watcher:
    """Looks at an outbox as the daemon does, ten seconds apart by its own clock."""

    def __init__(self, folder: Path) -> None:
        self.outbox = Outbox(folder)
        self.sightings: Mapping[str, Sighting] = {}
        self.now = 0.0

    def look(self) -> Settled:
        self.now += 10
        settled = settle(self.sightings, self.outbox.scan().present, self.now, 5)
        self.sightings = settled.sightings
        return settled

    def ready(self) -> bool:
        return bool(self.look().ready)


def tick() -> None:
    """Let the file system's clock advance: on older kernels two writes within its tick look like one."""
    time.sleep(0.01)


def test_writer_page_by_page(folder: Path) -> None:
    """A scanner that closes the file after each page is waited for: every page begins the quiet time anew."""
    watcher = Watcher(folder)
    for _ in range(4):
        with (folder / "scan.pdf").open("ab") as file:
            file.write(PDF)
        assert not watcher.ready()
        tick()
    assert watcher.ready()


def test_writer_that_sets_the_size_first(folder: Path) -> None:
    """Windows sets the final size, then fills: the size never changes, yet it is not ready while it is filled."""
    watcher = Watcher(folder)
    with (folder / "FA.pdf").open("wb", buffering=0) as file:
        file.truncate(8_000)
        assert not watcher.ready()
        for _ in range(8):
            tick()
            file.write(b"x" * 1_000)
            assert not watcher.ready()
        assert busy(folder, "FA.pdf") is True
    assert watcher.ready()


def test_copy_that_restores_an_old_time(folder: Path) -> None:
    """A copy ends by restoring the source's time: that is a change too, and an old file is no settled file."""
    watcher = Watcher(folder)
    (folder / "FA.pdf").write_bytes(PDF)
    watcher.look()
    tick()
    os.utime(folder / "FA.pdf", (1_000_000_000, 1_000_000_000))
    assert not watcher.ready()
    assert watcher.ready()


def test_renamed_in(folder: Path) -> None:
    """A finished file that is renamed into the outbox, or replaces another there, waits for its quiet time once."""
    watcher = Watcher(folder)
    for content in (PDF, PDF + b"2"):
        (folder.parent / "FA.pdf").write_bytes(content)
        (folder.parent / "FA.pdf").replace(folder / "FA.pdf")
        assert not watcher.ready()
        assert watcher.ready()
