"""What a supplier can ask about invoices: search, history, the whole invoice, download (api.md 2.14 to 2.16, 2.18)."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

from .answers import day, minute, page, said
from .codes import NO_RESULT, OK_READ, refused
from .model import Account, Body, Facture
from .recipients import find_service
from .world import World


def search(world: World, account: Account, body: Body) -> Body:
    """Answer rechercher/fournisseur: drafts included, newest deposit first, 20000 when nothing is found."""
    now = world.now()
    number = body.get("numeroFacture")
    seen = [
        f
        for f in world.invoices.values()
        if f.supplier in account.suppliers and f.visible_from <= now and number in (None, "", f.number)
    ]
    found = [(f, row) for f in seen if _matches(f, row := _row(world, f), body)]
    if not found:
        return said(NO_RESULT)
    asked = body.get("rechercheFactureParFournisseur", {})
    rows = _sorted(found, asked)[: asked.get("nbResultatsMaximum")]
    shown, block = page(rows, asked)
    if body.get("recupererTaille"):
        shown = [{**row, "taille": _size(world, row["identifiantFactureCPP"])} for row in shown]
    return said(OK_READ, listeFactures=shown, parametresRetour=block)


def _row(world: World, facture: Facture) -> Body:
    """Return the line of the search; absent values left out."""
    supplier = world.structures[facture.supplier]
    body, step = facture.body, facture.steps[-1]
    references, total = body.get("references", {}), body.get("montantTotal", {})
    siret = body.get("destinataire", {}).get("codeDestinataire")
    recipient = world.structure(siret or "")
    service = find_service(recipient, body["destinataire"].get("codeServiceExecutant")) if recipient else None
    row: Body = {
        "identifiantFactureCPP": facture.id,
        "typeDemandePaiement": "FACTURE",
        "codeFournisseur": supplier.siret,
        "typeIdentifiantFournisseur": "SIRET",
        "designationFournisseur": supplier.name,
        "idDestinataire": recipient.id if recipient else None,
        "codeDestinataire": siret,
        "designationDestinataire": recipient.name if recipient else None,
        "idServiceExecutant": service.id if service else None,
        "codeServiceExecutant": service.code if service else None,
        "nomServiceExecutant": service.name if service else None,
        "typeFacture": references.get("typeFacture"),
        "numeroFacture": facture.number,
        "dateFacture": body.get("dateFacture"),
        "dateDepot": day(facture.deposited),
        "montantHT": total.get("montantHtTotal"),
        "montantTTC": total.get("montantTtcTotal"),
        "montantAPayer": total.get("montantAPayer"),
        "devise": references.get("deviseFacture"),
        "statut": facture.status,
        "numeroMarche": references.get("numeroMarche"),
        "numeroBonCommande": references.get("numeroBonCommande"),
        "numeroFactureOrigine": references.get("numeroFactureOrigine"),
        "numeroFluxDepot": facture.flow,
        "modeDepot": facture.mode,
        "dateHeureEtatCourant": minute(step.at),
        "commentaireEtatCourant": step.comment,
        "rejetTraite": facture.rejection_handled,
        "codeValideur1": body.get("cadreDeFacturation", {}).get("codeStructureValideur"),
    }
    return {k: v for k, v in row.items() if v not in (None, "")}


_SAME = {  # criteria that must equal a column of the row
    "numeroFluxDepot": "numeroFluxDepot",
    "numeroMarche": "numeroMarche",
    "numeroBonCommande": "numeroBonCommande",
    "numeroFactureOrigine": "numeroFactureOrigine",
    "typeFacture": "typeFacture",
    "modeDepot": "modeDepot",
    "rejetTraite": "rejetTraite",
}
_RANGES = {  # criteria ...Du/Au or ...Min/Max, and the column they bound
    "periodeDateDepot": "dateDepot",
    "periodeDateFacture": "dateFacture",
    "periodeDateHeureEtatCourant": "dateHeureEtatCourant",
    "montantHT": "montantHT",
    "montantTTC": "montantTTC",
    "montantApayer": "montantAPayer",
}


def _matches(facture: Facture, row: Body, asked: Body) -> bool:
    recipients = [r["idDestinataire"] for r in asked.get("listeDestinataire", []) if "idDestinataire" in r]
    statuses = asked.get("statutCourant", [])
    cadre = facture.body.get("cadreDeFacturation", {}).get("codeCadreFacturation")
    return (
        asked.get("idFournisseur", facture.supplier) in (0, facture.supplier)
        and all(asked.get(k) in (None, "", row.get(column)) for k, column in _SAME.items())
        and asked.get("cadreFacturation", cadre) == cadre
        and (not recipients or row.get("idDestinataire") in recipients)
        and (not statuses or facture.status in statuses)
        and all(_within(row.get(column), name, asked) for name, column in _RANGES.items())
    )


def _within(value: Any, name: str, asked: Body) -> bool:
    low, high = (asked.get(f"{name}{a}", asked.get(f"{name}{b}")) for a, b in (("Du", "Min"), ("Au", "Max")))
    if low is None and high is None:
        return True
    if value is None:
        return False
    if isinstance(value, str):  # days and minutes: compared as far as both go
        low, high = (v and v.replace("T", " ")[: len(value)] for v in (low, high))
        return (low is None or value >= low) and (high is None or value[: len(high)] <= high)
    return (low is None or value >= low) and (high is None or value <= high)


def _sorted(found: list[tuple[Facture, Body]], asked: Body) -> list[Body]:
    name = asked.get("triColonne", "DateDepot")
    column = name[0].lower() + name[1:]

    def key(pair: tuple[Facture, Body]) -> tuple[bool, Any]:
        value = pair[0].deposited if column == "dateDepot" else pair[1].get(column)
        return value is not None, value

    present = [pair for pair in found if key(pair)[0]]
    absent = [pair for pair in found if not key(pair)[0]]
    ordered = sorted(present, key=key, reverse=asked.get("triSens", "Descendant") == "Descendant")
    return [row for _, row in ordered + absent]


def _size(world: World, number: int) -> int:
    facture = world.invoices[number]
    return sum(len(world.files[i].content) for i in [facture.file, *facture.attachments] if i is not None)


def own_invoice(world: World, account: Account, number: int) -> Facture:
    """Return the account's invoice with that id.

    Raises:
        RefusedError: When there is none.

    """
    facture = world.invoices.get(number)
    if facture is None or facture.supplier not in account.suppliers:
        raise refused("invoice_unknown", id=number)
    return facture


def history(world: World, account: Account, body: Body) -> Body:
    """Answer consulter/historique: newest first, paged with names of its own (api.md 2.15)."""
    facture = own_invoice(world, account, body["idFacture"])
    asked = body.get("paramRechercheHistoStatuts", {})
    rows = [
        {
            "histoStatutId": i,
            "histoStatutCode": step.status,
            "histoStatutDatePassage": minute(step.at),
            "histoStatutCommentaire": step.comment,
        }
        for i, step in enumerate(facture.steps, start=1)
    ]
    if asked.get("triSensListeHistoStatut") != "Ascendant":
        rows.reverse()
    shown, block = page(rows[: body.get("nbResultatsMaximum")], asked, "HistoStatut", "ListeHistoStatut")
    answer = said(
        OK_READ,
        idFacture=facture.id,
        numeroFacture=facture.number,
        modeDepot=facture.mode,
        statutCourantCode=facture.status,
        historiquesDesStatuts={"histoStatut": shown, **block},
    )
    if facture.rejection_handled:
        answer["derniereAction"] = {"derniereActionId": 1, "derniereActionCode": "TRAITEMENT_REJET"}
    return answer


def consult(world: World, account: Account, body: Body) -> Body:
    """Answer consulter/fournisseur: the whole invoice (api.md 2.16, annex A FactureCppEmise)."""
    facture = own_invoice(world, account, body["identifiantFactureCPP"])
    data, row = facture.body, _row(world, facture)
    references = dict(data.get("references", {}))
    references["codeDeviseFacture"] = references.pop("deviseFacture", None)
    cadre = data.get("cadreDeFacturation", {})
    shown: Body = {
        "identifiantFactureCPP": facture.id,
        "numeroFacture": facture.number,
        "statutFacture": facture.status,
        "modeDepot": facture.mode,
        "rejetTraite": facture.rejection_handled,
        "destinataire": {
            "idDestinataire": row.get("idDestinataire"),
            "codeDestinataire": row.get("codeDestinataire"),
            "libelleDestinataire": row.get("designationDestinataire"),
            "idServiceExecutant": row.get("idServiceExecutant"),
            "codeServiceExecutant": row.get("codeServiceExecutant"),
            "libelleServiceExecutant": row.get("nomServiceExecutant"),
        },
        "fournisseur": {
            "idFournisseur": facture.supplier,
            "typeIdentifiantFournisseur": "SIRET",
            "codeFournisseur": row["codeFournisseur"],
            "raisonSocialeFournisseur": row["designationFournisseur"],
        },
        "cadreDeFacturation": {
            "codeCadreFacturation": cadre.get("codeCadreFacturation"),
            "codeValideur1": cadre.get("codeStructureValideur"),
        },
        "references": {**references, "dateFacture": data.get("dateFacture"), "dateDepot": row["dateDepot"]},
        "montantTotal": data.get("montantTotal"),
        "pieceJointePrincipale": {"idPieceJointePrincipale": facture.file},
        **_lists(facture),
        "commentaire": data.get("commentaire"),
    }
    return said(OK_READ, facture=shown)


def _lists(facture: Facture) -> Body:
    """Return the three lists inside an invoice, each with its own names of pages."""
    data = facture.body
    vat = [
        {("ligneTvaTauxRefCode" if k == "ligneTvaTaux" else k): v for k, v in line.items()}
        for line in data.get("ligneTva", [])
    ]
    lines = [
        {("lignePosteUniteLibelle" if k == "lignePosteUnite" else k): v for k, v in line.items()}
        for line in data.get("lignePoste", [])
    ]
    files = [
        {
            "pieceJointeId": f["pieceJointeComplementaireId"],
            "pieceJointeTypeCode": f["pieceJointeComplementaireType"],
            "pieceJointeDesignation": f["pieceJointeComplementaireDesignation"],
        }
        for f in data.get("pieceJointeComplementaire", [])
    ]
    return {
        "recapitulatifDeTva": {"ligneTva": vat, **page(vat, {}, "LignesRecapitulativesTVA")[1]},
        "lignesDePoste": {"lignePoste": lines, **page(lines, {}, "LignesPoste")[1]},
        "listeDesPiecesJointes": {"pieceJointe": files, **page(files, {}, "ListePiecesJointe")[1]},
    }


def download(world: World, account: Account, body: Body) -> Body:
    """Answer telecharger/groupe: one PDF as it was deposited, or a ZIP of several. PIVOT is not simulated."""
    if body["format"] != "PDF":
        raise refused("not_simulated", what="format PIVOT")
    factures = [own_invoice(world, account, one["idFacture"]) for one in body["listeFacture"]]
    files = [world.files[f.file] for f in factures if f.file is not None]
    if body.get("avecPiecesJointesComplementaires") == "OUI":
        files += [world.files[i] for f in factures for i in f.attachments]
    if not files:
        raise refused("not_simulated", what="facture sans PDF")
    content = files[0].content
    if len(files) > 1:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.writestr(f"{file.id}_{file.name}", file.content)
        content = target.getvalue()
    return said(OK_READ, fichierResultat=base64.b64encode(content).decode())
