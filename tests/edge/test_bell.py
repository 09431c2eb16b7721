"""The doorbell, with the real inotify."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, WatchDescriptor

from chorus_outbox.edge.folders.bell import Bell

PATIENCE = 5.0  # seconds until a ring counts as missing
SILENCE = 0.2  # seconds without a ring that count as none


class Ear:
    """Hears the bell."""

    def __init__(self) -> None:
        self.rung = threading.Event()

    def heard(self) -> bool:
        heard = self.rung.wait(PATIENCE)
        self.rung.clear()
        return heard

    def calm(self) -> None:
        """Wait until it has not rung for a while."""
        while self.rung.wait(SILENCE):
            self.rung.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outbox" / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "FA.pdf").write_bytes(b"x")
    return tmp_path / "outbox"


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def bell(folder: Path, ear: Ear) -> Iterator[Bell]:
    bell = Bell(folder, ear.rung.set)
    yield bell
    bell.close()


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def write(folder: Path) -> None:
    (folder / "FA.pdf").write_bytes(b"x")


def write_below(folder: Path) -> None:
    (folder / "sub" / "FA.pdf").write_bytes(b"x")


def rename_in(folder: Path) -> None:
    (folder.parent / "elsewhere" / "FA.pdf").rename(folder / "FA.pdf")


def move_a_folder_in(folder: Path) -> None:
    (folder.parent / "elsewhere").rename(folder / "new")


def new_folder(folder: Path) -> None:
    (folder / "new").mkdir()


def link_in(folder: Path) -> None:
    os.link(folder.parent / "elsewhere" / "FA.pdf", folder / "FA.pdf")


@pytest.mark.parametrize("happens", [write, write_below, rename_in, move_a_folder_in, new_folder, link_in])
def test_rings(bell: Bell, folder: Path, ear: Ear, happens: Callable[[Path], None]) -> None:
    """Whatever way a file or a folder gets into the outbox or below, the bell rings."""
    assert not bell.scan_only, bell.reason
    happens(folder)
    assert ear.heard()


def test_rings_in_a_folder_made_later(bell: Bell, folder: Path, ear: Ear) -> None:
    """A recipient's folder made while the daemon runs is watched as well."""
    (folder / "new").mkdir()
    assert ear.heard()
    ear.calm()
    write(folder / "new")
    assert ear.heard()
    assert bell.healthy()


def test_temporary_name_then_final(bell: Bell, folder: Path, ear: Ear) -> None:
    """A rename inside the outbox rings."""
    (folder / ".FA.tmp").write_bytes(b"x")
    ear.calm()
    (folder / ".FA.tmp").rename(folder / "FA.pdf")
    assert ear.heard()
    assert bell.healthy()


def test_own_reading_does_not_ring(folder: Path, ear: Ear) -> None:
    """The daemon's own reading, and files that go, ring nothing: it would wake itself for ever."""
    write(folder)
    bell = Bell(folder, ear.rung.set)
    try:
        ear.calm()
        (folder / "FA.pdf").read_bytes()
        list(folder.iterdir())
        (folder / "FA.pdf").rename(folder.parent / "FA.pdf")
        assert not ear.rung.wait(SILENCE)
    finally:
        bell.close()


def test_moving_files_out_delays_nothing(bell: Bell, folder: Path, ear: Ear) -> None:
    """A file that leaves the outbox does not keep the next ring back for half a second (performance.md, finding 3)."""
    delays = []
    for i in range(5):
        write(folder)
        ear.calm()
        (folder / "FA.pdf").rename(folder.parent / f"{i}.pdf")
        begun = time.monotonic()
        (folder / f"next-{i}.pdf").write_bytes(b"x")
        assert ear.rung.wait(PATIENCE)
        delays.append(time.monotonic() - begun)
    assert sorted(delays)[2] < 0.2
    assert bell.healthy()


