"""The amounts of an invoice from those that are given: HT, TVA, TTC, what is left to pay, the VAT lines, the regime.

Nothing here judges whether the amounts agree (``invoice.check_totals``); it only fills what follows from the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from .claims import Claims, Value, weakest, with_claim
from .draft import Source
from .fields import FieldValue, VatLine
from .invoice import WITHOUT_VAT, Cadre, check_totals

TOTALS = ("ht", "tva", "ttc")
_ZERO = Decimal("0.00")

Values = Mapping[str, Value]
"""Field -> the value that was chosen for it."""


def decimal_of(values: Values, name: str) -> Decimal | None:
    """Return an amount, or None when there is none."""
    found = values.get(name)
    return found.value if found and isinstance(found.value, Decimal) else None


def lines_of(value: FieldValue) -> tuple[VatLine, ...]:
    """Return the VAT lines of a value of ``lignes_tva``."""
    return tuple(line for line in value if isinstance(line, VatLine)) if isinstance(value, tuple) else ()


def complete_each(claims: Claims) -> Claims:
    """Complete the totals of each source by itself: a sidecar's HT and TVA give a TTC stronger than the PDF's."""
    for source in Source:
        said = {name: [v for v in values if v.source is source] for name, values in claims.items()}
        own = {name: values[0] for name, values in said.items() if values}
        for name, value in complete(own).items():
            if name not in own:
                claims = with_claim(claims, name, value)
    return claims


def complete(given: Values) -> dict[str, Value]:
    """Return ``ht``, ``tva``, ``ttc`` as given or as they follow from each other, the VAT lines and the regime."""
    found = {name: given[name] for name in TOTALS if name in given}
    found = {**_from_lines(given, found), **found}
    regime = given.get("regime_tva")
    if regime and regime.value in WITHOUT_VAT and found and "tva" not in found:
        found["tva"] = Value(_ZERO, weakest([regime, *found.values()]))
    return found | _third(found)


def _from_lines(given: Values, found: Values) -> dict[str, Value]:
    """Sum the VAT lines; lines read in the PDF only where the total says that all of them were read."""
    said = given.get("lignes_tva")
    if not said:
        return {}
    lines = lines_of(said.value)
    net, vat = sum((v.base for v in lines), _ZERO), sum((v.tax for v in lines), _ZERO)
    gross = decimal_of(found, "ttc")
    if not said.explicit and (gross is None or check_totals(net, vat, gross, gross, ())):
        return {}
    return {"ht": Value(net, said.source), "tva": Value(vat, said.source)}


def _third(found: Values) -> dict[str, Value]:
    net, vat, gross = (decimal_of(found, name) for name in TOTALS)
    third: dict[str, Decimal] = {}
    if net is not None and vat is not None and gross is None:
        third["ttc"] = net + vat
    if net is not None and gross is not None and vat is None:
        third["tva"] = gross - net
    if vat is not None and gross is not None and net is None:
        third["ht"] = gross - vat
    return {name: Value(amount, weakest(found.values())) for name, amount in third.items()}


def payable(claims: Claims, values: Values) -> Value | None:
    """Return what is left to pay; None while the total is unknown.

    What a person wrote holds. An invoice already paid (A2) leaves nothing; a PDF's own "net à payer" counts when it
    can be one (a deposit paid before); else it is the total less the discount (api.md 5.4).
    """
    gross, cadre = decimal_of(values, "ttc"), values.get("cadre")
    discount = decimal_of(values, "remise") or _ZERO
    if gross is None:
        return None
    said = claims.get("a_payer", ())
    if said and said[0].explicit:
        return said[0]
    if cadre and cadre.value == Cadre.A2.value:
        return Value(_ZERO, cadre.source)
    most = gross - discount
    likely = (v for v in said if isinstance(v.value, Decimal) and 0 <= v.value <= most)
    return next(likely, Value(most, weakest([values["ttc"], *([values["remise"]] if discount else [])])))


def discount(claims: Claims, values: Values) -> Value | None:
    """Return the global discount (TTC): a person's as it is, that of the PDF only when the totals leave room for it."""
    gross, left = decimal_of(values, "ttc"), claims.get("a_payer", ())
    for said in claims.get("remise", ()):
        if said.explicit:
            return said
        if gross is not None and isinstance(said.value, Decimal) and 0 < said.value <= gross:
            most = gross - said.value
            typed = next((v.value for v in left if v.explicit), most)
            if isinstance(typed, Decimal) and typed <= most:
                return said
    return None


def vat_lines(claims: Claims, values: Values) -> Value | None:
    """Return the VAT lines to send: a person's as they are, those of the PDF only when they agree with the totals."""
    net, vat, gross = (decimal_of(values, name) for name in TOTALS)
    for said in claims.get("lignes_tva", ()):
        if said.explicit:
            return said
        if net is not None and vat is not None and gross is not None:
            wrong = {p.code for p in check_totals(net, vat, gross, gross, lines_of(said.value))}
            if not wrong & {"totals.vat_base", "totals.vat_tax"}:
                return said
    return None


def vat_regime(values: Values) -> Value:
    """Return the VAT regime: whoever says how the VAT falls due says so for the case that there is any (api.md 3.5)."""
    regime, said = values["regime_tva"], values.get("lignes_tva")
    lines = lines_of(said.value) if said else ()
    taxed = decimal_of(values, "tva") != 0 or any(line.rate > 0 for line in lines)
    reason = values.get("motif_exoneration")
    if regime.value in WITHOUT_VAT or _of_this_one(regime):
        return regime
    if taxed and not (reason and _of_this_one(reason)):  # a reason read in a taxed PDF is about something else
        return regime
    return Value("EXONERATION", reason.source) if reason else Value("SANS_TVA", values["tva"].source)


def _of_this_one(value: Value) -> bool:
    """Tell whether a person said it of this invoice, or of its folder."""
    return value.explicit and value.source is not Source.CONFIG
