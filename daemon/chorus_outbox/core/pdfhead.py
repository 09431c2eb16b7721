"""The head of a French invoice's text: invoice or credit note, its number, its date.

Each is a ranking of labels: the clearest first, and the first rank that gives a candidate decides; two different
candidates in one rank are a doubt, and give none. Patterns are written for folded text (lower case, no accents). It
expects ``pdfcolumns.py`` to have brought labels and values together on one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from .fields import Kind
from .pdfcolumns import NO
from .pdfwords import find_amounts, find_days, fold

_T = TypeVar("_T")


def only(values: Iterable[_T | None]) -> _T | None:
    """Return the single distinct value, or None."""
    distinct = {value for value in values if value is not None}
    return distinct.pop() if len(distinct) == 1 else None


# 1. Invoice or credit note: by the title, never by the word in a sentence ("avoir suite à", "sans avoir").

_CREDIT = r"(?:(?:facture )?(?:d')?avoir(?: client| commercial| financier)?|note (?:de credit|d'avoir))"
_BILL = (
    r"(?:facture(?! d'avoir)(?: ?/ ?invoice)?"
    r"(?: client| d'acompte| de solde| de situation| de vente| definitive| finale| acquittee)?)"
)
_TITLE = re.compile(
    rf"(?<![^\t])(?:(?P<credit>{_CREDIT})|{_BILL})[ \t]?(?P<draft>pro ?-?forma)?[ \t]?:?[ \t]?"
    rf"(?=$|\t|{NO}|ref|(?:[a-z]{{1,6}}[-_/ ]?)?[0-9][a-z0-9_/.-]{{2,}}|(?:du|en date du) [0-9])"
)
_SAYS_CREDIT = re.compile(rf"(?<![a-z]){_CREDIT} ?{NO}|{NO} ?(?:d'|de l')avoir|date (?:d'|de l')avoir")
_SAYS_BILL = re.compile(
    rf"(?<![a-z]){_BILL} ?{NO}|{NO} ?(?:de )?(?:la )?facture|date (?:de )?(?:la )?factur(?:e(?! d'origine)|ation)"
)


def _has_amount(line: str) -> bool:
    return any(m.sure for m in find_amounts(line))


def kind_of(lines: Sequence[str]) -> Kind | None:
    """Return what the first title says; without a title, an invoice when a label says so and none says otherwise."""
    for line in lines:
        title = _TITLE.search(fold(line))
        if title and not _has_amount(line):  # "Avoir AV-12 -50,00 €" is an item
            if title["draft"]:
                return None  # a pro forma is no invoice
            return Kind.CREDIT_NOTE if title["credit"] else Kind.INVOICE
    folded = [fold(line) for line in lines]
    if any(_SAYS_CREDIT.search(line) for line in folded):
        return None
    shouted = any(re.search(r"(?<!\w)FACTURE(?!\w)", line) for line in lines)
    says = any(m and not _OF_ANOTHER.search(line[: m.start()]) for line in folded if (m := _SAYS_BILL.search(line)))
    return Kind.INVOICE if shouted or says else None


# 2. The number.

_REF = rf"(?:{NO}|ref(?:erence)?\.?)"
_ANNOUNCED = re.compile(
    rf"(?<![a-z])(?:(?P<credit>{_CREDIT})|{_BILL}|(?:piece|document)(?= ?{NO})) ?{_REF}"
    rf"|(?<![a-z]){_REF} ?(?:de |d'|de la |de l')?(?:(?P<credit2>avoir|note de credit)|facture|piece|document)(?![a-z])"
)
_TITLED = re.compile(rf"(?<![^\t])(?:(?P<credit>{_CREDIT})|{_BILL})(?=[ \t:])")
_BARE = re.compile(rf"(?<![^\t]){NO}(?=[ \t:]*[a-z0-9_/.+-]+(?:$|\t))")
_OF_ANOTHER = re.compile(
    r"(?<![a-z])(?:(?<!d')acompte|sur(?![a-z])|origine|liee?s?(?![a-z])|annul|rempla|relati|selon|concern|suite|"
    r"reglement|paiement|rectif|correspond|commande|devis|bon(?![a-z]))[^\t]*$"
)
_TOKEN = re.compile(r"[ \t]*[:#.]?[ \t]*(?P<token>[A-Za-z0-9](?:[A-Za-z0-9_/.+-]{0,48}[A-Za-z0-9])?)(?![A-Za-z0-9])")
_GOES_ON = re.compile(r" ?[-/_] ?[0-9]|[,.][0-9]| ?[€%]| eur| [0-9]{1,8}(?![0-9/.-])|'", re.IGNORECASE)
_ENDS = re.compile(r" ?(?:$|[\t,;(|-]|(?:du|le|date|page|en date) )", re.IGNORECASE)
_NEAR = 60  # characters before a label that may say that it is about another document


def token_at(line: str, at: int) -> str | None:
    """Return the number that begins here: with a digit, no date, no amount, no part of something longer."""
    m = _TOKEN.match(line, at)
    if not m or not re.search("[0-9]", m["token"]):
        return None
    rest = line[m.end() :]
    if any(day.start < len(m["token"]) for day in find_days(line[m.start("token") :])):
        return None
    date_follows = any(day.start <= len(" - ") for day in find_days(rest))
    return None if _GOES_ON.match(rest) and not date_follows else m["token"]


def number_of(lines: Sequence[str], kind: Kind | None) -> str | None:
    """Return the invoice's number as printed."""
    ranks = (_announced(lines, kind, first=True), _announced(lines, kind, first=False), _bare(lines, kind))
    return next((only(rank) for rank in map(list, ranks) if rank), None)


