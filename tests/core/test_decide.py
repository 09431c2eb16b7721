"""What is done next with an invoice: pauses, holding a file back, and above all what a search proves after a doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chorus_outbox.core.decide import (
    DRAFTS,
    PARIS,
    SEARCHES_TO_PROVE_ABSENT,
    TRIES_AFTER_DOUBT,
    Adopt,
    AskAgain,
    Found,
    Hold,
    Policy,
    Refuse,
    SendAgain,
    Step,
    Take,
    after_search,
    deposited_since,
    differences,
    next_step,
    on_reading,
    pause,
)
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import OPEN, State
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.refusals import speaks_of_a_double

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
POLICY = Policy(sidecar_wait=120, incomplete_wait=900, settle=60, resend=True)
NEVER = replace(POLICY, resend=False)
ENTRY = Entry(
    *(1, "a.pdf", "a.pdf", State.IN_DOUBT, "processing", NOW, NOW),
    supplier="73282932000074",
    siret="22220001600434",
    number="FA-1",
    date=date(2026, 11, 20),
    gross=Decimal("120.00"),
    begun_at=NOW,
    doubts=1,
)
OURS = Found(81, "FA-1", "DEPOSEE", "22220001600434", "2026-11-20", "2026-11-23", Decimal("120.00"), "73282932000074")
LACK = Problem("engagement.required", {"name": "X"})
STOP = Problem("siret.checksum", {"value": "1"})
NOTE = Problem("sidecar.empty")
CUT = Problem("file.truncated")


# --- steps and pauses ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", State, ids=lambda s: s.value)
def test_each_open_state_has_its_step(state: State) -> None:
    """Ready and waiting are sent, a doubt or a flow is asked about, a decided one is filed; nothing else is done."""
    steps = {
        State.READY: Step.SEND,
        State.WAITING: Step.SEND,
        State.IN_DOUBT: Step.ASK,
        State.INTEGRATING: Step.ASK,
        State.ACCEPTED: Step.FILE,
        State.REFUSED: Step.FILE,
    }
    assert next_step(replace(ENTRY, state=state)) is steps.get(state, Step.NOTHING)
    assert (next_step(replace(ENTRY, state=state)) is Step.NOTHING) == (state not in OPEN - {State.SENDING})


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_pauses_are_bounded(tries: int, jitter: float) -> None:
    """Between 5 seconds and an hour, whatever chance says."""
    assert 5 <= pause(tries, jitter) <= 3600
    assert pause(tries, jitter) <= pause(tries + 1, 0.999) + 5


# --- a file that was read ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problems", "waited", "sidecar", "expected"),
    [
        pytest.param((), 0, False, Take, id="nothing against it"),
        pytest.param((NOTE,), 0, False, Take, id="a note stops nothing"),
        pytest.param((LACK,), 0, False, Hold, id="lacks something"),
        pytest.param((LACK, NOTE), 119, False, Hold, id="lacks something, nearly waited out"),
        pytest.param((LACK,), 120, False, Refuse, id="lacks something for too long"),
        pytest.param((LACK,), 0, True, Refuse, id="lacks something, its sidecar is there"),
        pytest.param((LACK, STOP), 0, False, Refuse, id="a sidecar would not help"),
        pytest.param((STOP,), 0, False, Refuse, id="wrong"),
        pytest.param((CUT,), 0, True, Hold, id="cut"),
        pytest.param((CUT,), 899, False, Hold, id="cut, nearly waited out"),
        pytest.param((CUT,), 900, False, Refuse, id="cut for too long"),
        pytest.param((Problem("file.empty"),), 5, False, Hold, id="empty"),
    ],
)
def test_on_reading(problems: tuple[Problem, ...], waited: float, sidecar: bool, expected: type) -> None:
    """What lacks something waits for its sidecar, what is cut for its end; all else is decided at once."""
    verdict = on_reading(problems, NOW, NOW + timedelta(seconds=waited), sidecar=sidecar, policy=POLICY)
    assert isinstance(verdict, expected)
    if isinstance(verdict, Refuse):
        assert verdict.problems == problems
    if isinstance(verdict, Hold):
        assert verdict.until == NOW + timedelta(
            seconds=900 if problems[0] is not LACK and problems != (LACK, NOTE) else 120
        )


def test_a_hold_says_until_when_and_what_lacks() -> None:
    """A person can read how long the file waits, and for what."""
    verdict = on_reading((Problem("missing.field", {"field": "date"}),), NOW, NOW, sidecar=False, policy=POLICY)
    assert isinstance(verdict, Hold)
    assert dict(verdict.problem.params) == {"lacks": "date", "until": "2026-11-23T09:02:00+00:00"}


# --- after a doubt -------------------------------------------------------------------------------------------------------


def found(**changes: Any) -> Found:
    return replace(OURS, **changes)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(OURS, id="all agrees"),
        pytest.param(found(status="MISE_EN_PAIEMENT"), id="paid already"),
        pytest.param(found(siret=None, invoice_date=None, gross=None, supplier_siret=None), id="a bare row"),
        pytest.param(found(invoice_date="2026-11-20 00:00"), id="a time after the date"),
        pytest.param(found(gross=Decimal("-120.00")), id="a credit note's sign"),
        pytest.param(found(gross=Decimal(120)), id="fewer decimals"),
        pytest.param(found(deposit_date=None), id="no deposit date"),
        pytest.param(found(deposit_date="2026-11-24"), id="deposited later"),
    ],
)
def test_ours_is_adopted(row: Found) -> None:
    """What agrees in all that it says is our deposit, with its id."""
    verdict = after_search(ENTRY, [row], NOW, POLICY)
    assert isinstance(verdict, Adopt)
    assert (verdict.receipt.chorus_id, verdict.receipt.status) == (81, row.status)


@pytest.mark.parametrize(("gross", "ours"), [("120.00", True), ("100.00", True), ("99.00", False)])
def test_a_discount_may_be_taken_off_what_a_search_shows(gross: str, ours: bool) -> None:
    """The total before the discount or after it: the search does not say which it shows."""
    discounted = replace(ENTRY, fields={"remise": ("20.00", "sidecar")})
    assert isinstance(after_search(discounted, [found(gross=Decimal(gross))], NOW, POLICY), Adopt) is ours


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(found(status="INTERPRETEE_OCR"), id="a draft of the analysis"),
        pytest.param(found(status="BROUILLON"), id="a draft"),
        pytest.param(found(number="FA-10"), id="another number"),
        pytest.param(found(number="fa-1"), id="other capitals"),
        pytest.param(found(deposit_date="2026-11-22"), id="older than our attempt"),
    ],
)
def test_what_is_not_ours_counts_as_absent(row: Found) -> None:
    """Drafts were never sent, and what is older than our attempt is somebody else's."""
    assert after_search(ENTRY, [row], NOW, POLICY) == AskAgain(NOW + timedelta(seconds=60), 1)


