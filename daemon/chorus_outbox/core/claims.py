"""What all sources say of each field, strongest source first: the ground on which ``merge.py`` decides.

Here a value only gets its one proper form (an alias becomes its SIRET, ``A1`` its full name, an amount two decimals).
Which value wins, and whether it is allowed, is decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from . import book as recipient_book
from .book import Book, BookEntry
from .draft import Draft, Source
from .fields import FIELDS, FieldValue, Kind, Shape, VatLine, clean, show
from .invoice import CENT, Cadre
from .problem import Problem

EXPLICIT = (Source.SIDECAR, Source.FILENAME, Source.FOLDER, Source.CONFIG)
"""The sources in which people say something on purpose; the others are read from the PDF."""

_STRENGTH: Mapping[Source, int] = {source: rank for rank, source in enumerate(Source)}
_AMOUNT_LIMIT = Decimal(10) ** 13  # AIFE's decimal(19,6) has 13 digits before the point (api.md 5.4)
RATE_MAX = 100  # per cent
NO_ORIGIN = "aucune"
"""The value of ``origine`` by which a person says that a credit note corrects no single invoice (a yearly rebate)."""

_NO_ORIGIN = ("aucune", "aucun", "sans", "neant", "none")
_SIRET_LIKE = 9  # digits: a slip in a SIRET rather than the name of a customer


@dataclass(frozen=True)
class Value:
    """A value and its source; ``line`` (from 1) where it stands in a sidecar."""

    value: FieldValue
    source: Source
    line: int | None = field(default=None, compare=False)

    @property
    def explicit(self) -> bool:
        """Tell whether a person said it, rather than the PDF."""
        return self.source in EXPLICIT


Claims = Mapping[str, tuple[Value, ...]]
"""Field -> what the sources say, strongest first; a field nobody speaks of is absent."""


def in_order(drafts: Iterable[Draft]) -> list[Draft]:
    """Return the drafts strongest first; the order they came in does not matter."""

    def rank(draft: Draft) -> tuple[int, str, str]:
        values = [f"{name}={show(draft.values[name])}" for name in FIELDS if name in draft.values]
        return _STRENGTH[draft.source], repr(values), repr([(p.code, sorted(p.params.items())) for p in draft.problems])

    return sorted(drafts, key=rank)


def gather(drafts: Iterable[Draft], book: Book) -> tuple[Claims, tuple[Problem, ...]]:
    """Put what the drafts say together.

    Returns:
        The claims, and what could not be given a proper form: unknown aliases, and amounts a person wrote that can't
        be amounts of an invoice. The same from the PDF is a misreading, and left out without a word.

    """
    claims: dict[str, list[Value]] = {}
    problems = []
    for draft in in_order(drafts):
        for name in (n for n in FIELDS if n in draft.values):
            line = draft.lines.get(name) if draft.source is Source.SIDECAR else None
            proper = _proper(name, draft.values[name], book)
            if proper is None:
                continue
            if not isinstance(proper, Problem):
                claims.setdefault(name, []).append(Value(proper, draft.source, line))
            elif draft.source in EXPLICIT or proper.code == "siret.alias":
                problems.append(located(proper, name, line))
    return {name: tuple(said) for name, said in claims.items()}, tuple(problems)


def located(problem: Problem, name: str, line: int | None) -> Problem:
    """Return the problem with the field it is about and, when it came from a sidecar, the line."""
    where = {"line": str(line)} if line else {}
    return Problem(problem.code, {**problem.params, "field": name, **where})


def with_claim(claims: Claims, name: str, value: Value) -> Claims:
    """Return the claims with one more, after those of stronger sources and before those of its own."""
    said = [*claims.get(name, ()), value]
    said.sort(key=lambda v: (_STRENGTH[v.source], v is not value))
    return {**claims, name: tuple(said)}


def weakest(values: Iterable[Value]) -> Source:
    """Return the weakest of the sources of these values: that of anything computed from them."""
    return max((value.source for value in values), key=lambda source: _STRENGTH[source])


def entry_of(drafts: Iterable[Draft], book: Book, siret: str) -> BookEntry | None:
    """Return what the book says of a recipient: the entry someone named, or what all entries of the SIRET agree on."""
    for draft in in_order(drafts):
        named = recipient_book.find(book, show(draft.values.get("siret", "")))
        if named and named.siret == siret:
            return named
    return recipient_book.agreed(book, siret)


def with_book(claims: Claims, entry: BookEntry | None) -> Claims:
    """Return the claims with what is usual with this recipient: it ranks as configuration, before the defaults."""
    usual = {"service": entry.service, "engagement": entry.engagement, "cadre": entry.cadre} if entry else {}
    usual |= {"fournisseur": entry.supplier} if entry else {}
    for name, text in usual.items():
        if text:
            claims = with_claim(claims, name, Value(_cadre(text) if name == "cadre" else text, Source.CONFIG))
    return _with_own(claims)


def _with_own(claims: Claims) -> Claims:
    """Leave the configured supplier's own service and bank account out when another structure of the account sends."""
    said = claims.get("fournisseur", ())
    configured = [value for value in said if value.source is Source.CONFIG][-1:]  # the recipient book comes before it
    if not configured or said[0] == configured[0]:
        return claims
    kept = {name: claims.get(name, ()) for name in ("fournisseur_service", "compte_bancaire")}
    kept = {name: tuple(v for v in values if v.source is not Source.CONFIG) for name, values in kept.items()}
    return {name: values for name, values in {**claims, **kept}.items() if values}


