"""What was sent is followed until its end: when it is looked at, what is noted, what its log says, what goes wrong."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from chorus_outbox.core.followup import DAY, RETURNED
from chorus_outbox.core.lifecycle import State
from chorus_outbox.simulator.start import SIRET_SILENT
from world import Fault, World, named, pdf, settings, sha

FILE = named("FA-1")
STEM = FILE.removesuffix(".pdf")
SENT = "sent/2026/11"


def deposited(*files: str, **options: object) -> World:
    """Return a world in which these invoices are in sent/."""
    world = World(**options)  # type: ignore[arg-type]
    for file in files or (FILE,):
        world.folders.drop(file, pdf(file))
    world.work()
    return world


def count_looks(world: World) -> list[float]:
    """Return a list that grows by the time of each look, in seconds."""
    at: list[float] = []

    def watch(what: str) -> None:
        if what == "chorus.history":
            at.append(world.clock.monotonic())

    world.effects.watchers.append(watch)
    return at


def log_of(world: World, folder: str = SENT, stem: str = STEM) -> str:
    return world.folders.files[folder][f"{stem}.log"].decode("utf-8-sig")


# --- when --------------------------------------------------------------------------------------------------------------


def test_looks_are_rarer_and_rarer() -> None:
    """After a deposit at 300 s, then doubling to an hour, then daily after two days; a look notes no event."""
    world = deposited()
    looks, steps = count_looks(world), world.steps("FA-1")
    for _ in range(5 * 288):
        world.clock.advance(300)
        world.work(1)
    pauses = [round((b - a) / 300) for a, b in itertools.pairwise(looks)]
    assert pauses[:5] == [3, 5, 9, 13, 13]  # in five minutes, each a little longer than planned
    assert pauses[-1] == 303
    assert len(looks) < 70
    assert world.steps("FA-1") == steps


def test_nothing_is_followed_when_that_is_switched_off() -> None:
    """No look is noted and none is made; switched on again, what was sent meanwhile is followed from the start on."""
    world = deposited(chosen=replace(settings(), follow=None))
    looks = count_looks(world)
    world.wait(5 * DAY)
    assert world.entry("FA-1").look_at is None
    world.settings = settings()
    world.restart()
    world.work()
    assert len(looks) == 1
    assert world.entry("FA-1").look_at is not None


def test_a_deposit_goes_before_any_look() -> None:
    """What is due to be sent is sent first, and looks are made only then."""
    world = deposited(*(named(f"FA-{n}") for n in range(1, 4)))
    world.folders.drop(named("FA-9"), pdf("nine"))
    world.work(1)  # seen for the first time
    world.clock.advance(400)
    order: list[str] = []
    world.effects.watchers.append(order.append)
    world.work(5)
    assert order.index("chorus.submit") < order.index("chorus.history")
    assert order.count("chorus.history") == 3


def test_no_look_during_an_outage() -> None:
    """The pause holds for looks too; then one look tries whether it is over, and the others follow."""
    world = deposited(FILE, named("FA-2"))
    world.clock.advance(400)
    looks = count_looks(world)
    world.chorus.faults.plan("history", *[Fault("not_arrived", retry_after=60)] * 2)
    world.work()
    assert [e["reason"] for e in world.events("outage.started")] == ["outage.unreachable"]
    world.wait(59)
    assert looks == []
    world.wait(2)
    assert looks == []
    assert len(world.events("outage.started")) == 1
    world.wait(120)
    assert len(looks) == 2
    assert world.events("outage.ended")


def test_a_look_that_fails_alone_is_put_off() -> None:
    """A fault of one invoice's call spaces out its own looks; the others go on."""
    world = deposited(FILE, named("FA-2"))
    world.chorus.faults.plan("history", Fault("faulty"))
    world.wait(400)
    assert world.entry("FA-1").faults == 1
    assert world.entry("FA-2").looks == 1
    world.wait(30)
    assert (world.entry("FA-1").faults, world.entry("FA-1").looks) == (0, 1)


