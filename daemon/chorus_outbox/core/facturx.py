"""Embedded Factur-X XML -> Draft.

Knows where the CII syntax (Factur-X, ZUGFeRD 2; profiles MINIMUM to EXTENDED) keeps what an invoice needs. It checks no
schema and judges no value: XML that can't be read, or that is something else, says nothing rather than stopping an
invoice whose sidecar says it all. Business terms (BT-n) are those of EN 16931.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from lxml import etree

from .draft import Draft, Source
from .exemption import is_franchise
from .fields import FieldValue, Kind, VatLine, clean

NS = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_ROOT = f"{{{NS['rsm']}}}CrossIndustryInvoice"
_AGREEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement"
SETTLEMENT = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement"
PROCESS = "rsm:ExchangedDocumentContext/ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID"  # BT-23
_SUMS = f"{SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"

# UNTDID 1001. Other codes (orders, pro forma, ...) say neither invoice nor credit note.
_INVOICES = frozenset(
    [
        "80",
        "82",
        "84",
        "130",
        "202",
        "203",
        "204",
        "211",
        "218",
        "219",
        "295",
        "331",
        "380",
        "382",
        "383",
        "384",
        "385",
        "386",
        "387",
        "388",
        "389",
        "390",
    ]
)
_MORE_INVOICES = frozenset(
    [
        "393",
        "394",
        "395",
        "456",
        "457",
        "471",
        "472",
        "473",
        "500",
        "501",
        "527",
        "575",
        "623",
        "633",
        "751",
        "780",
        "875",
        "876",
        "877",
        "935",
    ]
)
_CREDIT_NOTES = frozenset(["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"])

_TEXTS: Mapping[str, str] = {
    "numero": "rsm:ExchangedDocument/ram:ID",  # BT-1
    "service": f"{_AGREEMENT}/ram:BuyerReference",  # BT-10
    "engagement": f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",  # BT-13
    "marche": f"{_AGREEMENT}/ram:ContractReferencedDocument/ram:IssuerAssignedID",  # BT-12
    "origine": f"{SETTLEMENT}/ram:InvoiceReferencedDocument/ram:IssuerAssignedID",  # BT-25
    "devise": f"{SETTLEMENT}/ram:InvoiceCurrencyCode",  # BT-5
}
_TAXES = f"{SETTLEMENT}/ram:ApplicableTradeTax"  # BG-23
# BT-8, UNTDID 2475: the VAT falls due with the invoice, or with the payment.
_REGIMES = {"5": "TVA_SUR_DEBIT", "72": "TVA_SUR_ENCAISSEMENT"}
# BT-118, UNTDID 5305, when neither BT-120 nor BT-121 says why there is no VAT. Not Z (a rate of 0 %) nor O (out of scope).
_REASONS = {
    "E": "",
    "AE": "autoliquidation",
    "K": "livraison intracommunautaire, article 262 ter du CGI",
    "G": "exportation, article 262 I du CGI",
}
_NOT_TAXED = ("VATEX-FR-FRANCHISE", "VATEX-EU-O")
PARTIES: Mapping[str, str] = {
    "siret": f"{_AGREEMENT}/ram:BuyerTradeParty",
    "fournisseur": f"{_AGREEMENT}/ram:SellerTradeParty",
}
_IDS = (("ram:SpecifiedLegalOrganization/ram:ID", ("0002", "0009", None)), ("ram:GlobalID", ("0009",)))
_TOTALS: Mapping[str, str] = {
    "ht": f"{_SUMS}/ram:TaxBasisTotalAmount",  # BT-109
    "ttc": f"{_SUMS}/ram:GrandTotalAmount",  # BT-112
    "a_payer": f"{_SUMS}/ram:DuePayableAmount",  # BT-115
}


def read_facturx(xml: bytes) -> Draft:
    """Read what an embedded Factur-X says; amounts of a credit note come out positive, as Chorus Pro wants them."""
    root = parse(xml)
    if root is None:
        return Draft(Source.FACTURX)
    found: dict[str, FieldValue | None] = {name: text_at(root, path) for name, path in _TEXTS.items()}
    found |= {name: siret_of(root, path) for name, path in PARTIES.items()}
    kind = _kind(root)
    found |= {"date": _date(root), "type": kind, "cadre": _cadre(root)}
    found |= {"regime_tva": _regime(root), "motif_exoneration": _exemption(root)}
    amounts = _Amounts.read(root)
    found |= (amounts.positive() if kind is Kind.CREDIT_NOTE else amounts).values()
    return Draft(Source.FACTURX, {name: value for name, value in found.items() if value is not None and value != ()})


def parse(xml: bytes) -> etree._Element | None:
    """Return the root of a CII invoice; None when it can't be read, or is something else."""
    # Never follows an entity nor opens a connection: the XML comes from whoever made the PDF.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    return root if root.tag == _ROOT else None


def text_at(at: etree._Element, path: str) -> str | None:
    """Return the text of the first element of a path, None when there is none."""
    return clean(at.findtext(path, default="", namespaces=NS) or "") or None


