"""French: what is said of attachments."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "attachment.not_yet": Sentence(
        "Cette version ne sait pas encore envoyer de pièces jointes ({names}), et la facture ne part pas sans elles.",
        "Déposez cette facture et ses pièces jointes sur le portail Chorus Pro, ou réunissez le tout dans un seul PDF"
        " et retirez la ligne « pieces_jointes ».",
    ),
    "attachment.unsafe": Sentence(
        "La pièce jointe « {name} » n'est pas acceptée : elle doit être un fichier ordinaire, placé à côté de la facture.",
        "Placez le fichier dans le même dossier que la facture et n'indiquez que son nom.",
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
}
