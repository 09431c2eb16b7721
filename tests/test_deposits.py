"""One invoice's way through the worker: what goes well, each thing that goes wrong, and what people do meanwhile."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chorus_outbox.core.analysis import Analysis
from chorus_outbox.core.lifecycle import State
from chorus_outbox.simulator.start import SIRET_DEPARTEMENT, SIRET_ENGAGEMENT
from world import DAY, DOUBLE, SETTLE, START, Crash, Fault, World, named, pdf, settings, sha

FILE = named("FA-1")
STEM = FILE.removesuffix(".pdf")
ONE = pdf("one")
SENT = "sent/2026/11"


def dropped(*faults: tuple[str, Fault], **options: Any) -> World:
    """Return a world in which FA-1 was dropped and worked on, these calls having gone wrong."""
    world = World(**options)
    for call, fault in faults:
        world.chorus.faults.plan(call, fault)
    world.folders.drop(FILE, ONE)
    world.work()
    return world


def codes(world: World, number: str = "FA-1") -> list[str]:
    return [p.code for p in world.entry(number).problems]


def log_of(world: World, folder: str, stem: str = STEM) -> str:
    return world.folders.files[folder][f"{stem}.log"].decode("utf-8-sig")


# --- what goes well ------------------------------------------------------------------------------------------------------


def test_a_good_invoice_is_sent() -> None:
    """Dropped, understood, sent once, filed with its log; the outbox, processing and the spool are empty again."""
    world = dropped()
    entry = world.entry("FA-1")
    assert world.steps("FA-1") == ["seen", "understood", "begun", "accepted", "moving", "filed"]
    assert (entry.state, entry.folder, entry.attempts, entry.doubts) == (State.SENT, SENT, 1, 0)
    assert set(world.folders.files[SENT]) == {FILE, f"{STEM}.log"}
    assert str(world.chorus.deposits[0].chorus_id) in log_of(world, SENT)
    assert (world.folders.files["outbox"], world.folders.files["processing"], world.folders.spool) == ({}, {}, {})
    world.finish()


def test_the_log_names_each_step_of_a_closed_set() -> None:
    """The program's log has one event a step, of the documented names."""
    names = [entry["event"] for entry in dropped().logs]
    assert names == ["invoice.ready", "invoice.sending", "invoice.accepted", "invoice.accepted", "invoice.sent"]


def test_embedded_files_are_taken_out_of_what_is_sent() -> None:
    """The copy that is sent has no embedded file; the original is filed unchanged, and no copy stays behind."""
    world = World()
    original = pdf("one", embedded=True)
    world.folders.drop(FILE, original)
    world.work()
    assert world.chorus.deposits[0].content == pdf("one")
    assert world.folders.where(original) == [f"{SENT}/{FILE}"]
    assert world.folders.spool == {}
    world.finish()


def test_the_sidecar_travels_with_its_pdf() -> None:
    """A sidecar wins over nothing here, and lies beside its PDF in sent/."""
    world = World()
    world.folders.drop("scan.pdf", ONE)
    world.folders.drop("scan.yaml", b"numero: FA-9\nsiret: 222 200 016 00434\n")
    world.work()
    assert set(world.folders.files[SENT]) == {"scan.pdf", "scan.yaml", "scan.log"}
    assert world.entry("FA-9").state is State.SENT


# --- bad data ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        pytest.param("FA-1_22220001600372.pdf", ONE, "siret.checksum", id="wrong SIRET"),
        pytest.param("FA-1_20005678600011.pdf", ONE, "recipient.inactive", id="inactive recipient"),
        pytest.param("FA-1_35600000000048.pdf", ONE, "recipient.unknown", id="unknown recipient"),
        pytest.param(f"FA-1_{SIRET_DEPARTEMENT}_NULLE_91821.pdf", ONE, "service.unknown", id="unknown service"),
        pytest.param(FILE, b"PK\x03\x04", "file.not_pdf", id="no PDF"),
    ],
)
def test_bad_data_fails_at_once(name: str, data: bytes, code: str) -> None:
    """A person must act: the file is in failed/ with a log and a sidecar to fill in; nothing was sent."""
    world = World()
    world.folders.drop(name, data)
    world.work()
    stem = name.removesuffix(".pdf")
    assert set(world.folders.files["failed"]) == {name, f"{stem}.log", f"{stem}.yaml"}
    assert code in codes(world, stem)
    assert (world.chorus.submits, world.chorus.files) == ([], {})
    world.finish()


