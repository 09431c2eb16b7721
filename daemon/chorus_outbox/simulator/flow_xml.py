"""Reads the few values of a CII or UBL invoice that the portal needs, by a table of paths. Checks no schema.

Sources: EN 16931's bindings; api.md 2.12 and 7.3 for what Chorus Pro rejects.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from lxml import etree

from .enums import CADRES
from .model import Body

_CII: Mapping[str, str] = {
    "number": "ExchangedDocument/ID",
    "date": "ExchangedDocument/IssueDateTime/DateTimeString",
    "type": "ExchangedDocument/TypeCode",
    "cadre": "ExchangedDocumentContext/BusinessProcessSpecifiedDocumentContextParameter/ID",
    "seller": "*/ApplicableHeaderTradeAgreement/SellerTradeParty/SpecifiedLegalOrganization/ID",
    "buyer": "*/ApplicableHeaderTradeAgreement/BuyerTradeParty/SpecifiedLegalOrganization/ID",
    "seller_global": "*/ApplicableHeaderTradeAgreement/SellerTradeParty/GlobalID[@schemeID='0009']",
    "buyer_global": "*/ApplicableHeaderTradeAgreement/BuyerTradeParty/GlobalID[@schemeID='0009']",
    "service": "*/ApplicableHeaderTradeAgreement/BuyerReference",
    "engagement": "*/ApplicableHeaderTradeAgreement/BuyerOrderReferencedDocument/IssuerAssignedID",
    "contract": "*/ApplicableHeaderTradeAgreement/ContractReferencedDocument/IssuerAssignedID",
    "currency": "*/ApplicableHeaderTradeSettlement/InvoiceCurrencyCode",
    "means": "*/ApplicableHeaderTradeSettlement/SpecifiedTradeSettlementPaymentMeans/TypeCode",
    "iban": "*/*/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID",
    "net": "*/*/SpecifiedTradeSettlementHeaderMonetarySummation/TaxBasisTotalAmount",
    "vat": "*/*/SpecifiedTradeSettlementHeaderMonetarySummation/TaxTotalAmount",
    "gross": "*/*/SpecifiedTradeSettlementHeaderMonetarySummation/GrandTotalAmount",
    "payable": "*/*/SpecifiedTradeSettlementHeaderMonetarySummation/DuePayableAmount",
}
_UBL: Mapping[str, str] = {
    "number": "ID",
    "date": "IssueDate",
    "type": "InvoiceTypeCode",
    "cadre": "ProfileID",
    "seller": "AccountingSupplierParty/Party/PartyLegalEntity/CompanyID",
    "buyer": "AccountingCustomerParty/Party/PartyLegalEntity/CompanyID",
    "service": "BuyerReference",
    "engagement": "OrderReference/ID",
    "contract": "ContractDocumentReference/ID",
    "currency": "DocumentCurrencyCode",
    "means": "PaymentMeans/PaymentMeansCode",
    "iban": "PaymentMeans/PayeeFinancialAccount/ID",
    "net": "LegalMonetaryTotal/TaxExclusiveAmount",
    "vat": "TaxTotal/TaxAmount",
    "gross": "LegalMonetaryTotal/TaxInclusiveAmount",
    "payable": "LegalMonetaryTotal/PayableAmount",
}
_SIRET = 14  # digits
_CREDIT_NOTES = ("381", "261", "396", "502")
_TRANSFERS = ("30", "31", "42", "58")  # api.md 2.12, and SEPA's own code
_LINE = "SupplyChainTradeTransaction.IncludedSupplyChainTradeLineItem.SpecifiedLineTradeAgreement"
_MUST = ("number", "date", "seller", "buyer", "net", "gross")


class UnreadableError(ValueError):
    """The flow can't be read; the message is what its report says."""


