"""``suivi.csv``: what a spreadsheet opens by double click, every invoice a line. Formulas of strangers are defused.

Excel takes separator and decimal mark from the reader's country: French texts have ``;`` and ``,``, English ones ``,``
and ``.``. It reads UTF-8 only after a byte order mark. A text that begins with = + - @ is a formula to it, quoted or
not, so an apostrophe comes before it. It turns 14 digits into 2,22E+13, ``00042`` into 42 and ``3-12`` into a day: only
``="..."`` keeps them, which is written around letters, digits and plain marks alone, so that it holds nothing but a text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from chorus_outbox.core.overview_rows import Row
from chorus_outbox.core.words import Words, plain
from chorus_outbox.core.words.shown import PARIS

LINES = 100_000  # invoices at most
PIECE = 1000  # lines written at once

COLUMNS = (
    *("file", "number", "kind", "date", "recipient", "siret", "amount", "currency", "state", "status"),
    *("reason", "to_do", "dropped", "sent", "changed", "next_try", "chorus_id", "folder"),
)
_FORMULA = re.compile('(^|[,;|"])(\\s*)(?=[=+@\\-\u2212\uff1d\uff0b\uff0d\uff20])')
"""What a spreadsheet would compute: at the start, or after what another country's spreadsheet takes for a separator."""
_MONTH = r"(?:jan|f[eé]v|feb|mar|a[vp]r|ma[iy]|jui|jun|jul|ao[uû]|aug|sep|oct|nov|d[eé]c)[a-zé]*"
_CHANGED = re.compile(rf"[0-9][0-9A-Za-z ./:_-]*|{_MONTH}[ ./-]?[0-9]+|{_MONTH}", re.IGNORECASE)
"""What a spreadsheet would take for a number, a day or a time."""
_KEPT = re.compile(r"[0-9A-Za-zéû ./:_-]{1,60}")
_DIGITS_SHOWN = 11  # a longer number shows as 2,22E+13


def lines(rows: Iterable[Row], words: Words) -> Iterator[bytes]:
    """Yield the file in pieces."""
    comma = "," if words.decimal == "." else ";"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=comma, lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow([words.page[f"csv.{name}"] for name in COLUMNS])
    left_out = False
    for number, row in enumerate(rows):
        if left_out := number >= LINES:
            break
        writer.writerow(cells(row, words))
        if number % PIECE == 0:
            yield _taken(out)
    if left_out:
        writer.writerow([words.page["csv.more"].format(count=LINES)])
    yield _taken(out)


def cells(row: Row, words: Words) -> list[str]:
    """Return the fields of a line, in the order of ``COLUMNS``."""
    reason = f"{row.what} (+{row.more})" if row.more else row.what
    return [
        text(row.file),
        code(row.number),
        _kind(row, words),
        _day(row.date, words),
        text(row.recipient) if row.recipient.strip("0123456789 ") else "",
        code(row.siret),
        number(row.amount, words),
        text(row.currency) if row.amount is not None else "",
        text(row.state),
        text(row.status),
        text(reason),
        text(row.do),
        *(_moment(at, words) for at in (row.dropped, row.sent, row.changed, row.next_try)),
        code(str(row.chorus_id or "")),
        text(row.folder),
    ]


def text(value: str) -> str:
    """Return a stranger's text as a field that no spreadsheet computes, on one line."""
    line = value if value.isprintable() else plain(value)
    return _FORMULA.sub(r"\1\2'", line) if line else ""


def code(value: str) -> str:
    """Return a number that is a name (SIRET, invoice number) so that a spreadsheet leaves it as it is."""
    short = re.fullmatch(f"[1-9][0-9]{{0,{_DIGITS_SHOWN - 1}}}", value)
    if not short and _CHANGED.fullmatch(value) and _KEPT.fullmatch(value):
        return f'="{value}"'
    return text(value)


def number(amount: Decimal | None, words: Words) -> str:
    """Return an amount as a number: no separator of thousands, the country's decimal mark."""
    if amount is None:
        return ""
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    return f"{amount:.{places}f}".replace(".", words.decimal)


def _kind(row: Row, words: Words) -> str:
    known = row.credit or row.amount is not None
    return words.kinds["avoir" if row.credit else "facture"] if known else ""


def _day(day: date | None, words: Words) -> str:
    return day.strftime(words.page["csv.day"]) if day else ""


def _moment(at: datetime | None, words: Words) -> str:
    return at.astimezone(PARIS).strftime(words.page["csv.moment"]) if at else ""


def _taken(out: io.StringIO) -> bytes:
    piece = out.getvalue().encode("utf-8", "replace")
    out.seek(0)
    out.truncate()
    return piece
