"""What the XML inside a Factur-X invoice says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.facturx import read_facturx
from chorus_outbox.core.fields import FIELDS, Kind, VatLine, show

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample invoices are not beside the project")

XML = """<?xml version="1.0" encoding="UTF-8"?>
<rsm:CrossIndustryInvoice xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<rsm:ExchangedDocumentContext>
 <ram:BusinessProcessSpecifiedDocumentContextParameter><ram:ID>A1</ram:ID></ram:BusinessProcessSpecifiedDocumentContextParameter>
</rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID> F-<!-- never part of a number -->1 </ram:ID><ram:TypeCode>380</ram:TypeCode>
 <ram:IssueDateTime><udt:DateTimeString format="102">20260301</udt:DateTimeString></ram:IssueDateTime>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
 <ram:ApplicableHeaderTradeAgreement>
  <ram:BuyerReference>COLLEGE</ram:BuyerReference>
  <ram:SellerTradeParty><ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">73282932000074</ram:ID></ram:SpecifiedLegalOrganization></ram:SellerTradeParty>
  <ram:BuyerTradeParty><ram:GlobalID schemeID="0009">22220001600327</ram:GlobalID>
   <ram:SpecifiedLegalOrganization><ram:ID schemeID="0002">222200016</ram:ID></ram:SpecifiedLegalOrganization></ram:BuyerTradeParty>
  <ram:BuyerOrderReferencedDocument><ram:IssuerAssignedID>91821</ram:IssuerAssignedID></ram:BuyerOrderReferencedDocument>
  <ram:ContractReferencedDocument><ram:IssuerAssignedID></ram:IssuerAssignedID></ram:ContractReferencedDocument>
 </ram:ApplicableHeaderTradeAgreement>
 <ram:ApplicableHeaderTradeSettlement>
  <ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>
  <ram:ApplicableTradeTax><ram:CalculatedAmount>20.00</ram:CalculatedAmount><ram:BasisAmount>100.00</ram:BasisAmount>
   <ram:RateApplicablePercent>20</ram:RateApplicablePercent></ram:ApplicableTradeTax>
  <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
   <ram:TaxBasisTotalAmount>100.00</ram:TaxBasisTotalAmount>
   <ram:TaxTotalAmount currencyID="CHF">19.00</ram:TaxTotalAmount><ram:TaxTotalAmount currencyID="EUR">20.00</ram:TaxTotalAmount>
   <ram:GrandTotalAmount>120.00</ram:GrandTotalAmount><ram:DuePayableAmount>70.00</ram:DuePayableAmount>
  </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
 </ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""


def read(*changes: tuple[str, str]) -> Draft:
    """Read the XML above with some of its text replaced (each change must apply)."""
    xml = XML
    for old, new in changes:
        assert old in xml
        xml = xml.replace(old, new)
    return read_facturx(xml.encode())


def test_every_field() -> None:
    """Each business term comes out under its field, typed; what is empty or a mere SIREN is left out."""
    draft = read()
    assert draft.source is Source.FACTURX
    assert draft.values == {
        "numero": "F-1",
        "date": date(2026, 3, 1),
        "type": Kind.INVOICE,
        "cadre": "A1",
        "devise": "EUR",
        "service": "COLLEGE",
        "engagement": "91821",
        "siret": "22220001600327",
        "fournisseur": "73282932000074",
        "ht": Decimal(100),
        "tva": Decimal(20),
        "ttc": Decimal(120),
        "a_payer": Decimal(70),
        "lignes_tva": (VatLine(Decimal(20), Decimal(100), Decimal(20)),),
    }


def test_negative_credit_note() -> None:
    """A credit note written with negative amounts comes out positive, its VAT lines too."""
    values = read(
        ("380<", "381<"), (">100.00", ">-100.00"), (">20.00", ">-20.00"), (">120", ">-120"), (">70", ">-70")
    ).values
    assert values["type"] is Kind.CREDIT_NOTE
    assert [values[name] for name in ("ht", "tva", "ttc", "a_payer")] == [100, 20, 120, 70]
    assert values["lignes_tva"] == (VatLine(Decimal(20), Decimal(100), Decimal(20)),)


