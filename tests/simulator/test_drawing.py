"""The invoices that the demonstration draws: legible to our own reader, valid Factur-X, always the same bytes."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import facturx as reference  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from chorus_outbox.core.facturx import read_facturx
from chorus_outbox.core.fields import FieldValue, Kind, VatLine
from chorus_outbox.core.filename import read_filename
from chorus_outbox.core.invoice import check_number, check_siret, check_totals
from chorus_outbox.core.pdftext import mentions, read_pdf_text
from chorus_outbox.simulator.cases import DEMO_CASES, SUPPLIER, Case
from chorus_outbox.simulator.drawing import LAYOUTS, Line, Party, Sketch, draw, facturx

TODAY = date(2026, 11, 24)
SKETCH = Sketch(
    *("FA2026-001", TODAY, Party("MA SOCIETE", "73282932000074", ("12 rue des Lices", "35000 Rennes"))),
    Party("DEP COTES-D'ARMOR", "22220001600327", ("22000 Saint-Brieuc",)),
    (
        Line("Entretien", Decimal(3), Decimal("1234.50")),
        Line("Denrées", Decimal("12.5"), Decimal("4.55"), Decimal("5.5")),
    ),
    notes=("Bon d'intervention signé le 12/10/2026.",),
    engagement="91821",
    service="COLLEGE",
)


def text_of(pdf: bytes) -> str:
    reader = PdfReader(BytesIO(pdf))
    assert len(reader.pages) == 1
    return reader.pages[0].extract_text()


def told(sketch: Sketch) -> dict[str, FieldValue]:
    """Return what a reader of the drawn page must find."""
    values: dict[str, FieldValue | None] = {
        "numero": sketch.number,
        "date": sketch.date,
        "type": sketch.kind,
        "ht": sketch.net,
        "tva": sketch.vat,
        "ttc": sketch.gross,
        "siret": sketch.recipient.siret,
        "fournisseur": sketch.supplier.siret,
        "engagement": sketch.engagement,
        "service": sketch.service,
        "lignes_tva": sketch.vat_lines,
        "origine": sketch.origin,
        "a_payer": sketch.payable if sketch.kind is Kind.INVOICE else None,
    }
    return {name: value for name, value in values.items() if value is not None}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "sketch",
    [
        pytest.param(SKETCH, id="two rates"),
        pytest.param(replace(SKETCH, prepaid=Decimal("500.00")), id="deposit paid"),
        pytest.param(replace(SKETCH, kind=Kind.CREDIT_NOTE, number="AV2026-1", origin="FA2026-001"), id="credit note"),
        pytest.param(replace(SKETCH, engagement=None, service=None, recipient=Party("Mairie")), id="bare"),
    ],
)
def test_round_trip(sketch: Sketch, layout: str) -> None:
    """What is drawn is read back from the page, in each layout."""
    sketch = replace(sketch, layout=layout)
    assert read_pdf_text(text_of(draw(None, sketch))).values == told(sketch)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("prepaid", [Decimal("0.00"), Decimal("40.00")])
def test_franchise_round_trip(layout: str, prepaid: Decimal) -> None:
    """An invoice without VAT prints one total; its tax is read as zero, and its HT as its TTC."""
    lines = (Line("Atelier", Decimal(3), Decimal("80.00"), Decimal(0)),)
    values = read_pdf_text(text_of(draw(None, replace(SKETCH, lines=lines, layout=layout, prepaid=prepaid)))).values
    assert [values[name] for name in ("ht", "tva", "ttc", "a_payer")] == [240, 0, 240, 240 - prepaid]


@example(  # one rate would do as well, within two cents: a doubt
    [Line("Pose", Decimal(1), Decimal("0.05"), Decimal(10)), Line("Pose", Decimal(1), Decimal("0.18"), Decimal(20))],
    date(2020, 1, 1),
    "classique",
)
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            Line,
            st.sampled_from(["Fournitures", "Pose", "Repas"]),
            st.integers(1, 30).map(Decimal),
            st.decimals("0.05", "9999.99", places=2),
            st.sampled_from([Decimal(20), Decimal(10), Decimal("5.5")]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    st.sampled_from(sorted(LAYOUTS)),
)
def test_any_sketch(lines: list[Line], day: date, layout: str) -> None:
    """Number, date and totals of any invoice are read back; VAT lines are right or left out, never wrong."""
    sketch = replace(SKETCH, lines=tuple(lines), date=day, layout=layout)
    text = text_of(draw(None, sketch))
    values = dict(read_pdf_text(text).values)
    expected = told(sketch)
    assert values.setdefault("lignes_tva", sketch.vat_lines) == sketch.vat_lines
    assert values == expected
    assert all(mentions(text, value) for value in expected.values())
    assert not mentions(text, day - timedelta(days=11))


@pytest.mark.parametrize("kind", Kind)
def test_facturx(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    """The reference library finds the XML and its schema accepts it; our reader gives back what was sketched."""
    caplog.set_level(logging.CRITICAL)
    sketch = replace(SKETCH, kind=kind, origin="FA2026-000" if kind is Kind.CREDIT_NOTE else None)
    pdf = facturx(sketch, "22220001600327")
    name, xml = reference.get_xml_from_pdf(pdf, check_xsd=False)
    assert name == "factur-x.xml"
    assert reference.xml_check_xsd(xml)
    attached = next(iter(PdfReader(BytesIO(pdf)).attachment_list))
    assert attached.associated_file_relationship == "/Data"
    values = read_facturx(xml).values
    assert {name: values[name] for name in told(sketch)} == told(sketch)
    assert values["cadre"] == "A1"


def test_facturx_franchise_is_valid() -> None:
    """The XML of an invoice without VAT gives the reason, and passes the schema."""
    lines = (Line("Atelier", Decimal(3), Decimal("80.00"), Decimal(0)),)
    _, xml = reference.get_xml_from_pdf(facturx(replace(SKETCH, lines=lines), "22220001600327"), check_xsd=False)
    assert reference.xml_check_xsd(xml)
    assert read_facturx(xml).values["lignes_tva"] == (VatLine(Decimal(0), Decimal(240), Decimal(0)),)


def test_same_bytes(tmp_path: Path) -> None:
    """The same sketch gives the same bytes, on disk as well."""
    path = tmp_path / "facture.pdf"
    assert draw(path, SKETCH) == draw(None, SKETCH) == path.read_bytes()
    assert facturx(SKETCH, "22220001600327") == facturx(SKETCH, "22220001600327")


# The demonstration's cases.

pdf_cases = [case for case in DEMO_CASES if case.name != "document Word"]


def pdf_of(case: Case, tag: str = "T") -> tuple[str, bytes]:
    (found,) = [(name, data) for name, data in case.files(TODAY, tag).items() if name.endswith(".pdf")]
    return found


@pytest.mark.parametrize("case", pdf_cases, ids=lambda case: case.name)
def test_case_prints_a_good_invoice(case: Case) -> None:
    """Each case's PDF says number, date, supplier and totals that add up; a file name says the same number."""
    name, pdf = pdf_of(case)
    values = read_pdf_text(text_of(pdf)).values
    number, net, vat, gross = (values[field] for field in ("numero", "ht", "tva", "ttc"))
    assert values["date"] == TODAY
    assert values["fournisseur"] == SUPPLIER.siret
    assert isinstance(number, str)
    assert check_number(number) is None
    assert isinstance(net, Decimal)
    assert isinstance(vat, Decimal)
    assert isinstance(gross, Decimal)
    assert check_totals(net, vat, gross, gross, ()) == ()
    assert read_filename(name.removesuffix(".pdf")).values.get("numero", number) == number


