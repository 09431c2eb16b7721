"""What every port in memory shares: a clock set by hand, faults on demand, and a plug that can be pulled at any effect."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

Kind = TypeVar("Kind")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Crash(BaseException):
    """The plug was pulled: nothing of the program runs after it, what was done stays done."""


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._now = start

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return (self._now - self._start).total_seconds() + 1000

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@dataclass
class Effects:
    """Counts the effects of all ports; pulls the plug before or after the chosen one; lets invariants be checked.

    Args:
        crash_at: The number (from 1) of the effect at which the plug is pulled, or None.
        before: Pull it before the effect happens, rather than after.

    """

    crash_at: int | None = None
    before: bool = True
    count: int = 0
    hit: bool = False
    watchers: list[Callable[[str], None]] = field(default_factory=list)

    @contextmanager
    def one(self, what: str) -> Iterator[None]:
        """Surround one effect on the world."""
        self.count += 1
        crash = self.count == self.crash_at
        if crash and self.before:
            self._pull(what)
        yield
        for watch in self.watchers:
            watch(what)
        if crash:
            self._pull(what)

    def _pull(self, what: str) -> None:
        self.hit = True
        self.crash_at = None
        raise Crash(what)


class Faults(Generic[Kind]):
    """What is to go wrong in the next calls, by the call's name; first come, first served."""

    def __init__(self) -> None:
        self._planned: dict[str, deque[Kind]] = {}

    def plan(self, call: str, *kinds: Kind) -> None:
        self._planned.setdefault(call, deque()).extend(kinds)

    def take(self, call: str) -> Kind | None:
        waiting = self._planned.get(call)
        return waiting.popleft() if waiting else None

    def clear(self) -> None:
        self._planned.clear()
