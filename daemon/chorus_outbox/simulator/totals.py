"""Whether the amounts of a submission agree (api.md 5.4). Both sign conventions of credit notes pass ([?] there)."""

from __future__ import annotations

from decimal import Decimal

from .codes import refused
from .model import Body

CENT = Decimal("0.01")


def check_totals(body: Body, *, strict: bool = False) -> None:
    """Check HT + TVA = TTC, the amount to pay, the VAT summary, and that SANS_TVA has none (api.md 3.5).

    The amount to pay may be lower than the total less the discount (already paid, in whole or in part), never higher.
    ``strict`` reads api.md 5.4 to the letter: lower only where the frame says that it is paid (A2).

    Raises:
        RefusedError: When they don't agree to the cent (a cent per line for the VAT summary).

    """
    total = body["montantTotal"]
    net, vat, gross, payable = (
        Decimal(total[k]) for k in ("montantHtTotal", "montantTVA", "montantTtcTotal", "montantAPayer")
    )
    discount = Decimal(total.get("montantRemiseGlobaleTTC", 0))
    if abs(net + vat - gross) > CENT:
        raise refused("total_sum", ttc=gross, ht=net, tva=vat)
    if body["references"]["typeFacture"] == "FACTURE" and gross < 0:
        raise refused("total_negative")
    if abs(payable) > abs(gross) - abs(discount) + CENT:
        raise refused("total_payable", payable=payable, ttc=gross, discount=discount)
    if strict and not _paid(body) and abs(abs(payable) - abs(gross) + abs(discount)) > CENT:
        raise refused("total_not_exact", payable=payable, ttc=gross, discount=discount)
    lines, regime = body.get("ligneTva", []), body["references"].get("typeTva")
    if regime == "SANS_TVA" and (vat or lines):
        raise refused("total_without_vat")
    if lines:
        _check_lines(lines, net, vat)


def _paid(body: Body) -> bool:
    cadre = body.get("cadreDeFacturation", {}).get("codeCadreFacturation")
    return bool(cadre == "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE")


def _check_lines(lines: list[Body], net: Decimal, vat: Decimal) -> None:
    base = sum((Decimal(v.get("ligneTvaMontantBaseHtParTaux", 0)) for v in lines), Decimal())
    tax = sum((Decimal(v.get("ligneTvaMontantTvaParTaux", 0)) for v in lines), Decimal())
    tolerance = CENT * len(lines)
    rated = all("ligneTvaTaux" in v or "ligneTvaTauxManuel" in v for v in lines)
    if not rated or abs(base - net) > tolerance or abs(tax - vat) > tolerance:
        raise refused("total_lines")
