"""Checks a JSON value against a declared shape: unknown properties, types, lengths, closed lists.

Knows nothing of invoices: the shapes stand in ``shapes.py``. ``null`` counts as absent (api.md 7.1, 8). Numbers must
have been read with ``parse_float=Decimal``. What is wrong is raised as ``MalformedError`` (HTTP 400), except a wrong
``Day``, which may declare another status (api.md 5.6: HTTP 500 for ``dateFacture``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, TypeAlias

from .codes import MalformedError


@dataclass(frozen=True)
class Text:
    """A string of at most ``longest`` characters (None: no limit)."""

    longest: int | None = None


@dataclass(frozen=True)
class Choice:
    """One string of a closed list."""

    allowed: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    """An integer of 32 or 64 bits, written as a JSON number."""

    bits: int = 64


@dataclass(frozen=True)
class Number:
    """A JSON number; AIFE's decimal(19,6): 13 digits before the point, 6 after (api.md 5.4)."""


@dataclass(frozen=True)
class Flag:
    """True or false."""


@dataclass(frozen=True)
class Day:
    """``YYYY-MM-DD``, with a time behind it where ``timed``; ``status`` answers anything else."""

    timed: bool = False
    status: int = 400


@dataclass(frozen=True)
class Many:
    """An array. ``or_one``: the bare element is accepted as well (api.md 2.11, pieceJointePrincipale)."""

    item: Shape
    or_one: bool = False


Shape: TypeAlias = Text | Choice | Whole | Number | Flag | Day | Many | Mapping[str, "Shape"]

_DIGITS_BEFORE, _DIGITS_AFTER = 13, 6


def without_nulls(value: Any) -> Any:
    """Return the value without the properties that are null."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(v) for v in value]
    return value


def check(shape: Shape, value: Any, where: str = "") -> None:
    """Check a value, nulls already taken out.

    Raises:
        MalformedError: Naming the first place that is wrong.

    """
    match shape:
        case Mapping():
            _object(shape, value, where)
        case Many(item, or_one):
            if not isinstance(value, list) and not or_one:
                raise MalformedError(f"{where} doit être un tableau")
            for i, one in enumerate(value if isinstance(value, list) else [value]):
                check(item, one, f"{where}[{i}]")
        case Day(timed, status):
            if not isinstance(value, str) or not _is_day(value, timed):
                raise MalformedError(f"{where} n'est pas une date au format attendu", status)
        case _:
            _leaf(shape, value, where)


def _object(shape: Mapping[str, Shape], value: Any, where: str) -> None:
    if not isinstance(value, dict):
        raise MalformedError(f"{where or 'le corps'} doit être un objet")
    for name, inner in value.items():
        place = f"{where}.{name}" if where else name
        if name not in shape:
            raise MalformedError(f"propriété inconnue {place}")
        check(shape[name], inner, place)


def _leaf(shape: Shape, value: Any, where: str) -> None:
    match shape:
        case Text(longest):
            _text(value, longest, where)
        case Choice(allowed):
            if value not in allowed:
                raise MalformedError(f"{where} n'a pas une des valeurs admises")
        case Whole(bits):
            if type(value) is not int or not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
                raise MalformedError(f"{where} doit être un entier de {bits} bits")
        case Number():
            if type(value) not in (int, Decimal) or not _fits(Decimal(value)):
                raise MalformedError(f"{where} doit être un nombre à 6 décimales au plus")
        case _:
            if type(value) is not bool:
                raise MalformedError(f"{where} doit être un booléen")


def _text(value: Any, longest: int | None, where: str) -> None:
    if not isinstance(value, str):
        raise MalformedError(f"{where} doit être une chaîne")
    if longest is not None and len(value) > longest:
        raise MalformedError(f"{where} dépasse {longest} caractères")


def _fits(value: Decimal) -> bool:
    """Tell whether a number fits decimal(19,6); zeros at the end don't count."""
    return abs(value) < 10**_DIGITS_BEFORE and value == round(value, _DIGITS_AFTER)


def _is_day(text: str, timed: bool) -> bool:
    day, mark, hour = text.partition("T")
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", day) or (mark and not timed):
        return False
    try:
        date.fromisoformat(day)
        if mark:
            time.fromisoformat(hour)
    except ValueError:
        return False
    return True