def test_what_lacks_something_waits_for_its_sidecar() -> None:
    """Without a required engagement number it waits in the outbox, saying until when; the sidecar makes it go."""
    world = World()
    name = f"FA-1_{SIRET_ENGAGEMENT}.pdf"
    world.folders.drop(name, ONE)
    world.work()
    assert (codes(world), world.folders.where(ONE)) == (["wait.sidecar"], [f"outbox/{name}"])
    world.folders.drop(name.replace(".pdf", ".yaml"), b"engagement: 91821\n")
    world.work()
    assert world.entry("FA-1").state is State.SENT


def test_what_lacks_something_fails_when_no_sidecar_comes() -> None:
    """After the waiting time it fails with what it lacks."""
    world = World()
    world.folders.drop(f"FA-1_{SIRET_ENGAGEMENT}.pdf", ONE)
    world.work()
    world.wait(121)
    assert (world.entry("FA-1").state, codes(world)) == (State.FAILED, ["engagement.required"])


def test_a_cut_file_waits_for_its_end() -> None:
    """A PDF without its end is left in the outbox; when its end comes it is sent."""
    world = World()
    world.folders.drop(FILE, ONE[:-6])
    world.work()
    assert codes(world, STEM) == ["wait.incomplete"]
    world.folders.edit("outbox", FILE, ONE)
    world.wait(5)
    assert world.entry("FA-1").state is State.SENT


def test_a_file_being_written_is_left_alone() -> None:
    """While somebody holds it open, it stays in the outbox."""
    world = World()
    world.folders.drop(FILE, ONE)
    world.folders.busy.add(FILE)
    world.work()
    assert codes(world, STEM) == ["wait.writing"]
    world.folders.busy.clear()
    world.wait(5)
    assert world.entry("FA-1").state is State.SENT


def test_the_analysis_of_chorus_pro_stops_what_contradicts_it() -> None:
    """What Chorus Pro read in the PDF and we did not send: nothing is submitted."""
    world = World()
    world.chorus.analysis = Analysis(number="FA-2")
    world.folders.drop(FILE, ONE)
    world.work()
    assert (world.entry("FA-1").state, codes(world), world.chorus.submits) == (State.FAILED, ["mismatch.chorus"], [])


# --- what certainly did not arrive ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["recipient", "upload", "submit"])
@pytest.mark.parametrize("kind", ["not_arrived", "faulty"])
def test_what_did_not_arrive_waits_and_is_tried_again(call: str, kind: str) -> None:
    """It waits with a reason, then is sent, once, by itself."""
    world = dropped((call, Fault(kind)))
    assert world.entry(STEM).state in (State.SEEN, State.WAITING)
    assert world.entry(STEM).next_try_at is not None
    assert world.entry(STEM).problems
    assert world.entry(STEM).faults == (kind == "faulty")  # an outage counts against no file
    world.wait(5)
    assert world.entry("FA-1").state is State.SENT
    assert world.chorus.submits == ["FA-1"]
    world.finish()


def test_an_outage_counts_against_no_file_and_is_told_once() -> None:
    """During an outage of a day everything waits, with one alert; when it ends all is sent by itself, with one more."""
    world = World()
    for number in ("FA-1", "FA-2", "FA-3"):
        world.folders.drop(named(number), pdf(number))
    for call in ("recipient", "upload", "submit", "search"):
        world.chorus.faults.plan(call, *[Fault("not_arrived")] * 200)
    world.work()
    for _ in range(24):
        world.wait(3600)
    assert [e.faults for e in world.ledger.entries()] == [0, 0, 0]
    assert len(world.events("outage.started")) == 1
    assert world.events("outage.ended") == []
    world.chorus.faults.clear()
    world.wait(3600)
    world.wait(3600)
    assert {e.state for e in world.ledger.entries()} == {State.SENT}
    assert (len(world.events("outage.started")), len(world.events("outage.ended"))) == (1, 1)
    world.finish()


