"""Whole histories of what comes back, told by Hypothesis: recipients, corrections right and wrong, faults, crashes, time.

``test_histories.py`` seldom gets so far; here everything begins with a deposit, and people know what they do.
"""

from __future__ import annotations

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chorus_outbox.core.lifecycle import State
from world import SETTLE, Crash, Fault, World, named, pdf

FILE = named("FA-1")
SIDECAR = FILE.replace(".pdf", ".yaml")
AFTER = {  # status -> what its recipient, or the portal, may do next
    "DEPOSEE": ("MISE_A_DISPOSITION", "A_RECYCLER", "SUSPENDUE", "REJETEE", "MISE_EN_PAIEMENT"),
    "MISE_A_DISPOSITION": ("A_RECYCLER", "SUSPENDUE", "REJETEE", "COMPTABILISEE", "MISE_EN_PAIEMENT", "ABANDONNEE"),
    "A_RECYCLER": ("DEPOSEE", "REJETEE"),
    "SUSPENDUE": ("COMPLETEE", "REJETEE"),
    "COMPLETEE": ("SUSPENDUE", "MISE_EN_PAIEMENT"),
    "COMPTABILISEE": ("MISE_EN_PAIEMENT",),
}
CORRECTIONS = (
    b"siret: 12345678200051\n",
    b"siret: 22220001600434\n",
    b"siret: 12345678200051\ncommentaire: un\n",
    b"commentaire: deux\n",
    b"commentaire: trois\n",
    b"numero: FA-1B\n",
    b"numero: FA-1B\nacquitter: oui\n",
    b"acquitter: oui\n",
)
CALLS = ("history", "recycle", "complete", "acknowledge", "submit", "search", "recipient")


class Returns(RuleBasedStateMachine):
    """One deposited invoice and what becomes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.serial = 0

    @initialize(
        status=st.sampled_from(["A_RECYCLER", "A_RECYCLER", "SUSPENDUE", "REJETEE"]),
        fault=st.sampled_from(["", "not_arrived", "doubt_lost", "doubt_arrived"]),
        refuses_doubles=st.booleans(),
    )
    def begin(self, status: str, fault: str, refuses_doubles: bool) -> None:
        self.world = World(refuses_doubles=refuses_doubles)
        self.world.folders.drop(FILE, pdf("one"))
        self.world.work()
        self.world.decide(status, comment="motif")
        self.world.wait(400)
        for call in ("recycle", "complete"):
            self.world.chorus.faults.plan(call, *([Fault(fault)] if fault else []))

    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        """Let the recipient go on."""
        chorus_id = data.draw(st.sampled_from([d.chorus_id for d in self.world.chorus.deposits]))
        if after := AFTER.get(self.world.follow.status(chorus_id)):
            self.serial += 1
            at = f"2026-11-24 10:{self.serial // 3:02}"  # several in one minute
            self.world.follow.set_status(chorus_id, data.draw(st.sampled_from(after)), "motif", at)

    @rule(sidecar=st.sampled_from(CORRECTIONS), other_pdf=st.booleans(), at_once=st.booleans())
    def correct_and_return(self, sidecar: bytes, other_pdf: bool, at_once: bool) -> None:
        folders = self.world.folders
        if FILE not in folders.files["failed"] or {FILE, SIDECAR} & set(folders.files["outbox"]):
            return
        if other_pdf:
            self.serial += 1
            folders.edit("failed", FILE, pdf(f"other {self.serial}"))
        folders.carry("failed", FILE, FILE)
        if SIDECAR in folders.files["failed"]:
            folders.edit("failed", SIDECAR, sidecar)
            folders.carry("failed", SIDECAR, SIDECAR)
        if at_once:
            self.alive(self.world.work)

    @rule(folder=st.sampled_from(["outbox", "processing", "failed"]))
    def take_away(self, folder: str) -> None:
        """Take the PDF out, and put it back as a new file later (or never)."""
        if FILE in self.world.folders.files[folder]:
            self.world.folders.take_away(folder, FILE)

    @rule()
    def drop(self) -> None:
        if FILE not in self.world.folders.files["outbox"]:
            self.world.folders.drop(FILE, pdf("one"))

    @precondition(lambda self: any(e.state is State.SENT for e in self.world.ledger.rows.values()))
    @rule()
    def archive(self) -> None:
        for entry in list(self.world.ledger.rows.values()):
            name = f"{entry.stem}.pdf"
            if entry.state is State.SENT and name in self.world.folders.files[entry.folder]:
                self.world.folders.take_away(entry.folder, name)

    @rule(
        call=st.sampled_from(CALLS),
        kind=st.sampled_from(["not_arrived", "faulty", "refused", "doubt_lost", "doubt_arrived"]),
    )
    def plan_fault(self, call: str, kind: str) -> None:
        if not kind.startswith("doubt") or call in ("recycle", "complete", "submit"):
            self.world.chorus.faults.plan(call, Fault(kind))

    @rule(
        call=st.sampled_from(["take", "present", "move", "digest", "write"]), when=st.sampled_from(["before", "after"])
    )
    def plan_share_fault(self, call: str, when: str) -> None:
        self.world.folders.faults.plan(call, when)

    @precondition(lambda self: self.world.effects.crash_at is None)
    @rule(steps=st.integers(1, 25), before=st.booleans())
    def pull_the_plug_soon(self, steps: int, before: bool) -> None:
        self.world.effects.crash_at = self.world.effects.count + steps
        self.world.effects.before = before

    @rule(seconds=st.sampled_from([1, 15, 400, SETTLE, 4000, 100_000]))
    def time_passes(self, seconds: float) -> None:
        self.alive(lambda: self.world.wait(seconds))

    @rule()
    def restart(self) -> None:
        self.alive(self.world.restart)

    def alive(self, step: object) -> None:
        try:
            step()  # type: ignore[operator]
        except Crash:
            self.world.effects.crash_at = None
            self.world.restart()
            self.world.verify()

    def teardown(self) -> None:
        self.world.finish()


Returns.TestCase.settings = settings(
    max_examples=120, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestReturns = Returns.TestCase
