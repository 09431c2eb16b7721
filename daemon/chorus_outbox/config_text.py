"""The commented configuration: one text, of which ``config.example.yaml`` is a copy and ``init`` writes a variant.

A line that begins with ``# `` is an explanation; one that begins with ``#`` alone is a setting at its default (or, for
what has none, an example): removing the ``#`` makes it count.
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
  #oauth: https://sandbox-oauth.piste.gouv.fr/api/oauth/token
  #api: https://sandbox-api.piste.gouv.fr
  # jetons de l'autre environnement : `check` y essaie des identifiants refusés / the other environment's tokens
  #other_oauth: https://oauth.piste.gouv.fr/api/oauth/token

# L'application PISTE (onglet « Authentication » : Client ID, Secret Key) / The PISTE application
# Le secret n'est jamais ici. L'unité systemd le remet elle-même (credential piste-client-secret, pris dans
# /etc/chorus-outbox/NOM.piste-client-secret) : laissez alors la ligne en commentaire. Sans systemd : un fichier
# (chmod 600), ou la variable CHORUS_OUTBOX_CLIENT_SECRET.
# The secret is never here. The systemd unit hands it over (credential): leave the line commented out. Without systemd:
# a file (chmod 600), or the variable.
piste:
  client_id: @CLIENT_ID@@MARK@
  @OFF@client_secret_file: "@SECRETS@piste-client-secret"

# Le compte technique de Chorus Pro / The technical account of Chorus Pro
# Mot de passe : comme ci-dessus (credential account-password, variable CHORUS_OUTBOX_PASSWORD) / Password: likewise
account:
  login: @LOGIN@@MARK@
  @OFF@password_file: "@SECRETS@account-password"

# Vous, le fournisseur : 14 chiffres / You, the supplier: 14 digits
supplier:
  siret: @SIRET@@MARK@
  # votre propre code service, si votre structure en a plusieurs / your own service code, if there are several
  #service: COMPTA
  # compte bancaire déclaré sur Chorus Pro, s'il y en a plusieurs / bank account known to Chorus Pro, if several
  #bank_account: "12345"

# Les dossiers partagés ; par défaut, à côté de outbox / The shared folders; by default beside the outbox
folders:
  outbox: "@FOLDERS@/outbox"
  #processing: "@FOLDERS@/processing"
  #sent: "@FOLDERS@/sent"
  #failed: "@FOLDERS@/failed"

# Le registre des envois, sur un disque local / The record of what was sent, on a local disk
ledger: "@STATE@/ledger.db"
# Copies privées de ce qui part ; par défaut à côté du registre / Private copies; by default beside the ledger
#spool: "@STATE@/spool"

# Langue des comptes rendus : fr ou en / Language of the reports: fr or en
#language: fr

# Valeurs par défaut des factures ; elles passent avant le contenu du PDF / Defaults of invoices, before the PDF
# cadre: A1, A2, A9, A12. Tout autre champ d'une facture convient / Any other field of an invoice will do
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
  #cotes-armor: {siret: "22220001600327", service: COLLEGE, engagement: "12345", engagement_pattern: "[0-9]{5,6}", cadre: A1, supplier: "22220001600327"}

# Quand un fichier est pris / When a file is taken
pickup:
  # secondes sans changement / seconds without change
  #quiet_seconds: 5
  #rescan_seconds: 30
  # optional ou required : faut-il un fichier .yaml ? / is a .yaml file needed?
  #sidecar: optional
  # une facture incomplète attend son .yaml ; un PDF coupé attend sa fin / how long incomplete things are awaited
  #sidecar_wait_seconds: 120
  #incomplete_wait_seconds: 900
  # le PDF contredit les autres sources : fail (échec) ou warn (simple remarque) / what a contradiction does
  #mismatch: fail

# L'envoi / Sending
sending:
  #parallel: 4
  #requests_per_second: 5
  #timeout_seconds: 120
  # PDF Factur-X : strip (XML retiré de la copie envoyée), flux (envoyé tel quel, son XML fait foi) ou refuse / Factur-X PDFs
  #facturx: strip
  # après une réponse perdue : délai entre deux recherches ; after_search ou never / after a lost answer
  #settle_seconds: 60
  #resend_after_doubt: after_search

# Suivi jusqu'au paiement / Follow-up until paid
follow_up:
  #enabled: true
  #first_seconds: 300
  #every_seconds: 3600

# Alertes / Alerts
notify:
  #to: compta@example.org

# Tableau de bord, et suivi.csv à côté de lui ; par défaut à côté des dossiers / Dashboard, and suivi.csv beside it; by
# default beside the folders
dashboard:
  #enabled: true
  #file: "@FOLDERS@/tableau-de-bord.html"

# Mesures au format texte de Prometheus / Metrics as a Prometheus text file
#metrics_file: /var/lib/prometheus/node-exporter/chorus-outbox.prom

# Journal du programme : debug, info, warning, error / The program's own log
log:
  #level: info
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