@pytest.mark.parametrize("case", DEMO_CASES, ids=lambda case: case.name)
def test_case_files(case: Case) -> None:
    """A case gives the same files each time, other numbers for another tag, and sidecars named as their PDF."""
    files = case.files(TODAY, "T")
    assert files == case.files(TODAY, "T")
    (stem,) = {name.rpartition(".")[0] for name in files}
    assert {name.rpartition(".")[2] for name in files} <= {"pdf", "yaml"}
    if case.name != "document Word":
        assert (
            read_pdf_text(text_of(pdf_of(case)[1])).values["numero"]
            != read_pdf_text(text_of(pdf_of(case, "U")[1])).values["numero"]
        )
    else:
        assert files[f"{stem}.pdf"].startswith(b"PK")


def test_cases_differ() -> None:
    """Cases have names and numbers of their own, even with the longest tag."""
    assert len({case.name for case in DEMO_CASES}) == len(DEMO_CASES)
    numbers = {str(read_pdf_text(text_of(pdf_of(case, "X" * 11)[1])).values["numero"]) for case in pdf_cases}
    assert len(numbers) == len(pdf_cases)
    assert not any(check_number(number) for number in numbers)


def test_case_by_name_only() -> None:
    """The first case says all in its file name; the one with the wrong SIRET fails the checksum and nothing else."""
    by_name, wrong = (
        read_filename(pdf_of(next(c for c in DEMO_CASES if c.name == name))[0].removesuffix(".pdf")).values
        for name in ("nom de fichier", "SIRET mal tapé")
    )
    assert (by_name["siret"], by_name["service"], by_name["engagement"]) == ("22220001600327", "COLLEGE", "91821")
    problem = check_siret(str(wrong["siret"]))
    assert problem is not None
    assert problem.code == "siret.checksum"


def test_case_from_notepad() -> None:
    """The sidecar of the Notepad case is cp1252 with Windows line ends, and no UTF-8."""
    case = next(c for c in DEMO_CASES if c.name == "fiche du Bloc-notes")
    (sidecar,) = [data for name, data in case.files(TODAY, "T").items() if name.endswith(".yaml")]
    assert b"\r\n" in sidecar
    assert "Réfection du préau – élèves" in sidecar.decode("cp1252")
    with pytest.raises(UnicodeDecodeError):
        sidecar.decode()


def test_case_with_facturx() -> None:
    """The Factur-X case names its recipient in its XML only."""
    name, pdf = pdf_of(next(c for c in DEMO_CASES if c.name == "Factur-X"))
    assert read_filename(name.removesuffix(".pdf")).values == {}
    xml = PdfReader(BytesIO(pdf)).attachments["factur-x.xml"][0]
    assert read_facturx(xml).values["siret"] == "22220001600434"
