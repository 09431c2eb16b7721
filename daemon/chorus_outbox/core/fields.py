"""The fields of an invoice: one table of names, and how the text a person typed becomes a value.

The names are those of the sidecar (French, as on the portal); each has plain English synonyms. The table says nothing
about where a value comes from (``draft.py``) nor which rules it must satisfy (``invoice.py``).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from .problem import Problem


class Shape(Enum):
    """How the text of a field is read."""

    TEXT = "text"
    SIRET = "siret"  # 14 digits (spaces allowed) or an alias of the recipient book
    DATE = "date"
    AMOUNT = "amount"  # euros (or the currency), as Decimal
    KIND = "kind"  # facture | avoir
    CADRE = "cadre"
    CHOICE = "choice"  # a word of a closed list, upper-cased
    VAT_LINES = "vat_lines"  # list of {taux, base, montant}
    NAMES = "names"  # one file name, or a list of them and of {fichier, type, designation}
    FLAG = "flag"  # oui | non


@dataclass(frozen=True)
class Field:
    """One field: its name in sidecars, its other names, and how its text is read."""

    name: str
    shape: Shape
    aliases: tuple[str, ...] = ()


FIELDS: Mapping[str, Field] = {
    f.name: f
    for f in (
        Field("siret", Shape.SIRET, ("recipient", "destinataire", "recipient_siret")),
        Field("service", Shape.TEXT, ("service_code", "code_service")),
        Field("engagement", Shape.TEXT, ("engagement_number", "numero_engagement")),
        Field("numero", Shape.TEXT, ("invoice_number", "number", "numero_facture")),
        Field("date", Shape.DATE, ("invoice_date", "date_facture")),
        Field("type", Shape.KIND, ("kind", "invoice_type")),
        Field("ht", Shape.AMOUNT, ("net", "total_ht", "net_total")),
        Field("tva", Shape.AMOUNT, ("vat", "total_tva", "vat_total")),
        Field("ttc", Shape.AMOUNT, ("gross", "total_ttc", "gross_total", "total")),
        Field("a_payer", Shape.AMOUNT, ("payable", "amount_due", "net_a_payer")),
        Field("remise", Shape.AMOUNT, ("discount", "remise_globale", "remise_globale_ttc")),
        Field("motif_remise", Shape.TEXT, ("discount_reason", "motif_remise_globale")),
        Field("lignes_tva", Shape.VAT_LINES, ("vat_lines",)),
        Field("devise", Shape.TEXT, ("currency",)),
        Field("cadre", Shape.CADRE, ("billing_frame", "cadre_facturation")),
        Field("regime_tva", Shape.CHOICE, ("vat_regime",)),
        Field("motif_exoneration", Shape.TEXT, ("exemption_reason",)),
        Field("mode_paiement", Shape.CHOICE, ("payment_mode", "payment_means")),
        Field("marche", Shape.TEXT, ("contract", "contract_number", "numero_marche")),
        Field("origine", Shape.TEXT, ("origin", "original_invoice", "facture_origine")),
        Field("valideur", Shape.SIRET, ("validator",)),
        Field("valideur_service", Shape.TEXT, ("validator_service",)),
        Field("fournisseur", Shape.SIRET, ("supplier",)),
        Field("fournisseur_service", Shape.TEXT, ("supplier_service",)),
        Field("compte_bancaire", Shape.TEXT, ("bank_account",)),
        Field("pieces_jointes", Shape.NAMES, ("attachments",)),
        Field("commentaire", Shape.TEXT, ("comment",)),
        Field("acquitter", Shape.FLAG, ("acknowledge",)),
    )
}

SIDECAR_ONLY = ("acquitter",)
"""What is said of one invoice on purpose, never of all: no default can say it."""

BY_NAME: Mapping[str, str] = {n: f.name for f in FIELDS.values() for n in (f.name, *f.aliases)}
"""Every accepted key (canonical names and synonyms) -> canonical name."""


@dataclass(frozen=True)
class VatLine:
    """The part of an invoice at one VAT rate: rate in per cent, base (HT) and tax in the invoice's currency."""

    rate: Decimal
    base: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Enclosure:
    """A file to be sent with the invoice: its name as typed, and what was said of it ("" where nothing was)."""

    file: str
    type: str = ""
    designation: str = ""


class Kind(Enum):
    """Invoice or credit note, with the sidecar's words as values."""

    INVOICE = "facture"
    CREDIT_NOTE = "avoir"


FieldValue = str | date | Decimal | Kind | tuple[VatLine, ...] | tuple[Enclosure, ...]

# With the direction marks that Windows dialogs and spreadsheets put around copied numbers.
_DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad" + _DIRECTIONS))
_SPACES = re.compile(r"[\s\u00a0\u202f\u2007]+")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_FRENCH = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4}|[0-9]{2})")
_AMOUNT = re.compile(r"(?:EUR|€)?\s*([-+\u2212]?)\s*([0-9][0-9 .,'’]*?)\s*(-?)\s*(?:EUR|€|euros?)?", re.IGNORECASE)
_BRACKETED = re.compile(r"\(\s*([0-9][0-9 .,'’]*)\)\s*(?:EUR|€|euros?)?", re.IGNORECASE)
_DIGITS = re.compile(r"([0-9]{1,3}(?:([ .,'’])[0-9]{3})(?:\2[0-9]{3})*|[0-9]+)(?:([.,])([0-9]*))?")
_FLAGS = dict.fromkeys(("oui", "yes", "true", "on"), "oui") | dict.fromkeys(("non", "no", "false", "off"), "non")
_KINDS = {
    "facture": Kind.INVOICE,
    "invoice": Kind.INVOICE,
    "380": Kind.INVOICE,
    "avoir": Kind.CREDIT_NOTE,
    "credit_note": Kind.CREDIT_NOTE,
    "credit note": Kind.CREDIT_NOTE,
    "creditnote": Kind.CREDIT_NOTE,
    "381": Kind.CREDIT_NOTE,
}
_ALLOWED = {Shape.KIND: "facture, avoir", Shape.FLAG: "oui, non"}


