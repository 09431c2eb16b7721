"""What all sources say -> one invoice with the source of each value, or every problem at once.

The steps of ``understand`` are the rules of precedence (design.md section 4). How each source is read, what its values
must satisfy (``rules.py``) and where sources contradict each other (``crosscheck.py``) stand elsewhere; what the
recipient requires is asked later (``preflight.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .book import Book, BookEntry
from .claims import NO_ORIGIN, Claims, Value, entry_of, gather, in_order, with_book, with_positive_credit
from .crosscheck import Mismatch, conflicts, kind_conflict, mismatches, other_supplier
from .draft import Draft, Source
from .fields import BY_NAME, FIELDS, Enclosure, FieldValue, Kind, show
from .invoice import Cadre, Invoice, Siret, check_siret
from .problem import Problem, Weight, stops
from .rules import broken_rules
from .totals import Values, complete, complete_each, decimal_of, discount, lines_of, payable, vat_lines, vat_regime

DEFAULTS: Mapping[str, FieldValue] = {
    "type": Kind.INVOICE,
    "devise": "EUR",
    "cadre": Cadre.A1.value,
    "regime_tva": "TVA_SUR_DEBIT",
    "mode_paiement": "VIREMENT",
}
"""What holds when nobody says otherwise (design.md section 7)."""


@dataclass(frozen=True)
class Understood:
    """What was understood of one invoice.

    Args:
        fields: Field -> the value chosen or computed, with its source; in the order of ``fields.FIELDS``.
        invoice: The invoice, when nothing stops it.
        problems: Everything to tell, each once: what a source could not say, then in the order of the fields.
        engagement_pattern: The shape the recipient's engagement numbers have, from the recipient book.
        action: How it would be sent: ``deposit``, or ``flow`` (as Factur-X).

    """

    fields: Mapping[str, Value]
    invoice: Invoice | None
    problems: tuple[Problem, ...]
    engagement_pattern: str | None = None
    action: str = "deposit"


def understand(drafts: Sequence[Draft], *, book: Book, today: date, mismatch: Mismatch, pdf_text: str) -> Understood:
    """Make one invoice of what the sources say.

    Args:
        drafts: One a source, in any order.
        book: The recipient book.
        today: The day in France: no invoice may be dated later.
        mismatch: Whether a PDF that contradicts people stops the invoice (``fail``) or is only told (``warn``).
        pdf_text: The text of the PDF, empty for a scan.

    """
    claims, unread = gather(drafts, book)
    entry = _entry(claims, drafts, book)
    claims = complete_each(with_positive_credit(with_book(claims, entry)))
    values = _settled(claims)
    told = [problem for draft in in_order(drafts) for problem in draft.problems]
    judged = [
        *unread,
        *broken_rules(values, today),
        *conflicts(claims),
        *kind_conflict(claims),
        *mismatches(values, claims, pdf_text, mismatch),
        *other_supplier(values, claims),
    ]
    problems = _each_once([*told, *_without_excused(sorted(judged, key=_place), told, unread)])
    return Understood(
        {name: values[name] for name in FIELDS if name in values},
        None if stops(problems) else _invoice(values),
        problems,
        entry.engagement_pattern if entry else None,
    )


def _entry(claims: Claims, drafts: Iterable[Draft], book: Book) -> BookEntry | None:
    said = claims.get("siret")
    return entry_of(drafts, book, show(said[0].value)) if said else None


def _settled(claims: Claims) -> Values:
    """Choose the strongest claim for each field, then fill what follows from the rest."""
    values = {name: Value(value, Source.CONFIG) for name, value in DEFAULTS.items()}
    values |= {name: said[0] for name, said in claims.items()}
    values |= complete(values)
    computed = {"lignes_tva": vat_lines(claims, values), "fournisseur": _supplier(claims)}
    computed["remise"] = discount(claims, values)
    values = _there({**values, **computed})
    values = _there({**values, "a_payer": payable(claims, values)})
    return _only_where_asked({**values, "regime_tva": vat_regime(values)})


def _there(values: Mapping[str, Value | None]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value}


def _only_where_asked(values: Values) -> Values:
    """Leave out what the PDF or a default says and this invoice has no use for; what a person typed for it stays."""
    cadre, regime = values["cadre"].value, values["regime_tva"].value
    useless = {
        "motif_exoneration": regime != "EXONERATION",
        "origine": values["type"].value is not Kind.CREDIT_NOTE,
        "valideur": cadre in [c.value for c in Cadre if not c.needs_validator],
        "valideur_service": cadre in [c.value for c in Cadre if not c.needs_validator],
        "motif_remise": "remise" not in values,
    }
    return {n: v for n, v in values.items() if not useless.get(n) or v.source is Source.SIDECAR}


def _supplier(claims: Claims) -> Value | None:
    """Return the supplier; a SIRET read in the PDF that can't be one is a misreading."""
    said = claims.get("fournisseur", ())
    return next((value for value in said if value.explicit or not check_siret(show(value.value))), None)


