"""``soumettre``: the rules of a submission, then its effect (api.md 2.11, 4, 5). A refusal consumes nothing."""

from __future__ import annotations

import re
from datetime import date, timedelta

from .answers import day, said
from .codes import OK_DEPOSIT, refused
from .enums import CADRES_WITH_VALIDATOR
from .lists import ATTACHMENT_TYPES, EXEMPTIONS
from .model import Account, Body, Facture, Step, StoredFile
from .recipients import check_recipient
from .totals import check_totals
from .world import World

ALL_FILES_LIMIT = 120_000_000  # bytes, the invoice and its attachments (api.md 5.1)
TRAP_COMMENT = (
    "Lot rejeté : les données Factur-X du PDF déposé ne respectent pas les règles de Chorus Pro (flux non intégré)"
)
_DATE_LIKE = re.compile(
    r"(19|20)[0-9]{2}[-/_]?(0[1-9]|1[0-2])[-/_]?(0[1-9]|[12][0-9]|3[01])"
    r"|(0[1-9]|[12][0-9]|3[01])[-/_]?(0[1-9]|1[0-2])[-/_]?(19|20)[0-9]{2}"
)


def submit(world: World, account: Account, body: Body) -> Body:
    """Answer soumettre."""
    _check_supplier(world, account, body["fournisseur"])
    by_pdf = body["modeDepot"] != "SAISIE_API"
    if by_pdf:
        check_number_and_date(world, body)
    elif not body.get("lignePoste"):
        raise refused("line_required")
    _check_cadre(world, body)
    check_references(body["references"])
    recipient = check_recipient(world, body["destinataire"], body["references"])
    check_totals(body, strict=world.settings.strict_payable)
    main = _main_file(world, account, body) if by_pdf else None
    others = check_attachments(world, account, body.get("pieceJointeComplementaire", []), main)
    if by_pdf:
        check_unique(world, body["fournisseur"]["idFournisseur"], body)
    else:
        body |= {"numeroFactureSaisi": world.generated_number(), "dateFacture": world.today().isoformat()}
    facture = _accept(world, account, body, main)
    for file in ([main] if main else []) + others:
        file.used_by = facture.id
    _set_course(world, facture, main, payment_reported=recipient.payment_reported)
    return _receipt(world, facture)


def _check_supplier(world: World, account: Account, supplier: Body) -> None:
    if supplier["idFournisseur"] not in account.suppliers:
        raise refused("supplier", id=supplier["idFournisseur"])
    structure = world.structures[supplier["idFournisseur"]]
    service, bank = supplier.get("idServiceFournisseur"), supplier.get("codeCoordonneesBancairesFournisseur")
    if service is not None and service not in (s.id for s in structure.services):
        raise refused("supplier_service", id=service)
    if bank is not None and bank not in (number for number, _ in structure.bank_accounts):
        raise refused("bank_account", id=bank)


def check_number_and_date(world: World, body: Body) -> None:
    """Check what the PDF modes require: number and date (api.md 5.3)."""
    number = body.get("numeroFactureSaisi") or ""
    if not number:
        raise refused("required", field="numeroFactureSaisi")
    if not re.fullmatch(r"[A-Za-z0-9_/+-]+", number):
        raise refused("number_characters", number=number)
    if _DATE_LIKE.fullmatch(number):
        raise refused("number_date", number=number)
    if "dateFacture" not in body:
        raise refused("required", field="dateFacture")
    if date.fromisoformat(body["dateFacture"]) > world.today():
        raise refused("date_future", date=body["dateFacture"])


def _check_cadre(world: World, body: Body) -> None:
    cadre, siret = (body["cadreDeFacturation"].get(k) for k in ("codeCadreFacturation", "codeStructureValideur"))
    if cadre in CADRES_WITH_VALIDATOR and not siret:
        raise refused("validator", cadre=cadre)
    if siret and world.structure(siret) is None:
        raise refused("validator_unknown", siret=siret)


def check_references(references: Body) -> None:
    """Check the exemption's reason (a code of the list, api.md 2.11) and the currency's shape."""
    reason = references.get("motifExonerationTva")
    if references["typeTva"] == "EXONERATION" and not reason:
        raise refused("exemption")
    if references["typeTva"] == "EXONERATION" and reason not in EXEMPTIONS:
        raise refused("exemption_unknown", reason=reason)
    if not re.fullmatch(r"[A-Z]{3}", references["deviseFacture"]):
        raise refused("currency", currency=references["deviseFacture"])


