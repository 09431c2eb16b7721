"""French: what is said of attachments."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "attachment.unsafe": Sentence(
        "La pièce jointe « {name} » n'est pas acceptée[ : c'est {kind}]. Il faut un fichier ordinaire, à côté de la facture.",
        "Placez le fichier dans le même dossier que la facture et n'indiquez que son nom.",
    ),
    "attachment.unnamed": Sentence(
        "Une pièce jointe est annoncée sans nom de fichier[ ({value})].",
        "Écrivez le nom du fichier après « fichier: ».",
    ),
    "attachment.in_defaults": Sentence(
        "Des pièces jointes ({names}) sont annoncées pour tout un dossier ou dans la configuration : ce n'est pas possible.",
        "Nommez-les dans le fichier .yaml de chaque facture, et placez-en une copie à côté de chacune.",
    ),
    "attachment.invoice": Sentence(
        "« {name} » est annoncé comme pièce jointe, mais c'est une facture : il a son propre fichier .yaml ou ses pièces"
        " jointes.",
        "Retirez son nom de la ligne « pieces_jointes », ou joignez-en une copie qui porte un autre nom.",
    ),
    "attachment.shared": Sentence(
        "La pièce jointe « {name} » est réclamée aussi par une autre facture[ ({other})] : elle n'est partie avec aucune.",
        "Déposez une copie pour chaque facture, sous deux noms différents.",
    ),
    "attachment.double": Sentence(
        "Deux fichiers répondent au nom d'une même pièce jointe : « {name} » et « {other} ».",
        "Gardez le bon, et retirez l'autre du dossier.",
    ),
    "attachment.type": Sentence(
        "Chorus Pro ne connaît pas le type « {value} » donné à la pièce jointe « {name} ».",
        "Choisissez un type de cette liste : {allowed}.",
    ),
    "attachment.missing": Sentence(
        "La pièce jointe « {name} » est annoncée, mais elle n'est pas là.",
        "Déposez ce fichier à côté de la facture, ou retirez son nom de la ligne « pieces_jointes ».",
    ),
    "attachment.empty": Sentence(
        "La pièce jointe « {name} » est vide : Chorus Pro la refuserait.",
        "Remplacez-la par le bon fichier, ou retirez-la.",
    ),
    "attachment.too_big": Sentence(
        "La pièce jointe « {name} » est trop lourde : {size}, alors que Chorus Pro accepte {limit} au plus.",
        "Allégez ce fichier, ou partagez-le en plusieurs.",
    ),
    "attachment.extension": Sentence(
        "Chorus Pro n'accepte pas les pièces jointes de la sorte de « {name} ».",
        "Enregistrez cette pièce en PDF, puis joignez le PDF.",
    ),
    "attachments.too_big": Sentence(
        "La facture et ses pièces jointes sont trop lourdes ensemble : {size}, alors que Chorus Pro accepte {limit}.",
        "Allégez les pièces jointes, ou retirez celles qui ne sont pas nécessaires.",
    ),
    "wait.attachment": Sentence(
        "Une pièce jointe annoncée n'est pas encore là ({names}) : elle est attendue[ jusqu'au {until}].",
        "Déposez ce fichier à côté de la facture ; sans lui, la facture sera mise de côté avec une explication.",
    ),
    "wait.its_invoice": Sentence(
        "Ce fichier est une pièce jointe de la facture « {file} », qui est dans « failed » : il l'attend.",
        "Corrigez cette facture et remettez-la, avec son fichier .yaml, à côté de lui. Si c'est une facture, changez son nom.",
    ),
}
