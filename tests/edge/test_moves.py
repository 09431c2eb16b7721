"""Files moved, written and deposited on real file systems: nothing overwritten, nothing lost."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from chorus_outbox.core.names import free_name
from chorus_outbox.core.settling import ChangedError, Signature
from chorus_outbox.edge.folders import moves
from chorus_outbox.edge.folders.moves import (
    move,
    rename_noreplace,
    sha256_of,
    taken_in,
    write_atomically,
    write_new,
)
from chorus_outbox.edge.folders.putting import put

PDF = b"%PDF-1.7\n%%EOF\n"
SHA = hashlib.sha256(PDF).hexdigest()
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root to become somebody else")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "outbox").mkdir()
    (tmp_path / "sent").mkdir()
    (tmp_path / "outbox" / "FA.pdf").write_bytes(PDF)
    return tmp_path / "outbox" / "FA.pdf"


@pytest.fixture
def target(source: Path) -> Path:
    return source.parent.parent / "sent" / "FA.pdf"


@pytest.fixture
def far_target(source: Path) -> Iterator[Path]:
    """Give a name on another file system."""
    shm = Path("/dev/shm")  # noqa: S108 (only a folder made in it is used)
    if not shm.is_dir() or not os.access(shm, os.W_OK) or shm.stat().st_dev == source.stat().st_dev:
        pytest.skip("no second file system here")
    with tempfile.TemporaryDirectory(dir=shm) as folder:
        yield Path(folder) / "FA.pdf"


def no_renameat2(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system whose rename can't refuse to replace, as NFS and FUSE."""
    monkeypatch.setattr(moves, "_LIBC", object())


def no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be on a file system without links as well."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    no_renameat2(monkeypatch)
    monkeypatch.setattr(os, "link", refused)


def everything(_: pytest.MonkeyPatch) -> None:
    """Be on an ordinary local file system."""


systems = pytest.mark.parametrize("system", [everything, no_renameat2, no_link], ids=["local", "nfs", "no-links"])
System = Callable[[pytest.MonkeyPatch], None]


