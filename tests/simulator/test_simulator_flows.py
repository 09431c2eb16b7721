"""deposer/flux: a number now, the verdict later."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from portal_client import Portal, facturx_pdf

from chorus_outbox.simulator import start
from chorus_outbox.simulator.codes import INVENTED

pytest_plugins = ["portal_fixtures"]

FLOW = "/factures/v1/deposer/flux"
REPORT = "/transverses/v1/consulterCRDetaille"
CII = """<?xml version="1.0" encoding="UTF-8"?>
<r:CrossIndustryInvoice xmlns:r="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
 xmlns:a="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
 xmlns:u="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">
<r:ExchangedDocumentContext><a:BusinessProcessSpecifiedDocumentContextParameter><a:ID>{cadre}</a:ID>
</a:BusinessProcessSpecifiedDocumentContextParameter></r:ExchangedDocumentContext>
<r:ExchangedDocument><a:ID>{number}</a:ID><a:TypeCode>{type}</a:TypeCode>
<a:IssueDateTime><u:DateTimeString format="102">{date}</u:DateTimeString></a:IssueDateTime></r:ExchangedDocument>
<r:SupplyChainTradeTransaction>{lines}<a:ApplicableHeaderTradeAgreement><a:BuyerReference>{service}</a:BuyerReference>
<a:SellerTradeParty><a:SpecifiedLegalOrganization><a:ID schemeID="0002">{seller}</a:ID></a:SpecifiedLegalOrganization>
</a:SellerTradeParty><a:BuyerTradeParty><a:SpecifiedLegalOrganization><a:ID schemeID="0002">{buyer}</a:ID>
</a:SpecifiedLegalOrganization></a:BuyerTradeParty>
<a:BuyerOrderReferencedDocument><a:IssuerAssignedID>{engagement}</a:IssuerAssignedID></a:BuyerOrderReferencedDocument>
</a:ApplicableHeaderTradeAgreement><a:ApplicableHeaderTradeSettlement><a:InvoiceCurrencyCode>EUR</a:InvoiceCurrencyCode>
<a:SpecifiedTradeSettlementPaymentMeans><a:TypeCode>{means}</a:TypeCode>
<a:PayeePartyCreditorFinancialAccount><a:IBANID>{iban}</a:IBANID></a:PayeePartyCreditorFinancialAccount></a:SpecifiedTradeSettlementPaymentMeans>
<a:SpecifiedTradeSettlementHeaderMonetarySummation><a:TaxBasisTotalAmount>100.00</a:TaxBasisTotalAmount>
<a:TaxTotalAmount currencyID="EUR">20.00</a:TaxTotalAmount><a:GrandTotalAmount>{gross}</a:GrandTotalAmount>
<a:DuePayableAmount>120.00</a:DuePayableAmount></a:SpecifiedTradeSettlementHeaderMonetarySummation>
</a:ApplicableHeaderTradeSettlement></r:SupplyChainTradeTransaction></r:CrossIndustryInvoice>"""
UBL = """<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2" xmlns:c="urn:c" xmlns:a="urn:a">
<c:ProfileID>A1</c:ProfileID><c:ID>U-1</c:ID><c:IssueDate>2026-11-20</c:IssueDate>
<c:InvoiceTypeCode>380</c:InvoiceTypeCode><c:DocumentCurrencyCode>EUR</c:DocumentCurrencyCode>
<a:AccountingSupplierParty><a:Party><a:PartyLegalEntity><c:CompanyID>73282932000074</c:CompanyID></a:PartyLegalEntity>
</a:Party></a:AccountingSupplierParty><a:AccountingCustomerParty><a:Party><a:PartyLegalEntity>
<c:CompanyID>12345678200051</c:CompanyID></a:PartyLegalEntity></a:Party></a:AccountingCustomerParty>
<a:PaymentMeans><c:PaymentMeansCode>30</c:PaymentMeansCode><a:PayeeFinancialAccount><c:ID>FR76</c:ID>
</a:PayeeFinancialAccount></a:PaymentMeans><a:TaxTotal><c:TaxAmount>20</c:TaxAmount>
</a:TaxTotal><a:LegalMonetaryTotal><c:TaxExclusiveAmount>100</c:TaxExclusiveAmount>
<c:TaxInclusiveAmount>120</c:TaxInclusiveAmount><c:PayableAmount>120</c:PayableAmount></a:LegalMonetaryTotal></Invoice>"""
VALUES = {
    "cadre": "A1",
    "number": "F2026-00123",
    "type": "380",
    "date": "20261120",
    "service": "COLLEGE",
    "engagement": "91821",
    "seller": start.SUPPLIER_SIRET,
    "buyer": start.SIRET_DEPARTEMENT,
    "means": "30",
    "iban": "FR7630006000011234567890189",
    "gross": "120.00",
    "lines": "",
}
GROSS = (
    "<a:IncludedSupplyChainTradeLineItem><a:SpecifiedLineTradeAgreement><a:GrossPriceProductTradePrice>"
    "<a:ChargeAmount>100</a:ChargeAmount></a:GrossPriceProductTradePrice></a:SpecifiedLineTradeAgreement>"
    "</a:IncludedSupplyChainTradeLineItem>"
)


def cii(**changes: str) -> bytes:
    return CII.format(**{**VALUES, **changes}).encode()


def send(portal: Portal, content: bytes, name: str = "f.xml", syntax: str = "IN_DP_E1_CII_16B") -> dict[str, Any]:
    body = {
        "fichierFlux": base64.b64encode(content).decode(),
        "nomFichier": name,
        "syntaxeFlux": syntax,
        "avecSignature": False,
    }
    return portal.post(FLOW, body)


def verdict(portal: Portal, content: bytes, name: str = "f.xml", syntax: str = "IN_DP_E1_CII_16B") -> dict[str, Any]:
    number = send(portal, content, name, syntax)["numeroFluxDepot"]
    portal.world.advance(15)
    return portal.post(REPORT, {"numeroFluxDepot": number})


def test_flow_goes_through_its_states(portal: Portal) -> None:
    """A flow answers with a number only; its states follow, and the invoice is there at the end."""
    answer = send(portal, cii())
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "numeroFluxDepot": "CPP0011117000000000425903",
        "dateDepot": "2026-11-23",
        "syntaxeFlux": "IN_DP_E1_CII_16B",
    }
    asked = {"numeroFluxDepot": answer["numeroFluxDepot"]}
    seen = []
    for seconds in (0, 5, 5, 5):
        assert portal.search() == []
        portal.world.advance(seconds)
        seen.append(portal.post(REPORT, asked)["etatCourantDepotFlux"])
    assert seen == ["IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP", "IN_RECU", "IN_TRAITE_SE_CPP", "IN_INTEGRE"]
    (row,) = portal.search(**asked)
    assert (row["numeroFacture"], row["montantTTC"], row["codeServiceExecutant"]) == ("F2026-00123", 120.0, "COLLEGE")
    assert portal.post("/transverses/v1/consulterCR", asked)["etatCourantFlux"] == "IN_INTEGRE"


def test_report_dates_carry_their_offset(portal: Portal) -> None:
    """Reports write ISO 8601 in Paris's time."""
    assert verdict(portal, cii())["dateHeureEtatCourantFlux"] == "2026-11-23T12:00:15+01:00"