def test_an_outage_that_names_its_end_is_believed() -> None:
    """Retry-After holds for everyone: nothing is asked before."""
    world = dropped(("submit", Fault("not_arrived", retry_after=600)))
    world.folders.drop(named("FA-2"), pdf("two"))
    world.wait(590)
    assert world.chorus.submits == []
    assert codes(world, "FA-2") == ["outage.unreachable"]
    world.wait(10)
    world.wait(5)
    assert sorted(world.chorus.submits) == ["FA-1", "FA-2"]


def test_one_faulty_call_makes_no_outage() -> None:
    """A failing call of one invoice spaces out its own tries; the others go on."""
    world = World()
    world.chorus.faults.plan("upload", Fault("faulty"))
    for number in ("FA-1", "FA-2"):
        world.folders.drop(named(number), pdf(number))
    world.work()
    assert [world.entry(n).state for n in ("FA-1", "FA-2")] == [State.WAITING, State.SENT]
    assert world.entry("FA-1").faults == 1
    assert world.events("outage.started") == []


def test_a_faulty_look_up_spaces_out_its_tries() -> None:
    """A recipient that can't be looked up is asked for at the time that the ledger tells, not each second."""
    world = World()
    world.chorus.faults.plan("recipient", *[Fault("faulty")] * 3)
    world.folders.drop(FILE, ONE)
    for second in range(1, 60):
        world.wait(1)
        asked = len([s for s in world.steps(STEM) if s == "held"])
        assert asked == 1 + (second >= 6) + (second >= 18)  # 5 seconds, then 11.25, then 33.75
        if second < 52:
            assert world.entry(STEM).state is State.SEEN
    assert world.entry(STEM).state is State.SENT


def test_three_different_doubtful_invoices_make_an_outage() -> None:
    """Invoices that end in doubt one after the other: the others wait, with one alert."""
    world = World()
    world.chorus.faults.plan("submit", *[Fault("doubt_lost")] * 3)
    for number in ("FA-1", "FA-2", "FA-3", "FA-4"):
        world.folders.drop(named(number), pdf(number))
    world.work()
    assert [e.state for e in world.ledger.entries()] == [State.IN_DOUBT] * 3 + [State.SEEN]
    assert [e["reason"] for e in world.events("outage.started")] == ["doubt.no_answer"]
    world.finish()
    assert sorted(world.chorus.submits) == ["FA-1", "FA-2", "FA-3", "FA-4"]
    assert len(world.events("outage.ended")) == len(world.events("outage.started"))


# --- Chorus Pro says no --------------------------------------------------------------------------------------------------


def test_a_refusal_quotes_chorus_pro() -> None:
    """The file is in failed/, its log quotes Chorus Pro's words, and what is known of the recipient is asked anew."""
    world = dropped(("submit", Fault("refused")))
    assert (world.entry("FA-1").state, codes(world)) == (State.FAILED, ["chorus.totals"])
    assert "Le montant TTC n'est pas la somme" in log_of(world, "failed")
    assert world.chorus.forgotten == [world.entry("FA-1").siret]
    world.finish()


def test_a_double_on_the_portal_quotes_the_first_deposit() -> None:
    """A number that somebody deposited by hand: refused by Chorus Pro, and the log says which deposit has it."""
    world = World()
    payload = {**json.loads(dropped().entry("FA-1").payload)}
    by_hand = world.chorus.deposit_by_hand(payload)
    world.folders.drop(FILE, ONE)
    world.work()
    problem = world.entry("FA-1").problems[0]
    assert (problem.code, problem.params["chorus_id"]) == ("duplicate.portal", str(by_hand.chorus_id))
    assert world.folders.where(ONE) == [f"failed/{FILE}"]


