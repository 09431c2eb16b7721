"""The power is cut: at any instant between two writes to the disks, with any of the unsynced writes lost or torn.

The shares lie on one ext4 file system, ledger and spool on another, each on a loop device over a recorded disk
(``crash_recorder``). A life is recorded once. A cut is an instant of the record: what was flushed before is on the disk,
of the later writes all, none, some, or some torn at a sector. The two images are mounted, the program is started, and
what it makes of them is judged. Chorus Pro has what it had accepted by that instant.

Needs root, ``/dev/fuse``, loop devices and ``mkfs.ext4`` (Debian: e2fsprogs); says so where it can't be run.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import crash_invariants as invariants
import crash_recorder
from crash_kill import Tally, recover
from crash_scenarios import TO, Scenario
from crash_site import FOLDERS, Site, invoice_pdf, memory_directory, write_config

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.model import Facture
from chorus_outbox.simulator.world import World

SIZE = 16 << 20  # bytes of a disk
SECTOR = 512
MODES = ("all", "none", "some", "some", "torn")
ENDS = {"F1.pdf": "sent", f"F2_{TO}.pdf": "sent", "F3_22220001600372.pdf": "failed"}


@dataclass(frozen=True)
class Op:
    """One recorded write (or flush, without data) to a disk, with where its record ends in the log."""

    disk: int
    flush: bool
    offset: int
    data: bytes
    end: int


@dataclass(frozen=True)
class Recording:
    """A recorded life.

    Args:
        blank: The two images before anything was recorded.
        ops: What was written, oldest first.
        first: The first op after the program was started.
        world: Chorus Pro at the end.
        marks: Accepted deposit -> length of the log when it was made.
        dropped: As ``Site.dropped``.

    """

    blank: Sequence[bytes]
    ops: Sequence[Op]
    first: int
    world: Mapping[str, Any]
    marks: Mapping[int, int]
    dropped: Mapping[str, str]


def unable() -> str:
    """Return why it can't be done on this machine, or ""."""
    if os.geteuid() != 0:
        return "needs root (mount)"
    for path in ("/dev/fuse", "/dev/loop-control"):
        if not Path(path).exists():
            return f"needs {path}"
    missing = [tool for tool in ("mkfs.ext4", "e2fsck", "losetup", "mount") if shutil.which(tool) is None]
    return f"needs {', '.join(missing)}" if missing else ""


def work(cuts: int, seed: int, source: str = "", *, one_disk: bool = False) -> Tally:
    """Record a life and cut its power so many times; ``one_disk``: everything on the first, to show what that hides."""
    tally = Tally("power cut" + (", one disk" if one_disk else ""), planned=cuts)
    place = memory_directory()
    try:
        recording = record(place, source, one_disk=one_disk)
        chance = random.Random(seed)  # noqa: S311 - a rig's chance, repeatable
        _cut_everywhere(place, recording, tally, chance, one_disk=one_disk)
    except (OSError, subprocess.CalledProcessError, AssertionError) as e:
        detail = getattr(e, "stderr", b"") or b""
        tally.violations.append(f"power cut: the rig stopped: {e!r} {detail.decode(errors='replace')}")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return tally


class _Marked(World):
    """A Chorus Pro that notes how long the log was when each deposit was made."""

    def __init__(self, log: Path) -> None:
        self.marks: dict[int, int] = {}
        self.log = log
        super().__init__()

    def certify(self, facture: Facture) -> None:
        """Accept the deposit."""
        super().certify(facture)
        self.marks[facture.id] = self.log.stat().st_size


# --- recording -------------------------------------------------------------------------------------------------------


def record(place: Path, source: str, *, one_disk: bool) -> Recording:
    """Let the program live once on recorded disks."""
    images, log = [place / "disk0.img", place / "disk1.img"], place / "log"
    for image in images:
        _make_image(image)
    blank = [image.read_bytes() for image in images]
    with _recorded(place / "fuse", log, images) as devices, Site(source, place, world=_Marked(log)) as site:
        _new_site(site)
        with _mounted(site, devices, one_disk=one_disk):
            for name in FOLDERS:
                (site.shares / name).mkdir()
            _drop(site)
            os.sync()
            started = log.stat().st_size
            result = site.run()
            assert result.code == 1, site.errors.read_text()[-2000:]  # F3 fails
            wrong = invariants.at_end(site, ENDS)
            assert not wrong, wrong
            ended = log.stat().st_size
        ops = [op for op in _ops(log.read_bytes()) if op.end <= ended]
        first = next(n for n, op in enumerate(ops) if op.end > started)
        assert isinstance(site.world, _Marked)
        kept = {k: v for k, v in vars(site.world).items() if k not in ("clock", "stopping", "marks", "log")}
        return Recording(blank, ops, first, copy.deepcopy(kept), dict(site.world.marks), dict(site.dropped))


def _drop(site: Site) -> None:
    site.world.rules.append(Rule("soumettre", "answer_lost"))
    site.drop("F1.pdf", invoice_pdf("F1"), f"siret: {TO}")
    site.drop(f"F2_{TO}.pdf", invoice_pdf("F2"))
    site.drop("F3_22220001600372.pdf", invoice_pdf("F3"))


def _new_site(site: Site) -> None:
    shutil.rmtree(site.root, ignore_errors=True)
    site.shares.mkdir(parents=True)
    site.state.mkdir()
    write_config(site.root / "config.yaml", site.simulator)


