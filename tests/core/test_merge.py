from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.book import Book, BookEntry
from chorus_outbox.core.crosscheck import Mismatch
from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.fields import FIELDS, Enclosure, FieldValue, Kind, Shape, VatLine
from chorus_outbox.core.invoice import Cadre
from chorus_outbox.core.merge import Understood, Value, understand
from chorus_outbox.core.problem import Problem, stops
from chorus_outbox.core.sidecar import read_sidecar

TODAY = date(2026, 11, 24)
SIRET, OTHER, SUPPLIER = "22220001600327", "21750001600019", "73282932000074"
D = Decimal
FULL: Mapping[str, FieldValue] = {
    "siret": SIRET,
    "numero": "FA-1",
    "date": date(2026, 11, 20),
    "ht": D("100.00"),
    "tva": D("20.00"),
    "ttc": D("120.00"),
}
BOOK: Book = {
    "Cotes-Armor": BookEntry(SIRET, "COLLEGE", None, "[0-9]{5,6}", None),
    "cotes-armor-routes": BookEntry(SIRET, "ROUTES", "12345", "[0-9]{5,6}", "A9"),
    "paris": BookEntry(OTHER, "DSI", "999", None, None),
}
WITHOUT_TOTALS = {name: FULL[name] for name in ("siret", "numero", "date")}


def said(source: Source, values: Mapping[str, FieldValue], *problems: Problem) -> Draft:
    return Draft(source, values, problems)


def merged(
    *drafts: Draft, book: Book | None = None, mismatch: Mismatch = "fail", pdf_text: str = "", today: date = TODAY
) -> Understood:
    return understand(drafts, book=book or {}, today=today, mismatch=mismatch, pdf_text=pdf_text)


def sidecar(**changes: FieldValue | None) -> Understood:
    """Return what is understood of a good sidecar with some changes (None takes a field away)."""
    values = {name: value for name, value in {**FULL, **changes}.items() if value is not None}
    return merged(said(Source.SIDECAR, values))


def codes(understood: Understood) -> list[str]:
    return [p.code for p in understood.problems]


def amounts(understood: Understood) -> dict[str, str]:
    names = ("ht", "tva", "ttc", "a_payer")
    return {name: str(understood.fields[name].value) for name in names if name in understood.fields}


# -- precedence


@pytest.mark.parametrize("strong", list(Source), ids=lambda s: s.value)
@pytest.mark.parametrize("weak", list(Source), ids=lambda s: s.value)
def test_the_stronger_source_wins(strong: Source, weak: Source) -> None:
    """Each value comes from the strongest source that gives it, and keeps its name."""
    if list(Source).index(strong) >= list(Source).index(weak):
        return
    understood = merged(said(weak, {"marche": "weak", "service": "S"}), said(strong, {"marche": "strong"}))
    assert understood.fields["marche"] == Value("strong", strong)
    assert understood.fields["service"] == Value("S", weak)


def test_a_good_sidecar_becomes_an_invoice() -> None:
    """A complete sidecar is enough; what it leaves open is as usual."""
    understood = sidecar()
    assert understood.problems == ()
    invoice = understood.invoice
    assert invoice is not None
    assert (str(invoice.recipient), invoice.number, invoice.date) == (SIRET, "FA-1", date(2026, 11, 20))
    assert (invoice.net, invoice.vat, invoice.gross, invoice.payable) == (D(100), D(20), D(120), D(120))
    assert (invoice.kind, invoice.cadre, invoice.vat_regime) == (Kind.INVOICE, Cadre.A1, "TVA_SUR_DEBIT")
    assert (invoice.payment_mode, invoice.currency) == ("VIREMENT", "EUR")
    assert understood.fields["cadre"].source is Source.CONFIG


def test_every_field_reaches_the_invoice() -> None:
    """Nothing a sidecar says is lost on the way."""
    understood = sidecar(
        service="S", engagement="0123", type=Kind.CREDIT_NOTE, a_payer=D(50), devise="usd", cadre="A12",
        regime_tva="EXONERATION", motif_exoneration="VATEX-FR", mode_paiement="CHEQUE", marche="M", origine="FA-0",
        valideur=OTHER, valideur_service="VS", fournisseur=SUPPLIER, fournisseur_service="FS", compte_bancaire="FR76",
        pieces_jointes=(Enclosure("a.pdf"),), commentaire="C", lignes_tva=(VatLine(D(20), D(100), D(20)),),
    )  # fmt: skip
    invoice = understood.invoice
    assert understood.problems == ()
    assert invoice is not None
    assert (invoice.service, invoice.engagement, invoice.kind, invoice.payable) == (
        "S",
        "0123",
        Kind.CREDIT_NOTE,
        D(50),
    )
    assert (invoice.currency, invoice.cadre, invoice.vat_regime) == ("USD", Cadre.A12, "EXONERATION")
    assert (invoice.exemption_reason, invoice.payment_mode, invoice.contract) == ("VATEX-FR", "CHEQUE", "M")
    assert (invoice.origin, str(invoice.validator), invoice.validator_service) == ("FA-0", OTHER, "VS")
    assert (str(invoice.supplier), invoice.supplier_service, invoice.bank_account) == (SUPPLIER, "FS", "FR76")
    assert (invoice.attachments, invoice.comment) == ((Enclosure("a.pdf"),), "C")
    assert invoice.vat_lines == (VatLine(D(20), D(100), D(20)),)


