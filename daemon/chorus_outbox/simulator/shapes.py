"""The shape of each request that the simulator answers: names, types, lengths (api.md 2; annex A for the schemas).

``SHAPES`` maps the path behind ``/cpro`` to the shape of its body; ``REQUIRED`` the dotted names that a request must
carry whatever it says. What depends on other values (a validator, a service) is not here.
"""

from __future__ import annotations

from collections.abc import Mapping

from . import annuaire, enums
from .checks import Choice, Day, Flag, Many, Number, Shape, Text, Whole

_ID, _INT32, _NUMBER, _FLAG, _TEXT = Whole(), Whole(32), Number(), Flag(), Text()
_LANGUAGE, _SERVICE, _FILE_NAME = Text(2), Text(100), Text(200)
_MOMENT = Day(timed=True)
_DIRECTION = Choice(enums.DIRECTIONS)
_IDENTIFIER_TYPE = Choice(enums.IDENTIFIER_TYPES)


def _paging(*columns: str, number: Whole = _ID) -> Mapping[str, Shape]:
    """Shape of the usual pagination block; ``columns`` are the ones it sorts by."""
    return {
        "nbResultatsParPage": number,
        "pageResultatDemandee": number,
        "triColonne": Choice(columns),
        "triSens": _DIRECTION,
    }


def _history_paging(suffix: str, *columns: str) -> Mapping[str, Shape]:
    """Shape of the pagination blocks of consulter/historique, whose names carry a suffix."""
    return {
        f"pageResultatDemandee{suffix}": _INT32,
        f"nbResultatsParPage{suffix}": _INT32,
        f"triSens{suffix}": _DIRECTION,
        f"triColonne{suffix}": Choice(columns),
    }


def _users(prefix: str) -> tuple[str, ...]:
    return tuple(f"{prefix}Utilisateur{part}" for part in ("Prenom", "Nom", "Email", "Telephone"))


