"""Deposits at their edges: what mutants found that the other tests had left open."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chorus_outbox.core.analysis import Analysis
from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.words import catalogue, render
from chorus_outbox.errors import RefusedError
from chorus_outbox.ports_chorus import Upload
from chorus_outbox.simulator.codes import INVENTED
from chorus_outbox.worker.deposit import LOOK_AGAIN, accepted, ask, doubt, send
from chorus_outbox.worker.uploads import upload_name
from world import DAY, SETTLE, START, Fault, World, named, pdf, settings
from world_chorus import MemoryChorus

FILE = named("FA-1")


def dropped(*faults: tuple[str, Fault], world: World | None = None) -> World:
    """Return a world in which FA-1 was dropped and worked on, these calls having gone wrong."""
    world = world or World()
    for call, fault in faults:
        world.chorus.faults.plan(call, fault)
    world.folders.drop(FILE, pdf("one"))
    world.work()
    return world


def told(world: World, event: str) -> list[str]:
    """Return the details of an event in the invoice's story."""
    return [noted.detail for noted in world.ledger.events(world.entry("FA-1").id) if noted.event == event]


def words_of(problem: Problem) -> str:
    return render(catalogue("fr"), problem)[0]


# --- what did not arrive -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["upload", "submit"])
def test_a_named_delay_is_the_next_try(call: str) -> None:
    """The server's own delay is noted, with the reason in words; the file is where it was being moved."""
    entry = dropped((call, Fault("not_arrived", retry_after=77))).entry("FA-1")
    assert (entry.state, entry.faults, entry.next_try_at) == (State.WAITING, 0, START + timedelta(seconds=77))
    assert (entry.folder, entry.to_folder, entry.to_stem) == ("processing", "", "")


@pytest.mark.parametrize(("faults", "seconds"), [(1, 5.0), (2, 11.25), (3, 33.75)])
def test_own_faults_space_out_the_tries(faults: int, seconds: float) -> None:
    """Five seconds first, then three times as long each time, spread by chance."""
    world = dropped(*[("upload", Fault("faulty"))] * faults)
    while world.entry("FA-1").faults < faults:
        world.wait(3600)
    assert world.entry("FA-1").next_try_at == world.clock.now() + timedelta(seconds=seconds)


def test_the_story_says_why_it_waits() -> None:
    """In the words people read."""
    world = dropped(("upload", Fault("not_arrived")))
    assert told(world, "not_arrived") == [words_of(Problem("outage.unreachable", {"detail": "test"}))]


def test_sent_at_the_second_try() -> None:
    """The story says under which id; a try that certainly did not arrive is no doubt."""
    world = dropped(("submit", Fault("faulty")))
    world.wait(60)
    entry = world.entry("FA-1")
    assert entry.receipt is not None
    assert told(world, "accepted") == [str(entry.receipt.chorus_id)]
    assert (entry.attempts, entry.doubts) == (2, 0)


# --- doubts --------------------------------------------------------------------------------------------------------------


def test_each_doubt_counts_once_and_says_why() -> None:
    """Two doubts are two, each with what was seen; searches begin anew after each."""
    world = dropped(*[("submit", Fault("doubt_lost"))] * 2)
    assert (world.entry("FA-1").doubts, world.entry("FA-1").next_try_at) == (1, START + timedelta(seconds=SETTLE))
    for _ in range(3):
        world.wait(SETTLE)
    entry = world.entry("FA-1")
    assert (entry.state, entry.doubts, entry.negatives, entry.attempts) == (State.IN_DOUBT, 2, 0, 2)
    assert told(world, "doubted") == ["doubt_lost", "doubt_lost"]
    assert told(world, "asked") == ["1/3", "2/3"]


