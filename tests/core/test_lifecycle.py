"""The life of an invoice: its table, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from chorus_outbox.core.lifecycle import HOLDS_NUMBER, OPEN, TABLE, Event, ImpossibleError, State, after

ENDS = frozenset({State.SENT, State.PAID, State.FAILED, State.WITHDRAWN})
PAIRS = [(s, e) for s in State for e in Event]


def reachable(start: State, events: Iterable[Event] = tuple(Event)) -> set[State]:
    """Return every state that can follow, by these events."""
    found, new = {start}, {start}
    while new:
        new = {TABLE[s, e] for s in new for e in events if (s, e) in TABLE} - found
        found |= new
    return found


@pytest.mark.parametrize(("state", "event"), PAIRS, ids=[f"{s.value}-{e.value}" for s, e in PAIRS])
def test_every_pair_is_a_step_or_impossible(state: State, event: Event) -> None:
    """The table decides; what it does not hold raises, naming both."""
    if (state, event) in TABLE:
        assert after(state, event) is TABLE[state, event]
    else:
        with pytest.raises(ImpossibleError, match=f"{event.value} .* {state.value}"):
            after(state, event)


def test_every_state_can_be_reached_and_every_event_happens() -> None:
    """No state and no event is only there to be there."""
    assert reachable(State.SEEN) == set(State)
    assert {event for _, event in TABLE} == set(Event)


@pytest.mark.parametrize("state", State, ids=lambda s: s.value)
def test_an_end_can_be_reached_from_everywhere(state: State) -> None:
    """Nothing is stuck."""
    assert reachable(state) & ENDS


def test_open_are_the_states_between_taking_and_the_end() -> None:
    """The program has something to do in exactly those."""
    assert set(State) - OPEN == ENDS | {State.SEEN}


def test_nothing_is_sent_without_the_intent() -> None:
    """An invoice becomes accepted only by Chorus Pro's word on what was sent, and SENDING only by the noted intent."""
    assert {s for (s, e), to in TABLE.items() if to is State.ACCEPTED and s is not to} == {
        State.SENDING,
        State.IN_DOUBT,
        State.INTEGRATING,
        State.FAILED,  # what had come back goes on: it has its receipt
    }
    assert {e for (_, e), to in TABLE.items() if to is State.SENDING} == {Event.BEGUN}
    assert State.SENDING not in reachable(State.SEEN, set(Event) - {Event.BEGUN})


def test_a_doubt_is_left_only_by_what_was_proved() -> None:
    """Found, refused or proved absent: nothing else sends, fails or withdraws a doubtful invoice."""
    leaving = {e for (s, e), to in TABLE.items() if s is State.IN_DOUBT and to is not s}
    assert leaving == {Event.ACCEPTED, Event.REFUSED, Event.PROVED_ABSENT}


def test_what_was_sent_stays_sent() -> None:
    """Nothing leads out of SENT but that it is paid, or that its recipient sends it back; and nothing out of PAID."""
    assert {e for (s, e), to in TABLE.items() if s is State.SENT and to is not s} == {Event.PAID, Event.CAME_BACK}
    assert reachable(State.ACCEPTED, set(Event) - {Event.CAME_BACK}) == {State.ACCEPTED, State.SENT, State.PAID}
    assert reachable(State.PAID) == {State.PAID}


def test_a_number_is_held_from_ready_until_it_fails() -> None:
    """Every state in which the deposit may be there, or may still be made, holds the number."""
    taken = {State.READY, State.WAITING, State.SENDING, State.IN_DOUBT, State.INTEGRATING}
    assert taken | {State.ACCEPTED, State.SENT, State.PAID} == HOLDS_NUMBER


def test_only_failed_and_withdrawn_come_back() -> None:
    """A person can return what failed, or what was taken away."""
    assert {s for (s, e) in TABLE if e is Event.RETURNED} == {State.FAILED, State.WITHDRAWN}
