"""What the trade asks beyond a plain invoice, by the program as a process: credit notes, frames, VAT, discounts, signatures.

Every case is dropped once into one site. ``inspect`` explains each before anything is sent; then the program runs, and
what Chorus Pro received, or why nothing was sent, is looked at case by case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfWriter

from chorus_outbox.core.fields import Kind
from chorus_outbox.simulator.cii import cii_xml
from chorus_outbox.simulator.drawing import draw, facturx
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.sketch import Line, Sketch
from chorus_outbox.simulator.start import SIRET_VALIDATOR, SUPPLIER_SIRET
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, CUSTOMER, SUPPLIER, Site, today
from signing import signed, with_attachment

TO = "22220001600434"  # a recipient that requires nothing
ALIAS = 'recipients: {{titulaire: {{siret: "' + SIRET_VALIDATOR + '"}}, '
SITE = CONFIG.replace("recipients: {{", ALIAS)
CREDIT = Kind.CREDIT_NOTE
SCAN = PdfWriter()
SCAN.add_blank_page(595, 842)


def sketch(number: str, *lines: tuple[str, str], **more: Any) -> Sketch:
    """Return an invoice with lines of (price, rate); one of 100,00 at 20 % by default."""
    items = tuple(Line("Prestation", Decimal(1), Decimal(p), Decimal(r)) for p, r in lines or (("100.00", "20"),))
    return Sketch(number, today(), SUPPLIER, CUSTOMER, items, **more)


def pdf(number: str, *lines: tuple[str, str], **more: Any) -> bytes:
    return draw(None, sketch(number, *lines, **more))


def credit(number: str, **more: Any) -> bytes:
    return pdf(number, kind=CREDIT, **more)


def scan(name: str) -> bytes:
    """Return a PDF without text; the name makes its bytes unique."""
    out = BytesIO()
    SCAN.add_metadata({"/Title": name})
    SCAN.write(out)
    return out.getvalue()


def xml_of_another_kind(number: str) -> bytes:
    """Return a PDF titled "Facture" whose Factur-X says 381."""
    xml = cii_xml(replace(sketch(number), kind=CREDIT, origin="F-0"), TO)
    return with_attachment(pdf(number), "factur-x.xml", xml)


def typed(number: str) -> tuple[str, ...]:
    """Return the lines of a sidecar that says all that a scan can't."""
    return f"numero: {number}", f"date: {today()}", "ht: 100", "tva: 20", "ttc: 120"


@dataclass(frozen=True)
class Case:
    """A PDF, its sidecar's other lines, what ``inspect`` finds, and what Chorus Pro receives or the log says."""

    name: str
    data: bytes
    sidecar: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    sent: Mapping[str, Any] | None = None
    says: str = ""

    @property
    def number(self) -> str:
        return self.name.replace("avoir ", "")


AVOIR_100 = {
    "references.typeFacture": "AVOIR",
    "montantTotal.montantHtTotal": 100,
    "montantTotal.montantTVA": 20,
    "montantTotal.montantTtcTotal": 120,
    "montantTotal.montantAPayer": 120,
}
EXEMPT = (("100.00", "0"),)
PLAIN_120 = {"references.typeFacture": "FACTURE", "montantTotal.montantAPayer": 120, "modeDepot": "DEPOT_PDF_API"}

