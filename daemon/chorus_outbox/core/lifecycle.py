"""The life of an invoice, as one table: which event leads from which state to which.

An impossible event raises and changes nothing. This module decides nothing about when events happen (``decide.py``)
and knows no disk (``edge/ledger``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class State(Enum):
    """Where an invoice stands. The values are the words of ``status``."""

    SEEN = "seen"  # in the outbox: noticed, not yet taken (its reason says what it waits for)
    WITHDRAWN = "withdrawn"  # taken out of the outbox by a person before it was sent
    READY = "ready"  # understood and checked, private copy on disk, number reserved
    WAITING = "waiting"  # certainly not arrived; next try noted
    SENDING = "sending"  # intent on disk: the deposit may be on its way
    IN_DOUBT = "in_doubt"  # may have arrived: asked about, never blindly sent again
    INTEGRATING = "integrating"  # taken as a flow (Factur-X): the report that makes it an invoice, or not, is awaited
    ACCEPTED = "accepted"  # receipt on disk; file not yet in sent/
    SENT = "sent"
    PAID = "paid"  # the last that its recipient ever says
    REFUSED = "refused"  # reasons on disk; file not yet in failed/
    FAILED = "failed"


class Event(Enum):
    """What can happen to an invoice."""

    HELD = "held"  # it stays in the outbox, for a reason
    VANISHED = "vanished"  # a person took its file away before it was sent
    UNDERSTOOD = "understood"
    BEGUN = "begun"  # the intent: synced before the first byte leaves
    NOT_ARRIVED = "not_arrived"
    DOUBTED = "doubted"
    ASKED = "asked"  # Chorus Pro was asked and the doubt remains
    PROVED_ABSENT = "proved_absent"  # complete searches, spaced, found nothing
    TAKEN = "taken"  # as a flow: Chorus Pro has the file, not yet the invoice
    ACCEPTED = "accepted"
    REFUSED = "refused"
    MOVING = "moving"  # its files are about to be moved, to the noted place
    FILED = "filed"  # the file is where its state says
    HURRIED = "hurried"  # a person asks for the next try now
    FORGOTTEN = "forgotten"  # a person takes it out of the lists
    RETURNED = "returned"  # a person dropped it again after correction
    ABANDONED = "abandoned"  # a person took the correction of an invoice that had come back out of the outbox
    STATUS = "status"  # Chorus Pro gives it another status
    CAME_BACK = "came_back"  # the recipient sent it back: a person must act
    RESUMED = "resumed"  # what had come back goes on at Chorus Pro (corrected by hand on the portal)
    ACKNOWLEDGED = "acknowledged"  # a person says that a rejection is dealt with
    PAID = "paid"


TABLE: Mapping[tuple[State, Event], State] = {
    (State.SEEN, Event.HELD): State.SEEN,
    (State.SEEN, Event.VANISHED): State.WITHDRAWN,
    (State.SEEN, Event.UNDERSTOOD): State.READY,
    (State.SEEN, Event.REFUSED): State.REFUSED,
    (State.WITHDRAWN, Event.RETURNED): State.SEEN,
    (State.READY, Event.BEGUN): State.SENDING,
    (State.READY, Event.DOUBTED): State.IN_DOUBT,  # the ledger has forgotten: it may have been sent before
    (State.READY, Event.NOT_ARRIVED): State.WAITING,
    (State.READY, Event.REFUSED): State.REFUSED,
    (State.READY, Event.VANISHED): State.WITHDRAWN,
    (State.WAITING, Event.BEGUN): State.SENDING,
    (State.WAITING, Event.DOUBTED): State.IN_DOUBT,  # same
    (State.WAITING, Event.NOT_ARRIVED): State.WAITING,
    (State.WAITING, Event.REFUSED): State.REFUSED,
    (State.WAITING, Event.VANISHED): State.WITHDRAWN,
    (State.SENDING, Event.ACCEPTED): State.ACCEPTED,
    (State.SENDING, Event.REFUSED): State.REFUSED,
    (State.SENDING, Event.NOT_ARRIVED): State.WAITING,
    (State.SENDING, Event.DOUBTED): State.IN_DOUBT,
    (State.WAITING, Event.HURRIED): State.WAITING,
    (State.IN_DOUBT, Event.HURRIED): State.IN_DOUBT,
    (State.FAILED, Event.FORGOTTEN): State.WITHDRAWN,
    (State.IN_DOUBT, Event.ASKED): State.IN_DOUBT,
    (State.IN_DOUBT, Event.ACCEPTED): State.ACCEPTED,
    (State.IN_DOUBT, Event.REFUSED): State.REFUSED,
    (State.IN_DOUBT, Event.PROVED_ABSENT): State.WAITING,
    (State.READY, Event.MOVING): State.READY,
    (State.WAITING, Event.MOVING): State.WAITING,
    (State.ACCEPTED, Event.MOVING): State.ACCEPTED,
    (State.REFUSED, Event.MOVING): State.REFUSED,
    (State.ACCEPTED, Event.FILED): State.SENT,
    (State.REFUSED, Event.FILED): State.FAILED,
    (State.FAILED, Event.RETURNED): State.SEEN,
    (State.SENDING, Event.TAKEN): State.INTEGRATING,
    (State.INTEGRATING, Event.ASKED): State.INTEGRATING,
    (State.INTEGRATING, Event.HURRIED): State.INTEGRATING,
    (State.INTEGRATING, Event.NOT_ARRIVED): State.WAITING,  # not processed: the whole flow must be sent again
    (State.INTEGRATING, Event.ACCEPTED): State.ACCEPTED,
    (State.INTEGRATING, Event.REFUSED): State.REFUSED,
    (State.SENT, Event.STATUS): State.SENT,
    (State.SENT, Event.PAID): State.PAID,
    (State.SENT, Event.CAME_BACK): State.REFUSED,
    (State.FAILED, Event.STATUS): State.FAILED,
    (State.FAILED, Event.RESUMED): State.ACCEPTED,
    (State.FAILED, Event.ACKNOWLEDGED): State.WITHDRAWN,
    (State.SEEN, Event.ABANDONED): State.FAILED,
    (State.READY, Event.ABANDONED): State.FAILED,
    (State.WAITING, Event.ABANDONED): State.FAILED,
}

OPEN = frozenset(
    {
        State.READY,
        State.WAITING,
        State.SENDING,
        State.IN_DOUBT,
        State.INTEGRATING,
        State.ACCEPTED,
        State.REFUSED,
    }
)
"""States in which the program still has something to do with a file that it has taken."""

DONE = (State.SENT, State.PAID)
"""States in which nothing is asked of anybody."""

HOLDS_NUMBER = frozenset(
    {
        State.READY,
        State.WAITING,
        State.SENDING,
        State.IN_DOUBT,
        State.INTEGRATING,
        State.ACCEPTED,
        State.SENT,
        State.PAID,
    }
)
"""States in which nobody else may use the invoice's number (one accepted deposit per supplier, number and year).

An invoice with a receipt holds its number in whatever state it is: what came back was deposited all the same.
"""


class ImpossibleError(Exception):
    """An event that can't happen in this state: a bug, so nothing is changed."""


def after(state: State, event: Event) -> State:
    """Return the state that follows.

    Raises:
        ImpossibleError: When the table has no such step.

    """
    try:
        return TABLE[state, event]
    except KeyError:
        raise ImpossibleError(f"{event.value} can't happen to an invoice that is {state.value}") from None
