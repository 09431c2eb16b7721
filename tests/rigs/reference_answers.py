"""Texts of the reference about what is asked and answered: states, exit codes, variables, commands, JSON.

English and French by name, as in ``reference_texts.py``; the English of a command is its own help.
"""

from __future__ import annotations

from collections.abc import Mapping

from reference_texts import Both

STATES: Mapping[str, Both] = {
    "seen": (
        "in the outbox, noticed, not yet taken: its reason says what it waits for",
        "dans outbox, remarquée, pas encore prise : son motif dit ce qu'elle attend",
    ),
    "withdrawn": (
        "taken out of the outbox before it was sent, forgotten, or its rejection acknowledged",
        "retirée de outbox avant l'envoi, oubliée, ou son rejet acquitté",
    ),
    "ready": ("understood and checked, its number reserved", "comprise et vérifiée, son numéro réservé"),
    "waiting": (
        "certainly not arrived; the next try is noted",
        "certainement pas arrivée ; la prochaine tentative est notée",
    ),
    "sending": ("may be on its way right now", "peut-être en route à l'instant"),
    "in_doubt": (
        "may have arrived: Chorus Pro is asked, nothing is sent blindly",
        "peut-être arrivée : Chorus Pro est interrogé, rien n'est renvoyé à l'aveugle",
    ),
    "integrating": (
        "handed over as a flow (Factur-X); its report is awaited",
        "remise comme flux (Factur-X) ; le compte rendu est attendu",
    ),
    "accepted": ("deposited; its files are about to be put away", "déposée ; ses fichiers vont être rangés"),
    "sent": ("deposited, and followed", "déposée, et suivie"),
    "paid": (
        "payment sent, or the last that its recipient ever says",
        "mise en paiement, ou le dernier statut que donne ce destinataire",
    ),
    "refused": ("refused; its files are about to be put away", "refusée ; ses fichiers vont être rangés"),
    "failed": (
        "in `failed/`: refused before it was sent, by Chorus Pro, or sent back by the customer",
        "dans `failed/` : refusée avant l'envoi, par Chorus Pro, ou renvoyée par le client",
    ),
}

EXITS: Mapping[int, Both] = {
    0: ("all is well; `run --once`: all was sent", "tout va bien ; `run --once` : tout est parti"),
    1: (
        "some invoice failed or waits; nothing of that name; not confirmed",
        "une facture a échoué ou attend ; rien de ce nom ; non confirmé",
    ),
    2: ("the command line is wrong", "la ligne de commande est fausse"),
    69: ("PISTE or Chorus Pro can't be reached now", "PISTE ou Chorus Pro est injoignable pour le moment"),
    74: ("the disk of the ledger or the spool failed", "le disque du registre ou des copies est en panne"),
    78: (
        "the configuration, a folder, credentials or the account need somebody",
        "la configuration, un dossier, les identifiants ou le compte sont à corriger",
    ),
    130: ("interrupted (Ctrl-C)", "interrompu (Ctrl-C)"),
}

ENVIRONMENT: Mapping[str, Both] = {
    "CHORUS_OUTBOX_CLIENT_SECRET": (
        "the PISTE application's secret, where neither file nor credential gives it",
        "le secret de l'application PISTE, si ni fichier ni credential ne le donne",
    ),
    "CHORUS_OUTBOX_PASSWORD": (
        "the technical account's password, likewise",
        "le mot de passe du compte technique, de même",
    ),
    "CREDENTIALS_DIRECTORY": (
        "set by systemd: where it puts the credentials `piste-client-secret` and `account-password`",
        "donnée par systemd : où il met les credentials `piste-client-secret` et `account-password`",
    ),
    "JOURNAL_STREAM": (
        "set by systemd: lines for the journal carry their priority",
        "donnée par systemd : les lignes du journal portent leur priorité",
    ),
    "COMP_WORDS": (
        "set by the shell while it completes a command",
        "donnée par le shell pendant qu'il complète une commande",
    ),
    "FORCE_COLOR": ("tables and colours in a pipe too", "tableaux et couleurs aussi dans un tube"),
    "NO_COLOR": ("no colours", "pas de couleurs"),
    "TERM": ("`dumb`: neither colours nor anything that moves", "`dumb` : ni couleurs, ni rien qui bouge"),
    "NOTIFY_SOCKET": (
        "set by systemd: where the daemon says that it is ready and alive",
        "donnée par systemd : où le démon dit qu'il est prêt et vivant",
    ),
    "WATCHDOG_PID": (
        "set by systemd: whose sign of life is awaited",
        "donnée par systemd : de qui il attend un signe de vie",
    ),
    "WATCHDOG_USEC": (
        "set by systemd: how often it expects a sign of life",
        "donnée par systemd : à quel rythme il attend un signe de vie",
    ),
    "CHORUS_OUTBOX_SMTP_PASSWORD": (
        "the mail server's password, where neither file nor credential `smtp-password` gives it",
        "le mot de passe du serveur de courriel, si ni fichier ni credential `smtp-password` ne le donne",
    ),
    "CHORUS_OUTBOX_NOTIFY_URLS": (
        "the Apprise addresses, where neither file nor credential `notify-urls` gives them",
        "les adresses Apprise, si ni fichier ni credential `notify-urls` ne les donne",
    ),
}

