"""Structures, services, and what each recipient requires."""

from __future__ import annotations

from typing import Any

import pytest
from portal_client import Portal
from stdnum.fr import siret as stdnum_siret

from chorus_outbox.simulator import start
from chorus_outbox.simulator.codes import INVENTED

pytest_plugins = ["portal_fixtures"]


@pytest.mark.parametrize(
    ("siret", "service", "engagement", "refusal"),
    [
        pytest.param(start.SIRET_FREE, None, None, None, id="nothing required"),
        pytest.param(start.SIRET_FREE, "", "", None, id="empty texts"),
        pytest.param(start.SIRET_PLAIN, None, "91821", None, id="engagement given though not required"),
        pytest.param(start.SIRET_PLAIN, "COLLEGE", None, "service_unknown", id="service of another"),
        pytest.param(start.SIRET_ENGAGEMENT, None, None, "engagement_required", id="engagement missing"),
        pytest.param(start.SIRET_ENGAGEMENT, None, "1", None, id="engagement given"),
        pytest.param(start.SIRET_SERVICE, None, "1", "service_required", id="service missing"),
        pytest.param(start.SIRET_SERVICE, "SERVICE_DEST_SERV_OBL", None, None, id="service given"),
        pytest.param(start.SIRET_SERVICE, "service_dest_serv_obl", None, "service_unknown", id="service in lower case"),
        pytest.param(start.SIRET_SERVICE, "ANCIEN_SERVICE", None, "service_inactive", id="service inactive"),
        pytest.param(
            start.SIRET_DEPARTEMENT, "COLLEGE", None, "engagement_required_by_service", id="service's own rule"
        ),
        pytest.param(start.SIRET_DEPARTEMENT, "COLLEGE", "91821", None, id="both"),
        pytest.param(start.SIRET_DEPARTEMENT, "FACTURES_PUBLIQUES", "1", "service_public", id="emitting service"),
        pytest.param(start.SIRET_EITHER, None, None, "engagement_or_service", id="neither"),
        pytest.param(start.SIRET_EITHER, "MAIRIE", None, None, id="service alone"),
        pytest.param(start.SIRET_EITHER, None, "1", None, id="engagement alone"),
        pytest.param(start.SIRET_STATE, "D2205922", "1300000001", None, id="State, known engagement"),
        pytest.param(start.SIRET_STATE, "D2205922", "1300000009", "engagement_unknown", id="State, unknown engagement"),
        pytest.param(start.SIRET_INACTIVE, None, None, "recipient_inactive", id="inactive recipient"),
        pytest.param("99999999999999", None, None, "recipient_unknown", id="unknown recipient"),
        pytest.param(start.SECOND_SUPPLIER_SIRET, None, None, "recipient_unknown", id="private recipient"),
    ],
)
def test_recipient_rules(
    portal: Portal, siret: str, service: str | None, engagement: str | None, refusal: str | None
) -> None:
    """A submission is refused exactly when a rule of api.md 4.2 is broken."""
    answer = portal.submit(
        {
            "destinataire.codeDestinataire": siret,
            "destinataire.codeServiceExecutant": service,
            "references.numeroBonCommande": engagement,
        }
    )
    assert answer["codeRetour"] == (INVENTED[refusal].number if refusal else 0), answer["libelle"]


def test_every_siret_has_a_good_checksum() -> None:
    """The start data holds no SIRET that a client would rightly refuse by itself."""
    assert [s.siret for s in start.structures() if not stdnum_siret.is_valid(s.siret)] == []


def test_ids_and_sirets_are_unique() -> None:
    """No two structures share an id or a SIRET, no two services an id."""
    structures = start.structures()
    services = [s.id for structure in structures for s in structure.services]
    assert len({s.id for s in structures}) == len({s.siret for s in structures}) == len(structures)
    assert len(set(services)) == len(services)


def test_own_structures(portal: Portal) -> None:
    """The account acts for two suppliers, the first being that of the worked example."""
    answer = portal.post("/transverses/v1/recuperer/structures/actives/fournisseur", {})
    first = {"idStructureCPP": 26300989, "identifiant": "73282932000074", "designationStructure": "MA SOCIETE"}
    assert answer["listeStructures"][0] == first
    assert len(answer["listeStructures"]) == 2
    body = {"parametresRecherche": {"nbResultatsParPage": 1, "pageResultatDemandee": 2, "triColonne": "IdStructure"}}
    attached = portal.post("/utilisateurs/v1/monCompte/recuperer/rattachements", body)
    assert [r["idStructure"] for r in attached["listeStructureRattachement"]] == [start.SECOND_SUPPLIER_ID]
    assert attached["parametresRetour"] == {"pageCourante": 2, "pages": 2, "nbResultatsParPage": 1, "total": 2}


