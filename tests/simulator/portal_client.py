"""A plain client for tests of the simulator: knows the credentials, the headers and one good invoice."""

from __future__ import annotations

import base64
import io
from copy import deepcopy
from typing import Any

import httpx
from pypdf import PdfWriter

from chorus_outbox.simulator import start
from chorus_outbox.simulator.server import RunningSimulator
from chorus_outbox.simulator.world import World

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
ACCOUNT = base64.b64encode(f"{start.LOGIN}:{start.PASSWORD}".encode()).decode()
FORM = {
    "grant_type": "client_credentials",
    "client_id": start.CLIENT_ID,
    "client_secret": start.CLIENT_SECRET,
    "scope": "openid",
}
GOOD: dict[str, Any] = {  # the invoice of api.md 9, step 8
    "modeDepot": "DEPOT_PDF_API",
    "numeroFactureSaisi": "F2026-00123",
    "dateFacture": "2026-11-20",
    "destinataire": {"codeDestinataire": start.SIRET_DEPARTEMENT, "codeServiceExecutant": "COLLEGE"},
    "fournisseur": {"idFournisseur": start.SUPPLIER_ID},
    "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
    "references": {
        "deviseFacture": "EUR",
        "typeFacture": "FACTURE",
        "typeTva": "TVA_SUR_DEBIT",
        "numeroBonCommande": "91821",
        "modePaiement": "VIREMENT",
    },
    "ligneTva": [
        {"ligneTvaTauxManuel": 20, "ligneTvaMontantBaseHtParTaux": 1000.00, "ligneTvaMontantTvaParTaux": 200.00}
    ],
    "montantTotal": {
        "montantHtTotal": 1000.00,
        "montantTVA": 200.00,
        "montantTtcTotal": 1200.00,
        "montantRemiseGlobaleTTC": 0,
        "montantAPayer": 1200.00,
    },
    "commentaire": "Facture F2026-00123",
}


def facturx_pdf(xml: bytes = b"<x/>") -> bytes:
    """Return a PDF that carries a factur-x.xml."""
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_attachment("factur-x.xml", xml)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def changed(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with dotted names set; the value ``...`` takes the name out."""
    result = deepcopy(body)
    for place, value in changes.items():
        *way, last = place.split(".")
        target = result
        for step in way:
            target = target.setdefault(step, {})
        if value is ...:
            target.pop(last, None)
        else:
            target[last] = value
    return result


class Portal:
    """The simulator as seen by a supplier's program."""

    def __init__(self, simulator: RunningSimulator, client: httpx.Client) -> None:
        self.url = simulator.url
        self.client = client
        self.world: World = simulator.world
        self.token = self.client.post(simulator.oauth_url, data=FORM).json()["access_token"]

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "cpro-account": ACCOUNT,
            "Content-Type": "application/json;charset=utf-8",
        }

    def send(self, path: str, body: Any) -> httpx.Response:
        return self.client.post(f"{self.url}/cpro{path}", json=body, headers=self.headers)

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = self.send(path, body)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        result: dict[str, Any] = answer.json()
        return result

    def deposit(self, content: bytes = PDF, kind: str = "PDF_NON_SIGNE") -> int:
        body = {
            "fichierFacture": base64.b64encode(content).decode(),
            "nomFichier": "facture.pdf",
            "formatDepot": kind,
        }
        number: int = self.post("/factures/v1/deposer/pdf", body)["pieceJointeId"]
        return number

    def add_file(self, content: bytes = PDF, name: str = "bon.pdf") -> int:
        body = {
            "pieceJointeFichier": base64.b64encode(content).decode(),
            "pieceJointeNom": name,
            "pieceJointeTypeMime": "application/pdf",
            "pieceJointeExtension": name.rsplit(".", 1)[-1],
        }
        number: int = self.post("/transverses/v1/ajouter/fichier", body)["pieceJointeId"]
        return number

    def invoice(self, changes: dict[str, Any] | None = None, file: int | None = None) -> dict[str, Any]:
        """Return a good submission, its PDF deposited (or ``file``), with changes."""
        number = self.deposit() if file is None else file
        main = [{"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": number}]
        return changed({**GOOD, "pieceJointePrincipale": main}, changes or {})

    def submit(self, changes: dict[str, Any] | None = None, file: int | None = None) -> dict[str, Any]:
        return self.post("/factures/v1/soumettre", self.invoice(changes, file))

    def accepted(self, changes: dict[str, Any] | None = None, file: int | None = None) -> int:
        answer = self.submit(changes, file)
        assert answer["codeRetour"] == 0, answer
        number: int = answer["identifiantFactureCPP"]
        return number

    def search(self, **criteria: Any) -> list[dict[str, Any]]:
        answer = self.post("/factures/v1/rechercher/fournisseur", criteria)
        rows: list[dict[str, Any]] = answer.get("listeFactures", [])
        return rows

    def status(self, number: int) -> str:
        answer = self.post("/factures/v1/consulter/historique", {"idFacture": number})
        code: str = answer["statutCourantCode"]
        return code
