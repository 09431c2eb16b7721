"""Files that come in: ``deposer/pdf``, ``ajouter/fichier``, and the reading of base64 (api.md 2.9, 2.10, 5.1)."""

from __future__ import annotations

import base64
import binascii
import io
from typing import Any

from pypdf import PdfReader

from .answers import said
from .codes import FILE_TOO_BIG, OK_DEPOSIT, MalformedError, RefusedError, refused
from .enums import EXTENSIONS
from .model import Account, Body
from .world import World

FILE_LIMIT = 10_000_000  # bytes: AIFE writes "10 Mo" (api.md 5.1)
FACTURX_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "ZUGFeRD-invoice.xml", "xrechnung.xml")
_READ = (
    *("numeroFacture", "dateFacture", "codeDestinataire", "codeServiceExecutant", "codeFournisseur"),
    *("codeDeviseFacture", "typeTva", "numeroBonCommande", "montantTtcAvantRemiseGlobalTTC", "montantAPayer"),
    *("montantHtTotal", "montantTVA"),
)


class TooBigError(Exception):
    """The PDF is over 10 MB: ``deposer/pdf`` answers HTTP 413 (api.md 2.9)."""


def decode(text: str, field: str) -> bytes:
    """Decode base64: the standard alphabet, padding, no line break.

    Raises:
        MalformedError: When it is anything else.
        RefusedError: When there is nothing in it.

    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedError(f"{field} n'est pas du base64") from None
    if not content:
        raise refused("file_empty")
    return content


def embedded_xml(content: bytes) -> bytes | None:
    """Return the Factur-X XML that a PDF carries, if any; an unreadable PDF carries none."""
    if b"/EmbeddedFile" not in content and b"/ObjStm" not in content:
        return None
    try:
        attachments = PdfReader(io.BytesIO(content)).attachments
        return next((attachments[name][0] for name in FACTURX_NAMES if name in attachments), None)
    except Exception:  # noqa: BLE001 - whatever a damaged PDF provokes in the library
        return None


def deposit_pdf(world: World, account: Account, body: Body) -> Body:
    """Answer deposer/pdf: keep the file, leave a draft, say what was read (by default nothing)."""
    name = body["nomFichier"]
    if not name.lower().endswith(".pdf") or "/" in name or "\\" in name:
        raise refused("file_name", name=name)
    content = decode(body["fichierFacture"], "fichierFacture")
    if len(content) > FILE_LIMIT:
        raise TooBigError
    if not content.startswith(b"%PDF-"):
        raise refused("not_pdf")
    if b"/Encrypt" in content:
        raise refused("encrypted")
    file = world.store(
        account.login, name, content, kind=body["formatDepot"], facturx=embedded_xml(content) is not None
    )
    read = world.readings.popleft() if world.settings.ocr == "echo" and world.readings else {}
    _draft(world, account, read, file.id)
    texts: dict[str, Any] = {key: read.get(key) for key in _READ}
    return said(OK_DEPOSIT, **texts, typeFacture=read.get("typeFacture", "FACTURE"), pieceJointeId=file.id)


def _draft(world: World, account: Account, read: Body, file: int) -> None:
    """Leave the draft at INTERPRETEE_OCR, with what was read; nobody has submitted it."""
    supplier = world.structure(read.get("codeFournisseur") or "")
    mine = supplier is not None and supplier.id in account.suppliers
    body: Body = {
        "numeroFactureSaisi": read.get("numeroFacture"),
        "dateFacture": read.get("dateFacture"),
        "destinataire": {
            "codeDestinataire": read.get("codeDestinataire"),
            "codeServiceExecutant": read.get("codeServiceExecutant"),
        },
        "references": {
            "deviseFacture": read.get("codeDeviseFacture"),
            "typeFacture": read.get("typeFacture", "FACTURE"),
            "typeTva": read.get("typeTva"),
            "numeroBonCommande": read.get("numeroBonCommande"),
        },
        "montantTotal": {
            "montantHtTotal": read.get("montantHtTotal"),
            "montantTVA": read.get("montantTVA"),
            "montantTtcTotal": read.get("montantTtcAvantRemiseGlobalTTC"),
            "montantAPayer": read.get("montantAPayer"),
        },
    }
    number = supplier.id if supplier is not None and mine else account.suppliers[0]
    world.new_invoice(account.login, number, "DEPOT_PDF_API", body, "INTERPRETEE_OCR").file = file


def add_file(world: World, account: Account, body: Body) -> Body:
    """Answer ajouter/fichier: any of the admitted extensions, at most 10 MB (``codeRetour`` 20003 otherwise)."""
    name, extension = body["pieceJointeNom"], body["pieceJointeExtension"].upper()
    if extension not in EXTENSIONS or not name.upper().endswith(f".{extension}") or "/" in name or "\\" in name:
        raise refused("file_name", name=name)
    content = decode(body["pieceJointeFichier"], "pieceJointeFichier")
    if len(content) > FILE_LIMIT:
        raise RefusedError(FILE_TOO_BIG)
    facturx = content.startswith(b"%PDF-") and embedded_xml(content) is not None
    return said(OK_DEPOSIT, pieceJointeId=world.store(account.login, name, content, kind=None, facturx=facturx).id)
