"""French: what is wrong with an invoice's own data, and what its recipient requires."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "siret.format": Sentence(
        "« {value} » n'est pas un SIRET : il faut 14 chiffres.",
        "Recopiez les 14 chiffres du bon de commande à la ligne « {field_name} ».",
    ),
    "siret.checksum": Sentence(
        "Le SIRET {value} n'existe pas : ses chiffres de contrôle ne correspondent pas (une faute de frappe, sans doute).",
        "Vérifiez-le sur le bon de commande ou dans l'annuaire de Chorus Pro, puis corrigez la ligne « {field_name} ».",
    ),
    "siret.alias": Sentence(
        "« {value} » n'est ni un SIRET ni un nom du carnet de destinataires.",
        "[Vouliez-vous écrire « {nearest} » ? ]Indiquez à la ligne « {field_name} » les 14 chiffres du SIRET, ou un nom du carnet.",
    ),
    "number.too_long": Sentence(
        "Le numéro de facture « {value} » compte {length} caractères : Chorus Pro en accepte 20 au plus.",
        "Si le numéro imprimé sur la facture est plus court, corrigez-le ; sinon, refaites la facture avec un numéro de"
        " 20 caractères au plus.",
    ),
    "number.characters": Sentence(
        "Le numéro de facture « {value} » contient des caractères que Chorus Pro refuse : {characters} (␠ est une"
        " espace).",
        "N'employez que des lettres sans accent, des chiffres et les signes - _ / +.",
    ),
    "number.date": Sentence(
        "Le numéro de facture « {value} » est une simple date : Chorus Pro le refuse.",
        "Indiquez le numéro imprimé sur la facture ; s'il n'est qu'une date, refaites la facture avec un vrai numéro.",
    ),
    "date.format": Sentence(
        "« {value} » n'est pas une date[ ({field})].",
        "Écrivez-la comme 24/11/2026.",
    ),
    "date.future": Sentence(
        "La date de facture, {value}, est dans l'avenir (nous sommes le {today}).",
        "Corrigez la date, ou attendez ce jour pour déposer la facture.",
    ),
    "amount.format": Sentence(
        "« {value} » n'est pas un montant clair[ ({field})].",
        "Écrivez-le comme 1234,50.",
    ),
    "field.choice": Sentence(
        "« {value} » n'est pas une valeur acceptée[ ({field})].",
        "Choisissez l'une de ces valeurs : {allowed}.",
    ),
    "field.too_long": Sentence(
        "« {value} » est trop long ({field}) : Chorus Pro accepte {limit} caractères au plus.",
        "Raccourcissez la ligne « {field_name} ».",
    ),
    "field.vat_lines": Sentence(
        "Le détail de la TVA n'est pas écrit comme il faut[ : « {value} »].",
        "Sous « lignes_tva: », écrivez pour chaque taux « - taux: 20 », puis, alignés dessous, « base: 100,00 » et"
        " « montant: 20,00 ».",
    ),
    "cadre.works": Sentence(
        "Le cadre de facturation {value} est celui d'une facture de travaux : Chorus Pro ne la prend pas par ce chemin.",
        "Déposez-la sur le portail, écran « Factures de travaux » ; si ce n'en est pas une, corrigez le cadre : A1, A2, A9"
        " ou A12.",
    ),
    "cadre.justice": Sentence(
        "Le cadre de facturation {value} est celui d'un mémoire de frais de justice : Chorus Pro ne le prend pas par ce"
        " chemin.",
        "Déposez-le sur le portail, écran « Mémoires de frais de justice » ; si ce n'en est pas un, corrigez le cadre :"
        " A1, A2, A9 ou A12.",
    ),
    "cadre.refund": Sentence(
        "Le cadre de facturation {value} est celui d'une demande de remboursement de la TIC : Chorus Pro ne la prend pas"
        " par ce chemin.",
        "Déposez-la sur le portail, écran « Demandes de remboursement TIC » ; si ce n'en est pas une, corrigez le cadre :"
        " A1, A2, A9 ou A12.",
    ),
    "cadre.paid": Sentence(
        "Il ne reste rien à payer, mais le cadre de facturation ne dit pas que la facture est déjà payée.",
        "Si elle l'est, écrivez la prochaine fois « cadre: A2 ».",
    ),
    "validator.missing": Sentence(
        "Avec le cadre de facturation {cadre}, le SIRET du valideur (le titulaire ou le mandataire) est obligatoire.",
        "Indiquez-le à la ligne « valideur ».",
    ),
    "validator.same": Sentence(
        "Le valideur {value} ne peut être ni le destinataire ni le fournisseur de la facture.",
        "Indiquez à la ligne « valideur » le SIRET du titulaire (cadre A9) ou du mandataire (cadre A12) du marché.",
    ),
    "validator.unused": Sentence(
        "Un valideur est indiqué, mais le cadre de facturation {cadre} n'en a pas.",
        "Si vous êtes sous-traitant, écrivez « cadre: A9 » ; cotraitant, « cadre: A12 » ; sinon, retirez la ligne"
        " « valideur ».",
    ),
    "exemption.missing": Sentence(
        "La facture est exonérée de TVA, mais le motif de l'exonération manque.",
        "Indiquez-le à la ligne « motif_exoneration », comme il est écrit sur la facture.",
    ),
    "exemption.unknown": Sentence(
        "Le motif d'exonération « {value} » n'est pas dans la liste de Chorus Pro.",
        "Indiquez à la ligne « motif_exoneration » l'un de ceux-ci : {known}.",
    ),
    "exemption.unlisted": Sentence(
        "Le motif d'exonération lu dans le PDF, « {value} », n'est pas dans la liste de Chorus Pro : la facture est"
        " déclarée « sans TVA ».",
        "Si l'un de ceux-ci convient, indiquez-le la prochaine fois à la ligne « motif_exoneration » : {known}.",
    ),
    "origin.missing": Sentence(
        "Cet avoir ne dit pas quelle facture il corrige : votre client ne pourrait pas le rattacher.",
        "Indiquez le numéro de cette facture à la ligne « origine » ; s'il n'y en a aucune en particulier (remise de fin"
        " d'année), écrivez « origine: aucune ».",
    ),
    "origin.same": Sentence(
        "Cet avoir donne son propre numéro, {value}, pour celui de la facture qu'il corrige.",
        "Indiquez à la ligne « origine » le numéro de la facture d'origine.",
    ),
    "type.unsaid": Sentence(
        "« {value} » s'appelle comme un avoir, et rien dans le PDF ne dit si c'en est un.",
        "Écrivez « type: avoir » ou « type: facture » dans le fichier .yaml.",
    ),
    "type.name": Sentence(
        "« {value} » s'appelle comme un avoir, mais le PDF dit que c'est une facture : c'est comme facture qu'elle est"
        " traitée.",
        "Vérifiez-le ; si c'est un avoir, il faut en refaire le PDF et écrire « type: avoir ».",
    ),
    "type.differs": Sentence(
        "Le PDF se contredit : {first} ({first_source}), {second} ({second_source}).",
        "Si c'est un avoir, écrivez « type: avoir » dans le fichier .yaml ; si c'est une facture, refaites-en le PDF.",
    ),
    "totals.sum": Sentence(
        "Les montants ne s'accordent pas : {ht} HT et {tva} de TVA font {sum}, et non {ttc} TTC.",
        "Vérifiez les trois montants sur la facture et corrigez « ht », « tva » ou « ttc ».",
    ),
    "totals.vat_base": Sentence(
        "Les bases du détail de la TVA font {lines}, et non {ht} HT.",
        "Corrigez « lignes_tva » ou « ht » d'après la facture.",
    ),
    "totals.vat_tax": Sentence(
        "Les montants du détail de la TVA font {lines}, et non {tva}.",
        "Corrigez « lignes_tva » ou « tva » d'après la facture.",
    ),
    "totals.payable": Sentence(
        "Le net à payer ({a_payer}) dépasse le montant TTC ({ttc}).",
        "Corrigez « a_payer » ou « ttc » d'après la facture.",
    ),
    "totals.discount": Sentence(
        "La remise ({remise}) et le net à payer ({a_payer}) ne tiennent pas dans le montant TTC ({ttc}).",
        "Le montant TTC s'entend avant la remise : corrigez « remise », « a_payer » ou « ttc » d'après la facture.",
    ),
    "totals.vat_regime": Sentence(
        "Le régime de TVA est « sans TVA », mais la facture porte {tva} de TVA.",
        "Retirez la ligne « regime_tva », ou corrigez « tva » d'après la facture.",
    ),
    "totals.sign": Sentence(
        "Le montant TTC est négatif ({ttc}), mais le document est annoncé comme une facture.",
        "Si c'est un avoir, écrivez « type: avoir » et, à la ligne « origine », la facture qu'il corrige ; sinon, corrigez"
        " les montants.",
    ),
    "missing.field": Sentence(
        "Il manque une information : {field}.",
        "Complétez la ligne « {field_name} » du fichier .yaml.",
    ),
    "conflict.sources": Sentence(
        "Deux indications se contredisent ({field}) : {first} ({first_source}), {second} ({second_source}).",
        "Corrigez celle des deux qui est fausse.",
    ),
    "mismatch.pdf": Sentence(
        "Le PDF dit autre chose ({field}) : {pdf} dans le PDF, {ours} d'après : {source}.",
        "Vérifiez que c'est le bon PDF ; s'il l'est, corrigez « {field_name} ».",
    ),
    "mismatch.pdf_warn": Sentence(
        "Le PDF semble dire autre chose ({field}) : {pdf} dans le PDF, {ours} d'après : {source}.",
        "Vérifiez que c'est le bon PDF.",
    ),
    "mismatch.chorus": Sentence(
        "Chorus Pro a lu autre chose dans le PDF ({field}) : {chorus}, au lieu de {ours}.",
        "Vérifiez que c'est le bon PDF ; s'il l'est, écrivez à la ligne « {field_name} » ce qui y est imprimé : Chorus Pro"
        " a pu mal lire.",
    ),
    "mismatch.chorus_warn": Sentence(
        "Chorus Pro semble avoir lu autre chose dans le PDF ({field}) : {chorus}, au lieu de {ours}.",
        "Vérifiez que c'est le bon PDF.",
    ),
    "supplier.differs": Sentence(
        "Le PDF porte le SIRET fournisseur {pdf}, et la facture part au nom du SIRET {ours}.",
        "Vérifiez que la facture est bien la vôtre, déposée dans le bon dossier.",
    ),
    "recipient.unknown": Sentence(
        "Chorus Pro ne connaît aucun destinataire avec le SIRET {siret}.",
        "Vérifiez sur le bon de commande que c'est le SIRET de l'établissement à facturer, et non celui du siège.",
    ),
    "recipient.inactive": Sentence(
        "Le destinataire [{name} ](SIRET {siret}) n'est plus actif sur Chorus Pro.",
        "Demandez à votre client quel SIRET l'a remplacé, puis corrigez la ligne « siret ».",
    ),
    "service.required": Sentence(
        "Ce destinataire[, {name},] exige un code service.",
        "Recopiez-le du bon de commande à la ligne « service ».[ Codes connus : {known}.]",
    ),
    "service.unknown": Sentence(
        "Le code service « {service} » n'existe pas chez ce destinataire[ ({name})].",
        "Corrigez la ligne « service » d'après le bon de commande.[ Codes connus : {known}.]",
    ),
    "service.inactive": Sentence(
        "Le code service « {service} » n'est plus actif chez ce destinataire[ ({name})].",
        "Demandez à votre client le nouveau code service, puis corrigez la ligne « service ».",
    ),
    "service.public": Sentence(
        "« {service} » n'est pas un vrai code service : il sert aux factures entre administrations.",
        "Indiquez le code service du bon de commande, ou laissez la ligne « service » vide s'il n'y en a pas.",
    ),
    "engagement.required": Sentence(
        "Ce destinataire[, {name},] exige un numéro d'engagement.",
        "Recopiez-le du bon de commande à la ligne « engagement ».",
    ),
    "engagement.required_by_service": Sentence(
        "Le service « {service} »[ ({name})] exige un numéro d'engagement.",
        "Recopiez-le du bon de commande à la ligne « engagement ».",
    ),
    "engagement.or_service": Sentence(
        "Ce destinataire[, {name},] exige un code service ou un numéro d'engagement.",
        "Indiquez à la ligne « service » ou « engagement » celui qui figure sur le bon de commande.",
    ),
    "engagement.pattern": Sentence(
        "Le numéro d'engagement « {value} » n'a pas la forme attendue[ par {name}] (règle du carnet : {pattern}).",
        "Vérifiez-le sur le bon de commande et corrigez la ligne « engagement ».",
    ),
    "duplicate.number": Sentence(
        "La facture {number} a déjà été envoyée[ le {when}] ({file}[, n° Chorus Pro {chorus_id}])[ ; son statut : {status}].",
        "Si c'est la même facture, il n'y a rien à faire : supprimez ce fichier ; elle n'est pas à recycler, donc plus rien ne"
        " peut y être corrigé. Si c'en est une autre, donnez-lui son propre numéro.",
    ),
    "duplicate.in_progress": Sentence(
        "La facture {number} est déjà en cours d'envoi ({file}).",
        "Attendez la fin de cet envoi. Si ce fichier est une autre facture, donnez-lui son propre numéro.",
    ),
    "duplicate.bytes": Sentence(
        "Ce PDF a déjà été envoyé, sans aucune différence : facture {number}[, le {when}] ({file}[, n° Chorus Pro"
        " {chorus_id}])[ ; son statut : {status}].",
        "Il n'y a rien à faire : supprimez ce fichier ; elle n'est pas à recycler, donc plus rien ne peut y être corrigé. Si"
        " vous attendiez une autre facture, vérifiez le PDF.",
    ),
    "duplicate.returned": Sentence(
        "La facture {number} a déjà été envoyée ({file}[, n° Chorus Pro {chorus_id}]) et elle est revenue ({status}).",
        "Corrigez le fichier .yaml de {file} dans le dossier « failed », et remettez ce PDF et ce .yaml ensemble dans le dossier"
        " de dépôt ; supprimez ce fichier-ci.",
    ),
    "duplicate.portal": Sentence(
        "Chorus Pro a déjà une facture {number}[, déposée le {when}] (n° {chorus_id}[, {status}]).",
        "Si c'est la même facture, il n'y a rien à faire : supprimez ce fichier. Si c'en est une autre, donnez-lui son"
        " propre numéro.",
    ),
}
