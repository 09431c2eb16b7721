from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.fields import BY_NAME, FIELDS, Enclosure, Kind, Shape, VatLine
from chorus_outbox.core.sidecar import canonical_key, read_defaults, read_sidecar

NAMED = (Enclosure("a.pdf"), Enclosure("b 2.pdf"))


def sidecar(text: str) -> Draft:
    return read_sidecar(text.encode(), "A.yaml")


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        pytest.param("engagement: 0123", "engagement", "0123", id="leading zero"),
        pytest.param("service: NO", "service", "NO", id="service NO"),
        pytest.param("siret: 222 200 016 00327", "siret", "22220001600327", id="SIRET in groups"),
        pytest.param("siret: 00123456600014", "siret", "00123456600014", id="SIRET with zeros"),
        pytest.param("siret: 01234567012345", "siret", "01234567012345", id="SIRET that YAML takes for octal"),
        pytest.param("siret: cotes-armor", "siret", "cotes-armor", id="alias"),
        pytest.param("numero: 12:30", "numero", "12:30", id="number that YAML takes for a time"),
        pytest.param("numero: 2026-0042", "numero", "2026-0042", id="number"),
        pytest.param("date: 2026-11-20", "date", date(2026, 11, 20), id="ISO date"),
        pytest.param("date: 20/11/2026", "date", date(2026, 11, 20), id="French date"),
        pytest.param("ttc: 1 234,50", "ttc", Decimal("1234.50"), id="French amount"),
        pytest.param("ttc: 1234.50", "ttc", Decimal("1234.50"), id="plain amount"),
        pytest.param("type: credit_note", "type", Kind.CREDIT_NOTE, id="English kind"),
        pytest.param("pieces_jointes: a.pdf", "pieces_jointes", (Enclosure("a.pdf"),), id="one attachment"),
        pytest.param("pieces_jointes: [a.pdf, b 2.pdf]", "pieces_jointes", NAMED, id="attachments"),
        pytest.param("pieces_jointes:\n- a.pdf\n- b 2.pdf", "pieces_jointes", NAMED, id="attachments, one a line"),
        pytest.param(
            "pieces_jointes: [a.pdf, {fichier: b.jpg, type: RIB, designation: 'Un, deux'}, {file: c.png, label: C}]",
            "pieces_jointes",
            (Enclosure("a.pdf"), Enclosure("b.jpg", "RIB", "Un, deux"), Enclosure("c.png", "", "C")),
            id="attachments with what they are",
        ),
        pytest.param(
            "attachments: {fichier: a.pdf, type: }", "pieces_jointes", (Enclosure("a.pdf"),), id="one, as a mapping"
        ),
        pytest.param(
            "lignes_tva: [{taux: 20, base: 1000, montant: 200}, {taux: '5,5 %', base: 10, montant: '0,55'}]",
            "lignes_tva",
            (
                VatLine(Decimal(20), Decimal(1000), Decimal(200)),
                VatLine(Decimal("5.5"), Decimal(10), Decimal("0.55")),
            ),
            id="VAT lines",
        ),
        pytest.param(
            "vat_lines:\n  - rate: 20\n    base: 5\n    amount: 1",
            "lignes_tva",
            (VatLine(Decimal(20), Decimal(5), Decimal(1)),),
            id="VAT lines in English",
        ),
    ],
)
def test_values(line: str, name: str, value: object) -> None:
    """Each value is read as its field wants it, and text stays as it was typed."""
    draft = sidecar(line + "\n")
    assert draft.problems == ()
    assert draft.values == {name: value}
    assert draft.lines == {name: 1}
    assert draft.source is Source.SIDECAR


@pytest.mark.parametrize("key", sorted(BY_NAME))
def test_every_name_is_known(key: str) -> None:
    """Canonical names and synonyms are all accepted."""
    assert not [p for p in sidecar(f"{key}: 1\n").problems if p.code == "sidecar.unknown_key"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Numéro facture", "numero"),
        ("NUMERO", "numero"),
        ("Numéro d'engagement", "engagement"),
        ("Numéro d’engagement", "engagement"),
        ("code-service", "service"),
        ("Cadre de facturation", "cadre"),
        ("Date de la facture", "date"),
        ("Net à payer", "a_payer"),
        ("Pièces jointes", "pieces_jointes"),
        ("service\u00a0", "service"),
    ],
)
def test_keys_as_people_write_them(typed: str, name: str) -> None:
    """Accents, capitals, spaces, hyphens and small words of a key don't matter."""
    assert BY_NAME[canonical_key(typed)] == name


