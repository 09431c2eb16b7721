"""What the notices on a French invoice say: how its VAT falls due, why it bears none, which invoice a credit note corrects.

Notices are sentences, so they are looked for by their few fixed words, in folded text (lower case, no accents). Two
notices that contradict each other say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .exemption import ARTICLE, is_franchise
from .invoice import NUMBER_MAX
from .pdfcolumns import NO
from .pdfhead import only, token_at
from .pdfwords import fold

# 1. How VAT falls due (art. 269 CGI; the words of art. 242 nonies A of its annex II).

_WORDS = "[^.;:0-9€]{0,60}"  # no amount in between: that is a line of totals
_ON_RECEIPT = re.compile(rf"(?:t\.?v\.?a\.?|taxe|exigib[a-z]{{2,6}}) {_WORDS}encaissements?")
_ON_DEBIT = re.compile(rf"(?:t\.?v\.?a\.?|taxe|option) {_WORDS}(?:d'apres|sur|selon) (?:les )?debits")
_NOT_SO = re.compile(r"(?<![a-z])(?:pas|sans|absence|aucune|non)(?![a-z])")
_NEAR = 20  # characters before a notice that may deny it


def vat_regime_of(lines: Sequence[str]) -> str | None:
    """Return ``TVA_SUR_ENCAISSEMENT`` or ``TVA_SUR_DEBIT`` where a notice says so."""
    regimes = (("TVA_SUR_ENCAISSEMENT", _ON_RECEIPT), ("TVA_SUR_DEBIT", _ON_DEBIT))
    return only(
        regime
        for line in _joined(lines)
        for regime, notice in regimes
        for m in notice.finditer(line)
        if not _NOT_SO.search(line[max(0, m.start() - _NEAR) : m.end()])
    )


def _joined(lines: Sequence[str]) -> Iterator[str]:
    """Yield each line, folded, with the next one: a sentence may go on there."""
    for line, following in zip(lines, (*lines[1:], ""), strict=False):
        yield f"{fold(line)} {fold(following)}"


# 2. Why there is no VAT. Art. 293 B is no exemption: who is under it charges none at all (api.md 3.5: SANS_TVA).

_SELF_CHARGED = re.compile(r"auto-?liquid(?:ation|ee)|(?:tva|taxe) due par le (?:preneur|client)")
_EXEMPT = re.compile(
    r"exonerat|exoneree?|non soumis|non applicable|non assujetti|franchise|livraison intracommunautaire"
)

_IN_LAW = re.compile(r"(?<![a-z])(?:art\.?|articles?) ?$")


def exemption_of(lines: Sequence[str]) -> str | None:
    """Return the reason that is printed: ``article 261 du CGI``, ``autoliquidation``; None for a small business."""
    if any(map(is_franchise, lines)):
        return None
    return only(_reasons(lines)) or ("autoliquidation" if any(_SELF_CHARGED.search(fold(s)) for s in lines) else None)


def _reasons(lines: Sequence[str]) -> Iterator[str]:
    for above, line in zip(("", *lines), lines, strict=False):
        folded = fold(line)
        m = ARTICLE.search(folded)
        speaks = f"{fold(above)} {folded}" if m and _IN_LAW.search(folded[: m.start()]) else ""
        if m and (_EXEMPT.search(speaks) or _SELF_CHARGED.search(speaks)):
            article = line[m.start() : m.end()].strip(" -")
            yield f"{'autoliquidation, ' if _SELF_CHARGED.search(speaks) else ''}article {article} du CGI"


# 3. The invoice that a credit note corrects.

_INVOICE = r"factures?"
_CORRECTED = (
    re.compile(
        rf"(?<![a-z]){_INVOICE} ?(?:d'origine|initiale|liee|concernee|rectifiee|corrigee|annulee|associee|rattachee|"
        rf"remboursee|de reference)(?![a-z]) ?{NO}?"
        rf"|{NO} (?:de )?(?:la )?{_INVOICE} (?:d'origine|initiale|concernee|annulee|rectifiee)"
    ),
    re.compile(
        rf"(?<![a-z])(?:avoir(?: partiel| total)?|annul[a-z]{{1,8}}|rembours[a-z]{{1,8}}|rectifi[a-z]{{1,8}}|corrig[a-z]{{1,5}}|"
        rf"relatif|relative|correspond[a-z]{{1,4}}|suite|ref(?:erence)?\.?|concern[a-z]{{1,4}})[ :]"
        rf"{{0,3}}(?:partiel[a-z]{{0,6}} |total[a-z]{{0,6}} )?(?:sur |de |pour |a |annule |et remplace )?(?:la |votre |notre )?{_INVOICE} ?{NO}?"
    ),
    re.compile(rf"(?<![a-z])(?:(?:sur|votre|notre) (?:la )?)?{_INVOICE} ?{NO}"),
)


def origin_of(lines: Sequence[str], number: str | None) -> str | None:
    """Return the number of the one invoice that a credit note says it corrects; the clearest words come first.

    Args:
        lines: The text of a credit note.
        number: Its own number, which can't be meant.

    """
    for label in _CORRECTED if number else _CORRECTED[:2]:
        found = {
            token
            for line in lines
            for m in label.finditer(fold(line))
            if (token := token_at(line, m.end())) and token.casefold() != (number or "").casefold()
        }
        if found:
            token = only(found)
            return token if token and len(token) <= NUMBER_MAX else None
    return None