def test_a_doubt_without_detail_says_nothing_more() -> None:
    """A reason that has no detail leaves the story's line bare."""
    world = dropped(("submit", Fault("doubt_lost")))
    entry = world.entry("FA-1")
    world.ledger.rows[entry.id] = replace(entry, state=State.SENDING)
    after = doubt(world.parts(), world.ledger.get(entry.id), Problem("doubt.forgotten"))
    assert (after.doubts, after.refusal, [p.code for p in after.problems]) == (2, None, ["doubt.forgotten"])
    assert told(world, "doubted") == ["doubt_lost", ""]


def test_found_by_asking_says_under_which_id() -> None:
    """The id stands in the story, and the time of sending is that of the attempt."""
    world = dropped(("submit", Fault("doubt_arrived")))
    world.wait(SETTLE)
    entry = world.entry("FA-1")
    assert entry.receipt is not None
    assert told(world, "accepted") == [str(entry.receipt.chorus_id)]
    assert (entry.sent_at, entry.problems) == (START, ())


def test_a_doubt_for_a_person_is_looked_at_every_hour() -> None:
    """Nothing is sent again, and what to say stays; Chorus Pro is asked again after an hour, in case it shows up."""
    world = dropped(("submit", Fault("doubt_lost")), world=World(settings(resend=False)))
    for _ in range(3):
        world.wait(SETTLE)
    entry = world.entry("FA-1")
    assert [p.code for p in entry.problems] == ["doubt.person"]
    assert (LOOK_AGAIN, entry.next_try_at) == (3600, world.clock.now() + timedelta(hours=1))


def test_a_question_without_news_keeps_the_reason() -> None:
    """Asked once, still in doubt: the reason of the doubt stays."""
    world = dropped(("submit", Fault("doubt_lost")))
    world.wait(SETTLE)
    assert world.entry("FA-1").problems == (Problem("doubt.no_answer", {"detail": "doubt_lost"}),)


def test_a_refusal_after_a_doubt_is_kept_in_its_words() -> None:
    """While it is asked about, both say what Chorus Pro answered."""
    world = dropped(("submit", Fault("doubt_lost")), ("submit", Fault("refused")))
    for _ in range(3):
        world.wait(SETTLE)
    entry = world.entry("FA-1")
    label = "Le montant TTC n'est pas la somme"
    assert entry.refusal == ("20940", label)
    assert entry.problems == (Problem("doubt.no_answer", {"detail": label}),)
    assert world.chorus.forgotten == [entry.siret]


def test_a_search_that_worked_forgets_the_faults_before() -> None:
    """Whether it remains in doubt or is proved absent: the next pause begins anew."""
    world = dropped(("submit", Fault("doubt_lost")))
    faults: dict[str, int] = {}
    world.effects.watchers.append(lambda what: faults.update({what: world.entry("FA-1").faults}))
    world.chorus.faults.plan("search", Fault("faulty"))
    for _ in range(5):
        world.wait(SETTLE)
    assert (faults["ledger.asked"], faults["ledger.proved_absent"]) == (0, 0)
    assert world.entry("FA-1").state is State.SENT


def test_a_doubtful_try_dates_the_attempt() -> None:
    """What may still turn up is as old as the first doubtful try; a try that did not arrive dates nothing."""
    world = dropped(("submit", Fault("doubt_lost")))
    for _ in range(3):
        world.wait(SETTLE)
    assert (world.entry("FA-1").attempts, world.entry("FA-1").begun_at) == (2, START)
    assert world.entry("FA-1").sent_at == START + timedelta(seconds=3 * SETTLE)
    certain = dropped(("submit", Fault("faulty")))
    certain.wait(60)
    assert (certain.entry("FA-1").attempts, certain.entry("FA-1").begun_at) == (2, START + timedelta(seconds=60))