@pytest.mark.parametrize(
    ("text", "code", "params"),
    [
        pytest.param(
            "numero: 1\nsirett: 1\n",
            "sidecar.unknown_key",
            {"line": "2", "key": "sirett", "nearest": "siret"},
            id="typo",
        ),
        pytest.param(
            "xyzw: 1\n", "sidecar.unknown_key", {"line": "1", "key": "xyzw", "nearest": ""}, id="nothing near"
        ),
        pytest.param("control: force\n", "sidecar.unknown_key", {"key": "control"}, id="no orders in a sidecar"),
        pytest.param(
            "siret: x\nrecipient: x\n", "sidecar.duplicate_key", {"line": "2", "key": "recipient"}, id="synonym"
        ),
        pytest.param("SIRET: x\nsiret: x\n", "sidecar.duplicate_key", {"line": "2", "key": "siret"}, id="capitals"),
        pytest.param("siret: x\nsiret: x\n", "sidecar.duplicate_key", {"line": "2", "key": "siret"}, id="same key"),
        pytest.param("siret: [1]\n", "sidecar.not_text", {"line": "1", "key": "siret"}, id="list for a text"),
        pytest.param("ttc: {a: 1}\n", "sidecar.not_text", {"line": "1", "key": "ttc"}, id="mapping for a text"),
        pytest.param("pieces_jointes: [[a]]\n", "attachment.unnamed", {"value": "[a]"}, id="list in a list"),
        pytest.param("pieces_jointes: {type: RIB}\n", "attachment.unnamed", {"line": "1"}, id="no file named"),
        pytest.param("pieces_jointes: [{fichier: a, tipe: b}]\n", "sidecar.unknown_key", {"nearest": "type"}, id="key"),
        pytest.param("pieces_jointes: [a.pdf, A.PDF]\n", "sidecar.duplicate_key", {"key": "A.PDF"}, id="twice"),
        pytest.param("\ndate: 31/02/2026\n", "date.format", {"line": "2", "value": "31/02/2026"}, id="no date"),
        pytest.param("ht: 12 34\n", "amount.format", {"line": "1", "field": "ht"}, id="no amount"),
        pytest.param("type: devis\n", "field.choice", {"field": "type", "allowed": "facture, avoir"}, id="no kind"),
        pytest.param("lignes_tva: 20\n", "field.vat_lines", {"line": "1", "value": "20"}, id="VAT line as text"),
        pytest.param(
            "lignes_tva:\n- {taux: 20}\n", "field.vat_lines", {"line": "2", "value": "{taux: 20}"}, id="VAT line cut"
        ),
        pytest.param(
            "lignes_tva: [{taux: 200, base: 1, montant: 1}]\n", "field.vat_lines", {"line": "1"}, id="rate over 100"
        ),
        pytest.param(
            "lignes_tva: [{tau: 20, base: 1, montant: 1}]\n",
            "sidecar.unknown_key",
            {"key": "tau", "nearest": "taux"},
            id="typo in a VAT line",
        ),
        pytest.param(
            "lignes_tva: [{taux: 20, rate: 20, base: 1, montant: 1}]\n",
            "sidecar.duplicate_key",
            {"key": "rate"},
            id="synonym in a VAT line",
        ),
        pytest.param("", "sidecar.empty", {}, id="empty"),
        pytest.param("a:\n\tb: 1\n", "sidecar.tab", {"line": "2"}, id="not YAML"),
    ],
)
def test_problems(text: str, code: str, params: dict[str, str]) -> None:
    """Each thing that is wrong has its code, the file, the line, and what a sentence needs."""
    found = [p for p in sidecar(text).problems if p.code == code]
    assert found, sidecar(text).problems
    assert {**found[0].params, **params, "file": "A.yaml"} == found[0].params


def test_all_problems_at_once() -> None:
    """One wrong line does not hide the others, nor the good ones."""
    draft = sidecar("sirett: 1\ndate: hier\nht: douze\nnumero: FA-1\n")
    assert [p.code for p in draft.problems] == ["sidecar.unknown_key", "date.format", "amount.format"]
    assert draft.values == {"numero": "FA-1"}


@pytest.mark.parametrize("nothing", ["", "~", "''", "' '", "[]", "\u00a0"])
def test_nothing_given(nothing: str) -> None:
    """A key without a value is as good as absent, and leaves room for its synonym."""
    draft = sidecar(f"siret: {nothing}\nrecipient: cotes-armor\n")
    assert (draft.values, draft.problems) == ({"siret": "cotes-armor"}, ())


def test_cp1252_is_noted() -> None:
    """A sidecar in the old Windows encoding is read, with a note."""
    draft = read_sidecar("commentaire: été\n".encode("cp1252"), "A.yaml")
    assert draft.values == {"commentaire": "été"}
    assert [p.code for p in draft.problems] == ["sidecar.cp1252"]


def test_defaults_of_a_folder() -> None:
    """A folder's defaults are read alike, and count as the folder's."""
    draft = read_defaults(b"siret: 22220001600327\n", "_defaults.yaml")
    assert (draft.source, draft.values) == (Source.FOLDER, {"siret": "22220001600327"})


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes(data: bytes) -> None:
    """Any bytes give a draft, and none of its texts holds a lone surrogate."""
    repr(read_sidecar(data, "A.yaml")).encode()


VALUES = st.one_of(
    st.text(max_size=30).map(lambda t: "".join(c for c in t if c.isprintable())),
    st.lists(st.just("x"), max_size=2),
    st.dictionaries(st.sampled_from(["taux", "base", "montant", "x"]), st.sampled_from(["20", "1", "", "z"])),
)


@given(st.dictionaries(st.sampled_from([*sorted(BY_NAME), "inconnu"]), VALUES, max_size=8))
@settings(deadline=None)
def test_each_entry_ends_as_value_or_problem(entries: dict[str, object]) -> None:
    """Whatever the keys and values, the reader answers, and no name comes out that is no field."""

    def written(value: object) -> str:
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        return str(value)

    draft = sidecar("".join(f"{key}: {written(value)}\n" for key, value in entries.items()))
    assert draft.values.keys() <= FIELDS.keys()
    assert draft.values.keys() <= draft.lines.keys()


TEXT_FIELDS = [name for name, field in FIELDS.items() if field.shape is Shape.TEXT]


@given(st.sampled_from(TEXT_FIELDS), st.text("abzABZ0123456789_/+-:.", min_size=1, max_size=20))
@settings(deadline=None)
def test_what_a_sidecar_says_survives(name: str, text: str) -> None:
    """A text in quotes comes out exactly as it stands there."""
    assert sidecar(f"{name}: '{text}'\n").values == {name: text}
