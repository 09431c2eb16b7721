"""Whether the amounts of a submission agree (api.md 5.4). Both sign conventions of credit notes pass ([?] there)."""

from __future__ import annotations

from decimal import Decimal

from .codes import refused
from .model import Body

CENT = Decimal("0.01")


def check_totals(body: Body) -> None:
    """Check HT + TVA = TTC, the amount to pay, and the VAT summary.

    The amount to pay may be lower than the total (already paid, in whole or in part), never higher.

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
    lines = body.get("ligneTva", [])
    if lines:
        _check_lines(lines, net, vat)


def _check_lines(lines: list[Body], net: Decimal, vat: Decimal) -> None:
    base = sum((Decimal(v.get("ligneTvaMontantBaseHtParTaux", 0)) for v in lines), Decimal())
    tax = sum((Decimal(v.get("ligneTvaMontantTvaParTaux", 0)) for v in lines), Decimal())
    tolerance = CENT * len(lines)
    rated = all("ligneTvaTaux" in v or "ligneTvaTauxManuel" in v for v in lines)
    if not rated or abs(base - net) > tolerance or abs(tax - vat) > tolerance:
        raise refused("total_lines")