def check_unique(world: World, supplier: int, body: Body) -> None:
    """Refuse a number already used by that supplier in the year of the invoice's date (api.md 5.3; which year: [?])."""
    number, year = body["numeroFactureSaisi"], body["dateFacture"][:4]
    for other in world.accepted():
        same = (other.supplier, other.number, other.body["dateFacture"][:4]) == (supplier, number, year)
        if same and not (other.lost and other.status == "REJETEE"):
            raise refused("duplicate")


def _find_file(world: World, account: Account, number: int) -> StoredFile:
    file = world.files.get(number)
    if file is None or file.account != account.login:
        raise refused("file_unknown", id=number)
    if file.used_by is not None:
        raise refused("file_used", id=number)
    return file


def _main_file(world: World, account: Account, body: Body) -> StoredFile:
    given = body.get("pieceJointePrincipale", [])
    given = given if isinstance(given, list) else [given]
    if len(given) != 1:
        raise refused("required", field="pieceJointePrincipale (une seule)")
    for name in ("pieceJointePrincipaleDesignation", "pieceJointePrincipaleId"):
        if not given[0].get(name):
            raise refused("required", field=f"pieceJointePrincipale.{name}")
    file = _find_file(world, account, given[0]["pieceJointePrincipaleId"])
    if not file.content.startswith(b"%PDF-"):
        raise refused("not_pdf")
    signed = (file.format or "").startswith("PDF_SIGNE")
    if signed != (body["modeDepot"] == "DEPOT_PDF_SIGNE_API"):
        raise refused("file_signature", mode=body["modeDepot"])
    return file


def check_attachments(world: World, account: Account, given: list[Body], main: StoredFile | None) -> list[StoredFile]:
    """Return the files of ``pieceJointeComplementaire``, each known, unused, named once, of an admitted type."""
    files: list[StoredFile] = []
    for one in given:
        for part in ("Designation", "Type", "Id"):
            if not one.get(f"pieceJointeComplementaire{part}"):
                raise refused("required", field=f"pieceJointeComplementaire.pieceJointeComplementaire{part}")
        if one["pieceJointeComplementaireType"] not in ATTACHMENT_TYPES:
            raise refused("file_type", type=one["pieceJointeComplementaireType"])
        file = _find_file(world, account, one["pieceJointeComplementaireId"])
        if file is main or file in files:
            raise refused("file_twice", id=file.id)
        files.append(file)
    if sum(len(f.content) for f in [*files, *([main] if main else [])]) > ALL_FILES_LIMIT:
        raise refused("files_total")
    return files


def _accept(world: World, account: Account, body: Body, main: StoredFile | None) -> Facture:
    """Turn the draft that deposer/pdf left into the invoice, or make a new one."""
    with_validator = body["cadreDeFacturation"]["codeCadreFacturation"] in CADRES_WITH_VALIDATOR
    status = "A_VALIDER_1" if with_validator else "DEPOSEE"  # api.md 3.7 [INF]
    supplier = body["fournisseur"]["idFournisseur"]
    draft = next((f for f in world.invoices.values() if main and f.draft and f.file == main.id), None)
    if draft is None:
        facture = world.new_invoice(account.login, supplier, body["modeDepot"], body, status)
    else:
        facture = draft
        facture.supplier, facture.mode, facture.body = supplier, body["modeDepot"], body
        facture.steps = [Step(status, world.now())]
        facture.visible_from = world.now()
    facture.file = main.id if main else None
    world.certify(facture)
    return facture


def _set_course(world: World, facture: Facture, main: StoredFile | None, *, payment_reported: bool) -> None:
    """Say what will happen to it by itself: the ordinary way, or the silent end of a Factur-X sent as a PDF."""
    if main and main.facturx and world.settings.facturx_trap:
        facture.lost = True
        end = world.now() + timedelta(seconds=world.settings.trap_seconds)
        world.follow(facture, [Step("REJETEE", end, TRAP_COMMENT)])
    elif facture.status == "DEPOSEE":
        world.follow(facture, world.settings.plan(world.now(), payment_reported=payment_reported))


def _receipt(world: World, facture: Facture) -> Body:
    return said(
        OK_DEPOSIT,
        identifiantFactureCPP=facture.id,
        numeroFacture=facture.number,
        statutFacture=facture.status,
        dateDepot=day(facture.deposited),
        identifiantStructure=world.structures[facture.supplier].siret,
        empreinteCertificatDepot=facture.certificate,
    )
