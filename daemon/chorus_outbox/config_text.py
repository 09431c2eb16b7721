"""The commented configuration: one text, of which ``config.example.yaml`` is a copy and ``init`` writes a variant.

A line that begins with ``# `` is an explanation; one that begins with ``#`` alone is a setting at its default (or, for
what has none, an example): removing the ``#`` makes it count. The explanation just above a key, ``French / English``, is
the only one that there is: the reference of every key (``make reference``) is made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_EXAMPLE: Mapping[str, str] = {
    "@CLIENT_ID@": "00000000-0000-0000-0000-000000000000",
    "@LOGIN@": "TECH_1_00000000000000@cpro.fr",
    "@SIRET@": '"22220001600327"',
    "@OFF@": "#",
    "@SECRETS@": "/etc/chorus-outbox/main.",
    "@FOLDERS@": "/srv/factures",
    "@STATE@": "/var/lib/chorus-outbox/main",
    "@MARK@": "",
}
_MARK = "   # <-- A REMPLIR / TO FILL IN"

_TEXT = """\
# chorus-outbox : configuration d'un compte fournisseur / configuration of one supplier account.
#
# Les lignes « #clé: valeur » montrent la valeur par défaut (ou un exemple) : enlevez le # pour la changer.
# Lines like "#key: value" show the default (or an example): remove the # to change it.
# Les chemins relatifs partent du dossier de ce fichier / Relative paths start from this file's folder.

# production, ou sandbox pour les essais (qualification) / production, or sandbox for tests
environment: sandbox@MARK@

# Adresses : seulement pour en changer / Addresses: only to override (simulator, change of address)
endpoints:
  # celle des jetons de PISTE ; par défaut celle de l'environnement / where PISTE gives tokens; by default the environment's
  #oauth: https://sandbox-oauth.piste.gouv.fr/api/oauth/token
  # celle de l'API ; par défaut celle de l'environnement / the API's; by default the environment's
  #api: https://sandbox-api.piste.gouv.fr
  # jetons de l'autre environnement : `check` y essaie des identifiants refusés ; par défaut le vrai
  # / the other environment's tokens: `check` tries refused credentials there; by default the real one
  #other_oauth: https://oauth.piste.gouv.fr/api/oauth/token

# L'application PISTE / The PISTE application
piste:
  # « Client ID » de l'onglet « Authentication » / "Client ID" of the tab "Authentication"
  client_id: @CLIENT_ID@@MARK@
  # fichier (chmod 600) de la « Secret Key », jamais écrite ici même. L'unité systemd la remet elle-même (credential
  # piste-client-secret, pris dans /etc/chorus-outbox/NOM.piste-client-secret) : laissez alors cette ligne en
  # commentaire. Sinon ce fichier, ou la variable CHORUS_OUTBOX_CLIENT_SECRET
  # / file (chmod 600) of the "Secret Key", which is never written here. The systemd unit hands it over (credential
  # piste-client-secret, from /etc/chorus-outbox/NAME.piste-client-secret): then leave this line commented out. Else
  # this file, or the variable CHORUS_OUTBOX_CLIENT_SECRET
  @OFF@client_secret_file: "@SECRETS@piste-client-secret"

# Le compte technique de Chorus Pro / The technical account of Chorus Pro
account:
  # son identifiant, tel que le portail l'a donné / its login, as the portal gave it
  login: @LOGIN@@MARK@
  # fichier (chmod 600) de son mot de passe : comme ci-dessus (credential account-password, variable
  # CHORUS_OUTBOX_PASSWORD) / file (chmod 600) of its password: likewise (credential account-password, variable
  # CHORUS_OUTBOX_PASSWORD)
  @OFF@password_file: "@SECRETS@account-password"

# Vous, le fournisseur / You, the supplier
supplier:
  # votre SIRET, 14 chiffres, entre guillemets / your SIRET, 14 digits, in quotes
  siret: @SIRET@@MARK@
  # votre propre code service, si votre structure en a plusieurs / your own service code, if there are several
  #service: COMPTA
  # compte bancaire déclaré sur Chorus Pro, s'il y en a plusieurs / bank account known to Chorus Pro, if several
  #bank_account: "12345"

# Les dossiers partagés ; par défaut, à côté de outbox / The shared folders; by default beside the outbox
folders:
  # là où l'on dépose les factures / where invoices are dropped
  outbox: "@FOLDERS@/outbox"
  # factures en cours d'envoi / invoices being sent
  #processing: "@FOLDERS@/processing"
  # factures envoyées, par année et mois / invoices sent, by year and month
  #sent: "@FOLDERS@/sent"
  # factures à corriger / invoices to be corrected
  #failed: "@FOLDERS@/failed"