# -- what is missing


def test_all_that_is_missing_is_said_at_once() -> None:
    """With nothing known, each required field is missing, once, in the order of the fields."""
    understood = merged()
    assert [p.params for p in understood.problems] == [
        {"field": n} for n in ("siret", "numero", "date", "ht", "tva", "ttc")
    ]
    assert understood.invoice is None


@pytest.mark.parametrize(
    ("problem", "excused"),
    [
        pytest.param(Problem("date.format", {"field": "date", "value": "x"}), {"date"}, id="unreadable value"),
        pytest.param(Problem("sidecar.unknown_key", {"key": "sirett", "nearest": "siret"}), {"siret"}, id="typo"),
        pytest.param(Problem("sidecar.not_text", {"key": "ttc", "field": "ttc"}), {"ttc"}, id="list for a text"),
        pytest.param(Problem("sidecar.syntax", {"line": "2", "detail": "tab"}), set(FULL), id="no YAML"),
        pytest.param(Problem("sidecar.duplicate_key", {"key": "x", "line": "2"}), set(FULL), id="same key twice"),
        pytest.param(Problem("sidecar.cp1252"), set(), id="a note"),
    ],
)
def test_missing_is_not_said_of_what_could_not_be_read(problem: Problem, excused: set[str]) -> None:
    """Why a value could not be read is said, not also that it is missing."""
    understood = merged(said(Source.SIDECAR, {}, problem))
    assert understood.problems[0] == problem
    missing = {p.params["field"] for p in understood.problems if p.code == "missing.field"}
    assert missing == set(FULL) - excused