def signature(path: Path) -> Signature:
    status = path.lstat()
    return Signature(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@systems
def test_move(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """The file is in its new place with its bytes, time and mode, and nowhere else."""
    source.chmod(0o640)
    os.utime(source, (1_000_000_000, 1_000_000_000))
    before = signature(source)
    system(monkeypatch)
    move(source, target, expected=before, sha256=SHA)
    assert (names(source.parent), names(target.parent)) == ([], ["FA.pdf"])
    assert (target.read_bytes(), target.stat().st_mtime, target.stat().st_mode & 0o777) == (PDF, 1_000_000_000, 0o640)


@systems
@pytest.mark.parametrize("there", ["file", "empty", "folder", "dangling", "same-bytes"])
def test_never_overwrites(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, system: System, there: str
) -> None:
    """Whatever has the target's name keeps it, and the source stays where it was."""
    if there == "folder":
        target.mkdir()
    elif there == "dangling":
        target.symlink_to("/nowhere")
    else:
        target.write_bytes({"file": b"older", "empty": b"", "same-bytes": PDF}[there])
    before = target.lstat()
    system(monkeypatch)
    with pytest.raises(FileExistsError):
        move(source, target)
    if there != "same-bytes":  # then the hash says that a move was cut
        with pytest.raises(FileExistsError):
            move(source, target, expected=signature(source), sha256=SHA)
    with pytest.raises(FileExistsError):
        write_new(target, b"new")
    with pytest.raises(FileExistsError):
        put([source], target.parent)
    assert (source.read_bytes(), target.lstat()) == (PDF, before)
    assert (names(source.parent), names(target.parent)) == (["FA.pdf"], ["FA.pdf"])


@systems
def test_one_winner(source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """Of many files moved to one name at once, one gets it; all others are untouched. No check before can say that."""
    folder = source.parent
    files = [folder / f"{i}.pdf" for i in range(24)]
    for i, file in enumerate(files):
        file.write_bytes(PDF + bytes([i]))
    system(monkeypatch)
    barrier = threading.Barrier(8)

    def race(mine: list[Path]) -> int:
        barrier.wait()
        won = 0
        for file in mine:
            try:
                move(file, target)
            except FileExistsError:
                continue
            won += 1
        return won

    with ThreadPoolExecutor(8) as pool:
        won = sum(pool.map(race, [files[i::8] for i in range(8)]))
    left = [file for file in files if file.exists()]
    assert (won, len(left)) == (1, 23)
    contents = sorted(file.read_bytes() for file in (*left, target))
    assert contents == [PDF + bytes([i]) for i in range(24)]


def test_across_file_systems(source: Path, far_target: Path) -> None:
    """To another file system the bytes are copied and compared; time and mode are kept, the source goes last."""
    source.chmod(0o640)
    os.utime(source, (1_000_000_000, 1_000_000_000))
    move(source, far_target, expected=signature(source))
    assert (names(source.parent), names(far_target.parent)) == ([], ["FA.pdf"])
    assert (far_target.read_bytes(), far_target.stat().st_mtime) == (PDF, 1_000_000_000)
    assert far_target.stat().st_mode & 0o777 == 0o640


def test_across_file_systems_never_overwrites(source: Path, far_target: Path) -> None:
    """A name taken on the other file system is kept, and the source too."""
    far_target.write_bytes(b"older")
    with pytest.raises(FileExistsError):
        move(source, far_target, sha256=SHA)
    assert (source.read_bytes(), far_target.read_bytes()) == (PDF, b"older")
    assert names(far_target.parent) == ["FA.pdf"]


def test_across_file_systems_with_other_bytes(source: Path, far_target: Path) -> None:
    """A source whose bytes are not those meant is not filed."""
    with pytest.raises(ChangedError):
        move(source, far_target, sha256="0" * 64)
    assert (source.read_bytes(), names(far_target.parent)) == (PDF, [])


def test_a_link_is_not_followed_across_file_systems(source: Path, far_target: Path) -> None:
    """What a link points at is never copied."""
    link = source.with_name("link.pdf")
    link.symlink_to(source)
    with pytest.raises(OSError, match="symbolic links"):
        move(link, far_target)
    assert names(far_target.parent) == []


@pytest.mark.parametrize("known_by", ["expected", "sha256"])
def test_done_twice(source: Path, target: Path, known_by: str) -> None:
    """A move that was done already, but not noted, is done."""
    expected = signature(source) if known_by == "expected" else None
    sha256 = SHA if known_by == "sha256" else None
    for _ in range(2):
        move(source, target, expected=expected, sha256=sha256)
    assert (names(source.parent), names(target.parent)) == ([], ["FA.pdf"])


def test_gone(source: Path, target: Path) -> None:
    """A source that is gone while something else has the target's name is missing, not moved."""
    before = signature(source)
    source.unlink()
    with pytest.raises(FileNotFoundError):
        move(source, target, expected=before, sha256=SHA)
    target.write_bytes(b"other bytes")
    with pytest.raises(FileNotFoundError):
        move(source, target, expected=before, sha256=SHA)
    with pytest.raises(FileNotFoundError):
        move(source, target)
    target.unlink()
    target.mkdir()
    with pytest.raises(FileNotFoundError):
        move(source, target, expected=before, sha256=SHA)


def test_cut_between_link_and_unlink(source: Path, target: Path) -> None:
    """After a crash both names may be one file; rename would report success and do nothing (engineering.md 3.1)."""
    os.link(source, target)
    move(source, target, expected=signature(source))
    assert (names(source.parent), names(target.parent), target.read_bytes()) == ([], ["FA.pdf"], PDF)


def test_cut_between_copy_and_unlink(source: Path, far_target: Path) -> None:
    """After a crash both file systems may hold the same bytes; the move is finished when their hash is known."""
    shutil.copy(source, far_target)
    with pytest.raises(FileExistsError):
        move(source, far_target)
    move(source, far_target, sha256=SHA)
    assert (names(source.parent), far_target.read_bytes()) == ([], PDF)


def test_somebody_put_another_file_in_its_place(source: Path, target: Path) -> None:
    """A file that was replaced since it was settled is not filed in the name of the one before."""
    before = signature(source)
    source.with_name("new").write_bytes(b"a corrected invoice")
    source.with_name("new").replace(source)
    with pytest.raises(ChangedError):
        move(source, target, expected=before)
    assert (names(target.parent), source.read_bytes()) == ([], b"a corrected invoice")


def test_no_target_folder(source: Path, target: Path) -> None:
    """Without its folder the move fails and the source stays."""
    target.parent.rmdir()
    with pytest.raises(FileNotFoundError):
        move(source, target)
    assert source.read_bytes() == PDF


@contextmanager
def nobody() -> Iterator[None]:
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@as_root
@pytest.mark.parametrize("mode", [0o1777, 0o755], ids=["sticky", "read-only"])
@pytest.mark.parametrize("system", [everything, no_renameat2], ids=["local", "nfs"])
def test_a_folder_we_may_not_empty(monkeypatch: pytest.MonkeyPatch, system: System, mode: int) -> None:
    """Where the source can't be removed the move fails, and the file is in one place only (engineering.md 3.5)."""
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        base.chmod(0o755)
        outbox, sent = base / "outbox", base / "sent"
        outbox.mkdir()
        sent.mkdir()
        (outbox / "FA.pdf").write_bytes(PDF)
        (outbox / "FA.pdf").chmod(0o666)
        outbox.chmod(mode)
        sent.chmod(0o777)
        system(monkeypatch)
        with nobody(), pytest.raises(PermissionError):
            move(outbox / "FA.pdf", sent / "FA.pdf", sha256=SHA)
        assert (names(outbox), names(sent)) == (["FA.pdf"], [])


@as_root
def test_a_copy_whose_source_stays_is_taken_back(far_target: Path) -> None:
    """Where a file copied to another file system can't be removed from the first, the copy goes: one place only."""
    far_target.parent.chmod(0o777)
    with tempfile.TemporaryDirectory() as made:
        outbox = Path(made)
        (outbox / "FA.pdf").write_bytes(PDF)
        (outbox / "FA.pdf").chmod(0o666)
        outbox.chmod(0o755)
        with nobody(), pytest.raises(PermissionError):
            move(outbox / "FA.pdf", far_target, sha256=SHA)
        assert (names(outbox), names(far_target.parent)) == (["FA.pdf"], [])


@as_root
def test_anothers_file_where_links_are_protected(monkeypatch: pytest.MonkeyPatch) -> None:
    """On NFS, where link() refuses files of other people, a copy takes its place."""
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        for name in ("outbox", "sent"):
            (base / name).mkdir()
            (base / name).chmod(0o777)
        base.chmod(0o755)
        (base / "outbox" / "FA.pdf").write_bytes(PDF)
        (base / "outbox" / "FA.pdf").chmod(0o644)
        no_renameat2(monkeypatch)
        with nobody():
            move(base / "outbox" / "FA.pdf", base / "sent" / "FA.pdf")
        assert (names(base / "outbox"), (base / "sent" / "FA.pdf").read_bytes()) == ([], PDF)


@pytest.mark.parametrize(
    "name", [b"latin1_\xe9.pdf", "e\u0301.pdf".encode(), b"a\nb.pdf", b"x" * 251 + b".pdf"], ids=ascii
)
def test_odd_names(source: Path, target: Path, name: bytes) -> None:
    """Any name can be moved."""
    odd = source.with_name(os.fsdecode(name))
    source.rename(odd)
    move(odd, target.with_name(odd.name))
    assert names(target.parent) == [os.fsdecode(name)]


def test_free_name_on_disk(source: Path, target: Path) -> None:
    """A collision gets (2), also with a dangling link; the longest name still fits."""
    target.write_bytes(PDF)
    target.with_name("FA (2).pdf").symlink_to("/nowhere")
    stem = free_name("FA", (".pdf", ".log"), taken_in(target.parent))
    move(source, target.with_name(stem + ".pdf"))
    assert names(target.parent) == ["FA (2).pdf", "FA (3).pdf", "FA.pdf"]
    long = target.with_name("é" * 125 + ".pdf")
    long.write_bytes(PDF)
    write_new(target.with_name(free_name("é" * 125, (".pdf",), taken_in(target.parent)) + ".pdf"), PDF)


def test_rename_noreplace_across_file_systems(source: Path, far_target: Path) -> None:
    """The bare rename does not copy."""
    with pytest.raises(OSError, match="cross-device") as caught:
        rename_noreplace(source, far_target)
    assert caught.value.errno == errno.EXDEV


def test_write_atomically_is_never_seen_half(tmp_path: Path) -> None:
    """Whoever reads a log while it is rewritten reads one version or the other, whole."""
    log = tmp_path / "FA.log"
    versions = [bytes([65 + i]) * 200_000 for i in range(2)]
    write_atomically(log, versions[0])
    done = threading.Event()

    def rewrite() -> None:
        for i in range(60):
            write_atomically(log, versions[i % 2])
        done.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    while not done.is_set():
        assert log.read_bytes() in versions
    writer.join()
    assert names(tmp_path) == ["FA.log"]
    assert log.stat().st_mode & 0o777 == 0o660


def test_write_atomically_replaces_a_link_not_its_target(tmp_path: Path) -> None:
    """A link in the log's place is replaced; what it points at is untouched."""
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "FA.log").symlink_to(tmp_path / "secret")
    write_atomically(tmp_path / "FA.log", b"log")
    assert (tmp_path / "secret").read_bytes() == b"secret"
    assert (tmp_path / "FA.log").read_bytes() == b"log"


@systems
def test_write_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """A new file is there whole, for its group to correct, and alone."""
    system(monkeypatch)
    write_new(tmp_path / "FA.yaml", b"siret: 1")
    assert (names(tmp_path), (tmp_path / "FA.yaml").read_bytes()) == (["FA.yaml"], b"siret: 1")
    assert (tmp_path / "FA.yaml").stat().st_mode & 0o777 == 0o660


def prepared(folder: Path, *files: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name in files:
        (folder / name).write_bytes(name.encode() * 1000)
    return [folder / name for name in files]


@systems
def test_put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    """The files of an invoice are copied: attachments, of whatever kind, then the PDF, the sidecar last; the originals stay."""
    files = prepared(tmp_path / "erp", "FA.yaml", "FA.pdf", "FA_PJ1.jpg", "plan.png", "bon.pdf")
    (tmp_path / "outbox").mkdir()
    system(monkeypatch)
    placed = put(files, tmp_path / "outbox")
    assert [path.name for path in placed] == ["FA_PJ1.jpg", "plan.png", "bon.pdf", "FA.pdf", "FA.yaml"]
    assert all(path.read_bytes() == (tmp_path / "erp" / path.name).read_bytes() for path in placed)
    assert names(tmp_path / "outbox") == names(tmp_path / "erp")


def test_put_is_never_seen_half(tmp_path: Path) -> None:
    """Whoever looks meanwhile sees whole files only, and never a sidecar without its PDF."""
    files = prepared(tmp_path / "erp", "FA.pdf", "FA.yaml")
    files[0].write_bytes(bytes(5_000_000))
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    done = threading.Event()

    def deposit() -> None:
        for _ in range(10):
            for path in reversed(put(files, outbox)):
                path.unlink()
        done.set()

    program = threading.Thread(target=deposit)
    program.start()
    seen = 0
    while not done.is_set():
        visible = {entry.name: entry for entry in os.scandir(outbox) if not entry.name.startswith(".")}
        if "FA.pdf" in visible:
            try:
                size = visible["FA.pdf"].stat().st_size
            except FileNotFoundError:  # taken away since it was listed
                continue
            seen += 1
            assert size == 5_000_000
    program.join()
    assert seen


def test_put_all_or_nothing(tmp_path: Path) -> None:
    """When one name is taken or can't be read, none of the files appears, and what was there is untouched."""
    files = prepared(tmp_path / "erp", "FA.pdf", "FA.yaml")
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    with pytest.raises(FileNotFoundError):
        put([*files, tmp_path / "erp" / "none.jpg"], outbox)
    assert names(outbox) == []
    (outbox / "FA.yaml").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        put(files, outbox)
    assert (names(outbox), (outbox / "FA.yaml").read_bytes()) == (["FA.yaml"], b"theirs")


def test_put_takes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another program takes the sidecar's name at the last moment, the PDF that had appeared goes again."""
    files = prepared(tmp_path / "erp", "FA.pdf", "FA.yaml")
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    no_renameat2(monkeypatch)
    link = os.link

    def quicker(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        if target.name == "FA.yaml":
            target.write_bytes(b"theirs")
        link(source, target, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "link", quicker)
    with pytest.raises(FileExistsError):
        put(files, outbox)
    assert (names(outbox), (outbox / "FA.yaml").read_bytes()) == (["FA.yaml"], b"theirs")


@pytest.mark.parametrize("name", [".hidden.pdf", "FA.pdf.part", "FA.log", "_defaults.yaml", "~$FA.pdf"])
def test_put_refuses_names_that_would_be_ignored(tmp_path: Path, name: str) -> None:
    """A file that the daemon would never look at is refused instead of lying there for ever."""
    files = prepared(tmp_path / "erp", name)
    (tmp_path / "outbox").mkdir()
    with pytest.raises(ValueError, match="no name for the outbox"):
        put(files, tmp_path / "outbox")


def test_put_refuses_one_name_twice(tmp_path: Path) -> None:
    """Two files of one name can't both be deposited."""
    files = [*prepared(tmp_path / "a", "FA.pdf"), *prepared(tmp_path / "b", "FA.pdf")]
    (tmp_path / "outbox").mkdir()
    with pytest.raises(ValueError, match="no name for the outbox"):
        put(files, tmp_path / "outbox")


def test_sha256(source: Path) -> None:
    """The hash is that of the bytes; a link has none."""
    assert sha256_of(source) == SHA
    source.with_name("link").symlink_to(source)
    with pytest.raises(OSError, match="symbolic links"):
        sha256_of(source.with_name("link"))
