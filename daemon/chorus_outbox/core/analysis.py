"""Chorus Pro's own reading of an uploaded PDF, compared with ours. A null means nothing; it is never a source of truth.

Its hints are often wrong (api.md 2.9: "never use OCR values as truth"; a real answer had every field null but the type),
so where what was said of the invoice is also printed in the PDF, a difference is told and stops nothing
(docs/decisions/0008). What is done about a difference is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .draft import Source
from .entry import Entry
from .fields import Kind, clean, parse_date, restore
from .invoice import Cadre
from .pdftext import mentions
from .problem import Problem


@dataclass(frozen=True)
class Analysis:
    """What Chorus Pro's own analysis read in an uploaded PDF; None where it read nothing (the usual case)."""

    number: str | None = None
    date: str | None = None
    siret: str | None = None
    gross: Decimal | None = None
    service: str | None = None
    engagement: str | None = None
    supplier: str | None = None  # SIRET or SIREN
    currency: str | None = None
    kind: Kind | None = None
    net: Decimal | None = None
    vat: Decimal | None = None
    payable: Decimal | None = None


@dataclass(frozen=True)
class Difference:
    """One field that Chorus Pro read otherwise: both values as text, and where ours comes from (a ``Source`` value)."""

    field: str
    ours: str
    chorus: str
    source: str = ""


def differences(entry: Entry, read: Analysis) -> tuple[Difference, ...]:
    """Return where the analysis contradicts what we are about to deposit; only where both sides say something."""
    ours = _ours(entry)
    found = []
    for name, theirs in _read(read, ours):
        text, source = ours.get(name, ("", ""))
        if text and theirs and not _same(name, text, theirs):
            found.append(Difference(name, text, theirs, source))
    return tuple(found)


def told(found: tuple[Difference, ...], mismatch: Literal["fail", "warn"], pdf_text: str) -> tuple[Problem, ...]:
    """Say each difference: a problem, or only a warning where the PDF's text bears out what somebody else said.

    Args:
        found: The differences.
        mismatch: What a contradiction of the PDF does (``pickup.mismatch``).
        pdf_text: The text of the PDF, empty when there is none.

    """
    out = []
    for one in found:
        warn = mismatch == "warn" or (one.source not in ("", Source.PDF_TEXT.value) and _printed(one, pdf_text))
        params = {"field": one.field, "ours": one.ours, "chorus": one.chorus}
        out.append(Problem("mismatch.chorus_warn" if warn else "mismatch.chorus", params))
    return tuple(out)


def _ours(entry: Entry) -> Mapping[str, tuple[str, str]]:
    """Return field -> value as text, and its source, of what is about to be deposited."""
    known = {
        "numero": entry.number,
        "date": entry.date.isoformat() if entry.date else "",
        "siret": entry.siret,
        "ttc": "" if entry.gross is None else f"{entry.gross:f}",
        "fournisseur": entry.supplier,
    }
    return {**{name: (text, "") for name, text in known.items()}, **entry.fields}


def _read(read: Analysis, ours: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield field -> what was read, in the order of the fields; what says nothing is left out."""
    texts = {
        "siret": read.siret,
        "service": read.service,
        "engagement": read.engagement,
        "numero": read.number,
        "date": _day(read.date),
    }
    amounts = {"ht": read.net, "tva": read.vat, "ttc": read.gross, "a_payer": read.payable}
    said = [*texts.values(), read.supplier, read.currency, *(a for a in amounts.values() if a)]
    yield from ((name, text or "") for name, text in texts.items())
    if read.kind is Kind.CREDIT_NOTE or (read.kind and any(said)):  # FACTURE is there even when nothing was read
        yield "type", read.kind.value
    for name, amount in amounts.items():
        if amount and not (name == "a_payer" and _only_the_total(amount, ours)):  # 0: not read
            yield name, f"{amount:f}"
    yield "devise", read.currency or ""
    yield "fournisseur", read.supplier or ""


def _only_the_total(amount: Decimal, ours: Mapping[str, tuple[str, str]]) -> bool:
    """Tell whether the amount to pay is one that knows nothing of a payment made before."""
    gross, cadre = ours.get("ttc", ("", ""))[0], ours.get("cadre", ("", ""))[0]
    return cadre == Cadre.A2.value or (gross != "" and abs(amount) == abs(Decimal(gross)))


def _day(text: str | None) -> str | None:
    day = parse_date((text or "")[:10])
    return day.isoformat() if day else None


def _same(name: str, ours: str, theirs: str) -> bool:
    if name in ("ht", "tva", "ttc", "a_payer"):
        return abs(Decimal(ours)) == abs(Decimal(theirs))  # a credit note's sign is the PDF's own affair
    if name in ("siret", "fournisseur"):
        digits = re.sub("[^0-9]", "", theirs)
        return len(digits) not in (_SIREN, len(ours)) or ours.startswith(digits)
    return _bare(ours) == _bare(theirs)


_SIREN = 9  # digits


def _bare(text: str) -> str:
    return clean(text).replace(" ", "").casefold()


def _printed(one: Difference, pdf_text: str) -> bool:
    """Tell whether our value stands in the text of the PDF; an invoice must not be called a credit note there as well."""
    if one.field == "devise" and one.ours == "EUR" and "€" in pdf_text:
        return True
    value = restore(one.field, one.ours)
    if value is Kind.INVOICE and mentions(pdf_text, Kind.CREDIT_NOTE):
        return False
    return mentions(pdf_text, value)