# -- the rules


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"siret": "22220001600328"}, ["siret.checksum"], id="SIRET checksum"),
        pytest.param({"siret": "2222000160032"}, ["siret.format"], id="SIRET of 13 digits"),
        pytest.param({"siret": "2222000160032O"}, ["siret.format"], id="SIRET with a letter"),
        pytest.param({"siret": "paris"}, ["siret.alias"], id="alias without a book"),
        pytest.param({"numero": "FA-2026-0000000000001"}, ["number.too_long"], id="number too long"),
        pytest.param({"numero": "FA 1"}, ["number.characters"], id="number with a space"),
        pytest.param({"numero": "20261120"}, ["number.date"], id="a date as number"),
        pytest.param({"date": date(2026, 11, 25)}, ["date.future"], id="tomorrow"),
        pytest.param({"date": TODAY}, [], id="today"),
        pytest.param({"service": "S" * 101}, ["field.too_long"], id="service too long"),
        pytest.param({"engagement": "1" * 51}, ["field.too_long"], id="engagement too long"),
        pytest.param({"commentaire": "x" * 201}, ["field.too_long"], id="comment too long"),
        pytest.param({"regime_tva": "TVA"}, ["field.choice"], id="regime"),
        pytest.param({"mode_paiement": "BITCOIN"}, ["field.choice"], id="payment"),
        pytest.param({"devise": "EURO"}, ["field.choice"], id="currency"),
        pytest.param({"cadre": "A1"}, [], id="short frame"),
        pytest.param({"cadre": "A1_FACTURE_FOURNISSEUR"}, [], id="whole frame"),
        pytest.param({"cadre": "A4"}, ["cadre.works"], id="short works frame"),
        pytest.param(
            {"cadre": "A25_DECOMPTE_GENERAL_DEFINITIF_MOE_PROCEDURE_TACITE"}, ["cadre.works"], id="whole works frame"
        ),
        pytest.param({"cadre": "A3"}, ["cadre.justice"], id="court fees"),
        pytest.param({"cadre": "A21_DEMANDE_REMBOURSEMENT_TIC"}, ["cadre.refund"], id="fuel tax refund"),
        pytest.param({"cadre": "A26"}, ["field.choice"], id="no frame"),
        pytest.param({"cadre": "A1_AUTRE"}, ["field.choice"], id="misspelt frame"),
        pytest.param({"cadre": "A9"}, ["validator.missing"], id="subcontractor without validator"),
        pytest.param({"cadre": "A12", "valideur": OTHER}, [], id="co-contractor with validator"),
        pytest.param({"cadre": "A9", "valideur": "1"}, ["siret.format"], id="bad validator"),
        pytest.param({"cadre": "A9", "valideur": SIRET}, ["validator.same"], id="the recipient as validator"),
        pytest.param(
            {"cadre": "A9", "valideur": SUPPLIER, "fournisseur": SUPPLIER},
            ["validator.same"],
            id="oneself as validator",
        ),
        pytest.param({"valideur": OTHER}, ["validator.unused"], id="a validator for A1"),
        pytest.param({"fournisseur": "73282932000075"}, ["siret.checksum"], id="bad supplier"),
        pytest.param({"regime_tva": "EXONERATION"}, ["exemption.missing"], id="exempt without a reason"),
        pytest.param({"type": Kind.CREDIT_NOTE}, ["origin.missing"], id="credit note without its invoice"),
        pytest.param({"type": Kind.CREDIT_NOTE, "origine": "FA-0"}, [], id="credit note"),
        pytest.param({"type": Kind.CREDIT_NOTE, "origine": "Néant"}, [], id="credit note of no single invoice"),
        pytest.param({"type": Kind.CREDIT_NOTE, "origine": "fa-1"}, ["origin.same"], id="credit note of itself"),
        pytest.param({"remise": D(20)}, [], id="discount"),
        pytest.param({"remise": D(20), "a_payer": D(100)}, [], id="discount, and what is left"),
        pytest.param({"remise": D(20), "a_payer": D(40)}, [], id="discount, and a deposit paid"),
        pytest.param({"remise": D(20), "a_payer": D(101)}, ["totals.discount"], id="more to pay than discounted"),
        pytest.param({"remise": D(121)}, ["totals.discount"], id="more discount than total"),
        pytest.param({"regime_tva": "SANS_TVA"}, ["totals.vat_regime"], id="VAT without VAT"),
        pytest.param({"a_payer": D(0)}, ["cadre.paid"], id="nothing left to pay"),
        pytest.param({"a_payer": D(0), "cadre": "A2"}, [], id="paid, and said so"),
        pytest.param({"ttc": D("121")}, ["totals.sum"], id="sum"),
        pytest.param({"a_payer": D("121")}, ["totals.payable"], id="more to pay than the total"),
        pytest.param({"ht": D("-100"), "tva": D("-20"), "ttc": D("-120")}, ["totals.sign"], id="negative invoice"),
        pytest.param({"ttc": D("120.001")}, ["amount.format"], id="thousandths"),
        pytest.param({"ttc": D("NaN")}, ["amount.format"], id="not a number"),
        pytest.param({"ttc": D("1E+40")}, ["amount.format"], id="too much"),
        pytest.param(
            {"lignes_tva": (VatLine(D(20), D(90), D(18)),)}, ["totals.vat_base", "totals.vat_tax"], id="VAT lines"
        ),
        pytest.param({"lignes_tva": (VatLine(D(200), D(100), D(20)),)}, ["field.vat_lines"], id="VAT rate"),
        pytest.param(
            {"siret": "1", "numero": "FA 1", "date": date(2027, 1, 1), "mode_paiement": "X"},
            ["siret.format", "number.characters", "date.future", "field.choice"],
            id="all at once, in the order of the fields",
        ),
    ],
)
def test_rules(changes: dict[str, FieldValue | None], expected: list[str]) -> None:
    """Each broken rule is told by its code, and nothing else is; only a note lets an invoice out."""
    understood = sidecar(**changes)
    assert codes(understood) == expected
    assert (understood.invoice is None) == stops(understood.problems)


def test_problems_know_field_and_line() -> None:
    """A problem with a sidecar's value says the field and the line."""
    draft = Draft(Source.SIDECAR, {**FULL, "siret": "22220001600328"}, lines={"siret": 3})
    (problem,) = merged(draft).problems
    assert problem.params == {"value": "22220001600328", "field": "siret", "line": "3"}


def test_choices_are_shown() -> None:
    """Who writes a word that does not exist sees those that do."""
    (problem,) = sidecar(mode_paiement="BITCOIN").problems
    assert problem.params["allowed"] == "VIREMENT, CHEQUE, PRELEVEMENT, ESPECE, AUTRE, REPORT"


# -- the recipient book


def test_alias() -> None:
    """An alias, in any case, becomes its SIRET and brings what is usual with this customer."""
    understood = merged(said(Source.SIDECAR, {**FULL, "siret": "PARIS"}), book=BOOK)
    assert understood.fields["siret"] == Value(OTHER, Source.SIDECAR)
    assert understood.fields["service"] == Value("DSI", Source.CONFIG)
    assert understood.fields["engagement"] == Value("999", Source.CONFIG)


def test_unknown_alias() -> None:
    """An unknown alias is told with the nearest known one, and the SIRET is not called missing as well."""
    understood = merged(said(Source.SIDECAR, {**FULL, "siret": "cote-armor"}), book=BOOK)
    assert [(p.code, p.params["nearest"]) for p in understood.problems] == [("siret.alias", "Cotes-Armor")]


