"""How fast requests may leave: a token bucket shared by every thread. Knows nothing of what is sent."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Pace:
    """At most ``per_second`` requests a second, with a burst of one second's worth.

    Args:
        per_second: Requests a second, above zero.
        monotonic: Clock in seconds.
        sleep: Waits that many seconds (may return earlier when the daemon is told to stop).

    """

    def __init__(self, per_second: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._interval = 1 / per_second
        self._burst = max(1.0, per_second)
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = monotonic() - self._burst * self._interval

    def take(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now = self._monotonic()
            self._next = max(self._next, now - self._burst * self._interval) + self._interval
            wait = self._next - now
        if wait > 0:
            self._sleep(wait)
