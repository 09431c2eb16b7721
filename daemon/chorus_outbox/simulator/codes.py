"""The answers' codes: those that are known of Chorus Pro (api.md 6.2), and those invented here (20900 to 20999).

``codeRetour`` is numbered per service by AIFE, whose error annex could not be read. Whatever stands in ``INVENTED``
is ours, number and wording alike; the one exception is the wording of ``duplicate``, which is AIFE's (api.md 5.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Code(NamedTuple):
    """A ``codeRetour`` and its ``libelle``."""

    number: int
    label: str


OK_READ = Code(0, "TRA_MSG_00.000")  # structures, transverses, searches
OK_DEPOSIT = Code(0, "GCU_MSG_01_000")  # deposits
NO_RESULT = Code(20000, "TRA_MSG_00.015")
FILE_TOO_BIG = Code(20003, "La taille du fichier dépasse 10 Mo")  # ajouter/fichier; the wording is ours
FLOW_TOO_BIG = Code(20001, "GDP_MSG_11.022")
COMPLETE_UNKNOWN = Code(20000, "GDP_MSG_11.008")
COMPLETE_FORBIDDEN = Code(20001, "GDP_MSG_11.005")
COMPLETE_STATE = Code(20002, "GDP_MSG_11.033")

INVENTED: Mapping[str, Code] = {
    "malformed": Code(20900, "Requête mal formée : {detail}"),
    "required": Code(20901, "Le champ {field} est obligatoire"),
    "not_pdf": Code(20902, "Le fichier déposé n'est pas un PDF"),
    "encrypted": Code(20903, "Le PDF est protégé par un mot de passe"),
    "file_name": Code(20904, "Le nom de fichier {name} n'est pas admis"),
    "file_empty": Code(20905, "Le fichier est vide"),
    "supplier": Code(20910, "La structure fournisseur {id} n'est pas rattachée au compte technique"),
    "supplier_service": Code(20911, "Le service {id} n'appartient pas à la structure fournisseur"),
    "bank_account": Code(20912, "Les coordonnées bancaires {id} n'appartiennent pas à la structure fournisseur"),
    "structure": Code(20913, "La structure {id} n'existe pas"),
    "service": Code(20914, "Le service {id} n'existe pas dans la structure"),
    "recipient_unknown": Code(20920, "La structure destinataire {siret} n'existe pas"),
    "recipient_inactive": Code(20921, "La structure destinataire {siret} n'est pas active"),
    "service_required": Code(20922, "Le code service est obligatoire pour ce destinataire"),
    "service_unknown": Code(20923, "Le code service {code} n'existe pas pour ce destinataire"),
    "service_inactive": Code(20924, "Le code service {code} n'est pas actif"),
    "service_public": Code(20925, "Le service FACTURES_PUBLIQUES ne peut pas recevoir de facture"),
    "engagement_required": Code(20926, "Le numéro d'engagement est obligatoire pour ce destinataire"),
    "engagement_required_by_service": Code(20927, "Le numéro d'engagement est obligatoire pour le service {code}"),
    "engagement_or_service": Code(20928, "Le code service ou le numéro d'engagement est obligatoire"),
    "engagement_unknown": Code(20929, "Le numéro d'engagement {engagement} n'existe pas (destinataire État)"),
    "number_characters": Code(20930, "Le numéro de facture {number} contient des caractères interdits"),
    "number_date": Code(20931, "Le numéro de facture {number} ne doit pas être une simple date"),
    "date_future": Code(20932, "La date de la facture {date} est postérieure à la date de dépôt"),
    "validator": Code(20933, "La structure valideur est obligatoire pour le cadre {cadre}"),
    "validator_unknown": Code(20934, "La structure valideur {siret} n'existe pas"),
    "exemption": Code(20935, "Le motif d'exonération de TVA est obligatoire"),
    "exemption_unknown": Code(20938, "Le motif d'exonération de TVA {reason} n'existe pas"),
    "line_required": Code(20936, "Au moins une ligne de poste est obligatoire"),
    "currency": Code(20937, "La devise {currency} n'est pas un code ISO 4217"),
    "total_sum": Code(20940, "Le montant TTC {ttc} n'est pas la somme du HT {ht} et de la TVA {tva}"),
    "total_lines": Code(20941, "Le récapitulatif de TVA ne correspond pas aux totaux"),
    "total_payable": Code(20942, "Le montant à payer {payable} dépasse le TTC {ttc} diminué de la remise {discount}"),
    "total_not_exact": Code(
        20944, "Le montant à payer {payable} n'est pas le TTC {ttc} diminué de la remise {discount}"
    ),
    "total_without_vat": Code(20945, "Une facture SANS_TVA ne peut pas porter de TVA"),
    "total_negative": Code(20943, "Le montant TTC d'une facture ne peut pas être négatif"),
    "file_unknown": Code(20950, "La pièce jointe {id} n'existe pas"),
    "file_used": Code(20951, "La pièce jointe {id} est déjà utilisée"),
    "file_twice": Code(20952, "La pièce jointe {id} est indiquée deux fois"),
    "file_type": Code(20953, "Le type de pièce jointe {type} n'est pas admis"),
    "file_signature": Code(20954, "Le mode de dépôt {mode} ne correspond pas au format du fichier déposé"),
    "files_total": Code(20955, "La facture et ses pièces jointes dépassent 120 Mo"),
    "invoice_unknown": Code(20960, "La facture {id} n'existe pas"),
    "invoice_state": Code(20961, "GDP_MSG_11.001 : le statut {status} ne permet pas cette action"),
    "flow_unknown": Code(20970, "Le flux {number} n'est pas connu"),
    "not_simulated": Code(20990, "Le simulateur ne sait pas faire cela : {what}"),
    "duplicate": Code(
        20999,
        "Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure",
    ),
}


class RefusedError(Exception):
    """A business refusal: answered with a ``codeRetour`` other than 0 (HTTP 200 or 400, as the world is set)."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.label)
        self.code = code


class MalformedError(Exception):
    """A request whose shape is wrong: HTTP 400 (or the status given) with ``{codeRetour, libelle}``."""

    def __init__(self, detail: str, status: int = 400) -> None:
        super().__init__(detail)
        self.code = _filled("malformed", detail=detail)
        self.status = status


def refused(key: str, **texts: object) -> RefusedError:
    """Build the refusal that stands under ``key`` in ``INVENTED``, its sentence filled in."""
    return RefusedError(_filled(key, **texts))


def _filled(key: str, **texts: object) -> Code:
    number, label = INVENTED[key]
    return Code(number, label.format(**texts))