@pytest.mark.parametrize(
    ("changes", "differs"),
    [
        pytest.param({"siret": "12345678200051"}, "siret", id="recipient"),
        pytest.param({"supplier_siret": "44012345300019"}, "fournisseur", id="supplier"),
        pytest.param({"invoice_date": "2026-11-19"}, "date", id="date"),
        pytest.param({"gross": Decimal("120.01")}, "ttc", id="total"),
        pytest.param({"gross": Decimal(0), "siret": "1"}, "siret, ttc", id="two"),
    ],
)
def test_another_invoice_with_our_number(changes: dict[str, Any], differs: str) -> None:
    """A recent invoice that differs is not adopted, nor is ours sent again: a person is told what differs."""
    verdict = after_search(ENTRY, [found(**changes)], NOW, POLICY)
    texts = {"number": "FA-1", "chorus_id": "81", "differs": differs}
    assert verdict == Refuse((Problem("chorus.other_invoice", texts),))


def test_the_day_is_a_french_one() -> None:
    """Begun at 23:30 UTC is the next day in France: a deposit of that day is not older."""
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert deposited_since(found(deposit_date="2026-11-24"), late)
    assert not deposited_since(found(deposit_date="2026-11-23"), late)


@pytest.mark.parametrize(("minute", "ours"), [(5, True), (15, False)], ids=["five past midnight", "a quarter past"])
def test_clocks_that_differ_at_midnight(minute: int, ours: bool) -> None:
    """The portal's day may still be yesterday when ours is not: a few minutes are granted, no more."""
    begun = datetime(2026, 11, 24, 0, minute, tzinfo=PARIS)
    yesterday = found(deposit_date="2026-11-23")
    assert deposited_since(yesterday, begun) is ours


def test_two_of_ours_are_for_a_person() -> None:
    """Two deposits that both agree: nobody guesses, and it is asked again at no fixed time."""
    verdict = after_search(ENTRY, [OURS, found(chorus_id=82)], NOW, POLICY)
    assert verdict == AskAgain(None, 0, Problem("doubt.several", {"number": "FA-1", "ids": "81, 82"}))


def test_ours_among_others_is_adopted() -> None:
    """A draft, an older one and ours: ours."""
    rows = [found(chorus_id=1, status="INTERPRETEE_OCR"), found(chorus_id=2, deposit_date="2025-01-01"), OURS]
    verdict = after_search(ENTRY, rows, NOW, POLICY)
    assert isinstance(verdict, Adopt)
    assert verdict.receipt.chorus_id == 81


