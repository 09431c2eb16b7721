"""The shared folders on a disk and those in memory, through one suite: so that the world of the tests can't lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus_outbox.core.problem import Problem
from chorus_outbox.core.settling import ChangedError
from chorus_outbox.edge.folders.outbox import Outbox
from chorus_outbox.edge.folders.shared import SharedFolders
from chorus_outbox.edge.folders.spool import Spool
from chorus_outbox.ports import TooBigError
from world_effects import Effects
from world_folders import MemoryFolders, sha

DATA, OTHER = b"%PDF one", b"%PDF another"
LIMIT = 1000
ENDS = (".pdf", ".log")


class Place:
    """One of the two implementations, and a person's hands in it."""

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self.folders: SharedFolders | MemoryFolders
        if root is None:
            self.memory = MemoryFolders(Effects())
            self.folders = self.memory
            return
        paths = {name: root / name for name in ("outbox", "processing", "sent", "failed")}
        for path in paths.values():
            path.mkdir()
        self.folders = SharedFolders(Outbox(paths.pop("outbox")), paths, Spool(root / "spool"))

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Write a file by hand, whatever was there."""
        if self.root is None:
            files = self.memory.files.setdefault(folder, {})
            files.pop(name, None)
            if folder == "outbox":
                self.memory.drop(name, data)
            files[name] = data
        else:
            path = self.root / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_bytes(data)

    def remove(self, folder: str, name: str) -> None:
        if self.root is None:
            del self.memory.files[folder][name]
        else:
            (self.root / folder / name).unlink()

    def content(self, folder: str, name: str) -> bytes | None:
        if self.root is None:
            return self.memory.files.get(folder, {}).get(name)
        path = self.root / folder / name
        return path.read_bytes() if path.exists() else None

    def spooled(self, sha256: str) -> bytes | None:
        path = self.folders.spooled(sha256, ".pdf")
        if self.root is None:
            return self.memory.spool.get(path.name)
        return path.read_bytes() if path.exists() else None

    def take(self, name: str, data: bytes = DATA) -> str:
        """Drop a file and let the program copy it."""
        self.put("outbox", name, data)
        return self.folders.take(name, self.folders.scan().present[name], LIMIT).sha256


@pytest.fixture(params=["disk", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield Place(tmp_path if request.param == "disk" else None)  # noqa: PT022 - reads as the other fixtures


def test_what_is_seen(place: Place) -> None:
    """PDFs, sidecars and attachments, with signatures that differ between files and after a change."""
    for name in ("a.pdf", "a.yaml", "a_PJ1.jpg"):
        place.put("outbox", name, DATA)
    first = place.folders.scan()
    assert set(first.present) == {"a.pdf", "a.yaml", "a_PJ1.jpg"}
    place.put("outbox", "a.pdf", OTHER)
    second = place.folders.scan()
    assert second.present["a.pdf"] != first.present["a.pdf"]
    assert second.present["a.yaml"] == first.present["a.yaml"]


def test_other_files_are_seen_apart(place: Place) -> None:
    """What a sidecar might name is told with its signature, and can be taken under its own ending."""
    place.put("outbox", "photo.JPG", DATA)
    scan = place.folders.scan()
    assert (set(scan.present), set(scan.foreign)) == (set(), {"photo.JPG"})
    taken = place.folders.take("photo.JPG", scan.foreign["photo.JPG"], LIMIT, ".jpg")
    assert taken.path == place.folders.spooled(taken.sha256, ".jpg")
    place.folders.forget([taken.sha256])
    assert place.folders.spooled(taken.sha256, ".jpg") == taken.path


def test_taking(place: Place) -> None:
    """The copy has the bytes of the file, which stays; its hash and size are told."""
    place.put("outbox", "a.pdf", DATA)
    taken = place.folders.take("a.pdf", place.folders.scan().present["a.pdf"], LIMIT)
    assert (taken.sha256, taken.size) == (hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert taken.path == place.folders.spooled(taken.sha256, ".pdf")
    assert (place.spooled(taken.sha256), place.content("outbox", "a.pdf")) == (DATA, DATA)


def test_taking_what_changed(place: Place) -> None:
    """Another file than the one that was seen is not taken."""
    place.put("outbox", "a.pdf", DATA)
    seen = place.folders.scan().present["a.pdf"]
    place.put("outbox", "a.pdf", OTHER)
    with pytest.raises(ChangedError):
        place.folders.take("a.pdf", seen, LIMIT)
    with pytest.raises(ChangedError):
        place.folders.read("a.pdf", LIMIT, seen)


def test_taking_what_is_gone(place: Place) -> None:
    """A file that is gone is an error of the share, to be looked at again."""
    place.put("outbox", "a.pdf", DATA)
    seen = place.folders.scan().present["a.pdf"]
    place.remove("outbox", "a.pdf")
    with pytest.raises(FileNotFoundError):
        place.folders.take("a.pdf", seen, LIMIT)


def test_taking_what_is_too_big(place: Place) -> None:
    """Its size is told, nothing is copied."""
    place.put("outbox", "a.pdf", DATA)
    with pytest.raises(TooBigError) as error:
        place.folders.take("a.pdf", place.folders.scan().present["a.pdf"], len(DATA) - 1)
    assert error.value.size == len(DATA)
    assert place.spooled(sha(DATA)) is None


def test_reading_a_small_file(place: Place) -> None:
    """At most one byte more than allowed is read."""
    place.put("outbox", "a.yaml", b"0123456789")
    seen = place.folders.scan().present["a.yaml"]
    assert place.folders.read("a.yaml", 20, seen) == b"0123456789"
    assert place.folders.read("a.yaml", 4, seen) == b"01234"


def test_moving(place: Place) -> None:
    """Moved, and moved again after a crash: the same."""
    digest = place.take("a.pdf")
    for _ in range(2):
        assert place.folders.move("outbox", "a.pdf", "processing", "b.pdf", digest)
        assert (place.content("outbox", "a.pdf"), place.content("processing", "b.pdf")) == (None, DATA)


def test_moving_into_a_new_month(place: Place) -> None:
    """The month's folder appears when it is needed."""
    digest = place.take("a.pdf")
    assert place.folders.move("outbox", "a.pdf", "sent/2026/11", "a.pdf", digest)
    assert place.content("sent/2026/11", "a.pdf") == DATA


