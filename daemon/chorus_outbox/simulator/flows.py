"""``deposer/flux`` and the reports about flows (api.md 2.12, 2.13, 3.10). Archives are taken, but not read.

A flow is read when it is integrated, some seconds after its deposit: whatever is wrong with it appears only then.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from .answers import day, instant, said
from .codes import FLOW_TOO_BIG, INVENTED, OK_DEPOSIT, OK_READ, RefusedError, refused
from .enums import ARCHIVE_SYNTAXES, FACTURX_SYNTAX
from .files import FILE_LIMIT, decode, embedded_xml
from .flow_xml import UnreadableError, read_invoice
from .model import Account, Body, Flow, Step
from .recipients import check_recipient
from .submit import check_number_and_date, check_unique
from .totals import check_totals
from .world import World

ARCHIVE_LIMIT = 30_000_000  # bytes (api.md 5.1)
_WAITING = "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"
_ARCHIVES = (".zip", ".tar.gz")
_INTEGRATED = ("IN_INTEGRE", "IN_INTEGRE_PARTIEL")
_REFERENCE = (
    "L'engagement juridique (SupplyChainTradeTransaction.ApplicableHeaderTradeAgreement.{}.value) est obligatoire"
)
_IN_FLOWS = {  # a flow's report names the elements (api.md 6.2, there in translation: the French wording is ours)
    INVENTED["service_required"].number: _REFERENCE.format("BuyerReference"),
    INVENTED["engagement_required"].number: _REFERENCE.format("BuyerOrderReferencedDocument.IssuerAssignedID"),
}


def deposit_flow(world: World, account: Account, body: Body) -> Body:
    """Answer deposer/flux: a number to ask with later, and nothing else."""
    name: str = body["nomFichier"].lower()
    if not name.endswith((".xml", ".pdf", *_ARCHIVES)) or "/" in name or "\\" in name:
        raise refused("file_name", name=body["nomFichier"])
    content = decode(body["fichierFlux"], "fichierFlux")
    if len(content) > (ARCHIVE_LIMIT if name.endswith(_ARCHIVES) else FILE_LIMIT):
        raise RefusedError(FLOW_TOO_BIG)
    now, pause = world.now(), world.settings.flow_seconds
    said_of_it = (account.login, body["nomFichier"], body["syntaxeFlux"], [Step(_WAITING, now)], content)
    flow = Flow(world.flow_number(), *said_of_it)
    flow.plan = [
        Step(state, now + timedelta(seconds=pause * n)) for n, state in enumerate(("IN_RECU", "IN_TRAITE_SE_CPP"), 1)
    ]
    world.flows[flow.number] = flow
    world.later(pause * 3, lambda: _conclude(world, flow))
    answer = said(OK_DEPOSIT, numeroFluxDepot=flow.number, dateDepot=day(now))
    if flow.syntax not in ARCHIVE_SYNTAXES:  # the answer's list lacks these two (api.md 3.8)
        answer["syntaxeFlux"] = flow.syntax
    return answer


def _conclude(world: World, flow: Flow) -> None:
    """Let a flow come to its end, unless somebody decides about it."""
    if flow.decided:
        return
    if (verdict := _verdict(world, flow)) is not None:
        decide(world, flow, verdict)
        return
    flow.steps += flow.plan
    flow.plan = []
    _integrate(world, flow)
    rejected = flow.technical_errors or flow.invoice_errors
    flow.steps.append(Step("IN_REJETE" if rejected else "IN_INTEGRE", world.now()))


def _verdict(world: World, flow: Flow) -> Body | None:
    """Take the first verdict that is about any flow, or about one of that file name."""
    found = next((v for v in world.verdicts if v.get("nomFichier", flow.name) == flow.name), None)
    if found is not None:
        world.verdicts.remove(found)
    return found


def decide(world: World, flow: Flow, verdict: Body) -> None:
    """Put a flow into a state on demand, as no check here could.

    ``etat``: any text. ``erreurs``: messages about its invoice, or rows of ``listeErreurDP`` as they are;
    ``erreursTechniques``: messages about the file. In the two integrated states its invoice is made, unless an error
    names its number.
    """
    state, numbers = str(verdict["etat"]), _numbers(flow)
    errors = [e if isinstance(e, dict) else _blamed(numbers, e) for e in verdict.get("erreurs", ())]
    flow.decided, flow.plan = True, []
    if state in _INTEGRATED and not any(e.get("numeroDP") == numbers["numeroDP"] for e in errors):
        _integrate(world, flow)
    flow.invoice_errors += errors
    flow.technical_errors += [_technical(text) for text in verdict.get("erreursTechniques", ())]
    flow.steps.append(Step(state, world.now()))


def _numbers(flow: Flow) -> Body:
    """Return what a row of ``listeErreurDP`` says of the flow's invoice beside the message."""
    try:
        siret, body = _read(flow, flow.content) or ("", {})
    except UnreadableError:
        siret, body = "", {}
    recipient = body.get("destinataire", {}).get("codeDestinataire")
    names = ("numeroDP", "identifiantFournisseur", "identifiantDestinataire")
    return dict(zip(names, (body.get("numeroFactureSaisi"), siret, recipient), strict=True))