def test_negative_invoice() -> None:
    """An invoice with negative amounts keeps them: another rule judges."""
    assert read((">120.00", ">-120.00")).values["ttc"] == Decimal(-120)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        *(("380", Kind.INVOICE), ("384", Kind.INVOICE), ("386", Kind.INVOICE), ("389", Kind.INVOICE)),
        *(("381", Kind.CREDIT_NOTE), ("261", Kind.CREDIT_NOTE), ("396", Kind.CREDIT_NOTE), ("503", Kind.CREDIT_NOTE)),
        *(("325", None), ("220", None), ("", None)),
    ],
)
def test_type_code(code: str, kind: Kind | None) -> None:
    """UNTDID codes say invoice or credit note; a pro forma or an order says neither."""
    assert read(("380<", f"{code}<")).values.get("type") is kind


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param(("20260301", "20260231"), "date", id="no such day"),
        pytest.param(('"102">20260301', '"610">202603'), "date", id="another date format"),
        pytest.param((">A1<", ">urn:peppol<"), "cadre", id="another network's process"),
        pytest.param((">120.00<", ">NaN<"), "ttc", id="no number"),
        pytest.param(
            (">20</ram:RateApplicablePercent>", ">?</ram:RateApplicablePercent>"), "lignes_tva", id="bad rate"
        ),
        pytest.param(("0009", "0088"), "siret", id="an EAN location code"),
    ],
)
def test_odd_value_left_out(change: tuple[str, str], field: str) -> None:
    """A value that can't be what the field needs is left out; the others stay."""
    assert set(read().values) - set(read(change).values) == {field}


RATE = "<ram:RateApplicablePercent>20</ram:RateApplicablePercent>"
NO_VAT = ((">20.00<", ">0.00<"), (">120.00<", ">100.00<"))


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        pytest.param({"CategoryCode": "AE"}, "autoliquidation", id="reverse charge"),
        pytest.param({"CategoryCode": "K"}, "livraison intracommunautaire, article 262 ter du CGI", id="in the Union"),
        pytest.param({"CategoryCode": "G"}, "exportation, article 262 I du CGI", id="export"),
        pytest.param(
            {"CategoryCode": "E", "ExemptionReason": "Article 261 du CGI"}, "Article 261 du CGI", id="in words"
        ),
        pytest.param(
            {"CategoryCode": "E", "ExemptionReasonCode": "VATEX-FR-CGI261-1"}, "VATEX-FR-CGI261-1", id="by code"
        ),
        pytest.param({"CategoryCode": "E"}, None, id="no reason"),
        pytest.param(
            {"CategoryCode": "E", "ExemptionReason": "art. 293 B du CGI"}, None, id="small business, in words"
        ),
        pytest.param({"CategoryCode": "E", "ExemptionReasonCode": "VATEX-FR-FRANCHISE"}, None, id="small business"),
        pytest.param({"CategoryCode": "O"}, None, id="out of scope"),
        pytest.param({"CategoryCode": "Z"}, None, id="zero rate"),
    ],
)
def test_why_there_is_no_vat(tags: dict[str, str], reason: str | None) -> None:
    """BT-118, BT-120 and BT-121 say why an invoice bears no VAT; of one that bears some nothing is said."""
    xml = "".join(f"<ram:{name}>{text}</ram:{name}>" for name, text in tags.items())
    assert read(*NO_VAT, (RATE, xml + RATE)).values.get("motif_exoneration") == reason
    assert "motif_exoneration" not in read((RATE, xml + RATE)).values


@pytest.mark.parametrize(("code", "regime"), [("5", "TVA_SUR_DEBIT"), ("72", "TVA_SUR_ENCAISSEMENT"), ("29", None)])
def test_how_vat_falls_due(code: str, regime: str | None) -> None:
    """BT-8: with the invoice, or with the payment."""
    xml = f"<ram:DueDateTypeCode>{code}</ram:DueDateTypeCode>"
    assert read((RATE, xml + RATE)).values.get("regime_tva") == regime


def test_a_deposit_leaves_less_to_pay() -> None:
    """BT-113 counts where BT-115 is missing."""
    paid = "<ram:TotalPrepaidAmount>50.00</ram:TotalPrepaidAmount>"
    due = "<ram:DuePayableAmount>70.00</ram:DuePayableAmount>"
    assert read((due, paid)).values["a_payer"] == Decimal(70)


def test_allowances_and_charges_are_in_the_totals() -> None:
    """A document-level allowance (BG-20) has lowered HT and TTC already: it is no discount on the TTC."""
    allowance = (
        "<ram:SpecifiedTradeAllowanceCharge><ram:ChargeIndicator><udt:Indicator>false</udt:Indicator></ram:ChargeIndicator>"
        "<ram:ActualAmount>10.00</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>"
    )
    summation = "<ram:SpecifiedTradeSettlementHeaderMonetarySummation>"
    lines = "<ram:LineTotalAmount>110.00</ram:LineTotalAmount>"
    values = read((summation, allowance + summation + lines)).values
    assert values == read().values


