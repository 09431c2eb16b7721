"""Bugs put in on purpose, in a copy of the program: a rig that has never failed proves nothing.

Each must be caught by the rig that is there for it. The copy lies in a temporary directory; the program itself is not
touched.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import crash_disk
import crash_kill
import crash_power
from crash_disk import DiskTask
from crash_kill import Tally, Task

import chorus_outbox

PACKAGE = Path(chorus_outbox.__file__).parent


@dataclass(frozen=True)
class Seeded:
    """A bug: edits (file, old text, new text), and the rig that must catch it.

    Args:
        name: For the table.
        edits: Each old text stands exactly once in its file.
        rig: ``kill``, ``disk``, ``power``, or ``one disk``: the power of one that holds everything.

    """

    name: str
    edits: tuple[tuple[str, str, str], ...]
    rig: str


DEPOSIT, MOVES = "worker/deposit.py", "edge/folders/moves.py"
_BEGUN = "    entry = parts.note(entry, Event.BEGUN, ready.words, problems=found, **settled(entry), **begun, **ready.changes)\n"
_CALL = "        receipt = ready.call()\n"
_DOUBT = "    except InDoubtError as e:\n"
_NOTE_DOUBT = "        return doubt(parts, entry, e.problem)\n"
_ACCEPTED = "    return parts.note(entry, Event.ACCEPTED, str(receipt.chorus_id), "
_MOVED = """\
    from .filing import target_of
    there = target_of(parts, entry)
    for member in entry.members:
        name = entry.name_in(entry.folder, entry.stem, member)
        parts.folders.move(entry.folder, name, there, name, member.sha256)
"""
_DOUBTED = '            doubt_what_was_being_sent(self._parts, entry, "restart")\n'
_BAD_ROW = """\
            pdf = entry.name_in(entry.folder, entry.stem, entry.members[0])
            if not self._parts.folders.present(entry.folder, pdf):
                raise LookupError(pdf)
"""
_PRESENT = """\
        try:
            (self._path(folder) / name).lstat()
        except FileNotFoundError:
            self._path(folder).lstat()  # a folder that is away says nothing about the file
            return False
        return True
"""
_UNSYNCED = (
    (MOVES, "    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)\n", "    return\n    fd = 0\n"),
)
BUGS = (
    Seeded(
        "no intent before the request",
        (
            (DEPOSIT, _BEGUN, "    unnoted = entry\n"),
            (
                DEPOSIT,
                _CALL + _DOUBT + _NOTE_DOUBT,
                f"{_CALL}    {_BEGUN}{_DOUBT}    {_BEGUN.replace('note(entry', 'note(unnoted')}{_NOTE_DOUBT}",
            ),
        ),
        "kill",
    ),
    Seeded(
        "sends again instead of asking",
        (
            (
                "worker/jobs.py",
                '        deposit.doubt(parts, entry, Problem("doubt.no_answer", {"detail": why}))\n',
                "        parts.note(entry, Event.NOT_ARRIVED, why, next_try_at=parts.clock.now())\n",
            ),
        ),
        "kill",
    ),
    Seeded(
        "moved before the receipt is noted",
        (
            (
                DEPOSIT,
                _ACCEPTED,
                f"{_MOVED}{_ACCEPTED}folder=there, ",
            ),
        ),
        "kill",
    ),
    Seeded(
        "one bad row stops recovery",
        (
            (
                "worker/loop.py",
                _DOUBTED,
                _DOUBTED + _BAD_ROW,
            ),
        ),
        "kill",
    ),
    Seeded(
        "exists() on a sick share",
        (
            (
                "edge/folders/shared.py",
                _PRESENT,
                "        return os.path.exists(self._path(folder) / name)\n",
            ),
            (
                MOVES,
                "    try:\n        path.lstat()\n    except FileNotFoundError:\n        return False\n    return True\n",
                "    return os.path.exists(path)\n",
            ),
        ),
        "disk",
    ),
    Seeded("synchronous=OFF", (("edge/ledger/opening.py", '"synchronous = FULL"', '"synchronous = OFF"'),), "power"),
    Seeded("no folder is synced", _UNSYNCED, "power"),
    Seeded("no folder is synced", _UNSYNCED, "one disk"),
)


def must_catch(name: str) -> bool:
    """Tell whether the rig must catch it: with everything on one disk the file system's journal hides a lot."""
    return not name.endswith("[one disk]")


def run(bug: Seeded, share: float, side_by_side: Callable[..., list[Tally]], jobs: int) -> Tally:
    """Put a bug in and let its rig look for it; the tally bears its name."""
    with tempfile.TemporaryDirectory(prefix="crash-seeded-") as place:
        plant(bug, Path(place))
        sums = Tally(f"{bug.name} [{bug.rig}]")
        for tally in _look(bug, place, share, side_by_side, jobs):
            sums.add(tally)
    return sums


def plant(bug: Seeded, place: Path) -> None:
    """Copy the program and change the copy; AssertionError when a place is not found."""
    shutil.copytree(PACKAGE, place / "chorus_outbox", ignore=shutil.ignore_patterns("__pycache__"))
    for name, old, new in bug.edits:
        path = place / "chorus_outbox" / name
        text = path.read_text("utf-8")
        if text.count(old) != 1:
            raise AssertionError(f"{bug.name}: the place in {name} has changed: adapt crash_seeded.py")
        path.write_text(text.replace(old, new), "utf-8")


def _look(bug: Seeded, place: str, share: float, side_by_side: Callable[..., list[Tally]], jobs: int) -> list[Tally]:
    stride = max(1, round(1 / share)) * jobs
    firsts = range(1, jobs + 1)
    match bug.rig:
        case "kill":
            tasks = [Task("happy", first=f, stride=stride, source=place) for f in firsts]
            return side_by_side(crash_kill.work, tasks, jobs)
        case "disk":
            disks = [DiskTask("happy", "EIO", True, f, jobs, 0, place, "newfstatat", "shares/") for f in firsts]
            return side_by_side(crash_disk.work, disks, jobs)
        case _:
            if why := crash_power.unable():
                return [Tally("power cut", violations=[], notes={"NOT RUN: " + why: 1})]  # type: ignore[arg-type]
            return [crash_power.work(max(10, round(250 * share)), 1, place, one_disk=bug.rig == "one disk")]
