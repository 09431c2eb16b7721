"""Chorus Pro's own reading of an uploaded PDF, compared with ours. A null means nothing; it is never a source of truth.

(api.md 2.9: a real answer had every field null.)
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .entry import Entry
from .fields import clean
from .problem import Problem


@dataclass(frozen=True)
class Analysis:
    """What Chorus Pro's own analysis read in an uploaded PDF; None where it read nothing (the usual case)."""

    number: str | None = None
    date: str | None = None
    siret: str | None = None
    gross: Decimal | None = None


def against_analysis(entry: Entry, read: Analysis, mismatch: Literal["fail", "warn"]) -> tuple[Problem, ...]:
    """Return where Chorus Pro's analysis contradicts what we are about to deposit."""
    gross = None if read.gross is None or entry.gross is None else (f"{entry.gross:f}", f"{read.gross:f}")
    if gross and abs(entry.gross or 0) == abs(read.gross or 0):
        gross = None
    pairs = {
        "numero": _differ(entry.number, read.number),
        "date": _differ(entry.date.isoformat() if entry.date else "", read.date),
        "siret": _differ(entry.siret, read.siret),
        "ttc": gross,
    }
    code = "mismatch.chorus" if mismatch == "fail" else "mismatch.chorus_warn"
    return tuple(
        Problem(code, {"field": name, "ours": pair[0], "chorus": pair[1]}) for name, pair in pairs.items() if pair
    )


def _differ(ours: str, theirs: str | None) -> tuple[str, str] | None:
    if theirs is None or clean(ours).replace(" ", "").casefold() == clean(theirs).replace(" ", "").casefold():
        return None
    return ours, theirs