def test_the_named_entry_counts() -> None:
    """Of two entries with one SIRET, the one that was named gives service, frame and pattern."""
    understood = merged(said(Source.FOLDER, {**FULL, "siret": "cotes-armor-routes"}), book=BOOK)
    assert understood.fields["service"].value == "ROUTES"
    assert understood.fields["cadre"].value == Cadre.A9.value
    assert understood.engagement_pattern == "[0-9]{5,6}"


def test_entries_of_a_siret_count_where_they_agree() -> None:
    """With the SIRET alone, only what all its entries agree on is taken."""
    understood = merged(said(Source.SIDECAR, FULL), book=BOOK)
    assert "service" not in understood.fields
    assert "engagement" not in understood.fields
    assert understood.fields["cadre"].value == Cadre.A1.value
    assert understood.engagement_pattern == "[0-9]{5,6}"


@pytest.mark.parametrize("source", list(Source), ids=lambda s: s.value)
def test_rank_of_the_book(source: Source) -> None:
    """The book is overridden by sidecar, name and folder, and overrides what the configuration and the PDF say."""
    drafts = said(Source.SIDECAR, {**FULL, "siret": "paris"}), said(source, {"service": "X"})
    stronger = source in (Source.SIDECAR, Source.FILENAME, Source.FOLDER)
    assert merged(*drafts[: 1 if source is Source.SIDECAR else 2], book=BOOK).fields["service"].value == (
        "DSI" if source is Source.SIDECAR or not stronger else "X"
    )


# -- people against each other


@pytest.mark.parametrize(
    ("one", "other", "field", "value", "conflict"),
    [
        pytest.param(Source.SIDECAR, Source.FILENAME, "numero", "FA-2", True, id="number: sidecar, name"),
        pytest.param(Source.SIDECAR, Source.FILENAME, "siret", OTHER, True, id="SIRET: sidecar, name"),
        pytest.param(Source.SIDECAR, Source.FILENAME, "ttc", D("120.0"), False, id="the same amount"),
        pytest.param(Source.SIDECAR, Source.FOLDER, "siret", OTHER, True, id="SIRET: sidecar, folder"),
        pytest.param(Source.FILENAME, Source.FOLDER, "siret", OTHER, True, id="SIRET: name, folder"),
        pytest.param(Source.SIDECAR, Source.FOLDER, "siret", "cotes-armor", False, id="the same recipient by alias"),
        pytest.param(Source.SIDECAR, Source.FOLDER, "numero", "FA-2", False, id="a folder's other values"),
        pytest.param(Source.SIDECAR, Source.CONFIG, "siret", OTHER, False, id="the configuration"),
        pytest.param(Source.FOLDER, Source.CONFIG, "siret", OTHER, False, id="folder, configuration"),
    ],
)
def test_conflicts(one: Source, other: Source, field: str, value: FieldValue, conflict: bool) -> None:
    """Two explicit sources that contradict each other are a problem, not a silent choice."""
    understood = merged(said(one, FULL), said(other, {field: value}), book=BOOK)
    assert codes(understood) == (["conflict.sources"] if conflict else [])
    if conflict:
        params = understood.problems[0].params
        assert (params["field"], params["first"], params["second"]) == (field, FULL[field], value)
        assert (params["first_source"], params["second_source"]) == (one.value, other.value)


def test_service_codes_are_compared_exactly() -> None:
    """Two spellings of a service code are two services."""
    understood = merged(said(Source.SIDECAR, {**FULL, "service": "dsi"}), said(Source.FILENAME, {"service": "DSI"}))
    assert codes(understood) == ["conflict.sources"]


def test_a_file_name_cannot_hold_a_slash() -> None:
    """A number's slash, which no file name can hold, may stand as dash or underscore in the name."""
    slashed = {**FULL, "numero": "FA/2026/1"}
    assert merged(said(Source.SIDECAR, slashed), said(Source.FILENAME, {"numero": "FA-2026_1"})).problems == ()
    assert codes(merged(said(Source.SIDECAR, slashed), said(Source.FILENAME, {"numero": "FA-2026-2"})))


# -- people against the PDF


@pytest.mark.parametrize("source", [Source.SIDECAR, Source.FILENAME, Source.FOLDER, Source.CONFIG])
@pytest.mark.parametrize(
    ("field", "value"), [("numero", "FA-2"), ("date", date(2026, 11, 19)), ("ttc", D("121"))], ids=str
)
def test_facturx_contradicts(source: Source, field: str, value: FieldValue) -> None:
    """Number, date and total that the Factur-X contradicts stop the invoice; `warn` makes it a note."""
    drafts = said(source, FULL), said(Source.FACTURX, {field: value})
    assert codes(merged(*drafts)) == ["mismatch.pdf"]
    warned = merged(*drafts, mismatch="warn")
    assert codes(warned) == ["mismatch.pdf_warn"]
    assert warned.invoice
    assert warned.problems[0].params["source"] == source.value


