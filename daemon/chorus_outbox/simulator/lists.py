"""The reference lists of *Transverses* (api.md 2.19). Only the codes seen in public sources are AIFE's: see each line."""

from __future__ import annotations

from .answers import said
from .codes import OK_READ
from .model import Account, Body
from .world import World

ATTACHMENT_TYPES = {  # RIB is known to pass (api.md 7.4); the others are invented
    "RIB": "Relevé d'identité bancaire",
    "BON_DE_LIVRAISON": "Bon de livraison",
    "DEVIS": "Devis",
    "ANNEXE": "Annexe",
    "AUTRE": "Autre document",
}
VAT_RATES = {  # TVA1, TVA2 and TVA5 were seen; their rates and the others are invented
    "TVA1": ("Franchise en base, article 293 B du CGI", 0.0),
    "TVA2": ("Taux réduit", 5.5),
    "TVA3": ("Taux particulier", 2.1),
    "TVA4": ("Taux intermédiaire", 10.0),
    "TVA5": ("Taux normal", 20.0),
}
EXEMPTIONS = {  # invented
    "293B": "Franchise en base de TVA, article 293 B du CGI",
    "261": "Exonération, article 261 du CGI",
    "262I": "Exportation, article 262 I du CGI",
    "262TER": "Livraison intracommunautaire, article 262 ter du CGI",
    "283": "Autoliquidation, article 283 du CGI",
}


def attachment_types(_world: World, _account: Account, _body: Body) -> Body:
    """Answer recuperer/typespj."""
    rows = [
        {"idTypePieceJointe": i, "codeTypePieceJointe": code, "libelleTypePieceJointe": label, "typeObjet": "FACTURE"}
        for i, (code, label) in enumerate(ATTACHMENT_TYPES.items(), start=1)
    ]
    return said(OK_READ, listeTypePieceJointe=rows)


def vat_rates(_world: World, _account: Account, _body: Body) -> Body:
    """Answer recuperer/tauxtva."""
    rows = [
        {"codeTauxTva": code, "libelleTauxTva": label, "valeurTauxTva": rate}
        for code, (label, rate) in VAT_RATES.items()
    ]
    return said(OK_READ, listeTauxTva=rows)


def exemptions(_world: World, _account: Account, _body: Body) -> Body:
    """Answer recuperer/motifs/exonerationtva."""
    rows = [{"codeMotifExonerationTva": c, "libelleMotifExonerationTva": text} for c, text in EXEMPTIONS.items()]
    return said(OK_READ, listeMotifsExonerationTva=rows)
