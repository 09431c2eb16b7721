"""When PISTE or Chorus Pro is out of order: one value for the whole daemon, and how it changes. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .decide import pause
from .problem import Problem

FAULTS_THAT_MAKE_AN_OUTAGE = 3  # calls of so many different invoices failed, none succeeded in between


@dataclass(frozen=True)
class Health:
    """How the remote side is doing.

    Args:
        problem: Why everything waits, or None while all is well.
        since: When the outage began.
        until: Nothing is sent before; then one invoice tries first.
        tries: Failures in a row since the outage began.
        faulty: Ids of the invoices whose calls failed since the last success.

    """

    problem: Problem | None = None
    since: datetime | None = None
    until: datetime | None = None
    tries: int = 0
    faulty: AbstractSet[int] = field(default_factory=frozenset)

    @property
    def out(self) -> bool:
        """Whether an outage is going on."""
        return self.problem is not None

    def may_send(self, now: datetime) -> bool:
        """Tell whether a call may be made now."""
        return self.until is None or now >= self.until


def worse(health: Health, problem: Problem, now: datetime, retry_after: float | None, jitter: float) -> Health:
    """Return the health after a failure that concerns every invoice. ``retry_after`` in seconds, or None.

    A delay that the server names is believed the first time; if it was not enough, it only makes our own pause longer.
    """
    tries = health.tries + 1
    named = retry_after or 0.0
    seconds = named if retry_after is not None and tries == 1 else max(named, pause(tries, jitter))
    return Health(problem, health.since or now, now + timedelta(seconds=seconds), tries, health.faulty)


def after_fault(health: Health, entry_id: int, problem: Problem, now: datetime, jitter: float) -> Health:
    """Return the health after one invoice's call failed: an outage once several different ones failed in a row."""
    faulty = health.faulty | {entry_id}
    marked = Health(health.problem, health.since, health.until, health.tries, faulty)
    return worse(marked, problem, now, None, jitter) if len(faulty) >= FAULTS_THAT_MAKE_AN_OUTAGE else marked


WELL = Health()
