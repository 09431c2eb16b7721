"""How the commands print: tables in a terminal, plain lines in a pipe, JSON for programs. It knows no invoice.

In a pipe or a file: one row a line, cells separated by tabs, never wrapped, cut or coloured; what only people need
(``note``) goes to standard error there. For a terminal see ``coloured.py``, the only place with ``progress.py`` that
loads rich. Texts may come from anybody: none of them is markup, and nothing invisible gets through.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TextIO

Tone = Literal["", "ok", "warn", "fail", "dim", "strong"]
DUMB = ("dumb", "unknown")  # terminals that take no escape sequences
Joined = Callable[..., str]
_BLANKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        heading: Its heading.
        wide: In a terminal it takes the width that the others leave.
        beneath: In a terminal its cells stand beneath those of this column (by number).

    """

    heading: str
    wide: bool = False
    beneath: int | None = None


@dataclass(frozen=True)
class Cell:
    """A text of a table, and what it means."""

    text: str
    tone: Tone = ""


class Paper(Protocol):
    """What is printed on."""

    def line(self, text: str = "", tone: Tone = "") -> None:
        """Print one line; a terminal wraps it."""

    def heading(self, text: str) -> None:
        """Print the heading of what follows: in a terminal only."""

    def note(self, text: str, tone: Tone = "") -> None:
        """Tell people something that is no part of the answer."""

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Print a table with its headings."""

    def pairs(self, rows: Iterable[Sequence[Cell]], joined: Joined, headings: Sequence[str] = ()) -> None:
        """Print what is said of one thing; in a pipe each row is the line that ``joined`` makes of its texts."""


class Plain:
    """Paper for programs, files and pipes."""

    def line(self, text: str = "", tone: Tone = "") -> None:
        """Print one line, however long."""
        del tone
        print(shown(text))  # noqa: T201 - this is what prints

    def heading(self, text: str) -> None:
        """Print nothing."""

    def note(self, text: str, tone: Tone = "") -> None:
        """Print on standard error, so that no program takes it for a row."""
        del tone
        print(shown(text), file=sys.stderr)  # noqa: T201 - same

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Print tab-separated lines; an empty cell is a hyphen."""
        for row in itertools.chain([[Cell(c.heading) for c in columns]], rows):
            print("\t".join(shown(cell.text) or "-" for cell in row))  # noqa: T201 - same

    def pairs(self, rows: Iterable[Sequence[Cell]], joined: Joined, headings: Sequence[str] = ()) -> None:
        """Print one line a row."""
        del headings
        for row in rows:
            self.line(joined(*(cell.text for cell in row)))


def paper() -> Paper:
    """Return what fits standard output."""
    if is_terminal(sys.stdout, os.environ):
        from .coloured import Coloured  # noqa: PLC0415 - only a terminal needs rich, which takes its time to load

        return Coloured(colours=has_colours(os.environ))
    return Plain()


def is_terminal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether people look at it; FORCE_COLOR decides alone, as rich has it."""
    forced = environ.get("FORCE_COLOR")
    return stream.isatty() if forced is None else bool(forced)


def has_colours(environ: Mapping[str, str]) -> bool:
    """Tell whether a terminal may be sent escape sequences (https://no-color.org)."""
    return not environ.get("NO_COLOR") and environ.get("TERM", "").lower() not in DUMB


def can_move(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether a line of it can be written again and again."""
    return stream.isatty() and environ.get("TERM", "").lower() not in DUMB


def shown(text: str) -> str:
    """Return a text on one line, without anything invisible: no escape sequence, no override of the direction."""
    text = _BLANKS.sub(" ", text)
    return "".join(c if c.isprintable() or c in "\xa0\u202f" else "\N{REPLACEMENT CHARACTER}" for c in text)


def print_json(value: Any) -> None:
    """Print one JSON document: nothing invisible in it, and nothing that the output's encoding has not."""
    print(json_text(value, ascii_only=_ascii_only()))  # noqa: T201 - this is what prints


def print_json_list(values: Iterable[Any]) -> None:
    """Print a JSON list item by item, as ``print_json`` would, without holding all of it."""
    before = "["
    for value in values:
        text = json_text(value, ascii_only=_ascii_only())
        print(before, "  " + text.replace("\n", "\n  "), sep="\n", end="")  # noqa: T201 - this is what prints
        before = ","
    print("[]" if before == "[" else "\n]")  # noqa: T201 - same


def json_text(value: Any, *, ascii_only: bool) -> str:
    """Return indented JSON in which no control character, override or lone surrogate stands as it is."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=2)
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def _ascii_only() -> bool:
    return "utf" not in (sys.stdout.encoding or "").lower()