def _announced(lines: Sequence[str], kind: Kind | None, *, first: bool) -> Iterator[str]:
    """Yield the numbers after "facture n°" and the like: first those that head their line or column, then the others.

    A line with an amount is an item ("Facture d'acompte n° FA-11 -600,00 €"), whatever it begins with.
    """
    for line in lines:
        folded, item = fold(line), _has_amount(line)
        for m in _ANNOUNCED.finditer(folded):
            before = folded[max(0, m.start() - _NEAR) : m.start()]
            found = token_at(line, m.end())
            if (
                found
                and first is (before[-1:] in ("", "\t") and not item)
                and not _OF_ANOTHER.search(before)
                and _ours(m, kind, found)
            ):
                yield found
        title = _TITLED.search(folded) if first is not item else None
        if title and (found := _titled(line, title.end())) and _ours(title, kind, found):
            yield found


def _bare(lines: Sequence[str], kind: Kind | None) -> Iterator[str]:
    """Yield the numbers of lines like ``N° : FA-2026-001`` in a document that has a title."""
    for line in lines:
        if kind and (m := _BARE.search(fold(line))) and (found := token_at(line, m.end())):
            yield found


def _ours(label: re.Match[str], kind: Kind | None, found: str) -> bool:
    """Tell whether a label announces this document's number: a credit note also names the invoice it corrects."""
    credit = bool(label["credit"] or label.groupdict().get("credit2"))
    if kind is Kind.CREDIT_NOTE:
        return credit or "facture" not in label[0] or found.upper().startswith("AV")
    return not credit or kind is None


def _titled(line: str, at: int) -> str | None:
    """Return the number after a title without "n°": it looks like one, and no sentence goes on after it."""
    m, found = _TOKEN.match(line, at), token_at(line, at)
    if not m or not found:
        return None
    date_follows = any(day.start == 1 for day in find_days(line[m.end() :]))
    if not date_follows and not _ENDS.match(line, m.end()):
        return None
    digits = len(re.findall("[0-9]", found))
    alone = m.end() == len(line) and (digits > 2 or re.search("[-_/]", found))  # noqa: PLR2004 - "Facture 2" is doubtful
    return found if alone or (digits > 1 and digits < len(found)) else None


# 3. The date: never the due date, nor that of an order, a delivery, a payment.

