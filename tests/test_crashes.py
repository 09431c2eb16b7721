"""The plug pulled before and after every effect of whole lives: after a restart nothing is lost and nothing sent twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chorus_outbox.core.lifecycle import State
from chorus_outbox.simulator.start import SIRET_PLAIN
from chorus_outbox.worker.parts import Settings
from world import SETTLE, Crash, Fault, World, named, pdf, sha

DAY = 1.2 * 86_400  # seconds: what came back is looked at once a day
FILE = named("FA-1")
WRONG = "FA-1_22220001600372.pdf"


def happy(world: World) -> None:
    """Drop a PDF with embedded files and a sidecar, and two more."""
    world.folders.drop("scan.pdf", pdf("one", embedded=True))
    world.folders.drop("scan.yaml", b"numero: FA-0\nsiret: 22220001600434\n")
    world.folders.drop(FILE, pdf("two"))
    world.folders.drop(named("FA-2"), pdf("two"))  # a double, in bytes


def answer_lost(world: World) -> None:
    """Arrived, answer lost."""
    world.chorus.faults.plan("submit", Fault("doubt_arrived"))
    world.folders.drop(FILE, pdf("one"))


def request_lost(world: World) -> None:
    """Lost on the way, so sent again after three searches."""
    world.chorus.faults.plan("submit", Fault("doubt_lost"))
    world.folders.drop(FILE, pdf("one"))


def effect_late(world: World) -> None:
    """Arrived only after a while."""
    world.chorus.faults.plan("submit", Fault("late_effect", seconds=1.5 * SETTLE))
    world.folders.drop(FILE, pdf("one"))


def refused(world: World) -> None:
    """Refused by Chorus Pro, as often as it is sent."""
    world.chorus.faults.plan("submit", *[Fault("refused")] * 3)
    world.folders.drop(FILE, pdf("one"))


def edited(world: World) -> None:
    """Edited by somebody while it is in doubt."""
    answer_lost(world)
    world.effects.watchers.append(lambda what: _edit(world, what))


def _edit(world: World, what: str) -> None:
    if what == "ledger.doubted" and FILE in world.folders.files["processing"]:
        world.folders.edit("processing", FILE, pdf("edited"))


def returned(world: World) -> None:
    """Failed for its name, carried back by a person with a corrected sidecar."""
    world.folders.drop(WRONG, pdf("one"))
    world.effects.watchers.append(lambda what: _return(world, what))


def _return(world: World, what: str) -> None:
    failed = world.folders.files["failed"]
    entries = list(world.ledger.rows.values())
    if what == "ledger.filed" and entries and entries[0].state is State.FAILED and WRONG in failed:
        world.folders.carry("failed", WRONG, WRONG)
        world.folders.drop(WRONG.replace(".pdf", ".yaml"), b"siret: 22220001600434\n")


def on_filed(world: World, state: State, then: Callable[[], None]) -> None:
    """Do something, once, when the first invoice is filed in this state."""
    done: list[bool] = []

    def watch(what: str) -> None:
        first = world.ledger.rows.get(1)
        if what in ("ledger.filed", "ledger.paid") and not done and first is not None and first.state is state:
            done.append(True)
            then()

    world.effects.watchers.append(watch)


def drop_corrected(world: World, sidecar: bytes) -> None:
    """Drop what lies in failed/ again, with another sidecar."""
    world.folders.drop(FILE, world.folders.take_away("failed", FILE))
    world.folders.take_away("failed", FILE.replace(".pdf", ".yaml"))
    world.folders.drop(FILE.replace(".pdf", ".yaml"), sidecar)


def comes_back(world: World, status: str, sidecar: bytes) -> None:
    """Deposited; sent back at once; corrected and dropped again at once."""
    world.folders.drop(FILE, pdf("one"))
    on_filed(world, State.SENT, lambda: world.decide(status, comment="motif"))
    on_filed(world, State.FAILED, lambda: drop_corrected(world, sidecar))


def paid(world: World) -> None:
    """Followed until it is paid, several statuses being found in one look."""
    world.folders.drop(FILE, pdf("one"))
    on_filed(world, State.SENT, lambda: world.decide("MISE_A_DISPOSITION", "MANDATEE", "MISE_EN_PAIEMENT"))


def recycled(world: World) -> None:
    """To be recycled, corrected."""
    comes_back(world, "A_RECYCLER", b"siret: 12345678200051\n")


def recycled_in_doubt(world: World) -> None:
    """To be recycled, corrected; the answer is lost, the correction arrived."""
    world.chorus.faults.plan("recycle", Fault("doubt_arrived"))
    recycled(world)


def completed(world: World) -> None:
    """Suspended, completed; the request is lost."""
    world.chorus.faults.plan("complete", Fault("doubt_lost"))
    comes_back(world, "SUSPENDUE", b"commentaire: voici\n")


def replaced(world: World) -> None:
    """Rejected, acknowledged, replaced by an invoice with a new number."""
    comes_back(world, "REJETEE", b"numero: FA-1B\nacquitter: oui\n")


def resumed(world: World) -> None:
    """Suspended, then completed by hand on the portal."""
    world.folders.drop(FILE, pdf("one"))
    on_filed(world, State.SENT, lambda: world.decide("SUSPENDUE"))
    on_filed(world, State.FAILED, lambda: world.decide("COMPLETEE"))


def enclosed(world: World) -> None:
    """Drop attachments of each kind; one looks like an invoice that could be sent, another is a double in bytes."""
    slip = pdf("slip")
    world.claimed = {sha(slip)}
    world.folders.drop(
        "FA-1.yaml", f"numero: FA-1\nsiret: {SIRET_PLAIN}\npieces_jointes: [{named('FA-9')}, photo.jpg]\n".encode()
    )
    world.folders.drop(named("FA-9"), slip)
    world.folders.drop("photo.jpg", b"photo")
    world.folders.drop("FA-1_PJ1.jpg", b"photo")
    world.folders.drop("FA-1.pdf", pdf("one"))
    world.folders.drop("FA-1_PJ2.png", b"plan")


def enclosed_answer_lost(world: World) -> None:
    """Lose the same on the way: everything is uploaded anew."""
    world.chorus.faults.plan("submit", Fault("doubt_lost"))
    enclosed(world)


def enclosed_refused(world: World) -> None:
    """Let the same fail for its number; a person carries everything back, the sidecar last."""
    enclosed(world)
    wrong = world.folders.files["outbox"]["FA-1.yaml"].replace(b"FA-1\n", b"20261120\n")
    world.folders.edit("outbox", "FA-1.yaml", wrong)
    world.effects.watchers.append(lambda what: _return_all(world, what))


def _return_all(world: World, what: str) -> None:
    failed = world.folders.files["failed"]
    if what == "ledger.filed" and "FA-1.pdf" in failed and b"20261120" in failed["FA-1.yaml"]:
        right = failed["FA-1.yaml"].replace(b"20261120", b"FA-1")
        world.folders.edit("failed", "FA-1.yaml", right)
        for name in sorted((n for n in failed if not n.endswith(".log")), key=lambda n: n.endswith(".yaml")):
            world.folders.carry("failed", name, name)


FOLLOWING = [paid, recycled, recycled_in_doubt, completed, replaced, resumed]
SCENARIOS = [
    *(happy, answer_lost, request_lost, effect_late, refused, edited, returned),
    *(enclosed, enclosed_answer_lost, enclosed_refused),
    *FOLLOWING,
]


def live(
    scenario: Callable[[World], None],
    crash_at: int | None,
    *,
    before: bool,
    chosen: Settings | None = None,
    pace: float = SETTLE / 2,
) -> World:
    """Run a scenario to its end in steps of ``pace`` seconds, the plug being pulled once; restart after it."""
    world = World(chosen, refuses_doubles=False)
    world.effects.crash_at, world.effects.before = crash_at, before
    scenario(world)
    for _ in range(12):
        try:
            world.work()
        except Crash:
            world.restart()
        world.clock.advance(DAY if scenario is resumed else 6 * SETTLE if scenario in FOLLOWING else pace)
    try:
        world.finish()
    except Crash:
        world.restart()
        world.finish()
    return world


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_crash_at_every_effect(scenario: Callable[[World], None], before: bool) -> None:
    """Wherever the plug is pulled, the invariants hold, everything ends, and it ends as without a crash."""
    crash_everywhere(scenario, before=before)


def crash_everywhere(
    scenario: Callable[[World], None], *, before: bool, chosen: Settings | None = None, pace: float = SETTLE / 2
) -> None:
    """Pull the plug at each effect of a scenario."""
    usual = live(scenario, None, before=before, chosen=chosen, pace=pace)
    assert usual.effects.count > 5
    outcome = _outcome(usual)
    if scenario in FOLLOWING:
        assert outcome == {FILE: "paid" if scenario is paid else "sent"}
    crash_at, hits = 1, 0
    while (world := live(scenario, crash_at, before=before, chosen=chosen, pace=pace)).effects.hit:
        assert _outcome(world) == outcome, f"crash at effect {crash_at}"
        crash_at, hits = crash_at + 1, hits + 1
    assert hits >= usual.effects.count - 2


def _outcome(world: World) -> dict[str, str]:
    return {e.file: e.state.value for e in world.ledger.entries()}
