"""What happens in the moment in which an outage begins: nothing waits without a reason, nothing is begun twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.outage import worse
from chorus_outbox.core.problem import Problem
from world import World, named, pdf, settings

DOWN = Problem("outage.maintenance", {"status": "503"})


def test_ready_when_an_outage_begins() -> None:
    """An invoice that became ready in that moment says why it waits, in processing/, and is sent afterwards."""
    world = World()

    def break_down(what: str) -> None:
        if what == "ledger.understood":
            world.jobs.health = worse(world.jobs.health, DOWN, world.clock.now(), None, 0.5)

    world.effects.watchers.append(break_down)
    world.folders.drop(named("FA-1"), pdf("one"))
    world.work()
    entry = world.entry("FA-1")
    assert (entry.state, entry.folder, entry.problems) == (State.WAITING, "processing", (DOWN,))
    assert entry.next_try_at == world.jobs.health.until
    log = named("FA-1").replace(".pdf", ".log")
    assert "maintenance" in world.folders.files["processing"][log].decode("utf-8-sig")
    world.wait(5)
    world.wait(5)
    assert world.chorus.submits == ["FA-1"]
    world.finish()


class Later:
    """Stands for a pool whose threads are slow: does a job when told."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Future[None], Callable[..., None], tuple[Any, ...]]] = []

    def submit(self, work: Callable[..., None], *args: Any) -> Future[None]:
        job: Future[None] = Future()
        self.jobs.append((job, work, args))
        return job

    def finish(self) -> None:
        job, work, args = self.jobs.pop(0)
        work(*args)
        job.set_result(None)


def test_a_look_while_a_file_is_being_sent() -> None:
    """Seen again while its job runs and no thread is free, it is not begun a second time when one is."""
    world = World(replace(settings(), parallel=1))
    pool = Later()
    for number in ("FA-1", "FA-2"):
        world.folders.drop(named(number), pdf(number))
    while not pool.jobs:
        world.loop.turn(cast("ThreadPoolExecutor", pool))
    world.loop.turn(cast("ThreadPoolExecutor", pool))
    world.loop._look_at = world.clock.monotonic() + 60  # what the last look saw must do for the next turns
    while pool.jobs:
        pool.finish()
        world.loop.turn(cast("ThreadPoolExecutor", pool))
    assert sorted(e.file for e in world.ledger.rows.values()) == [named("FA-1"), named("FA-2")]
    assert sorted(world.chorus.submits) == ["FA-1", "FA-2"]
    world.finish()