_AND_DAY = r"[ \t]*:?[ \t]*(?:le )?(?:(?:lun|mar|mercre|jeu|vendre|same)di |dimanche )?$"
_DATE = re.compile(
    r"(?<![a-z])(?:date (?:de (?:la )?|d'|du |de l')?(?:facture|facturation|emission|etablissement|avoir|document|piece)"
    rf"|(?:emise?|etablie?|facturee?) (?:le|en date du)){_AND_DAY}"
)
_TITLE_DATE = re.compile(
    rf"(?<![a-z])(?:{_CREDIT}|(?P<bill>{_BILL}))(?: ?{_REF})?[ \t:]*[a-z0-9_/.+-]{{0,40}}[ \t,(-]*"
    rf"(?:du|en date du)?{_AND_DAY}"
)
_PLAIN_DATE = re.compile(rf"(?<![a-z])date{_AND_DAY}")
_LETTER_DATE = re.compile(rf"^(?:[^,\t0-9]{{1,60}}, ?)?(?:le|ce){_AND_DAY}")  # Fait à Lyon, le ...
_OTHER_DATE = re.compile(
    r"echeance|limite|payable|payer|regle|paiement|livr|commande|prestation|intervention|periode|debut|devis|virement|"
    r"avant le|plus tard|sejour|valable|valid|naissance|impression|(?<![a-z])edit|tirage|expedi|signature|marche|decret|loi|"
    r"arrete|convention|version|tarif|contrat|mandat|(?<!d')acompte|verse|(?<![a-z])(?:fin|bc|bl)(?![a-z])"
)


def date_of(lines: Sequence[str], kind: Kind | None) -> date | None:
    """Return the invoice's date."""
    days = [placed for last, line in zip(("", *lines), lines, strict=False) for placed in _placed(last, line)]
    unplaced = any(_NO_DATE_YET.search(fold(line)) for line in lines)
    items, others = [d for d in days if d.item], [d for d in days if not d.item]
    ranks = (_dated(others, kind), _plainly_dated(days), _dated(items, kind), () if unplaced else _alone(days))
    return next((only(rank) for rank in map(list, ranks) if rank), None)


@dataclass(frozen=True)
class _Placed:
    """A date, and what its line says (folded): the text before it, all of it, whether there is an amount, or no more."""

    value: date
    before: str
    line: str
    item: bool
    first: bool
    last: bool


_RANGE_ENDS = re.compile(r"[0-9] ?(?:au?|-) ?$")
_RANGE_BEGINS = re.compile(r" ?(?:au?|-|jusqu'au) ?[0-9]{1,4}(?:er)?[ /.-][0-9a-z]")
_NO_DATE_YET = re.compile(r"(?:echeance|limite|livraison|commande)[^0-9]*$")


def _placed(above: str, line: str) -> Iterator[_Placed]:
    """Yield the dates of a line that neither begin nor end a period (``du 01/03/2026 au 31/03/2026``)."""
    if line.startswith("du "):  # the line above says what is of that date
        line = f"{above} {line}"
    days = list(find_days(line))
    folded, item = (fold(line), _has_amount(line)) if days else ("", False)
    for day in days:
        before, after = folded[max(0, day.start - _NEAR) : day.start], folded[day.end : day.end + 12]
        if not _RANGE_ENDS.search(before[-12:]) and not _RANGE_BEGINS.match(after):
            yield _Placed(day.value, before, folded, item, day.start == 0, len(after) <= 1)


def _dated(days: Sequence[_Placed], kind: Kind | None) -> Iterator[date]:
    """Yield dates labelled as the invoice's: ``Date de facture``, ``Émise le``, ``Facture n° 12 du``."""
    for day in days:
        label = _DATE.search(day.before)
        titled = _TITLE_DATE.search(day.before)
        if titled and kind is (Kind.CREDIT_NOTE if titled["bill"] else Kind.INVOICE):
            titled = None  # the invoice that a credit note corrects, a credit note that an invoice deducts
        found = label or titled
        if found and not _OF_ANOTHER.search(day.before[: found.start()]):
            yield day.value


def _plainly_dated(days: Sequence[_Placed]) -> Iterator[date]:
    """Yield dates labelled only ``Date``, or those of a letter's head: ``Lyon, le 3 mars 2026``."""
    for day in days:
        letter = day.last and _LETTER_DATE.search(day.before)
        if (letter or _PLAIN_DATE.search(day.before)) and not _OTHER_DATE.search(day.before):
            yield day.value


def _alone(days: Sequence[_Placed]) -> Iterator[date]:
    """Yield the dates that nothing says to be another's, when one of them stands alone on its line."""
    others = {day.value for day in days if _OTHER_DATE.search(day.line)}
    free = [day for day in days if day.value not in others]
    if any(day.first and day.last for day in free):
        yield from (day.value for day in free)