# Le registre des envois, sur un disque local / The record of what was sent, on a local disk
ledger: "@STATE@/ledger.db"
# Copies privées de ce qui part ; par défaut à côté du registre / Private copies; by default beside the ledger
#spool: "@STATE@/spool"

# Langue des comptes rendus : fr ou en / Language of the reports: fr or en
#language: fr

# Valeurs par défaut des factures, avant le contenu du PDF ; tout champ d'une facture convient, mais une seule valeur
# / Defaults of invoices, before what the PDF says; any field of an invoice will do, but a single value
defaults:
  #cadre: A1_FACTURE_FOURNISSEUR
  #regime_tva: TVA_SUR_DEBIT
  #mode_paiement: VIREMENT
  #devise: EUR

# Noms de fichiers reconnus, dans cet ordre / File names that are understood, in this order
filename_patterns:
  #- "{siret}_{service}_{engagement}_{numero}"
  #- "{siret}_{engagement}_{numero}"
  #- "{numero}_{siret}_{service}_{engagement}"
  #- "{numero}_{siret}_{engagement}"
  #- "{numero}_{siret}"

# Le carnet de destinataires : un nom court par client / The recipient book: a short name for each customer
recipients:
  # un client ; sur une ligne : mairie: {siret: "...", service: ACCUEIL}
  # / a customer; on one line: mairie: {siret: "...", service: ACCUEIL}
  #cotes-armor:
    # son SIRET / its SIRET
    #siret: "22220001600327"
    # code service de ses factures / service code of its invoices
    #service: COLLEGE
    # numéro d'engagement habituel / usual engagement number
    #engagement: "12345"
    # forme de ses numéros d'engagement (expression régulière) ; une autre est refusée avant l'envoi
    # / shape of its engagement numbers (regular expression); another one is refused before sending
    #engagement_pattern: "[0-9]{5,6}"
    # cadre de facturation : A1, A2, A9 ou A12 / billing frame: A1, A2, A9 or A12
    #cadre: A1
    # SIRET du fournisseur, si votre compte technique en a plusieurs / supplier's SIRET, if your technical account has several
    #supplier: "22220001600327"

# Quand un fichier est pris / When a file is taken
pickup:
  # secondes sans changement avant qu'un fichier soit pris / seconds without change before a file is taken
  #quiet_seconds: 5
  # secondes entre deux regards dans outbox ; ils comptent sur un partage réseau, qui ne prévient de rien
  # / seconds between two looks into the outbox; they matter on a network share, which announces nothing
  #rescan_seconds: 30
  # optional ou required : faut-il un fichier .yaml ? / optional or required: is a .yaml file needed?
  #sidecar: optional
  # secondes pendant lesquelles une facture incomplète attend son .yaml ou ses pièces jointes
  # / seconds for which an incomplete invoice waits for its .yaml or its attachments
  #sidecar_wait_seconds: 120
  # secondes pendant lesquelles un PDF vide ou coupé attend sa fin / seconds for which an empty or cut PDF waits for its end
  #incomplete_wait_seconds: 900
  # quand le PDF contredit les autres sources : fail (échec) ou warn (simple remarque)
  # / when the PDF contradicts the other sources: fail (put aside) or warn (told only)
  #mismatch: fail

# L'envoi / Sending
sending:
  # factures envoyées en même temps / invoices sent at the same time
  #parallel: 4
  # appels par seconde, tous ensemble / calls a second, all together
  #requests_per_second: 5
  # secondes avant qu'une réponse soit tenue pour perdue / seconds before an answer is taken for lost
  #timeout_seconds: 120
  # PDF Factur-X : strip (XML retiré de la copie envoyée), flux (envoyé tel quel, son XML fait foi) ou refuse
  # / Factur-X PDFs: strip (XML taken out of the copy that is sent), flux (sent as it is, its XML counts) or refuse
  #facturx: strip
  # après une réponse perdue, secondes entre deux recherches de la facture / after a lost answer, seconds between two
  # searches for the invoice
  #settle_seconds: 60
  # ce qui suit des recherches sans résultat : after_search (nouvel envoi) ou never (une personne décide)
  # / what follows searches that find nothing: after_search (sent again) or never (a person decides)
  #resend_after_doubt: after_search

# Suivi jusqu'au paiement / Follow-up until paid
follow_up:
  # true ou false : demander le statut des factures envoyées / true or false: ask for the status of what was sent
  #enabled: true
  # secondes avant la première demande ; la pause double ensuite / seconds before the first question; the pause then doubles
  #first_seconds: 300
  # pause la plus longue ; un jour dès que rien ne change depuis deux jours
  # / longest pause; a day once nothing has changed for two days
  #every_seconds: 3600

