"""deposer/pdf and ajouter/fichier: names, contents, sizes, and what the analysis reads."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from portal_client import PDF, Portal

pytest_plugins = ["portal_fixtures"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({"nomFichier": "a.doc"}, 200, 20904, id="no pdf extension"),
        pytest.param({"nomFichier": "../a.pdf"}, 200, 20904, id="path"),
        pytest.param({"nomFichier": "a" * 197 + ".pdf"}, 400, 20900, id="201 characters"),
        pytest.param({"fichierFacture": "JVBE\nRi0="}, 400, 20900, id="line break in base64"),
        pytest.param({"fichierFacture": "JVBERi0"}, 400, 20900, id="no padding"),
        pytest.param({"fichierFacture": base64.b64encode(b"<html>").decode()}, 200, 20902, id="not a PDF"),
        pytest.param({"fichierFacture": base64.b64encode(PDF + b"/Encrypt").decode()}, 200, 20903, id="encrypted"),
        pytest.param({"formatDepot": ...}, 200, 20901, id="no format"),
        pytest.param({"formatDepot": "PDF"}, 400, 20900, id="unknown format"),
    ],
)
def test_deposit_refusals(portal: Portal, body: dict[str, Any], status: int, code: int) -> None:
    """deposer/pdf refuses what is no PDF of a good name in strict base64."""
    good = {"fichierFacture": base64.b64encode(PDF).decode(), "nomFichier": "a.pdf", "formatDepot": "PDF_NON_SIGNE"}
    sent = {k: v for k, v in {**good, **body}.items() if v is not ...}
    answer = portal.send("/factures/v1/deposer/pdf", sent)
    assert (answer.status_code, answer.json()["codeRetour"]) == (status, code)
    assert portal.world.files == {}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({}, 200, 0, id="good"),
        pytest.param({"pieceJointeNom": "a" * 46 + ".pdf"}, 200, 0, id="50 characters"),
        pytest.param({"pieceJointeNom": "a" * 47 + ".pdf"}, 400, 20900, id="51 characters"),
        pytest.param({"pieceJointeExtension": "EXE", "pieceJointeNom": "a.exe"}, 200, 20904, id="extension"),
        pytest.param({"pieceJointeExtension": "PNG"}, 200, 20904, id="other extension"),
        pytest.param({"pieceJointeTypeMime": ...}, 200, 20901, id="no MIME type"),
    ],
)
def test_add_file_refusals(portal: Portal, body: dict[str, Any], status: int, code: int) -> None:
    """ajouter/fichier checks the name, at most 50 characters, and its extension."""
    good = {
        "pieceJointeFichier": base64.b64encode(PDF).decode(),
        "pieceJointeNom": "a.pdf",
        "pieceJointeTypeMime": "application/pdf",
        "pieceJointeExtension": "PDF",
    }
    sent = {k: v for k, v in {**good, **body}.items() if v is not ...}
    answer = portal.send("/transverses/v1/ajouter/fichier", sent)
    assert (answer.status_code, answer.json()["codeRetour"]) == (status, code)


def test_big_attachment_is_a_code(portal: Portal) -> None:
    """Over 10 MB, ajouter/fichier answers 200 with codeRetour 20003."""
    body = {
        "pieceJointeFichier": base64.b64encode(b"x" * 10_000_001).decode(),
        "pieceJointeNom": "a.txt",
        "pieceJointeTypeMime": "text/plain",
        "pieceJointeExtension": "txt",
    }
    assert portal.post("/transverses/v1/ajouter/fichier", body)["codeRetour"] == 20003


def test_analysis_reads_nothing_by_default(portal: Portal) -> None:
    """All fields of the analysis are null but the type, as in the one real answer known."""
    body = {"fichierFacture": base64.b64encode(PDF).decode(), "nomFichier": "a.pdf", "formatDepot": "PDF_NON_SIGNE"}
    answer = portal.post("/factures/v1/deposer/pdf", body)
    assert {k: v for k, v in answer.items() if v is not None} == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "typeFacture": "FACTURE",
        "pieceJointeId": 10321512,
    }
    assert len(answer) == 16


def test_analysis_echoes_what_was_registered(portal: Portal) -> None:
    """With `echo`, the next file is read as registered, the one after it not."""
    portal.world.settings.ocr = "echo"
    portal.world.readings.append({"numeroFacture": "F2026-00123", "montantTVA": 200.5})
    body = {"fichierFacture": base64.b64encode(PDF).decode(), "nomFichier": "a.pdf", "formatDepot": "PDF_NON_SIGNE"}
    first, second = (portal.post("/factures/v1/deposer/pdf", body) for _ in range(2))
    assert (first["numeroFacture"], first["montantTVA"], first["codeDestinataire"]) == ("F2026-00123", 200.5, None)
    assert second["numeroFacture"] is None
