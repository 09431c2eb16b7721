"""French: what is said of an invoice that came back, and of its correction."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "returned.recycle": Sentence(
        "Elle est à recycler ({status}[, le {when}]) : le destinataire[ {name}] dit qu'elle ne lui est pas bien adressée.[ Motif : «"
        " {comment} ».]",
        "Corrigez dans le fichier .yaml le SIRET, le code service ou le numéro d'engagement ; gardez le même numéro de facture.",
    ),
    "returned.suspended": Sentence(
        "Elle est suspendue ({status}[, le {when}]) : le destinataire[ {name}] attend un complément avant de payer.[ Motif : «"
        " {comment} ».]",
        "Joignez la pièce demandée à côté du PDF, ou répondez dans la ligne « commentaire » du fichier .yaml ; ne changez rien"
        " d'autre.",
    ),
    "returned.rejected": Sentence(
        "Elle est rejetée ({status}[, le {when}]) : le destinataire[ {name}] la refuse définitivement.[ Motif : « {comment} ».]",
        "Établissez une nouvelle facture avec un nouveau numéro. Le rejet doit être acquitté (obligatoire au bout de 7 jours) :"
        " écrivez « acquitter: oui » dans le fichier .yaml.",
    ),
    "returned.validator": Sentence(
        "Elle est bloquée par la validation ({status}[, le {when}]), avant d'avoir atteint le destinataire[ {name}].[ Motif :"
        " « {comment} ».]",
        "Ouvrez-la sur le portail Chorus Pro, dans « Factures émises », et voyez avec le valideur ; le programme suit la suite.",
    ),
    "returned.other": Sentence(
        "Elle est arrêtée ({status}[, le {when}]) : le destinataire[ {name}] ne la traite pas.[ Motif : « {comment} ».]",
        "Ouvrez-la sur le portail Chorus Pro, dans « Factures émises », ou appelez votre client ; le programme suit la suite.",
    ),
    "returned.keeps_number": Sentence(
        "La facture {number}, revenue de chez votre client, garde son numéro : elle ne peut pas devenir[ « {value} »] une autre.",
        "Remettez le numéro {number} dans le fichier .yaml ; si c'est une autre facture, donnez au fichier un autre nom.",
    ),
    "returned.only_recipient": Sentence(
        "Une facture à recycler garde ce qui a été déposé : {field}[ ({value})] ne peut plus changer.",
        "Corrigez seulement le SIRET, le code service, le numéro d'engagement ou le numéro de marché ; remettez le reste comme"
        " avant.",
    ),
    "returned.only_addition": Sentence(
        "Une facture suspendue peut seulement être complétée : {field}[ ({value})] ne peut plus changer.",
        "Remettez cette valeur comme avant, puis ajoutez une pièce jointe ou un commentaire.",
    ),
    "returned.unchanged": Sentence(
        "La facture {number} est à recycler, et rien n'a été corrigé : elle reviendrait de nouveau.",
        "Corrigez dans le fichier .yaml le SIRET, le code service ou le numéro d'engagement, comme le demande votre client.",
    ),
    "returned.nothing_added": Sentence(
        "La facture {number} est suspendue, et rien n'a été ajouté.",
        "Joignez la pièce que demande votre client, ou répondez-lui dans la ligne « commentaire » du fichier .yaml.",
    ),
    "returned.portal": Sentence(
        "La facture {number} ({status}) ne peut pas être corrigée d'ici.",
        "Corrigez-la sur le portail Chorus Pro, dans « Factures émises » ; le programme verra la suite.",
    ),
    "returned.moved_on": Sentence(
        "La facture {number} n'attend plus de correction : son statut sur Chorus Pro est maintenant {status}.",
        "Rien à corriger. Si vous veniez de la corriger, rien n'a été envoyé ; en cas de doute, regardez-la sur le portail.",
    ),
    "returned.new_number": Sentence(
        "Votre client a rejeté la facture {number}[ (n° Chorus Pro {chorus_id})] : ce numéro ne peut plus servir.",
        "Donnez un nouveau numéro à la nouvelle facture, dans le PDF et dans le fichier .yaml. Pour acquitter le rejet, ajoutez-y"
        " « acquitter: oui ».",
    ),
    "returned.acknowledged": Sentence(
        "Le rejet de la facture {number}[ (n° Chorus Pro {chorus_id})] est acquitté : ce numéro ne servira plus.",
        "Rien de plus ici. La nouvelle facture, s'il en faut une, doit porter un nouveau numéro.",
    ),
    "returned.pdf_kept": Sentence(
        "Le PDF a changé, mais Chorus Pro garde celui du premier dépôt de la facture {number}.",
        "Rien à faire si la différence est sans importance ; sinon, voyez avec votre client.",
    ),
    "returned.file_gone": Sentence(
        "Le fichier « {name} » n'était plus dans le dossier des factures envoyées.",
        "Pour corriger la facture, remettez aussi ce fichier dans le dossier de dépôt.",
    ),
    "acknowledge.nothing": Sentence(
        "La ligne « acquitter: oui » ne correspond à aucune facture rejetée, ou son rejet est déjà acquitté.",
        "Rien à faire.",
    ),
    "followed.silent": Sentence(
        "Ce destinataire[ ({name})] ne fait pas remonter la mise en paiement : Chorus Pro n'en dira pas plus.",
        "Rien à faire : vérifiez le paiement sur votre compte.",
    ),
    "followed.ended": Sentence(
        "Cette facture n'est plus suivie : son statut ({status}) ne changera plus.",
        "Si ce n'était pas voulu, regardez-la sur le portail Chorus Pro.",
    ),
}