# Alertes par message ; sans to ni liste d'adresses Apprise, personne n'est averti ; `check --notify` envoie un essai
# / Alerts by message; without to or a list of Apprise addresses nobody is told; `check --notify` sends a test
notify:
  # une adresse, ou une liste : [a@example.org, b@example.org] / one address, or a list of them
  #to: compta@example.org
  # l'expéditeur ; par défaut smtp_user, sinon la première adresse / the sender; by default smtp_user, else the first address
  #from: chorus-outbox@example.org
  # le serveur de courriel : smtp://serveur (port 25 ; avec smtp_user : chiffré, port 587) ou smtps://serveur (port 465)
  # / the mail server: smtp://server (port 25; with smtp_user: encrypted, port 587) or smtps://server (port 465)
  #smtp: smtp://smtp.example.org
  # compte sur ce serveur, s'il en demande un / account on that server, if it wants one
  #smtp_user: chorus-outbox@example.org
  # fichier de son mot de passe ; sinon credential smtp-password, ou variable CHORUS_OUTBOX_SMTP_PASSWORD
  # / file of its password; else credential smtp-password, or variable CHORUS_OUTBOX_SMTP_PASSWORD
  #smtp_password_file: "@SECRETS@smtp-password"
  # fichier d'adresses Apprise, une par ligne : Teams, Slack, ntfy, webhooks (github.com/caronc/apprise/wiki) ;
  # sinon credential notify-urls, ou variable CHORUS_OUTBOX_NOTIFY_URLS
  # / file of Apprise addresses, one a line: Teams, Slack, ntfy, webhooks (github.com/caronc/apprise/wiki);
  # else credential notify-urls, or variable CHORUS_OUTBOX_NOTIFY_URLS
  #urls_file: "@SECRETS@notify-urls"
  # dire les factures en échec, groupées par minute / tell of invoices that failed, grouped by minute
  #failures: true
  # dire les factures revenues de chez le client / tell of invoices that came back from the customer
  #returns: true
  # dire le début et la fin d'une panne / tell the beginning and the end of an outage
  #outages: true
  # résumé du jour, heure française, ou never / the daily summary, French time, or never
  #digest: "18:00"
  # une panne plus courte ne réveille personne / a shorter outage wakes nobody
  #outage_after_seconds: 300

# Tableau de bord, et suivi.csv à côté de lui / Dashboard, and suivi.csv beside it
dashboard:
  # true ou false : écrire la page et suivi.csv / true or false: write the page and suivi.csv
  #enabled: true
  # la page ; par défaut à côté de outbox / the page; by default beside the outbox
  #file: "@FOLDERS@/tableau-de-bord.html"

# Mesures pour Prometheus (fichier texte de node_exporter, un par instance) : docs/monitoring
# / Metrics for Prometheus (text file for node_exporter, one an instance): docs/monitoring
#metrics_file: /var/lib/prometheus/node-exporter/chorus-outbox.prom

# Journal du programme, sans les secrets : docs/logs.md / The program's own log, without secrets: docs/logs.md
log:
  # ce qui y est dit : debug (tout), info, warning ou error / what is told there: debug (all), info, warning or error
  #level: info
  # sur la sortie d'erreur (journald) : text ou json ; le fichier est toujours en JSON
  # / on standard error (journald): text or json; the file is always JSON
  #format: text
  # fichier, une ligne JSON par événement, en plus de la sortie d'erreur (journald)
  # / file, a JSON line an event, besides standard error (journald)
  #file: /var/log/chorus-outbox/main.log
"""


def example_text() -> str:
    """Return the commented example, every key in it."""
    return _filled(_EXAMPLE)


def init_text(directory: Path) -> str:
    """Return a configuration for ``directory``: what only a person knows is left empty and marked.

    ``directory`` is absolute; the secrets are expected in it as ``piste-client-secret`` and ``account-password``.
    """
    root = str(directory).replace("\\", "\\\\").replace('"', '\\"')  # stands between double quotes
    empty = dict.fromkeys(("@CLIENT_ID@", "@LOGIN@", "@SIRET@"), "")
    return _filled(
        {**empty, "@MARK@": _MARK, "@OFF@": "", "@SECRETS@": f"{root}/", "@FOLDERS@": root, "@STATE@": f"{root}/state"}
    )


def _filled(values: Mapping[str, str]) -> str:
    text = _TEXT
    for name, value in values.items():
        text = text.replace(name, value)
    return text
