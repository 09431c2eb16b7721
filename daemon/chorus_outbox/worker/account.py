"""The daily look at the technical account: when its password ends, kept where others find it, and warned of in time.

Its failures are nobody's outage: what really can't be sent says so itself.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog

from chorus_outbox.core.account import URGENT_DAYS, password_problem
from chorus_outbox.core.decide import PARIS
from chorus_outbox.errors import RemoteError

log = structlog.get_logger("chorus_outbox")

EVERY = timedelta(days=1)
AFTER_FAILURE = timedelta(hours=1)


class PasswordWatch:
    """Asks at the start and once a day.

    Args:
        ask: Returns the password's last day, None when Chorus Pro does not say; raises ``errors.RemoteError``.
        keep: Notes the answer and when it came.
        now: Clock (aware UTC).
        due_at: When to ask first.

    """

    def __init__(
        self,
        ask: Callable[[], date | None],
        keep: Callable[[date | None, datetime], None],
        now: Callable[[], datetime],
        due_at: datetime,
    ) -> None:
        self._ask = ask
        self._keep = keep
        self._now = now
        self._due_at = due_at

    def due(self) -> bool:
        """Tell whether it is time to ask."""
        return self._now() >= self._due_at

    def look(self, _: object = None) -> None:
        """Ask, keep, warn."""
        try:
            ends = self._ask()
        except Exception as e:  # noqa: BLE001 - not even a bug in here may stop the invoices
            self._due_at = self._now() + AFTER_FAILURE
            log.warning("account.password", reason=e.problem.code if isinstance(e, RemoteError) else type(e).__name__)
            return
        now = self._now()
        self._due_at = now + EVERY
        self._keep(ends, now)
        warn(ends, now)


def warn(ends: date | None, now: datetime) -> None:
    """Say in the log how long the password still lasts, when that is not long."""
    today = now.astimezone(PARIS).date()
    problem = password_problem(ends, today)
    if problem is None or ends is None:
        return
    days = (ends - today).days
    say = log.error if days <= URGENT_DAYS else log.warning
    say("account.password", reason=problem.code, days=days, ends=ends.isoformat())
