"""What recipients require, remembered for an hour at most: so that a batch to one customer asks once."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chorus_outbox.core.preflight import Recipient

MAX_AGE = 3600.0  # seconds


class Directory:
    """A cache in memory in front of Chorus Pro's directory.

    Args:
        ask: Looks a recipient up; it raises ``errors.RemoteError``, which is never remembered.
        monotonic: Clock in seconds.

    """

    def __init__(self, ask: Callable[[str, str | None], Recipient | None], monotonic: Callable[[], float]) -> None:
        self._ask = ask
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str | None], tuple[float, Recipient | None]] = {}

    def recipient(self, siret: str, service: str | None) -> Recipient | None:
        """Return a recipient with its rules, services and the given service's own rule; None when unknown."""
        now = self._monotonic()
        with self._lock:
            known = self._known.get((siret, service))
        if known and now - known[0] < MAX_AGE and known[1] is not None:
            return known[1]  # an unknown recipient is asked for every time: it may have been created meanwhile
        answer = self._ask(siret, service)
        with self._lock:
            self._known[siret, service] = (now, answer)
        return answer

    def forget(self, siret: str) -> None:
        """Ask anew the next time."""
        with self._lock:
            for key in [k for k in self._known if k[0] == siret]:
                del self._known[key]
