"""The alphabet of a French PDF's text: its lines without odd characters, and the amounts, rates and dates in a line.

It knows how numbers are written, not what they mean: which amount is the total is for ``pdfamounts.py``, which date is
the invoice's for ``pdftext.py``. Every repetition in its patterns is bounded, so the time taken grows with the length of
the text and not faster, whatever the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .fields import parse_amount

# What PDF fonts and office software leave in a text, and the plain writing of it.
_PLAIN: dict[int, str] = {
    **dict.fromkeys(map(ord, "\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n"),
    **dict.fromkeys(
        map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"), " "
    ),
    **dict.fromkeys(map(ord, "\u205f\u3000\x1f\x7f"), " "),
    **dict.fromkeys((*range(9), *range(14, 28), *range(57344, 63744)), " "),  # control characters, symbol fonts
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e"), ""),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "’‘ʼ´`"), "'"),
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
    ord("№"): "n°",
    ord("º"): "°",
    ord("˚"): "°",
}
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"[ \t]+")
_LONGEST = 1000  # characters
_LETTERSPACED = re.compile(r"(?<![A-Za-z])(?:[A-ZÉÈ] ){3,40}[A-ZÉÈ](?![A-Za-z])")  # F A C T U R E

_FOLDED: dict[int, str] = {
    c: unicodedata.normalize("NFD", chr(c))[0].lower()[0] for c in (*range(65, 91), *range(0xC0, 0x250))
}


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines that hold something, in NFC, trimmed; a gap of several blanks (a column) becomes one tab.

    Longer lines than any invoice has are cut (``_LONGEST``), so that no rule meets a line without end.
    """
    plain = unicodedata.normalize("NFC", _SURROGATES.sub(" ", text).translate(_PLAIN))
    lines = (_BLANKS.sub(lambda m: " " if m[0] == " " else "\t", line).strip() for line in plain.split("\n"))
    cut = (line[at : at + _LONGEST] for line in lines for at in range(0, len(line), _LONGEST))
    return tuple(_LETTERSPACED.sub(lambda m: m[0].replace(" ", ""), line) for line in cut)


def fold(line: str) -> str:
    """Return the line in lower case without accents, character for character (positions stay the same)."""
    return line.translate(_FOLDED)


@dataclass(frozen=True)
class Money:
    """An amount in a line.

    Args:
        value: Signed.
        start: Where it begins in its line.
        end: Where it ends.
        sure: Written with cents or with a currency; otherwise it is only a number.
        suffix: ``ht`` or ``ttc`` when that word follows, else empty.

    """

    value: Decimal
    start: int
    end: int
    sure: bool
    suffix: str = ""


_MONEY = re.compile(
    r"""
    (?P<open>\()?
    (?P<sign>(?<![\w-])-|(?:(?<![^\t])|(?<=:\ ))-\ )?
    (?P<before>(?:€|eur)\ ?)?
    (?P<sign2>-)?
    (?<![0-9.,/])(?<!\w-)
    (?P<number>
        [0-9]{1,3}(?:[ .'][0-9]{3}){1,4}(?:[.,][0-9]{1,2})?
      | [0-9]{1,3}(?:,[0-9]{3}){1,4}\.[0-9]{1,2}
      | [0-9]{1,12}(?:[.,][0-9]{1,2})?
    )
    (?![0-9]|[.,/][0-9]|\ ?%)
    (?P<after>\ ?(?:€|eur(?:os?)?(?![a-z])))?
    (?P<close>\))?
    (?P<minus>-(?![0-9a-z-])|\ -$)?
    (?:\ (?:en\ )?(?P<suffix>ht|ttc|h\.t\.?|t\.t\.c\.?)(?![a-z]))?
    """,
    re.VERBOSE,
)
_RATE = re.compile(r"(?<![0-9.,])([0-9]{1,2}(?:[.,][0-9]{1,3})?) ?%")


def find_amounts(line: str) -> Iterator[Money]:
    """Find every amount of a line: ``1 234,50 €``, ``1.234,50``, ``1234.50 EUR``, ``12,00-``, ``(12,00)``, ``-12``."""
    for m in _MONEY.finditer(fold(line)):
        value = parse_amount(m["number"])
        if value is None:
            continue
        negative = m["sign"] or m["sign2"] or m["minus"] or (m["open"] and m["close"])
        sure = bool(m["before"] or m["after"]) or re.search(r"[.,][0-9]{1,2}$", m["number"]) is not None
        suffix = (m["suffix"] or "").replace(".", "")
        yield Money(-value if negative else value, m.start(), m.end(), sure, suffix)


def find_rates(line: str) -> Iterator[tuple[Decimal, int, int]]:
    """Find every percentage of a line, with where it begins and ends."""
    for m in _RATE.finditer(line):
        yield Decimal(m[1].replace(",", ".")), m.start(), m.end()


@dataclass(frozen=True)
class Day:
    """A date in a line, with where it begins and ends."""

    value: date
    start: int
    end: int


_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("janvier janv jan", "fevrier fevr fev", "mars", "avril avr", "mai", "juin", "juillet juil"),
            *("aout", "septembre sept sep", "octobre oct", "novembre nov", "decembre dec"),
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(_MONTHS)  # each month's longest name first
_DAY = re.compile(
    rf"""
    (?<![0-9])(?<![0-9][./-])(?<![a-z]-)(?:
        (?P<y>[0-9]{{4}})(?P<m1>[/.-])(?P<m>[0-9]{{2}})(?P=m1)(?P<d>[0-9]{{2}})
      | (?P<d2>[0-3]?[0-9])\ ?(?P<m2>[/.-])\ ?(?P<mm>[01]?[0-9])\ ?(?P=m2)\ ?(?P<yy>[0-9]{{4}}|[0-9]{{2}})
      | (?P<d3>[0-3]?[0-9])(?:er)?[ \t]?(?P<name>{_MONTH})\.?,?[ \t]?(?P<y3>[0-9]{{4}})
      | (?P<d4>[0-3]?[0-9])-(?P<name4>{_MONTH})\.?-(?P<y4>[0-9]{{4}}|[0-9]{{2}})
    )(?![0-9]|[/.-][0-9])
    """,
    re.VERBOSE,
)
_CENTURY = 2000


def find_days(line: str) -> Iterator[Day]:
    """Find every date of a line: ``16/11/2017``, ``16.11.17``, ``2017-11-16``, ``1er mars 2026``, ``3 févr. 2026``.

    Only dates of this century; two digits of a year mean this one as well.
    """
    for m in _DAY.finditer(fold(line)):
        year, day = m["y"] or m["yy"] or m["y3"] or m["y4"], m["d"] or m["d2"] or m["d3"] or m["d4"]
        name = m["name"] or m["name4"]
        month = _MONTHS[name] if name else int(m["m"] or m["mm"])
        try:
            found = date(int(year) + (_CENTURY if len(year) == 2 else 0), month, int(day))  # noqa: PLR2004 - two digits
        except ValueError:
            continue
        if _CENTURY <= found.year < _CENTURY + 100:
            yield Day(found, m.start(), m.end())
