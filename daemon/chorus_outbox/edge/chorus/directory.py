"""What recipients require: asked of Chorus Pro at most once a day, remembered over restarts. Decides nothing by itself.

How long an answer holds, and what has changed since the last one, is known by ``core/directory``; where it is kept, by
the store. A reader (``inspect``) may show an older answer while Chorus Pro can't be asked; the daemon never uses one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from chorus_outbox.core.directory import Known, after_answer, holds, may_be_shown, news, told
from chorus_outbox.core.preflight import Recipient
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError, UnavailableError
from chorus_outbox.ports_chorus import RecipientStore


class Directory:
    """The directory of one account; safe to use from several threads.

    Args:
        ask: Looks a recipient up; it raises ``errors.RemoteError``, which is never remembered.
        now: Clock (aware UTC).
        store: Where answers are kept.
        engagement: Asks whether the State has such an engagement: number, own SIRET -> yes, no, or None.
        lenient: Use an answer of the last days when Chorus Pro can't be asked: to show it, never to send by it.

    """

    def __init__(
        self,
        ask: Callable[[str, str | None], Recipient | None],
        now: Callable[[], datetime],
        store: RecipientStore,
        engagement: Callable[[str, str], bool | None] = lambda _number, _supplier: None,
        *,
        lenient: bool = False,
    ) -> None:
        self._ask = ask
        self._now = now
        self._store = store
        self._lenient = lenient
        self._lock = threading.Lock()
        self._asking: dict[str, threading.Lock] = {}
        self._shown: dict[str, datetime] = {}  # recipients of which only an older answer could be had
        self._engagement = engagement

    def recipient(self, siret: str, service: str | None) -> Recipient | None:
        """Return a recipient with its rules, services and the given service's own rule; None when unknown."""
        known = self.known(siret, service)
        return known.recipient if known else None

    def known(self, siret: str, service: str | None) -> Known | None:
        """Return the same with its age. An unknown recipient is asked for every time: it may be created meanwhile."""
        with self._turn(siret):  # so that a batch to one customer asks once
            known, now = self._store.recall(siret), self._now()
            if known and holds(known, service, now):
                return known
            try:
                answer = self._ask(siret, service)
            except (UnavailableError, FaultyError):
                if not (self._lenient and known and may_be_shown(known, now)):
                    raise
                self._shown[siret] = known.asked_at
                return known
            if answer is None:
                return None
            after = after_answer(known, answer, now)
            self._store.remember(siret, after)
            return after

    def shown_from(self, siret: str) -> datetime | None:
        """Return when a lenient directory's answer was true, if Chorus Pro could not be asked; else None."""
        return self._shown.get(siret)

    def news(self, siret: str) -> Problem | None:
        """Return what people have not been told yet of a recipient that changed, or None."""
        known = self._store.recall(siret)
        return news(known) if known else None

    def told(self, siret: str) -> None:
        """Note that people were told."""
        with self._turn(siret):
            if (known := self._store.recall(siret)) and known.before is not None:
                self._store.remember(siret, told(known))

    def forget(self, siret: str) -> None:
        """Ask anew the next time. What was known is kept, so that what has changed can be told."""
        with self._turn(siret):
            if (known := self._store.recall(siret)) and not known.stale:
                self._store.remember(siret, replace(known, stale=True))

    def engagement_known(self, number: str, supplier: str) -> bool | None:
        """Tell whether the State knows an engagement to that supplier; None when nobody can say."""
        return self._engagement(number, supplier)

    def _turn(self, siret: str) -> threading.Lock:
        with self._lock:
            return self._asking.setdefault(siret, threading.Lock())
