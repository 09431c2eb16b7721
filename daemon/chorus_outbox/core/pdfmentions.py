"""Does the text of a PDF show this value anywhere? For the cross-check that asks what the PDF plainly contradicts.

Lenient on purpose: it knows every way in which the value may be written, and not what stands beside it.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from .fields import Enclosure, FieldValue, Kind, VatLine, clean
from .pdfwords import find_days, fold, lines_of

_WORDS = {
    Kind.INVOICE: re.compile(r"(?<![a-z])facture"),
    Kind.CREDIT_NOTE: re.compile(r"(?<![a-z])(?:avoir|note de credit)"),
}
_JOINERS = "-/_"


def mentions(text: str, value: FieldValue) -> bool:
    """Tell whether the text shows the value.

    A text or number is found whatever its case and blanks, but not inside a longer one; ``-``, ``/`` and ``_`` are the
    same (a file name can't hold a slash). A date is found in any French or ISO writing; an amount in any writing and
    with either sign (a credit note may print its amounts negative); of a list, every item must be found.
    """
    lines = lines_of(text)
    match value:
        case Kind():
            return any(_WORDS[value].search(fold(line)) for line in lines)
        case date():
            return any(day.value == value for line in lines for day in find_days(line))
        case Decimal():
            pattern = _amount(value)
        case str():
            if not clean(value):
                return False
            pattern = _literal(value)
        case _:
            return all(_item(text, item) for item in value)
    return any(pattern.search(fold(line)) for line in lines)


def _item(text: str, item: VatLine | Enclosure) -> bool:
    if isinstance(item, Enclosure):
        return mentions(text, item.file)
    return mentions(text, item.base) and mentions(text, item.tax)


def _literal(value: str) -> re.Pattern[str]:
    characters = (c for c in fold(clean(value)) if c != " ")
    body = r"[ \t]?".join(f"[{_JOINERS}]" if c in _JOINERS else re.escape(c) for c in characters)
    return re.compile(rf"(?<![a-z0-9]){body}(?![a-z0-9])")


def _amount(value: Decimal) -> re.Pattern[str]:
    """Match ``1234.5``, ``1 234,50``, ``1.234,50``, and ``1 234`` when there are no cents."""
    whole, _, cents = f"{abs(value):.2f}".partition(".")
    groups = f"{int(whole):,}".replace(",", r"[ \t.,']?")
    short = {"00": "(?:[.,]0{1,2})?"}.get(cents) or f"[.,]{cents[0]}{'0?' if cents[1] == '0' else cents[1]}"
    return re.compile(rf"(?<![0-9])(?<![0-9][.,]){groups}{short}(?![0-9]|[.,][0-9])")