GOOD = (
    Case(
        *("AV-1", credit("AV-1", origin="F-0")),
        sent={**AVOIR_100, "references.numeroFactureOrigine": "F-0", "ligneTva.0.ligneTvaMontantTvaParTaux": 20},
    ),
    Case(
        *("AV-2", scan("AV-2"), ("type: avoir", "origine: F-0", *typed("AV-2")[:2])),
        sent={**AVOIR_100, "references.numeroFactureOrigine": "F-0"},
    ),
    Case(
        *("C-3", facturx(sketch("C-3", kind=CREDIT, origin="F-0"), TO)),
        sent={**AVOIR_100, "references.numeroFactureOrigine": "F-0"},
    ),
    Case(
        *("AV-4", credit("AV-4"), ("type: avoir", "origine: aucune")),
        sent={**AVOIR_100, "references.numeroFactureOrigine": None},
    ),
    Case("AV-5", pdf("AV-5"), codes=("type.name",), sent=PLAIN_120),
    Case(
        *("A2-1", pdf("A2-1"), ("cadre: A2",)),
        sent={
            "cadreDeFacturation.codeCadreFacturation": "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE",
            "montantTotal.montantAPayer": 0,
            "montantTotal.montantTtcTotal": 120,
            "montantTotal.montantRemiseGlobaleTTC": None,
        },
    ),
    Case(
        *("A9-1", pdf("A9-1"), ("cadre: A9", f"valideur: {SIRET_VALIDATOR}", "valideur_service: TRAVAUX")),
        sent={
            "cadreDeFacturation.codeCadreFacturation": "A9_FACTURE_SOUSTRAITANT",
            "cadreDeFacturation.codeStructureValideur": SIRET_VALIDATOR,
            "cadreDeFacturation.codeServiceValideur": "TRAVAUX",
        },
    ),
    Case(
        *("A12-1", pdf("A12-1"), ("cadre: A12_FACTURE_COTRAITANT", "valideur: titulaire")),
        sent={
            "cadreDeFacturation.codeCadreFacturation": "A12_FACTURE_COTRAITANT",
            "cadreDeFacturation.codeStructureValideur": SIRET_VALIDATOR,
            "cadreDeFacturation.codeServiceValideur": None,
        },
    ),
    Case("S-1", signed(pdf("S-1")), codes=("file.signed",), sent={"modeDepot": "DEPOT_PDF_SIGNE_API"}),
    Case(
        *("S-2", signed(with_attachment(pdf("S-2"), "plan.txt", b"un plan")), (), ("file.signed",)),
        sent={"modeDepot": "DEPOT_PDF_SIGNE_API"},
    ),
    Case("S-3", signed(pdf("S-3"), empty=True), sent={"modeDepot": "DEPOT_PDF_API"}),
    Case(
        *("V-1", pdf("V-1", *EXEMPT)),
        sent={"references.typeTva": "SANS_TVA", "references.motifExonerationTva": None, "ligneTva": None},
    ),
    Case(
        *("V-2", pdf("V-2", *EXEMPT, exemption="Exonération de TVA, article 261 du CGI")),
        sent={"references.typeTva": "EXONERATION", "references.motifExonerationTva": "261"},
    ),
    Case(
        *("V-3", facturx(sketch("V-3", *EXEMPT, exemption="Autoliquidation"), TO)),
        sent={"references.typeTva": "EXONERATION", "references.motifExonerationTva": "283"},
    ),
    Case(
        *(
            "V-4",
            pdf("V-4", *EXEMPT, exemption=""),
            ("regime_tva: exonération", "motif_exoneration: EXPORTATION, article 262 i du cgi"),
        ),
        sent={"references.typeTva": "EXONERATION", "references.motifExonerationTva": "262I"},
    ),
    Case(
        *("V-5", pdf("V-5", *EXEMPT, exemption="Exonération de TVA, article 298 du CGI"), (), ("exemption.unlisted",)),
        sent={"references.typeTva": "SANS_TVA", "references.motifExonerationTva": None, "ligneTva": None},
    ),
    Case(
        *("V-6", pdf("V-6", ("100.00", "20"), ("50.00", "10"), ("40.00", "5.5"))),
        sent={
            "references.typeTva": "TVA_SUR_DEBIT",
            "ligneTva.0.ligneTvaTauxManuel": 20,
            "ligneTva.1.ligneTvaMontantBaseHtParTaux": 50,
            "ligneTva.2.ligneTvaMontantTvaParTaux": Decimal("2.20"),
            "montantTotal.montantTVA": Decimal("27.20"),
        },
    ),
    Case(
        *("V-7", pdf("V-7", notes=("TVA acquittée sur les encaissements",))),
        sent={"references.typeTva": "TVA_SUR_ENCAISSEMENT"},
    ),
    Case(
        *("R-1", pdf("R-1"), ("remise: 20", "motif_remise: Remise fidélité")),
        sent={
            "montantTotal.montantRemiseGlobaleTTC": 20,
            "montantTotal.motifRemiseGlobaleTTC": "Remise fidélité",
            "montantTotal.montantTtcTotal": 120,
            "montantTotal.montantAPayer": 100,
        },
    ),
    Case(
        *("R-2", pdf("R-2", discount=Decimal("20.00"))),
        sent={"montantTotal.montantRemiseGlobaleTTC": 20, "montantTotal.montantAPayer": 100},
    ),
    Case(
        *("R-3", pdf("R-3", prepaid=Decimal("50.00"))),
        sent={"montantTotal.montantRemiseGlobaleTTC": None, "montantTotal.montantAPayer": 70},
    ),
    Case(
        *("R-4", facturx(sketch("R-4", prepaid=Decimal("50.00")), TO)),
        sent={"montantTotal.montantRemiseGlobaleTTC": None, "montantTotal.montantAPayer": 70},
    ),
    Case(
        *("R-5", pdf("R-5"), ("a_payer: 0",), ("cadre.paid",)),
        sent={"montantTotal.montantRemiseGlobaleTTC": None, "montantTotal.montantAPayer": 0},
    ),
)

