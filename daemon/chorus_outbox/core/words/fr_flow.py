"""French: what is said of a Factur-X deposited as a flow."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

_AGAIN = (
    " dans le logiciel qui a produit la facture, et déposez le nouveau PDF : rien n'a été déposé, le même numéro de"
    " facture peut resservir."
)
_NEW = " dans le logiciel qui a produit la facture, et déposez le nouveau PDF."

PROBLEMS: Mapping[str, Sentence] = {
    "facturx.unreadable": Sentence(
        "Les données Factur-X de ce PDF sont illisibles, alors que ce sont elles qui seraient envoyées.",
        "Produisez de nouveau la facture dans votre logiciel, au format Factur-X ou en PDF simple.",
    ),
    "facturx.missing": Sentence(
        "Il manque dans les données Factur-X du PDF : {field}.",
        "Indiquez cette information" + _NEW,
    ),
    "facturx.differs": Sentence(
        "Les données Factur-X du PDF disent autre chose ({field}) : {pdf} dans le PDF, {ours} d'après : {source}. Ce sont"
        " les données du PDF qui sont envoyées.",
        "Si le PDF se trompe, corrigez l'information" + _NEW + " S'il a raison, retirez l'autre valeur.",
    ),
    "facturx.lacks": Sentence(
        "Les données Factur-X du PDF ne disent rien de cette information : {field} ({ours} d'après : {source}). Ce sont"
        " les données du PDF qui sont envoyées.",
        "Ajoutez cette information" + _NEW,
    ),
    "facturx.field": Sentence(
        "Une facture Factur-X envoyée comme flux ne peut pas porter cette information : {field} ({ours} d'après :"
        " {source}).",
        "Retirez cette information, ou demandez à votre administrateur le réglage « facturx: strip ».",
    ),
    "facturx.siret": Sentence(
        "Données Factur-X du PDF : Chorus Pro demande à cette place un SIRET de 14 chiffres ({field})[ et y trouverait :"
        " {found}]. Un SIREN (9 chiffres) ou un numéro de TVA ne suffit pas.",
        "Indiquez le SIRET complet (BT-30 du vendeur, BT-47 de l'acheteur)" + _NEW,
    ),
    "facturx.cadre": Sentence(
        "Données Factur-X du PDF : le cadre de facturation (BT-23) doit être A1, A2, A9 ou A12[ et non « {found} »].",
        "Réglez le cadre de facturation (A1 pour une facture ordinaire)" + _NEW,
    ),
    "facturx.cadre_reform": Sentence(
        "Données Factur-X du PDF : « {found} » est un cadre de facturation de la réforme 2026, que Chorus Pro ne connaît"
        " pas (BT-23).",
        "Réglez un cadre Chorus Pro, soit A1 pour une facture ordinaire et A2 si elle est déjà payée," + _NEW,
    ),
    "facturx.payment_means": Sentence(
        "Données Factur-X du PDF : le moyen de paiement manque (BT-81) ; Chorus Pro rejetterait la facture.",
        "Indiquez le moyen de paiement (30 ou 58 pour un virement)" + _NEW,
    ),
    "facturx.iban": Sentence(
        "Données Factur-X du PDF : le paiement se fait par virement, mais l'IBAN manque (BT-84).",
        "Indiquez l'IBAN de votre compte" + _NEW,
    ),
    "facturx.discount": Sentence(
        "Données Factur-X du PDF : un prix brut sans le montant de sa remise (BT-147) ; lignes concernées : {lines}."
        " Chorus Pro rejetterait la facture.",
        "Indiquez la remise (0 s'il n'y en a pas) ou retirez le prix brut" + _NEW,
    ),
    "facturx.no_origin": Sentence(
        "Données Factur-X du PDF : cet avoir ne dit pas quelle facture il corrige (BT-25).",
        "Si votre client ne peut pas le rattacher, indiquez-lui le numéro de cette facture.",
    ),
    "facturx.service": Sentence(
        "Le destinataire {name} exige un code service, et les données Factur-X du PDF n'en ont pas (référence de l'acheteur, BT-10).",
        "Indiquez le code service du bon de commande[, par exemple {known},]" + _NEW,
    ),
    "facturx.engagement": Sentence(
        "Le destinataire {name} exige un numéro d'engagement, et les données Factur-X du PDF n'en ont pas (bon de commande, BT-13).",
        "Indiquez le numéro d'engagement du bon de commande" + _NEW,
    ),
    "facturx.either": Sentence(
        "Le destinataire {name} exige un code service ou un numéro d'engagement, et les données Factur-X du PDF n'ont ni l'un ni l'autre"
        " (BT-10, BT-13).",
        "Indiquez l'un des deux" + _NEW,
    ),
    "flow.attachments": Sentence(
        "Une facture Factur-X envoyée comme flux part sans pièces jointes ; ici : {names}.",
        "Mettez ces pièces dans le PDF lui-même depuis votre logiciel, ou demandez à votre administrateur le réglage"
        " « facturx: strip ».",
    ),
    "flow.service": Sentence(
        "Le code service (référence de l'acheteur) manque ou ne convient pas : « {label} ».",
        "Corrigez le code service" + _AGAIN,
    ),
    "flow.engagement": Sentence(
        "Le numéro d'engagement (référence du bon de commande) manque ou ne convient pas : « {label} ».",
        "Corrigez le numéro d'engagement" + _AGAIN,
    ),
    "flow.payment_means": Sentence(
        "Le moyen de paiement manque ou ne convient pas : « {label} ».",
        "Indiquez le moyen de paiement (30 ou 58 pour un virement)" + _AGAIN,
    ),
    "flow.iban": Sentence(
        "L'IBAN manque ou ne convient pas : « {label} ».",
        "Indiquez l'IBAN de votre compte" + _AGAIN,
    ),
    "flow.supplier": Sentence(
        "Chorus Pro ne connaît pas le fournisseur de la facture, ou pas pour ce compte : « {label} ».",
        "Vérifiez votre SIRET (14 chiffres)" + _AGAIN,
    ),
    "flow.recipient": Sentence(
        "Le destinataire ne convient pas : « {label} ».",
        "Vérifiez le SIRET du destinataire (14 chiffres)" + _AGAIN,
    ),
    "flow.duplicate": Sentence(
        "Ce numéro de facture a déjà servi : « {label} ».",
        "Regardez sur le portail, dans « Factures émises », si cette facture y est déjà ; sinon donnez-lui un autre numéro"
        + _NEW,
    ),
    "flow.amounts": Sentence(
        "Les montants ne conviennent pas : « {label} ».",
        "Corrigez les montants" + _AGAIN,
    ),
    "flow.cadre": Sentence(
        "Le cadre de facturation ne convient pas : « {label} ».",
        "Réglez un cadre de Chorus Pro (A1 pour une facture ordinaire)" + _AGAIN,
    ),
    "flow.xml": Sentence(
        "Les données Factur-X du PDF ne conviennent pas : « {label} ».",
        "Montrez ce message à l'éditeur de votre logiciel de facturation. Rien n'a été déposé : le même numéro de facture"
        " peut resservir.",
    ),
    "flow.refused": Sentence(
        "Chorus Pro a rejeté la facture : « {label} ».",
        "Corrigez ce dont parle ce message" + _AGAIN,
    ),
    "flow.not_processed": Sentence(
        "Remise {tries} fois à Chorus Pro, la facture n'a jamais été traitée : incident de son côté.",
        "Déposez-la de nouveau plus tard, avec le même numéro. Si cela se répète, prévenez votre administrateur.",
    ),
    "flow.incident": Sentence(
        "Un incident chez Chorus Pro a empêché le traitement du flux {flow} : il n'a pas compté.",
        "Rien à faire : la facture est envoyée de nouveau.",
    ),
    "flow.integrating": Sentence(
        "Chorus Pro a reçu la facture (flux {flow}) et doit encore l'intégrer[ ; état : {status}].",
        "Rien à faire, et surtout ne la déposez pas une seconde fois : le résultat vient en quelques minutes ou heures.",
    ),
    "flow.slow": Sentence(
        "Chorus Pro a reçu la facture (flux {flow}) il y a plus d'un jour et ne l'a toujours pas intégrée[ ; état :"
        " {status}].",
        "Ne la déposez pas une seconde fois. Demandez au support de Chorus Pro ce que devient ce flux ; le programme"
        " continue de le suivre.",
    ),
    "flow.integrated": Sentence(
        "Chorus Pro a intégré la facture (flux {flow}), mais elle n'apparaît pas encore dans « Factures émises ».",
        "Rien à faire, et surtout ne la déposez pas une seconde fois : le programme continue de la chercher.",
    ),
}

STATUSES: Mapping[str, str] = {  # states of a flow (api.md 3.10)
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": "en attente de traitement",
    "IN_RECU": "reçu",
    "IN_TRAITE_SE_CPP": "contrôlé",
    "IN_EN_ATTENTE_TRAITEMENT_CPP": "en attente de son tour",
    "IN_EN_COURS_TRAITEMENT_CPP": "en cours de traitement",
    "IN_EN_ATTENTE_RETRAITEMENT_CPP": "bloqué, en attente d'une relance par Chorus Pro",
    "IN_INCIDENTE": "non traité (incident)",
    "IN_REJETE": "rejeté",
    "IN_INTEGRE": "intégré",
    "IN_INTEGRE_PARTIEL": "intégré en partie",
    "IN_A_RELANCER": "à relancer par Chorus Pro",
    "IN_ERREUR_INTERNE": "erreur interne de Chorus Pro",
    "QP_RECEVABLE": "recevable",
    "QP_RECEVABLE_AVEC_ERREUR": "recevable avec erreur",
    "QP_IRRECEVABLE": "irrecevable",
}
