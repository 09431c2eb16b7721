"""The share under the daemon: unmounted, mounted again, read-only, renamed; a daemon that comes before its share.

Needs root and mount(8); says so at the end where they are missing.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, FOLDERS, Site, invoice_pdf

TO = "22220001600434"
ON_SHARE = CONFIG.replace("outbox: outbox", "outbox: share/outbox")


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)


@pytest.fixture
def share(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of its own, mounted, with the four folders on it."""
    image, folder = tmp_path / "share.img", tmp_path / "share"
    folder.mkdir()
    with image.open("wb") as f:
        f.truncate(16_000_000)
    try:
        subprocess.run(["mkfs.ext4", "-q", str(image)], check=True, capture_output=True)
        mount("-o", "loop", str(image), str(folder))
    except (OSError, subprocess.CalledProcessError) as e:
        pytest.skip(f"a file system of its own can't be mounted here (root, mkfs.ext4, loop): {e}")
    for name in FOLDERS:
        (folder / name).mkdir()
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


@pytest.fixture
def site(tmp_path: Path, share: Path) -> Iterator[Site]:
    assert share.is_dir()
    with running(World()) as server:
        yield Site(tmp_path, server, ON_SHARE)


@pytest.fixture
def daemon(site: Site) -> Iterator[subprocess.Popen[str]]:
    process = site.start()
    wait_for((site.root / "share" / "outbox" / ".outbox-id").is_file)
    yield process
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told


def wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    ends = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)


def drop(share: Path, name: str) -> None:
    (share / "outbox" / f"{name}_{TO}.pdf").write_bytes(invoice_pdf(name))


def sent(site: Site) -> list[str]:
    return [str(f.number) for f in site.simulator.world.accepted()]


@pytest.mark.usefixtures("daemon")
def test_a_share_that_goes_and_comes_back(site: Site, share: Path) -> None:
    """Unmounted, it is not an empty outbox; what is written to the bare folder is not taken; back, all goes on."""
    drop(share, "A1")
    wait_for(lambda: sent(site) == ["A1"])
    wait_for(lambda: bool(list((share / "sent").rglob("A1*.log"))))
    subprocess.run(["umount", str(share)], check=True)
    (share / "outbox").mkdir()
    drop(share, "BARE")
    time.sleep(2.5)
    assert sent(site) == ["A1"]
    assert not (share / "outbox" / ".outbox-id").exists()
    mount("-o", "loop", str(site.root / "share.img"), str(share))
    drop(share, "A2")
    wait_for(lambda: sent(site) == ["A1", "A2"])


@pytest.mark.usefixtures("daemon")
def test_a_share_that_becomes_read_only_for_a_while(site: Site, share: Path) -> None:
    """Nothing is sent that could not be filed; once it can be written again, everything leaves."""
    mount("-o", "remount,ro", str(share))
    time.sleep(1.5)
    mount("-o", "remount,rw", str(share))
    drop(share, "R1")
    wait_for(lambda: sent(site) == ["R1"])


@pytest.mark.usefixtures("daemon")
def test_an_outbox_renamed_under_our_feet(site: Site, share: Path) -> None:
    """The folder that now bears the name is the outbox, whatever the watch still looks at."""
    (share / "outbox").rename(share / "outbox.old")
    (share / "outbox").mkdir()
    drop(share, "N1")
    wait_for(lambda: sent(site) == ["N1"])


def test_a_file_that_can_not_be_moved_is_not_sent(site: Site, share: Path) -> None:
    """On a read-only share the invoice waits in the outbox; afterwards it is sent once."""
    drop(share, "W1")
    assert site.once() == 0
    drop(share, "W2")
    mount("-o", "remount,ro", str(share))
    assert site.once() == 1
    assert sent(site) == ["W1"]
    mount("-o", "remount,rw", str(share))
    assert site.once() == 0
    assert sent(site) == ["W1", "W2"]


def test_a_full_share_loses_nothing(site: Site, share: Path) -> None:
    """The log can't be written: the invoice stays accepted, and is filed when there is room again."""
    filler = share / "filler"
    drop(share, "F1")
    fd = os.open(filler, os.O_WRONLY | os.O_CREAT)
    for size in (65536, 4096, 1024, 1):
        with contextlib.suppress(OSError):
            while True:
                os.write(fd, b"x" * size)
    os.close(fd)
    assert site.once() == 1
    assert len(sent(site)) <= 1
    filler.unlink()
    assert site.once() == 0
    assert sent(site) == ["F1"]
    assert list((share / "sent").rglob("F1*.log"))


def test_a_daemon_that_comes_before_its_share(site: Site, share: Path) -> None:
    """It waits, ready and alive, and begins when the share is there."""
    subprocess.run(["umount", str(share)], check=True)
    process = site.start()
    time.sleep(1.5)
    assert process.poll() is None
    mount("-o", "loop", str(site.root / "share.img"), str(share))
    drop(share, "D1")
    wait_for(lambda: sent(site) == ["D1"])
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