@pytest.mark.parametrize(
    ("text", "expected"), [("Facture FA-2", ["mismatch.pdf"]), ("Facture FA-2, remplace FA-1", [])]
)
def test_text_contradicts_unless_it_mentions_ours(text: str, expected: list[str]) -> None:
    """The text of the PDF contradicts a number only where that number stands nowhere in it."""
    drafts = said(Source.SIDECAR, FULL), said(Source.PDF_TEXT, {"numero": "FA-2"})
    assert codes(merged(*drafts, pdf_text=text)) == expected


@pytest.mark.parametrize(
    ("ours", "pdf", "expected"),
    [
        pytest.param({"numero": "fa-1"}, {"numero": "FA - 1"}, [], id="capitals and spaces are the layout's"),
        pytest.param({"ttc": D("120.00")}, {"ttc": D("150"), "a_payer": D("120")}, [], id="the net to pay"),
        pytest.param({"service": "A"}, {"service": "B"}, [], id="other fields are not checked"),
        pytest.param({}, {"siret": OTHER}, [], id="the recipient is not checked"),
        pytest.param({}, {"ht": D("90"), "tva": D("18")}, ["mismatch.pdf"], id="a total that follows"),
    ],
)
def test_what_is_no_mismatch(ours: dict[str, FieldValue], pdf: dict[str, FieldValue], expected: list[str]) -> None:
    """Only a plain contradiction counts."""
    drafts = said(Source.SIDECAR, {**FULL, **ours}), said(Source.FACTURX, pdf)
    assert codes(merged(*drafts)) == expected


def test_the_pdf_does_not_contradict_itself() -> None:
    """A value nobody gave but the PDF is not checked against the PDF."""
    drafts = said(Source.FACTURX, FULL), said(Source.PDF_TEXT, {"numero": "FA-2", "ttc": D("5")})
    assert codes(merged(*drafts, pdf_text="FA-2")) == []


def test_a_slash_on_the_pdf_agrees_with_the_name() -> None:
    """A file name's dash agrees with the slash of the number on the PDF."""
    named = said(Source.FILENAME, {**FULL, "numero": "FA-2026-1"})
    assert codes(merged(named, said(Source.FACTURX, {"numero": "FA/2026/1"}))) == []


@pytest.mark.parametrize(
    ("pdf", "expected"),
    [(OTHER, ["supplier.differs"]), (SUPPLIER, []), ("73282932000075", [])],
    ids=["another", "the same", "a misreading"],
)
def test_another_supplier_on_the_pdf(pdf: str, expected: list[str]) -> None:
    """Another supplier's SIRET on the PDF is told, and stops nothing."""
    understood = merged(
        said(Source.SIDECAR, FULL),
        said(Source.CONFIG, {"fournisseur": SUPPLIER}),
        said(Source.PDF_TEXT, {"fournisseur": pdf}),
    )
    assert codes(understood) == expected
    assert understood.invoice


def test_a_misread_supplier_is_left_out() -> None:
    """A SIRET on the PDF that can't be one is no supplier."""
    understood = merged(said(Source.SIDECAR, FULL), said(Source.PDF_TEXT, {"fournisseur": "73282932000075"}))
    assert "fournisseur" not in understood.fields
    assert understood.problems == ()


# -- amounts that follow from others


@pytest.mark.parametrize(
    ("given_amounts", "result"),
    [
        pytest.param({"ht": D(100), "tva": D(20)}, ("100.00", "20.00", "120.00"), id="TTC"),
        pytest.param({"ht": D(100), "ttc": D(120)}, ("100.00", "20.00", "120.00"), id="TVA"),
        pytest.param({"tva": D(20), "ttc": D(120)}, ("100.00", "20.00", "120.00"), id="HT"),
        pytest.param({"ht": D(100), "regime_tva": "SANS_TVA"}, ("100.00", "0.00", "100.00"), id="without VAT"),
        pytest.param({"ttc": D(100), "regime_tva": "SANS_TVA"}, ("100.00", "0.00", "100.00"), id="without VAT, TTC"),
        pytest.param(
            {"ht": D(100), "regime_tva": "EXONERATION", "motif_exoneration": "x"},
            ("100.00", "0.00", "100.00"),
            id="exempt",
        ),
        pytest.param(
            {"lignes_tva": (VatLine(D(20), D(90), D(18)), VatLine(D(20), D(10), D(2)))},
            ("100.00", "20.00", "120.00"),
            id="VAT lines",
        ),
        pytest.param({"ht": D("100.0000"), "tva": D("2E+1")}, ("100.00", "20.00", "120.00"), id="two decimals"),
    ],
)
def test_derived(given_amounts: dict[str, FieldValue], result: tuple[str, str, str]) -> None:
    """What follows from the given amounts is computed, and counts as said by their source."""
    understood = merged(said(Source.SIDECAR, {**WITHOUT_TOTALS, **given_amounts}))
    assert understood.problems == ()
    assert amounts(understood) == dict(zip(("ht", "tva", "ttc", "a_payer"), (*result, result[2]), strict=True))
    assert {understood.fields[name].source for name in ("ht", "tva", "ttc")} == {Source.SIDECAR}