def test_a_look_that_is_refused_is_made_daily() -> None:
    """Chorus Pro does not know it, perhaps: logged, nothing moved, asked again a day later."""
    world = deposited()
    world.chorus.faults.plan("history", Fault("refused"))
    world.wait(400)
    entry = world.entry("FA-1")
    assert entry.state is State.SENT
    assert entry.look_at is not None
    assert (entry.look_at - world.clock.now()).total_seconds() == DAY
    assert [e["code"] for e in world.events("invoice.status")] == ["20940"]


def test_run_once_makes_the_looks_that_are_due_when_it_starts() -> None:
    """Those that become due while it works are left for the next run."""
    world = deposited(FILE, named("FA-2"))
    world.ledger.schedule(world.entry("FA-2").id, look_at=world.clock.now())
    world.loop.looks.until = world.clock.now()
    world.wait(400)
    assert (world.entry("FA-1").looks, world.entry("FA-2").looks) == (0, 1)
    assert world.loop.looks.seconds() == float("inf")


# --- what is noted -----------------------------------------------------------------------------------------------------


def test_each_change_is_noted_once_everywhere() -> None:
    """Every status of the history reaches the ledger, the log file and the program's log; seen again, it is no news."""
    world = deposited()
    world.decide("EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION")
    world.wait(400)
    steps = world.steps("FA-1")
    assert steps[-2:] == ["status", "status"]
    assert [e["status"] for e in world.events("invoice.status")] == ["EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION"]
    assert "statut Chorus Pro : mise à disposition (le 24/11/2026 à 10:02)" in log_of(world)
    assert "statut sur Chorus Pro : mise à disposition" in log_of(world)
    world.wait(2 * DAY)
    assert world.steps("FA-1") == steps


def test_an_unknown_status_is_shown_as_it_is() -> None:
    """It moves nothing, and is followed on."""
    world = deposited()
    world.decide("STATUT_NOUVEAU", comment="pour\nvoir")
    world.wait(400)
    entry = world.entry("FA-1")
    assert (entry.state, entry.chorus_status) == (State.SENT, "STATUT_NOUVEAU")
    assert "statut Chorus Pro : STATUT_NOUVEAU (le 24/11/2026 à 10:01) ; motif : pour voir" in log_of(world)
    world.decide("MISE_EN_PAIEMENT")
    world.wait(DAY)
    assert world.entry("FA-1").state is State.PAID


def test_a_paid_invoice_is_looked_at_no_more() -> None:
    """Its log says so, and its files stay in sent/."""
    world = deposited()
    world.decide("MISE_EN_PAIEMENT")
    world.wait(400)
    entry = world.entry("FA-1")
    assert (entry.state, entry.look_at, entry.told) == (State.PAID, None, "MISE_EN_PAIEMENT")
    assert log_of(world).startswith("PAYÉE")
    looks = count_looks(world)
    world.wait(90 * DAY)
    assert looks == []
    world.finish()


@pytest.mark.parametrize("status", ["COMPTABILISEE", "MANDATEE", "MISE_A_DISPOSITION_COMPTABLE"])
def test_a_recipient_that_never_reports_payments(status: str) -> None:
    """Its accountant's last word is the end, said as such; with others the same status is followed on."""
    world = deposited(FILE, f"FA-2_{SIRET_SILENT}.pdf")
    assert world.entry("FA-2").pays_in_silence
    world.decide(status)
    world.decide(status, number="FA-2")
    world.wait(400)
    assert (world.entry("FA-1").state, world.entry("FA-2").state) == (State.SENT, State.PAID)
    assert [p.code for p in world.entry("FA-2").problems] == ["followed.silent"]
    assert "ne fait pas remonter la mise en paiement" in log_of(world, stem=f"FA-2_{SIRET_SILENT}")
    world.decide("MISE_EN_PAIEMENT")
    world.wait(2 * DAY)
    assert world.entry("FA-1").state is State.PAID


def test_an_abandoned_invoice_is_told_and_left() -> None:
    """It stays in sent/; nothing more will be told of it."""
    world = deposited()
    world.decide("ABANDONNEE")
    world.wait(400)
    entry = world.entry("FA-1")
    assert (entry.state, entry.look_at) == (State.SENT, None)
    assert "n'est plus suivie" in log_of(world)
    world.restart()
    looks = count_looks(world)
    world.wait(DAY)
    assert looks == []