def _place(problem: Problem) -> int:
    """Return where a problem stands among the others: by its field, the totals with ``ttc``."""
    return list(FIELDS).index(problem.params.get("field", "ttc"))


def _without_excused(judged: Iterable[Problem], told: Sequence[Problem], unread: Sequence[Problem]) -> list[Problem]:
    """Leave out that a value is missing where another problem already says why it could not be read."""
    said = {p.params.get("field", "") for p in (*told, *unread)}
    said |= {BY_NAME.get(p.params.get("nearest", ""), "") for p in told}
    whole = any(_is_whole(p) for p in told)
    return [p for p in judged if p.code != "missing.field" or not (whole or p.params["field"] in said)]


def _is_whole(problem: Problem) -> bool:
    """Tell whether the problem kept a whole sidecar from being read: it is then about no key that was understood."""
    about_one = problem.code == "sidecar.unknown_key" or "field" in problem.params
    return problem.code.startswith("sidecar.") and problem.weight is Weight.STOP and not about_one


def _each_once(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple({(p.code, *sorted(p.params.items())): p for p in problems}.values())


def _invoice(values: Values) -> Invoice:
    """Build the invoice from values that break no rule."""
    lines, attachments, day, kind = (values.get(n) for n in ("lignes_tva", "pieces_jointes", "date", "type"))
    assert day is not None
    assert kind is not None
    assert isinstance(day.value, date)
    assert isinstance(kind.value, Kind)
    return Invoice(
        recipient=Siret(_text(values, "siret")),
        number=_text(values, "numero"),
        date=day.value,
        kind=kind.value,
        net=_amount(values, "ht"),
        vat=_amount(values, "tva"),
        gross=_amount(values, "ttc"),
        payable=_amount(values, "a_payer"),
        cadre=Cadre(_text(values, "cadre")),
        vat_regime=_text(values, "regime_tva"),
        payment_mode=_text(values, "mode_paiement"),
        currency=_text(values, "devise"),
        service=_maybe(values, "service"),
        engagement=_maybe(values, "engagement"),
        vat_lines=lines_of(lines.value) if lines and _text(values, "regime_tva") != "SANS_TVA" else (),
        exemption_reason=_maybe(values, "motif_exoneration") if _text(values, "regime_tva") == "EXONERATION" else None,
        contract=_maybe(values, "marche"),
        origin=None if _maybe(values, "origine") == NO_ORIGIN else _maybe(values, "origine"),
        validator=_siret(values, "valideur"),
        validator_service=_maybe(values, "valideur_service"),
        supplier=_siret(values, "fournisseur"),
        supplier_service=_maybe(values, "fournisseur_service"),
        bank_account=_maybe(values, "compte_bancaire"),
        attachments=_enclosures(attachments.value) if attachments else (),
        comment=_maybe(values, "commentaire"),
        discount=decimal_of(values, "remise") or None,
        discount_reason=_maybe(values, "motif_remise") if decimal_of(values, "remise") else None,
    )


def _maybe(values: Values, name: str) -> str | None:
    return show(values[name].value) if name in values else None


def _text(values: Values, name: str) -> str:
    return show(values[name].value)


def _siret(values: Values, name: str) -> Siret | None:
    return Siret(_text(values, name)) if name in values else None


def _amount(values: Values, name: str) -> Decimal:
    amount = decimal_of(values, name)
    assert amount is not None, name
    return amount


def _enclosures(value: FieldValue) -> tuple[Enclosure, ...]:
    return tuple(v for v in value if isinstance(v, Enclosure)) if isinstance(value, tuple) else ()


__all__ = ["DEFAULTS", "BookEntry", "Understood", "Value", "understand"]