@pytest.mark.parametrize("given_amounts", [{"ttc": D(120)}, {"ht": D(100)}, {"tva": D(20)}, {}])
def test_one_amount_is_not_enough(given_amounts: dict[str, FieldValue]) -> None:
    """Nothing is guessed from a single amount: a VAT rate is nobody's default."""
    understood = merged(said(Source.SIDECAR, {**WITHOUT_TOTALS, **given_amounts}))
    assert {p.params["field"] for p in understood.problems} == {"ht", "tva", "ttc"} - given_amounts.keys()


def test_computed_from_two_sources() -> None:
    """What is computed from two sources is as weak as the weaker one."""
    understood = merged(said(Source.SIDECAR, {**WITHOUT_TOTALS, "ht": D(100)}), said(Source.PDF_TEXT, {"tva": D(20)}))
    assert understood.fields["ttc"] == Value(D(120), Source.PDF_TEXT)


def test_a_sidecar_with_two_amounts_outranks_the_pdf() -> None:
    """HT and TVA of a sidecar make a TTC that the PDF's own is checked against."""
    two = {**WITHOUT_TOTALS, "ht": D(100), "tva": D(20)}
    understood = merged(said(Source.SIDECAR, two), said(Source.PDF_TEXT, {"ttc": D(130)}), pdf_text="130,00")
    assert codes(understood) == ["mismatch.pdf"]
    assert understood.fields["ttc"] == Value(D(120), Source.SIDECAR)


@pytest.mark.parametrize(
    ("drafts", "payable"),
    [
        pytest.param([(Source.PDF_TEXT, {"a_payer": D(80)})], "80.00", id="a deposit was paid"),
        pytest.param([(Source.PDF_TEXT, {"a_payer": D(180)})], "120.00", id="more than the total: a misreading"),
        pytest.param([(Source.PDF_TEXT, {"a_payer": D(-5)})], "120.00", id="less than nothing: a misreading"),
        pytest.param([(Source.FACTURX, {"a_payer": D("0.01")})], "0.01", id="hardly anything left"),
        pytest.param([(Source.PDF_TEXT, {"remise": D(20)})], "100.00", id="a discount"),
        pytest.param([(Source.PDF_TEXT, {"remise": D(20), "a_payer": D(120)})], "100.00", id="a discount misplaced"),
        pytest.param([(Source.PDF_TEXT, {"remise": D(121)})], "120.00", id="a discount misread"),
        pytest.param([(Source.FILENAME, {"cadre": "A2"})], "0.00", id="already paid"),
        pytest.param(
            [(Source.FILENAME, {"cadre": "A2"}), (Source.PDF_TEXT, {"a_payer": D(120)})], "0.00", id="paid, PDF"
        ),
        pytest.param([(Source.FILENAME, {"cadre": "A2", "a_payer": D(10)})], "10.00", id="already paid, but for"),
        pytest.param([], "120.00", id="the total"),
    ],
)
def test_payable(drafts: list[tuple[Source, dict[str, FieldValue]]], payable: str) -> None:
    """What is left to pay is the total unless somebody says otherwise."""
    understood = merged(said(Source.SIDECAR, FULL), *(said(source, values) for source, values in drafts))
    assert understood.problems == ()
    assert amounts(understood)["a_payer"] == payable


GOOD_LINES, BAD_LINES = (VatLine(D(20), D(100), D(20)),), (VatLine(D(20), D(90), D(18)),)


@pytest.mark.parametrize("source", [Source.FACTURX, Source.PDF_TEXT])
def test_vat_lines_of_the_pdf(source: Source) -> None:
    """VAT lines read in the PDF are sent when they agree with the totals, and else left out without a word."""
    good = merged(said(Source.SIDECAR, FULL), said(source, {"lignes_tva": GOOD_LINES}))
    bad = merged(said(Source.SIDECAR, FULL), said(source, {"lignes_tva": BAD_LINES}))
    assert good.invoice is not None
    assert bad.invoice is not None
    assert (good.invoice.vat_lines, bad.invoice.vat_lines) == (GOOD_LINES, ())
    assert good.problems == bad.problems == ()


