"""What only repeats does not fill the log: an outage of hours says as much of a thousand invoices as of five."""

from __future__ import annotations

from collections import Counter

import pytest

from world import Fault, World, named, pdf

TOLD = ("info", "warning", "error", "critical")  # what is written at the usual level
KINDS = {
    # what fails, how
    "recipients can't be asked": ("recipient", "not_arrived"),
    "uploads do not arrive": ("upload", "not_arrived"),
    "deposits do not arrive": ("submit", "not_arrived"),
    "look-ups fail": ("recipient", "faulty"),
}


def lines_of_an_outage(call: str, kind: str, files: int) -> tuple[int, Counter[str]]:
    """Return how many lines the beginning of an outage says, and what its next six hours say."""
    world = World()
    world.effects.watchers.clear()  # the invariants are looked at elsewhere; here there are many steps
    world.chorus.faults.plan(call, *[Fault(kind)] * 10_000)
    for number in range(files):
        world.folders.drop(named(f"FA-{number}"), pdf(str(number)))
    world.work(3 * files)
    first = sum(line["log_level"] in TOLD for line in world.logs)
    world.logs.clear()
    for _ in range(6 * 12):
        world.clock.advance(300)
        world.work(2 * files)
    return first, Counter(line["event"] for line in world.logs if line["log_level"] in TOLD)


@pytest.mark.parametrize("case", KINDS)
def test_an_outage_says_the_same_of_few_and_of_many(case: str) -> None:
    """Once of each invoice why it waits; then only of the one that tries, ever more rarely."""
    few, many = (lines_of_an_outage(*KINDS[case], files) for files in (4, 16))
    assert many[0] - few[0] <= 3 * (16 - 4)
    assert sum(many[1].values()) <= sum(few[1].values()) + 2 * (
        16 - 4
    )  # each at most twice more, when its reason changes
    assert sum(few[1].values()) < 80


def test_a_file_that_can_not_be_read_is_said_once() -> None:
    """Not at every try; again after it could be read in between, or for another reason."""
    world = World()
    world.folders.drop(named("FA-1"), pdf("one"))
    for _ in range(20):
        world.folders.faults.plan("take", "before")
        world.wait(20)
    assert len(world.events("file.unreadable")) == 1
    world.folders.faults.clear()
    world.finish()


def test_files_that_can_not_be_moved_are_said_once() -> None:
    """A share that is away for hours is one line an invoice."""
    world = World()
    world.folders.drop(named("FA-1"), pdf("one"))
    world.folders.faults.plan("move", *["before"] * 12)
    for _ in range(60):
        world.wait(120)
    assert len(world.events("file.not_moved")) == 1
    world.finish()
