"""soumettre and the two ways to bring a PDF: every rule, and what a refusal leaves untouched."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from portal_client import Portal, facturx_pdf

from chorus_outbox.simulator import start
from chorus_outbox.simulator.codes import INVENTED

pytest_plugins = ["portal_fixtures"]

TOTAL, REFERENCES, CADRE = "montantTotal", "references", "cadreDeFacturation"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        pytest.param({}, None, id="the worked example"),
        pytest.param({"fournisseur.idFournisseur": 26300991}, "supplier", id="not our structure"),
        pytest.param({"fournisseur.idServiceFournisseur": 1}, "supplier_service", id="not our service"),
        pytest.param({"fournisseur.idServiceFournisseur": 10600001}, None, id="our service"),
        pytest.param({"fournisseur.codeCoordonneesBancairesFournisseur": 1}, "bank_account", id="not our account"),
        pytest.param({"fournisseur.codeCoordonneesBancairesFournisseur": 410001}, None, id="our account"),
        pytest.param({"numeroFactureSaisi": ...}, "required", id="no number"),
        pytest.param({"numeroFactureSaisi": "F" * 20}, None, id="20 characters"),
        pytest.param({"numeroFactureSaisi": "F 2026"}, "number_characters", id="space in the number"),
        pytest.param({"numeroFactureSaisi": "20230305"}, "number_date", id="number is a date"),
        pytest.param({"numeroFactureSaisi": "05-03-2023"}, "number_date", id="number is a french date"),
        pytest.param({"numeroFactureSaisi": "20231305"}, None, id="number is no date"),
        pytest.param({"dateFacture": ...}, "required", id="no date"),
        pytest.param({"dateFacture": "2026-11-23"}, None, id="today"),
        pytest.param({"dateFacture": "2026-11-24"}, "date_future", id="tomorrow"),
        pytest.param({"modeDepot": ...}, "required", id="no mode"),
        pytest.param({f"{CADRE}.codeCadreFacturation": ...}, "required", id="no cadre"),
        pytest.param({f"{CADRE}.codeCadreFacturation": "A9_FACTURE_SOUSTRAITANT"}, "validator", id="A9 alone"),
        pytest.param({f"{CADRE}.codeCadreFacturation": "A12_FACTURE_COTRAITANT"}, "validator", id="A12 alone"),
        pytest.param({f"{CADRE}.codeStructureValideur": "1"}, "validator_unknown", id="unknown validator"),
        pytest.param({f"{REFERENCES}.typeTva": ...}, "required", id="no VAT regime"),
        pytest.param({f"{REFERENCES}.typeTva": "EXONERATION"}, "exemption", id="exempt without reason"),
        pytest.param(
            {f"{REFERENCES}.typeTva": "EXONERATION", f"{REFERENCES}.motifExonerationTva": "293B"},
            None,
            id="exempt with reason",
        ),
        pytest.param({f"{REFERENCES}.deviseFacture": "eur"}, "currency", id="currency"),
        pytest.param({f"{TOTAL}.montantTtcTotal": 1200.02}, "total_sum", id="sum off by two cents"),
        pytest.param({f"{TOTAL}.montantAPayer": 1200.02}, "total_payable", id="payable above the total"),
        pytest.param({f"{TOTAL}.montantAPayer": 0}, None, id="already paid"),
        pytest.param({f"{TOTAL}.montantRemiseGlobaleTTC": 100}, "total_payable", id="discount forgotten"),
        pytest.param({"ligneTva": ...}, None, id="no VAT summary"),
        pytest.param(
            {
                "ligneTva": [
                    {"ligneTvaTauxManuel": 20, "ligneTvaMontantBaseHtParTaux": 900, "ligneTvaMontantTvaParTaux": 200}
                ]
            },
            "total_lines",
            id="VAT base",
        ),
        pytest.param(
            {"ligneTva": [{"ligneTvaMontantBaseHtParTaux": 1000, "ligneTvaMontantTvaParTaux": 200}]},
            "total_lines",
            id="VAT line without rate",
        ),
        pytest.param({"pieceJointePrincipale": ...}, "required", id="no PDF"),
        pytest.param({"pieceJointePrincipale": []}, "required", id="empty list"),
        pytest.param(
            {"pieceJointePrincipale": [{"pieceJointePrincipaleDesignation": "F", "pieceJointePrincipaleId": 1}]},
            "file_unknown",
            id="unknown PDF",
        ),
        pytest.param(
            {"pieceJointePrincipale": [{"pieceJointePrincipaleId": 10321512}]}, "required", id="no designation"
        ),
        pytest.param({"modeDepot": "DEPOT_PDF_SIGNE_API"}, "file_signature", id="plain PDF sent as signed"),
    ],
)
def test_submission_rules(portal: Portal, changes: dict[str, Any], refusal: str | None) -> None:
    """Each rule refuses with its own code, and then neither the number nor the file is used up."""
    file = portal.deposit()
    answer = portal.submit(changes, file)
    assert answer["codeRetour"] == (INVENTED[refusal].number if refusal else 0), answer["libelle"]
    if refusal:
        assert portal.world.accepted() == []
        assert portal.submit(file=file)["codeRetour"] == 0


def test_answer_looks_like_the_live_one(portal: Portal) -> None:
    """An accepted invoice gets exactly the published fields (api.md 2.11)."""
    answer = portal.submit()
    certificate = answer.pop("empreinteCertificatDepot")
    assert len(base64.b64decode(certificate)) == 32
    assert len(certificate) == 44
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "identifiantFactureCPP": 81234567,
        "numeroFacture": "F2026-00123",
        "statutFacture": "DEPOSEE",
        "dateDepot": "2026-11-23",
        "identifiantStructure": "73282932000074",
    }


def test_number_is_unique_per_supplier_and_year(portal: Portal) -> None:
    """The second use of a number is refused in AIFE's words; another supplier or another year may use it."""
    portal.accepted()
    assert portal.submit()["libelle"] == (
        "Vous avez déjà déposé une demande de paiement avec ce numéro de facture pour cette structure"
    )
    portal.accepted({"dateFacture": "2025-11-20"})
    portal.accepted({"fournisseur.idFournisseur": start.SECOND_SUPPLIER_ID})
    assert len(portal.world.accepted()) == 3


