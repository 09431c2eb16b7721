"""The short form of ``tests/rigs/crash.py``: a few points of each rig, and that a rig does catch a bug."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import crash_power
import crash_seeded
import crash_tracer
import pytest
from crash_disk import DiskTask
from crash_disk import work as fail_disk
from crash_kill import Tally, Task
from crash_kill import work as kill
from crash_scenarios import SCENARIOS
from crash_tracer import Fault, Plan

from chorus_outbox.edge import pdf

POINTS = 3  # kills of each life


@pytest.fixture(autouse=True)
def _can_trace() -> None:
    if why := crash_tracer.unable():
        pytest.skip(why)


def three_writes(path: Path) -> int:
    """Write three times, and say so in the exit code when all went well."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    for text in (b"a", b"b", b"c"):
        try:
            os.write(fd, text)
        except OSError as e:
            return e.errno or 1
    return 0


@pytest.mark.parametrize(("at", "left"), [(1, b""), (2, b"a"), (3, b"ab")])
def test_the_process_is_killed_before_the_call_is_executed(tmp_path: Path, at: int, left: bytes) -> None:
    """The n-th write does not happen any more, the ones before it did."""
    result = crash_tracer.run(lambda: three_writes(tmp_path / "f"), Plan([Fault(at, "write")]))
    assert (result.code, result.hits) == (-9, ["write"])
    assert (tmp_path / "f").read_bytes() == left


@pytest.mark.parametrize(("for_ever", "hits"), [(False, 1), (True, 2)])
def test_a_call_fails_as_told(tmp_path: Path, for_ever: bool, hits: int) -> None:
    """The call has no effect and its caller gets the error; so do later ones when it is for ever."""
    fault = Fault(2, "write", "", errno.ENOSPC, for_ever)

    def work() -> int:
        first = three_writes(tmp_path / "f")
        return first + 100 * three_writes(tmp_path / "g")

    result = crash_tracer.run(work, Plan([fault]))
    assert len(result.hits) >= hits
    assert result.code == (errno.ENOSPC + 100 * errno.ENOSPC * for_ever) % 256
    assert (tmp_path / "f").read_bytes() == b"a"


def test_without_a_hit_the_run_ends_by_itself(tmp_path: Path) -> None:
    """A point behind the last call is not hit: that is how a rig knows that it has tried all."""
    result = crash_tracer.run(lambda: three_writes(tmp_path / "f"), Plan([Fault(1000)]))
    assert (result.code, result.hits) == (0, [])
    assert result.counted >= 4


def expect_clean(tally: Tally, hits: int) -> None:
    assert tally.violations == []
    assert tally.hit >= hits


@pytest.mark.parametrize("scenario", [s.name for s in SCENARIOS])
def test_killed_anywhere_nothing_is_lost_or_sent_twice(scenario: str) -> None:
    """Some points of each life, other ones for each; `crash.py kill` tries them all."""
    first = 37 + 7 * [s.name for s in SCENARIOS].index(scenario)
    expect_clean(kill(Task(scenario, first=first, stride=73, last=first + 73 * (POINTS - 1))), POINTS - 1)


def test_killed_again_while_it_recovers() -> None:
    """A random double kill of a doubtful deposit."""
    expect_clean(kill(Task("answer lost", pairs=1, seed=1)), 2)


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_after_a_failing_disk_a_restart_makes_all_well(error: str) -> None:
    """A few calls of the happy life fail from then on."""
    first = 60 if error == "ENOSPC" else 300
    expect_clean(fail_disk(DiskTask("happy", error, for_ever=True, first=first, stride=90, last=first + 90)), 2)


def test_power_cuts_on_two_disks_lose_nothing() -> None:
    """A few cuts; `crash.py power` makes hundreds."""
    if why := crash_power.unable():
        pytest.skip(why)
    expect_clean(crash_power.work(3, seed=3), 3)


def test_a_kill_finds_the_missing_intent(tmp_path: Path) -> None:
    """Without an intent on disk before the request, a kill between the two is caught."""
    (bug,) = [b for b in crash_seeded.BUGS if b.name == "no intent before the request"]
    crash_seeded.plant(bug, tmp_path)
    tally = kill(Task("answer lost", first=200, stride=7, last=340, source=str(tmp_path), stop_after=1))
    assert any("accepted" in v for v in tally.violations)


@pytest.mark.parametrize("bug", crash_seeded.BUGS, ids=lambda b: f"{b.name} [{b.rig}]")
def test_every_bug_can_still_be_planted(bug: crash_seeded.Seeded, tmp_path: Path) -> None:
    """The places in the program that the bugs change are as the rig knows them, and the result is still Python."""
    crash_seeded.plant(bug, tmp_path)
    for name, _, new in bug.edits:
        text = (tmp_path / "chorus_outbox" / name).read_text("utf-8")
        assert new in text
        compile(text, name, "exec")


def test_the_child_that_is_forked_is_what_the_program_starts() -> None:
    """``crash_warm`` stands in for a start of this module; were it another, the rig would lie."""
    assert pdf.COMMAND[-1] == "chorus_outbox.edge.pdf_child"
