from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core.fields import (
    BY_NAME,
    FIELDS,
    Enclosure,
    Kind,
    Shape,
    VatLine,
    clean,
    parse_amount,
    parse_date,
    parse_kind,
    read,
    restore,
    show,
)
from chorus_outbox.core.problem import Problem


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1 234,50", "1234.50"),
        ("1\u202f234,50 €", "1234.50"),
        ("1\u00a0234\u00a0567,89", "1234567.89"),
        ("1234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1,234.50 €", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("12", "12"),
        ("12,", "12"),
        ("0,5", "0.5"),
        ("€ 12", "12"),
        ("12 EUR", "12"),
        ("12 euros", "12"),
        ("-12,00", "-12.00"),
        ("\u221212,00", "-12.00"),
        ("12,00-", "-12.00"),
        ("-0", "0"),
        ("\u202d1234,50\u202c", "1234.50"),
    ],
)
def test_amounts(text: str, amount: str) -> None:
    """Amounts are read in all the ways French and English offices write them, exactly."""
    assert str(parse_amount(text)) == amount


@pytest.mark.parametrize(
    "text",
    [
        "1.234", "1,234", "1234,567", "1 234.567", "12 34", "1 2345", "1234 567", "1.234,567.89", "1.234.5",
        "1.234,567.890", ",5", "1..2", "1,2.3", "", "douze", "12 $", "١٢", "1e5", "NaN", "Infinity", "0x10", "1_000",
        "12 34,50", "- -1",
    ],
)  # fmt: skip
def test_no_amounts(text: str) -> None:
    """What is ambiguous, a slip of the hand or no amount is refused rather than guessed: it is money."""
    assert parse_amount(text) is None


CENTS = st.integers(0, 10**12).map(lambda n: Decimal(n) / 100)


@given(CENTS, st.sampled_from([(" ", ","), ("\u202f", ","), (".", ","), (",", "."), ("'", "."), ("", ","), ("", ".")]))
@settings(deadline=None)
def test_every_way_of_writing_an_amount(amount: Decimal, marks: tuple[str, str]) -> None:
    """Any amount, grouped and pointed by any usual pair of marks, is read back exactly."""
    group, point = marks
    whole, cents = f"{amount:,.2f}".split(".")
    assert parse_amount(whole.replace(",", group) + point + cents) == amount


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026-1-2", date(2026, 1, 2)),
        ("20/11/2026", date(2026, 11, 20)),
        ("20.11.2026", date(2026, 11, 20)),
        ("20-11-2026", date(2026, 11, 20)),
        ("20/11/26", date(2026, 11, 20)),
        (" 20/11/2026\u00a0", date(2026, 11, 20)),
        ("31/02/2026", None),
        ("11/20/2026", None),
        ("0000-01-01", None),
        ("20/11", None),
        ("2026-11-20T00:00", None),
        ("٢٠/١١/٢٠٢٦", None),
        ("", None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    """ISO and French dates are read; days that don't exist, American dates and odd digits are not."""
    assert parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Facture", Kind.INVOICE),
        ("380", Kind.INVOICE),
        ("AVOIR", Kind.CREDIT_NOTE),
        ("credit-note", Kind.CREDIT_NOTE),
        ("credit note", Kind.CREDIT_NOTE),
        ("381", Kind.CREDIT_NOTE),
        ("devis", None),
    ],
)
def test_kinds(text: str, kind: Kind | None) -> None:
    """The words for invoice and credit note are read in French, English and UNTDID 1001."""
    assert parse_kind(text) is kind


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("siret", "222 200 016 00327", "22220001600327"),
        ("siret", "222.200.016-00327", "22220001600327"),
        ("siret", "cotes-armor", "cotes-armor"),
        ("siret", "\u200e22220001600327", "22220001600327"),
        ("service", " a\u00a0 b\u200b ", "a b"),
        ("regime_tva", "exonération", "EXONERATION"),
        ("mode_paiement", "Chèque", "CHEQUE"),
        ("mode_paiement", "virement", "VIREMENT"),
        ("cadre", "a1", "A1"),
        ("pieces_jointes", "a.pdf", (Enclosure("a.pdf"),)),
    ],
)
def test_read(name: str, text: str, value: object) -> None:
    """Each field reads its text as its shape says."""
    assert read(name, text) == value


def test_read_says_where() -> None:
    """A value that can't be read becomes a problem with the field, the text and the place."""
    problem = read("date", " hier ", line="3", file="A.yaml")
    assert problem == Problem("date.format", {"field": "date", "value": "hier", "line": "3", "file": "A.yaml"})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (date(2026, 11, 20), "2026-11-20"),
        (Decimal("1E+3"), "1000"),
        (Kind.CREDIT_NOTE, "avoir"),
        ((Enclosure("a.pdf"), Enclosure("b.pdf")), "a.pdf, b.pdf"),
        ((Enclosure("a, b.pdf"), Enclosure("c.pdf", "RIB")), '[["a, b.pdf", "", ""], ["c.pdf", "RIB", ""]]'),
        ((VatLine(Decimal(20), Decimal(10), Decimal(2)),), "20 %: 10 / 2"),
    ],
)
def test_show(value: str, text: str) -> None:
    """Each value has one machine-readable text."""
    assert show(value) == text


def test_names_are_unique() -> None:
    """No name stands for two fields."""
    assert len(BY_NAME) == sum(1 + len(field.aliases) for field in FIELDS.values())


@given(st.sampled_from([n for n, f in FIELDS.items() if f.shape is not Shape.VAT_LINES]), st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_explained(name: str, text: str) -> None:
    """No text makes a field fail, and reading a value's own text again changes nothing."""
    value = read(name, text)
    if not isinstance(value, Problem) and FIELDS[name].shape is not Shape.NAMES:
        assert read(name, show(value)) == value


TEXTS = st.text(max_size=9) | st.sampled_from(["a, b.pdf", "[a].pdf", "[[1]]", '[["x", "", ""]]', "bon.pdf"])


@given(st.lists(st.builds(Enclosure, TEXTS, TEXTS, TEXTS), min_size=1, max_size=4).map(tuple))
@settings(deadline=None)
def test_attachments_survive_the_ledger(value: tuple[Enclosure, ...]) -> None:
    """Whatever a name holds, what the ledger keeps gives back the very attachments."""
    assert restore("pieces_jointes", show(value)) == value


def test_attachments_of_an_older_ledger() -> None:
    """Names that were joined by commas are still read."""
    assert restore("pieces_jointes", "a.pdf, [[b].pdf") == (Enclosure("a.pdf"), Enclosure("[[b].pdf"))


@given(st.text(max_size=40))
@settings(deadline=None)
def test_clean_is_final(text: str) -> None:
    """Cleaned text is one trimmed line, and cleaning it again changes nothing."""
    once = clean(text)
    assert once == once.strip()
    assert "\n" not in once
    assert clean(once) == once
