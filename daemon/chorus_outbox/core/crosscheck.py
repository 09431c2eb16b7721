"""Where sources contradict each other: people among themselves, and people and the PDF.

Which source wins is not decided here: a contradiction is told, never settled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from .claims import NO_ORIGIN, Claims, Value
from .draft import Source
from .fields import Kind, show
from .invoice import check_siret
from .pdftext import mentions
from .problem import Problem
from .totals import Values

CHECKED = ("numero", "date", "type", "ttc")
"""What the PDF must not plainly contradict (design.md section 4); of the type, a credit note sent as an invoice."""

Mismatch = Literal["fail", "warn"]


def conflicts(claims: Claims) -> list[Problem]:
    """Say where sidecar and file name differ, and where the folder belongs to another recipient.

    The folder's other values are defaults, made to be overridden.
    """
    found = []
    for name, said in claims.items():
        binding = (Source.SIDECAR, Source.FILENAME, *((Source.FOLDER,) if name == "siret" else ()))
        bound = [value for value in said if value.source in binding]
        for other in bound[1:]:
            if not _same(name, bound[0], other):
                shown = {"first": show(bound[0].value), "second": show(other.value)}
                sources = {"first_source": bound[0].source.value, "second_source": other.source.value}
                found.append(Problem("conflict.sources", {"field": name, **shown, **sources}))
    return found


def kind_conflict(claims: Claims) -> list[Problem]:
    """Say where nobody says whether it is an invoice or a credit note, and Factur-X and the PDF's title differ.

    Whatever ``mismatch`` says: money would flow the wrong way. A person settles it with ``type``.
    """
    said = claims.get("type", ())
    if not said or said[0].explicit or all(other.value == said[0].value for other in said):
        return []
    other = next(other for other in said if other.value != said[0].value)
    shown = {"first": show(said[0].value), "second": show(other.value)}
    sources = {"first_source": said[0].source.value, "second_source": other.source.value}
    return [Problem("type.differs", {"field": "type", **shown, **sources})]


def mismatches(values: Values, claims: Claims, pdf_text: str, mismatch: Mismatch) -> list[Problem]:
    """Say where the PDF plainly contradicts the number, date or total that people gave."""
    code = "mismatch.pdf" if mismatch == "fail" else "mismatch.pdf_warn"
    found = []
    for name in CHECKED:
        ours = values.get(name)
        pdf = _contradicting(name, ours, claims, pdf_text) if ours and ours.explicit else None
        if ours and pdf:
            found.append(Problem(code, _both(name, ours, pdf)))
    return found + _called_invoice(values, claims, pdf_text) + _other_origin(values, claims, pdf_text)


def _called_invoice(values: Values, claims: Claims, pdf_text: str) -> list[Problem]:
    """Tell, but stop nothing, when a person says credit note and the PDF invoice: only its title may be to blame."""
    ours = values["type"]
    pdf = next(_of_pdf("type", claims), ours)
    if not ours.explicit or ours.value is not Kind.CREDIT_NOTE or pdf.value is Kind.CREDIT_NOTE:
        return []
    return [] if mentions(pdf_text, Kind.CREDIT_NOTE) else [Problem("mismatch.pdf_warn", _both("type", ours, pdf))]


def _other_origin(values: Values, claims: Claims, pdf_text: str) -> list[Problem]:
    """Tell, but stop nothing, when the PDF names another invoice that is corrected: it may name several."""
    ours, pdf = values.get("origine"), next(_of_pdf("origine", claims), None)
    if ours is None or pdf is None or not ours.explicit or agree("origine", ours, pdf):
        return []
    if ours.value != NO_ORIGIN and mentions(pdf_text, ours.value):
        return []
    return [Problem("mismatch.pdf_warn", _both("origine", ours, pdf))]


def _both(name: str, ours: Value, pdf: Value) -> dict[str, str]:
    return {"field": name, "source": ours.source.value, "ours": show(ours.value), "pdf": show(pdf.value)}


def other_supplier(values: Values, claims: Claims) -> list[Problem]:
    """Say when the PDF bears another supplier's SIRET than the one that is to send it."""
    ours = values.get("fournisseur")
    if not ours or not ours.explicit:
        return []
    for said in claims["fournisseur"]:
        if not said.explicit and said.value != ours.value and not check_siret(show(said.value)):
            shown = {"pdf": show(said.value), "ours": show(ours.value)}
            return [Problem("supplier.differs", {"field": "fournisseur", **shown})]
    return []


def _same(name: str, one: Value, other: Value) -> bool:
    if name == "numero" and "/" in show(one.value):
        return _joined(show(one.value)) == _joined(show(other.value))
    return one.value == other.value


def _contradicting(name: str, ours: Value, claims: Claims, pdf_text: str) -> Value | None:
    for said in _of_pdf(name, claims):
        if name == "type" and said.value is not Kind.CREDIT_NOTE:
            continue  # a credit note may well call itself a "facture d'avoir"
        agreed = agree(name, ours, said) or (name == "ttc" and _is_left_to_pay(ours, claims))
        mentioned = name != "type" and said.source is Source.PDF_TEXT and mentions(pdf_text, ours.value)
        if not agreed and not mentioned:
            return said
    return None


def _of_pdf(name: str, claims: Claims) -> Iterator[Value]:
    return (v for v in claims.get(name, ()) if v.source in (Source.FACTURX, Source.PDF_TEXT))


def _is_left_to_pay(ours: Value, claims: Claims) -> bool:
    return any(said.value == ours.value for said in _of_pdf("a_payer", claims))


def agree(name: str, ours: Value, pdf: Value) -> bool:
    """Compare a value with the PDF's, where spaces and capitals are the layout's."""
    one, other = ("".join(show(v.value).split()).casefold() for v in (ours, pdf))
    if name == "numero" and ours.source is Source.FILENAME:
        one, other = _joined(one), _joined(other)
    return one == other


def _joined(number: str) -> str:
    """Return a number as a file name can hold it: people write ``-`` or ``_`` for its ``/`` (users.md 4)."""
    return re.sub("[/_]", "-", number)
