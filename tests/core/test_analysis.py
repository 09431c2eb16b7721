"""Chorus Pro's own reading of a PDF against ours: contradictions stop, silence says nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Literal

import pytest

from chorus_outbox.core.analysis import Analysis, against_analysis
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import State

AT = datetime(2026, 11, 23, tzinfo=UTC)
ENTRY = Entry(
    *(1, "a.pdf", "a.pdf", State.READY, "processing", AT, AT),
    number="FA-1",
    date=date(2026, 11, 20),
    siret="22220001600434",
    gross=Decimal("120.00"),
)


@pytest.mark.parametrize(
    ("read", "fields"),
    [
        pytest.param(Analysis(), [], id="nothing read"),
        pytest.param(Analysis("FA-1", "2026-11-20", "22220001600434", Decimal("120.00")), [], id="the same"),
        pytest.param(Analysis(" fa-1 ", None, "222 200 016 00434", None), [], id="spaces and capitals"),
        pytest.param(Analysis(gross=Decimal("-120.00")), [], id="a credit note's sign"),
        pytest.param(Analysis(gross=Decimal("120.0")), [], id="fewer decimals"),
        pytest.param(Analysis(number="FA-2"), ["numero"], id="number"),
        pytest.param(Analysis(date="2026-11-21"), ["date"], id="date"),
        pytest.param(Analysis(siret="12345678200051"), ["siret"], id="recipient"),
        pytest.param(Analysis(gross=Decimal("120.01")), ["ttc"], id="a cent"),
        pytest.param(Analysis("X", "2025-01-01", "1", Decimal(1)), ["numero", "date", "siret", "ttc"], id="all"),
    ],
)
@pytest.mark.parametrize(("mismatch", "code"), [("fail", "mismatch.chorus"), ("warn", "mismatch.chorus_warn")])
def test_contradictions(read: Analysis, fields: list[str], mismatch: Literal["fail", "warn"], code: str) -> None:
    """Each field that was read otherwise is told, with both values; the configuration says what that does."""
    found = against_analysis(ENTRY, read, mismatch)
    assert [p.params["field"] for p in found] == fields
    assert {p.code for p in found} <= {code}


def test_both_values_are_told() -> None:
    """Ours and Chorus Pro's."""
    (problem,) = against_analysis(ENTRY, Analysis(gross=Decimal("99.00")), "fail")
    assert dict(problem.params) == {"field": "ttc", "ours": "120.00", "chorus": "99.00"}


def test_what_we_do_not_know_contradicts_nothing() -> None:
    """Without a total of ours there is nothing to compare."""
    bare = Entry(1, "a.pdf", "a.pdf", State.READY, "processing", AT, AT, number="FA-1")
    assert against_analysis(bare, Analysis(number="FA-1", gross=Decimal(3)), "fail") == ()