def test_a_share_that_is_away_is_told_later() -> None:
    """The change is in the ledger at once; the log follows at the next look, without a second event."""
    world = deposited()
    world.decide("MISE_A_DISPOSITION")
    world.folders.faults.plan("write", "before")
    world.wait(400)
    assert (world.entry("FA-1").chorus_status, world.entry("FA-1").told) == ("MISE_A_DISPOSITION", "")
    assert "mise à disposition" not in log_of(world)
    world.wait(1000)
    assert world.entry("FA-1").told == "MISE_A_DISPOSITION"
    assert "mise à disposition" in log_of(world)
    assert world.steps("FA-1").count("status") == 1


def test_a_share_that_is_away_when_it_is_paid() -> None:
    """Only the log is written later: Chorus Pro is not asked again."""
    world = deposited()
    world.decide("MISE_EN_PAIEMENT")
    world.folders.faults.plan("present", "before")
    world.wait(400)
    assert world.entry("FA-1").state is State.PAID
    looks = count_looks(world)
    world.wait(1.2 * DAY)
    assert log_of(world).startswith("PAYÉE")
    assert (looks, world.entry("FA-1").look_at) == ([], None)


def test_a_log_is_not_written_where_nothing_lies_any_more() -> None:
    """A person has archived the invoice: the ledger knows its status, and the folder stays empty."""
    world = deposited()
    world.folders.take_away(SENT, FILE)
    del world.folders.files[SENT][f"{STEM}.log"]
    world.decide("MISE_A_DISPOSITION")
    world.wait(400)
    assert world.folders.files[SENT] == {}
    assert world.entry("FA-1").told == "MISE_A_DISPOSITION"


# --- what comes back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", RETURNED)
def test_what_came_back_goes_to_failed(status: str) -> None:
    """PDF and log, with the customer's own reason and a sidecar to correct; nothing of it stays in sent/."""
    world = deposited()
    world.decide(status, comment="le motif du client")
    world.wait(400)
    entry = world.entry("FA-1")
    assert (entry.state, [p.code for p in entry.problems]) == (State.FAILED, [RETURNED[status]])
    assert set(world.folders.files["failed"]) == {FILE, f"{STEM}.yaml", f"{STEM}.log"}
    assert world.folders.files[SENT] == {}
    told = log_of(world, "failed")
    assert told.startswith("REVENUE")
    assert "le motif du client" in told.splitlines()[0]
    assert "votre client" in told.splitlines()[1].lower()
    assert entry.holds_number
    assert world.folders.where(pdf(FILE)) == [f"failed/{FILE}"]
    world.finish()


def test_its_own_sidecar_comes_back_with_it() -> None:
    """No other one is written."""
    world = World()
    world.folders.drop("scan.pdf", pdf("one"))
    world.folders.drop("scan.yaml", b"numero: FA-1\nsiret: 22220001600434\n")
    world.work()
    world.decide("SUSPENDUE")
    world.wait(400)
    assert world.folders.files["failed"]["scan.yaml"] == b"numero: FA-1\nsiret: 22220001600434\n"
    assert set(world.folders.files["failed"]) == {"scan.pdf", "scan.yaml", "scan.log"}


def test_the_owner_has_taken_the_pdf_meanwhile() -> None:
    """Only the log goes to failed/, and says so; nothing loops."""
    world = deposited()
    world.folders.take_away(SENT, FILE)
    world.decide("A_RECYCLER")
    world.wait(400)
    assert world.entry("FA-1").state is State.FAILED
    assert FILE not in world.folders.files["failed"]
    assert "n'était plus dans le dossier des factures envoyées" in log_of(world, "failed")
    world.finish()


def test_the_owner_has_edited_the_pdf_meanwhile() -> None:
    """What lies there is moved as it is; the private copy is long gone, and none is invented."""
    world = deposited()
    world.folders.edit(SENT, FILE, pdf("edited"))
    world.decide("A_RECYCLER")
    world.wait(400)
    assert world.folders.where(pdf("edited")) == [f"failed/{FILE}"]
    world.finish()