def test_a_failing_callback_silences_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A callback that raises is logged; the bell rings again (watchdog's own thread would have ended)."""
    ear = Ear()

    def fails() -> None:
        ear.rung.set()
        raise RuntimeError("no")

    bell = Bell(folder, fails)
    try:
        write(folder)
        assert ear.heard()
        ear.calm()
        write_below(folder)
        assert ear.heard()
        assert bell.healthy()
    finally:
        bell.close()
    assert "callback failed" in caplog.text


def test_lost_events_ring(bell: Bell, folder: Path, ear: Ear) -> None:
    """When the kernel's queue ran over, watchdog only logs a warning: that rings, whatever the level of others."""
    assert bell._observer, bell.reason
    lost = InotifyEvent(WatchDescriptor(-1), InotifyConstants.IN_Q_OVERFLOW, 0, b"")  # as the kernel says it
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)
    try:
        bell._observer._inotify_fd.handle_event(lost)
    finally:
        root.setLevel(level)
    assert ear.heard()
    ear.calm()
    write_below(folder)
    assert ear.heard()
    assert bell.healthy()


def test_folder_made_anew(bell: Bell, folder: Path, ear: Ear) -> None:
    """An outbox deleted and made anew is not watched any more: that is seen, and a restart cures it."""
    assert bell.healthy()
    kept = os.open(folder, os.O_RDONLY)  # so that the new folder has another inode
    shutil.rmtree(folder)
    assert not bell.healthy()
    folder.mkdir()
    os.close(kept)
    assert not bell.healthy()
    bell.restart()
    assert bell.healthy()
    ear.calm()
    write(folder)
    assert ear.heard()


def test_folder_renamed_and_replaced(bell: Bell, folder: Path) -> None:
    """A new folder in the old one's place is noticed although all threads live on."""
    folder.rename(folder.parent / "renamed")
    folder.mkdir()
    assert not bell.healthy()


def test_no_folder(folder: Path, ear: Ear) -> None:
    """Without the folder there is nothing to watch, with the reason; once it is there, a restart helps."""
    bell = Bell(folder / "later", ear.rung.set)
    try:
        assert bell.scan_only
        assert "No such file" in bell.reason
        assert not bell.healthy()
        (folder / "later").mkdir()
        bell.restart()
        assert (bell.scan_only, bell.reason, bell.healthy()) == (False, "", True)
    finally:
        bell.close()


def test_shared_file_system(ear: Ear) -> None:
    """Where other computers may write nothing is watched, with the reason, and that is as good as it gets."""
    bell = Bell(Path("/proc/self/fdinfo"), ear.rung.set)  # not known as local
    try:
        assert bell.scan_only
        assert bell.reason.startswith("proc: other computers")
        assert bell.healthy()
    finally:
        bell.close()


def test_limits_are_no_failure(folder: Path) -> None:
    """When the system gives no more watches, only scans find files; the program goes on and knows why."""
    script = (
        "import os, resource, sys\n"
        "from pathlib import Path\n"
        "from chorus_outbox.edge.folders.bell import Bell\n"
        "os.open('/', os.O_RDONLY)\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (6, 6))\n"  # 0-2, this one, the folder and /proc: not one for inotify
        "bell = Bell(Path(sys.argv[1]), print)\n"
        "print(bell.scan_only, bell.healthy(), bell.reason)\n"
        "bell.close()\n"
    )
    told = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)
    assert told.stdout.startswith("True False ")
    assert "limit" in told.stdout or "Too many open files" in told.stdout


def test_close(folder: Path, ear: Ear) -> None:
    """After closing nothing rings, and no thread or descriptor is left; closing twice is fine."""
    before = (threading.active_count(), descriptors())
    bell = Bell(folder, ear.rung.set)
    assert threading.active_count() > before[0]
    bell.close()
    bell.close()
    ear.calm()
    write(folder)
    assert not ear.rung.wait(SILENCE)
    assert threading.active_count() <= before[0]
    assert descriptors() <= before[1]