def test_corrected_and_dropped_again_is_the_same_entry() -> None:
    """What failed is corrected in its sidecar and moved back: the same entry goes on, and is sent."""
    world = World()
    name = "FA-1_22220001600372.pdf"
    world.folders.drop(name, ONE)
    world.work()
    sidecar = name.replace(".pdf", ".yaml")
    world.folders.carry("failed", name, name)
    world.folders.edit("failed", sidecar, b"siret: 22220001600434\n")
    world.folders.carry("failed", sidecar, sidecar)
    world.work()
    assert [e.id for e in world.ledger.entries()] == [1]
    assert world.entry("FA-1").state is State.SENT
    assert world.steps("FA-1").count("returned") == 1
    world.finish()


# --- doubts --------------------------------------------------------------------------------------------------------------


def test_an_answer_lost_is_found_by_asking() -> None:
    """In doubt, the file stays in processing/ with its log; after the settling time it is found, and filed as sent."""
    world = dropped(("submit", Fault("doubt_arrived")))
    assert (world.entry("FA-1").state, codes(world)) == (State.IN_DOUBT, ["doubt.no_answer"])
    assert set(world.folders.files["processing"]) == {FILE, f"{STEM}.log"}
    world.wait(SETTLE - 1)
    assert world.entry("FA-1").state is State.IN_DOUBT
    world.wait(1)
    assert world.entry("FA-1").state is State.SENT
    assert world.chorus.submits == ["FA-1"]
    world.finish()


def test_what_three_searches_prove_absent_is_sent_again_once() -> None:
    """Lost, absent three times at settling distance: sent again, once, by a new upload."""
    world = dropped(("submit", Fault("doubt_lost")))
    effects: list[str] = []
    world.effects.watchers.append(effects.append)
    for negatives in (1, 2):
        world.wait(SETTLE)
        assert (world.entry("FA-1").state, world.entry("FA-1").negatives) == (State.IN_DOUBT, negatives)
        assert world.chorus.submits == []
    world.wait(SETTLE)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1"])
    assert effects.count("chorus.upload") == 1
    steps = ["begun", "doubted", "asked", "asked", "proved_absent", "begun", "accepted"]
    assert [s for s in world.steps("FA-1") if s in steps] == steps
    world.finish()


def test_never_sent_again_when_so_configured() -> None:
    """With resend_after_doubt: never, it waits for a person and says so; it is still found when it shows up late."""
    world = dropped(("submit", Fault("late_effect", seconds=5000)), chosen=settings(resend=False))
    for _ in range(10):
        world.wait(SETTLE)
    assert (world.entry("FA-1").state, codes(world)) == (State.IN_DOUBT, ["doubt.person"])
    world.wait(5000)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1"])
    world.finish()


@pytest.mark.parametrize("kind", ["late_effect", "search_lag"])
def test_what_shows_late_is_still_found(kind: str) -> None:
    """A deposit that shows in searches only after a while is found by the next one, and not sent again."""
    world = dropped(("submit", Fault(kind, seconds=2 * SETTLE)), refuses_doubles=False)
    for _ in range(3):
        world.wait(SETTLE)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1"])
    world.finish()


def test_a_refused_double_after_a_doubt_is_our_own() -> None:
    """Proved absent, sent again, refused as a double: the first try had arrived late. It is found, not failed."""
    world = dropped(("submit", Fault("search_lag", seconds=4 * SETTLE)))
    for _ in range(6):
        world.wait(SETTLE)
    assert world.chorus.submits == ["FA-1", "FA-1"]
    assert world.entry("FA-1").state is State.SENT
    world.finish()


def test_found_although_midnight_lies_between_two_tries() -> None:
    """The first try arrived before midnight, a second one after it was refused: the first is ours all the same."""
    world = World()
    world.clock.advance((datetime(2026, 11, 23, 22, 57, 30, tzinfo=UTC) - START).total_seconds())  # 23:57:30 in Paris
    world.chorus.faults.plan("submit", Fault("search_lag", seconds=300))
    world.folders.drop(FILE, ONE)
    world.work()
    for _ in range(8):
        world.wait(SETTLE)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1", "FA-1"])
    world.finish()


