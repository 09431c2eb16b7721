"""The simulated account: attachments that are lost, other accounts, the State's engagements, the directory as a file."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest
from portal_client import Portal

from chorus_outbox.simulator import start

pytest_plugins = ["portal_fixtures"]

ACTIVE = "/transverses/v1/recuperer/structures/actives/fournisseur"
ATTACHED = "/utilisateurs/v1/monCompte/recuperer/rattachements"
ENGAGEMENTS = "/engagementsJuridiques/v1/rechercher"


def control(portal: Portal, name: str, body: Any, status: int = 200) -> None:
    answer = portal.client.post(f"{portal.url}/_control/{name}", json=body)
    assert answer.status_code == status, answer.text


def attached(portal: Portal) -> dict[str, str]:
    rows = portal.post(ATTACHED, {})["listeStructureRattachement"]
    return {row["identifiantStructure"]: row["statutRattachementStructure"] for row in rows}


def test_an_attachment_that_is_lost_and_found_again(portal: Portal) -> None:
    """It shows with its status, and the structure can't be used meanwhile."""
    both = {start.SUPPLIER_SIRET: "VALIDEE", start.SECOND_SUPPLIER_SIRET: "VALIDEE"}
    assert attached(portal) == both
    control(portal, "attachment", {"siret": start.SUPPLIER_SIRET, "statut": "DESACTIVEE"})
    assert attached(portal) == {**both, start.SUPPLIER_SIRET: "DESACTIVEE"}
    assert [s["identifiant"] for s in portal.post(ACTIVE, {})["listeStructures"]] == [start.SECOND_SUPPLIER_SIRET]
    control(portal, "attachment", {"siret": start.SUPPLIER_SIRET, "statut": "VALIDEE", "login": start.LOGIN})
    assert attached(portal) == both


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("attachment", {"siret": "1", "statut": "VALIDEE"}),
        ("attachment", {"siret": start.SUPPLIER_SIRET}),
        ("account", {"login": "x", "password": "y", "sirets": ["1"]}),
        ("structure", {"siret": start.SUPPLIER_SIRET, "password_expires": "soon"}),
    ],
)
def test_a_mistake_is_told(portal: Portal, name: str, body: Any) -> None:
    """Nothing changes by half."""
    control(portal, name, body, 400)
    assert len(attached(portal)) == 2


def test_another_account_sees_only_its_own(portal: Portal) -> None:
    """A technical account of another structure."""
    control(portal, "account", {"login": "T", "password": "P", "sirets": [start.SIRET_VALIDATOR]})
    header = base64.b64encode(b"T:P").decode()
    answer = portal.client.post(
        f"{portal.url}/cpro{ACTIVE}", json={}, headers={**portal.headers, "cpro-account": header}
    )
    assert [s["identifiant"] for s in answer.json()["listeStructures"]] == [start.SIRET_VALIDATOR]


@pytest.mark.parametrize(("number", "code", "rows"), [("1300000001", 0, 1), ("1309999999", 20000, 0)])
def test_the_state_s_engagements(portal: Portal, number: str, code: int, rows: int) -> None:
    """Known or not; for one's own structure only."""
    asked = {"numeroEngagementJuridique": number, "etatCourantEngagementJuridique": "COMMANDE"}
    answer = portal.send(
        ENGAGEMENTS, {**asked, "structureReceptriceEngagementJuridique": str(start.SUPPLIER_ID)}
    ).json()
    assert (answer["codeRetour"], len(answer.get("listeEngagementJuridique", []))) == (code, rows)
    refused = portal.send(ENGAGEMENTS, {**asked, "structureReceptriceEngagementJuridique": "1"}).json()
    assert refused["codeRetour"] == 20910


def test_the_directory_as_a_file(portal: Portal) -> None:
    """A ZIP with one XML file, which names every public structure and no private one."""
    answer = portal.post("/transverses/v1/telecharger/annuaire/destinataire", {})
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer["fichierResultat"]))) as archive:
        (name,) = archive.namelist()
        xml = archive.read(name).decode()
    public = {s.siret for s in start.structures() if s.public}
    assert all(siret in xml for siret in public)
    assert start.SUPPLIER_SIRET not in xml
