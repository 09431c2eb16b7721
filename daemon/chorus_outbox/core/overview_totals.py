"""What the rows of the page come to: how many stand at each status, how much by recipient and by month.

Money of different currencies is never added, a credit note counts negative, and only what is deposited and stands
counts. Makes no row (``overview_rows.py``) and draws nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .overview_rows import Band, Row

MONTHS = 12  # the last ones that have something
RECIPIENTS = 10  # the biggest; the others in one line


@dataclass(frozen=True)
class Total:
    """One bar: TTC of the invoices, and the part of it that is paid. ``key`` is "" for the sum of the smaller ones."""

    key: str
    label: str
    amount: Decimal
    paid: Decimal
    count: int


@dataclass(frozen=True)
class Totals:
    """The bars of one currency, and what they come to."""

    currency: str
    all: Total
    recipients: Sequence[Total]
    months: Sequence[Total]


@dataclass(frozen=True)
class Choice:
    """Something to filter by, and how many rows it has."""

    key: str
    label: str
    count: int


def totals(rows: Iterable[Row]) -> list[Totals]:
    """Return the totals of each currency, that of most invoices first; the oldest month first."""
    counting = [r for r in rows if r.counts and r.amount is not None]
    currencies = [c for c, _ in Counter(r.currency for r in counting).most_common()]
    return [_of_currency(c, [r for r in counting if r.currency == c]) for c in currencies]


def statuses(rows: Iterable[Row]) -> list[Choice]:
    """Return how many rows stand at each of Chorus Pro's statuses, most first."""
    return _choices(rows, lambda r: (r.code, r.status))


def recipients(rows: Sequence[Row]) -> list[Choice]:
    """Return the recipients by name; where two have one name, their SIRETs tell them apart."""
    names: dict[str, set[str]] = {}
    for r in rows:
        names.setdefault(r.recipient, set()).add(r.to)

    def named(r: Row) -> tuple[str, str]:
        return r.to, f"{r.recipient} ({r.siret})" if len(names[r.recipient]) > 1 and r.siret else r.recipient

    return sorted(_choices(rows, named), key=lambda c: c.label.casefold())


def months(rows: Iterable[Row]) -> list[Choice]:
    """Return the months, the latest first."""
    return sorted(_choices(rows, lambda r: (r.month, r.month)), key=lambda c: c.key, reverse=True)


def _choices(rows: Iterable[Row], named: Callable[[Row], tuple[str, str]]) -> list[Choice]:
    labels: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for r in rows:
        key, label = named(r)
        labels.setdefault(key, label)
        counts[key] += 1
    return [Choice(key, labels[key], count) for key, count in counts.most_common() if key]


def _of_currency(currency: str, rows: Sequence[Row]) -> Totals:
    names = {c.key: c.label for c in recipients(rows)}
    by_recipient = _summed(rows, lambda r: r.to, names)
    by_month = _summed(rows, lambda r: r.month, {r.month: r.month for r in rows})
    biggest = sorted(by_recipient, key=lambda t: -t.amount)
    shown = [*biggest[:RECIPIENTS], *([_together(rest)] if (rest := biggest[RECIPIENTS:]) else [])]
    months = sorted(by_month, key=lambda t: t.key)[-MONTHS:]
    return Totals(currency, _together(by_month), shown, months)


def _summed(rows: Iterable[Row], key_of: Callable[[Row], str], labels: dict[str, str]) -> list[Total]:
    sums: dict[str, Total] = {}
    for r in rows:
        key, amount = key_of(r), r.amount or Decimal(0)
        old = sums.get(key, Total(key, labels[key], Decimal(0), Decimal(0), 0))
        paid = amount if r.band is Band.PAID else Decimal(0)
        sums[key] = Total(key, old.label, old.amount + amount, old.paid + paid, old.count + 1)
    return list(sums.values())


def _together(totals: Sequence[Total]) -> Total:
    """Return several as one, without a name: the sum of the smaller ones, or of all."""
    zero = Decimal(0)
    amount, paid = sum((t.amount for t in totals), zero), sum((t.paid for t in totals), zero)
    return Total("", "", amount, paid, sum(t.count for t in totals))
