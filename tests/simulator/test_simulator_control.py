"""The control interface: what it shows, what it changes."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from portal_client import PDF, Portal, facturx_pdf
from test_simulator_flows import cii, send

from chorus_outbox.simulator import start
from chorus_outbox.simulator.codes import INVENTED

pytest_plugins = ["portal_fixtures"]


def control(portal: Portal, name: str, body: Any, status: int = 200) -> None:
    answer = portal.client.post(f"{portal.url}/_control/{name}", json=body)
    assert answer.status_code == status, answer.text


def shown(portal: Portal, name: str = "state") -> Any:
    return portal.client.get(f"{portal.url}/_control/{name}").json()


def test_state_tells_what_was_accepted(portal: Portal) -> None:
    """Each invoice comes with the SHA-256 of the PDF that Chorus Pro holds; drafts are marked."""
    number = portal.accepted()
    portal.deposit(PDF + b"other")
    state = shown(portal)
    accepted = [i for i in state["invoices"] if not i["brouillon"]]
    assert [(i["identifiantFactureCPP"], i["sha256"]) for i in accepted] == [(number, hashlib.sha256(PDF).hexdigest())]
    assert (state["files"], len(state["invoices"])) == (2, 2)
    last = state["requests"][-1]
    assert (last["method"], last["path"], last["status"]) == ("POST", "/cpro/factures/v1/deposer/pdf", 200)
    assert shown(portal, "journal")[-1]["request"]["nomFichier"] == "facture.pdf"


@pytest.mark.parametrize("key", ["identifiantFactureCPP", "numeroFacture"])
def test_status_by_id_or_number(portal: Portal, key: str) -> None:
    """An invoice is put into any status, known or not, with the recipient's words; then it stays there."""
    number = portal.accepted()
    reference = number if key == "identifiantFactureCPP" else "F2026-00123"
    control(portal, "status", {key: reference, "statut": "STATUT_NOUVEAU", "commentaire": "Bonjour"})
    control(portal, "clock", {"advance_seconds": 1000})
    (row,) = portal.search()
    assert (row["statut"], row["commentaireEtatCourant"]) == ("STATUT_NOUVEAU", "Bonjour")


def test_clock(portal: Portal) -> None:
    """Time passes on request, and brings what was due."""
    number = portal.accepted()
    control(portal, "clock", {"advance_seconds": 60})
    assert portal.status(number) == "EN_COURS_ACHEMINEMENT"


def test_reading_of_the_next_file(portal: Portal) -> None:
    """What is registered is read in the next file."""
    control(portal, "ocr", {"numeroFacture": "F9"})
    portal.deposit()
    assert [r["numeroFacture"] for r in portal.search()] == ["F9"]


def test_settings_and_structure(portal: Portal) -> None:
    """Switches and the rules of recipients and services change while it runs."""
    control(portal, "settings", {"routing_seconds": 5})
    control(portal, "structure", {"siret": start.SIRET_FREE, "engagement_required": True})
    control(portal, "structure", {"siret": start.SIRET_DEPARTEMENT, "service": "COLLEGE", "active": False})
    assert portal.submit()["codeRetour"] == INVENTED["service_inactive"].number
    free = {"destinataire.codeDestinataire": start.SIRET_FREE, "destinataire.codeServiceExecutant": ...}
    refused = portal.submit({**free, "references.numeroBonCommande": ...})
    assert refused["codeRetour"] == INVENTED["engagement_required"].number
    number = portal.accepted(free)
    portal.world.advance(5)
    assert portal.status(number) == "EN_COURS_ACHEMINEMENT"


def test_reset(portal: Portal) -> None:
    """After a reset everything is as at the start, old tokens included."""
    portal.accepted()
    control(portal, "settings", {"ocr": "echo"})
    control(portal, "reset", {})
    state = shown(portal)
    assert (state["invoices"], state["files"], state["settings"]["ocr"], state["requests"]) == ([], 0, "null", [])
    assert portal.send("/structures/v1/rechercher", {}).status_code == 401


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("status", {"numeroFacture": "unknown", "statut": "REJETEE"}, 400),
        ("status", {"numeroFacture": "unknown"}, 400),
        ("clock", {"seconds": 1}, 400),
        ("settings", {"colour": "red"}, 400),
        ("structure", {"siret": "1"}, 400),
        ("nothing", {}, 404),
    ],
)
def test_mistakes_are_told(portal: Portal, name: str, body: dict[str, Any], status: int) -> None:
    """A mistake in a control request answers 400, an unknown one 404."""
    control(portal, name, body, status)


def flow(portal: Portal, name: str = "f.pdf") -> str:
    """Deposit a Factur-X as a flow."""
    return str(send(portal, facturx_pdf(cii()), name, "IN_DP_E2_CII_FACTURX")["numeroFluxDepot"])


def test_a_flow_ends_as_told(portal: Portal) -> None:
    """By its number at once; by its file name, or whichever comes next, when it would be integrated."""
    first, second, third = flow(portal, "a.pdf"), flow(portal, "b.pdf"), flow(portal, "c.pdf")
    control(portal, "flow", {"numeroFluxDepot": first, "etat": "IN_INCIDENTE"})
    control(portal, "flow", {"nomFichier": "c.pdf", "etat": "IN_REJETE", "erreurs": ["non"]})
    control(portal, "flow", {"etat": "STATUT_NOUVEAU"})
    control(portal, "clock", {"advance_seconds": 20})
    states = {f["numeroFluxDepot"]: f["etat"] for f in shown(portal)["flows"]}
    assert states == {first: "IN_INCIDENTE", second: "STATUT_NOUVEAU", third: "IN_REJETE"}
    assert portal.search() == []


@pytest.mark.parametrize(
    ("errors", "invoices"),
    [
        pytest.param([], 1, id="none"),
        pytest.param([{"numeroDP": "OTHER", "libelleErreurDP": "x"}], 1, id="about another"),
        pytest.param(["x"], 0, id="about ours"),
    ],
)
def test_a_flow_integrated_in_part(portal: Portal, errors: list[Any], invoices: int) -> None:
    """Its invoice is made unless an error names it."""
    number = flow(portal)
    control(portal, "flow", {"numeroFluxDepot": number, "etat": "IN_INTEGRE_PARTIEL", "erreurs": errors})
    control(portal, "clock", {"advance_seconds": 20})
    assert len(portal.search()) == invoices
    answer = portal.post("/transverses/v1/consulterCRDetaille", {"numeroFluxDepot": number})
    assert (answer["etatCourantDepotFlux"], len(answer["listeErreurDP"])) == ("IN_INTEGRE_PARTIEL", len(errors))


@pytest.mark.parametrize("body", [{}, {"numeroFluxDepot": "CPP1", "etat": "IN_REJETE"}], ids=["no state", "unknown"])
def test_a_wrong_word_about_a_flow(portal: Portal, body: dict[str, str]) -> None:
    """Refused with a sentence."""
    control(portal, "flow", body, 400)