def read_invoice(xml: bytes) -> tuple[str, Body] | None:
    """Return the supplier's SIRET and the invoice in the shape of ``soumettre``; None for another kind of document.

    Raises:
        UnreadableError: When it is no XML, or a value that must be there is missing or wrong.

    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"Le fichier n'est pas un XML lisible : {error}") from None
    tables = {"CrossIndustryInvoice": _CII, "Invoice": _UBL, "CreditNote": _UBL}
    kind = etree.QName(root).localname
    if kind not in tables:
        return None
    values = {name: _text(root, path) for name, path in tables[kind].items()}
    for party in ("seller", "buyer"):  # whether Chorus Pro reads the other place as well is not known: lenient here
        if len(values[party]) != _SIRET and values.get(f"{party}_global"):
            values[party] = values[f"{party}_global"]
    for name in _MUST:
        if not values[name]:
            raise UnreadableError(f"L'element {tables[kind][name].replace('/', '.')}.value est obligatoire.")
    credit = kind == "CreditNote" or values["type"] in _CREDIT_NOTES
    if not credit:
        _check_payment(values)
    _check_discounts(root)
    return values["seller"], _body(values, credit=credit)


def _check_payment(values: Mapping[str, str]) -> None:
    """Check the means of payment (api.md 7.3); that the IBAN is asked for is known (2.12), its wording is ours."""
    means = "SupplyChainTradeTransaction.ApplicableHeaderTradeSettlement.SpecifiedTradeSettlementPaymentMeans"
    if not values["means"]:
        raise UnreadableError(f"L'element {means}.TypeCode.value est obligatoire.")
    if values["means"] in _TRANSFERS and not values["iban"]:
        raise UnreadableError(f"L'element {means}.PayeePartyCreditorFinancialAccount.IBANID.value est obligatoire.")


def _check_discounts(root: etree._Element) -> None:
    """Refuse a gross price without the amount of its discount (api.md 7.3, #504)."""
    for price in root.iter("{*}GrossPriceProductTradePrice"):
        if not _text(price, "AppliedTradeAllowanceCharge/ActualAmount"):
            path = f"{_LINE}.GrossPriceProductTradePrice.AppliedTradeAllowanceCharge.ActualAmount"
            raise UnreadableError(f"L'element {path}.value est obligatoire.")


def _text(root: etree._Element, path: str) -> str:
    steps = [
        step if step == "*" else "*[local-name()='{}']{}{}".format(*step.partition("[")) for step in path.split("/")
    ]
    found = root.xpath("string(" + "/".join(steps) + ")")
    return str(found).strip()


def _body(values: Mapping[str, str], *, credit: bool) -> Body:
    cadre = values["cadre"] or "A1"
    full = next((c for c in CADRES if cadre in (c, c.split("_")[0])), None)
    if full is None:  # the 2026 reform's codes (B1, S1...) are not Chorus Pro's (api.md 7.5)
        raise UnreadableError(f"Le cadre de facturation {cadre} n'est pas admis (BT-23).")  # the wording is ours
    day = values["date"]
    day = f"{day[:4]}-{day[4:6]}-{day[6:8]}" if day.isdigit() else day
    net, gross = _amount(values, "net"), _amount(values, "gross")
    return {
        "numeroFactureSaisi": values["number"],
        "dateFacture": day,
        "destinataire": {"codeDestinataire": values["buyer"], "codeServiceExecutant": values["service"]},
        "cadreDeFacturation": {"codeCadreFacturation": full},
        "references": {
            "deviseFacture": values["currency"] or "EUR",
            "typeFacture": "AVOIR" if credit else "FACTURE",
            "typeTva": "TVA_SUR_DEBIT",
            "numeroMarche": values["contract"],
            "numeroBonCommande": values["engagement"],
            "modePaiement": "VIREMENT",
        },
        "montantTotal": {
            "montantHtTotal": net,
            "montantTVA": _amount(values, "vat") if values["vat"] else gross - net,
            "montantTtcTotal": gross,
            "montantAPayer": _amount(values, "payable") if values["payable"] else gross,
        },
    }


def _amount(values: Mapping[str, str], name: str) -> Decimal:
    try:
        value = Decimal(values[name])
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise UnreadableError(f"Le montant {values[name]} est illisible.")
    return value
