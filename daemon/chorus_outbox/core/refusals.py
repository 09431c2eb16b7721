"""What a refusal by Chorus Pro is about: its code and its words -> the problem that a person is told.

``codeRetour`` is numbered by each service (api.md 6.1), so what is known of it (6.2) is a table by call. AIFE's annex of
messages could not be read: whatever else comes is told by what its words speak of, the most telling pattern first. The
code and the words stay with the problem, and what fits nothing is told as it is. Holds no sentence; the messages of a
flow's report are those of ``flowreasons.py``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from .problem import Problem

TOO_BIG = "HTTP 413"  # the code of a refusal that is about the size of what was sent
SUBMIT, ATTACH, FLOW, RECYCLE, COMPLETE = "soumettre", "ajouter/fichier", "deposer/flux", "recycler", "completer"
CALLS: Mapping[str, str] = {"deposit": SUBMIT, "flow": FLOW, "recycle": RECYCLE, "complete": COMPLETE}
"""What is asked of Chorus Pro (``Entry.action``) -> the call that asks it."""

KNOWN: Mapping[tuple[str, str], str] = {  # end of the call's path, codeRetour -> problem (api.md 6.2)
    (ATTACH, "20003"): "chorus.attachment_too_big",
    (ATTACH, "HTTP 400"): "chorus.file_name",  # a name of more than 50 characters
    (FLOW, "20001"): "chorus.too_big",
    (COMPLETE, "20000"): "chorus.unknown_invoice",
    (COMPLETE, "20001"): "chorus.not_yours",
    (COMPLETE, "20002"): "chorus.not_suspended",
    (SUBMIT, "20013"): "chorus.totals",
    **{(SUBMIT, str(code)): "chorus.totals" for code in range(20303, 20306)},
    **{(RECYCLE, str(code)): "chorus.recycling" for code in range(20004, 20015)},
}
MESSAGES: Mapping[str, str] = {  # message key in the words, whatever the call -> problem (api.md 6.2)
    "GDP_MSG_11.022": "chorus.too_big",
    "GDP_MSG_11.008": "chorus.unknown_invoice",
    "GDP_MSG_11.005": "chorus.not_yours",
    "GDP_MSG_11.033": "chorus.not_suspended",
    "GDP_MSG_11.001": "chorus.state",
}
_OF_ATTACHMENT = {"chorus.pdf": "chorus.attachment", "chorus.too_big": "chorus.attachment_too_big"}
_FILE = r"pieces? ?jointes?|annexe|attachment"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern))
    for code, pattern in (
        ("chorus.file_name", r"nom (?:de|du) fichier|piecejointenom|nomfichier|file name"),
        (
            "chorus.incident",
            r"erreur (?:technique|interne|systeme|inattendue)|incident|\bindisponible|non disponible|(?:technical|internal) error",
        ),
        ("chorus.malformed", r"mal ?form|propriete inconnue|\bjson\b|unrecognized|unexpected property"),
        ("chorus.attachment_type", rf"type .*(?:{_FILE})|(?:{_FILE}).*type"),
        ("chorus.attachment_too_big", rf"(?:{_FILE}).*(?:taille|volumin|depass|[0-9] ?mo\b|too (?:big|large))"),
        ("chorus.attachment", _FILE),
        (
            "chorus.too_big",
            r"(?:fichier|pdf|file).*(?:taille|volumin|depass|[0-9] ?mo\b|too (?:big|large))|taille du f",
        ),
        ("chorus.pdf", r"fichier|\bpdf\b|mode de depot|\bfile\b"),
        ("chorus.duplicate", r"\bdeja\b|doublon|already|duplicate"),
        ("chorus.validator", r"valideur|validator"),
        ("chorus.exemption", r"exoneration|exemption"),
        ("chorus.bank_account", r"coordonnees? bancaires?|compte bancaire|\biban\b|\brib\b|bank (?:account|details)"),
        ("chorus.supplier", r"fournisseur|emetteur|supplier"),
        ("chorus.service_or_engagement", r"service\b.*\b(?:ou|or)\b.*engagement|engagement\b.*\b(?:ou|or)\b.*service"),
        ("chorus.engagement", r"engagement|bon ?de ?commande|purchase order|commitment"),
        ("chorus.service", r"\bservice\b|codeservice"),
        ("chorus.recipient", r"destinataire|recipient|\bsiret\b"),
        ("chorus.cadre", r"cadre ?de ?facturation|billing (?:frame|framework)"),
        ("chorus.currency", r"devise|currency"),
        ("chorus.payment_mode", r"modes? ?(?:de )?(?:paiement|reglement)|payment (?:mode|means|method)"),
        ("chorus.contract", r"(?:numero|code) ?(?:de |du )?marche|contract number"),
        ("chorus.origin", r"(?:facture|numero) (?:d.)?origine|factureorigine|original invoice"),
        ("chorus.comment", r"commentaire|\bcomment\b"),
        ("chorus.vat", r"sans_tva|typetva|(?:type|taux|regime) de tva|vat (?:rate|type)"),
        ("chorus.number", r"numero ?(?:de )?(?:la )?facture|invoice number"),
        ("chorus.date", r"\bdate|posterieure|dans le futur"),
        ("chorus.totals", r"montant|total|recapitulatif|\bt\.?t\.?c\b|\bh\.?t\b|\btva\b|amount"),
        ("chorus.state", r"(?:statut|etat)\b.*(?:permet|autorise|interdit)|\bstatus\b.*allow"),
        ("chorus.unknown_invoice", r"(?:facture|demande de paiement)\b.*(?:n'existe pas|inconnu|introuvable)"),
        ("chorus.not_yours", r"habilit|non autorise|pas autorise|droits? (?:d|insuffisant)|not authori[sz]ed"),
        ("chorus.incomplete", r"obligatoire|requise?\b|mandatory|required"),
    )
)


def refused(path: str, code: str, label: str) -> Problem:
    """Return what a refusal means.

    Args:
        path: What was called; its end counts (``CALLS``).
        code: ``codeRetour``, or ``HTTP`` and a status.
        label: ``libelle``, as sent, "" where there is none.

    """
    return Problem(_about(path, code, label), {"code": code, "label": label})


def _about(path: str, code: str, label: str) -> str:
    by_code = next((about for (end, known), about in KNOWN.items() if path.endswith(end) and known == code), None)
    by_key = next((about for key, about in MESSAGES.items() if key in label), None)
    if about := by_key or by_code:
        return about
    if code == TOO_BIG:
        return "chorus.too_big"
    if not label:
        return "chorus.malformed" if code.startswith("HTTP ") else "chorus.unexplained"
    about = by_words(label)
    return _OF_ATTACHMENT.get(about, about) if path.endswith(ATTACH) else about


def by_words(label: str) -> str:
    """Return the problem that Chorus Pro's words alone speak of; ``chorus.refused`` when they fit nothing."""
    words = _plain(label)
    return next((about for about, pattern in _PATTERNS if pattern.search(words)), "chorus.refused")


def speaks_of_a_double(label: str) -> bool:
    """Tell whether Chorus Pro's words say that the number was deposited before (the code is unknown: api.md 6.2)."""
    plain = _plain(label)
    return "deja" in plain or "doublon" in plain or "already" in plain or "duplicate" in plain


def speaks_of_a_file(label: str) -> bool:
    """Tell whether Chorus Pro's words are about an uploaded file (the code is unknown: api.md 6.2)."""
    plain = _plain(label).replace(" ", "")
    named = "piecejointe" in plain or "fichier" in plain
    return named and not speaks_of_a_double(label)  # "already used": by a deposit of ours, perhaps


def _plain(label: str) -> str:
    return unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().casefold()
