"""``suivi.csv``: what a spreadsheet makes of it, and that no stranger's text is ever computed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chorus_outbox.core.overview_rows import Band, Row
from chorus_outbox.core.words import catalogue
from chorus_outbox.edge.dashboard import table
from chorus_outbox.edge.dashboard.table import COLUMNS, code, lines, number, text

FR, EN = catalogue("fr"), catalogue("en")
AT = datetime(2026, 11, 25, 23, 30, tzinfo=UTC)
ROW = Row(
    id=1,
    band=Band.SENT,
    file="F1.pdf",
    number="F2026-1",
    recipient="MAIRIE",
    siret="22220001600327",
    amount=Decimal("1234.5"),
    currency="EUR",
    credit=False,
    date=date(2026, 11, 3),
    state="envoyée",
    code="DEPOSEE",
    status="déposée",
    what="",
    do="",
    more=0,
    dropped=AT,
    sent=AT,
    changed=AT,
    next_try=None,
    chorus_id=81234567,
    folder="sent/2026/11",
    pdf="",
    log="",
    counts=True,
)
COMPUTED = re.compile("[\\s\u3000]*[=+@\\-\t\r\u2212\uff1d\uff0b\uff0d\uff20]")
NASTY = st.text(
    st.sampled_from("=+-@\t\r\n ;,\"'|\u3000\uff1d\uff0b\uff0d\uff20\u2212\u200b\ufeffa1é\ud800\u202e"), max_size=12
)


def read(data: bytes, delimiter: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def fields(row: Row) -> dict[str, str]:
    """Return the line of a row as a French spreadsheet splits it."""
    heading, line = read(b"".join(lines([row], FR)))
    assert len(heading) == len(line) == len(COLUMNS)
    return dict(zip(COLUMNS, line, strict=True))


def test_what_a_french_spreadsheet_expects() -> None:
    """A byte order mark, semicolons, CRLF, decimal commas, dd/mm/yyyy in French time, the clerk's words."""
    data = b"".join(lines([ROW], FR))
    assert data.startswith(b"\xef\xbb\xbfFichier;")
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    told = fields(ROW)
    assert told | {"reason": "", "to_do": "", "next_try": ""} == told
    assert (told["amount"], told["date"], told["dropped"]) == ("1234,50", "03/11/2026", "26/11/2026 00:30")
    assert (told["kind"], told["state"], told["status"]) == ("facture", "envoyée", "déposée")
    assert (told["siret"], told["chorus_id"], told["number"]) == ('="22220001600327"', "81234567", "F2026-1")


def test_what_an_english_spreadsheet_expects() -> None:
    """Commas, decimal points, and days that no country reads backwards."""
    heading, line = read(b"".join(lines([ROW], EN)), ",")
    told = dict(zip(COLUMNS, line, strict=True))
    assert heading[0] == "File"
    assert (told["amount"], told["date"], told["dropped"]) == ("1234.50", "2026-11-03", "2026-11-26 00:30")


@pytest.mark.parametrize(
    ("given_text", "written"),
    [
        pytest.param("=1+1", "'=1+1", id="equals"),
        pytest.param("  =1+1", "  '=1+1", id="after spaces"),
        pytest.param("\t=1+1", "'=1+1", id="after a tab"),
        pytest.param("\u3000=1+1", "'=1+1", id="after a wide space"),
        pytest.param("\r\n@SUM(A1)", "'@SUM(A1)", id="after a line break"),
        pytest.param("+33 2 96", "'+33 2 96", id="a telephone number"),
        pytest.param("-2+3", "'-2+3", id="minus"),
        pytest.param("＝cmd", "'＝cmd", id="full width"),
        pytest.param("−5", "'−5", id="a typographer's minus"),
        pytest.param('x,=cmd|"/C calc"!A0', 'x,\'=cmd|"/C calc"!A0', id="after another country's separator"),
        pytest.param("x;\t=1", "x; '=1", id="after ours"),
        pytest.param("Saint-Brieuc = 22", "Saint-Brieuc = 22", id="harmless"),
        pytest.param("a\nb", "a b", id="two lines"),
    ],
)
def test_formulas_are_defused(given_text: str, written: str) -> None:
    """An apostrophe comes before what a spreadsheet would compute; everything else stays as it is."""
    assert text(given_text) == written


@given(NASTY, NASTY, NASTY)
def test_no_strangers_text_is_computed_in_any_country(file: str, name: str, reason: str) -> None:
    """However the file is split (; , or tab), no cell begins like a formula but our own ="..." and negative amounts."""
    row = replace(
        ROW, file=file, number=name, recipient=name, siret=name, what=reason, do=reason, currency=name, state=file
    )
    for words, delimiter in ((FR, ";"), (EN, ",")):
        data = b"".join(lines([row], words))
        assert len(read(data, delimiter)[1]) == len(COLUMNS)
        for other in (";", ",", "\t"):
            for cell in (c for line in read(data, other) for c in line):
                assert not COMPUTED.match(cell) or re.fullmatch(r'="[0-9A-Za-z ./:_éû-]+"', cell), (other, cell)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        pytest.param("22220001600327", '="22220001600327"', id="SIRET"),
        pytest.param("00042", '="00042"', id="leading zeros"),
        pytest.param("2026-11", '="2026-11"', id="a month"),
        pytest.param("3-12", '="3-12"', id="a day"),
        pytest.param("12E4", '="12E4"', id="ten to the power of"),
        pytest.param("MARS-26", '="MARS-26"', id="March"),
        pytest.param("1234", "1234", id="a number that is shown as it is"),
        pytest.param("F2026-1", "F2026-1", id="letters first"),
        pytest.param('1"&cmd', '1"&cmd', id="no formula around quotes"),
        pytest.param("=1", "'=1", id="a formula"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_numbers_that_are_names_stay_as_they_are(value: str, written: str) -> None:
    """What a spreadsheet would turn into a number or a day is written ="...", around letters, digits and dashes only."""
    assert code(value) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [("-120", "-120,00"), ("1234567.8", "1234567,80"), ("0.125", "0,125"), ("1E+3", "1000,00"), (None, "")],
)
def test_amounts_stay_numbers(amount: str | None, written: str) -> None:
    """Also negative ones: a credit note is no formula."""
    assert number(Decimal(amount) if amount else None, FR) == written


def test_a_huge_ledger_ends_somewhere_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest invoices, and one line about the others."""
    monkeypatch.setattr(table, "LINES", 3)
    told = read(b"".join(lines([replace(ROW, id=n) for n in range(5)], FR)))
    assert len(told) == 5
    assert told[-1] == ["Les factures plus anciennes n'y sont pas : 3 au plus."]
    assert len(read(b"".join(lines([ROW] * 3, FR)))) == 4
