"""Decisions at their edges: what mutants found that the other tests had left open (outages and witnesses too)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from chorus_outbox.core.decide import (
    DRAFTS,
    SEARCHES_TO_PROVE_ABSENT,
    TRIES_AFTER_DOUBT,
    Adopt,
    AskAgain,
    Found,
    Hold,
    Policy,
    Refuse,
    after_search,
    already_deposited,
    deposited_since,
    on_reading,
    pause,
)
from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.identity import Witness, decode
from chorus_outbox.core.lifecycle import TABLE, Event, ImpossibleError, State, after
from chorus_outbox.core.outage import FAULTS_THAT_MAKE_AN_OUTAGE, WELL, Health, after_fault, worse
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.refusals import TOO_BIG, speaks_of_a_double, speaks_of_a_file

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POLICY = Policy(sidecar_wait=120, incomplete_wait=900, settle=60, resend=True)
ENTRY = Entry(
    *(1, "a.pdf", "a.pdf", State.IN_DOUBT, "processing", NOW, NOW),
    supplier="73282932000074",
    siret="22220001600434",
    number="FA-1",
    date=date(2026, 11, 20),
    gross=Decimal("120.00"),
    begun_at=NOW,
    doubts=1,
    negatives=2,
)
OLDER = Found(7, "FA-1", "REJETEE", None, None, "2026-01-05", None)
assert OLDER.flow is None  # what a row does not say is None, not some other nothing
DOWN = Problem("outage.maintenance", {"status": "503"})


# --- numbers that are promised somewhere ---------------------------------------------------------------------------------


def test_the_numbers_that_other_pages_name() -> None:
    """Three searches prove absence, three doubts are enough, and these two states of the portal were never sent."""
    assert (SEARCHES_TO_PROVE_ABSENT, TRIES_AFTER_DOUBT) == (3, 3)
    assert frozenset({"INTERPRETEE_OCR", "BROUILLON"}) == DRAFTS
    assert (TOO_BIG, FAULTS_THAT_MAKE_AN_OUTAGE) == ("HTTP 413", 3)


def test_what_is_not_said_is_nothing() -> None:
    """What a search, a question, a healthy remote side and an unowned ledger leave open."""
    assert Found(1, "F", "S", None, None, None, None).supplier_siret is None
    assert AskAgain(None, 1).problem is None
    assert Health() == Health(None, None, None, 0, frozenset())
    assert Witness("a", 1).owner == ""


@pytest.mark.parametrize(
    ("tries", "jitter", "seconds"),
    [(1, 0.9, 5), (2, 0, 7.5), (2, 0.5, 11.25), (3, 0, 22.5), (6, 0, 607.5), (7, 0, 1800), (30, 0.5, 2700)],
)
def test_pauses_to_the_second(tries: int, jitter: float, seconds: float) -> None:
    """Five seconds, then three times as long each time up to an hour, of which chance takes at most half."""
    assert pause(tries, jitter) == seconds


# --- what a person is told -----------------------------------------------------------------------------------------------


def test_a_cut_file_says_until_when_it_waits() -> None:
    """The time, to the second."""
    verdict = on_reading((Problem("file.truncated"),), NOW, NOW, sidecar=False, policy=POLICY)
    until = NOW + timedelta(seconds=900)
    assert verdict == Hold(Problem("wait.incomplete", {"until": "2026-11-23T09:15:00+00:00"}), until)


def test_all_that_lacks_is_named() -> None:
    """Fields by name, other lacks by their code, notes not at all."""
    problems = (Problem("missing.field", {"field": "date"}), Problem("sidecar.empty"), Problem("sidecar.required"))
    verdict = on_reading(problems, NOW, NOW, sidecar=False, policy=POLICY)
    assert isinstance(verdict, Hold)
    assert verdict.problem.params["lacks"] == "date, sidecar.required"


@pytest.mark.parametrize(("when", "shown"), [("2026-01-05", "2026-01-05"), (None, "?"), ("", "?")])
def test_the_first_deposit_is_quoted(when: str | None, shown: str) -> None:
    """Its number, id, status and day."""
    texts = {"number": "FA-1", "chorus_id": "7", "status": "REJETEE", "when": shown}
    assert already_deposited(replace(OLDER, deposit_date=when)) == Problem("duplicate.portal", texts)


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        pytest.param(
            replace(ENTRY, refusal=("20", "non")),
            Problem("chorus.refused", {"code": "20", "label": "non"}),
            id="refused",
        ),
        pytest.param(
            replace(ENTRY, refusal=(TOO_BIG, "")),
            Problem("chorus.too_big", {"code": TOO_BIG, "label": ""}),
            id="too big",
        ),
        pytest.param(
            replace(ENTRY, doubts=3), Problem("chorus.not_taken", {"tries": "3", "detail": ""}), id="too many doubts"
        ),
    ],
)
def test_why_it_fails_after_three_searches(entry: Entry, problem: Problem) -> None:
    """Chorus Pro's own words, or how often it was tried."""
    assert after_search(entry, [], NOW, POLICY) == Refuse((problem,))