def test_notes_last_and_reasons_of_a_moment_do_not() -> None:
    """What Chorus Pro read differently is still said of a sent invoice; why it waited before is not."""
    base = settings()
    world = World(replace(base, rules=replace(base.rules, mismatch="warn")))
    world.chorus.analysis = Analysis(number="FA-9")
    problems: list[tuple[str, ...]] = []

    def watch(what: str) -> None:
        if what == "ledger.begun":
            problems.append(tuple(p.code for p in world.entry("FA-1").problems))

    world.effects.watchers.append(watch)
    dropped(("upload", Fault("faulty")), world=world)
    world.wait(60)
    assert problems == [("mismatch.chorus_warn",)]
    assert (world.entry("FA-1").state, [p.code for p in world.entry("FA-1").problems]) == (State.SENT, [*problems[0]])


class Noticing(MemoryChorus):
    """The portal in memory, which also keeps as what each PDF was declared when it was uploaded."""

    def upload(self, pdf: Path, name: str, *, signed: bool) -> Upload:
        """Note it, and take it."""
        self.declared = signed
        return super().upload(pdf, name, signed=signed)


@pytest.mark.parametrize("signed", [True, False])
def test_a_signed_pdf_is_declared_as_such(signed: bool) -> None:
    """When it is uploaded, and when it is deposited: the portal compares."""
    world = World()
    world.chorus = Noticing(world.effects, world.clock.now, world.folders.bytes_of)
    world.chorus.sending = world._intended
    world.restart()
    world.folders.drop(FILE, pdf("one", signed=signed))
    world.work()
    assert world.entry("FA-1").state is State.SENT
    assert world.chorus.declared is signed
    assert world.chorus.deposits[0].payload["modeDepot"] == ("DEPOT_PDF_SIGNE_API" if signed else "DEPOT_PDF_API")


# --- a refusal -----------------------------------------------------------------------------------------------------------


def test_only_a_double_is_searched_for() -> None:
    """A refusal for another reason quotes Chorus Pro, even where the portal has that number, and asks no more."""
    world = World(refuses_doubles=False)
    world.chorus.deposit_by_hand(json.loads(dropped().entry("FA-1").payload))
    effects: list[str] = []
    world.effects.watchers.append(effects.append)
    dropped(("submit", Fault("refused")), world=world)
    assert [p.code for p in world.entry("FA-1").problems] == ["chorus.totals"]
    assert "chorus.search" not in effects


def test_a_refused_upload_fails_in_its_words() -> None:
    """Nothing was deposited: the file fails at once, and the story quotes Chorus Pro."""
    world = dropped(("upload", Fault("refused")))
    entry, label = world.entry("FA-1"), "Le montant TTC n'est pas la somme"
    assert (entry.state, entry.attempts, world.chorus.submits) == (State.FAILED, 0, [])
    assert entry.problems == (Problem("chorus.totals", {"code": "20940", "label": label}),)
    assert told(world, "refused") == [label]


def test_a_double_that_the_search_does_not_show() -> None:
    """Refused as a double, and the search finds nothing yet: the refusal is quoted as it is."""
    world = World()
    first = world.chorus.deposit_by_hand(json.loads(dropped().entry("FA-1").payload))
    world.chorus.deposits[0] = replace(first, shows_at=START + timedelta(days=1))
    dropped(world=world)
    assert (world.entry("FA-1").state, [p.code for p in world.entry("FA-1").problems]) == (
        State.FAILED,
        ["chorus.duplicate"],
    )


# --- a ledger that was lost ----------------------------------------------------------------------------------------------


def test_what_may_have_been_sent_is_in_doubt_where_it_lies() -> None:
    """One doubt, no search yet, asked about at once; its file has arrived in processing/, and the story says why."""
    world = World(doubt_until=DAY)
    states: list[Entry] = []

    def watch(what: str) -> None:
        if what == "ledger.doubted":
            states.append(world.entry("FA-1"))

    world.effects.watchers.append(watch)
    dropped(world=world)
    entry = states[0]
    assert (entry.doubts, entry.negatives, entry.next_try_at) == (1, 0, START)
    assert (entry.folder, entry.to_folder, entry.to_stem) == ("processing", "", "")
    assert told(world, "doubted") == [words_of(Problem("doubt.forgotten"))]


