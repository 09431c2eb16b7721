"""Whole histories, told by Hypothesis: people, faults, crashes and time in any order. The invariants always hold.

Steps are coarse on purpose: a fault is planned for the next call of its kind, and ``work`` does all that can be done.
At the end the faults stop, time passes, and everything must end consistently (liveness).
"""

from __future__ import annotations

import itertools

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.names import split
from chorus_outbox.simulator.start import SIRET_ENGAGEMENT, SIRET_PLAIN
from world import SETTLE, Crash, Fault, World, named, pdf, sha

NUMBERS = ("FA-1", "FA-2", "FA-3")
NAMES = (
    *(named(n) for n in NUMBERS),
    named("FA-1").replace("FA-1_", "x/FA-1_"),
    "FA-2_22220001600372.pdf",  # a wrong SIRET
    f"FA-3_{SIRET_ENGAGEMENT}.pdf",  # lacks its engagement number
)
SLIP = named("FA-9")  # could be sent as an invoice, were it not for the sidecar that names it
NAMING = f"numero: FA-1\nsiret: {SIRET_PLAIN}\npieces_jointes: [{SLIP}, photo.jpg]\n".encode()
ENCLOSING = ("FA-1.yaml", SLIP, "FA-1_PJ1.png", "FA-1.pdf")
GOOD = b"siret: 22220001600434\n"
CORRECTIONS = (
    GOOD,
    b"siret: 12345678200051\n",
    b"commentaire: voici\n",
    b"numero: FA-9\nacquitter: oui\n",
    b"acquitter: oui\n",
)
STATUSES = ("MISE_A_DISPOSITION", "A_RECYCLER", "A_RECYCLER", "SUSPENDUE", "REJETEE", "COMPTABILISEE", "INCONNU")
LATE = st.floats(1, 2.5 * SETTLE)  # what comes later than three searches can't be found by them
FAULTS = {
    "recipient": st.builds(Fault, st.sampled_from(["not_arrived", "faulty"])),
    "upload": st.builds(Fault, st.sampled_from(["not_arrived", "faulty", "refused"])),
    "attach": st.builds(Fault, st.sampled_from(["not_arrived", "faulty", "refused"])),
    "lists": st.builds(Fault, st.sampled_from(["not_arrived", "faulty"])),
    "submit": st.builds(
        Fault,
        st.sampled_from(["not_arrived", "refused", "doubt_lost", "doubt_arrived", "late_effect", "search_lag", "bug"]),
        LATE,
    ),
    "history": st.builds(Fault, st.sampled_from(["not_arrived", "faulty", "refused"])),
    "acknowledge": st.builds(Fault, st.sampled_from(["not_arrived", "faulty", "refused"])),
    "recycle": st.builds(Fault, st.sampled_from(["not_arrived", "refused", "doubt_lost", "doubt_arrived"])),
    "complete": st.builds(Fault, st.sampled_from(["not_arrived", "refused", "doubt_lost", "doubt_arrived"])),
    "search": st.builds(Fault, st.sampled_from(["not_arrived", "faulty", "refused"])),
}


