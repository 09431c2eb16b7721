"""What happens to an invoice afterwards: statuses, searches, histories, corrections."""

from __future__ import annotations

import base64
import io
import zipfile
from typing import Any

import pytest
from portal_client import PDF, Portal

from chorus_outbox.simulator import start
from chorus_outbox.simulator.codes import INVENTED

pytest_plugins = ["portal_fixtures"]

HISTORY = "/factures/v1/consulter/historique"
SEARCH = "/factures/v1/rechercher/fournisseur"


def test_invoice_moves_on_by_itself(portal: Portal) -> None:
    """After 60 s it is on its way, after 120 s available; it is paid only when somebody says so."""
    number = portal.accepted()
    seen = []
    for seconds in (59, 1, 59, 1, 3000):
        portal.world.advance(seconds)
        seen.append(portal.status(number))
    assert seen == [
        "DEPOSEE",
        "EN_COURS_ACHEMINEMENT",
        "EN_COURS_ACHEMINEMENT",
        "MISE_A_DISPOSITION",
        "MISE_A_DISPOSITION",
    ]
    portal.world.set_status("F2026-00123", "MANDATEE")
    assert portal.status(number) == "MANDATEE"


@pytest.mark.parametrize(
    ("siret", "last"),
    [(start.SIRET_FREE, "MISE_EN_PAIEMENT"), (start.SIRET_SILENT, "MANDATEE")],
    ids=["reports payment", "does not"],
)
def test_auto_pay(portal: Portal, siret: str, last: str) -> None:
    """With auto_pay it is paid by itself, unless the recipient never reports the payment."""
    portal.world.settings.auto_pay = True
    changes = {"destinataire.codeDestinataire": siret, "destinataire.codeServiceExecutant": ...}
    number = portal.accepted(changes)
    portal.world.advance(1000)
    assert portal.status(number) == last


def test_history_is_newest_first_and_paged(portal: Portal) -> None:
    """The history's block has its own names; ten rows a page, newest first, ids from the oldest."""
    number = portal.accepted()
    portal.world.advance(120)
    answer = portal.post(HISTORY, {"idFacture": number})
    block = answer["historiquesDesStatuts"]
    rows = [(r["histoStatutId"], r["histoStatutCode"], r["histoStatutDatePassage"]) for r in block.pop("histoStatut")]
    assert rows == [
        (3, "MISE_A_DISPOSITION", "2026-11-23 12:02"),
        (2, "EN_COURS_ACHEMINEMENT", "2026-11-23 12:01"),
        (1, "DEPOSEE", "2026-11-23 12:00"),
    ]
    assert block == {
        "pageCouranteHistoStatut": 1,
        "pagesHistoStatut": 1,
        "nbResultatsParPageHistoStatut": 10,
        "totalHistoStatut": 3,
    }
    assert answer["idFacture"] == number
    for n in range(9):
        portal.world.set_status(number, f"ETAPE_{n}")
    asked = {"pageResultatDemandeeListeHistoStatut": 2}
    second = portal.post(HISTORY, {"idFacture": number, "paramRechercheHistoStatuts": asked})
    assert [r["histoStatutId"] for r in second["historiquesDesStatuts"]["histoStatut"]] == [2, 1]


