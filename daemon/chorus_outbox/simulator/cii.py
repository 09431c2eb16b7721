"""Writes the Factur-X XML (CII, profile EN 16931) of a sketch, for demonstrations and tests.

Enough of it to pass the schema, and to be integrated by Chorus Pro: no discounts, no delivery. It shares nothing with the reader in
``core/facturx.py``, so that one can test the other.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lxml import etree

from chorus_outbox.core.fields import Kind

from .sketch import Line, Party, Sketch

_NS = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_SEPA_TRANSFER = "58"  # UNTDID 4461
_PROFILE = "urn:cen.eu:en16931:2017"


def cii_xml(sketch: Sketch, buyer_siret: str) -> bytes:
    """Return the XML; a credit note's amounts are positive, as EN 16931 wants them."""
    root = etree.Element(f"{{{_NS['rsm']}}}CrossIndustryInvoice", nsmap=_NS)
    context = _put(root, "rsm:ExchangedDocumentContext")
    _put(context, "ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID", "A1")
    _put(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", _PROFILE)
    document = _put(root, "rsm:ExchangedDocument")
    _put(document, "ram:ID", sketch.number)
    _put(document, "ram:TypeCode", "381" if sketch.kind is Kind.CREDIT_NOTE else "380")
    _put_day(document, "ram:IssueDateTime", sketch.date)
    for note in sketch.notes:
        _put(document, "ram:IncludedNote/ram:Content", note)
    trade = _put(root, "rsm:SupplyChainTradeTransaction")
    for number, line in enumerate(sketch.lines, 1):
        _put_line(trade, number, line)
    _put_agreement(_put(trade, "ram:ApplicableHeaderTradeAgreement"), sketch, buyer_siret)
    _put_day(
        _put(trade, "ram:ApplicableHeaderTradeDelivery"),
        "ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime",
        sketch.date,
    )
    _put_settlement(_put(trade, "ram:ApplicableHeaderTradeSettlement"), sketch)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _put(parent: etree._Element, path: str, text: str | None = None, **attributes: str) -> etree._Element:
    """Add the elements of a path, with the text in the last one, and return that."""
    for name in path.split("/"):
        prefix, _, local = name.partition(":")
        parent = etree.SubElement(parent, f"{{{_NS[prefix]}}}{local}")
    parent.text = text
    for key, value in attributes.items():
        parent.set(key, value)
    return parent


def _put_day(parent: etree._Element, path: str, day: date) -> None:
    _put(parent, f"{path}/udt:DateTimeString", f"{day:%Y%m%d}", format="102")


def _put_vat(
    parent: etree._Element, rate: Decimal, amounts: tuple[Decimal, Decimal] | None = None, exemption: str = ""
) -> None:
    """Add one VAT line, with tax and base when they are given (the header has them, a line has not)."""
    vat = _put(parent, "ram:ApplicableTradeTax")
    if amounts:
        _put(vat, "ram:CalculatedAmount", f"{amounts[1]:.2f}")
    _put(vat, "ram:TypeCode", "VAT")
    if amounts and not rate:
        _put(vat, "ram:ExemptionReason", exemption)
    if amounts:
        _put(vat, "ram:BasisAmount", f"{amounts[0]:.2f}")
    _put(vat, "ram:CategoryCode", "S" if rate else "E")
    _put(vat, "ram:RateApplicablePercent", f"{rate:.2f}")


def _put_line(trade: etree._Element, number: int, line: Line) -> None:
    item = _put(trade, "ram:IncludedSupplyChainTradeLineItem")
    _put(item, "ram:AssociatedDocumentLineDocument/ram:LineID", str(number))
    _put(item, "ram:SpecifiedTradeProduct/ram:Name", line.label)
    _put(item, "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount", f"{line.unit_price:f}")
    _put(item, "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity", f"{line.quantity:f}", unitCode="C62")
    settlement = _put(item, "ram:SpecifiedLineTradeSettlement")
    _put_vat(settlement, line.rate)
    _put(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount", f"{line.net:.2f}")


def _put_party(parent: etree._Element, party: Party, siret: str | None) -> None:
    _put(parent, "ram:Name", party.name)
    if siret:
        _put(parent, "ram:SpecifiedLegalOrganization/ram:ID", siret, schemeID="0002")
    address = _put(parent, "ram:PostalTradeAddress")
    if party.address:
        _put(address, "ram:LineOne", party.address[0])
    _put(address, "ram:CountryID", "FR")


def _put_agreement(agreement: etree._Element, sketch: Sketch, buyer_siret: str) -> None:
    if sketch.service:
        _put(agreement, "ram:BuyerReference", sketch.service)
    _put_party(_put(agreement, "ram:SellerTradeParty"), sketch.supplier, sketch.supplier.siret)
    _put_party(_put(agreement, "ram:BuyerTradeParty"), sketch.recipient, buyer_siret)
    if sketch.engagement:
        _put(agreement, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID", sketch.engagement)


def _put_settlement(settlement: etree._Element, sketch: Sketch) -> None:
    _put(settlement, "ram:InvoiceCurrencyCode", "EUR")
    if sketch.kind is Kind.INVOICE:  # credit notes carry no means of payment (api.md 2.12)
        means = _put(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
        _put(means, "ram:TypeCode", _SEPA_TRANSFER)
        _put(means, "ram:PayeePartyCreditorFinancialAccount/ram:IBANID", sketch.iban)
    for v in sketch.vat_lines:
        _put_vat(settlement, v.rate, (v.base, v.tax), sketch.exemption)
    _put(settlement, "ram:SpecifiedTradePaymentTerms/ram:Description", "Règlement à 30 jours")
    sums = _put(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    _put(sums, "ram:LineTotalAmount", f"{sketch.net:.2f}")
    _put(sums, "ram:TaxBasisTotalAmount", f"{sketch.net:.2f}")
    _put(sums, "ram:TaxTotalAmount", f"{sketch.vat:.2f}", currencyID="EUR")
    _put(sums, "ram:GrandTotalAmount", f"{sketch.gross:.2f}")
    _put(sums, "ram:TotalPrepaidAmount", f"{sketch.prepaid:.2f}")
    _put(sums, "ram:DuePayableAmount", f"{sketch.payable:.2f}")  # EN 16931 knows no discount on the total
    if sketch.origin:
        _put(settlement, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID", sketch.origin)