COMMANDS: Mapping[str, str] = {  # French; the English is each command's own help
    "backup": "Copie le registre, aussi pendant que le démon travaille ; n'écrase rien.",
    "check": "Vérifie configuration, dossiers, identifiants et rattachement ; dit pour chacun que faire.",
    "completion": "Écrit le script qui fait compléter commandes, options, fichiers, factures et destinataires par le shell.",
    "demo": "Montre l'essentiel sur cette machine, sans compte : simulateur, dossiers, factures, le vrai démon.",
    "directory": "Télécharge l'annuaire de tous les organismes publics, pour `inspect --offline` et `recipient --offline`.",
    "forget": "Retire des listes une facture en échec ; ses fichiers restent.",
    "init": "Crée les dossiers et une configuration commentée ; n'en écrase jamais.",
    "inspect": "Dit ce qui serait compris et envoyé, et ce qui ne va pas. N'envoie rien.",
    "put": "Dépose des fichiers dans outbox sans risque de course, pour les programmes. Les pièces jointes, puis le PDF, la fiche en dernier.",
    "recipient": "Dit en clair qui est un destinataire, ce qu'il exige et quels services il a.",
    "reconcile": "Interroge Chorus Pro maintenant sur chaque envoi incertain. N'envoie rien.",
    "resolve": "Tranche un doute que Chorus Pro ne tranche pas, ou un flux sans fin. Regarde encore une fois ; note qui et quand.",
    "retry": "Essaie maintenant une facture en attente, ou remet dans outbox une facture en échec.",
    "run": "Lance le démon au premier plan.",
    "simulator": "Lance un Chorus Pro local pour essayer ; rien ne quitte cette machine.",
    "status": "Liste les factures et dit où en est chacune.",
    "why": "Raconte toute l'histoire d'une facture, par le nom de son fichier ou par son numéro.",
}

OPTIONS: Mapping[str, str] = {  # French; ``command --option`` where the option alone is not enough
    "--config": "Le fichier de configuration du compte fournisseur.",
    "--json": "Réponse pour les programmes.",
    "--yes": "Ne pas demander de confirmation.",
    "check --ledger": "Lire aussi tout le registre et le comparer avec les dossiers.",
    "check --offline": "Ne rien demander à PISTE ni à Chorus Pro.",
    "demo --directory": "Le dossier de la démonstration.",
    "demo --keep-open": "Laisser tourner simulateur et démon jusqu'à Ctrl-C, pour déposer des fichiers à la main.",
    "inspect --offline": "Ne pas demander à Chorus Pro ce que le destinataire exige.",
    "recipient --offline": "N'interroger personne : regarder dans l'annuaire téléchargé.",
    "recipient --services": "Demander aussi la règle de chaque service actif : un appel pour chacun.",
    "reconcile --take-over": "S'approprier un dossier qui appartenait à un autre démon.",
    "resolve --arrived": "Elle est sur le portail, sous ce numéro de Chorus Pro.",
    "resolve --not-arrived": "Elle n'est pas sur le portail : la renvoyer.",
    "run --once": "Traiter ce qui est là, jusqu'à ce que rien de plus ne soit possible, et finir.",
    "status --limit": "Tant de factures au plus, les dernières ; 0 : toutes.",
    "status --state": "Seulement celles dans cet état ; plusieurs fois au besoin.",
    "simulator --port": "0 : un port libre.",
    "check --notify": "Seulement envoyer un message d'essai à ceux qui sont à prévenir (rubrique notify).",
}

