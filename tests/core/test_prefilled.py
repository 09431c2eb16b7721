from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.draft import Source
from chorus_outbox.core.fields import FIELDS, Enclosure, FieldValue, Kind, Shape, VatLine, clean, read
from chorus_outbox.core.prefilled import prefilled_sidecar
from chorus_outbox.core.problem import CODES, Problem
from chorus_outbox.core.report import Known, encode_log
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.core.words import Words, catalogue

FR, EN = catalogue("fr"), catalogue("en")
VALUES: dict[str, FieldValue] = {
    "siret": "22220001600327",
    "numero": "0123",
    "date": date(2026, 11, 20),
    "type": Kind.CREDIT_NOTE,
    "service": "NO",
    "engagement": "0012: # 'x' \"y\" \\z",
    "ttc": Decimal("1234.5"),
    "ht": Decimal("1028.754"),
    "lignes_tva": (
        VatLine(Decimal("5.5"), Decimal("100.00"), Decimal("5.50")),
        VatLine(Decimal(20), Decimal(1), Decimal("0.2")),
    ),
    "pieces_jointes": (
        Enclosure("a b.pdf"),
        Enclosure("été, hiver.jpg", "RIB", 'Un "bon"'),
        Enclosure("c.png", "", "C"),
    ),
    "commentaire": "@ – [été]",
}


def known(values: dict[str, FieldValue]) -> dict[str, Known]:
    return {name: Known(value, Source.PDF_TEXT) for name, value in values.items()}


@pytest.mark.parametrize("words", [pytest.param(FR, id="fr"), pytest.param(EN, id="en")])
def test_what_was_understood_comes_back(words: Words) -> None:
    """Our own reader finds in the file, as written to disk, the very values that were understood, and no problem."""
    text = prefilled_sidecar("FA-1.pdf", known(VALUES), (), words)
    draft = read_sidecar(encode_log(text), "FA-1.yaml")
    assert draft.problems == ()
    assert draft.values == VALUES


def test_values_of_the_ledger_come_back() -> None:
    """Values that come as the ledger's texts are written like fresh ones."""
    fields = {"date": Known("2026-11-20", "PDF text"), "ttc": Known("1234.50", "PDF text"), "type": Known("avoir", "x")}
    draft = read_sidecar(encode_log(prefilled_sidecar("FA-1.pdf", fields, (), FR)), "FA-1.yaml")
    assert draft.values == {"date": date(2026, 11, 20), "ttc": Decimal("1234.50"), "type": Kind.CREDIT_NOTE}


def test_a_missing_field_is_marked_and_can_be_filled_in() -> None:
    """What is missing stands as an empty line under its reason; filling it in makes the sidecar complete."""
    problems = (Problem("missing.field", {"field": "numero"}),)
    text = prefilled_sidecar("scan.pdf", known({"siret": "22220001600327"}), problems, FR)
    assert "# À COMPLÉTER : Il manque une information : numéro de facture.\n" in text
    assert read_sidecar(text.encode(), "scan.yaml").values == {"siret": "22220001600327"}
    filled = text.replace("\nnumero: \n", "\nnumero: 0042\n")
    assert read_sidecar(encode_log(filled), "scan.yaml").values == {"siret": "22220001600327", "numero": "0042"}


def test_a_wrong_value_is_shown_for_correction() -> None:
    """What could not be used stands there as it was typed, under its reason."""
    problem = Problem("siret.checksum", {"field": "siret", "value": "22220001600328"})
    lines = prefilled_sidecar("F.pdf", {}, (problem,), FR).split("\n")
    at = lines.index('siret: "22220001600328"')
    assert lines[at - 2].startswith("# À CORRIGER : Le SIRET 22220001600328 n'existe pas")
    assert lines[at - 1].startswith("#     Vérifiez-le")


@pytest.mark.parametrize(
    ("problem", "line"),
    [
        pytest.param(
            Problem("engagement.required_by_service", {"service": "S", "name": "N"}), "engagement: ", id="lack"
        ),
        pytest.param(
            Problem("service.unknown", {"service": "S", "name": "N", "known": ""}), 'service: "S"', id="service"
        ),
        pytest.param(Problem("duplicate.number", {"number": "F1", "file": "a"}), 'numero: "F1"', id="number"),
        pytest.param(Problem("recipient.unknown", {"siret": "1"}), 'siret: "1"', id="recipient"),
        pytest.param(Problem("field.vat_lines", {"value": "20 %"}), "lignes_tva: ", id="a list that was none"),
    ],
)
def test_the_field_a_problem_is_about(problem: Problem, line: str) -> None:
    """Each problem stands above the field that a person corrects, with what is known of it."""
    assert line in prefilled_sidecar("F.pdf", {}, (problem,), FR).split("\n")


def test_a_problem_of_the_file_stands_at_the_top() -> None:
    """What no field can repair is said before the fields; notes are not repeated here."""
    problems = (Problem("file.encrypted"), Problem("sidecar.cp1252"))
    lines = prefilled_sidecar("F.pdf", {}, problems, EN).split("\n")
    assert lines[2].startswith("# TO CORRECT: The PDF is protected")
    assert not any("Windows" in line for line in lines)


def test_each_value_says_what_it_is() -> None:
    """Above each line that needs no correction: what it is, and where its value was found."""
    fields = {"a_payer": Known(Decimal(12), Source.PDF_TEXT), "siret": Known("22220001600327", Source.FILENAME)}
    lines = prefilled_sidecar("F.pdf", fields, (Problem("returned.recycle"),), FR).split("\n")
    for name, comment in (
        ("siret", "SIRET du destinataire (nom du fichier)"),
        ("service", "code service"),
        ("a_payer", "net à payer (texte du PDF)"),
    ):
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name}: "))
        assert lines[at - 1] == f"# {comment}"