# --- names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "name"),
    [("FA-1", "FA-1.pdf"), ("F/2026+1", "F-2026-1.pdf"), ("a_Z09", "a_Z09.pdf"), ("Xé", "X-.pdf")],
)
def test_the_name_that_chorus_pro_sees(number: str, name: str) -> None:
    """The number, in characters that it certainly takes."""
    assert upload_name(number) == name


# --- files that are there already ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("forgotten", [True, False], ids=["forgotten", "still there"])
def test_a_file_of_an_earlier_try(forgotten: bool) -> None:
    """Its id is noted with the intent and used again; forgotten by Chorus Pro, it is uploaded anew at once, which is told."""
    world = dropped(("submit", Fault("not_arrived")))
    first = world.entry("FA-1").attachment_id
    assert first is not None
    if forgotten:
        world.chorus.files.clear()
    world.finish()
    entry = world.entry("FA-1")
    assert (entry.state, entry.attachment_id == first) == (State.SENT, not forgotten)
    label = INVENTED["file_unknown"].label.format(id=first)
    assert told(world, "not_arrived")[1:] == ([label] if forgotten else [])


def test_an_attachment_of_an_earlier_try_alone() -> None:
    """The same when only an attachment was uploaded before."""
    world = dropped(("submit", Fault("not_arrived")))
    entry = world.entry("FA-1")
    world.ledger.schedule(entry.id, attachment_id=None, uploaded={"f" * 64: 7}, next_try_at=world.clock.now())
    refusal = Problem("chorus.refused", {"code": "20950", "label": "La pièce jointe 7 n'existe pas"})
    world.chorus.refusals.append(RefusedError(refusal, "20950", refusal.params["label"]))
    world.finish()
    assert world.entry("FA-1").state is State.SENT
    assert told(world, "not_arrived")[1:] == ["La pièce jointe 7 n'existe pas"]


def test_nothing_is_attached_to_what_does_not_leave() -> None:
    """Where Chorus Pro's analysis stops the invoice, its attachments are not even uploaded."""
    world = World()
    world.chorus.analysis = Analysis(number="XX-9")
    world.folders.drop(FILE.replace(".pdf", "_PJ1.png"), b"a note")
    world.folders.drop(FILE, pdf("one"))
    world.work()
    assert world.entry("FA-1").state is State.FAILED
    assert world.chorus.attached == []


def test_what_is_noted_of_an_accepted_deposit() -> None:
    """The proof, and nothing that was only of the way there."""
    entry = replace(dropped().entry("FA-1"), receipt=None, faults=3, looks=4, told="IN_RECU")
    receipt = Receipt(7, "DEPOSEE")
    assert accepted(entry, receipt, START) == {
        "receipt": receipt,
        "sent_at": START,
        "attached": (),
        "problems": (),
        "looks": 0,
        "told": "",
        "faults": 0,
        "next_try_at": None,
    }


def test_what_is_proved_absent_leaves_at_once() -> None:
    """Not at the time of the next question, without the doubt among its reasons, its faults forgotten."""
    world = dropped(("submit", Fault("doubt_lost")))
    world.ledger.schedule(world.entry("FA-1").id, negatives=2, faults=3)
    world.clock.advance(SETTLE)
    after = ask(world.parts(), world.entry("FA-1"))
    assert (after.state, after.problems, after.faults) == (State.WAITING, (), 0)
    assert after.next_try_at == world.clock.now()


def test_what_is_uploaded_anew_leaves_at_once() -> None:
    """A no about a file of an earlier try costs no pause."""
    world = dropped(("submit", Fault("not_arrived")))
    refusal = Problem("chorus.refused", {"code": "20950", "label": "La pièce jointe 7 n'existe pas"})
    world.chorus.refusals.append(RefusedError(refusal, "20950", refusal.params["label"]))
    after = send(world.parts(), world.entry("FA-1"))
    assert (after.state, after.problems, after.next_try_at) == (State.WAITING, (), world.clock.now())