BOMB = '<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">{}]>'.format(
    "".join(f'<!ENTITY c{n} "{"&b;" if n == 0 else f"&c{n - 1};" * 10}">' for n in range(9))
)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"%PDF-1.7", id="not XML"),
        pytest.param(XML.encode()[:900], id="cut"),
        pytest.param(b"<Invoice xmlns='urn:oasis:names:specification:ubl:schema:xsd:Invoice-2'/>", id="UBL"),
        pytest.param(b"<?xml version='1.0' encoding='klingon'?><a/>", id="unknown encoding"),
        pytest.param(f"{BOMB}<a>&c8;</a>".encode(), id="entity bomb"),
        pytest.param(b"<a>" * 100_000, id="deep"),
    ],
)
def test_unreadable_xml_says_nothing(xml: bytes) -> None:
    """XML that is broken, hostile or something else gives no value and no problem."""
    assert read_facturx(xml) == Draft(Source.FACTURX)


def test_entities_are_not_followed(tmp_path: Path) -> None:
    """An entity, internal or a file's, never gets into a value."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    doctype = f'?><!DOCTYPE x [<!ENTITY file SYSTEM "{secret.as_uri()}"><!ENTITY word "SECRET">]>'
    values = read(("?>", doctype), (">COLLEGE<", ">&file;<"), (">91821<", ">&word;<")).values
    assert "service" not in values
    assert "engagement" not in values


@given(st.binary(max_size=200), st.integers(0, len(XML)))
def test_any_bytes(noise: bytes, at: int) -> None:
    """Whatever stands in the attachment, reading it raises nothing and gives known fields."""
    xml = XML.encode()
    values = read_facturx(xml[:at] + noise + xml[at:]).values
    assert set(values) <= set(FIELDS)


@needs_samples
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(
            "Avoir_FR_type381_BASIC",
            {
                "numero": "AV-2017-0005",
                "regime_tva": "TVA_SUR_DEBIT",
                "date": "2017-11-16",
                "type": "avoir",
                "origine": "FA-2017-0010",
                "fournisseur": "99999999800010",
                "siret": "78787878400035",
                "engagement": "PO445",
                "marche": "MSPE2017",
                "ht": "218.48",
                "tva": "14.99",
                "ttc": "233.47",
                "a_payer": "233.47",
                "devise": "EUR",
                "lignes_tva": "20.00 %: 20.48 / 4.10, 5.50 %: 198.00 / 10.89",
            },
            id="credit note",
        ),
        pytest.param(
            "Facture_DOM_BASICWL",
            {
                "numero": "FA-2017-0009",
                "date": "2017-11-05",
                "type": "facture",
                "marche": "WELCOME_PACK_2017",
                "fournisseur": "99999999800010",
                "siret": "34343434600010",
                "engagement": "BC543",
                "devise": "EUR",
                "ht": "530.75",
                "tva": "0.00",
                "ttc": "530.75",
                "a_payer": "383.75",
                "motif_exoneration": "Exonération de TVA selon article 262 I du Code général des impôts",
                "lignes_tva": "0.00 %: 530.75 / 0.00",
            },
            id="export",
        ),
        pytest.param(
            "Facture_FR_BASICWL",
            {
                "numero": "FA-2017-0010",
                "date": "2017-11-13",
                "type": "facture",
                "marche": "MSPE2017",
                "fournisseur": "99999999800010",
                "siret": "78787878400035",
                "engagement": "PO445",
                "devise": "EUR",
                "ht": "624.90",
                "tva": "46.25",
                "ttc": "671.15",
                "a_payer": "470.15",
                "regime_tva": "TVA_SUR_DEBIT",
                "lignes_tva": "20.00 %: 81.90 / 16.38, 5.50 %: 543.00 / 29.87",
            },
            id="two rates",
        ),
        pytest.param(
            "Facture_FR_MINIMUM",
            {
                "numero": "FA-2017-0010",
                "date": "2017-11-13",
                "type": "facture",
                "devise": "EUR",
                "fournisseur": "99999999800010",
                "siret": "78787878400035",
                "engagement": "PO445",
                "ht": "624.90",
                "tva": "46.25",
                "ttc": "671.15",
                "a_payer": "470.15",
            },
            id="minimum: no VAT lines",
        ),
    ],
)
def test_real_sample(name: str, expected: dict[str, str]) -> None:
    """The XML of a real invoice gives each value that it holds."""
    attachments = PdfReader(SAMPLES / f"fnfe-{name}.pdf").attachments
    values = read_facturx(attachments["factur-x.xml"][0]).values
    assert {field: show(value) for field, value in values.items()} == expected
