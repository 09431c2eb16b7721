"""What Chorus Pro tells after a deposit: what a status means, what is new in a history, and when to ask again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.followup import (
    DAY,
    OLD,
    RETURNED,
    History,
    Passage,
    Schedule,
    as_detail,
    fresh,
    is_followed,
    is_slow,
    latest,
    next_look,
    of_detail,
    outcome,
    passage_of,
    returned,
)
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.problem import CODES

SCHEDULE = Schedule(300, 3600)
DEPOSITED, ROUTED, THERE = (
    Passage("DEPOSEE", "10:00"),
    Passage("EN_COURS_ACHEMINEMENT", "10:05"),
    Passage("MISE", "10:10"),
)
BACK = Passage("A_RECYCLER", "10:20", "service")


@pytest.mark.parametrize(
    ("looks", "since", "slow", "seconds"),
    [
        pytest.param(0, 0, False, 300, id="first"),
        pytest.param(1, 300, False, 600, id="doubles"),
        pytest.param(3, 2100, False, 2400, id="still below every"),
        pytest.param(4, 4500, False, 3600, id="every"),
        pytest.param(5000, OLD - 1, False, 3600, id="young, whatever the count"),
        pytest.param(60, OLD, False, DAY, id="two days without a change"),
        pytest.param(0, 0, True, DAY, id="nothing is to be expected soon"),
    ],
)
def test_the_schedule_widens(looks: int, since: float, slow: bool, seconds: float) -> None:
    """From first to every by doubling, then daily."""
    assert next_look(looks, since, SCHEDULE, 0.0, slow=slow) == seconds


@given(
    looks=st.integers(0, 10**6),
    since=st.floats(0, 1e9),
    first=st.floats(1, 1e5),
    more=st.floats(1, 7),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_a_look_is_never_too_soon(looks: int, since: float, first: float, more: float, jitter: float) -> None:
    """Never before the first pause; spread by a tenth at most; daily looks never sooner than every_seconds."""
    schedule = Schedule(first, first * more)
    seconds = next_look(looks, since, schedule, jitter)
    assert first <= seconds <= max(DAY, schedule.every) * 1.1
    if since >= OLD:
        assert seconds >= max(DAY, schedule.every)


@pytest.mark.parametrize(
    ("state", "status", "silent", "event"),
    [
        *(pytest.param(State.SENT, status, False, Event.CAME_BACK, id=status) for status in RETURNED),
        pytest.param(State.SENT, "MISE_EN_PAIEMENT", False, Event.PAID, id="paid"),
        pytest.param(State.SENT, "COMPTABILISEE", True, Event.PAID, id="booked, silent"),
        pytest.param(State.SENT, "MANDATEE", True, Event.PAID, id="ordered, silent"),
        pytest.param(State.SENT, "COMPTABILISEE", False, None, id="booked"),
        pytest.param(State.SENT, "MISE_A_DISPOSITION", True, None, id="available, silent"),
        pytest.param(State.SENT, "ABANDONNEE", False, None, id="abandoned"),
        pytest.param(State.SENT, "NEVER_SEEN", False, None, id="unknown"),
        pytest.param(State.FAILED, "A_RECYCLER", False, None, id="still to be recycled"),
        pytest.param(State.FAILED, "REJETEE", False, None, id="suspended, then rejected"),
        pytest.param(State.FAILED, "ABANDONNEE", False, None, id="came back and was abandoned"),
        pytest.param(State.FAILED, "DEPOSEE", False, Event.RESUMED, id="corrected on the portal"),
        pytest.param(State.FAILED, "MISE_EN_PAIEMENT", False, Event.RESUMED, id="corrected and paid"),
    ],
)
def test_what_a_status_makes_of_an_invoice(state: State, status: str, silent: bool, event: Event | None) -> None:
    """Only the recipient's clear word moves an invoice."""
    assert outcome(state, status, silent=silent) is event


@pytest.mark.parametrize(
    ("state", "status", "followed", "slow"),
    [
        pytest.param(State.SENT, "DEPOSEE", True, False, id="sent"),
        pytest.param(State.SENT, "COMPTABILISEE", True, True, id="booked"),
        pytest.param(State.SENT, "SUPPRIMEE", False, False, id="deleted"),
        pytest.param(State.FAILED, "A_RECYCLER", True, True, id="waits for a person"),
        pytest.param(State.FAILED, "MISE_A_DISPOSITION", True, False, id="moved on"),
        pytest.param(State.FAILED, "REJETEE", False, True, id="rejected"),
        pytest.param(State.PAID, "MISE_EN_PAIEMENT", False, False, id="paid"),
        pytest.param(State.SEEN, "A_RECYCLER", False, False, id="dropped again"),
    ],
)
def test_what_is_followed(state: State, status: str, followed: bool, slow: bool) -> None:
    """Until there is nothing more to be told; daily where nothing is to be expected soon."""
    assert (is_followed(state, status), is_slow(state, status)) == (followed, slow)