def _blamed(numbers: Body, text: str) -> Body:
    return {**numbers, "libelleErreurDP": text}


def _technical(text: str) -> Body:
    return {"codeErreur": "CPP_ERR_SIMULATEUR", "libelleErreur": text, "natureErreur": "REJET"}


def _integrate(world: World, flow: Flow) -> None:
    """Read the flow and make its invoice, or note what is wrong with it."""
    try:
        read = _read(flow, flow.content)
        if read is not None:
            _make_invoice(world, world.accounts[flow.account], flow, flow.content, read)
    except UnreadableError as error:
        flow.technical_errors.append(_technical(str(error)))


def _read(flow: Flow, content: bytes) -> tuple[str, Body] | None:
    if flow.name.lower().endswith(_ARCHIVES):
        raise UnreadableError("Le simulateur ne lit pas les archives.")
    if flow.syntax == FACTURX_SYNTAX:
        xml = embedded_xml(content)
        if xml is None:
            raise UnreadableError("Le PDF ne contient pas de fichier factur-x.xml.")
        return read_invoice(xml)
    return read_invoice(content)


def _make_invoice(world: World, account: Account, flow: Flow, content: bytes, read: tuple[str, Body]) -> None:
    siret, body = read
    supplier = world.structure(siret)
    if supplier is None or supplier.id not in account.suppliers:
        _blame(
            flow,
            siret,
            body,
            f"L'identifiant fournisseur de la demande de paiement {siret} n'est pas reference dans notre systeme.",
        )
        return
    wrong = [text for text in _wrongs(world, supplier.id, body) if text]
    if wrong:
        _blame(flow, siret, body, "|".join(wrong))
        return
    recipient = check_recipient(world, body["destinataire"], body["references"])
    body["fournisseur"] = {"idFournisseur": supplier.id}
    facture = world.new_invoice(account.login, supplier.id, "UPLOAD_API", body, "DEPOSEE")
    facture.flow = flow.number
    if flow.syntax == FACTURX_SYNTAX:
        file = world.store(account.login, flow.name, content, kind=None, facturx=True)
        facture.file, file.used_by = file.id, facture.id
    world.certify(facture)
    world.follow(facture, world.settings.plan(world.now(), payment_reported=recipient.payment_reported))


def _wrongs(world: World, supplier: int, body: Body) -> list[str]:
    """Return everything that is wrong with the invoice: a flow's report joins the messages (api.md 7.5)."""
    if len(body["numeroFactureSaisi"]) > 20:  # noqa: PLR2004 - api.md 5.2
        return ["Le numéro de facture dépasse 20 caractères."]
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", body["dateFacture"]) or not _real(body["dateFacture"]):
        return [f"La date {body['dateFacture']} est illisible."]
    found = []
    for rule in (
        lambda: check_number_and_date(world, body),
        lambda: check_recipient(world, body["destinataire"], body["references"]),
        lambda: check_totals(body),
        lambda: check_unique(world, supplier, body),
    ):
        try:
            rule()
        except RefusedError as error:
            found.append(_IN_FLOWS.get(error.code.number, error.code.label))
    return found


def _real(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _blame(flow: Flow, siret: str, body: Body, text: str) -> None:
    flow.invoice_errors.append(
        {
            "numeroDP": body["numeroFactureSaisi"],
            "identifiantFournisseur": siret,
            "identifiantDestinataire": body["destinataire"]["codeDestinataire"],
            "libelleErreurDP": text,
        }
    )


def _find(world: World, account: Account, body: Body) -> Flow:
    flow = world.flows.get(body["numeroFluxDepot"])
    known = flow is not None and flow.account == account.login
    if flow is None or not known or world.now() < flow.steps[0].at + timedelta(seconds=world.settings.report_seconds):
        raise refused("flow_unknown", number=body["numeroFluxDepot"])
    return flow


def report(world: World, account: Account, body: Body) -> Body:
    """Answer consulterCRDetaille: the state, and every error."""
    flow = _find(world, account, body)
    return said(
        OK_READ,
        etatCourantDepotFlux=flow.state,
        codeInterfaceDepotFlux="FSO1110A",
        dateDepotFlux=instant(flow.steps[0].at),
        dateHeureEtatCourantFlux=instant(flow.steps[-1].at),
        nomFichier=flow.name,
        listeErreurTechnique=flow.technical_errors,
        listeErreurDP=flow.invoice_errors,
    )


def short_report(world: World, account: Account, body: Body) -> Body:
    """Answer consulterCR: the state; its PDF report is not simulated."""
    flow = _find(world, account, body)
    return said(
        OK_READ,
        etatCourantFlux=flow.state,
        codeInterfaceFlux="FSO1110A",
        codeAppliPartenaire=None,
        designationPartenaire=None,
        nomFichierFlux=flow.name,
        numeroFluxDepot=flow.number,
        dateDepotFlux=instant(flow.steps[0].at),
        dateHeureEtatCourantFlux=instant(flow.steps[-1].at),
        fichierCR=None,
    )
