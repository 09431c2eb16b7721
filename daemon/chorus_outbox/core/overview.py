"""What the page shows, whole: how things are, the bands with their rows, counts, totals, and what is left out.

Rows stand in ``overview_rows.py``, sums in ``overview_totals.py``. It knows no clock and no words beyond the rows'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from .account import password_problem
from .lifecycle import State
from .outage import WELL, Health
from .overview_rows import Band, Row
from .overview_totals import Choice, Totals, months, recipients, statuses, totals
from .problem import Problem

ROWS = 5_000  # invoices on the page at most


@dataclass(frozen=True)
class Situation:
    """How things are, beside the invoices.

    Args:
        written: When all this was so (aware UTC).
        health: How Chorus Pro and PISTE are doing.
        unavailable: Why the outbox can't be looked at, or "".
        looked_at: When the outbox was last looked at (aware UTC), or None.
        ended: The program has ended.
        sandbox: Nothing is real.
        supplier: SIRET.
        password_ends: The technical account's password's last day, or None.
        today: The day in France.

    """

    written: datetime
    today: date
    supplier: str
    health: Health = WELL
    unavailable: str = ""
    looked_at: datetime | None = None
    ended: bool = False
    sandbox: bool = False
    password_ends: date | None = None

    @property
    def password(self) -> Problem | None:
        """What there is to tell of the password; None while it lasts long enough."""
        return password_problem(self.password_ends, self.today)

    @property
    def password_days(self) -> int | None:
        """How many days the password still lasts, or None."""
        return None if self.password_ends is None else (self.password_ends - self.today).days


@dataclass(frozen=True)
class Overview:
    """The whole page.

    Args:
        bands: The rows of each band, in the order of ``Band``; what changed last comes first.
        counts: How many invoices each band has, those that are not on the page included.
        left_out: How many invoices are not on the page.

    """

    situation: Situation
    bands: Mapping[Band, Sequence[Row]]
    counts: Mapping[Band, int]
    left_out: int
    statuses: Sequence[Choice]
    recipients: Sequence[Choice]
    months: Sequence[Choice]
    totals: Sequence[Totals]


def overview(situation: Situation, rows: Iterable[Row], counts: Mapping[str, int]) -> Overview:
    """Put the page together.

    Args:
        situation: How things are.
        rows: The invoices that are shown.
        counts: How many invoices the ledger has in each state.

    """
    shown = sorted(rows, key=lambda r: (r.changed, r.id), reverse=True)
    bands = {band: [r for r in shown if r.band is band] for band in Band}
    known = sum(n for state, n in counts.items() if state != State.WITHDRAWN.value)
    all_of = {Band.SENT: counts.get(State.SENT.value, 0), Band.PAID: counts.get(State.PAID.value, 0)}
    return Overview(
        situation=situation,
        bands=bands,
        counts={band: max(len(bands[band]), all_of.get(band, 0)) for band in Band},
        left_out=max(0, known - len(shown)) if len(shown) >= ROWS else 0,
        statuses=statuses(shown),
        recipients=recipients(shown),
        months=months(shown),
        totals=totals(shown),
    )