_RECIPIENT: Shape = {"codeDestinataire": Text(14), "codeServiceExecutant": _SERVICE}
_REFERENCES: Shape = {
    "deviseFacture": Text(3),
    "typeFacture": Choice(enums.KINDS),
    "typeTva": Choice(enums.VAT_REGIMES),
    "motifExonerationTva": _TEXT,
    "numeroMarche": Text(50),
    "numeroBonCommande": Text(50),
    "numeroFactureOrigine": Text(20),
    "modePaiement": Choice(enums.PAYMENT_MODES),
}
_ATTACHMENT: Mapping[str, Shape] = {
    "pieceJointeComplementaireDesignation": Text(100),
    "pieceJointeComplementaireType": Text(30),
    "pieceJointeComplementaireId": _ID,
    "pieceJointeComplementaireNumeroLigneFacture": _INT32,
}
_LINE: Shape = {
    "lignePosteNumero": _INT32,
    "lignePosteReference": _TEXT,
    "lignePosteDenomination": _TEXT,
    "lignePosteQuantite": _NUMBER,
    "lignePosteUnite": _TEXT,
    "lignePosteMontantUnitaireHT": _NUMBER,
    "lignePosteMontantRemiseHT": _NUMBER,
    "lignePosteTauxTva": _TEXT,
    "lignePosteTauxTvaManuel": _NUMBER,
}
_SUBMIT: Shape = {
    "idUtilisateurCourant": _ID,
    "modeDepot": Choice(enums.API_MODES),
    "numeroFactureSaisi": Text(20),
    "dateFacture": Day(status=500),
    "destinataire": _RECIPIENT,
    "fournisseur": {
        "idFournisseur": _ID,
        "idServiceFournisseur": _ID,
        "codeCoordonneesBancairesFournisseur": _ID,
    },
    "cadreDeFacturation": {
        "codeCadreFacturation": Choice(enums.CADRES),
        "codeStructureValideur": Text(18),
        "codeServiceValideur": _SERVICE,
    },
    "references": _REFERENCES,
    "lignePoste": Many(_LINE),
    "ligneTva": Many(
        {
            "ligneTvaTaux": _TEXT,
            "ligneTvaTauxManuel": _NUMBER,
            "ligneTvaMontantBaseHtParTaux": _NUMBER,
            "ligneTvaMontantTvaParTaux": _NUMBER,
        }
    ),
    "montantTotal": {
        "montantHtTotal": _NUMBER,
        "montantTVA": _NUMBER,
        "montantTtcTotal": _NUMBER,
        "montantRemiseGlobaleTTC": _NUMBER,
        "motifRemiseGlobaleTTC": _TEXT,
        "montantAPayer": _NUMBER,
    },
    "pieceJointePrincipale": Many(
        {"pieceJointePrincipaleDesignation": Text(100), "pieceJointePrincipaleId": _ID}, or_one=True
    ),
    "pieceJointeComplementaire": Many({**_ATTACHMENT, "pieceJointeComplementaireIdLiaison": _ID}),
    "commentaire": Text(200),  # the smallest of three documented limits (api.md 5.2)
}
_SEARCH: Shape = {
    **dict.fromkeys(
        (
            *("idUtilisateurCourant", "idFournisseur", "idServiceFournisseur", "idStructureValideur"),
            "coordonneeBancaire",
        ),
        _ID,
    ),
    **dict.fromkeys(("numeroFluxDepot", "numeroMarche", "numeroBonCommande"), _TEXT),
    **dict.fromkeys(("numeroFacture", "numeroFactureOrigine"), Text(20)),
    **dict.fromkeys(("rechercheSirenDestinataire", "recupererTaille", "rejetTraite"), _FLAG),
    **{
        f"periodeDate{what}{side}": _MOMENT
        for what in ("Depot", "Facture", "HeureEtatCourant")
        for side in ("Du", "Au")
    },
    **{f"montant{what}{side}": _NUMBER for what in ("HT", "TTC", "Apayer") for side in ("Min", "Max")},
    "listeDestinataire": Many(
        {"idDestinataire": _ID, "listeIdServiceExecutant": Many(_ID), "raisonSocialeStuctDmd": _TEXT}
    ),
    "idUtilisateurCreateur": Many(_ID),
    "typeFacture": Choice(enums.SEARCHED_KINDS),
    "cadreFacturation": Choice(enums.ALL_CADRES),
    "modeDepot": Choice(enums.DEPOSIT_MODES),
    "statutCourant": Many(Choice(enums.STATUSES)),
    "rechercheFactureParFournisseur": {**_paging(*enums.SEARCH_COLUMNS), "nbResultatsMaximum": _ID},
}
_HISTORY: Shape = {
    "idUtilisateurCourant": _ID,
    "idFacture": _ID,
    "idEspace": _ID,
    "nbResultatsMaximum": _INT32,
    "paramRechercheHistoStatuts": _history_paging(
        "ListeHistoStatut",
        *("HistoStatutCode", "HistoStatutDatePassage", "HistoStatutCommentaire", *_users("HistoStatut")),
    ),
    "paramRechercheHistoEvenementsComplementaires": _history_paging(
        "ListeHistoEvenement", "EvenementLibelle", "EvenementQui", "EvenementDateHeure"
    ),
    "paramRechercheHistoActionsUtilisateurs": _history_paging(
        "ListeHistoAction", "HistoActionDateHeure", "HistoActionCode", "HistoAction", *_users("HistoAction")
    ),
}
_CONSULT: Shape = {
    "idUtilisateurCourant": _ID,
    "identifiantFactureCPP": _ID,
    "codeLangue": _LANGUAGE,
    "getpLignesPoste": {
        "pageResultatDemandeeLignesPoste": _INT32,
        "nbResultatsParPageLignesPoste": _INT32,
        "triSensListeLignesPoste": _DIRECTION,
        "triColonneListeLignesPoste": _TEXT,
    },
    "getpListePiecesJointes": {
        "pageResultatDemandeeListePieceJointe": _ID,
        "nbResultatsParPageListePieceJointe": _ID,
        "triSensListePiecesJointes": _DIRECTION,
        "triColonneListePiecesJointes": _TEXT,
    },
    "getpLigneRecapTva": {
        "pageResultatDemandeeListeRecapitulatifTVA": _INT32,
        "nbResultatsParPageListeListeRecapitulatifTVA": _INT32,
        "triSensListeRecapitulatifTVA": _DIRECTION,
        "triColonneListeRecapitulatifTVA": _TEXT,
    },
}
_STRUCTURE_SEARCH: Shape = {
    "structure": {
        **dict.fromkeys(("libelleStructure", "nomStructure", "prenomStructure", "raisonSocialeStructure"), _TEXT),
        **dict.fromkeys(("adresseCodePays", "adresseCodePostal", "adresseVille"), _TEXT),
        **dict.fromkeys(("estMOA", "estMOAUniquement"), _FLAG),
        "identifiantStructure": Text(18),
        "typeIdentifiantStructure": _IDENTIFIER_TYPE,
        "typeStructure": Choice(("PRIVEE", "PUBLIQUE")),
        "statutStructure": Choice(("ACTIF", "INACTIF")),
    },
    "parametres": _paging("IdentifiantStructure", "DesignationStructure", "TypeIdentifiantStructure", "Statut"),
    "restreindreStructuresPrivees": _FLAG,
}

