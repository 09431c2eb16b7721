"""docs/faults.md, of which the program writes the table and the figures between two marks. Plays nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from fault_table import COLUMNS, document

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"
TABLE_BEGINS, TABLE_ENDS = "<!-- table: printed by tests/rigs/faults.py -->\n", "<!-- end of the table -->\n"
FIGURES_BEGIN, FIGURES_END = "<!-- figures: printed by tests/rigs/faults.py -->\n", "<!-- end of the figures -->\n"
MACHINE = "2 cores, 24 GiB, Debian 12"


def table() -> str:
    """Return the table as the document must have it."""
    return "\n".join(document()) + "\n"


def written() -> str:
    """Return the table as the document has it."""
    return _between(DOCUMENT.read_text("utf-8"), TABLE_BEGINS, TABLE_ENDS)


def write(counts: Mapping[str, int], seconds: float, jobs: int) -> None:
    """Write the table, and the figures of a whole run: cases by call, seconds in all, processes."""
    today = datetime.now(UTC).date().isoformat()
    total = sum(counts.values())
    lines = [
        f"{today}, {MACHINE}, `python tests/rigs/faults.py -j {jobs} --write`: **{total} cases, none not as the table",
        f"says**, {seconds:.0f} s ({seconds * jobs / total:.2f} s a case and process).",
        "",
        "| call | cases |",
        "|---|---|",
        *(f"| {call} | {counts[call]} |" for calls in COLUMNS.values() for call in calls),
        f"| pairs of different faults on two deposits in a row | {counts['pair']} |",
    ]
    text = DOCUMENT.read_text("utf-8")
    text = _put(text, TABLE_BEGINS, TABLE_ENDS, table())
    DOCUMENT.write_text(_put(text, FIGURES_BEGIN, FIGURES_END, "\n".join(lines) + "\n"), "utf-8")


def _between(text: str, begins: str, ends: str) -> str:
    return text.partition(begins)[2].partition(ends)[0]


def _put(text: str, begins: str, ends: str, new: str) -> str:
    before, _, rest = text.partition(begins)
    return before + begins + new + ends + rest.partition(ends)[2]
