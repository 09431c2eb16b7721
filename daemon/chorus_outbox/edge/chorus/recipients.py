"""Chorus Pro's directory of structures: who a recipient is, what it requires, its services (api.md 2.5 to 2.8).

Asks each time it is called; how long an answer holds is known by ``directory``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import IO, Any

from chorus_outbox.core.preflight import EMITTING_SERVICE, Recipient, Service
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError, RefusedError

from . import fields as cf
from .download import Download
from .paging import STRUCTURES, TRANSVERSES, every_row, listed, nonsense, one_page
from .wire import Wire


def ask_recipient(wire: Wire, siret: str, asked: Collection[str] | None) -> Recipient | None:
    """Return a recipient with its rules and all its services; None when unknown.

    Args:
        wire: Sends the calls.
        siret: 14 digits.
        asked: Codes of the services whose own rule is asked for too (one call each); None: of all active ones.

    """
    body = {
        "structure": {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"},
        "parametres": one_page(1, 10, "IdentifiantStructure"),
        "restreindreStructuresPrivees": True,
    }
    answer = look_up(wire, "rechercher", body)
    found = [r for r in listed(answer, "listeStructures") if r.get("identifiantStructure") in (siret, None)]
    row = next((r for r in found if r.get("statut") != "INACTIVE"), found[0] if found else None)
    if row is None:
        return None
    structure_id = cf.integer(row.get("idStructureCPP"))
    if structure_id is None:
        raise nonsense()
    rules = _rules(wire, structure_id)
    services = services_of(wire, structure_id)
    return Recipient(
        siret=siret,
        name=cf.text(row.get("designationStructure")) or siret,
        active=row.get("statut") not in ("INACTIVE", "INACTIF"),
        structure_id=structure_id,
        needs_service=rules.get("codeServiceDoitEtreRenseigne") is True,
        needs_engagement=rules.get("numeroEJDoitEtreRenseigne") is True,
        needs_either=rules.get("gestionNumeroEJOuCodeService") is True,
        services=tuple(_with_rule(wire, structure_id, s) if _wanted(s, asked) else s for s in services),
        payment_not_reported=rules.get("statutMiseEnPaiementNestPasRemonte") is True,
    )


def _wanted(service: Service, asked: Collection[str] | None) -> bool:
    return service.active and (service.code != EMITTING_SERVICE if asked is None else service.code in asked)


def _rules(wire: Wire, structure_id: int) -> Mapping[str, Any]:
    rules = look_up(wire, "consulter", {"idStructureCPP": structure_id, "codeLangue": "fr"}).get("parametres")
    return rules if isinstance(rules, dict) else {}


def services_of(wire: Wire, structure_id: int) -> tuple[Service, ...]:
    """Return every service of a structure, the inactive ones too; their own rules are not asked."""

    def ask(page: int) -> Mapping[str, Any]:
        parameters = one_page(page, 500, "CodeService")
        body = {"idStructure": structure_id, "parametresRechercherServicesStructure": parameters}
        return look_up(wire, "rechercher/services", body)

    return tuple(s for r in every_row(ask, "listeServices", "idService") if (s := cf.service(r)))


def _with_rule(wire: Wire, structure_id: int, service: Service) -> Service:
    body = {"idStructure": structure_id, "idService": service.service_id, "codeLangue": "fr"}
    rules = look_up(wire, "consulter/service", body).get("parametres")
    return replace(service, needs_engagement=isinstance(rules, dict) and rules.get("numeroEngagement") is True)


def look_up(wire: Wire, route: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask the directory of structures; a bare HTTP 4xx there is no verdict on the invoice."""
    try:
        return wire.call(f"{STRUCTURES}/{route}", body)
    except RefusedError as e:
        if not e.code.startswith("HTTP "):
            raise
        raise FaultyError(Problem("outage.maintenance", {"status": e.code.removeprefix("HTTP ")})) from None


def download_directory(wire: Wire, file: IO[bytes]) -> None:
    """Write the whole directory of public bodies, a ZIP, into a file (api.md 2.19: rebuilt by AIFE once a week)."""
    wire.download(f"{TRANSVERSES}/telecharger/annuaire/destinataire", Download("fichierResultat", file))
    if not file.tell():
        raise nonsense()