def test_a_real_refusal_after_a_doubt_fails_only_when_absence_is_proved() -> None:
    """Refused after an earlier doubt: Chorus Pro is asked three times before the file fails with its words."""
    world = dropped(("submit", Fault("doubt_lost")), ("submit", Fault("refused")))
    for _ in range(5):
        world.wait(SETTLE)
        assert world.entry("FA-1").state is State.IN_DOUBT
    world.wait(SETTLE)
    assert (world.entry("FA-1").state, codes(world)) == (State.FAILED, ["chorus.totals"])
    world.finish()


def test_another_invoice_with_that_number_fails_and_is_named() -> None:
    """In doubt, and the portal has that number for another total: not ours, and the log says what differs."""
    world = dropped(("submit", Fault("doubt_lost")))
    other = json.loads(world.entry("FA-1").payload)
    other["montantTotal"]["montantTtcTotal"] = 99.0
    deposit = world.chorus.deposit_by_hand(other)
    world.wait(SETTLE)
    assert world.entry("FA-1").state is State.FAILED
    problem = world.entry("FA-1").problems[0]
    texts = {"number": "FA-1", "chorus_id": str(deposit.chorus_id), "differs": "ttc"}
    assert (problem.code, dict(problem.params)) == ("chorus.other_invoice", texts)


def test_a_failed_search_proves_nothing() -> None:
    """Searches that fail do not count: three complete ones are still needed."""
    world = dropped(("submit", Fault("doubt_lost")))
    for kind in ("faulty", "not_arrived", "refused"):
        world.chorus.faults.plan("search", Fault(kind))
        world.wait(SETTLE)
        assert (world.entry("FA-1").state, world.entry("FA-1").negatives) == (State.IN_DOUBT, 0)
    for negatives in (1, 2):
        world.wait(SETTLE)
        assert world.entry("FA-1").negatives == negatives
    world.wait(SETTLE)
    assert world.entry("FA-1").state is State.SENT


def test_three_doubts_are_enough() -> None:
    """Each try ends in doubt and is proved absent: after the third a person is asked, in failed/."""
    world = dropped(*[("submit", Fault("doubt_lost"))] * 3)
    for _ in range(9):
        world.wait(SETTLE)
    assert (world.entry("FA-1").state, codes(world)) == (State.FAILED, ["chorus.not_taken"])
    assert world.chorus.deposits == []


def test_a_restart_while_sending_only_asks() -> None:
    """The process died between the intent and the answer: the next one asks, and adopts what arrived."""
    world = World()
    world.folders.drop(FILE, ONE)
    world.effects.crash_at = 100_000
    submit_at = _effect_number("chorus.submit")
    world.effects.crash_at, world.effects.before = submit_at, False
    with pytest.raises(Crash):
        world.work()
    assert world.entry("FA-1").state is State.SENDING
    world.restart()
    assert world.entry("FA-1").state is State.IN_DOUBT
    world.wait(SETTLE)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1"])
    world.finish()


def _effect_number(what: str) -> int:
    """Return which effect of a happy run that is."""
    world = World()
    seen: list[str] = []
    world.effects.watchers.append(seen.append)
    world.folders.drop(FILE, ONE)
    world.work()
    return seen.index(what) + 1


def test_a_bug_while_sending_leaves_a_doubt() -> None:
    """Whatever the client raises after the intent, the invoice is asked about: never sent again blindly, never stuck."""
    world = dropped(("submit", Fault("bug")))
    assert world.entry("FA-1").state is State.IN_DOUBT
    world.finish()
    assert world.chorus.submits == ["FA-1"]


# --- a ledger that was lost ----------------------------------------------------------------------------------------------


