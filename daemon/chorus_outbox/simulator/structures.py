"""The *Structures* API, and the lists of *Transverses* and *Utilisateurs* about the account's own structures (api.md 2.2 to 2.8)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from .answers import page, said
from .codes import NO_RESULT, OK_READ, refused
from .model import Account, Body, Service, Structure
from .world import World

Thing = TypeVar("Thing", Structure, Service)


def own_structures(world: World, account: Account, _body: Body) -> Body:
    """Answer recuperer/structures/actives/fournisseur."""
    mine = [world.structures[i] for i in account.suppliers]
    rows = [{"idStructureCPP": s.id, "identifiant": s.siret, "designationStructure": s.name} for s in mine if s.active]
    return said(OK_READ, listeStructures=rows)


def attachments(world: World, account: Account, body: Body) -> Body:
    """Answer monCompte/recuperer/rattachements."""
    states = {**dict.fromkeys(account.suppliers, "VALIDEE"), **account.former}
    listed = [_attachment(world.structures[i], state) for i, state in states.items()]
    rows, block = page(listed, body.get("parametresRecherche", {}))
    return said(OK_READ, listeStructureRattachement=rows, parametresRetour=block)


def _attachment(structure: Structure, state: str) -> Body:
    return {
        "idStructure": structure.id,
        "identifiantStructure": structure.siret,
        "typeIdentifiantStructure": "SIRET",
        "designationStructure": structure.name,
        "idRattachementStructure": structure.id + 1_000_000,
        "roleUtilisateur": "UTILISATEUR",
        "statutUtilisateur": "ACTIF",
        "statutRattachementStructure": state,
        "listeServicesRattache": [
            {
                "idService": s.id,
                "codeService": s.code,
                "libelleService": s.name,
                "estActif": s.active,
                "statutService": _service_status(s),
                "idRattachementService": s.id + 1_000_000,
                "statutRattachementService": "VALIDEE",
                "dateDbtService": "2017-01-01 00:00",
                "dateFinService": None,
            }
            for s in structure.services
        ],
    }


def bank_accounts(world: World, account: Account, body: Body) -> Body:
    """Answer recuperer/coordbanc/valides."""
    if body["idStructure"] not in account.suppliers:
        raise refused("supplier", id=body["idStructure"])
    accounts = world.structures[body["idStructure"]].bank_accounts
    rows = [{"idCoordonneeBancaire": i, "nomCoordonneeBancaire": name} for i, name in accounts]
    return said(OK_READ, listeCoordonneeBancaire=rows)


def search(world: World, account: Account, body: Body) -> Body:
    """Answer structures/rechercher: nobody found is 20000 (api.md 2.5)."""
    wanted = body.get("structure", {})
    restricted = body.get("restreindreStructuresPrivees", True)
    found = [
        s
        for s in world.structures.values()
        if (s.public or not restricted or s.id in account.suppliers) and _matches(s, wanted)
    ]
    if not found:
        return said(NO_RESULT)
    asked = body.get("parametres", {})
    columns = {"DesignationStructure": "name", "Statut": "active"}
    rows, block = page(_sorted(found, columns.get(asked.get("triColonne"), "siret"), asked), asked)
    return said(OK_READ, listeStructures=[_found(s) for s in rows], parametresRetour=block)


def _matches(structure: Structure, wanted: Body) -> bool:
    name = wanted.get("libelleStructure") or wanted.get("raisonSocialeStructure") or ""
    return (
        wanted.get("identifiantStructure") in (None, "", structure.siret)
        and wanted.get("typeIdentifiantStructure") in (None, "SIRET")
        and wanted.get("typeStructure") in (None, "PUBLIQUE" if structure.public else "PRIVEE")
        and wanted.get("statutStructure") in (None, "ACTIF" if structure.active else "INACTIF")
        and name.casefold() in structure.name.casefold()
    )


def _found(structure: Structure) -> Body:
    return {
        "idStructureCPP": structure.id,
        "identifiantStructure": structure.siret,
        "typeIdentifiantStructure": "SIRET",
        "designationStructure": structure.name,
        "statut": "ACTIVE" if structure.active else "INACTIVE",
    }


def consult(world: World, account: Account, body: Body) -> Body:
    """Answer structures/consulter: a public structure, or one's own (api.md 2.6)."""
    s = _visible(world, account, body["idStructureCPP"])
    general: Body = {
        "idStructureCPP": s.id,
        "identifiantStructure": s.siret,
        "typeIdentifiantStructure": "SIRET",
        "structurePriveePublique": "PUBLIQUE" if s.public else "PRIVEE",
        "raisonSocialeStructure": s.name,
    }
    if s.id in account.suppliers and s.password_expires:
        general["dateExpirationMotPasseCompteTech"] = s.password_expires.isoformat()
    return said(
        OK_READ,
        informationGenerales=general,
        adressePostaleDuSiege={
            "adresse": "1 PLACE DE LA MAIRIE",
            "codePostal": "22000",
            "ville": "EXEMPLE",
            "pays": "FR",
        },
        parametres={
            "codeServiceDoitEtreRenseigne": s.service_required,
            "numeroEJDoitEtreRenseigne": s.engagement_required,
            "gestionNumeroEJOuCodeService": s.engagement_or_service,
            "estMoaUniquement": False,
            "getaMoa": s.works_owner,
            "statutMiseEnPaiementNestPasRemonte": not s.payment_reported,
        },
    )


def search_services(world: World, account: Account, body: Body) -> Body:
    """Answer structures/rechercher/services: inactive ones are listed too (api.md 2.7)."""
    structure = _visible(world, account, body["idStructure"])
    if not structure.services:
        return said(NO_RESULT)
    asked = body.get("parametresRechercherServicesStructure", {})
    columns = {"LibelleService": "name", "EstActif": "active"}
    rows, block = page(_sorted(structure.services, columns.get(asked.get("triColonne"), "code"), asked), asked)
    return said(
        OK_READ,
        listeServices=[
            {
                "idService": s.id,
                "codeService": s.code,
                "libelleService": s.name,
                "estActif": s.active,
                "statutService": _service_status(s),
            }
            for s in rows
        ],
        parametresRetour=block,
    )


def consult_service(world: World, account: Account, body: Body) -> Body:
    """Answer structures/consulter/service (api.md 2.8)."""
    structure = _visible(world, account, body["idStructure"])
    service = next((s for s in structure.services if s.id == body["idService"]), None)
    if service is None:
        raise refused("service", id=body["idService"])
    return said(
        OK_READ,
        informationsGenerales={"codeService": service.code, "nomService": service.name, "descriptionService": None},
        parametres={
            "numeroEngagement": service.needs_engagement,
            "miseEnPaiement": True,
            "dateDebutValidite": "2017-01-01 00:00",
            "dateFinValidite": None if service.active else "2024-12-31 00:00",
        },
    )


def _visible(world: World, account: Account, number: int) -> Structure:
    structure = world.structures.get(number)
    if structure is None or not (structure.public or structure.id in account.suppliers):
        raise refused("structure", id=number)
    return structure


def _service_status(service: Service) -> str:
    return "ACTIF" if service.active else "INACTIF"


def _sorted(rows: Iterable[Thing], attribute: str, asked: Body) -> list[Thing]:
    backwards = asked.get("triSens") == "Descendant"
    return sorted(rows, key=lambda row: str(getattr(row, attribute)), reverse=backwards)