def _make_image(image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(SIZE)
    _tool("mkfs.ext4", "-q", "-F", image)


def _ops(raw: bytes) -> Iterator[Op]:
    at = 0
    while at < len(raw):
        kind, disk, offset, length = crash_recorder.RECORD.unpack_from(raw, at)
        at += crash_recorder.RECORD.size
        data = raw[at : at + length] if kind == b"W" else b""
        at += len(data)
        yield Op(disk, kind == b"F", offset, data, at)


@contextmanager
def _recorded(point: Path, log: Path, images: Sequence[Path]) -> Iterator[list[str]]:
    """Give loop devices over recorded disks."""
    point.mkdir()
    with ExitStack() as stack:
        server = subprocess.Popen([sys.executable, crash_recorder.__file__, point, log, *images])
        stack.callback(server.wait)
        stack.callback(lambda: subprocess.run(["umount", "-l", point], check=False, stderr=subprocess.DEVNULL))
        _wait_for(point / "disk1", server)
        devices = []
        for n in range(len(images)):
            device = _tool("losetup", "-f", "--show", point / f"disk{n}")
            stack.callback(_tool, "losetup", "-d", device)
            devices.append(device)
        yield devices


def _wait_for(path: Path, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 10
    while not path.is_file():
        if server.poll() is not None or time.monotonic() > ends:
            raise OSError(f"the recorder did not serve {path.name} (exit {server.poll()})")
        time.sleep(0.02)


@contextmanager
def _mounted(site: Site, devices: Sequence[str | Path], *, one_disk: bool, loop: bool = False) -> Iterator[None]:
    """Mount the shares' disk and the ledger's; with one disk, the ledger lies beside the folders."""
    options = ("-o", "loop") if loop else ()
    with ExitStack() as stack:
        for device, point in zip(devices[: 1 if one_disk else 2], (site.shares, site.state), strict=False):
            try:
                _tool("mount", *options, device, point)
            except subprocess.CalledProcessError:  # a torn superblock: repaired first, as at a real start
                subprocess.run(["e2fsck", "-fy", device], check=False, capture_output=True)
                _tool("mount", *options, device, point)
            stack.callback(_tool, "umount", point)
        if one_disk:
            with suppress(FileExistsError):
                (site.shares / "state").mkdir()
            site.state.rmdir()
            site.state.symlink_to(site.shares / "state")
            stack.callback(_separate, site)
        yield


def _separate(site: Site) -> None:
    site.state.unlink()
    site.state.mkdir()


# --- cutting ---------------------------------------------------------------------------------------------------------


def _cut_everywhere(place: Path, recording: Recording, tally: Tally, chance: random.Random, *, one_disk: bool) -> None:
    ops = recording.ops
    flushes = [n for n in range(recording.first, len(ops)) if ops[n].flush]
    tally.notes["writes recorded"] = len(ops) - recording.first - len(flushes)
    tally.notes["flushes recorded"] = len(flushes)
    points = [(n, mode) for n in flushes for mode in ("all", "none")]
    chance.shuffle(points)
    del points[tally.planned // 2 :]
    while len(points) < tally.planned:
        points.append((chance.randrange(recording.first, len(ops)), chance.choice(MODES)))
    images = [place / "cut0.img", place / "cut1.img"]
    with Site(root=place) as site:
        _new_site(site)
        for at, mode in points:
            for disk, image in enumerate(images):
                image.write_bytes(_image(recording, disk, at, mode, chance))
            tally.runs += 1
            with _mounted(site, images, one_disk=one_disk, loop=True):
                wrong = _judge(site, recording, ops[at].end, tally)
            tally.hit += 1
            tally.calls[mode] += 1
            tally.judge(f"{tally.scenario} at op {at} of {len(ops)} ({mode})", wrong)


def _image(recording: Recording, disk: int, at: int, mode: str, chance: random.Random) -> bytes:
    """Return a disk as the cut after op ``at`` leaves it."""
    image = bytearray(recording.blank[disk])
    ops = [op for op in recording.ops[: at + 1] if op.disk == disk]
    synced = max((n + 1 for n, op in enumerate(ops) if op.flush), default=0)
    for n, op in enumerate(ops):
        data = op.data
        if n >= synced:
            if mode == "none" or (mode != "all" and chance.random() < 0.5):
                continue
            if mode == "torn" and chance.random() < 0.3:
                data = data[: chance.randrange(0, len(data) // SECTOR + 1) * SECTOR]
        image[op.offset : op.offset + len(data)] = data
    return bytes(image)


def _judge(site: Site, recording: Recording, at: int, tally: Tally) -> list[str]:
    """Put Chorus Pro where it was, look, start the program, look again."""
    vars(site.world).update(copy.deepcopy(dict(recording.world)))
    world = site.world
    world.invoices = {n: f for n, f in world.invoices.items() if recording.marks.get(n, sys.maxsize) <= at}
    for file in world.files.values():
        if file.used_by not in world.invoices:
            file.used_by = None
    world.journal.clear()
    site.dropped, site.taken = dict(recording.dropped), {str(f.number) for f in world.accepted()}
    scenario = Scenario("power cut", _drop, ENDS, 1)
    return [*invariants.after_crash(site), *recover(site, scenario, tally)]


def _tool(*words: str | Path) -> str:
    done = subprocess.run([str(w) for w in words], check=True, capture_output=True)
    return done.stdout.decode().strip()