def test_what_a_lost_ledger_may_have_sent_is_asked_about_first() -> None:
    """Sent by a ledger that is gone, and dropped again: found on the portal, filed as sent, not submitted again."""
    world = World(doubt_until=DAY, refuses_doubles=False)
    deposit = world.chorus.deposit_by_hand(json.loads(dropped().entry("FA-1").payload))
    world.chorus.deposits[0] = replace(deposit, entry_id=1)
    world.folders.drop(FILE, ONE)
    world.work()
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, [])
    assert world.chorus.files == {}


def test_what_a_lost_ledger_had_not_sent_is_sent() -> None:
    """Three searches prove it absent: then it is sent, once."""
    world = World(doubt_until=DAY, refuses_doubles=False)
    world.folders.drop(FILE, ONE)
    world.work()
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.IN_DOUBT, [])
    for _ in range(3):
        world.wait(SETTLE)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1"])
    world.finish()


def test_what_is_newer_than_the_loss_is_sent_at_once() -> None:
    """An invoice dated after the ledger was lost can't have been sent by it."""
    world = World(doubt_until=DAY - timedelta(days=1))
    world.folders.drop(FILE, ONE)
    world.work()
    assert world.entry("FA-1").state is State.SENT


# --- doubles among the files ---------------------------------------------------------------------------------------------


def test_the_same_bytes_again_fail_and_quote_the_first() -> None:
    """The same PDF under another name goes to failed/, quoting the first deposit."""
    world = dropped()
    world.folders.drop(named("FA-2"), ONE)
    world.work()
    problem = world.entry("FA-2").problems[0]
    assert problem.code == "duplicate.bytes"
    assert problem.params["chorus_id"] == str(world.chorus.deposits[0].chorus_id)
    assert world.chorus.submits == ["FA-1"]


def test_the_same_number_again_fails_and_quotes_the_first() -> None:
    """Another PDF with a number that was sent goes to failed/."""
    world = dropped()
    world.folders.drop(f"x/{FILE}", pdf("two"))
    world.work()
    assert world.folders.where(pdf("two")) == [f"failed/{FILE}"]
    assert [p.code for p in world.ledger.get(2).problems] == ["duplicate.number"]


def test_a_double_does_not_take_the_copy_that_the_first_still_needs() -> None:
    """The first one waits; the same bytes dropped again fail; the first one is still sent when Chorus Pro is back."""
    world = dropped(("upload", Fault("not_arrived", retry_after=600)))
    world.folders.drop(named("FA-2"), ONE)
    world.work()
    assert [p.code for p in world.entry("FA-2").problems] == ["duplicate.in_progress"]
    assert world.entry("FA-2").state is State.FAILED
    world.wait(600)
    assert world.entry("FA-1").state is State.SENT
    world.finish()


def test_the_number_of_a_failed_invoice_is_free() -> None:
    """A new PDF with the number of one that Chorus Pro refused is sent."""
    world = dropped(("submit", Fault("refused")))
    world.folders.drop(f"new/{FILE}", pdf("corrected"))
    world.work()
    assert world.folders.where(pdf("corrected")) == [f"{SENT}/{FILE}"]


# --- what people and shares do meanwhile ---------------------------------------------------------------------------------


def test_taken_away_before_it_is_sent() -> None:
    """A file that waits in processing/ and is taken away by a person is not sent; its number is free again."""
    world = dropped(("upload", Fault("not_arrived", retry_after=600)))
    world.folders.take_away("processing", FILE)
    world.wait(600)
    assert world.entry("FA-1").state is State.WITHDRAWN
    world.folders.drop(FILE, ONE)
    world.work()
    assert world.entry("FA-1").state is State.SENT
    assert world.chorus.submits == ["FA-1"]


def test_taken_away_at_the_last_moment() -> None:
    """Taken out of the outbox after it was understood, before it was moved: not sent, and its number is free."""
    world = World()
    world.folders.drop(FILE, ONE)
    world.effects.watchers.append(lambda what: _take_away_once(world, what))
    world.work()
    assert world.entry("FA-1").state is State.WITHDRAWN
    assert (world.chorus.submits, world.chorus.files) == ([], {})
    world.folders.drop("FA-1_12345678200051.pdf", pdf("another"))
    world.work()
    assert world.chorus.submits == ["FA-1"]