class Histories(RuleBasedStateMachine):
    """One daemon, its clerks, a portal and a share that do what they like."""

    def __init__(self) -> None:
        super().__init__()
        self.serial = itertools.count(1)
        self.world = World()

    @initialize(
        refuses_doubles=st.booleans(),
        number=st.sampled_from(NUMBERS),
        faults=st.lists(FAULTS["submit"], max_size=2),
    )
    def begin(self, refuses_doubles: bool, number: str, faults: list[Fault]) -> None:
        self.world = World(refuses_doubles=refuses_doubles)
        self.world.chorus.faults.plan("submit", *faults)
        self.world.folders.drop(named(number), self.fresh())

    def fresh(self) -> bytes:
        return pdf(f"content {next(self.serial)}")

    # --- people --------------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(NAMES), again=st.booleans())
    def drop(self, name: str, again: bool) -> None:
        """Drop a new file, or bytes that were dropped before (as an attachment they are watched: then new ones)."""
        before = pdf("content 1")
        if name not in self.world.folders.files["outbox"]:
            known = again and sha(before) not in self.world.claimed
            self.world.folders.drop(name, before if known else self.fresh())

    @rule(photo=st.booleans())
    def drop_with_attachments(self, photo: bool) -> None:
        """Drop an invoice with attachments, its sidecar first; perhaps one is missing."""
        outbox = self.world.folders.files["outbox"]
        if not outbox.keys() & {*ENCLOSING, "photo.jpg"}:
            for name in (*ENCLOSING, *(["photo.jpg"] if photo else [])):
                self.world.folders.drop(name, NAMING if name.endswith(".yaml") else self.fresh())
            self.world.claimed.add(sha(outbox[SLIP]))

    @rule()
    def drop_the_missing_one(self) -> None:
        if "photo.jpg" not in self.world.folders.files["outbox"]:
            self.world.folders.drop("photo.jpg", self.fresh())

    @rule(folder=st.sampled_from(["outbox", "processing"]), data=st.data())
    def edit(self, folder: str, data: st.DataObject) -> None:
        if name := self.some_pdf(folder, data):
            self.world.folders.edit(folder, name, self.fresh())

    @rule(folder=st.sampled_from(["outbox", "processing"]), data=st.data())
    def take_away(self, folder: str, data: st.DataObject) -> None:
        if name := self.some_pdf(folder, data):
            self.world.folders.take_away(folder, name)

    @precondition(lambda self: any(e.state is State.SENT for e in self.world.ledger.rows.values()))
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        """Take a filed invoice out of sent/."""
        sent = [e for e in self.world.ledger.rows.values() if e.state is State.SENT]
        entry = data.draw(st.sampled_from(sent))
        if f"{entry.stem}.pdf" in self.world.folders.files[entry.folder]:
            self.world.folders.take_away(entry.folder, f"{entry.stem}.pdf")

    @rule(data=st.data())
    def correct_and_return(self, data: st.DataObject) -> None:
        """Correct the sidecar of a file in failed/, and move both back to the outbox."""
        folders = self.world.folders
        name = self.some_pdf("failed", data)
        if not name or name in folders.files["outbox"]:
            return
        sidecar = split(name)[1] + ".yaml"
        folders.carry("failed", name, name)
        if sidecar in folders.files["failed"] and sidecar not in folders.files["outbox"]:
            if folders.files["failed"][sidecar] == NAMING:
                self.world.claimed.clear()  # named no more
            folders.edit("failed", sidecar, data.draw(st.sampled_from(CORRECTIONS)))
            folders.carry("failed", sidecar, sidecar)

    def some_pdf(self, folder: str, data: st.DataObject) -> str | None:
        names = sorted(n for n in self.world.folders.files.get(folder, {}) if n.endswith(".pdf"))
        return data.draw(st.sampled_from(names)) if names else None

    # --- recipients ----------------------------------------------------------------------------------------------

    @precondition(lambda self: self.world.chorus.deposits)
    @rule(status=st.sampled_from(STATUSES), data=st.data())
    def decide(self, status: str, data: st.DataObject) -> None:
        """Give a deposit another status; what is rejected or paid stays so."""
        chorus_id = data.draw(st.sampled_from([d.chorus_id for d in self.world.chorus.deposits]))
        if self.world.follow.status(chorus_id) != "REJETEE":
            self.world.follow.set_status(chorus_id, status, "motif", f"2026-11-24 1{next(self.serial) % 10}:00")

    # --- what goes wrong -----------------------------------------------------------------------------------------

    @rule(data=st.data(), call=st.sampled_from(sorted(FAULTS)))
    def plan_fault(self, data: st.DataObject, call: str) -> None:
        self.world.chorus.faults.plan(call, data.draw(FAULTS[call]))

    @rule(
        call=st.sampled_from(["take", "present", "move", "digest", "write"]), when=st.sampled_from(["before", "after"])
    )
    def plan_share_fault(self, call: str, when: str) -> None:
        self.world.folders.faults.plan(call, when)

    @rule()
    def share_goes_or_comes(self) -> None:
        self.world.folders.away = not self.world.folders.away

    @precondition(lambda self: self.world.effects.crash_at is None)
    @rule(steps=st.integers(1, 15), before=st.booleans())
    def pull_the_plug_soon(self, steps: int, before: bool) -> None:
        self.world.effects.crash_at = self.world.effects.count + steps
        self.world.effects.before = before

    # --- time ----------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0, 1, 15, SETTLE, 130, 4000, 90_000]))
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


Histories.TestCase.settings = settings(
    max_examples=150, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestHistories = Histories.TestCase
