"""How the amounts of a French invoice are labelled. Patterns only; which amount belongs to a label is ``pdfamounts.py``'s.

Written for folded text (lower case, no accents); a blank stands for "a blank or nothing".
"""

from __future__ import annotations

import re

_HT = r"(?:h\.? ?t\.?(?![a-z])|hors(?: |-)taxes?(?![a-z])|hors tva(?![a-z]))"
_TTC = r"(?:t\.? ?t\.? ?c\.?(?![a-z])|toutes taxes comprises|(?:tva|taxes) (?:comprises?|incluses?)|tvac(?![a-z]))"
_TVA = r"t\.? ?v\.? ?a\.?(?![a-z])"
_MORE = r"(?: (?:total|generale?|global|net|brut|de la facture|facture|du document|a|en euros?|en eur|final|\(eur\)|\(€\))){0,3}"
_PAY = r"(?:payer|regler|nous devoir|virer)(?![a-z])"

_TABLE: tuple[tuple[str, str], ...] = (  # what it means, how it is written; the first that fits wins
    ("skip", rf"taux(?: de)?(?: la)? {_TVA}|total brut|(?:sous-?)?total page|report(?![a-z])"),
    ("discount", rf"remise(?: (?:globale|exceptionnelle|commerciale))? \(?{_TTC}\)?|remise globale(?! \(?{_HT})"),
    (
        "prepaid",
        r"acomptes? (?:deja )?(?:verse|regle|paye|recu)e?s?(?![a-z])|(?:montant )?deja (?:regle|verse|paye)e?(?![a-z])",
    ),
    (
        "skip",
        r"(?:remise|rabais|escompte|acompte|port|eco-?participation|ecotaxe|capital|penalites?|indemnite)s?(?![a-z])",
    ),
    (
        "skip",
        r"montant (?:regle|verse|paye)|frais(?: de [a-z]{1,12})?|solde (?:anterieur|precedent)",
    ),
    ("rest", rf"(?:reste|restant|solde)(?: net)? (?:a {_PAY}|du(?![a-z]))(?: \(?ttc\)?)?|solde ttc"),
    (
        "due",
        rf"(?:net|montant|total|somme)(?: (?:total|net|general|{_TTC})){{0,2}} \(?(?:net )?a {_PAY}(?: \(?{_TTC}\)?)?",
    ),
    ("due", r"(?:montant|total|net) (?:ttc )?du(?![a-z])"),
    ("gross", rf"(?:totaux|total|montant|somme|prix|valeur){_MORE} \(?{_TTC}\)?"),
    (
        "net",
        rf"(?:sous-? ?total|totaux|total|montant|base|net|valeur|somme){_MORE} \(?{_HT}\)?(?: (?:apres|avec) remises?)?",
    ),
    ("vat", rf"(?:(?:total|montant|dont|somme)(?: (?:de la|de|des))? )?{_TVA}"),
    ("vat", r"(?:total|montant)(?: des?)? taxes(?![a-z])|(?<![^\t])taxes(?![a-z])"),
    ("gross", rf"(?:(?<![^\t])|(?<=tva\s)){_TTC}(?=\s*(?:[:0-9€(-]|$))"),
    ("net", rf"(?<![^\t]){_HT}(?=\s*(?:[:0-9€(-]|$|tva\s+ttc))"),
    ("subtotal", r"sous-? ?total"),
    ("total", r"(?:total|totaux)(?: general| global| facture| de la facture)?(?![a-z])"),
)
LABEL = re.compile(
    "|".join(f"(?P<{name}_{n}>(?<![a-z])(?:{pattern}))" for n, (name, pattern) in enumerate(_TABLE)).replace(
        " ", r"[ \t]?"
    )
)
"""Finds the labels of a folded line; ``lastgroup`` is the name and a number, ``gross_9``."""

NAMES = frozenset(name for name, _ in _TABLE)
