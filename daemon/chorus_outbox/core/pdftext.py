"""Text of a French invoice's PDF -> Draft.

The rulebook has a page for each part: ``pdfwords.py`` (how amounts and dates are written), ``pdfcolumns.py`` (where a
label's value may stand), ``pdfhead.py`` (title, number, date), ``pdfamounts.py`` (totals), ``pdfvat.py`` (VAT lines),
``pdfmentions.py`` (the cross-check); here are the identifiers, and the whole. A field with two different candidates is
left out: a wrong value is worse than none. No rule judges a value (``invoice.py`` does), and none knows more than the
text: no fonts, no positions, no pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from .draft import Draft, Source
from .fields import FieldValue, Kind, VatLine
from .pdfamounts import read_totals
from .pdfcolumns import NO, with_columns
from .pdfhead import date_of, kind_of, number_of, only, token_at
from .pdfmentions import mentions
from .pdfnotices import exemption_of, origin_of, vat_regime_of
from .pdfvat import read_vat_lines
from .pdfwords import fold, lines_of

__all__ = ["mentions", "read_pdf_text"]

_PART = 30_000  # characters read at both ends of a long text: the head and the totals stand there


def read_pdf_text(text: str) -> Draft:
    """Read what the text of an invoice certainly says; amounts of a credit note come out positive."""
    printed = lines_of(text if len(text) <= 2 * _PART else text[:_PART] + "\n" + text[-_PART:])
    lines = with_columns(printed)
    kind = kind_of(printed)
    number = number_of(lines, kind)
    amounts = _amounts(printed, kind)
    found: dict[str, FieldValue | None] = {
        "numero": number,
        "date": date_of(lines, kind),
        "type": kind,
        "engagement": only(_engagements(lines)),
        "service": only(_services(lines)),
        **_sirets(lines),
        **amounts,
        "regime_tva": vat_regime_of(printed),
        "motif_exoneration": None if amounts.get("tva") else exemption_of(printed),
        "origine": origin_of(lines, number) if kind is Kind.CREDIT_NOTE else None,
    }
    return Draft(Source.PDF_TEXT, {name: value for name, value in found.items() if value is not None})


# Identifiers, by their labels.

_SIRET = re.compile(
    r"(?<![0-9])(?<![0-9] )[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?(?:[0-9]{5}|[0-9]{3} [0-9]{2}|[0-9]{2} [0-9]{3})"
    r"(?![0-9]| [0-9]{2})"
)
_CLIENT = re.compile(r"(?<![a-z])(?:client|destinataire|acheteur|debiteur)")
_CLIENT_BLOCK = re.compile(
    r"^(?:client|destinataire|acheteur|adress[eé]e? a|adresse de (?:facturation|livraison)|factur[eé]e? a|livre a|a l'attention)"
)
_BLOCK = 5  # lines of an address
_SIREN = re.compile(r"(?:(?<![a-z])fr ?[0-9]{2}|siren[ :n°]{0,5}) ?([0-9]{3})[ .]?([0-9]{3})[ .]?([0-9]{3})(?![0-9])")
_BEFORE = 60  # characters before a value in which its label stands


def _sirets(lines: Sequence[str]) -> Mapping[str, str | None]:
    """Return the customer's SIRET where it is labelled as such, and the supplier's where only one can be it.

    A SIRET in a customer's address, or that goes with none of the SIRENs and VAT numbers printed, is not the supplier's.
    """
    ours: set[str] = set()
    theirs: set[str] = set()
    sirens: set[str] = set()
    block = 0
    for line in lines:
        folded = fold(line)
        block = _BLOCK if _CLIENT_BLOCK.search(folded) else block - 1
        for m in _SIRET.finditer(folded):
            before = folded[max(0, m.start() - _BEFORE) : m.start()]
            if "siret" in before and _CLIENT.search(before):
                theirs.add(re.sub("[ .]", "", m[0]))
            elif "siret" in before and block <= 0:
                ours.add(re.sub("[ .]", "", m[0]))
        if not _CLIENT.search(folded):
            sirens |= {"".join(m.groups()) for m in _SIREN.finditer(folded)}
    ours = {siret for siret in ours - theirs if not sirens or siret[:9] in sirens}
    return {"siret": only(theirs), "fournisseur": only(ours)}


_ENGAGEMENT = re.compile(
    rf"(?<![a-z])(?:(?:{NO}|code|ref(?:erence)?\.?)[ \t]?(?:d'|de l'|de )?(?:engagement(?: juridique)?|ej)(?![a-z])"
    rf"|engagement(?: juridique)?[ \t]?(?:{NO}|(?=:| :))|engagement juridique(?![a-z])|ej(?: ?{NO}| ?(?=:)))"
)
_SERVICE = re.compile(
    r"(?<![a-z])(?:code (?:du )?service(?: executant)?|service executant|service code)(?![a-z])[ \t]*:?[ \t]*"
)
_CODE = re.compile(r"[A-Z0-9](?:[A-Z0-9_./-]{0,98}[A-Z0-9])?(?![\w'])")  # upper case: not "voir bon de commande"
_NEXT_LABEL = re.compile(rf"[ \t]?(?:$|\t|[-,;|/(] ?|{NO}|engagement|siret|ej(?![a-z]))")


def _engagements(lines: Sequence[str]) -> Iterator[str | None]:
    for line in lines:
        yield from (token_at(line, m.end()) for m in _ENGAGEMENT.finditer(fold(line)))


def _services(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        folded = fold(line)
        for m in _SERVICE.finditer(folded):
            code = _CODE.match(line, m.end())
            if code and _NEXT_LABEL.match(folded, code.end()):
                yield code[0]


def _amounts(lines: Sequence[str], kind: Kind | None) -> Mapping[str, FieldValue]:
    """Return the totals and VAT lines; a credit note printed with negative amounts has its signs turned round."""
    totals = read_totals(lines)
    vat_lines = read_vat_lines(lines, totals["ht"], totals["tva"]) if "ht" in totals and "tva" in totals else ()
    payable = totals.pop("a_payer", None)
    if kind is Kind.CREDIT_NOTE:
        payable = None if payable is None else abs(payable)
        if totals.get("ttc", totals.get("ht", 0)) < 0:
            totals = {name: -value for name, value in totals.items()}
            vat_lines = tuple(VatLine(v.rate, -v.base, -v.tax) for v in vat_lines)
    found: dict[str, FieldValue] = {**totals}
    return found | ({} if payable is None else {"a_payer": payable}) | ({"lignes_tva": vat_lines} if vat_lines else {})
