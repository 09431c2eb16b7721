"""Chorus Pro's own field names: how an invoice is written in its JSON, and how its rows are read. Sends nothing.

Source: the API reference (api.md 2.11, 2.14) and its worked example (section 9). Absent values are left out; dates are
``YYYY-MM-DD``; amounts are JSON numbers. Answers are read leniently: a missing or odd field is None, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from chorus_outbox.core.analysis import Analysis
from chorus_outbox.core.decide import PARIS, Found
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.fields import Kind, VatLine
from chorus_outbox.core.invoice import CENT, Invoice
from chorus_outbox.core.preflight import Service
from chorus_outbox.ports_chorus import Attached


def amount(value: Decimal) -> float:
    """Return an amount as a JSON number: two decimals below 10^13 survive a float's shortest writing exactly."""
    return float(value.quantize(CENT))


def deposit(
    invoice: Invoice,
    supplier_id: int,
    *,
    signed: bool,
    service_id: int | None = None,
    bank_account: int | None = None,
) -> dict[str, Any]:
    """Return the body of ``soumettre`` for a PDF deposit, without the files' ids."""
    return present(
        modeDepot="DEPOT_PDF_SIGNE_API" if signed else "DEPOT_PDF_API",
        numeroFactureSaisi=invoice.number,
        dateFacture=invoice.date.isoformat(),
        destinataire=present(codeDestinataire=str(invoice.recipient), codeServiceExecutant=invoice.service),
        fournisseur=present(
            idFournisseur=supplier_id,
            idServiceFournisseur=service_id,
            codeCoordonneesBancairesFournisseur=bank_account,
        ),
        cadreDeFacturation=present(
            codeCadreFacturation=invoice.cadre.value,
            codeStructureValideur=str(invoice.validator) if invoice.validator else None,
            codeServiceValideur=invoice.validator_service,
        ),
        references=_references(invoice),
        ligneTva=[_vat_line(line) for line in invoice.vat_lines] or None,
        montantTotal=present(
            montantHtTotal=amount(invoice.net),
            montantTVA=amount(invoice.vat),
            montantTtcTotal=amount(invoice.gross),
            montantRemiseGlobaleTTC=None if invoice.discount is None else amount(invoice.discount),
            motifRemiseGlobaleTTC=invoice.discount_reason,
            montantAPayer=amount(invoice.payable),
        ),
        commentaire=invoice.comment,
    )


def recycling(invoice: Invoice, cleared: Collection[str]) -> dict[str, Any]:
    """Return the body of ``recycler`` without the invoice's id (api.md 2.17, 9 step 11).

    What was deposited and is no longer wanted is sent as an empty text: left out, it would stay as it was. Only for the
    service is that known to be tolerated (api.md 2.11).
    """
    gone = {"service": "codeServiceExecutant"}, {"engagement": "numeroBonCommande", "marche": "numeroMarche"}
    routing, references = ({key: "" for name, key in keys.items() if name in cleared} for keys in gone)
    return present(
        destinataire={
            **present(codeDestinataire=str(invoice.recipient), codeServiceExecutant=invoice.service),
            **routing,
        },
        reference={
            **present(numeroMarche=invoice.contract, numeroBonCommande=invoice.engagement),
            **references,
        }
        or None,
        commentaire=invoice.comment,
    )


def _references(invoice: Invoice) -> dict[str, Any]:
    credit = invoice.kind is Kind.CREDIT_NOTE
    return present(
        deviseFacture=invoice.currency,
        typeFacture="AVOIR" if credit else "FACTURE",
        typeTva=invoice.vat_regime,
        motifExonerationTva=invoice.exemption_reason,
        numeroMarche=invoice.contract,
        numeroBonCommande=invoice.engagement,
        numeroFactureOrigine=invoice.origin if credit else None,
        modePaiement=invoice.payment_mode,
    )


def _vat_line(line: VatLine) -> dict[str, float]:
    return {
        "ligneTvaTauxManuel": amount(line.rate),
        "ligneTvaMontantBaseHtParTaux": amount(line.base),
        "ligneTvaMontantTvaParTaux": amount(line.tax),
    }


def with_files(payload: Mapping[str, Any], attachment_id: int, attached: Sequence[Attached] = ()) -> dict[str, Any]:
    """Return the deposit with its main PDF: an array of one, as every client known to work sends it (api.md 2.11)."""
    main = {"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": attachment_id}
    return {
        **payload,
        "pieceJointePrincipale": [main],
        **present(pieceJointeComplementaire=attachments(attached) or None),
    }


