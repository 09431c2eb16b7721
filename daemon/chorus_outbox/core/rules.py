"""The rules an invoice must satisfy, each chosen value by itself and all together.

Sources: api.md 2.11, 3 and 5. What the recipient requires is ``preflight.py``; what the sources say against each other
is ``crosscheck.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from .claims import Value, located
from .fields import Kind, show
from .invoice import (
    PAYMENT_MODES,
    TEXT_MAX,
    VAT_REGIMES,
    Cadre,
    check_number,
    check_siret,
    check_totals,
)
from .problem import Problem
from .totals import TOTALS, Values, decimal_of, lines_of

REQUIRED = ("siret", "numero", "date", *TOTALS)
_CHOICES = {"regime_tva": VAT_REGIMES, "mode_paiement": PAYMENT_MODES}
_FRAME = re.compile(r"A([1-9][0-9]?)(_.*)?")
_FRAME_MAX = 25  # A1 to A25 exist; all but four belong to works, justice and refunds (api.md 3.1)
_ELSEWHERE = {"3": "cadre.justice", "21": "cadre.refund"}


def broken_rules(values: Values, today: date) -> list[Problem]:
    """Say every rule that the chosen values break, and every required value that is missing."""
    return [
        *_missing(values),
        *_identifiers(values),
        *_texts(values),
        *_date(values, today),
        *_choices(values),
        *_cadre(values),
        *_companions(values),
        *_totals(values),
    ]


def _missing(values: Values) -> Iterator[Problem]:
    return (Problem("missing.field", {"field": name}) for name in REQUIRED if name not in values)


def _identifiers(values: Values) -> Iterator[Problem]:
    for name in ("siret", "valideur", "fournisseur", "numero"):
        if said := values.get(name):
            check = check_number if name == "numero" else check_siret
            if problem := check(show(said.value)):
                yield _about(name, said, problem)


def _texts(values: Values) -> Iterator[Problem]:
    for name, limit in TEXT_MAX.items():
        said = values.get(name)
        if said and len(show(said.value)) > limit:
            yield _about(name, said, Problem("field.too_long", {"value": show(said.value), "limit": str(limit)}))


def _date(values: Values, today: date) -> Iterator[Problem]:
    said = values.get("date")
    if said and isinstance(said.value, date) and said.value > today:
        params = {"value": said.value.isoformat(), "today": today.isoformat()}
        yield _about("date", said, Problem("date.future", params))


def _choices(values: Values) -> Iterator[Problem]:
    for name, allowed in _CHOICES.items():
        said = values[name]
        if said.value not in allowed:
            yield _not_allowed(name, said, ", ".join(allowed))
    if not re.fullmatch("[A-Z]{3}", show(values["devise"].value)):  # ISO 4217
        yield _not_allowed("devise", values["devise"], "EUR")


def _cadre(values: Values) -> Iterator[Problem]:
    said = values["cadre"]
    text = show(said.value)
    if text in [cadre.value for cadre in Cadre]:
        return
    other = _FRAME.fullmatch(text)
    if other and int(other[1]) <= _FRAME_MAX and f"A{other[1]}" not in Cadre.__members__:
        yield _about("cadre", said, Problem(_ELSEWHERE.get(other[1], "cadre.works"), {"value": text}))
    else:
        yield _not_allowed("cadre", said, ", ".join(cadre.value for cadre in Cadre))


def _companions(values: Values) -> Iterator[Problem]:
    """Say which values another one demands."""
    yield from _validator(values)
    if values["regime_tva"].value == "EXONERATION" and "motif_exoneration" not in values:
        yield Problem("exemption.missing", {"field": "motif_exoneration"})
    if values["type"].value is Kind.CREDIT_NOTE:
        yield from _origin(values)


def _validator(values: Values) -> Iterator[Problem]:
    cadre, said = show(values["cadre"].value), values.get("valideur")
    needed = {c.value: c.needs_validator for c in Cadre}.get(cadre)
    if needed and not said:
        yield Problem("validator.missing", {"field": "valideur", "cadre": cadre})
    if needed and said and said.value in [values[n].value for n in ("siret", "fournisseur") if n in values]:
        yield _about("valideur", said, Problem("validator.same", {"value": show(said.value)}))
    if needed is False and said:
        yield _about("valideur", said, Problem("validator.unused", {"cadre": cadre}))


def _origin(values: Values) -> Iterator[Problem]:
    said, number = values.get("origine"), values.get("numero")
    if not said:
        yield Problem("origin.missing", {"field": "origine"})
    elif number and show(said.value).casefold() == show(number.value).casefold():
        yield _about("origine", said, Problem("origin.same", {"value": show(said.value)}))


def _totals(values: Values) -> Iterator[Problem]:
    net, vat, gross = (decimal_of(values, name) for name in TOTALS)
    left = decimal_of(values, "a_payer")
    if gross is not None and gross < 0 and values["type"].value is Kind.INVOICE:
        yield Problem("totals.sign", {"ttc": f"{gross:f}"})
    elif gross is not None and left is not None:
        yield from _left_to_pay(values, gross, left)
    if vat and values["regime_tva"].value == "SANS_TVA":  # exempt for a part is EXONERATION (api.md 3.5)
        yield Problem("totals.vat_regime", {"tva": f"{vat:f}"})
    if net is not None and vat is not None and gross is not None:
        lines = values.get("lignes_tva")
        yield from check_totals(net, vat, gross, _or(left, gross), lines_of(lines.value) if lines else ())


def _left_to_pay(values: Values, gross: Decimal, left: Decimal) -> Iterator[Problem]:
    """Judge the discount and what is left to pay (api.md 5.4); a deposit paid before may leave less."""
    discount = decimal_of(values, "remise") or Decimal()
    if discount and gross - discount < max(left, Decimal()) and left <= gross:
        texts = {"remise": f"{discount:f}", "a_payer": f"{left:f}", "ttc": f"{gross:f}"}
        yield Problem("totals.discount", texts)
    if left == 0 < gross - discount and values["cadre"].value != Cadre.A2.value:
        yield Problem("cadre.paid", {"field": "cadre"})


def _or(amount: Decimal | None, instead: Decimal) -> Decimal:
    return instead if amount is None else amount


def _about(name: str, said: Value, problem: Problem) -> Problem:
    return located(problem, name, said.line)


def _not_allowed(name: str, said: Value, allowed: str) -> Problem:
    return _about(name, said, Problem("field.choice", {"value": show(said.value), "allowed": allowed}))