@pytest.mark.parametrize(("when", "shown"), [("2026-11-23", "2026-11-23"), (None, "")])
def test_what_is_adopted_becomes_the_receipt(when: str | None, shown: str) -> None:
    """Id, status, day and number as the search gives them; it knows no certificate."""
    row = Found(81, "FA-1", "DEPOSEE", None, None, when, None)
    assert after_search(ENTRY, [row], NOW, POLICY) == Adopt(Receipt(81, "DEPOSEE", shown, "", "FA-1"))


@pytest.mark.parametrize("when", ["2026-11-21", "2026-11-21T23:59:59", "2026-11-21 10:00"])
def test_a_deposit_before_our_attempt_is_not_ours(when: str) -> None:
    """Whatever follows the day of its deposit."""
    row = Found(81, "FA-1", "DEPOSEE", None, None, when, None)
    assert not deposited_since(row, NOW)


def test_words_of_a_double_in_english() -> None:
    """``already`` as well."""
    assert speaks_of_a_double("This number was ALREADY used")


# --- outages -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [0, 2, 600])
def test_the_first_named_delay_is_taken_as_it_is(named: float) -> None:
    """Shorter or longer than our own pause; none at all means at once."""
    assert worse(WELL, DOWN, NOW, named, 0.5).until == NOW + timedelta(seconds=named)


def test_a_single_fault_changes_nothing_about_an_outage() -> None:
    """One invoice's own failure during an outage is counted, and the outage stays as it was."""
    going_on = Health(DOWN, NOW, NOW + timedelta(hours=1), 4, frozenset({1}))
    other = Problem("outage.quota", {"seconds": "5"})
    assert after_fault(going_on, 2, other, NOW, 0.5) == replace(going_on, faulty=frozenset({1, 2}))


# --- witnesses and the table ---------------------------------------------------------------------------------------------


def test_a_witness_of_an_older_version_has_no_owner() -> None:
    """A marker that names no owner is read all the same."""
    assert decode(b'{"instance": "a", "generation": "7"}') == Witness("a", 7, "")


STEPS = """
seen: held seen, vanished withdrawn, understood ready, refused refused
withdrawn: returned seen
ready: begun sending, doubted in_doubt, not_arrived waiting, refused refused, vanished withdrawn, moving ready
waiting: begun sending, doubted in_doubt, not_arrived waiting, refused refused, vanished withdrawn, hurried waiting
waiting: moving waiting
sending: accepted accepted, refused refused, not_arrived waiting, doubted in_doubt
in_doubt: hurried in_doubt, asked in_doubt, accepted accepted, refused refused, proved_absent waiting
accepted: moving accepted, filed sent
refused: moving refused, filed failed
failed: forgotten withdrawn, returned seen, status failed, resumed accepted, acknowledged withdrawn
sending: taken integrating
integrating: asked integrating, hurried integrating, not_arrived waiting, accepted accepted, refused refused
sent: status sent, paid paid, came_back refused
seen: abandoned failed
ready: abandoned failed
waiting: abandoned failed
"""


def test_the_table_is_this_one() -> None:
    """Written a second time, and independently: a step that is added, lost or bent must be meant."""
    lines = [line.partition(":") for line in STEPS.split("\n") if line]
    steps = {(state, *step.split()) for state, _, steps in lines for step in steps.split(",")}
    assert {(s.value, e.value, t.value) for (s, e), t in TABLE.items()} == steps


def test_an_impossible_event_says_what_and_where() -> None:
    """For whoever reads the log of a bug."""
    with pytest.raises(ImpossibleError, match=r"^begun can't happen to an invoice that is sent$"):
        after(State.SENT, Event.BEGUN)


# --- attachments ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "told"),
    [
        ("La pièce jointe 7 n'existe pas", True),
        ("PIECE JOINTE inconnue", True),
        ("Le fichier 7 est inconnu", True),
        ("La pièce jointe 7 est déjà utilisée", False),
        ("Le code service est inconnu", False),
        ("Vous avez déjà déposé une demande de paiement", False),
        ("", False),
    ],
)
def test_a_refusal_that_is_about_an_uploaded_file(label: str, told: bool) -> None:
    """Then the files are uploaded anew; not when it was used already, perhaps by a deposit of ours."""
    assert speaks_of_a_file(label) is told


def test_what_is_announced_is_waited_for_by_name() -> None:
    """Every missing attachment is named, and until when it is waited for."""
    missing = tuple(Problem("attachment.missing", {"name": name}) for name in ("a.pdf", "b.jpg"))
    held = on_reading(missing, NOW, NOW, sidecar=True, policy=POLICY)
    assert isinstance(held, Hold)
    until = (NOW + timedelta(seconds=120)).isoformat(timespec="seconds")
    assert held.problem == Problem("wait.attachment", {"names": "a.pdf, b.jpg", "until": until})
