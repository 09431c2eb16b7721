"""Labels and values that a PDF prints in different places, brought together on one line.

In the text of a PDF a label and its value may stand on one line, on two, or in two columns that come out one after the
other. ``with_columns`` adds a line ``label : value`` for each pair it is sure of, so that the rules in ``pdftext.py``
need to know only the first of these layouts. It reads no value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .pdfwords import find_days, fold

NO = r"(?:n ?°|no\.?|numero|num\.|nr\.?|#)"
"""How "number" is written in a label (folded text)."""

_WHAT = (
    r"(?:facture|avoir|note de credit|piece|document|client|compte|bon de commande|commande|devis|bon de livraison|bl|"
    r"tva(?: intracommunautaire)?|engagement(?: juridique)?|ej|marche|contrat|dossier|affaire|siret)"
)
_OF = r"(?:de |d'|du |de la |de l')?"
_LABELS = (
    rf"date(?: limite)?(?: {_OF}(?:facture(?! (?:d'origine|liee|concernee|initiale))|facturation|echeance|emission|commande|livraison|reglement|paiement|piece|document|avoir))?",
    rf"(?:votre |notre |vos |nos )?(?:{NO}|ref(?:erence)?\.?|code)(?: {_OF}{_WHAT})?",
    rf"facture (?:d'origine|liee|concernee|initiale)|(?:votre |notre )?{_WHAT}(?: ?{NO})?",
    r"(?:code )?service(?: executant)?|siret (?:du )?(?:client|destinataire)|engagement juridique|date echeance|echeance",
    r"(?:mode|moyen|conditions?) de (?:reglement|paiement)|reglement|page|folio|devise|representant|vendeur|commercial",
)
_LABEL = re.compile(rf"(?<![a-z])(?:{'|'.join(_LABELS)})(?![a-z])")
_BETWEEN = re.compile(r"[ \t:/.|-]*")
_TITLE = re.compile(r"facture|avoir|note de credit|document")
_DATED = re.compile(r"date|echeance")
_NUMBERED = re.compile(rf"{NO}.*(?:facture|avoir|piece|document)|(?:facture|avoir)")
_LONGEST_ROW = 12  # labels


def with_columns(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines, and after them one line ``label : value`` for each pair found apart."""
    return (*lines, *(f"{label} : {value}" for label, value in _pairs(lines)))


def _pairs(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    labels = [_only_labels(line) for line in lines]
    at = 0
    while at < len(lines):
        if not labels[at]:
            yield from _value_first(lines[at])
            at += 1
        elif len(labels[at]) > 1:  # a row of headings over a row of values
            if at + 1 < len(lines) and not labels[at + 1]:
                yield from _row(labels[at], lines[at + 1])
            at += 1
        else:
            end = at + 1
            while end < len(lines) and len(labels[end]) == 1:
                end += 1
            yield from _column([label for (label,) in labels[at:end]], lines[:at], lines[end:], labels[end:])
            at = end


def _only_labels(line: str) -> list[str]:
    """Return the labels of a line that holds nothing else."""
    found, at, folded = [], 0, fold(line)
    for m in _LABEL.finditer(folded):
        if not _BETWEEN.fullmatch(folded, at, m.start()):
            return []
        found.append(line[m.start() : m.end()])
        at = m.end()
    return found if _BETWEEN.fullmatch(folded, at) and len(found) <= _LONGEST_ROW else []


def _column(
    labels: list[str], before: Sequence[str], after: Sequence[str], labels_after: Sequence[Sequence[str]]
) -> Iterator[tuple[str, str]]:
    """Pair labels that stand one under the other with the lines below them, else above; a title has no value."""
    tries = [labels, labels[1:]] if _TITLE.fullmatch(fold(labels[0])) else [labels]
    for some in tries:
        count = len(some)
        if not 0 < count <= _LONGEST_ROW:
            continue
        below = list(after[:count]) if not any(labels_after[:count]) else []
        if _fits(some, below):
            yield from zip(some, below, strict=True)
            return
        if count > 1 and _fits(some, list(before[-count:])):
            yield from zip(some, before[-count:], strict=True)
            return


def _fits(labels: Sequence[str], values: Sequence[str]) -> bool:
    """Tell whether dates stand where dates belong, and numbers where numbers do."""
    if len(labels) != len(values):
        return False
    if len(labels) == 1:
        return True
    dated = [bool(_DATED.match(fold(label))) for label in labels]
    numbered = [bool(_NUMBERED.match(fold(label))) for label in labels]
    if not any(dated):
        return False
    for value, is_date, is_number in zip(values, dated, numbered, strict=True):
        has_day = next(find_days(value), None) is not None
        if is_date != has_day or (is_number and not re.search("[0-9]", value)):
            return False
    return True


def _row(labels: Sequence[str], line: str) -> Iterator[tuple[str, str]]:
    """Pair headings with the values under them; if their counts differ, only the dates, and the first if a number."""
    cells = line.split("\t")
    if len(cells) != len(labels):
        cells = _words(line)
    if len(cells) == len(labels):
        yield from zip(labels, cells, strict=True)
        return
    days = [line[d.start : d.end] for d in find_days(line)]
    dated = [label for label in labels if _DATED.match(fold(label))]
    if len(days) == len(dated):
        yield from zip(dated, days, strict=True)
    if _NUMBERED.match(fold(labels[0])) and cells:
        yield labels[0], cells[0]


def _words(line: str) -> list[str]:
    """Split at blanks, a date in words staying one."""
    cells, at = [], 0
    for day in find_days(line):
        cells += [*line[at : day.start].split(), line[day.start : day.end]]
        at = day.end
    return [*cells, *line[at:].split()]


def _value_first(line: str) -> Iterator[tuple[str, str]]:
    """Read ``FA-2026-001 N° de facture`` and ``12/03/2026 Date :``."""
    matches = list(_LABEL.finditer(fold(line)))
    if matches and _BETWEEN.fullmatch(line, matches[-1].end()):
        value, label = line[: matches[-1].start()].rstrip(" \t:"), line[matches[-1].start() : matches[-1].end()]
        if len(_words(value)) == 1 and re.search("[0-9]", value):
            yield label, value