@pytest.mark.parametrize(
    ("lines", "missing"), [(GOOD_LINES, set()), (BAD_LINES, {"ht", "tva"})], ids=["agree", "don't agree"]
)
def test_totals_from_the_lines_of_the_pdf(lines: tuple[VatLine, ...], missing: set[str]) -> None:
    """Lines read in the PDF give HT and TVA only when the total says that all of them were read."""
    understood = merged(
        said(Source.SIDECAR, {**WITHOUT_TOTALS, "ttc": D(120)}), said(Source.PDF_TEXT, {"lignes_tva": lines})
    )
    assert {p.params["field"] for p in understood.problems} == missing


@pytest.mark.parametrize(
    ("values", "config", "regime"),
    [
        pytest.param({}, {"regime_tva": "TVA_SUR_ENCAISSEMENT"}, "SANS_TVA", id="configured regime"),
        pytest.param({}, {}, "SANS_TVA", id="no regime"),
        pytest.param({"motif_exoneration": "x"}, {}, "EXONERATION", id="a reason for exemption"),
        pytest.param(
            {"motif_exoneration": "x", "tva": D(1), "ttc": D(101)}, {}, "EXONERATION", id="a reason for a part of it"
        ),
        pytest.param({"regime_tva": "TVA_SUR_DEBIT"}, {}, "TVA_SUR_DEBIT", id="a person's regime"),
        pytest.param({}, {"regime_tva": "EXONERATION", "motif_exoneration": "x"}, "EXONERATION", id="always exempt"),
        pytest.param({"lignes_tva": (VatLine(D(0), D(100), D(0)),)}, {}, "SANS_TVA", id="a line at 0 %"),
    ],
)
def test_regime_without_vat(values: dict[str, FieldValue], config: dict[str, FieldValue], regime: str) -> None:
    """Without VAT the configured regime does not apply (api.md 3.5), unless a person says so."""
    without = {**FULL, "tva": D(0), "ttc": D(100), **values}
    understood = merged(said(Source.SIDECAR, without), said(Source.CONFIG, config))
    assert understood.problems == ()
    assert understood.fields["regime_tva"].value == regime


def test_credit_note_amounts_are_positive() -> None:
    """A credit note's amounts, given negative by one source and positive by another, are positive and agree."""
    negative: dict[str, FieldValue] = {name: -v if isinstance(v, Decimal) else v for name, v in FULL.items()}
    lines = (VatLine(D(20), D(-110), D(-22)), VatLine(D(20), D(10), D(2)))
    understood = merged(
        said(Source.SIDECAR, {**negative, "type": Kind.CREDIT_NOTE, "origine": "FA-0", "lignes_tva": lines}),
        said(Source.FACTURX, {"ttc": D(120)}),
    )
    assert understood.problems == ()
    assert understood.invoice is not None
    assert amounts(understood) == {"ht": "100.00", "tva": "20.00", "ttc": "120.00", "a_payer": "120.00"}
    assert understood.invoice.vat_lines == (VatLine(D(20), D(110), D(22)), VatLine(D(20), D(-10), D(-2)))


def test_misread_amounts_are_left_out() -> None:
    """An amount in the PDF that can't be one disturbs nobody."""
    understood = merged(said(Source.SIDECAR, FULL), said(Source.PDF_TEXT, {"ttc": D("NaN"), "ht": D("1E+99")}))
    assert understood.problems == ()


# -- whatever comes


def values_of(shape: Shape) -> st.SearchStrategy[FieldValue]:
    money = st.decimals(allow_nan=True, allow_infinity=True) | st.sampled_from([D(100), D(20), D(120), D(-120)])
    lines = st.builds(VatLine, st.sampled_from([D(20), D(0), D("NaN")]), money, money)
    words = st.sampled_from(["A1", "A4", "A9", "SANS_TVA", "EXONERATION", "VIREMENT", "FA-1", "FA/1", "EUR", ""])
    match shape:
        case Shape.AMOUNT:
            return money
        case Shape.DATE:
            return st.dates()
        case Shape.KIND:
            return st.sampled_from(Kind)
        case Shape.VAT_LINES:
            return st.lists(lines, max_size=3).map(tuple)
        case Shape.NAMES:
            return st.lists(st.builds(Enclosure, st.text(max_size=5)), max_size=3).map(tuple)
        case Shape.SIRET:
            return st.sampled_from([SIRET, OTHER, SUPPLIER, "paris", "nobody", "123", ""])
        case _:
            return words | st.text(max_size=25)


FIELDS_OF = st.fixed_dictionaries({}, optional={name: values_of(field.shape) for name, field in FIELDS.items()})
PROBLEMS = st.lists(st.sampled_from([Problem("sidecar.cp1252"), Problem("date.format", {"field": "date"})]), max_size=2)
DRAFTS = st.lists(st.builds(Draft, st.sampled_from(Source), FIELDS_OF, PROBLEMS.map(tuple)), max_size=5)