def test_bank_accounts(portal: Portal) -> None:
    """Only the account's own structures show their bank accounts."""
    path = "/transverses/v1/recuperer/coordbanc/valides"
    assert portal.post(path, {"idStructure": start.SUPPLIER_ID})["listeCoordonneeBancaire"][0] == {
        "idCoordonneeBancaire": 410001,
        "nomCoordonneeBancaire": "COMPTE PRINCIPAL",
    }
    assert portal.post(path, {"idStructure": 25784150})["codeRetour"] == INVENTED["supplier"].number


def test_worked_example_of_structures(portal: Portal) -> None:
    """Steps 2 to 5 of api.md 9 answer as written there."""
    wanted = {"structure": {"identifiantStructure": start.SIRET_DEPARTEMENT, "typeIdentifiantStructure": "SIRET"}}
    found = portal.post("/structures/v1/rechercher", wanted)
    assert found["listeStructures"] == [
        {
            "idStructureCPP": 25784150,
            "identifiantStructure": "22220001600327",
            "typeIdentifiantStructure": "SIRET",
            "designationStructure": "DEP COTES-D'ARMOR",
            "statut": "ACTIVE",
        }
    ]
    rules = portal.post("/structures/v1/consulter", {"idStructureCPP": 25784150, "codeLangue": "fr"})["parametres"]
    assert rules["codeServiceDoitEtreRenseigne"]
    assert not rules["numeroEJDoitEtreRenseigne"]
    services = portal.post("/structures/v1/rechercher/services", {"idStructure": 25784150})["listeServices"]
    assert [s["codeService"] for s in services] == ["COLLEGE", "FACTURES_PUBLIQUES"]
    asked = {"idStructure": 25784150, "idService": services[0]["idService"]}
    assert portal.post("/structures/v1/consulter/service", asked)["parametres"]["numeroEngagement"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param({"structure": {"identifiantStructure": "00000000000000"}}, 0, id="unknown"),
        pytest.param({"structure": {"identifiantStructure": start.SIRET_VALIDATOR}}, 0, id="foreign private"),
        pytest.param(
            {"structure": {"identifiantStructure": start.SIRET_VALIDATOR}, "restreindreStructuresPrivees": False},
            1,
            id="foreign private, unrestricted",
        ),
        pytest.param({"structure": {"identifiantStructure": start.SUPPLIER_SIRET}}, 1, id="own private"),
        pytest.param({"structure": {"statutStructure": "INACTIF"}}, 1, id="inactive"),
    ],
)
def test_structure_search(portal: Portal, body: dict[str, Any], found: int) -> None:
    """Nobody found is code 20000; private structures show only to those attached, unless asked otherwise."""
    answer = portal.post("/structures/v1/rechercher", body)
    assert len(answer.get("listeStructures", [])) == found
    assert (answer["codeRetour"], answer["libelle"]) == ((0, "TRA_MSG_00.000") if found else (20000, "TRA_MSG_00.015"))


def test_services_come_in_pages_of_ten(portal: Portal) -> None:
    """Without a page size there are ten rows; 23 services take three pages, the inactive one included."""
    structure = portal.world.structure(start.SIRET_MANY)
    assert structure is not None
    seen: list[dict[str, Any]] = []
    for number in (1, 2, 3):
        asked = {"pageResultatDemandee": number}
        body = {"idStructure": structure.id, "parametresRechercherServicesStructure": asked}
        answer = portal.post("/structures/v1/rechercher/services", body)
        assert answer["parametresRetour"] == {
            "pageCourante": number,
            "pages": 3,
            "nbResultatsParPage": 10,
            "total": 23,
        }
        seen += answer["listeServices"]
    assert [s["codeService"] for s in seen] == [f"SERVICE_{n:02d}" for n in range(1, 24)]
    assert [s["codeService"] for s in seen if not s["estActif"]] == ["SERVICE_07"]


def test_foreign_private_structure_is_hidden(portal: Portal) -> None:
    """A private structure that is not ours can't be consulted; our own shows when the password expires."""
    refused = portal.post("/structures/v1/consulter", {"idStructureCPP": 26300991})
    assert refused["codeRetour"] == INVENTED["structure"].number
    own = portal.post("/structures/v1/consulter", {"idStructureCPP": start.SUPPLIER_ID})
    assert own["informationGenerales"]["dateExpirationMotPasseCompteTech"] == "2027-10-01"


@pytest.mark.parametrize(
    ("path", "key", "code"),
    [
        ("typespj", "listeTypePieceJointe", {"codeTypePieceJointe": "RIB"}),
        ("tauxtva", "listeTauxTva", {"codeTauxTva": "TVA5"}),
        ("motifs/exonerationtva", "listeMotifsExonerationTva", {"codeMotifExonerationTva": "293B"}),
    ],
)
def test_reference_lists(portal: Portal, path: str, key: str, code: dict[str, str]) -> None:
    """The reference lists hold their known codes."""
    rows = portal.post(f"/transverses/v1/recuperer/{path}", {"codeLangue": "FR"})[key]
    assert any(code.items() <= row.items() for row in rows)