def _date(root: etree._Element) -> date | None:
    """BT-2, in format 102 (YYYYMMDD), the only one that Factur-X allows."""
    found = root.find("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString", NS)
    m = re.fullmatch(r"([0-9]{4})([0-9]{2})([0-9]{2})", clean(found.text or "")) if found is not None else None
    if found is None or m is None or found.get("format", "102") != "102":
        return None
    try:
        return date(*(int(part) for part in m.groups()))
    except ValueError:
        return None


def _kind(root: etree._Element) -> Kind | None:
    """BT-3."""
    code = text_at(root, "rsm:ExchangedDocument/ram:TypeCode")
    if code in _CREDIT_NOTES:
        return Kind.CREDIT_NOTE
    return Kind.INVOICE if code in _INVOICES | _MORE_INVOICES else None


def _cadre(root: etree._Element) -> str | None:
    """BT-23, when it is one of Chorus Pro's frames (A1, A2, ...) and not a process of another network."""
    code = (text_at(root, PROCESS) or "").upper()
    return code if re.fullmatch(r"A[0-9]{1,2}(_[A-Z_]+)?", code) else None


def siret_of(root: etree._Element, party: str) -> str | None:
    """BT-30/BT-47 (scheme 0002) or BT-29/BT-46 (scheme 0009); a SIREN of 9 digits is no SIRET."""
    for path, schemes in _IDS:
        for digits, scheme in _ids(root, f"{party}/{path}"):
            if scheme in schemes and re.fullmatch(r"[0-9]{14}", digits):
                return digits
    return None


def party_ids(root: etree._Element, party: str) -> list[str]:
    """Return what stands where a party's SIRET is looked for, whatever it is."""
    return [text for path, _ in _IDS for text, _ in _ids(root, f"{party}/{path}") if text]


def _ids(root: etree._Element, path: str) -> list[tuple[str, str | None]]:
    return [(re.sub(r"[ .]", "", clean(n.text or "")), n.get("schemeID")) for n in root.findall(path, NS)]


def _decimal(text: str | None) -> Decimal | None:
    try:
        value = Decimal(clean(text or ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


@dataclass(frozen=True)
class _Amounts:
    """The totals and the VAT lines, with the signs of the XML."""

    totals: Mapping[str, Decimal | None]
    lines: tuple[VatLine, ...]

    @classmethod
    def read(cls, root: etree._Element) -> _Amounts:
        totals = {name: _decimal(text_at(root, path)) for name, path in _TOTALS.items()}
        totals["tva"] = _vat_total(root)
        prepaid = _decimal(text_at(root, f"{_SUMS}/ram:TotalPrepaidAmount"))  # BT-113
        if totals["a_payer"] is None and prepaid and totals["ttc"] is not None:
            totals["a_payer"] = totals["ttc"] - prepaid
        return cls(totals, _vat_lines(root))

    def positive(self) -> _Amounts:
        """Turn all signs round when the total is negative: some write a credit note's amounts so."""
        if (self.totals["ttc"] or 0) >= 0:
            return self
        totals = {name: None if value is None else -value for name, value in self.totals.items()}
        return _Amounts(totals, tuple(VatLine(v.rate, -v.base, -v.tax) for v in self.lines))

    def values(self) -> dict[str, FieldValue | None]:
        return {**self.totals, "lignes_tva": self.lines}


def _vat_total(root: etree._Element) -> Decimal | None:
    """BT-110; EN 16931 allows a second one in the seller's accounting currency (BT-111), which is not ours."""
    currency = text_at(root, _TEXTS["devise"])
    nodes = root.findall(f"{_SUMS}/ram:TaxTotalAmount", NS)
    own = [n for n in nodes if n.get("currencyID") == currency] or (nodes if len(nodes) == 1 else [])
    return _decimal(own[0].text) if own else None


def _vat_lines(root: etree._Element) -> tuple[VatLine, ...]:
    """BG-23; all of them or none: a part would not add up."""
    lines = []
    for node in root.findall(_TAXES, NS):
        base, tax = _decimal(text_at(node, "ram:BasisAmount")), _decimal(text_at(node, "ram:CalculatedAmount"))
        rate = _decimal(text_at(node, "ram:RateApplicablePercent") or "0")  # absent when out of scope of VAT
        if base is None or tax is None or rate is None:
            return ()
        lines.append(VatLine(rate, base, tax))
    return tuple(lines)


def _regime(root: etree._Element) -> str | None:
    """BT-8, when all VAT lines that have it agree."""
    codes = {text_at(node, "ram:DueDateTypeCode") for node in root.findall(_TAXES, NS)} - {None}
    return _REGIMES.get(codes.pop() or "") if len(codes) == 1 else None


def _exemption(root: etree._Element) -> str | None:
    """BT-120 or BT-121, else what BT-118 means, of an invoice without VAT; None for a small business (art. 293 B)."""
    nodes = root.findall(_TAXES, NS)
    if not nodes or any(_decimal(text_at(node, "ram:CalculatedAmount")) for node in nodes):
        return None
    reasons = {_reason(node) for node in nodes}
    return reasons.pop() if len(reasons) == 1 else None


def _reason(tax: etree._Element) -> str | None:
    category, code = text_at(tax, "ram:CategoryCode"), text_at(tax, "ram:ExemptionReasonCode") or ""
    said = text_at(tax, "ram:ExemptionReason") or code
    if category not in _REASONS or code.upper() in _NOT_TAXED or is_franchise(said):
        return None
    return said or _REASONS[category] or None
