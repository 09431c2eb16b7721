"""Figures for the administrator's monitoring: how many invoices stand where, how long things take. Pure.

What is counted from the ledger's events and what is measured elsewhere are values here; which names they get for
Prometheus is known by ``edge/metrics.py`` alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from .lifecycle import Event, State

DELIVERY = (10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 86_400.0)  # seconds from the drop to the receipt
CALL = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 120.0)  # seconds that one call takes
AGEING = (State.SEEN, State.WAITING, State.IN_DOUBT, State.INTEGRATING, State.FAILED)
"""The states in which an invoice should not grow old."""


@dataclass(frozen=True)
class Histogram:
    """How often something took how long.

    Args:
        bounds: Seconds, growing.
        counts: How many took at most so long and longer than the bound before; one more, last, for all that took longer.
        total: Seconds of all together.

    """

    bounds: tuple[float, ...]
    counts: tuple[int, ...] = ()
    total: float = 0.0

    def plus(self, seconds: float) -> Histogram:
        """Return it with one more."""
        place = bisect_left(self.bounds, seconds)
        counts = list(self.counts or (0,) * (len(self.bounds) + 1))
        counts[place] += 1
        return replace(self, counts=tuple(counts), total=self.total + seconds)


@dataclass(frozen=True)
class Step:
    """One event of the ledger: ``before`` is the state that it led from, None at an invoice's first."""

    id: int
    event: str
    before: str | None
    state: str
    at: datetime
    first_seen: datetime


@dataclass(frozen=True)
class Tally:
    """What is known of the ledger up to its event ``newest``.

    Args:
        newest: Id of the last event that is counted.
        counts: State -> invoices in it.
        accepted_at: When Chorus Pro last took an invoice, or None.
        delivery: Seconds from the drop to the receipt, of the invoices taken since the count began.

    """

    newest: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    accepted_at: datetime | None = None
    delivery: Histogram = Histogram(DELIVERY)


@dataclass(frozen=True)
class Standing:
    """What the ledger says at one moment.

    Args:
        tally: Its count.
        oldest: State -> since when the oldest invoice in it is what it is; no key where there is none.
        password_ends: The technical account's password's last day, None when that is not known.

    """

    tally: Tally
    oldest: Mapping[State, datetime]
    password_ends: date | None = None


def counted(tally: Tally, steps: Iterable[Step]) -> Tally:
    """Return a count with the ledger's next events in it."""
    counts, delivery, newest, accepted_at = dict(tally.counts), tally.delivery, tally.newest, tally.accepted_at
    for step in steps:
        newest = step.id
        if step.before is not None:
            counts[step.before] = counts.get(step.before, 0) - 1
        counts[step.state] = counts.get(step.state, 0) + 1
        if step.event == Event.ACCEPTED.value:
            accepted_at = step.at
            if step.first_seen <= step.at:  # else it was dropped again since, and this drop's time is not known
                delivery = delivery.plus((step.at - step.first_seen).total_seconds())
    return Tally(newest, counts, accepted_at, delivery)