def _take_away_once(world: World, what: str) -> None:
    if what == "ledger.understood" and FILE in world.folders.files["outbox"]:
        world.folders.take_away("outbox", FILE)


@pytest.mark.parametrize("last_moment", [False, True], ids=["from processing", "at the last moment"])
def test_the_sidecar_of_what_was_taken_away_comes_back(last_moment: bool) -> None:
    """When the PDF is taken away its sidecar lies in the outbox, so that both go on when the PDF is dropped again."""
    world = World()
    if last_moment:
        world.effects.watchers.append(lambda what: _take_away_once(world, what))
    else:
        world.chorus.faults.plan("upload", Fault("not_arrived", retry_after=600))
    sidecar = FILE.replace(".pdf", ".yaml")
    world.folders.drop(FILE, ONE)
    world.folders.drop(sidecar, b"commentaire: bonjour\n")
    world.work()
    if not last_moment:
        world.folders.take_away("processing", FILE)
    world.wait(600)
    assert (list(world.folders.files["outbox"]), world.folders.files["processing"]) == ([sidecar], {})
    world.effects.watchers[1:] = []
    world.folders.drop(FILE, ONE)
    world.work()
    assert set(world.folders.files[SENT]) == {FILE, sidecar, f"{STEM}.log"}
    assert world.entry("FA-1").state is State.SENT


def test_taken_out_of_the_outbox_while_it_waits() -> None:
    """A file that waits in the outbox and is taken away is forgotten."""
    world = World()
    world.folders.drop(f"FA-1_{SIRET_ENGAGEMENT}.pdf", ONE)
    world.work()
    world.folders.take_away("outbox", f"FA-1_{SIRET_ENGAGEMENT}.pdf")
    world.work()
    assert world.ledger.entries() == []


def test_taken_away_after_it_was_sent() -> None:
    """Taken away while in doubt, then found: the copy that was sent is put into sent/, and the log says so."""
    world = dropped(("submit", Fault("doubt_arrived")))
    world.folders.take_away("processing", FILE)
    world.wait(SETTLE)
    assert world.folders.where(ONE) == [f"{SENT}/{FILE}"]
    assert world.entry("FA-1").state is State.SENT
    world.finish()


def test_edited_while_it_was_being_sent() -> None:
    """Edited in processing/: the edited file and the copy that was sent both lie in sent/."""
    world = dropped(("submit", Fault("doubt_arrived")))
    edited = pdf("edited")
    world.folders.edit("processing", FILE, edited)
    world.wait(SETTLE)
    assert world.folders.where(edited) == [f"{SENT}/{FILE}"]
    assert world.folders.where(ONE) == [f"{SENT}/{STEM} (original).pdf"]
    world.finish()


def test_the_share_reports_an_error_of_what_it_has_done() -> None:
    """An edited file moved by a share that answers with an error: nothing is forgotten, the sent copy is kept."""
    world = dropped(("submit", Fault("doubt_arrived")))
    edited = pdf("edited")
    world.folders.edit("processing", FILE, edited)
    world.folders.faults.plan("move", "after")
    world.wait(SETTLE)
    world.wait(30)
    assert world.folders.where(edited) == [f"{SENT}/{FILE}"]
    assert world.folders.where(ONE) == [f"{SENT}/{STEM} (original).pdf"]
    world.finish()


def test_edited_in_the_outbox_just_before_it_is_taken_in() -> None:
    """Edited after its copy was made, and moved by a sick share: the copy is sent, no file is left behind."""
    world = World()
    edited = pdf("edited")
    world.folders.drop(FILE, ONE)
    world.effects.watchers.append(lambda what: _edit_once(world, what, edited))
    world.folders.faults.plan("move", "after")
    world.work()
    world.wait(30)
    assert world.chorus.deposits[0].content == ONE
    assert world.folders.where(edited) == [f"{SENT}/{FILE}"]
    world.finish()


