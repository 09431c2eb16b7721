"""Chorus Pro's own reading of a PDF against ours: contradictions stop or are told, silence says nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import pytest

from chorus_outbox.core.analysis import Analysis, Difference, differences, told
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.fields import Kind
from chorus_outbox.core.lifecycle import State

AT = datetime(2026, 11, 23, tzinfo=UTC)
FIELDS = {
    "siret": "22220001600434",
    "service": "COLLEGE",
    "engagement": "91821",
    "numero": "FA-1",
    "date": "2026-11-20",
    "type": "facture",
    "ht": "100.00",
    "tva": "20.00",
    "ttc": "120.00",
    "a_payer": "70.00",
    "cadre": "A1_FACTURE_FOURNISSEUR",
    "devise": "EUR",
}
ENTRY = Entry(
    *(1, "a.pdf", "a.pdf", State.READY, "processing", AT, AT),
    number="FA-1",
    date=date(2026, 11, 20),
    siret="22220001600434",
    gross=Decimal("120.00"),
    supplier="73282932000074",
    fields={name: (text, "sidecar") for name, text in FIELDS.items()},
)
D = Decimal
SAME: dict[str, Any] = {
    "number": "FA-1",
    "date": "2026-11-20",
    "siret": "22220001600434",
    "gross": D("120.00"),
    "service": "college",
    "engagement": "91 821",
    "supplier": "732829320",
    "currency": "eur",
    "kind": Kind.INVOICE,
    "net": D(100),
    "vat": D(20),
    "payable": D(70),
}


@pytest.mark.parametrize(
    ("read", "fields"),
    [
        pytest.param({}, [], id="nothing read"),
        pytest.param({"kind": Kind.INVOICE}, [], id="nothing but the type"),
        pytest.param(SAME, [], id="the same"),
        pytest.param({"siret": "222 200 016 00434", "supplier": "73282932000074"}, [], id="whole SIRETs, with spaces"),
        pytest.param({"date": "20/11/2026", "number": " fa-1 "}, [], id="spaces, capitals, a French date"),
        pytest.param({"date": "mars", "siret": "n/a", "supplier": "FR1234"}, [], id="what can't be what it should be"),
        pytest.param({"gross": D("-120.00"), "vat": D(0), "net": D("0.00"), "payable": D(0)}, [], id="signs and zeros"),
        pytest.param({"payable": D(120)}, [], id="the total as what is left to pay"),
        pytest.param({"number": "FA-2"}, ["numero"], id="number"),
        pytest.param({"date": "2026-11-21"}, ["date"], id="date"),
        pytest.param({"siret": "12345678200051"}, ["siret"], id="recipient"),
        pytest.param({"siret": "123456782"}, ["siret"], id="recipient's SIREN"),
        pytest.param({"supplier": "44012345300019"}, ["fournisseur"], id="supplier"),
        pytest.param({"service": "ROUTES"}, ["service"], id="service"),
        pytest.param({"engagement": "91822"}, ["engagement"], id="engagement"),
        pytest.param({"currency": "USD"}, ["devise"], id="currency"),
        pytest.param({"kind": Kind.CREDIT_NOTE}, ["type"], id="a credit note"),
        pytest.param({"net": D("100.01")}, ["ht"], id="a cent of HT"),
        pytest.param({"vat": D("5.50")}, ["tva"], id="VAT"),
        pytest.param({"gross": D("120.01")}, ["ttc"], id="a cent"),
        pytest.param({"payable": D(60)}, ["a_payer"], id="what is left to pay"),
    ],
)
def test_differences(read: dict[str, Any], fields: list[str]) -> None:
    """Each field that was read otherwise is found; null, 0, and what no such field can hold say nothing."""
    assert [d.field for d in differences(ENTRY, Analysis(**read))] == fields


def test_the_type_counts_when_something_was_read() -> None:
    """Of a credit note, FACTURE beside another value is a difference; alone it is the default of an empty answer."""
    credit = replace(ENTRY, fields={**ENTRY.fields, "type": ("avoir", "sidecar")})
    assert differences(credit, Analysis(kind=Kind.INVOICE)) == ()
    assert [d.field for d in differences(credit, Analysis(number="FA-1", kind=Kind.INVOICE))] == ["type"]


def test_an_invoice_already_paid_has_nothing_to_pay_whatever_was_read() -> None:
    """With frame A2 the amount to pay is ours to know."""
    paid = {"cadre": ("A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", "sidecar"), "a_payer": ("0.00", "sidecar")}
    assert differences(replace(ENTRY, fields={**ENTRY.fields, **paid}), Analysis(payable=D(60))) == ()


def test_what_we_do_not_know_contradicts_nothing() -> None:
    """Without a value of ours there is nothing to compare."""
    bare = Entry(1, "a.pdf", "a.pdf", State.READY, "processing", AT, AT, number="FA-1")
    assert differences(bare, Analysis(number="FA-1", gross=D(3), service="X", currency="USD")) == ()


NUMBER = Difference("numero", "FA-1", "FA-7", "sidecar")


@pytest.mark.parametrize(
    ("one", "mismatch", "text", "code"),
    [
        pytest.param(NUMBER, "fail", "", "mismatch.chorus", id="a scan"),
        pytest.param(NUMBER, "warn", "", "mismatch.chorus_warn", id="configured to warn"),
        pytest.param(NUMBER, "fail", "Facture FA-1", "mismatch.chorus_warn", id="typed and printed"),
        pytest.param(NUMBER, "fail", "Facture FA-10", "mismatch.chorus", id="typed, another printed"),
        pytest.param(
            replace(NUMBER, source="PDF text"), "fail", "Facture FA-1", "mismatch.chorus", id="only read by us"
        ),
        pytest.param(replace(NUMBER, source="Factur-X"), "fail", "FA-1", "mismatch.chorus_warn", id="XML and text"),
        pytest.param(replace(NUMBER, source=""), "fail", "FA-1", "mismatch.chorus", id="source unknown"),
        pytest.param(
            Difference("devise", "EUR", "USD", "configuration"), "fail", "12,00 €", "mismatch.chorus_warn", id="euros"
        ),
        pytest.param(
            Difference("type", "facture", "avoir", "sidecar"),
            *("fail", "Facture d'avoir", "mismatch.chorus"),
            id="perhaps a credit note",
        ),
        pytest.param(
            Difference("type", "facture", "avoir", "sidecar"),
            *("fail", "Facture", "mismatch.chorus_warn"),
            id="plainly an invoice",
        ),
        pytest.param(
            Difference("ttc", "120.00", "99.00", "sidecar"), "fail", "TTC 120,00", "mismatch.chorus_warn", id="amount"
        ),
    ],
)
def test_a_hint_stops_only_what_the_pdf_does_not_bear_out(
    one: Difference, mismatch: Literal["fail", "warn"], text: str, code: str
) -> None:
    """Two readings against the hint make it a warning; never is it passed over in silence, and both values are told."""
    (problem,) = told((one,), mismatch, text)
    assert problem.code == code
    assert dict(problem.params) == {"field": one.field, "ours": one.ours, "chorus": one.chorus}
