"""French: what Chorus Pro refuses, and what keeps an invoice waiting."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "chorus.refused": Sentence(
        "Chorus Pro a refusé la facture : « {label} »[ (code {code})].",
        "Corrigez l'information dont parle ce message. Le même numéro de facture peut resservir, puisque rien n'a été"
        " déposé.",
    ),
    "chorus.too_big": Sentence(
        "Chorus Pro a refusé le fichier : il est trop lourd.",
        "Allégez le PDF (numérisation en noir et blanc, images moins fines), ou retirez-en les annexes.",
    ),
    "chorus.other_invoice": Sentence(
        "Chorus Pro a déjà une facture {number} à votre nom (n° {chorus_id}), et ce n'est pas celle-ci[ ; diffèrent :"
        " {differs}].",
        "Comparez les deux sur le portail. Si celle-ci est bien une autre facture, donnez-lui son propre numéro.",
    ),
    "chorus.not_taken": Sentence(
        "Après {tries} essais restés sans réponse claire, Chorus Pro n'a pas cette facture[ (détail technique :"
        " {detail})].",
        "Vérifiez sur le portail, dans « Factures émises », qu'elle n'y est pas, puis déposez-la de nouveau. Si cela"
        " se répète, prévenez votre administrateur.",
    ),
    "outage.unreachable": Sentence(
        "Chorus Pro ne répond pas pour le moment[ (détail technique : {detail})].",
        "Rien à faire : l'envoi reprendra tout seul.",
    ),
    "outage.maintenance": Sentence(
        "Chorus Pro est en maintenance[ (réponse {status})].",
        "Rien à faire : l'envoi reprendra tout seul.",
    ),
    "outage.quota": Sentence(
        "Trop d'envois en peu de temps : PISTE, l'accès à Chorus Pro, demande d'attendre[ {seconds}].",
        "Rien à faire : l'envoi reprendra tout seul.",
    ),
    "outage.piste_credentials": Sentence(
        "PISTE, l'accès à Chorus Pro, refuse les identifiants de l'application[ (détail technique : {detail})].",
        "Prévenez votre administrateur : il faut vérifier l'identifiant et le secret de l'application PISTE, et qu'ils"
        " sont bien ceux de cet environnement. Les factures partiront ensuite toutes seules.",
    ),
    "outage.technical_account": Sentence(
        "Chorus Pro refuse le compte technique : mot de passe faux ou expiré (il dure 424 jours)[ (détail technique :"
        " {detail})].",
        "Prévenez votre administrateur : le gestionnaire principal renouvelle ce mot de passe sur le portail. Les"
        " factures partiront ensuite toutes seules.",
    ),
    "outage.forbidden": Sentence(
        "PISTE interdit à votre application l'accès à Chorus Pro[ : il lui manque l'API {api}].",
        "Prévenez votre administrateur : dans PISTE, l'application doit avoir les API Factures, Structures, Transverses et"
        " Utilisateurs du bon environnement, cochées et leurs conditions acceptées. Les factures partiront ensuite toutes"
        " seules.",
    ),
    "outage.wrong_route": Sentence(
        "L'adresse configurée pour Chorus Pro n'est pas la bonne[ (réponse {status})].",
        "Prévenez votre administrateur : il faut vérifier les adresses (« endpoints ») de la configuration. Les factures"
        " partiront ensuite toutes seules.",
    ),
    "outage.not_attached": Sentence(
        "Le compte technique n'est pas rattaché à votre structure (SIRET {siret}) sur Chorus Pro.",
        "Demandez ce rattachement au gestionnaire principal de la structure. Les factures partiront ensuite toutes"
        " seules.",
    ),
    "outage.storage": Sentence(
        "Le disque du programme est plein ou en panne[ (détail technique : {detail})].",
        "Prévenez votre administrateur. Les factures partiront ensuite toutes seules.",
    ),
    "doubt.no_answer": Sentence(
        "La réponse de Chorus Pro s'est perdue : la facture est peut-être arrivée[ (détail technique : {detail})].",
        "Rien à faire, et surtout ne la déposez pas une seconde fois : Chorus Pro va être interrogé.",
    ),
    "doubt.forgotten": Sentence(
        "Le registre du programme a été perdu ou remplacé par une copie ancienne : cette facture est peut-être déjà partie.",
        "Rien à faire, et surtout ne la déposez pas une seconde fois : Chorus Pro va être interrogé avant tout envoi.",
    ),
    "doubt.person": Sentence(
        "Chorus Pro ne trouve pas la facture {number}, mais un envoi est resté sans réponse : une personne doit décider.",
        "Cherchez {number} sur le portail, dans « Factures émises », et dites à votre administrateur si elle y est ; ne"
        " la déposez pas une seconde fois.",
    ),
    "doubt.several": Sentence(
        "Chorus Pro a plusieurs factures {number} qui ressemblent à celle-ci (n° {ids}) : une personne doit décider.",
        "Regardez-les sur le portail, dans « Factures émises », et dites à votre administrateur laquelle est la bonne ;"
        " ne déposez pas celle-ci une seconde fois.",
    ),
    "wait.writing": Sentence(
        "Le fichier est encore en cours de copie.",
        "Rien à faire : il sera pris dès que la copie sera finie.",
    ),
    "wait.quiet": Sentence(
        "Le fichier vient d'arriver : le programme attend qu'il ne change plus.",
        "Rien à faire : il sera pris dans quelques instants.",
    ),
    "wait.sidecar": Sentence(
        "Il manque des informations[ ({lacks})] : un fichier .yaml est attendu[ jusqu'au {until}].",
        "Déposez à côté du PDF un fichier du même nom qui finit par .yaml ; sans lui, la facture sera mise de côté avec une explication.",
    ),
    "wait.incomplete": Sentence(
        "Le PDF est vide ou incomplet : la fin de la copie est attendue[ jusqu'au {until}].",
        "Si aucune copie n'est en cours, copiez de nouveau le PDF d'origine.",
    ),
    "wait.processing": Sentence(
        "La facture est en cours d'envoi.",
        "Rien à faire : son fichier sera rangé dès que Chorus Pro aura répondu.",
    ),
    "wait.not_readable": Sentence(
        "Le programme n'a pas le droit de lire ce fichier, ou une autre application le bloque[ (détail technique :"
        " {detail})].",
        "Fermez le fichier s'il est ouvert ; si cela ne suffit pas, demandez à votre administrateur d'en revoir les"
        " droits.",
    ),
}