def _edit_once(world: World, what: str, data: bytes) -> None:
    if what == "folders.take" and not world.folders.where(data):
        world.folders.edit("outbox", FILE, data)


def test_a_collision_gets_a_number() -> None:
    """A name that is taken in sent/ is never overwritten: the new file, its log and its sidecar get ` (2)`."""
    world = dropped()
    world.folders.drop(f"x/{named('FA-2')}", pdf("two"))
    world.folders.files[SENT][named("FA-2").replace(".pdf", ".log")] = b"somebody's"
    world.work()
    stem = named("FA-2").removesuffix(".pdf") + " (2)"
    assert world.folders.where(pdf("two")) == [f"{SENT}/{stem}.pdf"]
    assert f"{stem}.log" in world.folders.files[SENT]


def test_a_name_taken_while_the_move_was_noted() -> None:
    """Somebody takes the name between the choice and the move: another is chosen, nothing is overwritten nor stuck."""
    world = World()
    other = pdf("somebody's own")
    world.folders.drop(FILE, ONE)
    world.effects.watchers.append(lambda what: _occupy(world, what, other))
    world.work()
    world.finish()
    assert world.folders.where(other) == [f"{SENT}/{FILE}"]
    assert world.folders.where(ONE) == [f"{SENT}/{STEM} (2).pdf"]


def _occupy(world: World, what: str, data: bytes) -> None:
    if what == "ledger.moving" and not world.folders.where(data):
        world.folders.files.setdefault(SENT, {})[FILE] = data
        world.folders.owned[sha(data)] += 1


@pytest.mark.parametrize("call", ["take", "present", "move", "digest", "write"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_sick_share_only_delays(call: str, when: str) -> None:
    """One failing call of the share, with or without effect: nothing is lost, the invoice is sent once."""
    world = World()
    world.folders.faults.plan(call, *["before", "ok", "before"] if when == "before" else ["after", "after"])
    world.folders.drop(FILE, ONE)
    for _ in range(8):
        world.wait(20)
    assert (world.entry("FA-1").state, world.chorus.submits) == (State.SENT, ["FA-1"])
    world.finish()


def test_moved_edited_and_another_dropped_in_its_place() -> None:
    """The share moved it and reported an error; it was edited there, and a new file has its old name: both go on."""
    world = World()
    edited, new = pdf("edited"), pdf("new")
    world.folders.drop(FILE, ONE)
    world.folders.faults.plan("move", "after")
    world.work()
    world.folders.edit("processing", FILE, edited)
    world.folders.drop(FILE, new)
    world.finish()
    assert world.chorus.submits == ["FA-1"]
    assert world.folders.where(edited) == [f"{SENT}/{FILE}"]
    assert world.folders.where(ONE) == [f"{SENT}/{STEM} (original).pdf"]
    assert world.folders.where(new) == [f"failed/{FILE}"]


def test_an_outbox_that_is_away_is_waited_for() -> None:
    """An unmounted share is no deletion: nothing is withdrawn, one line is logged, and all goes on when it is back."""
    world = World()
    name = f"FA-1_{SIRET_ENGAGEMENT}.pdf"
    world.folders.drop(name, ONE)
    world.work()
    world.folders.away = True
    world.wait(10)
    world.wait(10)
    assert world.entry("FA-1").state is State.SEEN
    assert len(world.events("outbox.unavailable")) == 1
    world.folders.away = False
    world.folders.drop(name.replace(".pdf", ".yaml"), b"engagement: 91821\n")
    world.work()
    assert world.entry("FA-1").state is State.SENT


def test_the_words_of_a_double_are_recognised() -> None:
    """AIFE's wording of a double is the one that the portal in memory uses."""
    world = World()
    payload = json.loads(dropped().entry("FA-1").payload)
    world.chorus.deposit_by_hand(payload)
    world.folders.drop(FILE, ONE)
    world.work()
    told = world.ledger.events(1)
    assert DOUBLE in [n.detail for n in told]
    assert told[0].at + timedelta(0) == START
