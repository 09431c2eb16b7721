"""How long the technical account's password lasts, and what a refusal of the account then means."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chorus_outbox.core.account import explained, password_problem
from chorus_outbox.core.problem import Problem

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (None, None),
        (424, None),
        (31, None),
        (30, "password.soon"),
        (8, "password.soon"),
        (7, "password.urgent"),
        (0, "password.urgent"),
        (-1, "outage.password_expired"),
    ],
)
def test_the_countdown(days: int | None, code: str | None) -> None:
    """A warning from thirty days on, an urgent one from seven; the last day still counts as good."""
    ends = None if days is None else TODAY + timedelta(days=days)
    problem = password_problem(ends, TODAY)
    assert (problem.code if problem else None) == code
    if problem and days is not None and days >= 0:
        assert problem.params["days"] == str(days)


@pytest.mark.parametrize(
    ("days", "code"),
    [(None, "outage.technical_account"), (0, "outage.technical_account"), (-1, "outage.password_expired")],
)
def test_a_refusal_is_explained_by_a_password_that_has_ended(days: int | None, code: str) -> None:
    """As long as it lasts, or nobody knows, a refusal is just a refusal."""
    ends = None if days is None else TODAY + timedelta(days=days)
    assert explained(Problem("outage.technical_account", {"detail": "401"}), ends, TODAY).code == code