JSON: Mapping[str, Mapping[str, Both]] = {  # command -> key -> value; of a list, of each of its objects
    "status --json": {
        "file": ("name of the PDF", "nom du PDF"),
        "number": ("invoice number, or null", "numéro de facture, ou null"),
        "siret": ("recipient, or null", "destinataire, ou null"),
        "state": ("see the states", "voir les états"),
        "chorus_id": ("number at Chorus Pro, or null", "numéro Chorus Pro, ou null"),
        "chorus_status": ("such as `MISE_EN_PAIEMENT`, or null", "comme `MISE_EN_PAIEMENT`, ou null"),
        "sha256": ("of the PDF dropped, or null", "du PDF déposé, ou null"),
        "reason": ("why it is so, in words, or null", "pourquoi, en clair, ou null"),
        "sent_at": ("time in UTC, or null", "heure UTC, ou null"),
        "next_try_at": ("time in UTC, or null", "heure UTC, ou null"),
        "folder": (
            "`outbox`, `processing`, `sent/2026/11`, `failed`",
            "`outbox`, `processing`, `sent/2026/11`, `failed`",
        ),
    },
    "why --json": {
        "recipient": (
            "its name, or null; and every key of `status`",
            "son nom, ou null ; et toutes les clés de `status`",
        ),
        "fields": ("field → `{value, source}`", "champ → `{value, source}`"),
        "problems": ("list of `{code, message}`", "liste de `{code, message}`"),
        "events": ("list of `{at, event, state, detail}`", "liste de `{at, event, state, detail}`"),
    },
    "check --json": {
        "exit_code": ("0, 69 or 78", "0, 69 ou 78"),
        "findings": ("list of `{group, matter, mark, text}`", "liste de `{group, matter, mark, text}`"),
    },
    "put --json": {"files": ("where the files are now", "où sont maintenant les fichiers")},
    "backup --json": {
        "path": ("where the copy is", "où est la copie"),
        "size": ("in bytes", "en octets"),
    },
    "directory --json": {
        "path": ("where the directory is", "où est l'annuaire"),
        "structures": ("how many it has", "combien il en a"),
    },
    "retry --json": {
        "command": (
            "its name; `resolve`, `reconcile` and `forget` print the same",
            "son nom ; `resolve`, `reconcile` et `forget` donnent la même chose",
        ),
        "ok": ("whether all is well", "si tout va bien"),
        "invoices": ("as `status` shows them, afterwards", "comme les montre `status`, après coup"),
    },
    "inspect --json": {
        "file": ("name of the PDF", "nom du PDF"),
        "ok": ("whether it would be sent", "si elle partirait"),
        "action": ("`deposit`, or `flow` (Factur-X)", "`deposit`, ou `flow` (Factur-X)"),
        "fields": ("field → `{value, source}`", "champ → `{value, source}`"),
        "attachments": (
            "list of `{file, size, name, designation, type}`",
            "liste de `{file, size, name, designation, type}`",
        ),
        "problems": ("list of `{code, message}`", "liste de `{code, message}`"),
    },
    "recipient --json": {
        "siret": ("14 digits", "14 chiffres"),
        "found": ("whether it is known", "s'il est connu"),
        "source": ("`asked` or `copied` (downloaded directory)", "`asked` ou `copied` (annuaire téléchargé)"),
        "as_of": ("when that was so, UTC", "à quelle date, UTC"),
        "aliases": ("names in the recipient book", "noms dans le carnet de destinataires"),
        "name": (
            "its name; this and the rest only when it is known",
            "son nom ; ceci et la suite seulement s'il est connu",
        ),
        "active": ("whether it can receive", "s'il peut recevoir"),
        "needs_service": ("true or false", "true ou false"),
        "needs_engagement": ("true or false", "true ou false"),
        "needs_service_or_engagement": ("true or false", "true ou false"),
        "reports_payments": ("true, false, or null", "true, false ou null"),
        "services": (
            "list of `{code, name, active, needs_engagement}`",
            "liste de `{code, name, active, needs_engagement}`",
        ),
    },
}