def test_every_field_is_offered() -> None:
    """Each field that was not understood is there to be used by removing its hash sign."""
    text = prefilled_sidecar("F.pdf", {}, (), FR)
    offered = text.replace("\n#", "\n").split("\n")
    assert {line.partition(":")[0] for line in offered} >= set(FIELDS)
    assert yaml.safe_load(text) is None


@given(
    value=st.text(alphabet=st.characters(codec=None)),
    name=st.sampled_from([f.name for f in FIELDS.values() if f.shape is Shape.TEXT]),
    code=st.sampled_from(list(CODES)),
)
def test_any_text_gives_readable_yaml(value: str, name: str, code: str) -> None:
    """Whatever was read in a PDF or typed, every line of the file can be read again, and ordinary text is kept."""
    params = dict.fromkeys(("value", "first", "label", "name", "detail"), value)
    text = prefilled_sidecar(value, {name: Known(value, Source.PDF_TEXT)}, (Problem(code, params),), FR)
    data = encode_log(text)
    draft = read_sidecar(data, "F.yaml")
    assert not any(p.code.startswith("sidecar.") for p in draft.problems)
    assert isinstance(yaml.safe_load(data), dict)
    if value.isprintable() and clean(value):
        assert draft.values[name] == clean(value)


HOSTILE = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(
    [
        "“FA-1”",
        "a: b",
        "- x",
        "# y",
        "'",
        '"',
        "\\",
        "\t",
        "null",
        "~",
        "{x}[y]",
        "!z",
        "&a",
        "*b",
        "=1+1",
        "\u202efdp",
        "\ud800",
    ]
)
AMOUNTS = st.decimals(-(10**9), 10**9, places=2) | st.decimals(0, 10**6, places=4)


def visible(text: str) -> str:
    """Return a text as it may stand in a file that people see: what is invisible is replaced."""
    return clean("".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in text))


def values_of(shape: Shape) -> st.SearchStrategy[FieldValue]:
    """Generate values that may have been understood of a field."""
    match shape:
        case Shape.DATE:
            return st.dates(date(2000, 1, 1), date(2099, 12, 31))
        case Shape.AMOUNT:
            return AMOUNTS
        case Shape.KIND:
            return st.sampled_from(Kind)
        case Shape.VAT_LINES:
            rates = st.decimals(0, 100, places=2)
            return st.lists(st.builds(VatLine, rates, AMOUNTS, AMOUNTS), min_size=1, max_size=3).map(tuple)
        case Shape.NAMES:
            named = HOSTILE.filter(lambda text: bool(visible(text)))
            return st.builds(Enclosure, named, HOSTILE, HOSTILE).map(lambda one: (one,))
        case Shape.FLAG:
            return st.sampled_from(["oui", "non"])
        case _:
            return HOSTILE


SHAPES = {name: field.shape for name, field in FIELDS.items()}
ANY = st.fixed_dictionaries({}, optional={name: values_of(shape) for name, shape in SHAPES.items()})
WINDOWS = {
    "Notepad": lambda text: text.encode("utf-8-sig"),
    "Unicode": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "ANSI": lambda text: text.encode("cp1252"),
}


@settings(max_examples=120, deadline=None)
@given(values=ANY, codes=st.lists(st.sampled_from(list(CODES)), max_size=3), save=st.sampled_from(list(WINDOWS)))
def test_every_value_comes_back_however_windows_saves_it(
    values: dict[str, FieldValue], codes: list[str], save: str
) -> None:
    """Dates, amounts and lists exactly, texts as they are seen, hostile ones too; saved as UTF-8, UTF-16 or cp1252."""
    params = {"value": "x", "field": "numero", "comment": "y"}
    problems = tuple(Problem(code, params) for code in codes if code not in ("type.unsaid", "type.differs"))
    for words in (FR, EN):
        text = encode_log(prefilled_sidecar("F.pdf", known(values), problems, words)).decode("utf-8-sig")
        try:
            data = WINDOWS[save](text)
        except UnicodeEncodeError:  # Windows itself would warn, and save it otherwise
            data = WINDOWS["Unicode"](text)
        draft = read_sidecar(data, "F.yaml")
        assert {p.code for p in draft.problems} <= {"sidecar.cp1252", "sidecar.empty"}
        for name, value in values.items():
            assert draft.values.get(name) == expected(name, value), name


def expected(name: str, value: FieldValue) -> object:
    if isinstance(value, str):
        typed = read(name, visible(value)) if visible(value) else None
        return typed if not isinstance(typed, Problem) else None
    if isinstance(value, tuple):
        return tuple(
            Enclosure(*map(visible, (v.file, v.type, v.designation))) if isinstance(v, Enclosure) else v for v in value
        )
    return value


@pytest.mark.parametrize("code", ["type.unsaid", "type.differs"])
def test_what_a_person_must_choose_is_left_blank(code: str) -> None:
    """Invoice or credit note: a value written here would count as a person's when the file comes back unchanged."""
    fields = {"type": Known("facture", "configuration"), "numero": Known("AV-1", "PDF text")}
    params = {"field": "type", "value": "AV-1", "first": "facture", "second": "avoir"}
    text = prefilled_sidecar("AV-1.pdf", fields, (Problem(code, params),), FR)
    assert "type" not in read_sidecar(text.encode(), "AV-1.yaml").values
    assert "\ntype: \n" in text
    assert 'numero: "AV-1"' in text
