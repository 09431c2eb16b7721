"""How values are shown to people: dates, times, amounts, sizes, and texts that strangers wrote.

Plain spaces everywhere, never no-break ones: people copy values from a log into a sidecar, and a no-break space after
the colon there turns the whole YAML document into one string (engineering.md 7.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from chorus_outbox.core.draft import Source
from chorus_outbox.core.fields import (
    FIELDS,
    Enclosure,
    FieldValue,
    Kind,
    Shape,
    VatLine,
    clean,
    parse_amount,
    parse_date,
)
from chorus_outbox.core.problem import Problem

from .model import Words

PARIS = ZoneInfo("Europe/Paris")
LONGEST = 500  # characters of a stranger's text shown at once
KILO = 1000
_SPACES = re.compile(r"\s+")

FIELD_OF: Mapping[str, str] = {  # code, or its family, -> field that a person corrects; "field" in params comes first
    "siret": "siret",
    "recipient": "siret",
    "number": "numero",
    "duplicate.number": "numero",
    "duplicate.portal": "numero",
    "returned.new_number": "numero",
    "returned.keeps_number": "numero",
    "returned.suspended": "commentaire",
    "returned.nothing_added": "commentaire",
    "returned.rejected": "numero",
    "date": "date",
    "field.vat_lines": "lignes_tva",
    "cadre": "cadre",
    "validator": "valideur",
    "exemption": "motif_exoneration",
    "origin": "origine",
    "totals": "ttc",
    "totals.vat_base": "lignes_tva",
    "totals.vat_tax": "lignes_tva",
    "totals.payable": "a_payer",
    "totals.discount": "remise",
    "totals.vat_regime": "regime_tva",
    "type": "type",
    "service": "service",
    "engagement": "engagement",
    "attachment": "pieces_jointes",
    "attachments": "pieces_jointes",
    "chorus.recipient": "siret",
    "chorus.service": "service",
    "chorus.engagement": "engagement",
    "chorus.service_or_engagement": "service",
    "chorus.number": "numero",
    "chorus.duplicate": "numero",
    "chorus.date": "date",
    "chorus.totals": "ttc",
    "chorus.vat": "regime_tva",
    "chorus.exemption": "motif_exoneration",
    "chorus.currency": "devise",
    "chorus.payment_mode": "mode_paiement",
    "chorus.cadre": "cadre",
    "chorus.validator": "valideur",
    "chorus.contract": "marche",
    "chorus.origin": "origine",
    "chorus.comment": "commentaire",
    "chorus.supplier": "fournisseur",
    "chorus.bank_account": "compte_bancaire",
    "chorus.attachment": "pieces_jointes",
    "chorus.attachment_type": "pieces_jointes",
    "chorus.attachment_too_big": "pieces_jointes",
}


def field_of(problem: Problem) -> str | None:
    """Return the (canonical) field that a problem is about, or None."""
    named = problem.params.get("field", "")
    return named if named in FIELDS else _field_of_code(problem.code)


def _field_of_code(code: str) -> str | None:
    return FIELD_OF.get(code) or FIELD_OF.get(code.partition(".")[0])


def plain(text: str, longest: int = LONGEST) -> str:
    """Return a stranger's text on one line, without anything invisible, of at most ``longest`` characters.

    Line breaks and odd spaces become spaces; control characters, bidirectional overrides, lone surrogates and the like
    become U+FFFD, so that no file name or label can forge a line of a report.
    """
    text = _SPACES.sub(" ", text).strip()
    if not text.isprintable():  # asked of the whole first: most texts are, and a page shows many thousands
        text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return shortened(text, longest)


def shortened(text: str, longest: int) -> str:
    """Return a text of at most ``longest`` characters, the cut marked."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def date_text(day: date) -> str:
    """Return ``24/11/2026``."""
    return f"{day.day:02}/{day.month:02}/{day.year:04}"