SHAPES: Mapping[str, Shape] = {
    "/transverses/v1/recuperer/structures/actives/fournisseur": {"idUtilisateurCourant": _ID},
    "/transverses/v1/recuperer/coordbanc/valides": {"idUtilisateurCourant": _ID, "idStructure": _ID},
    "/transverses/v1/recuperer/typespj": {"codeLangue": _LANGUAGE, "typeObjet": _TEXT},
    "/transverses/v1/recuperer/tauxtva": {"codeLangue": _LANGUAGE},
    "/transverses/v1/recuperer/motifs/exonerationtva": {"codeLangue": _LANGUAGE},
    **annuaire.SHAPES,
    "/transverses/v1/ajouter/fichier": {
        "idUtilisateurCourant": _ID,
        **dict.fromkeys(("pieceJointeFichier", "pieceJointeTypeMime", "pieceJointeExtension"), _TEXT),
        "pieceJointeNom": Text(50),
    },
    "/transverses/v1/consulterCR": {
        "idUtilisateurCourant": _ID,
        "numeroFluxDepot": _TEXT,
        "syntaxeFlux": Choice(enums.SYNTAXES),
        "dateDepot": _MOMENT,
    },
    "/transverses/v1/consulterCRDetaille": {
        "idUtilisateurCourant": _ID,
        "numeroFluxDepot": _TEXT,
        "syntaxeFlux": Choice(enums.SYNTAXES),
    },
    "/utilisateurs/v1/monCompte/recuperer/rattachements": {
        "idUtilisateurCourant": _ID,
        "parametresRecherche": {**_paging(), "triColonne": _TEXT},
    },
    "/structures/v1/rechercher": _STRUCTURE_SEARCH,
    "/structures/v1/consulter": {"idStructureCPP": _ID, "codeLangue": _LANGUAGE},
    "/structures/v1/rechercher/services": {
        "idStructure": _ID,
        "parametresRechercherServicesStructure": _paging(
            "CodeService", "LibelleService", "DateDbtService", "DateFinService", "EstActif"
        ),
    },
    "/structures/v1/consulter/service": {"idStructure": _ID, "idService": _ID, "codeLangue": _LANGUAGE},
    "/factures/v1/deposer/pdf": {
        "idUtilisateurCourant": _ID,
        "fichierFacture": _TEXT,
        "nomFichier": _FILE_NAME,
        "formatDepot": Choice(enums.FILE_FORMATS),
    },
    "/factures/v1/soumettre": _SUBMIT,
    "/factures/v1/deposer/flux": {
        "idUtilisateurCourant": _ID,
        "fichierFlux": _TEXT,
        "nomFichier": _FILE_NAME,
        "syntaxeFlux": Choice(enums.SYNTAXES),
        "avecSignature": _FLAG,
    },
    "/factures/v1/rechercher/fournisseur": _SEARCH,
    "/factures/v1/consulter/historique": _HISTORY,
    "/factures/v1/consulter/fournisseur": _CONSULT,
    "/factures/v1/completer": {
        "idUtilisateurCourant": _ID,
        "identifiantFactureCPP": _ID,
        "commentaire": Text(2000),
        "pieceJointeComplementaire": Many(_ATTACHMENT),
    },
    "/factures/v1/recycler": {
        "idUtilisateurCourant": _ID,
        "identifiantFactureCPP": _ID,
        "destinataire": _RECIPIENT,
        "reference": _REFERENCES,  # singular here (api.md 7.1, 4)
        "commentaire": Text(200),
    },
    "/factures/v1/traiterRejet": {
        "listeDemandePaiement": Many({"idDemandePaiement": _ID, "motifRejet": _TEXT, "cpltInfos": _TEXT})
    },
    "/factures/v1/telecharger/groupe": {
        "idUtilisateurCourant": _ID,
        "idEspace": _ID,
        "format": Choice(("PDF", "PIVOT")),
        "avecPiecesJointesComplementaires": Choice(("OUI", "NON")),
        "listeFacture": Many({"idFacture": _ID}),
    },
}

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "/transverses/v1/recuperer/coordbanc/valides": ("idStructure",),
    "/transverses/v1/ajouter/fichier": (
        *("pieceJointeFichier", "pieceJointeNom", "pieceJointeTypeMime", "pieceJointeExtension"),
    ),
    "/transverses/v1/consulterCR": ("numeroFluxDepot",),
    "/transverses/v1/consulterCRDetaille": ("numeroFluxDepot",),
    "/structures/v1/consulter": ("idStructureCPP",),
    "/structures/v1/rechercher/services": ("idStructure",),
    "/structures/v1/consulter/service": ("idStructure", "idService"),
    "/factures/v1/deposer/pdf": ("fichierFacture", "nomFichier", "formatDepot"),
    "/factures/v1/soumettre": (
        "modeDepot",
        "destinataire.codeDestinataire",
        "fournisseur.idFournisseur",
        "cadreDeFacturation.codeCadreFacturation",
        *("references.deviseFacture", "references.typeFacture", "references.typeTva", "references.modePaiement"),
        *("montantTotal.montantHtTotal", "montantTotal.montantTVA", "montantTotal.montantTtcTotal"),
        "montantTotal.montantAPayer",
    ),
    "/factures/v1/deposer/flux": ("fichierFlux", "nomFichier", "syntaxeFlux", "avecSignature"),
    "/factures/v1/consulter/historique": ("idFacture",),
    "/factures/v1/consulter/fournisseur": ("identifiantFactureCPP",),
    "/factures/v1/completer": ("identifiantFactureCPP",),
    "/factures/v1/recycler": ("identifiantFactureCPP",),
    "/factures/v1/traiterRejet": ("listeDemandePaiement",),
    "/factures/v1/telecharger/groupe": ("listeFacture", "format"),
}