@pytest.mark.parametrize(
    ("passages", "status", "noted", "known", "new"),
    [
        pytest.param((DEPOSITED,), "DEPOSEE", (), "DEPOSEE", (), id="nothing yet"),
        pytest.param((DEPOSITED, ROUTED, THERE), "MISE", (), "DEPOSEE", (ROUTED, THERE), id="several at once"),
        pytest.param((DEPOSITED, ROUTED, THERE), "MISE", (ROUTED,), ROUTED.status, (THERE,), id="one more"),
        pytest.param((DEPOSITED, ROUTED), ROUTED.status, (ROUTED,), ROUTED.status, (), id="nothing new"),
        pytest.param((DEPOSITED, ROUTED, THERE), "MISE", (), "MISE", (), id="adopted by a search"),
        pytest.param((DEPOSITED,), "DEPOSEE", (), "", (DEPOSITED,), id="adopted by a person's word"),
        pytest.param((), "MISE", (), "DEPOSEE", (Passage("MISE"),), id="no list"),
        pytest.param((), "MISE", (Passage("MISE"),), "MISE", (), id="no list, noted"),
        pytest.param((DEPOSITED, THERE), "MISE", (Passage("MISE"),), "MISE", (), id="the list came later"),
        pytest.param((DEPOSITED,), "MISE", (), "DEPOSEE", (Passage("MISE"),), id="the list lags behind"),
        pytest.param((DEPOSITED, BACK, DEPOSITED), "DEPOSEE", (BACK,), "DEPOSEE", (), id="recycled"),
        pytest.param(
            (DEPOSITED, BACK, DEPOSITED, ROUTED), ROUTED.status, (BACK,), "DEPOSEE", (ROUTED,), id="and goes on"
        ),
        pytest.param(
            (DEPOSITED, BACK, DEPOSITED, BACK), "A_RECYCLER", (BACK,), "DEPOSEE", (BACK,), id="back again in a minute"
        ),
        pytest.param(
            (DEPOSITED, BACK, DEPOSITED, BACK),
            "A_RECYCLER",
            (BACK,),
            "A_RECYCLER",
            (DEPOSITED, BACK),
            id="there and back",
        ),
    ],
)
def test_what_is_new_in_a_history(
    passages: tuple[Passage, ...], status: str, noted: tuple[Passage, ...], known: str, new: tuple[Passage, ...]
) -> None:
    """Exactly what was not noted; what a deposit or correction answered counts as known."""
    assert fresh(History(status, passages), noted, known) == new


@given(
    st.lists(st.sampled_from(["A", "B", "C"]), max_size=8).flatmap(
        lambda statuses: st.tuples(st.just(statuses), st.lists(st.integers(1, 8), max_size=4))
    )
)
def test_looks_at_any_moments_note_each_passage_once(told: tuple[list[str], list[int]]) -> None:
    """However a history grows between the looks, all its passages are noted, each once and in order."""
    statuses, lengths = told
    all_passages = (Passage("DEPOSEE", "0"), *(Passage(status, "0") for status in statuses))
    noted: list[Passage] = []
    known = "DEPOSEE"
    for length in [*sorted(lengths), len(all_passages), len(all_passages)]:
        seen = all_passages[: max(1, min(length, len(all_passages)))]
        noted += fresh(History(seen[-1].status, seen), noted, known)
        known = seen[-1].status
    assert noted == list(all_passages[1:])


def test_the_passage_to_the_current_status() -> None:
    """The last one, with its reason; without one, the status alone."""
    assert latest(History("A_RECYCLER", (BACK, DEPOSITED, BACK))) == BACK
    assert latest(History("X", (BACK,))) == Passage("X")


@given(st.text(), st.text(), st.text(max_size=2000))
def test_a_passage_survives_the_ledger(status: str, at: str, comment: str) -> None:
    """What a recipient wrote comes back as it was."""
    passage = Passage(status, at, comment)
    assert passage_of(as_detail(passage)) == passage


@pytest.mark.parametrize("detail", ["", "3/3", "[1]", "null", "{"])
def test_another_detail_is_no_passage(detail: str) -> None:
    """Whatever stands there, nothing fails."""
    assert of_detail(detail) == {}


@pytest.mark.parametrize("status", RETURNED)
def test_what_came_back_has_its_problem(status: str) -> None:
    """Each such status has a code of its own kind, with the reason, the time and the recipient."""
    problem = returned(Passage(status, "10:00", "why"), "MAIRIE")
    assert problem.code in CODES
    assert problem.params == {"status": status, "when": "10:00", "comment": "why", "name": "MAIRIE"}
