"""What the commands print in a terminal: tables fitted to its width, coloured by meaning. Loads rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .terminal import Cell, Column, Joined, Tone, shown

STYLES = {"": "", "ok": "green", "warn": "yellow", "fail": "red", "dim": "dim", "strong": "bold"}
GAP = 2  # cells between two columns
READABLE = 24  # cells: a wide column that would be narrower makes each row a block
NARROW = 18  # cells: a last column that would be narrower makes each row a line
EASY = 16  # cells that a text beneath another may ask for


class Coloured:
    """Paper for people: a terminal, with or without colours."""

    def __init__(self, *, colours: bool) -> None:
        self._console = Console(
            force_terminal=True,
            color_system="auto" if colours else None,
            markup=False,
            highlight=False,
            emoji=False,
        )

    def line(self, text: str = "", tone: Tone = "") -> None:
        """Print a paragraph."""
        self._print(_text(text, tone))

    def heading(self, text: str) -> None:
        """Print a heading, a blank line before it."""
        self._print(Text())
        self._print(_text(text, "strong"))

    def note(self, text: str, tone: Tone = "") -> None:
        """Print a paragraph."""
        self.line(text, tone)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
        """Print a table; where the terminal is too narrow for one, a block a row."""
        rows = list(rows)
        tops = [i for i, column in enumerate(columns) if column.beneath is None]
        stacks = [[top, *(i for i, c in enumerate(columns) if c.beneath == top)] for top in tops]
        widths = [0 if columns[s[0]].wide else _width(columns, rows, s) for s in stacks]
        left = self._console.width - sum(widths) - GAP * (len(stacks) - 1)
        if left < READABLE:
            self._blocks(columns, rows)
            return
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        for stack, width in zip(stacks, widths, strict=True):
            table.add_column(shown(columns[stack[0]].heading), width=width or left, overflow="fold")
        for row in rows:
            table.add_row(*(_stacked([row[i] for i in s], wide=columns[s[0]].wide) for s in stacks))
        self._print(table)

    def pairs(self, rows: Iterable[Sequence[Cell]], joined: Joined, headings: Sequence[str] = ()) -> None:
        """Print columns that share the width: the last one has what the others leave, if that can be read."""
        rows = list(rows)
        if not rows:
            return
        texts = [*rows, [Cell(heading) for heading in headings]] if headings else rows
        longest = [max(cell_len(shown(row[i].text)) for row in texts) for i in range(len(rows[0]) - 1)]
        share = max(1, self._console.width // (len(longest) + 1))
        if self._console.width - sum(min(width, share) + GAP for width in longest) < NARROW:
            for row in rows:
                self.line(joined(*(cell.text for cell in row)), row[-1].tone)
            return
        grid = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
        grid.show_header, grid.header_style = bool(headings), "bold"
        for i, width in enumerate([*longest, 0]):
            heading = shown(headings[i]) if headings else ""
            grid.add_column(Text(heading), width=min(width, share) or None, overflow="fold")
        for row in rows:
            grid.add_row(*(_text(cell.text, cell.tone) for cell in row))
        self._print(grid)

    def _blocks(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            told = [(Cell(c.heading, "dim"), cell) for c, cell in zip(columns, row, strict=True) if cell.text]
            self.pairs(told, "{} {}".format)
            self._print(Text())

    def _print(self, what: RenderableType) -> None:
        self._console.print(what, overflow="fold")


def _text(text: str, tone: Tone) -> Text:
    return Text(shown(text), style=STYLES[tone], overflow="fold")


def _stacked(cells: Sequence[Cell], *, wide: bool) -> Group:
    """Return texts one beneath the other; in the wide column those that follow are indented, so that rows stand out."""
    first, *others = cells
    indent = (0, 0, 0, 2 if wide else 0)
    beneath = [Padding(_text(cell.text, cell.tone), indent) for cell in others if cell.text]
    return Group(_text(first.text or "-", first.tone), *beneath)


def _width(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], stack: Sequence[int]) -> int:
    """Return the width of a column of short texts: no word of them is broken."""
    texts = [shown(columns[stack[0]].heading), *(shown(row[i].text) for row in rows for i in stack)]
    words = [cell_len(word) for text in texts for word in text.split()]
    return max([*words, *(min(EASY, cell_len(text)) for text in texts)])