def test_another_file_has_its_name_in_failed() -> None:
    """Nothing is overwritten: it gets a name of its own there."""
    world = deposited()
    world.folders.files["failed"][FILE] = pdf("another")
    world.folders.owned[sha(pdf("another"))] += 1
    world.decide("A_RECYCLER")
    world.wait(400)
    assert world.folders.where(pdf(FILE)) == [f"failed/{STEM} (2).pdf"]


def test_corrected_by_hand_on_the_portal() -> None:
    """Its files go back to sent/, with the sidecar that was written for the correction; it is followed as before."""
    world = deposited()
    world.decide("SUSPENDUE")
    world.wait(400)
    assert world.entry("FA-1").look_at is not None
    world.decide("COMPLETEE")
    world.wait(1.2 * DAY)
    entry = world.entry("FA-1")
    assert (entry.state, entry.folder, entry.problems) == (State.SENT, SENT, ())
    assert set(world.folders.files[SENT]) == {FILE, f"{STEM}.yaml", f"{STEM}.log"}
    assert world.folders.files["failed"] == {}
    assert "repartie : complétée" in log_of(world)
    world.decide("MISE_EN_PAIEMENT")
    world.wait(DAY)
    assert world.entry("FA-1").state is State.PAID
    world.finish()


def test_paid_although_it_had_come_back() -> None:
    """It goes back to sent/, and is paid."""
    world = deposited()
    world.decide("SUSPENDUE")
    world.wait(400)
    world.decide("COMPLETEE", "MISE_EN_PAIEMENT")
    world.wait(1.2 * DAY)
    world.wait(400)
    assert world.entry("FA-1").state is State.PAID
    assert log_of(world).startswith("PAYÉE")


def test_corrected_on_the_portal_while_a_person_has_its_files() -> None:
    """Only noted: where the files go is that person's to say."""
    world = deposited()
    world.decide("A_RECYCLER")
    world.wait(400)
    world.folders.take_away("failed", FILE)
    world.decide("DEPOSEE")
    world.wait(1.2 * DAY)
    entry = world.entry("FA-1")
    assert (entry.state, [p.code for p in entry.problems]) == (State.FAILED, ["returned.moved_on"])
    assert [m.role for m in entry.members] == ["pdf"]
    assert "Rien à corriger" in log_of(world, "failed")


def test_suspended_then_rejected() -> None:
    """The new reason replaces the old one; a rejection is looked at no more."""
    world = deposited()
    world.decide("SUSPENDUE", comment="un")
    world.wait(400)
    world.decide("REJETEE", comment="deux")
    world.wait(1.2 * DAY)
    entry = world.entry("FA-1")
    assert ([p.code for p in entry.problems], entry.look_at) == (["returned.rejected"], None)
    assert "deux" in log_of(world, "failed").splitlines()[0]


def test_what_was_adopted_after_its_recipient_sent_it_back() -> None:
    """A look makes of it what its status says, though that is no change."""
    world = deposited()
    entry = world.entry("FA-1")
    assert entry.receipt is not None
    world.decide("A_RECYCLER")
    world.ledger.schedule(entry.id, receipt=replace(entry.receipt, status="A_RECYCLER"))
    world.wait(400)
    assert world.entry("FA-1").state is State.FAILED


def test_a_person_drops_it_again_during_a_look() -> None:
    """Whoever is first in the ledger is right; the look changes nothing then."""
    world = deposited()
    world.decide("A_RECYCLER")
    world.wait(400)
    world.ledger.schedule(world.entry("FA-1").id, look_at=world.clock.now())
    world.decide("REJETEE")

    def returns(what: str) -> None:
        if what == "chorus.history" and world.entry("FA-1").state is State.FAILED:
            world.effects.watchers.remove(returns)
            entry = world.entry("FA-1")
            world.ledger.admit(FILE, FILE, "x", world.clock.now(), entry.id)

    world.effects.watchers.append(returns)
    world.work(1)
    assert (world.entry("FA-1").state, world.entry("FA-1").chorus_status) == (State.SEEN, "A_RECYCLER")
