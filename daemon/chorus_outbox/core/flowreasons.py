"""What a message of a flow's report is about: Chorus Pro's words -> the field that a person knows.

A table of patterns over the words without accents and capitals, the most telling first. The messages were seen in the
field (api.md 2.12, 6.2, 7.3, 7.5), some of them only in translation: each is tried in French and in English, and by the
XML's element names, which no language changes. What fits nothing is told as it is. Holds no sentence.
"""

from __future__ import annotations

import re
import unicodedata

from .problem import Problem
from .refusals import speaks_of_a_double

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        # by element names: api.md 6.2 shows both references as "legal commitment", so the words come after
        ("flow.service", r"buyerreference"),
        ("flow.engagement", r"issuerassignedid|buyerorderreferenceddocument"),
        ("flow.iban", r"ibanid|payeepartycreditorfinancialaccount"),
        ("flow.payment_means", r"paymentmeans"),
        ("flow.amounts", r"actualamount|monetarysummation|calculatedamount|basisamount|[a-z]totalamount"),
        ("flow.cadre", r"businessprocess"),
        ("flow.supplier", r"sellertradeparty"),
        ("flow.recipient", r"buyertradeparty"),
        # the payment means' TypeCode when its path is cut; others are the document's and the taxes'
        ("flow.payment_means", r"^(?!.*(?:exchangeddocument|tradetax)).*typecode"),
        # by words
        ("flow.cadre", r"cadre de facturation|bt-?23|billing (?:frame|framework|type)"),
        ("flow.iban", r"\biban\b|coordonnees? bancaires?|bank (?:account|details)"),
        ("flow.payment_means", r"(?:moyens?|modes?) de (?:paiement|reglement)|payment (?:means|method|mode)"),
        ("flow.service", r"code[ -]service|service executant|service code|executing service|service destinataire"),
        ("flow.engagement", r"engagement|bon de commande|legal commitment|commitment number|purchase order"),
        ("flow.supplier", r"fournisseur|supplier|emetteur|seller"),
        ("flow.recipient", r"destinataire|recipient|acheteur|buyer|debiteur"),
        ("flow.amounts", r"montant|total|amount|\bt\.?t\.?c\b|\bh\.?t\b"),
        ("flow.xml", r"\bxml\b|\bxsd\b|schema|syntaxe?|factur-?x|\bl'element\b|\belement\b"),
    )
)


def reason(text: str) -> Problem:
    """Return what one message means; its own words stay with it."""
    if speaks_of_a_double(text):
        return Problem("flow.duplicate", {"label": text})
    words = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    code = next((code for code, pattern in _PATTERNS if pattern.search(words)), "flow.refused")
    return Problem(code, {"label": text})
