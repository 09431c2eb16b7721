"""The state of the technical account in words: how long its password still lasts. Knows no clock.

A password of Chorus Pro lasts 424 days (api.md 1.5); only the structure's principal manager can renew it.
"""

from __future__ import annotations

from datetime import date

from .problem import Problem

WARN_DAYS = 30  # before the password ends
URGENT_DAYS = 7


def password_problem(ends: date | None, today: date) -> Problem | None:
    """Say what there is to tell of a password that ends on that day; None while it lasts long enough.

    Its last day counts as good: whether Chorus Pro takes it then is not documented.
    """
    if ends is None:
        return None
    days = (ends - today).days
    texts = {"days": str(days), "when": ends.isoformat()}
    if days < 0:
        return Problem("outage.password_expired", {"when": ends.isoformat()})
    if days <= URGENT_DAYS:
        return Problem("password.urgent", texts)
    return Problem("password.soon", texts) if days <= WARN_DAYS else None


def explained(problem: Problem, ends: date | None, today: date) -> Problem:
    """Return why the technical account is refused, as far as known: its password has ended, or just the refusal."""
    expired = ends is not None and ends < today
    return password_problem(ends, today) or problem if expired else problem
