"""The recipient book: short names for customers, and what is usual with each.

The entries come from the configuration; that their SIRETs and patterns are well formed is checked there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass

from .fields import clean


@dataclass(frozen=True)
class BookEntry:
    """One customer.

    Args:
        siret: 14 digits.
        service: Service code to use when none is given.
        engagement: Engagement number to use when none is given.
        engagement_pattern: Regular expression that a whole engagement number must match.
        cadre: Billing frame, short (``A9``) or whole.
        supplier: SIRET of the own structure that sends to this customer.

    """

    siret: str
    service: str | None = None
    engagement: str | None = None
    engagement_pattern: str | None = None
    cadre: str | None = None
    supplier: str | None = None


Book = Mapping[str, BookEntry]
"""Alias -> entry; aliases are compared without regard to case."""


def find(book: Book, alias: str) -> BookEntry | None:
    """Return the entry of an alias, or None."""
    return {clean(name).casefold(): entry for name, entry in book.items()}.get(clean(alias).casefold())


def nearest(book: Book, alias: str) -> str:
    """Return the alias of the book that looks most like this one; empty when none does."""
    names = {clean(name).casefold(): name for name in book}
    return "".join(names[near] for near in difflib.get_close_matches(clean(alias).casefold(), names, n=1))


def agreed(book: Book, siret: str) -> BookEntry | None:
    """Return what all entries with this SIRET agree on, or None when there is none."""
    entries = [entry for entry in book.values() if entry.siret == siret]
    if not entries:
        return None

    def common(values: set[str | None]) -> str | None:
        return values.pop() if len(values) == 1 else None

    return BookEntry(
        siret,
        common({entry.service for entry in entries}),
        common({entry.engagement for entry in entries}),
        common({entry.engagement_pattern for entry in entries}),
        common({entry.cadre for entry in entries}),
        common({entry.supplier for entry in entries}),
    )