def test_search_pages_by_ten_newest_first(portal: Portal) -> None:
    """Without a page size a search shows ten rows of the newest deposits, and says how many there are."""
    for n in range(12):
        portal.accepted({"numeroFactureSaisi": f"F{n:02d}"})
        portal.world.advance(1)
    answer = portal.post(SEARCH, {"idFournisseur": start.SUPPLIER_ID})
    assert [r["numeroFacture"] for r in answer["listeFactures"]] == [f"F{n:02d}" for n in range(11, 1, -1)]
    assert answer["parametresRetour"] == {"pageCourante": 1, "pages": 2, "nbResultatsParPage": 10, "total": 12}
    asked = {"nbResultatsParPage": 5, "pageResultatDemandee": 3, "triColonne": "NumeroFacture", "triSens": "Ascendant"}
    page = portal.post(SEARCH, {"rechercheFactureParFournisseur": asked})
    assert [r["numeroFacture"] for r in page["listeFactures"]] == ["F10", "F11"]
    most = {"rechercheFactureParFournisseur": {"nbResultatsMaximum": 3}}
    assert portal.post(SEARCH, most)["parametresRetour"]["total"] == 3


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({"numeroFacture": "F2026-00123"}, True),
        ({"numeroFacture": "F2026-0012"}, False),
        ({"idFournisseur": start.SECOND_SUPPLIER_ID}, False),
        ({"numeroBonCommande": "91821"}, True),
        ({"listeDestinataire": [{"idDestinataire": 25784150}]}, True),
        ({"listeDestinataire": [{"idDestinataire": 1}]}, False),
        ({"statutCourant": ["DEPOSEE", "REJETEE"]}, True),
        ({"statutCourant": ["REJETEE"]}, False),
        ({"typeFacture": "AVOIR"}, False),
        ({"cadreFacturation": "A1_FACTURE_FOURNISSEUR"}, True),
        ({"cadreFacturation": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"}, False),
        ({"modeDepot": "DEPOT_PDF_API"}, True),
        ({"periodeDateDepotDu": "2026-11-23", "periodeDateDepotAu": "2026-11-23T23:59:59"}, True),
        ({"periodeDateDepotDu": "2026-11-24"}, False),
        ({"periodeDateFactureAu": "2026-11-19"}, False),
        ({"periodeDateHeureEtatCourantDu": "2026-11-23T12:00:00"}, True),
        ({"montantTTCMin": 1200, "montantTTCMax": 1200.00}, True),
        ({"montantApayerMax": 1199.99}, False),
        ({"rejetTraite": True}, False),
    ],
    ids=str,
)
def test_search_criteria(portal: Portal, criteria: dict[str, Any], found: bool) -> None:
    """Each criterion narrows the search; nothing found is code 20000 with HTTP 200."""
    portal.accepted()
    answer = portal.post(SEARCH, criteria)
    assert len(answer.get("listeFactures", [])) == found
    assert (answer["codeRetour"], answer["libelle"]) == ((0, "TRA_MSG_00.000") if found else (20000, "TRA_MSG_00.015"))


def test_search_row(portal: Portal) -> None:
    """A row carries what is needed to recognise one's own invoice."""
    number = portal.accepted()
    portal.world.set_status(number, "REJETEE", "Mauvais montant")
    (row,) = portal.search(recupererTaille=True)
    expected = {
        "identifiantFactureCPP": number,
        "numeroFacture": "F2026-00123",
        "codeDestinataire": "22220001600327",
        "dateFacture": "2026-11-20",
        "dateDepot": "2026-11-23",
        "montantTTC": 1200.0,
        "statut": "REJETEE",
        "commentaireEtatCourant": "Mauvais montant",
        "rejetTraite": False,
        "taille": len(PDF),
    }
    assert expected.items() <= row.items()


def test_whole_invoice(portal: Portal) -> None:
    """consulter/fournisseur gives back what was submitted."""
    number = portal.accepted()
    facture = portal.post("/factures/v1/consulter/fournisseur", {"identifiantFactureCPP": number})["facture"]
    assert facture["statutFacture"] == "DEPOSEE"
    assert facture["references"]["numeroBonCommande"] == "91821"
    assert facture["montantTotal"]["montantTtcTotal"] == 1200
    assert facture["recapitulatifDeTva"]["totalLignesRecapitulativesTVA"] == 1


@pytest.mark.parametrize(
    ("path", "field", "code"),
    [
        (HISTORY, "idFacture", INVENTED["invoice_unknown"].number),
        ("/factures/v1/consulter/fournisseur", "identifiantFactureCPP", INVENTED["invoice_unknown"].number),
        ("/factures/v1/recycler", "identifiantFactureCPP", INVENTED["invoice_unknown"].number),
        ("/factures/v1/completer", "identifiantFactureCPP", 20000),
    ],
)
def test_unknown_invoice(portal: Portal, path: str, field: str, code: int) -> None:
    """An unknown id is refused."""
    assert portal.post(path, {field: 1})["codeRetour"] == code