@pytest.mark.parametrize(
    ("changes", "policy", "expected"),
    [
        pytest.param({}, POLICY, SendAgain(), id="sent again"),
        pytest.param({}, NEVER, AskAgain(None, 3, Problem("doubt.person", {"number": "FA-1"})), id="never"),
        pytest.param({"doubts": TRIES_AFTER_DOUBT}, POLICY, "chorus.not_taken", id="too many doubts"),
        pytest.param({"refusal": ("20", "non")}, POLICY, "chorus.refused", id="the last try was refused"),
        pytest.param({"refusal": ("20", "non")}, NEVER, "chorus.refused", id="refused, never"),
    ],
)
def test_absent_for_the_third_time(changes: dict[str, Any], policy: Policy, expected: object) -> None:
    """Three complete searches prove it absent: what follows depends on the tries so far and the policy."""
    verdict = after_search(replace(ENTRY, negatives=2, **changes), [], NOW, policy)
    assert (verdict.problems[0].code if isinstance(verdict, Refuse) else verdict) == expected


def test_a_refused_double_quotes_the_older_deposit() -> None:
    """Refused after a doubt, and only an older deposit has the number: that one is quoted."""
    older = found(chorus_id=7, deposit_date="2026-01-05")
    verdict = after_search(replace(ENTRY, negatives=2, refusal=("20999", "déjà")), [older], NOW, POLICY)
    assert isinstance(verdict, Refuse)
    assert (verdict.problems[0].code, verdict.problems[0].params["chorus_id"]) == ("duplicate.portal", "7")


STATUSES = st.sampled_from(["DEPOSEE", "REJETEE", "INCONNU", *sorted(DRAFTS)])
DAYS = st.none() | st.sampled_from(["2026-11-19", "2026-11-20", "2026-11-22", "2026-11-23", "2026-11-24", "?"])
ROWS = st.lists(
    st.builds(
        Found,
        st.integers(1, 99),
        st.sampled_from(["FA-1", "FA-2"]),
        STATUSES,
        st.none() | st.sampled_from(["22220001600434", "12345678200051"]),
        DAYS,
        DAYS,
        st.none() | st.sampled_from([Decimal("120.00"), Decimal("-120.00"), Decimal(1)]),
        st.none() | st.sampled_from(["73282932000074", "44012345300019"]),
    ),
    max_size=5,
)
ENTRIES = st.builds(
    lambda negatives, doubts, refusal: replace(ENTRY, negatives=negatives, doubts=doubts, refusal=refusal),
    st.integers(0, 5),
    st.integers(1, 4),
    st.none() | st.just(("20999", "déjà")),
)


@given(ENTRIES, ROWS, st.booleans())
def test_only_ours_is_ever_adopted(entry: Entry, rows: list[Found], resend: bool) -> None:
    """Whatever the search gives: no draft, no older, no different and no other number is taken for ours."""
    verdict = after_search(entry, rows, NOW, replace(POLICY, resend=resend))
    if isinstance(verdict, Adopt):
        row = next(r for r in rows if r.chorus_id == verdict.receipt.chorus_id and r.number == "FA-1")
        chosen = [
            r
            for r in rows
            if r.number == "FA-1"
            and r.status not in DRAFTS
            and deposited_since(r, entry.begun_at)
            and not differences(r, entry)
        ]
        assert [c.chorus_id for c in chosen] == [row.chorus_id]


@given(ENTRIES, ROWS, st.booleans())
def test_sent_again_only_after_enough_proof(entry: Entry, rows: list[Found], resend: bool) -> None:
    """Never before the third complete search, never when so configured, never while something recent has the number."""
    if isinstance(after_search(entry, rows, NOW, replace(POLICY, resend=resend)), SendAgain):
        assert resend
        assert entry.negatives + 1 >= SEARCHES_TO_PROVE_ABSENT
        assert entry.doubts < TRIES_AFTER_DOUBT
        assert entry.refusal is None
        assert not any(
            r.number == "FA-1" and r.status not in DRAFTS and deposited_since(r, entry.begun_at) for r in rows
        )


@given(ENTRIES, ROWS)
def test_a_next_question_is_never_too_early(entry: Entry, rows: list[Found]) -> None:
    """Searches that are to prove something are spaced by the settling time."""
    verdict = after_search(entry, rows, NOW, POLICY)
    if isinstance(verdict, AskAgain) and verdict.at is not None:
        assert verdict.at == NOW + timedelta(seconds=POLICY.settle)
        assert verdict.negatives == entry.negatives + 1


@pytest.mark.parametrize(
    ("label", "double"),
    [
        ("Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure", True),
        ("DEJA DEPOSEE", True),
        ("Doublon détecté", True),
        ("duplicate invoice", True),
        ("Le montant TTC n'est pas la somme", False),
        ("", False),
    ],
)
def test_words_of_a_double(label: str, double: bool) -> None:
    """AIFE's words, with or without accents."""
    assert speaks_of_a_double(label) is double
