"""From the files of one invoice to what they say: every source read, in order of precedence, and put together.

Takes bytes and facts, returns values; which files belong together is known by ``settling.py``, whether the recipient
agrees by ``preflight.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from .book import BookEntry
from .draft import Draft, Source
from .facts import PdfFacts
from .facturx import read_facturx
from .fields import Kind, show
from .filename import read_filename
from .flowreading import understand_flow
from .merge import Understood, understand
from .names import pair_key
from .pdftext import read_pdf_text
from .problem import Problem, stops
from .sidecar import read_defaults, read_sidecar

_CREDIT_NAME = re.compile(r"(?:AV|avoir)(?![a-z])", re.IGNORECASE)  # AV-12, AV2026-1, Avoir nacelle; not Avranches


@dataclass(frozen=True)
class Material:
    """The files of one invoice, read.

    Args:
        stem: Name of the PDF without ending.
        folders: Sub-folders of the outbox it lies in, outermost first.
        facts: What the PDF is and says.
        sidecars: Name and content of each file that claims to be its sidecar.
        defaults: Name and content of each ``_defaults.yaml`` on the way, outermost first.
        attachments: Names of the files that its own name claims (``NAME_PJ1.pdf``).
        corrected: It failed before and came back: where its sidecar speaks, its old name is no contradiction.

    """

    stem: str
    folders: tuple[str, ...]
    facts: PdfFacts
    sidecars: tuple[tuple[str, bytes], ...] = ()
    defaults: tuple[tuple[str, bytes], ...] = ()
    attachments: tuple[str, ...] = ()
    corrected: bool = False


@dataclass(frozen=True)
class Rules:
    """How to read, from the configuration.

    Args:
        patterns: File-name templates, in order.
        book: The recipient book.
        defaults: What the configuration says of every invoice.
        mismatch: What a contradiction of the PDF does.
        sidecar_required: Whether an invoice without sidecar is incomplete.
        facturx: What is done with a Factur-X PDF (``strip``, ``flux`` or ``refuse``).

    """

    patterns: tuple[str, ...]
    book: Mapping[str, BookEntry]
    defaults: Draft
    mismatch: Literal["fail", "warn"] = "fail"
    sidecar_required: bool = False
    facturx: str = "strip"


def read_invoice(material: Material, rules: Rules, today: date) -> Understood:
    """Return what the files of an invoice say, with every problem found."""
    facts = material.facts
    drafts = _drafts(material, rules)
    if facts.facturx is not None and rules.facturx == "flux":
        attachments = material.attachments
        understood = understand_flow(facts.facturx, drafts, attachments, book=rules.book, today=today)
    else:
        understood = understand(drafts, book=rules.book, today=today, mismatch=rules.mismatch, pdf_text=facts.text)
    extra = []
    if len(material.sidecars) > 1:
        extra.append(Problem("sidecar.several", {"names": ", ".join(name for name, _ in material.sidecars)}))
    if rules.sidecar_required and not material.sidecars:
        extra.append(Problem("sidecar.required"))
    if (said := understood.fields.get("pieces_jointes")) and said.source is not Source.SIDECAR:
        extra.append(Problem("attachment.in_defaults", {"names": show(said.value)}))
    if facts.facturx is not None and rules.facturx == "refuse":
        extra.append(Problem("file.facturx_refused"))
    if facts.facturx is not None and facts.signed and rules.facturx == "strip":
        extra.append(Problem("file.facturx_signed"))
    elif facts.signed:
        extra.append(Problem("file.signed"))
    problems = (*extra, *understood.problems, *_named_like_a_credit_note(material, understood))
    return replace(understood, invoice=None if stops(problems) else understood.invoice, problems=problems)


def _named_like_a_credit_note(material: Material, understood: Understood) -> tuple[Problem, ...]:
    """Say that a file or number named ``AV...`` goes as an invoice: a name asks for a confirmation, it decides nothing.

    A PDF whose title says "facture" is one; of a scan without a readable title a person must say what it is.
    """
    said = understood.fields["type"]
    numbers = [show(understood.fields[n].value) for n in ("numero",) if n in understood.fields]
    named = next((name for name in (*numbers, material.stem) if _CREDIT_NAME.match(name)), None)
    by_a_person = said.explicit and said.source is not Source.CONFIG
    if named is None or said.value is not Kind.INVOICE or by_a_person:
        return ()
    read = said.source in (Source.FACTURX, Source.PDF_TEXT)
    return (Problem("type.name" if read else "type.unsaid", {"value": named, "field": "type"}),)


def _drafts(material: Material, rules: Rules) -> list[Draft]:
    out = [read_sidecar(data, name) for name, data in material.sidecars[:1]]
    out.append(_by_name(material, rules, out))
    out.append(_folder(material, rules))
    out.append(rules.defaults)
    if material.facts.facturx is not None:
        out.append(read_facturx(material.facts.facturx))
    out.append(read_pdf_text(material.facts.text))
    return out


def _by_name(material: Material, rules: Rules, sidecar: Sequence[Draft]) -> Draft:
    """Read the file name; of a corrected invoice, only what its sidecar leaves open."""
    named = read_filename(material.stem, rules.patterns)
    if not (material.corrected and sidecar):
        return named
    left = {field: value for field, value in named.values.items() if field not in sidecar[0].values}
    return replace(named, values=left)


def _folder(material: Material, rules: Rules) -> Draft:
    """Put together what the sub-folders say: their names in the recipient book, and their defaults; inner ones win."""
    values: dict[str, object] = {}
    problems: tuple[Problem, ...] = ()
    aliases = {pair_key(alias): alias for alias in rules.book}
    for folder in material.folders:
        if (alias := aliases.get(pair_key(folder))) is not None:
            values["siret"] = alias
    for name, data in material.defaults:
        draft = read_defaults(data, name)
        values |= draft.values
        problems += draft.problems
    return Draft(Source.FOLDER, values, problems)  # type: ignore[arg-type]  # only FieldValue go in
