"""A Factur-X that is to go as a flow: its XML alone is understood, and what people say must agree with it.

Takes drafts, returns what ``merge.py`` returns. What Chorus Pro asks of the XML and how the two are compared stand in
``flowcheck.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from .book import Book, BookEntry
from .claims import NO_ORIGIN, Claims, Value, entry_of, gather, with_book
from .draft import Draft, Source
from .facturx import read_facturx
from .fields import Enclosure, Kind, show
from .flowcheck import against, as_flow, check_xml, chorus_cadre
from .invoice import Cadre
from .merge import Understood, understand
from .problem import Problem, stops

_PEOPLE = (Source.SIDECAR, Source.FILENAME, Source.FOLDER)


def understand_flow(
    xml: bytes, drafts: Sequence[Draft], attachments: Sequence[str], *, book: Book, today: date
) -> Understood:
    """Make an invoice of what a Factur-X says.

    Args:
        xml: The embedded XML.
        drafts: What the other sources say, in any order; of the configuration only the supplier counts here, as its
            defaults are for what nobody says.
        attachments: Names of the files that the PDF's name claims.
        book: The recipient book.
        today: The day in France: no invoice may be dated later.

    """
    draft = read_facturx(xml)
    kind = Kind.CREDIT_NOTE if draft.values.get("type") is Kind.CREDIT_NOTE else Kind.INVOICE
    alone = _alone(draft, today)
    entry = entry_of(drafts, book, show(draft.values.get("siret", "")))
    said, unread = _said(drafts, entry, book)
    attached = tuple(dict.fromkeys((*attachments, *_names(said))))
    of_xml = check_xml(xml, kind)
    problems = (
        *(problem for d in drafts if d.source in _PEOPLE for problem in d.problems),
        *unread,
        *_judged(alone.problems, of_xml),
        *((Problem("facturx.no_origin"),) if kind is Kind.CREDIT_NOTE and "origine" not in draft.values else ()),
        *against(_without(said, of_xml), {name: (value,) for name, value in alone.fields.items()}, kind),
        *((Problem("flow.attachments", {"names": ", ".join(attached)}),) if attached else ()),
    )
    own = {name: value for name, value in alone.fields.items() if value.source is Source.FACTURX}
    pattern = entry.engagement_pattern if entry else None
    return Understood(own, None if stops(problems) else alone.invoice, problems, pattern, "flow")


def _alone(draft: Draft, today: date) -> Understood:
    """Understand the XML as if nobody said anything else.

    Its frame is put in at the end: ``check_xml`` judges it, and which validator it names is for Chorus Pro to see.
    """
    cadre = chorus_cadre(show(draft.values.get("cadre", "")))
    bare = replace(draft, values={n: v for n, v in draft.values.items() if n != "cadre"})
    no_origin = Draft(
        Source.PDF_TEXT, {"origine": NO_ORIGIN}
    )  # EN 16931 asks for none, and only its issuer could add it
    alone = understand([bare, no_origin], book={}, today=today, mismatch="fail", pdf_text="")
    if cadre is None:
        return alone
    invoice = alone.invoice and replace(alone.invoice, cadre=Cadre(cadre))
    return replace(alone, fields={**alone.fields, "cadre": Value(cadre, Source.FACTURX)}, invoice=invoice)


def _said(drafts: Sequence[Draft], entry: BookEntry | None, book: Book) -> tuple[Claims, tuple[Problem, ...]]:
    """Return what people say on purpose, and what of it has no proper form."""
    supplier = [
        Draft(Source.CONFIG, {"fournisseur": d.values["fournisseur"]})
        for d in drafts
        if d.source is Source.CONFIG and "fournisseur" in d.values
    ]
    claims, unread = gather([*(d for d in drafts if d.source in _PEOPLE), *supplier], book)
    if len(claims.get("fournisseur", ())) > 1:
        claims = {**claims, "fournisseur": claims["fournisseur"][:1]}  # a sidecar may name another of the account's
    return with_book(claims, entry), unread


def _judged(own: Sequence[Problem], of_xml: Sequence[Problem]) -> tuple[Problem, ...]:
    """Put together what ordinary rules and Chorus Pro say against the XML, each matter once."""
    if any(p.code == "facturx.unreadable" for p in of_xml):
        return tuple(of_xml)
    said = {p.params.get("field", "") for p in of_xml}
    rest = (p for p in as_flow(own) if not (p.code == "facturx.missing" and p.params["field"] in said))
    return (*rest, *of_xml)


def _without(said: Claims, of_xml: Sequence[Problem]) -> Claims:
    """Leave out what people say of a field that is wrong in the XML anyway."""
    if any(p.code == "facturx.unreadable" for p in of_xml):
        return {}
    told = {p.params.get("field") for p in of_xml}
    return {name: claims for name, claims in said.items() if name not in told}


def _names(said: Claims) -> tuple[str, ...]:
    named = (v.value for v in said.get("pieces_jointes", ()) if isinstance(v.value, tuple))
    return tuple(one.file for files in named for one in files if isinstance(one, Enclosure))
