"""French: what is wrong with files, sidecars, file names and attachments."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "file.not_pdf": Sentence(
        "Ce fichier n'est pas un PDF, même si son nom finit par .pdf.",
        "Ouvrez la facture dans le logiciel qui l'a produite, enregistrez-la au format PDF et déposez ce nouveau fichier.",
    ),
    "file.empty": Sentence(
        "Le fichier est vide : il ne contient rien.",
        "Enregistrez de nouveau la facture au format PDF, puis déposez-la.",
    ),
    "file.truncated": Sentence(
        "Le PDF est incomplet : la fin du fichier manque (une copie interrompue, sans doute).",
        "Copiez de nouveau le PDF d'origine et attendez la fin de la copie.",
    ),
    "file.encrypted": Sentence(
        "Le PDF est protégé (mot de passe ou chiffrement) : Chorus Pro ne peut pas le lire.",
        "Enregistrez-le sans protection et déposez cette version.",
    ),
    "file.too_big": Sentence(
        "Le PDF est trop lourd : {size}, alors que Chorus Pro accepte {limit} au plus.",
        "Allégez-le (numérisation en noir et blanc, images moins fines), ou retirez-en les annexes et déposez-les à côté"
        " sous le nom de la facture suivi de _PJ1.",
    ),
    "file.unreadable": Sentence(
        "Le PDF n'a pas pu être lu : il est sans doute abîmé[ (détail technique : {detail})].",
        "Ouvrez-le pour le vérifier, puis enregistrez de nouveau la facture au format PDF.",
    ),
    "file.facturx_refused": Sentence(
        "Ce PDF est une facture Factur-X, et la configuration demande de ne pas envoyer ces fichiers.",
        "Enregistrez la facture en PDF simple, sans Factur-X, ou demandez à votre administrateur de revoir le réglage"
        " « facturx ».",
    ),
    "file.facturx_signed": Sentence(
        "Ce PDF est à la fois signé et au format Factur-X : en retirer les données Factur-X casserait la signature.",
        "Produisez la facture sans Factur-X, ou bien sans signature électronique.",
    ),
    "file.signed": Sentence(
        "Le PDF porte une signature électronique : il est déclaré « PDF signé » (PAdES) et envoyé tel quel.",
        "Rien à faire.",
    ),
    "file.not_regular": Sentence(
        "Ce n'est pas un fichier ordinaire ({kind}) : il n'a pas été touché.",
        "Copiez à sa place le fichier PDF lui-même.",
    ),
    "file.unsafe_name": Sentence(
        "Le nom du fichier contient des caractères invisibles ou inhabituels.",
        "Rien à faire pour cette facture ; à l'avenir, préférez des lettres, des chiffres et des tirets.",
    ),
    "file.other_kind": Sentence(
        "Le fichier « {name} » n'est ni une facture en PDF ni un fichier qui l'accompagne : il n'a pas été touché.",
        "Si c'est une facture, enregistrez-la au format PDF ; sinon, vous pouvez retirer ce fichier.",
    ),
    "file.edited": Sentence(
        "Le fichier a été modifié pendant l'envoi : c'est la version d'avant qui a été envoyée, sa copie est à côté.",
        "Rien à faire si la modification est sans importance ; sinon, vérifiez la facture sur le portail Chorus Pro.",
    ),
    "file.gone": Sentence(
        "Le fichier « {name} » a été retiré pendant l'envoi.",
        "Rien à faire : ce qui a été envoyé reste conservé.",
    ),
    "sidecar.too_big": Sentence(
        "Le fichier .yaml est trop gros ({limit} au plus) : ce n'est sans doute pas le bon.",
        "Remplacez-le par un fichier qui ne contient que les informations de la facture.",
    ),
    "sidecar.encoding": Sentence(
        "Le fichier .yaml n'est pas un texte lisible.",
        "Ouvrez-le avec le Bloc-notes et enregistrez-le en choisissant le codage UTF-8.",
    ),
    "sidecar.cp1252": Sentence(
        "Le fichier .yaml est dans un ancien codage de Windows : ses accents ont été lus ainsi.",
        "Rien à faire si les accents sont justes ; à l'avenir, enregistrez-le en UTF-8.",
    ),
    "sidecar.syntax": Sentence(
        "Cette ligne n'est pas écrite comme il faut[ (détail technique : {detail})].",
        "Écrivez une information par ligne, sous la forme « nom: valeur », avec une espace après les deux-points.",
    ),
    "sidecar.anchor": Sentence(
        "Une valeur commence par & ou par *, ce qui a un sens particulier dans ce fichier.",
        'Mettez la valeur entre guillemets droits, par exemple : commentaire: "*urgent*".',
    ),
    "sidecar.tag": Sentence(
        "Une valeur commence par un point d'exclamation, ce qui a un sens particulier dans ce fichier.",
        'Mettez la valeur entre guillemets droits, par exemple : commentaire: "!urgent".',
    ),
    "sidecar.documents": Sentence(
        "Le fichier contient une seconde partie, après une ligne faite de trois tirets.",
        "Gardez une seule facture par fichier .yaml et supprimez la ligne de trois tirets.",
    ),
    "sidecar.depth": Sentence(
        "Le fichier contient trop de niveaux ou trop de lignes.",
        "Écrivez simplement une information par ligne, sans espaces au début, sous la forme « nom: valeur ».",
    ),
    "sidecar.not_mapping": Sentence(
        "Le fichier .yaml ne contient pas de lignes de la forme « nom: valeur ».",
        "Écrivez une information par ligne, avec une espace après les deux-points, par exemple : numero: FA-2026-001.",
    ),
    "sidecar.empty": Sentence(
        "Le fichier .yaml est vide.",
        "Rien à faire si la facture est complète sans lui ; sinon, écrivez-y les informations qui manquent.",
    ),
    "sidecar.duplicate_key": Sentence(
        "L'information « {key} » est donnée deux fois.",
        "Gardez une seule des deux lignes.",
    ),
    "sidecar.unknown_key": Sentence(
        "L'information « {key} » n'est pas connue.",
        "[Vouliez-vous écrire « {nearest} » ? ]Corrigez le nom ou supprimez la ligne.",
    ),
    "sidecar.not_text": Sentence(
        "« {key} » attend une seule valeur, et le fichier en donne plusieurs.",
        "Écrivez une seule valeur sur la ligne, sous la forme « {key}: valeur » ; entre guillemets droits si elle"
        " contient des crochets, des accolades ou deux-points.",
    ),
    "sidecar.several": Sentence(
        "Plusieurs fichiers d'informations accompagnent cette facture : {names}.",
        "Gardez un seul fichier .yaml par facture.",
    ),
    "sidecar.required": Sentence(
        "La facture doit être accompagnée d'un fichier .yaml, et il n'y en a pas.",
        "Déposez à côté du PDF un fichier du même nom qui finit par .yaml.",
    ),
    "sidecar.alone": Sentence(
        "Ce fichier .yaml attend une facture qui n'est jamais arrivée.",
        "Déposez le PDF du même nom, ou retirez le fichier .yaml.",
    ),
    "filename.ambiguous": Sentence(
        "Le nom du fichier peut se lire de deux façons : « {first} » ou « {second} ».",
        "Renommez le PDF, ou indiquez le SIRET, le numéro et l'engagement dans un fichier .yaml du même nom.",
    ),
}
