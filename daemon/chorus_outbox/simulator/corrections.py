"""Corrective actions: ``completer``, ``recycler``, ``traiterRejet``, each bound to a status (api.md 2.17)."""

from __future__ import annotations

from .answers import day, minute, page, said
from .codes import (
    COMPLETE_FORBIDDEN,
    COMPLETE_STATE,
    COMPLETE_UNKNOWN,
    OK_DEPOSIT,
    RefusedError,
    refused,
)
from .invoices_api import own_invoice
from .model import Account, Body, Facture, Step
from .recipients import check_recipient
from .submit import check_attachments, check_references
from .world import World


def complete(world: World, account: Account, body: Body) -> Body:
    """Answer completer: a suspended invoice gets documents and a comment, and becomes COMPLETEE."""
    facture = world.invoices.get(body["identifiantFactureCPP"])
    if facture is None:
        raise RefusedError(COMPLETE_UNKNOWN)
    if facture.supplier not in account.suppliers:
        raise RefusedError(COMPLETE_FORBIDDEN)
    if facture.status != "SUSPENDUE":
        raise RefusedError(COMPLETE_STATE)
    given = body.get("pieceJointeComplementaire", [])
    for file in check_attachments(world, account, given, None):
        file.used_by = facture.id
    facture.body["pieceJointeComplementaire"] = [*facture.body.get("pieceJointeComplementaire", []), *given]
    facture.steps.append(Step("COMPLETEE", world.now(), body.get("commentaire")))
    return said(
        OK_DEPOSIT,
        identifiantFactureCPP=facture.id,
        numeroFacture=facture.number,
        dateTraitement=minute(world.now()),
        **page([facture], {})[1],  # at top level here (api.md 2.20)
    )


def recycle(world: World, account: Account, body: Body) -> Body:
    """Answer recycler: the same invoice, number and deposit date, sent on with corrected routing."""
    facture = own_invoice(world, account, body["identifiantFactureCPP"])
    _in_state(facture, "A_RECYCLER")
    recipient = {**facture.body["destinataire"], **body.get("destinataire", {})}
    references = {**facture.body["references"], **body.get("reference", {})}
    check_references(references)
    structure = check_recipient(world, recipient, references)
    facture.body |= {"destinataire": recipient, "references": references}
    facture.steps.append(Step("DEPOSEE", world.now(), body.get("commentaire")))
    world.follow(facture, world.settings.plan(world.now(), payment_reported=structure.payment_reported))
    return said(
        OK_DEPOSIT,
        identifiantFactureCPP=facture.id,
        numeroFacture=facture.number,
        statutFacture=facture.status,
        dateDepot=day(facture.deposited),
    )


def acknowledge(world: World, account: Account, body: Body) -> Body:
    """Answer traiterRejet: all of the invoices are REJETEE, or none is marked."""
    if any("idDemandePaiement" not in one for one in body["listeDemandePaiement"]):
        raise refused("required", field="listeDemandePaiement.idDemandePaiement")
    factures = [own_invoice(world, account, one["idDemandePaiement"]) for one in body["listeDemandePaiement"]]
    for facture in factures:
        _in_state(facture, "REJETEE")
    for facture in factures:
        facture.rejection_handled = True
    return said(OK_DEPOSIT)


def _in_state(facture: Facture, status: str) -> None:
    if facture.status != status:
        raise refused("invoice_state", status=facture.status)