def with_positive_credit(claims: Claims) -> Claims:
    """Return the claims of a credit note with positive amounts, as Chorus Pro takes them: its type says the rest."""
    kind = claims.get("type")
    if not kind or kind[0].value is not Kind.CREDIT_NOTE:
        return claims
    return {
        name: tuple(Value(_positive(said.value), said.source, said.line) for said in all_said)
        for name, all_said in claims.items()
    }


def _positive(value: FieldValue) -> FieldValue:
    match value:
        case Decimal():
            return abs(value)
        case tuple() if sum(v.base for v in value if isinstance(v, VatLine)) < 0:
            return tuple(VatLine(v.rate, -v.base, -v.tax) for v in value if isinstance(v, VatLine))
        case _:
            return value


def _proper(name: str, value: FieldValue, book: Book) -> FieldValue | Problem | None:
    """Return the one proper form of a value, None when it says nothing, or the problem of having none."""
    match FIELDS[name].shape, value:
        case _, "" | ():
            return None
        case Shape.SIRET, str(text) if name != "fournisseur":
            return _siret(text, book)
        case Shape.CADRE, str(text):
            return _cadre(text)
        case Shape.AMOUNT, Decimal() as amount:
            cents = _cents(amount)
            if cents is None:
                return Problem("amount.format", {"value": str(amount)})
            return abs(cents) if name == "remise" else cents  # a discount is one with or without its minus
        case Shape.VAT_LINES, tuple():
            lines = [_vat_line(v) for v in value if isinstance(v, VatLine)]
            good = tuple(line for line in lines if line)
            return good if len(good) == len(lines) else Problem("field.vat_lines", {"value": show(value)})
        case Shape.TEXT, str(text) if name == "devise":
            return text.upper()
        case Shape.TEXT, str(text) if name == "origine" and _fold(text) in _NO_ORIGIN:
            return NO_ORIGIN
        case _:
            return value


def _fold(text: str) -> str:
    return clean(text).casefold().replace("é", "e")


def _siret(text: str, book: Book) -> str | Problem:
    if entry := recipient_book.find(book, text):
        return entry.siret
    if len(re.findall("[0-9]", text)) >= min(_SIRET_LIKE, len(text)):
        return text
    return Problem("siret.alias", {"value": text, "nearest": recipient_book.nearest(book, text)})


def _cadre(text: str) -> str:
    wanted = clean(text).upper()
    return next((cadre.value for cadre in Cadre if wanted == cadre.name), wanted)


def _cents(amount: Decimal) -> Decimal | None:
    if not amount.is_finite() or abs(amount) >= _AMOUNT_LIMIT:
        return None
    cents = amount.quantize(CENT) + 0  # no -0.00
    return cents if cents == amount else None


def _vat_line(line: VatLine) -> VatLine | None:
    base, tax = _cents(line.base), _cents(line.tax)
    if base is None or tax is None or not line.rate.is_finite() or not 0 <= line.rate <= RATE_MAX:
        return None
    return VatLine(line.rate, base, tax)