BAD = (
    Case("B-1", credit("B-1"), ("type: avoir",), ("origin.missing",), says="quelle facture il corrige"),
    Case("B-2", credit("B-2"), ("origine: B-2",), ("origin.same",), says="son propre numéro"),
    Case("B-3", pdf("B-3"), ("cadre: A9",), ("validator.missing",), says="SIRET du valideur"),
    Case("B-4", pdf("B-4"), ("cadre: A12", f"valideur: {TO}"), ("validator.same",), says="ni le destinataire"),
    Case(
        *("B-5", pdf("B-5"), ("cadre: A9", f"valideur: {SUPPLIER_SIRET}"), ("validator.same",)),
        says="ni le fournisseur",
    ),
    Case("B-6", pdf("B-6"), (f"valideur: {SIRET_VALIDATOR}",), ("validator.unused",), says="sous-traitant"),
    Case(
        "B-7", pdf("B-7"), ("cadre: A9", "valideur: 55210055400048"), ("siret.checksum",), says="chiffres de contrôle"
    ),
    Case("B-8", pdf("B-8"), ("cadre: A4",), ("cadre.works",), says="écran « Factures de travaux »"),
    Case("B-9", pdf("B-9"), ("cadre: A3",), ("cadre.justice",), says="écran « Mémoires de frais de justice »"),
    Case("B-10", pdf("B-10"), ("cadre: A21",), ("cadre.refund",), says="écran « Demandes de remboursement TIC »"),
    Case("B-11", pdf("B-11"), ("cadre: A26",), ("field.choice",), says="A9_FACTURE_SOUSTRAITANT"),
    Case("B-12", facturx(sketch("B-12", ("-100.00", "20")), TO), (), ("totals.sign",), says="Si c'est un avoir"),
    Case("B-13", xml_of_another_kind("B-13"), (), ("type.differs",), says="Le PDF se contredit"),
    Case("B-14", credit("B-14", origin="F-0"), ("type: facture",), ("mismatch.pdf",), says="avoir dans le PDF"),
    Case("AV-15", scan("AV-15"), typed("AV-15"), ("type.unsaid",), says="« type: avoir » ou « type: facture »"),
    Case("avoir B-16", scan("B-16"), typed("B-16"), ("type.unsaid",), says="fait penser à un avoir"),
    Case(
        *("B-17", pdf("B-17", *EXEMPT), ("motif_exoneration: article 298",), ("exemption.unknown",)),
        says="261 (Exonération, article 261 du CGI)",
    ),
    Case("B-18", pdf("B-18", *EXEMPT), ("regime_tva: exonération",), ("exemption.missing",), says="motif_exoneration"),
    Case("B-19", pdf("B-19"), ("regime_tva: sans tva",), ("totals.vat_regime",), says="20,00 de TVA"),
    Case("B-20", pdf("B-20"), ("remise: 20", "a_payer: 120"), ("totals.discount",), says="avant la remise"),
    Case(
        *("B-21", pdf("B-21"), ("ht: 100", "tva: 20", "lignes_tva:", "  - {taux: 20, base: 90, montant: 18}")),
        *(("totals.vat_base", "totals.vat_tax"), None),
        says="détail de la TVA",
    ),
)
ALL = {case.name: case for case in (*GOOD, *BAD)}
SCANNED_AMOUNTS = ("ht: -100", "tva: 20,00-", "ttc: (120,00)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site with every case in its outbox."""
    with running(World()) as server:
        made = Site(tmp_path_factory.mktemp("trade"), server, SITE)
        for case in ALL.values():
            more = SCANNED_AMOUNTS if case.name == "AV-2" else ()
            made.drop(f"{case.name}.pdf", case.data, f"siret: {TO}", *case.sidecar, *more)
        yield made


@pytest.fixture(scope="module")
def inspected(site: Site) -> Mapping[str, Any]:
    """Return what ``inspect`` says of each file while all lie in the outbox."""
    files = [str(p) for p in sorted((site.root / "outbox").glob("*.pdf"))]
    done = site.program("inspect", *files, "--config", str(site.config), "--json")
    assert done.returncode == 1, done.stderr
    assert not site.simulator.world.files
    return {found["file"].removesuffix(".pdf"): found for found in json.loads(done.stdout)}


@pytest.fixture(scope="module")
def after(site: Site, inspected: Mapping[str, Any]) -> Site:
    """Give the site after one run of the program."""
    assert len(inspected) == len(ALL)
    assert site.once() == 1
    return site


@pytest.mark.parametrize("name", ALL)
def test_inspect_explains_it_before_anything_is_sent(inspected: Mapping[str, Any], name: str) -> None:
    """It names exactly the problems that will count, each with a sentence, and says whether the invoice would leave."""
    found = inspected[name]
    assert [p["code"] for p in found["problems"]] == list(ALL[name].codes)
    assert all(len(p["message"]) > 20 for p in found["problems"])
    assert found["ok"] is (ALL[name].sent is not None)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_what_chorus_pro_receives(after: Site, case: Case) -> None:
    """The deposit says what the invoice is, in Chorus Pro's terms, and the file is filed as sent, its bytes unchanged."""
    assert after.where(f"{case.name}.pdf") == f"sent/{today():%Y/%m}"
    assert after.sha256(f"sent/{today():%Y/%m}", f"{case.name}.pdf") == after.dropped[f"{case.name}.pdf"]
    (facture,) = (f for f in after.simulator.world.accepted() if f.number == case.number)
    found = {path: dig(facture.body, path) for path in case.sent or {}}
    assert found == case.sent


def dig(body: Any, path: str) -> Any:
    """Return what stands at a dotted path (list indices are numbers), None when nothing does."""
    for part in path.split("."):
        inner = body.get(part) if isinstance(body, dict) else None
        body = body[int(part)] if isinstance(body, list) else inner
    return body


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_what_is_wrong_is_said_and_nothing_is_sent_or_lost(after: Site, case: Case) -> None:
    """It ends in failed/ with its bytes and its sidecar, and the log says what is wrong in the clerk's words."""
    assert after.where(f"{case.name}.pdf") == "failed"
    assert after.sha256("failed", f"{case.name}.pdf") == after.dropped[f"{case.name}.pdf"]
    assert case.says in after.log(case.name)
    assert (after.root / "failed" / f"{case.name}.yaml").read_text("utf-8").startswith(f"siret: {TO}\n")
    assert case.number not in [f.number for f in after.simulator.world.accepted()]


@pytest.mark.parametrize(
    ("name", "kind"), [("S-1", "PDF_SIGNE_PADES"), ("S-2", "PDF_SIGNE_PADES"), ("S-3", "PDF_NON_SIGNE")]
)
def test_a_signed_pdf_is_declared_and_keeps_every_byte(after: Site, name: str, kind: str) -> None:
    """PAdES in an appended update is seen, and nothing is taken out of such a file; an empty field is no signature."""
    (facture,) = (f for f in after.simulator.world.accepted() if f.number == name)
    assert facture.file is not None
    file = after.simulator.world.files[facture.file]
    assert (file.format, file.sha256) == (kind, after.dropped[f"{name}.pdf"])


def test_the_list_of_reasons_is_asked_for_once(after: Site) -> None:
    """Only for exempt invoices, and once in a run."""
    asked = [e for e in after.simulator.world.journal if e["path"].endswith("exonerationtva")]
    assert len(asked) == 2


def test_a_credit_note_is_corrected_and_leaves(after: Site) -> None:
    """The origin that was missing is written into the sidecar, both are dropped again: it is sent."""
    for suffix, text in ((".pdf", ""), (".yaml", "origine: F-0\n")):
        path = after.root / "failed" / f"B-1{suffix}"
        if text:
            path.write_text(path.read_text("utf-8") + text, "utf-8")
        path.rename(after.root / "outbox" / path.name)
    assert after.once() == 0
    assert after.where("B-1.pdf").startswith("sent/")
    assert [
        f.body["references"]["numeroFactureOrigine"] for f in after.simulator.world.accepted() if f.number == "B-1"
    ] == ["F-0"]