def test_rejected_number_stays_used(portal: Portal) -> None:
    """An invoice that its recipient rejected was integrated: its number is gone (api.md 5.3)."""
    portal.world.set_status(portal.accepted(), "REJETEE", "montant")
    assert portal.submit()["codeRetour"] == INVENTED["duplicate"].number


def test_main_file_may_be_an_object(portal: Portal) -> None:
    """The Swagger's single object is accepted beside the array that clients send (api.md 2.11)."""
    body = portal.invoice()
    body["pieceJointePrincipale"] = body["pieceJointePrincipale"][0]
    assert portal.post("/factures/v1/soumettre", body)["codeRetour"] == 0


def test_file_is_used_once(portal: Portal) -> None:
    """A file belongs to one invoice only."""
    file = portal.deposit()
    portal.accepted(file=file)
    answer = portal.submit({"numeroFactureSaisi": "F2"}, file)
    assert answer["codeRetour"] == INVENTED["file_used"].number


@pytest.mark.parametrize(
    ("kind", "mode", "accepted"),
    [
        ("PDF_NON_SIGNE", "DEPOT_PDF_API", True),
        ("PDF_SIGNE_PADES", "DEPOT_PDF_SIGNE_API", True),
        ("PDF_SIGNE_XADES", "DEPOT_PDF_SIGNE_API", True),
        ("PDF_SIGNE_PADES", "DEPOT_PDF_API", False),
    ],
)
def test_signed_files(portal: Portal, kind: str, mode: str, accepted: bool) -> None:
    """The mode of the submission fits the format declared for the file."""
    answer = portal.submit({"modeDepot": mode}, portal.deposit(kind=kind))
    assert answer["codeRetour"] == (0 if accepted else INVENTED["file_signature"].number)


def test_file_without_analysis_serves_as_main(portal: Portal) -> None:
    """A PDF brought by ajouter/fichier is accepted, another kind of file is not."""
    assert portal.submit(file=portal.add_file())["codeRetour"] == 0
    answer = portal.submit({"numeroFactureSaisi": "F2"}, portal.add_file(b"hello", "a.txt"))
    assert answer["codeRetour"] == INVENTED["not_pdf"].number


