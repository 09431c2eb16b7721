"""Why an invoice bears no VAT: a reason as people and invoices write it, and the one of Chorus Pro's list that it is.

The list (api.md 2.19, ``recuperer/motifs/exonerationtva``) is asked by the caller, and only for an exempt invoice.
Which codes AIFE has in it is not known here: a reason is found by its code, by its label, or by the article of the tax
code (CGI) that both name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from .fields import clean
from .invoice import Invoice
from .pdfwords import fold
from .problem import Problem

_SHORTEST = 4  # characters of a part of a label that may stand for it
_SHOWN = 12  # reasons of the list in a sentence
_LATIN = "bis|ter|quater|quinquies|sexies|septies|octies|nonies|decies"
ARTICLE = re.compile(
    rf"(?<![0-9])(?P<number>2[5-9][0-9])[ -]?(?:(?P<latin>{_LATIN})(?![a-z])|(?P<part>i{{1,3}}|[a-e])(?![a-z]))?(?![0-9])"
)
"""An article of the CGI on VAT in folded text: 256 to 298, with ``bis``..., a letter (``293 B``) or a part (``262 I``)."""

_FRANCHISE = re.compile(r"293[ -]?b(?![a-z])|franchise (?:en base|de (?:la )?tva)")


def with_listed_reason(
    invoice: Invoice, reasons: Mapping[str, str], *, typed: bool
) -> tuple[Invoice, tuple[Problem, ...]]:
    """Return the invoice with the code of its exemption's reason, and what is to be said of it.

    Args:
        invoice: An invoice of regime ``EXONERATION``, its reason as it was written.
        reasons: Chorus Pro's list: code -> label; not empty.
        typed: A person wrote the reason or the regime. What is only printed in the PDF stops nothing when the list lacks
            it: the invoice then goes as one without VAT (``SANS_TVA``, api.md 3.5), as without the reason.

    """
    written = invoice.exemption_reason or ""
    if code := find_reason(written, reasons):
        return replace(invoice, exemption_reason=code), ()
    known = ", ".join(f"{code} ({label})" for code, label in list(reasons.items())[:_SHOWN])
    texts = {"field": "motif_exoneration", "value": written, "known": known}
    if typed:
        return invoice, (Problem("exemption.unknown", texts),)
    without = replace(invoice, vat_regime="SANS_TVA", exemption_reason=None, vat_lines=())
    return without, (Problem("exemption.unlisted", texts),)


def find_reason(written: str, reasons: Mapping[str, str]) -> str | None:
    """Return the code of the one reason that is meant, or None when none or several can be."""
    wanted, article = _plain(written), article_of(written)
    exact = [code for code, label in reasons.items() if wanted in (_plain(code), _plain(label))]
    part = [code for code, label in reasons.items() if len(wanted) >= _SHORTEST and wanted in _plain(label)]
    same = [code for code, label in reasons.items() if article and article in (article_of(label), article_of(code))]
    return next((found[0] for found in (exact, part, same) if len(found) == 1), None)


def article_of(text: str) -> str | None:
    """Return the first article of the CGI that a text names (``262ter``, ``293b``, ``261``), or None."""
    m = ARTICLE.search(fold(clean(text)))
    return f"{m['number']}{m['latin'] or m['part'] or ''}" if m else None


def is_franchise(text: str) -> bool:
    """Tell whether a text names art. 293 B: no exemption, but a small business that charges no VAT (SANS_TVA)."""
    return _FRANCHISE.search(fold(clean(text))) is not None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", fold(clean(text)))
