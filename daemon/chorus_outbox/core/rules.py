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
from .invoice import PAYMENT_MODES, TEXT_MAX, VAT_REGIMES, Cadre, check_number, check_siret, check_totals
from .problem import Problem
from .totals import TOTALS, Values, decimal_of, lines_of

REQUIRED = ("siret", "numero", "date", *TOTALS)
_CHOICES = {"regime_tva": VAT_REGIMES, "mode_paiement": PAYMENT_MODES}
_WORKS = re.compile(r"A([1-9][0-9]?)(_.*)?")
_WORKS_MAX = 25  # A1 to A25 exist; all but four belong to works, justice and refunds (api.md 3.1)


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
    works = _WORKS.fullmatch(text)
    if works and int(works[1]) <= _WORKS_MAX and f"A{works[1]}" not in Cadre.__members__:
        yield _about("cadre", said, Problem("cadre.works", {"value": text}))
    else:
        yield _not_allowed("cadre", said, ", ".join(cadre.value for cadre in Cadre))


def _companions(values: Values) -> Iterator[Problem]:
    """Say which values another one demands."""
    cadre = show(values["cadre"].value)
    if cadre in [c.value for c in Cadre if c.needs_validator] and "valideur" not in values:
        yield Problem("validator.missing", {"field": "valideur", "cadre": cadre})
    if values["regime_tva"].value == "EXONERATION" and "motif_exoneration" not in values:
        yield Problem("exemption.missing", {"field": "motif_exoneration"})
    if values["type"].value is Kind.CREDIT_NOTE and "origine" not in values:
        yield Problem("origin.missing", {"field": "origine"})


def _totals(values: Values) -> Iterator[Problem]:
    net, vat, gross = (decimal_of(values, name) for name in TOTALS)
    left = decimal_of(values, "a_payer")
    if gross is not None and gross < 0 and values["type"].value is Kind.INVOICE:
        yield Problem("totals.sign", {"ttc": f"{gross:f}"})
    if net is not None and vat is not None and gross is not None:
        lines = values.get("lignes_tva")
        yield from check_totals(net, vat, gross, _or(left, gross), lines_of(lines.value) if lines else ())


def _or(amount: Decimal | None, instead: Decimal) -> Decimal:
    return instead if amount is None else amount


def _about(name: str, said: Value, problem: Problem) -> Problem:
    return located(problem, name, said.line)


def _not_allowed(name: str, said: Value, allowed: str) -> Problem:
    return _about(name, said, Problem("field.choice", {"value": show(said.value), "allowed": allowed}))