@pytest.mark.parametrize(
    ("kind", "count", "refusal"),
    [("RIB", 1, None), ("BON_DE_COMMANDE", 1, "file_type"), ("RIB", 2, "file_twice")],
    ids=["known type", "unknown type", "the same twice"],
)
def test_attachments(portal: Portal, kind: str, count: int, refusal: str | None) -> None:
    """Attachments are known files of a known type, each named once."""
    one = {
        "pieceJointeComplementaireDesignation": "Bon",
        "pieceJointeComplementaireType": kind,
        "pieceJointeComplementaireId": portal.add_file(),
    }
    answer = portal.submit({"pieceJointeComplementaire": [one] * count})
    assert answer["codeRetour"] == (INVENTED[refusal].number if refusal else 0)


@pytest.mark.parametrize("sign", [1, -1], ids=["positive", "negative"])
def test_credit_notes_of_either_sign(portal: Portal, sign: int) -> None:
    """How a credit note is signed is not documented: both pass; a negative invoice does not."""
    amounts = {"montantHtTotal": 100, "montantTVA": 20, "montantTtcTotal": 120, "montantAPayer": 120}
    changes = {f"{TOTAL}.{k}": v * sign for k, v in amounts.items()} | {"ligneTva": ...}
    assert portal.submit({**changes, f"{REFERENCES}.typeFacture": "AVOIR"})["codeRetour"] == 0
    answer = portal.submit({**changes, "numeroFactureSaisi": "F2"})
    assert answer["codeRetour"] == (0 if sign > 0 else INVENTED["total_negative"].number)


def test_typed_invoices_get_a_number(portal: Portal) -> None:
    """SAISIE_API needs a line and gets a number of 20 digits from Chorus Pro."""
    changes = {"modeDepot": "SAISIE_API", "pieceJointePrincipale": ..., "dateFacture": ..., "numeroFactureSaisi": ...}
    assert portal.submit(changes)["codeRetour"] == INVENTED["line_required"].number
    line = {"lignePosteNumero": 1, "lignePosteDenomination": "Service", "lignePosteQuantite": 1}
    answer = portal.submit({**changes, "lignePoste": [line]})
    assert answer["numeroFacture"] == "20260000000000000001"


def test_validator_comes_first(portal: Portal) -> None:
    """A subcontractor's invoice waits for the main contractor."""
    changes = {
        f"{CADRE}.codeCadreFacturation": "A9_FACTURE_SOUSTRAITANT",
        f"{CADRE}.codeStructureValideur": start.SIRET_VALIDATOR,
    }
    assert portal.submit(changes)["statutFacture"] == "A_VALIDER_1"


def test_draft_is_found_by_its_number_only_if_it_was_read(portal: Portal) -> None:
    """deposer/pdf leaves a draft; it uses up no number, and becomes the invoice once submitted."""
    portal.deposit()
    assert [r["statut"] for r in portal.search()] == ["INTERPRETEE_OCR"]
    assert portal.search(numeroFacture="F2026-00123") == []
    portal.world.settings.ocr = "echo"
    portal.world.readings.append({"numeroFacture": "F2026-00123"})
    file = portal.deposit()
    (draft,) = portal.search(numeroFacture="F2026-00123", idFournisseur=start.SUPPLIER_ID)
    assert draft["statut"] == "INTERPRETEE_OCR"
    assert portal.accepted(file=file) == draft["identifiantFactureCPP"]
    (row,) = portal.search(numeroFacture="F2026-00123")
    assert row["statut"] == "DEPOSEE"


@pytest.mark.parametrize("trap", [True, False], ids=["trap", "no trap"])
def test_facturx_sent_as_pdf(portal: Portal, trap: bool) -> None:
    """A Factur-X is accepted like any PDF, then dies in silence; its number stays free (api.md 7.2)."""
    portal.world.settings.facturx_trap = trap
    number = portal.accepted(file=portal.deposit(facturx_pdf()))
    assert portal.status(number) == "DEPOSEE"
    portal.world.advance(60)
    assert portal.status(number) == ("REJETEE" if trap else "EN_COURS_ACHEMINEMENT")
    assert portal.submit()["codeRetour"] == (0 if trap else INVENTED["duplicate"].number)


def test_invented_codes_are_marked() -> None:
    """Every invented code stands in its range, and none twice."""
    numbers = [code.number for code in INVENTED.values()]
    assert len(set(numbers)) == len(numbers)
    assert all(20900 <= n <= 20999 for n in numbers)
