"""French: what is said of the account and its credentials, and of what recipients require."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

_THEN = " Les factures partiront ensuite toutes seules."

PROBLEMS: Mapping[str, Sentence] = {
    "bank_account.ambiguous": Sentence(
        "Plusieurs de vos comptes bancaires déclarés sur Chorus Pro s'appellent « {value} » : {allowed}.",
        "Donnez le numéro du compte, entre parenthèses ci-dessus, plutôt que son nom.",
    ),
    "password.soon": Sentence(
        "Le mot de passe du compte technique expire dans {days} jours, le {when}.",
        "Demandez au gestionnaire principal de la structure de le renouveler sur le portail, et donnez le nouveau au"
        " programme avant cette date.",
    ),
    "password.urgent": Sentence(
        "Le mot de passe du compte technique expire dans {days} jour(s), le {when} : ensuite plus aucune facture ne partira.",
        "Demandez aujourd'hui au gestionnaire principal de la structure de le renouveler sur le portail, et donnez le"
        " nouveau au programme.",
    ),
    "outage.password_expired": Sentence(
        "Chorus Pro refuse le compte technique : son mot de passe a expiré le {when}.",
        "Prévenez votre administrateur : le gestionnaire principal renouvelle ce mot de passe sur le portail. S'il l'a déjà"
        " été, le programme n'a pas encore le nouveau." + _THEN,
    ),
    "outage.credentials_of_sandbox": Sentence(
        "PISTE refuse les identifiants de l'application : ce sont ceux du bac à sable, et la configuration est en production.",
        "Prévenez votre administrateur : il faut l'identifiant et le secret d'une application PISTE de production ; ou,"
        " pour de simples essais, l'environnement d'essai dans la configuration." + _THEN,
    ),
    "outage.credentials_of_production": Sentence(
        "PISTE refuse les identifiants de l'application : ce sont ceux de la production, et la configuration est en bac à"
        " sable (essais).",
        "Prévenez votre administrateur : il faut « environment: production » pour de vrais envois, ou les identifiants de"
        " l'application du bac à sable pour des essais." + _THEN,
    ),
    "outage.attachment_pending": Sentence(
        "Le rattachement du compte technique à votre structure (SIRET {siret}) est encore en cours de validation.",
        "Demandez au gestionnaire principal de la structure de le valider sur le portail." + _THEN,
    ),
    "outage.attachment_refused": Sentence(
        "Le rattachement du compte technique à votre structure (SIRET {siret}) a été refusé.",
        "Voyez avec le gestionnaire principal de la structure pourquoi, et faites une nouvelle demande." + _THEN,
    ),
    "outage.attachment_disabled": Sentence(
        "Le rattachement du compte technique à votre structure (SIRET {siret}) a été désactivé.",
        "Demandez au gestionnaire principal de la structure de le réactiver sur le portail." + _THEN,
    ),
    "outage.attachment_deleted": Sentence(
        "Le rattachement du compte technique à votre structure (SIRET {siret}) a été supprimé.",
        "Demandez au gestionnaire principal de la structure un nouveau rattachement." + _THEN,
    ),
    "recipient.changed": Sentence(
        "Les règles du destinataire ont changé ({name}) : depuis le {when}, il {changes}.",
        "Vérifiez que vos prochaines factures à ce destinataire en tiennent compte.",
    ),
    "recipient.copy": Sentence(
        "Le destinataire a été vérifié d'après ce que Chorus Pro en disait le {when}, sans l'interroger de nouveau.",
        "Rien à faire : avant un envoi, Chorus Pro est toujours interrogé.",
    ),
    "engagement.not_found": Sentence(
        "Chorus Pro ne trouve pas le numéro d'engagement {value} parmi les commandes de l'État qui vous sont adressées.",
        "Comparez-le avec le bon de commande : s'il est faux, Chorus Pro refusera la facture.",
    ),
}

CHECK: Mapping[str, str] = {
    "attached": "Structure {siret} : rattachée au compte technique ; c'est celle de la configuration.[ {answer}]",
    "attached_other": "Structure {siret} : rattachée aussi ; une facture la choisit par « fournisseur: {siret} ».[ {answer}]",
    "book_supplier": "Carnet de destinataires, {alias} : le fournisseur {siret} n'est pas rattaché au compte technique."
    " Corrigez-le, ou demandez ce rattachement.",
    "bank_account": "Compte bancaire « {value} » : connu de Chorus Pro, n° {answer}.",
    "own_service": "Votre code service « {value} » : connu de Chorus Pro.",
    "rights": "Rattachements du compte technique : consultables.",
    "directory": "Annuaire des destinataires : consultable.",
    "invoices": "Factures émises : consultables.",
}

RECIPIENT: Mapping[str, str] = {
    "title": "{name} (SIRET {siret})",
    "unknown": "SIRET {siret} : inconnu de Chorus Pro.",
    "unknown_copy": "SIRET {siret} : absent de l'annuaire du {when}.",
    "no_copy": "Il n'y a pas d'annuaire sur ce poste : chorus-outbox directory le télécharge.",
    "no_siret": "« {value} » n'est ni un SIRET ni un nom du carnet de destinataires.",
    "active": "Peut recevoir des factures.",
    "inactive": "Ne peut plus recevoir de factures (inactif).",
    "needs_either": "Exige un code service ou un numéro d'engagement (au moins l'un des deux).",
    "needs_service": "Exige un code service.",
    "needs_engagement": "Exige un numéro d'engagement.",
    "needs_nothing": "N'exige ni code service ni numéro d'engagement.",
    "payment": "Signale sa mise en paiement.",
    "payment_silent": "Ne signale pas sa mise en paiement : la facture restera à son dernier statut.",
    "services": "Services :",
    "no_services": "N'a pas de service.",
    "service": "  {code} : {name}[ ({notes})]",
    "service_inactive": "inactif",
    "service_engagement": "exige un numéro d'engagement",
    "service_free": "sans numéro d'engagement",
    "book": "Carnet de destinataires : {aliases}.",
    "asked": "D'après Chorus Pro, interrogé le {when}.",
    "copied": "D'après l'annuaire téléchargé le {when}.",
    "downloaded": "Annuaire téléchargé : {count} structures, dans {path}.",
    "change.needs_either": "exige un code service ou un numéro d'engagement",
    "change.needs_either_no_more": "n'exige plus « code service ou numéro d'engagement »",
    "change.needs_service": "exige un code service",
    "change.needs_service_no_more": "n'exige plus de code service",
    "change.needs_engagement": "exige un numéro d'engagement",
    "change.needs_engagement_no_more": "n'exige plus de numéro d'engagement",
    "change.inactive": "ne peut plus recevoir de factures",
    "change.active_again": "peut de nouveau recevoir des factures",
    "change.service_gone": "n'a plus de service {service}",
    "change.service_closed": "a fermé le service {service}",
    "change.service_engagement": "exige un numéro d'engagement pour le service {service}",
    "change.service_engagement_no_more": "n'exige plus de numéro d'engagement pour le service {service}",
    "change.and": " ; ",
    "change.more": "et d'autres changements",
}
