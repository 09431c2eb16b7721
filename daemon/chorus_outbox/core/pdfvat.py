"""The VAT lines of a French invoice (rate, base, tax), found by arithmetic among the amounts that its text prints.

Recap tables come out of a PDF in any order, so their layout is not looked at: a line is accepted when base x rate = tax,
both are printed (the last base may follow from the others), and all lines together make the totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import combinations, product
from math import prod

from .fields import VatLine
from .pdfwords import find_amounts, find_rates

# Mainland, overseas and Corsican rates, and the earlier ones that old contracts still carry; per cent.
RATES = frozenset(map(Decimal, ["20", "10", "5.5", "2.1", "8.5", "13", "1.05", "1.75", "0.9", "0", "19.6", "7"]))
_TOLERANCE = Decimal("0.02")  # of tax, as printed lines are summed before or after rounding
_MAX_AMOUNTS = 120  # distinct amounts in a text; more is a statement or a catalogue, not a readable invoice
_MAX_RATES = 4
_MAX_TRIES = 5000


def tax_matches(base: Decimal, rate: Decimal, tax: Decimal) -> bool:
    """Tell whether the tax is the rate's part of the base, within two cents."""
    return abs(base * rate / 100 - tax) <= _TOLERANCE


def read_vat_lines(lines: Sequence[str], net: Decimal, vat: Decimal) -> tuple[VatLine, ...]:
    """Return the VAT lines that make these totals (in the order of their rates, highest first), or none."""
    amounts = {m.value for line in lines for m in find_amounts(line) if m.sure}
    if len(amounts) > _MAX_AMOUNTS:
        return ()
    printed = {rate for line in lines for rate, _, _ in find_rates(line)} & RATES
    for rates in (printed, printed | (amounts & RATES - {Decimal()})):  # Sage prints rates as 20,00 without a sign
        ordered = sorted(rates, reverse=True)
        subsets = (s for n in range(1, min(len(ordered), _MAX_RATES) + 1) for s in combinations(ordered, n))
        found = {solution for some in subsets for solution in _solutions(some, amounts, net, vat)}
        if found:
            return _plain(found.pop()) if len(found) == 1 else ()
    return ()


def _solutions(
    rates: Sequence[Decimal], amounts: Iterable[Decimal], net: Decimal, vat: Decimal
) -> Iterator[tuple[VatLine, ...]]:
    """Yield each way to split the totals over all these rates: the last line is what the others leave."""
    *first, last = rates
    options = [_printed(rate, amounts) for rate in first]
    if prod(map(len, options)) > _MAX_TRIES:
        return
    for some in product(*options):
        base, tax = net - sum(v.base for v in some), vat - sum(v.tax for v in some)
        if base and tax_matches(base, last, tax) and (not tax or tax in amounts):
            yield (*some, VatLine(last, base, tax))


def _printed(rate: Decimal, amounts: Iterable[Decimal]) -> list[VatLine]:
    known = set(amounts)
    return [
        VatLine(rate, base, tax)
        for base in known
        if base
        for cents in range(-2, 3)
        if (tax := round(base * rate / 100, 2) + Decimal(cents) / 100) in known or (not rate and not tax)
    ]


def _plain(lines: tuple[VatLine, ...]) -> tuple[VatLine, ...]:
    return tuple(VatLine(v.rate.normalize() + 0, v.base, v.tax) for v in lines)