def clean(text: str) -> str:
    """Return the text without invisible characters, with plain spaces, trimmed."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text).translate(_INVISIBLE)).strip()


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def parse_date(text: str) -> date | None:
    """Read ``2026-11-20``, ``20/11/2026``, ``20.11.2026`` or ``20/11/26``; None when it is no date."""
    text = clean(text)
    if m := _ISO.fullmatch(text):
        year, month, day = (int(g) for g in m.groups())
    elif m := _FRENCH.fullmatch(text):
        day, month, year = (int(g) for g in m.groups())
        year += 2000 if year < 100 else 0  # noqa: PLR2004 - a two-digit year
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_amount(text: str) -> Decimal | None:
    """Read ``1 234,50``, ``1234.50``, ``1.234,50``, ``1,234.50 €``, ``-12,00``, ``12,00-``, ``(12,00)``; else None.

    Thousands are grouped by three, all by the same mark, which is not the decimal one. ``1.234`` and ``1234,567``
    are ambiguous (a thousand, or one and a bit?) and refused; ``12 34`` is a slip of the hand and refused.
    """
    text = clean(text)
    if bracketed := _BRACKETED.fullmatch(text):  # as accountants write what is negative
        text = f"-{bracketed[1]}"
    outer = _AMOUNT.fullmatch(text)
    inner = _DIGITS.fullmatch(outer[2]) if outer else None
    if outer is None or inner is None:
        return None
    whole, group, mark, cents = inner.groups()
    grouped_once = group in (".", ",") and whole.count(group) == 1
    lone = mark is not None and group not in (".", ",") and len(cents) == 3  # noqa: PLR2004 - digits of a thousand
    if (mark and mark == group) or lone or (grouped_once and mark is None):
        return None
    value = Decimal(re.sub("[^0-9]", "", whole) + (f".{cents}" if cents else ""))
    negative = outer[1] in ("-", "\u2212") or outer[3]
    return -value if negative and value else value


def parse_kind(text: str) -> Kind | None:
    """Read facture / avoir / invoice / credit_note / 380 / 381; None when it is neither."""
    return _KINDS.get(clean(text).casefold().replace("-", "_"))


def read(name: str, text: str, **where: str) -> FieldValue | Problem:
    """Turn the text typed for a (canonical) field into its value, or into the problem that says why not.

    Lists (``lignes_tva``, several ``pieces_jointes``) are read by the sidecar itself.
    ``where`` (``line``, ``file``) is handed on to the problem.
    """
    shape = FIELDS[name].shape
    value: FieldValue | None = clean(text)
    assert isinstance(value, str)
    code = "field.choice"
    match shape:
        case Shape.SIRET:
            digits = re.sub(r"[ .\-]", "", value)
            value = digits if re.fullmatch(r"[0-9]+", digits) else value
        case Shape.DATE:
            value, code = parse_date(value), "date.format"
        case Shape.AMOUNT:
            value, code = parse_amount(value), "amount.format"
        case Shape.KIND:
            value = parse_kind(value)
        case Shape.CHOICE | Shape.CADRE:
            value = _without_accents(value).upper().replace(" ", "_")
        case Shape.NAMES:
            value = (Enclosure(value),)
        case Shape.FLAG:
            value = _FLAGS.get(value.casefold())
        case _:
            pass
    if value is None:
        allowed = _ALLOWED.get(shape)
        return Problem(
            code, {"field": name, "value": clean(text), **({"allowed": allowed} if allowed else {}), **where}
        )
    return value


def show(value: FieldValue) -> str:
    """Return the value as machine-readable text (ISO date, plain decimal): for JSON, the ledger and comparisons."""
    match value:
        case str():
            return value
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case Kind():
            return value.value
        case _:
            lines = [f"{v.rate:f} %: {v.base:f} / {v.tax:f}" for v in value if isinstance(v, VatLine)]
            return ", ".join(lines) if lines else _show_files([v for v in value if isinstance(v, Enclosure)])


def _show_files(files: Sequence[Enclosure]) -> str:
    """Return names joined by commas, as ever; JSON where that could not be taken apart again."""
    simple = all(f == Enclosure(f.file) and "," not in f.file and not f.file.startswith("[") for f in files)
    if simple:
        return ", ".join(f.file for f in files)
    return json.dumps([[f.file, f.type, f.designation] for f in files], ensure_ascii=False)


def _restore_files(text: str) -> tuple[Enclosure, ...]:
    if text.startswith("[["):
        try:
            return tuple(Enclosure(*map(str, parts)) for parts in json.loads(text))
        except (ValueError, TypeError):  # an older row: a name that began so
            pass
    return tuple(Enclosure(name) for name in text.split(", "))


_LINE = re.compile(r"([-0-9.]+) %: ([-0-9.]+) / ([-0-9.]+)")


def restore(name: str, text: str) -> FieldValue:
    """Return the value that ``show`` wrote (the ledger keeps values as text)."""
    match FIELDS[name].shape:
        case Shape.DATE:
            return date.fromisoformat(text)
        case Shape.AMOUNT:
            return Decimal(text)
        case Shape.KIND:
            return Kind(text)
        case Shape.VAT_LINES:
            return tuple(VatLine(*map(Decimal, m.groups())) for m in _LINE.finditer(text))
        case Shape.NAMES:
            return _restore_files(text)
        case _:
            return text