def attachments(attached: Sequence[Attached]) -> list[dict[str, Any]]:
    """Return the attachments of ``soumettre`` and ``completer``."""
    return [
        {
            "pieceJointeComplementaireDesignation": one.designation,
            "pieceJointeComplementaireType": one.type_code,
            "pieceJointeComplementaireId": one.attachment_id,
        }
        for one in attached
    ]


def receipt(answer: Mapping[str, Any]) -> Receipt | None:
    """Read the answer of ``soumettre``; None when it lacks the invoice's id."""
    chorus_id = integer(answer.get("identifiantFactureCPP"))
    if chorus_id is None:
        return None
    return Receipt(
        chorus_id,
        text(answer.get("statutFacture")) or "",
        text(answer.get("dateDepot")) or "",
        text(answer.get("empreinteCertificatDepot")) or "",
        text(answer.get("numeroFacture")) or "",
    )


def analysis(answer: Mapping[str, Any]) -> Analysis:
    """Read what Chorus Pro's analysis understood of a PDF (``deposer/pdf``); everything may be null."""
    kinds = {"FACTURE": Kind.INVOICE, "AVOIR": Kind.CREDIT_NOTE}
    return Analysis(
        text(answer.get("numeroFacture")),
        (text(answer.get("dateFacture")) or "")[:10] or None,
        text(answer.get("codeDestinataire")),
        number(answer.get("montantTtcAvantRemiseGlobalTTC")),
        service=text(answer.get("codeServiceExecutant")),
        engagement=text(answer.get("numeroBonCommande")),
        supplier=text(answer.get("codeFournisseur")),
        currency=text(answer.get("codeDeviseFacture")),
        kind=kinds.get(text(answer.get("typeFacture")) or ""),
        net=number(answer.get("montantHtTotal")),
        vat=number(answer.get("montantTVA")),
        payable=number(answer.get("montantAPayer")),
    )


def found(row: Mapping[str, Any]) -> Found | None:
    """Read one row of ``rechercher/fournisseur``; None when it lacks an id or a number."""
    chorus_id, invoice_number = integer(row.get("identifiantFactureCPP")), text(row.get("numeroFacture"))
    if chorus_id is None or invoice_number is None:
        return None
    return Found(
        chorus_id,
        invoice_number,
        text(row.get("statut")) or "",
        text(row.get("codeDestinataire")),
        text(row.get("dateFacture")),
        text(row.get("dateDepot")),
        number(row.get("montantTTC")),
        text(row.get("codeFournisseur")),
        text(row.get("numeroFluxDepot")),
    )


def service(row: Mapping[str, Any]) -> Service | None:
    """Read one row of ``rechercher/services``; an absent ``estActif`` counts as active."""
    service_id, code = integer(row.get("idService")), text(row.get("codeService"))
    if service_id is None or code is None:
        return None
    active = row.get("estActif") is not False and row.get("statutService") not in ("INACTIF", "INACTIVE")
    return Service(code, text(row.get("libelleService")) or "", active, service_id, None)


def rows(answer: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return a list of objects from an answer; an old gateway gives a lone object without its list (api.md 2.5)."""
    value = answer.get(name)
    if isinstance(value, dict):
        return [value]
    return [r for r in value if isinstance(r, dict)] if isinstance(value, list) else []


def pages(answer: Mapping[str, Any]) -> int | None:
    """Return how many pages a search has, or None when the answer does not say."""
    block = answer.get("parametresRetour")
    return integer(block.get("pages")) if isinstance(block, dict) else integer(answer.get("pages"))


def present(**values: Any) -> dict[str, Any]:
    """Return the values that are there: an absent one is left out, never sent as null (api.md 7.1)."""
    return {k: v for k, v in values.items() if v is not None}


def text(value: Any) -> str | None:
    """Return a text, None when there is none."""
    return value if isinstance(value, str) and value else None


def integer(value: Any) -> int | None:
    """Return a whole number that may arrive as text (api.md 2.7), None when it is none or has more than 18 digits."""
    whole = isinstance(value, int | str) and not isinstance(value, bool)
    return int(value) if whole and re.fullmatch(r"\s*[-+]?[0-9]{1,18}\s*", str(value)) else None


def day(value: Any) -> date | None:
    """Return a day however it is written, in France; None when it is none.

    ``YYYY-MM-DD``, the same with a time, ISO 8601 with an offset (api.md 5.6), or milliseconds since 1970, which is how
    a "date-time" of the Swagger file may well come.
    """
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, PARIS).date()
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo:
            moment = moment.astimezone(PARIS)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.date() if moment else None


def number(value: Any) -> Decimal | None:
    """Return an amount, None when it is none."""
    try:
        amount = Decimal(str(value)).quantize(CENT) if isinstance(value, int | float | str) else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() else None
