"""Tables in Markdown, in one of two languages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reference_texts import HEADS, WORDS, Both

LANGUAGES = ("en", "fr")

Row = Sequence[str]


def one_of(both: Both, language: str) -> str:
    """Return the text in a language."""
    return both[LANGUAGES.index(language)]


def word(name: str, language: str, *values: object) -> str:
    """Return a fixed phrase."""
    return one_of(WORDS[name], language).format(*values)


def table(name: str, rows: Iterable[Row], language: str) -> str:
    """Return a table in Markdown."""
    head = [one_of(both, language) for both in HEADS[name]]
    return lines_of(head, rows)


def lines_of(head: Row, rows: Iterable[Row]) -> str:
    """Return a table in Markdown under any heads."""
    ruler = ["---"] * len(head)
    cells = ([cell.replace("|", "\\|") for cell in row] for row in (head, ruler, *rows))
    return "".join(f"| {' | '.join(row)} |\n" for row in cells)


def code(text: str) -> str:
    """Return a text as code, or nothing."""
    return f"`{text}`" if text else ""