def test_suspended_invoice_is_completed(portal: Portal) -> None:
    """A call to completer needs SUSPENDUE, takes documents, and answers with the hour of Paris."""
    number = portal.accepted()
    given = [
        {
            "pieceJointeComplementaireDesignation": "Bon de livraison",
            "pieceJointeComplementaireType": "RIB",
            "pieceJointeComplementaireId": portal.add_file(),
        }
    ]
    body = {"identifiantFactureCPP": number, "commentaire": "Bon joint", "pieceJointeComplementaire": given}
    early = portal.post("/factures/v1/completer", body)
    assert (early["codeRetour"], early["libelle"]) == (20002, "GDP_MSG_11.033")
    portal.world.set_status(number, "SUSPENDUE", "Il manque le bon")
    answer = portal.post("/factures/v1/completer", body)
    assert (answer["codeRetour"], answer["dateTraitement"]) == (0, "2026-11-23 12:00")
    assert portal.status(number) == "COMPLETEE"
    portal.world.set_status(number, "SUSPENDUE")
    assert portal.post("/factures/v1/completer", body)["codeRetour"] == INVENTED["file_used"].number


def test_misrouted_invoice_is_recycled(portal: Portal) -> None:
    """A call to recycler needs A_RECYCLER, checks the recipient's rules again, keeps the number, and moves on from DEPOSEE."""
    number = portal.accepted()
    body = {"identifiantFactureCPP": number, "reference": {"numeroBonCommande": "91822"}}
    early = portal.post("/factures/v1/recycler", body)
    assert early["codeRetour"] != 0
    assert "GDP_MSG_11.001" in early["libelle"]
    portal.world.set_status(number, "A_RECYCLER", "Mauvais engagement")
    wrong = {**body, "destinataire": {"codeServiceExecutant": "INCONNU"}}
    assert portal.post("/factures/v1/recycler", wrong)["codeRetour"] == INVENTED["service_unknown"].number
    assert portal.status(number) == "A_RECYCLER"
    answer = portal.post("/factures/v1/recycler", body)
    assert (answer["numeroFacture"], answer["statutFacture"]) == ("F2026-00123", "DEPOSEE")
    assert portal.search(numeroFacture="F2026-00123")[0]["numeroBonCommande"] == "91822"
    portal.world.advance(60)
    assert portal.status(number) == "EN_COURS_ACHEMINEMENT"


def test_rejection_is_acknowledged(portal: Portal) -> None:
    """A call to traiterRejet needs REJETEE for all, changes no status, and shows in searches and histories."""
    first, second = portal.accepted(), portal.accepted({"numeroFactureSaisi": "F2"})
    portal.world.set_status(first, "REJETEE")
    both = {"listeDemandePaiement": [{"idDemandePaiement": n} for n in (first, second)]}
    assert portal.post("/factures/v1/traiterRejet", both)["codeRetour"] == INVENTED["invoice_state"].number
    assert portal.search(rejetTraite=True) == []
    one = {"listeDemandePaiement": [{"idDemandePaiement": first}]}
    assert portal.post("/factures/v1/traiterRejet", one)["codeRetour"] == 0
    assert [r["identifiantFactureCPP"] for r in portal.search(rejetTraite=True)] == [first]
    assert portal.post(HISTORY, {"idFacture": first})["derniereAction"]["derniereActionCode"] == "TRAITEMENT_REJET"


def test_download(portal: Portal) -> None:
    """One invoice comes back as the PDF that was deposited, two as a ZIP."""
    first, second = portal.accepted(), portal.accepted({"numeroFactureSaisi": "F2"})
    path, asked = "/factures/v1/telecharger/groupe", {"format": "PDF", "listeFacture": [{"idFacture": first}]}
    assert base64.b64decode(portal.post(path, asked)["fichierResultat"]) == PDF
    both = {**asked, "listeFacture": [{"idFacture": first}, {"idFacture": second}]}
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(portal.post(path, both)["fichierResultat"])))
    assert [archive.read(name) for name in archive.namelist()] == [PDF, PDF]