def time_text(words: Words, at: datetime) -> str:
    """Return ``24/11/2026 à 14:05:09``, in French time, of an aware datetime."""
    local = at.astimezone(PARIS)
    return words.report["moment"].format(date=date_text(local), time=f"{local:%H:%M:%S}")


def amount_text(words: Words, amount: Decimal, currency: str = "EUR") -> str:
    """Return ``1 234,50 €`` (English: ``1,234.50 €``); never fewer than two decimals.

    The currency is an ISO 4217 code, or "" when it is not known.
    """
    places = max(2, -int(amount.normalize().as_tuple().exponent))
    text = f"{amount:,.{places}f}"
    text = text.translate({ord(","): words.thousands, ord("."): words.decimal})
    return f"{text} {'€' if currency == 'EUR' else plain(currency)}".rstrip()


def size_text(words: Words, size: int) -> str:
    """Return a number of bytes as people say it: ``12,3 Mo``."""
    if size < KILO:
        return f"{size} {words.units[0]}"
    whole, unit = (size / KILO, words.units[1]) if size < KILO**2 else (size / KILO**2, words.units[2])
    return f"{whole:.1f}".removesuffix(".0").replace(".", words.decimal) + f" {unit}"


def seconds_text(words: Words, seconds: int) -> str:
    """Return a duration as people say it: ``40 secondes``, ``5 minutes``."""
    for name, length in ((words.units[5], 3600), (words.units[4], 60)):
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {name}"
    return f"{seconds} {words.units[3]}"


def moment_text(words: Words, text: str) -> str:
    """Show a date or a time that came as ISO text; anything else as it stands."""
    if day := parse_date(text):
        return date_text(day)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return plain(text)
    if at.tzinfo is None:  # the portal's own: French time, to the minute (api.md 5.6)
        return words.report["moment"].format(date=date_text(at), time=f"{at:%H:%M}")
    return time_text(words, at)


def source_text(words: Words, source: Source | str) -> str:
    """Show where a value comes from (a ``Source``, or its value as the ledger keeps it)."""
    try:
        return words.sources[Source(source)]
    except ValueError:
        return plain(str(source))


def field_names_text(words: Words, text: str) -> str:
    """Show a comma-separated list of field names or problem codes (``ht, service.required``) as labels."""
    names = (n.strip() for n in text.split(","))
    return ", ".join(words.fields.get(n) or words.fields.get(_field_of_code(n) or "") or plain(n) for n in names)


def value_text(words: Words, name: str, value: FieldValue, currency: str = "EUR") -> str:
    """Show the value of a field; texts as the ledger keeps them (ISO dates, plain decimals) are shown alike."""
    match value:
        case str():
            return _text(words, name, value, currency)
        case date():
            return date_text(value)
        case Decimal():
            return amount_text(words, value, currency)
        case Kind():
            return words.kinds[value.value]
        case _:
            return " ; ".join(_vat_line(words, v, currency) if isinstance(v, VatLine) else _file(v) for v in value)


def _text(words: Words, name: str, value: str, currency: str) -> str:
    shape = FIELDS[name].shape if name in FIELDS else Shape.TEXT
    if shape is Shape.DATE and (day := parse_date(value)):
        return date_text(day)
    if shape is Shape.AMOUNT and (amount := parse_amount(value)) is not None:
        return amount_text(words, amount, currency)
    if shape is Shape.KIND:
        return words.kinds.get(value, plain(value))
    return plain(clean(value))


def _file(one: Enclosure) -> str:
    """Return ``bon.pdf (BON_DE_LIVRAISON, Bon du 3 mai)``."""
    said = ", ".join(plain(text) for text in (one.type, one.designation) if text)
    return f"{plain(one.file)} ({said})" if said else plain(one.file)


def _vat_line(words: Words, line: VatLine, currency: str) -> str:
    rate = f"{line.rate:f}".replace(".", words.decimal)
    base, tax = amount_text(words, line.base, currency), amount_text(words, line.tax, currency)
    return words.report["vat_line"].format(rate=rate, base=base, tax=tax)
