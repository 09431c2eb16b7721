"""The control interface under ``/_control``: no part of Chorus Pro, no authentication, for demonstrations and tests.

========================  =============================================================================================
GET state                 time, settings, invoices (with the SHA-256 of each PDF), flows, number of files, requests
GET journal               every request with its body and answer (contents shortened, secrets masked)
POST chaos                ``[{"path", "kind", "times", "after", "seconds", "status", "retry_after", "reset"}]``: replaces
                          the faults to commit (``chaos.KINDS``); an empty list ends them
POST status               ``{"identifiantFactureCPP" | "numeroFacture", "statut", "commentaire"}``
POST flow                 ``{"numeroFluxDepot"?, "nomFichier"?, "etat", "erreurs"?, "erreursTechniques"?}``:
                          ``flows.decide``; without a number, about the next flow (of that file name) to be integrated
POST clock                ``{"advance_seconds"}``
POST ocr                  ``{...}``: what ``deposer/pdf`` reads in the next file (switches ``ocr`` to ``echo``)
POST settings             ``{name: value}``: the switches of ``model.Settings``
POST structure            ``{"siret", "service"?, name: value}``: changes a recipient, or one service of it
POST attachment           ``{"siret", "statut", "login"?}``: what an account's attachment to a structure becomes
POST account              ``{"login", "password", "sirets"}``: a new technical account, or another password
POST reset                everything back to the start data
========================  =============================================================================================

Each POST answers the new state in short; a mistake answers 400 with a sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .chaos import Rule
from .flows import decide
from .model import Account, Body, Facture, Structure
from .recipients import find_service
from .routes import HANDLERS
from .world import World


def state(world: World) -> Body:
    """Return everything that can be asked of the world."""
    world.tick()
    return {
        "now": world.now().isoformat(),
        "settings": asdict(world.settings),
        "chaos": [asdict(rule) for rule in world.rules],
        "files": len(world.files),
        "invoices": [_invoice(world, f) for f in list(world.invoices.values())],
        "flows": [{"numeroFluxDepot": f.number, "etat": f.state} for f in list(world.flows.values())],
        "requests": [{k: e[k] for k in ("at", "method", "path", "status", "chaos")} for e in list(world.journal)],
    }


def _invoice(world: World, facture: Facture) -> Body:
    file = world.files.get(facture.file) if facture.file is not None else None
    return {
        "identifiantFactureCPP": facture.id,
        "numeroFacture": facture.number,
        "statut": facture.status,
        "brouillon": facture.draft,
        "idFournisseur": facture.supplier,
        "modeDepot": facture.mode,
        "sha256": file.sha256 if file else None,
        "deposee": facture.deposited.isoformat(),
        "historique": [{"statut": s.status, "date": s.at.isoformat(), "commentaire": s.comment} for s in facture.steps],
        **{k: facture.body.get(k) for k in ("dateFacture", "destinataire", "references", "montantTotal")},
    }


def set_chaos(world: World, body: Any) -> None:
    """Replace the faults to commit."""
    rules = [Rule(**one) for one in body]
    paths = [f"/cpro{path}" for path in HANDLERS] + ["/api/oauth/token", "/cpro/transverses/v1/health-check"]
    for rule in rules:
        if not any(rule.concerns(path) for path in paths):
            raise ValueError(f"{rule.kind} never happens on {rule.path!r}")
    world.rules[:] = rules


def set_status(world: World, body: Any) -> None:
    """Put an invoice into a status, as its recipient would."""
    reference = body.get("identifiantFactureCPP", body.get("numeroFacture"))
    world.set_status(reference, body["statut"], body.get("commentaire"))


def decide_flow(world: World, body: Any) -> None:
    """Say what becomes of a flow, or of the next one."""
    if "etat" not in body:
        raise KeyError("etat")
    if "numeroFluxDepot" in body:
        decide(world, world.flows[body["numeroFluxDepot"]], body)
    else:
        world.verdicts.append(dict(body))


def advance(world: World, body: Any) -> None:
    """Let time pass."""
    world.advance(float(body["advance_seconds"]))


def register_reading(world: World, body: Any) -> None:
    """Say what the next file's analysis reads."""
    world.settings.ocr = "echo"
    world.readings.append(dict(body))


def change_settings(world: World, body: Any) -> None:
    """Change switches."""
    world.settings = replace(world.settings, **body)


def change_structure(world: World, body: Any) -> None:
    """Change a structure's rules, or those of one of its services."""
    changes = dict(body)
    if changes.get("password_expires"):
        changes["password_expires"] = date.fromisoformat(changes["password_expires"])
    structure = world.structure(changes.pop("siret"))
    if structure is None:
        raise KeyError("siret")
    code = changes.pop("service", None)
    world.structures[structure.id] = (
        _changed_service(structure, code, changes) if code else replace(structure, **changes)
    )


def _changed_service(structure: Structure, code: str, changes: Body) -> Structure:
    service = find_service(structure, code)
    if service is None:
        raise KeyError("service")
    changed = replace(service, **changes)
    return replace(structure, services=tuple(changed if s is service else s for s in structure.services))


def change_attachment(world: World, body: Any) -> None:
    """Attach a technical account (the only one by default) to a structure, or let that attachment be lost."""
    account = world.accounts[body["login"]] if "login" in body else next(iter(world.accounts.values()))
    structure = world.structure(body["siret"])
    if structure is None:
        raise KeyError("siret")
    others = {i: state for i, state in account.former.items() if i != structure.id}
    left = tuple(i for i in account.suppliers if i != structure.id)
    if body["statut"] == "VALIDEE":
        changed = replace(account, suppliers=(*left, structure.id), former=others)
    else:
        changed = replace(account, suppliers=left, former={**others, structure.id: str(body["statut"])})
    world.accounts[account.login] = changed


def set_account(world: World, body: Any) -> None:
    """Add a technical account, or replace one: a renewed password, other structures."""
    found = [world.structure(siret) for siret in body["sirets"]]
    ids = tuple(structure.id for structure in found if structure)
    if len(ids) != len(found):
        raise KeyError("sirets")
    world.accounts[body["login"]] = Account(body["login"], body["password"], ids)


def reset(world: World, _body: Any) -> None:
    """Start again."""
    world.reset()


ACTIONS: dict[str, Callable[[World, Any], None]] = {
    "chaos": set_chaos,
    "status": set_status,
    "flow": decide_flow,
    "clock": advance,
    "ocr": register_reading,
    "settings": change_settings,
    "structure": change_structure,
    "attachment": change_attachment,
    "account": set_account,
    "reset": reset,
}


async def control(world: World, request: Request) -> Response:
    """Answer a request under ``/_control``."""
    name = request.path_params["name"]
    if request.method == "GET" and name in ("state", "journal"):
        return _json(state(world) if name == "state" else list(world.journal))
    if request.method != "POST" or name not in ACTIONS:
        return JSONResponse({"error": f"GET state, journal; POST {', '.join(ACTIONS)}"}, 404)
    try:
        raw = await request.body()
        ACTIONS[name](world, json.loads(raw or b"{}"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 400)
    return JSONResponse({"now": world.now().isoformat(), "chaos": len(world.rules), "invoices": len(world.invoices)})


def _json(value: Any) -> Response:
    return Response(json.dumps(value, default=float, ensure_ascii=False), media_type="application/json")