@given(DRAFTS, st.sampled_from(["fail", "warn"]), st.text(max_size=40), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_any_drafts(drafts: list[Draft], mismatch: Mismatch, text: str, chance: random.Random) -> None:
    """Any drafts are understood or explained, the same whatever their order, each problem once."""
    understood = merged(*drafts, book=BOOK, mismatch=mismatch, pdf_text=text)
    assert (understood.invoice is None) == stops(understood.problems)
    assert list(understood.fields) == [name for name in FIELDS if name in understood.fields]
    said_once = [(p.code, sorted(p.params.items())) for p in understood.problems]
    assert len(said_once) == len({str(one) for one in said_once})
    shuffled = list(drafts)
    chance.shuffle(shuffled)
    assert repr(merged(*shuffled, book=BOOK, mismatch=mismatch, pdf_text=text)) == repr(understood)


TEXT_FIELDS = [n for n, f in FIELDS.items() if f.shape is Shape.TEXT and n not in ("devise", "numero")]


@given(st.sampled_from(TEXT_FIELDS), st.text("ABCabc0123456789-/", min_size=1, max_size=20), DRAFTS)
@settings(deadline=None, max_examples=40)
def test_what_a_sidecar_says_survives(name: str, text: str, drafts: list[Draft]) -> None:
    """Whatever the other sources say, a sidecar's text comes out exactly as it stands there."""
    others = [draft for draft in drafts if draft.source is not Source.SIDECAR]
    read = read_sidecar(f"{name}: {text!r}\n".encode(), "A.yaml")
    understood = merged(read, *others, book=BOOK)
    assert understood.fields[name] == Value(text, Source.SIDECAR)


@pytest.mark.parametrize(
    ("ours", "text", "expected"),
    [
        ("F-1", "F-2", ["mismatch.pdf_warn"]),
        ("aucune", "F-2, aucune pénalité", ["mismatch.pdf_warn"]),
        ("f-2", "", []),
        ("F-1", "F-1, F-2", []),
    ],
    ids=["another", "none", "the same", "one of several"],
)
def test_another_origin_in_the_pdf_is_told(ours: str, text: str, expected: list[str]) -> None:
    """A credit note whose PDF names another invoice still leaves: it may correct several."""
    note: dict[str, FieldValue] = {**FULL, "type": Kind.CREDIT_NOTE}
    read: dict[str, FieldValue] = {"type": Kind.CREDIT_NOTE, "origine": "F-2"}
    understood = merged(said(Source.SIDECAR, {**note, "origine": ours}), said(Source.PDF_TEXT, read), pdf_text=text)
    assert codes(understood) == expected
    assert understood.invoice is not None


@pytest.mark.parametrize("first", [Kind.INVOICE, Kind.CREDIT_NOTE])
@pytest.mark.parametrize("mismatch", ["fail", "warn"])
def test_a_pdf_that_contradicts_itself_stops(first: Kind, mismatch: Mismatch) -> None:
    """Factur-X and title differ: nobody guesses, whatever `mismatch` says; a person's "avoir" settles it."""
    other = Kind.CREDIT_NOTE if first is Kind.INVOICE else Kind.INVOICE
    pdf = (said(Source.FACTURX, {"type": first, "origine": "F-0"}), said(Source.PDF_TEXT, {"type": other}))
    silent, avoir = said(Source.SIDECAR, FULL), said(Source.SIDECAR, {**FULL, "type": Kind.CREDIT_NOTE})
    assert codes(merged(silent, *pdf, mismatch=mismatch)) == ["type.differs"]
    assert merged(avoir, *pdf, mismatch=mismatch, pdf_text="Avoir").problems == ()


@pytest.mark.parametrize("source", [Source.FACTURX, Source.PDF_TEXT])
@pytest.mark.parametrize(
    ("ours", "pdf", "expected"),
    [
        (Kind.INVOICE, Kind.CREDIT_NOTE, ["mismatch.pdf"]),
        (Kind.CREDIT_NOTE, Kind.INVOICE, ["mismatch.pdf_warn"]),
        (Kind.CREDIT_NOTE, Kind.CREDIT_NOTE, []),
    ],
    ids=["a credit note as an invoice", "a facture d'avoir", "agreed"],
)
def test_a_credit_note_is_not_sent_as_an_invoice(source: Source, ours: Kind, pdf: Kind, expected: list[str]) -> None:
    """Money would flow the wrong way; the other direction is only a matter of titles."""
    origin: dict[str, FieldValue] = {"origine": "F1"} if ours is Kind.CREDIT_NOTE else {}
    understood = merged(said(Source.SIDECAR, {**FULL, **origin, "type": ours}), said(source, {"type": pdf}))
    assert codes(understood) == expected
