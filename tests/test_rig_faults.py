"""The short form of the matrix of remote faults, and its document: docs/faults.md says what is expected and why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fault_cases import CALLS, Case, Outcome
from fault_document import table, written
from fault_judge import mismatches
from fault_kinds import FAULTS
from fault_site import FIRST, OTHER, Seen
from fault_table import COLUMNS, KINDS, TABLE, applies
from faults import every_case

from chorus_outbox.core.problem import CODES

RIG = Path(__file__).parent / "rigs" / "faults.py"
GOOD = Seen("sent", (), "sent", told=True, deposits=1)
WAITS = Seen("waiting", ("outage.forbidden",), "processing", told=True, deposits=0)


def test_every_kind_of_fault_ends_as_the_table_says() -> None:
    """Each fault of the deposit, and some of the other calls, for ever: the real program, client, ledger and folders."""
    words = [sys.executable, str(RIG), "--short", "-j", "2"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_document_has_the_table() -> None:
    """docs/faults.md shows the very table that the matrix is held against."""
    assert written() == table()


def test_the_table_is_complete() -> None:
    """Each fault has a cell for each call, in words and codes that exist; the matrix has more than 400 cases, all different."""
    assert list(TABLE) == list(FAULTS)
    assert [call for calls in COLUMNS.values() for call in calls] == list(CALLS)
    assert {len(cells) for cells in TABLE.values()} == {len(COLUMNS)}
    cells = [cell for row in TABLE.values() for cell in row]
    assert {cell.kind for cell in cells} == set(KINDS)
    assert {cell.code for cell in cells} <= {"", *CODES}
    names = [(case.name, case.faults) for case in every_case()]
    assert len(names) == len(set(names)) > 400
    assert set(applies()["submit"]) == set(FAULTS) - {"lists"}


def outcome(first: Seen, other: Seen = GOOD, *, outages: tuple[str, ...] = ("outage.forbidden",)) -> Outcome:
    """Return what was seen of a case whose fault lasted: this, and all sent in the end."""
    return Outcome({FIRST: first, OTHER: other}, {FIRST: GOOD, OTHER: GOOD}, 1, outages, (), 0.0)


FORBIDDEN = Case("submit", ("403",), for_ever=True)
LIES = {
    "sent although it can't be": outcome(GOOD),
    "another reason": outcome(Seen("waiting", ("outage.quota",), "processing", told=True, deposits=0)),
    "its file is elsewhere": outcome(Seen("waiting", ("outage.forbidden",), "failed", told=True, deposits=0)),
    "its log does not say why": outcome(Seen("waiting", ("outage.forbidden",), "processing", told=False, deposits=0)),
    "it has arrived": outcome(Seen("waiting", ("outage.forbidden",), "processing", told=True, deposits=1)),
    "the other is blocked": outcome(WAITS, WAITS),
    "told as another outage": outcome(WAITS, outages=("outage.quota",)),
    "not told as an outage": outcome(WAITS, outages=()),
    "arrived twice": Outcome(
        {FIRST: WAITS, OTHER: GOOD},
        {FIRST: Seen("sent", (), "sent", told=True, deposits=2), OTHER: GOOD},
        *(1, ("outage.forbidden",), (), 0.0),
    ),
    "never met": Outcome({FIRST: WAITS, OTHER: GOOD}, {FIRST: GOOD, OTHER: GOOD}, 0, ("outage.forbidden",), (), 0.0),
    "a secret": Outcome(
        {FIRST: WAITS, OTHER: GOOD}, {FIRST: GOOD, OTHER: GOOD}, 1, ("outage.forbidden",), ("a secret in x",), 0.0
    ),
}


def test_the_judge_is_content_with_what_the_table_says() -> None:
    """No mismatch where there is none."""
    assert list(mismatches(FORBIDDEN, outcome(WAITS))) == []


@pytest.mark.parametrize("seen", LIES.values(), ids=LIES)
def test_the_judge_notices(seen: Outcome) -> None:
    """Each thing that is claimed of a case can be found wrong."""
    assert list(mismatches(FORBIDDEN, seen))
