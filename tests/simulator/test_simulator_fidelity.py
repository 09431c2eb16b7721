"""The simulator against what it did not write: a foreign client, and the official Swagger files."""

from __future__ import annotations

import base64
import importlib
from typing import Any

import pytest
import swagger_check
from portal_client import Portal, facturx_pdf
from test_simulator_flows import REPORT, cii, send

from chorus_outbox.simulator import start
from chorus_outbox.simulator.checks import Many, Shape
from chorus_outbox.simulator.server import RunningSimulator
from chorus_outbox.simulator.shapes import SHAPES

pytest_plugins = ["portal_fixtures"]

needs_swagger = pytest.mark.skipif(not swagger_check.available(), reason="the Swagger files are not beside the project")


def test_foreign_client_works_unchanged(simulator: RunningSimulator, portal: Portal) -> None:
    """chorus-api (PyPI), only its two addresses set: token, health, structure, services, deposit, report, search."""
    foreign = importlib.import_module("chorusapi.client")  # it has no types
    client = foreign.ChorusAPI(start.CLIENT_ID, start.CLIENT_SECRET, start.LOGIN, start.PASSWORD)
    client.auth_url, client.api_url = simulator.oauth_url, simulator.url
    assert client.auth().get_token()
    assert client.health_check().status_code == "OK"
    (found,) = client.rechercher_structure(start.SIRET_DEPARTEMENT).liste_structures
    assert (found.id_structure_cpp, found.statut) == (25784150, "ACTIVE")
    services = client.rechercher_services(found.id_structure_cpp).liste_structures
    assert [s.code_service for s in services] == ["COLLEGE", "FACTURES_PUBLIQUES"]
    assert client.consulter_structure(found.id_structure_cpp).parametres.code_service_doit_etre_renseigne
    flow = client.deposer_flux(base64.b64encode(facturx_pdf(cii())).decode(), "facture.pdf")
    assert (flow.code_retour, flow.date_depot) == (0, "2026-11-23")
    portal.world.advance(15)
    assert client.consulter_cr_detaille(flow.numero_flux_depot).etat_courant_depot_flux == "IN_INTEGRE"
    assert client.consulter_cr(flow.numero_flux_depot).etat_courant_flux == "IN_INTEGRE"
    (invoice,) = client.rechercher_facture(flow.numero_flux_depot).liste_factures
    assert (invoice.numero_facture, invoice.statut) == ("F2026-00123", "DEPOSEE")


def everything(portal: Portal) -> None:
    """Call every route of the two APIs at least once, with all kinds of answers."""
    for structure in list(portal.world.structures.values()):
        portal.post("/structures/v1/rechercher", {"structure": {"identifiantStructure": structure.siret}})
        portal.post("/structures/v1/consulter", {"idStructureCPP": structure.id})
        portal.post("/structures/v1/rechercher/services", {"idStructure": structure.id})
        for service in structure.services[:2]:
            portal.post("/structures/v1/consulter/service", {"idStructure": structure.id, "idService": service.id})
    attachment = {
        "pieceJointeComplementaireDesignation": "Bon",
        "pieceJointeComplementaireType": "RIB",
        "pieceJointeComplementaireId": portal.add_file(),
    }
    line = {"lignePosteNumero": 1, "lignePosteUnite": "lot", "lignePosteQuantite": 1.5, "lignePosteTauxTva": "TVA5"}
    number = portal.accepted({"pieceJointeComplementaire": [attachment], "lignePoste": [line]})
    portal.submit()
    portal.world.settings.ocr = "echo"
    portal.world.readings.append({"numeroFacture": "F9", "montantTVA": 2.5, "dateFacture": "2026-11-20"})
    draft = portal.deposit()
    flow = send(portal, cii(number="F3"))["numeroFluxDepot"]
    portal.world.advance(200)
    portal.post(REPORT, {"numeroFluxDepot": flow})
    portal.search(recupererTaille=True)
    portal.search(numeroFacture="none")
    for reference in [f.id for f in portal.world.invoices.values()]:
        portal.post("/factures/v1/consulter/historique", {"idFacture": reference})
        portal.post("/factures/v1/consulter/fournisseur", {"identifiantFactureCPP": reference})
    for status in ("SUSPENDUE", "A_RECYCLER", "REJETEE", "MISE_EN_PAIEMENT"):
        portal.world.set_status(number, status, "voir")
        portal.post("/factures/v1/completer", {"identifiantFactureCPP": number, "commentaire": "voici"})
        portal.post("/factures/v1/recycler", {"identifiantFactureCPP": number, "reference": {"numeroBonCommande": "1"}})
        portal.post("/factures/v1/traiterRejet", {"listeDemandePaiement": [{"idDemandePaiement": number}]})
        portal.post("/factures/v1/consulter/historique", {"idFacture": number})
    portal.post("/factures/v1/telecharger/groupe", {"format": "PDF", "listeFacture": [{"idFacture": number}]})
    assert draft


@needs_swagger
def test_every_answer_validates(portal: Portal) -> None:
    """Each request is a valid one, and each answer has the declared types, lists and names, and no other."""
    everything(portal)
    checked = {}
    for entry in portal.world.journal:
        for direction in ("request", "response"):
            wrong = swagger_check.validate(entry["path"], direction, entry[direction])
            assert wrong == [], (entry["path"], direction, entry[direction])
        checked[entry["path"].removeprefix("/cpro")] = entry["response"].get("codeRetour")
    assert {p for p in SHAPES if p.startswith(("/factures", "/structures"))} <= set(checked)


@needs_swagger
@pytest.mark.parametrize(
    ("direction", "path", "body"),
    [
        ("response", "soumettre", {"codeRetour": 0, "libelle": "x", "nouveau": 1}),
        ("response", "soumettre", {"codeRetour": "0", "libelle": "x"}),
        ("response", "soumettre", {"libelle": "x"}),
        ("response", "soumettre", {"codeRetour": 0, "libelle": "x", "statutFacture": "DEPOSE"}),
        ("request", "soumettre", {"references": {"deviseFacture": None}}),
        ("request", "soumettre", {"montantTotal": {"montantTVA": "1"}}),
        ("request", "soumettre", {"pieceJointePrincipale": [{"id": 1}]}),
        ("request", "soumetre", {}),
    ],
    ids=["unknown", "type", "missing", "closed list", "null", "text", "in the array", "path"],
)
def test_the_check_itself_can_fail(direction: str, path: str, body: dict[str, Any]) -> None:
    """The Swagger check finds what it must find."""
    assert swagger_check.validate(f"/cpro/factures/v1/{path}", direction, body)


def names(shape: Shape, where: str = "") -> set[str]:
    if isinstance(shape, Many):
        return names(shape.item, where)
    if isinstance(shape, dict):
        inner = (names(v, f"{where}{k}.") for k, v in shape.items())
        return {f"{where}{k}" for k in shape}.union(*inner)
    return set()


@needs_swagger
@pytest.mark.parametrize("path", [p for p in SHAPES if p.startswith(("/factures", "/structures"))])
def test_requests_know_the_declared_names(path: str) -> None:
    """Each request's table has exactly the declared properties; two newer ones are known besides (api.md 2.17)."""
    newer = {"listeDemandePaiement.motifRejet", "listeDemandePaiement.cpltInfos"}
    assert names(SHAPES[path]) - newer == swagger_check.properties(f"/cpro{path}")