@pytest.mark.parametrize("content", [cii(), UBL.encode()], ids=["CII", "UBL"])
def test_invoice_of_either_syntax(portal: Portal, content: bytes) -> None:
    """Both syntaxes make an invoice."""
    assert verdict(portal, content)["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert len(portal.world.accepted()) == 1


def test_facturx_pdf_is_kept(portal: Portal) -> None:
    """With IN_DP_E2_CII_FACTURX the XML is read from the PDF, and the PDF is the invoice's file."""
    content = facturx_pdf(cii(type="381", means=""))
    assert verdict(portal, content, "f.pdf", "IN_DP_E2_CII_FACTURX")["etatCourantDepotFlux"] == "IN_INTEGRE"
    (facture,) = portal.world.accepted()
    assert facture.file is not None
    assert portal.world.files[facture.file].content == content
    assert portal.search()[0]["typeFacture"] == "AVOIR"


@pytest.mark.parametrize(
    ("content", "where", "text"),
    [
        pytest.param(b"no xml", "listeErreurTechnique", "XML", id="no XML"),
        pytest.param(cii(means=""), "listeErreurTechnique", "TypeCode.value est obligatoire", id="payment means"),
        pytest.param(cii(number=""), "listeErreurTechnique", "ID.value est obligatoire", id="number"),
        pytest.param(cii(gross="NaN"), "listeErreurTechnique", "NaN est illisible", id="amount"),
        pytest.param(cii(cadre="S1"), "listeErreurTechnique", "S1", id="reform's cadre"),
        pytest.param(cii(seller="732829320"), "listeErreurDP", "n'est pas reference", id="SIREN for SIRET"),
        pytest.param(cii(service="X", gross="121.00"), "listeErreurDP", "n'existe pas pour ce destinataire|", id="two"),
        pytest.param(cii(date="20261320"), "listeErreurDP", "illisible", id="no such month"),
        pytest.param(cii(engagement=""), "listeErreurDP", "engagement est obligatoire", id="engagement"),
        pytest.param(cii(service=""), "listeErreurDP", "BuyerReference.value) est obligatoire", id="service"),
        pytest.param(cii(iban=""), "listeErreurTechnique", "IBANID.value est obligatoire", id="IBAN"),
        pytest.param(cii(lines=GROSS), "listeErreurTechnique", "ActualAmount.value est obligatoire", id="gross price"),
    ],
)
def test_rejected_flow_says_why(portal: Portal, content: bytes, where: str, text: str) -> None:
    """A flow that can't be integrated ends at IN_REJETE with its reasons, and uses up no number."""
    answer = verdict(portal, content)
    assert answer["etatCourantDepotFlux"] == "IN_REJETE"
    assert text in answer[where][0]["libelleErreur" if where == "listeErreurTechnique" else "libelleErreurDP"]
    assert portal.world.accepted() == []
    assert verdict(portal, cii())["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_duplicate_by_flow(portal: Portal) -> None:
    """A number already used is noticed when the flow is integrated."""
    portal.accepted()
    assert "déjà déposé" in verdict(portal, cii())["listeErreurDP"][0]["libelleErreurDP"]


def test_pdf_without_xml(portal: Portal) -> None:
    """A PDF without factur-x.xml is rejected in its report."""
    for content in (b"%PDF-1.7", b"%PDF-1.7 /EmbeddedFile damaged"):
        answer = verdict(portal, content, "f.pdf", "IN_DP_E2_CII_FACTURX")
        assert answer["etatCourantDepotFlux"] == "IN_REJETE"


def test_refusals_at_the_deposit(portal: Portal) -> None:
    """A lost extension and a file over 10 MB are refused at once."""
    assert send(portal, cii(), "flux")["codeRetour"] == INVENTED["file_name"].number
    big = send(portal, b"x" * 10_000_001)
    assert (big["codeRetour"], big["libelle"]) == (20001, "GDP_MSG_11.022")


def test_new_flow_may_be_unknown_for_a_while(portal: Portal) -> None:
    """Right after a deposit the report can be missing (api.md 2.13); an unknown number always is."""
    portal.world.settings.report_seconds = 3
    number = send(portal, cii())["numeroFluxDepot"]
    asked = {"numeroFluxDepot": number}
    assert portal.post(REPORT, asked)["codeRetour"] == INVENTED["flow_unknown"].number
    portal.world.advance(3)
    assert portal.post(REPORT, asked)["codeRetour"] == 0
    assert portal.post(REPORT, {"numeroFluxDepot": "CPP1"})["codeRetour"] == INVENTED["flow_unknown"].number