def test_moving_never_overwrites(place: Place) -> None:
    """A name that is taken: an error, and both files stay as they were."""
    digest = place.take("a.pdf")
    place.put("processing", "a.pdf", OTHER)
    with pytest.raises(FileExistsError):
        place.folders.move("outbox", "a.pdf", "processing", "a.pdf", digest)
    assert (place.content("outbox", "a.pdf"), place.content("processing", "a.pdf")) == (DATA, OTHER)


@pytest.mark.parametrize(
    ("there", "with_hash", "moved"), [(False, True, False), (True, True, False), (True, False, True)]
)
def test_moving_what_is_not_there(place: Place, there: bool, with_hash: bool, moved: bool) -> None:
    """In neither place is False; another content in its place counts only when no hash tells it apart."""
    if there:
        place.put("processing", "a.pdf", OTHER)
    digest = sha(DATA) if with_hash else ""
    assert place.folders.move("outbox", "a.pdf", "processing", "a.pdf", digest) is moved


def test_moving_what_was_edited(place: Place) -> None:
    """A file whose bytes changed since it was copied is moved all the same: it is a person's."""
    digest = place.take("a.pdf")
    place.put("outbox", "a.pdf", OTHER)
    assert place.folders.move("outbox", "a.pdf", "processing", "a.pdf", digest)
    assert place.content("processing", "a.pdf") == OTHER


def test_looking(place: Place) -> None:
    """Presence and hash of what is there, and of what is not."""
    place.put("processing", "a.pdf", DATA)
    assert place.folders.present("processing", "a.pdf")
    assert not place.folders.present("processing", "b.pdf")
    assert place.folders.digest("processing", "a.pdf") == sha(DATA)
    assert place.folders.digest("processing", "b.pdf") is None


def test_a_free_stem(place: Place) -> None:
    """A stem of which any name is taken gets a number."""
    assert place.folders.free_stem("failed", "a", ENDS) == "a"
    place.put("failed", "a.log", b"")
    place.put("failed", "a (2).pdf", DATA)
    assert place.folders.free_stem("failed", "a", ENDS) == "a (3)"


def test_putting_a_copy_back(place: Place) -> None:
    """The spool's copy, under a free name only."""
    digest = place.take("a.pdf")
    place.folders.restore(digest, ".pdf", "failed", "a.pdf")
    assert place.content("failed", "a.pdf") == DATA
    place.put("failed", "b.pdf", OTHER)
    with pytest.raises(FileExistsError):
        place.folders.restore(digest, ".pdf", "failed", "b.pdf")
    assert place.content("failed", "b.pdf") == OTHER
    place.folders.forget([digest])
    with pytest.raises(FileNotFoundError):
        place.folders.restore(digest, ".pdf", "failed", "c.pdf")


def test_papers(place: Place) -> None:
    """A log is replaced, a file for people never; a log can be removed, be it there or not."""
    for data in (b"1", b"2"):
        place.folders.write("failed", "a.log", data)
        place.folders.write_new("failed", "a.yaml", data)
    assert (place.content("failed", "a.log"), place.content("failed", "a.yaml")) == (b"2", b"1")
    for _ in range(2):
        place.folders.remove_log("failed", "a.log")
    assert place.content("failed", "a.log") is None


def test_forgetting(place: Place) -> None:
    """Only the named copies go; none of that name is fine."""
    first, second = place.take("a.pdf"), place.take("b.pdf", OTHER)
    for _ in range(2):
        place.folders.forget([first, ""])
    assert (place.spooled(first), place.spooled(second)) == (None, OTHER)


def test_deriving_a_copy(place: Place) -> None:
    """A changed copy lies in the spool under its own hash; the first one stays."""

    def change(source: Path, target: Path) -> Problem | None:
        if place.root is None:
            place.memory.spool[target.name] = place.memory.spool[source.name].replace(b"one", b"two")
        else:
            target.write_bytes(source.read_bytes().replace(b"one", b"two"))
        return None

    digest = place.take("a.pdf")
    changed = place.folders.derive(place.folders.spooled(digest, ".pdf"), change)
    assert changed == sha(b"%PDF two")
    assert (place.spooled(changed), place.spooled(digest)) == (b"%PDF two", DATA)


def test_a_copy_that_can_not_be_made(place: Place) -> None:
    """The reason is handed on, and nothing is left behind."""
    digest = place.take("a.pdf")
    problem = Problem("file.unreadable", {"detail": "x"})
    assert place.folders.derive(place.folders.spooled(digest, ".pdf"), lambda *_: problem) == problem
    if place.root is not None:
        assert [p.name for p in (place.root / "spool").iterdir()] == [f"{digest}.pdf"]
