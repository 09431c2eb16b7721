"""Factur-X deposited as flows by the program as a process, against the simulator: what a site sees."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdf
import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.cii import cii_xml
from chorus_outbox.simulator.drawing import draw, embed, facturx
from chorus_outbox.simulator.flows import decide
from chorus_outbox.simulator.model import Settings
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.sketch import Line, Sketch
from chorus_outbox.simulator.start import SIRET_ENGAGEMENT, SIRET_PLAIN, SIRET_SERVICE, SUPPLIER_ID
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, CUSTOMER, SUPPLIER, Site, invoice_pdf, today

FLUX = CONFIG.replace("settle_seconds: 1", "settle_seconds: 0.2, facturx: flux")
SAMPLES = Path(__file__).parents[2] / "shared" / "samples"
LINES = (Line("Prestation", Decimal(1), Decimal("100.00"), Decimal(20)),)
NAME = "facture.pdf"
ERRORS = (  # as they were seen (api.md 6.2, 7.3)
    "L'element SpecifiedTradeSettlementPaymentMeans.TypeCode.value est obligatoire.",
    "The legal commitment (…BuyerReference.value) is mandatory",
    "L'identifiant fournisseur de la demande de paiement 1 n'est pas reference dans notre systeme.",
)
OLD = {
    "numeroFactureSaisi": "FX-7",
    "destinataire": {"codeDestinataire": SIRET_PLAIN},
    "references": {},
    "montantTotal": {},
}


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World(settings=Settings(flow_seconds=0.1))) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    return Site(tmp_path, simulator, FLUX)


def sketch(number: str = "FX-1") -> Sketch:
    return Sketch(number, today(), SUPPLIER, CUSTOMER, LINES)


def bad(number: str, old: str, new: str, siret: str = SIRET_PLAIN) -> bytes:
    """Return a Factur-X whose XML has one text replaced."""
    xml = cii_xml(sketch(number), siret).decode()
    assert old in xml
    return embed(draw(None, sketch(number)), xml.replace(old, new).encode())


# --- what becomes of flows -------------------------------------------------------------------------------------------------


def test_what_becomes_of_flows(site: Site) -> None:
    """Each comes to its own end, beside an ordinary deposit: sent with its own id, or failed with every reason.

    The bytes are unchanged; the report may not be known at first; what is not processed is sent again.
    """
    world = site.simulator.world
    world.settings.report_seconds = 0.8
    other = {"numeroDP": "OTHER", "libelleErreurDP": "autre"}
    for name, etat, erreurs in (
        ("FX-2", "IN_INTEGRE_PARTIEL", [other]),
        ("FX-3", "IN_INTEGRE_PARTIEL", [other, "Le montant TTC est incohérent"]),
        ("FX-4", "IN_INCIDENTE", []),
        ("FX-5", "IN_REJETE", ["|".join(ERRORS)]),
        ("FX-6", "QP_IRRECEVABLE", []),
    ):
        world.verdicts.append({"nomFichier": f"{name}.pdf", "etat": etat, "erreurs": erreurs})
    world.new_invoice(*("somebody", SUPPLIER_ID, "EDI", {**OLD, "dateFacture": f"{today().year}-01-02"}, "DEPOSEE"))
    for number in ("FX-1", "FX-2", "FX-3", "FX-4", "FX-5", "FX-6", "FX-7"):
        site.drop(f"{number}.pdf", facturx(sketch(number), SIRET_PLAIN))
    site.drop(f"PL-1_{SIRET_PLAIN}.pdf", invoice_pdf("PL-1"))
    assert site.once() == 1

    sent = f"sent/{today():%Y/%m}"
    by_number = {f.number: f for f in world.accepted()}
    for number in ("FX-1", "FX-2", "FX-4", "PL-1"):
        assert site.where(f"PL-1_{SIRET_PLAIN}.pdf" if number == "PL-1" else f"{number}.pdf") == sent, number
    invoice = by_number["FX-1"]
    assert invoice.file is not None
    assert world.files[invoice.file].sha256 == site.dropped["FX-1.pdf"]
    log = site.log("FX-1")
    assert log.startswith(f"ENVOYÉE : FX-1.pdf est déposée sur Chorus Pro, n° {invoice.id}")
    assert f"numéro de flux (Factur-X) : {invoice.flow}" in log
    assert by_number["PL-1"].flow is None
    assert "Un incident chez Chorus Pro a empêché le traitement" in site.log("FX-4")

    for number, sentence in (
        ("FX-3", "Les montants ne conviennent pas : « Le montant TTC est incohérent »"),
        ("FX-6", "Chorus Pro a rejeté la facture : « irrecevable »"),
        ("FX-7", f"(n° {by_number['FX-7'].id}"),  # the simulator's own check found it: the first deposit is quoted
    ):
        assert site.where(f"{number}.pdf") == "failed"
        assert sentence in site.log(number), site.log(number)
    assert "autre" not in site.log("FX-3")
    _three_reasons(site)
    assert len(world.flows) == 8


def _three_reasons(site: Site) -> None:
    """Three messages are three sentences with one thing to do each; corrected, the same number goes again."""
    log = site.log("FX-5")
    assert log.startswith("NON ENVOYÉE : FX-5.pdf. 3 points sont à corriger")
    assert "Qui a refusé : Chorus Pro." in log
    for sentence in ("Le moyen de paiement manque", "Le code service (référence", "ne connaît pas le fournisseur"):
        assert sentence in log
    assert log.count("À faire : ") == log.count("le même numéro de facture peut resservir") == 3
    assert all(error in log for error in ERRORS)
    assert not list((site.root / "failed").glob("*.yaml"))  # no sidecar can correct an XML


def test_an_answer_lost_after_the_effect_makes_one_invoice(site: Site) -> None:
    """The flow's number is never heard: the invoice is searched by its own, adopted, and not sent again.

    Another was rejected: its number was not used up, and goes again in the next run.
    """
    world = site.simulator.world
    world.verdicts.append({"nomFichier": "FX-2.pdf", "etat": "IN_REJETE", "erreurs": [ERRORS[0]]})
    site.drop("FX-2.pdf", facturx(sketch("FX-2"), SIRET_PLAIN))
    assert site.once() == 1
    (site.root / "failed" / "FX-2.pdf").unlink()
    site.drop("FX-2.pdf", facturx(replace(sketch("FX-2"), notes=("corrigée",)), SIRET_PLAIN))
    world.rules.append(Rule("deposer/flux", "answer_lost"))
    assert site.once() == 0
    assert site.where("FX-2.pdf").startswith("sent/")
    assert len(world.flows) == 2
    assert len(world.accepted()) == 1
    assert "réponse perdue" in site.log("FX-2")


# --- refused before anything is sent ---------------------------------------------------------------------------------------


def test_what_chorus_pro_would_reject_is_refused_before(site: Site) -> None:
    """Each bad kind has its sentence about a field that people know; nothing is sent."""
    cases = {
        "cadre": (bad("B-1", ">A1<", ">S1<"), "« S1 » est un cadre de facturation de la réforme 2026"),
        "means": (bad("B-2", "<ram:TypeCode>58</ram:TypeCode>", ""), "le moyen de paiement manque (BT-81)"),
        "iban": (bad("B-3", sketch().iban, ""), "l'IBAN manque (BT-84)"),
        "siren": (bad("B-4", SIRET_PLAIN, SIRET_PLAIN[:9]), "y trouverait : 222200016"),
        "service": (facturx(sketch("B-5"), SIRET_SERVICE), "exige un code service, et les données Factur-X"),
        "engagement": (facturx(sketch("B-6"), SIRET_ENGAGEMENT), "exige un numéro d'engagement, et les données"),
        "supplier": (
            bad("B-7", SUPPLIER.siret or "", "12345678200010"),
            "Les données Factur-X du PDF disent autre chose",
        ),
        f"B-8_{SIRET_PLAIN}": (facturx(sketch("B-9"), SIRET_PLAIN), "disent autre chose (numéro de facture) : B-9"),
    }
    for stem, (content, _) in cases.items():
        site.drop(f"{stem}.pdf", content)
    site.drop("sidecar.pdf", facturx(sketch("B-10"), SIRET_PLAIN), "engagement: 91821", "commentaire: bonjour")
    site.drop("bank.pdf", facturx(sketch("B-11"), SIRET_PLAIN), "compte_bancaire: COMPTE PRINCIPAL")
    site.drop("joined.pdf", facturx(sketch("B-12"), SIRET_PLAIN))
    site.drop("joined_PJ1.pdf", invoice_pdf("x"))
    samples = sorted(SAMPLES.glob("fnfe-*.pdf"))  # where they are beside the project
    for path in samples:
        site.drop(path.name, path.read_bytes())
    assert site.once() == 1
    for stem, (_, sentence) in cases.items():
        assert site.where(f"{stem}.pdf") == "failed"
        assert sentence in site.log(stem), site.log(stem)
        assert "ce programme, avant tout envoi" in site.log(stem)
    assert "numéro d'engagement (91821 d'après : fichier .yaml)" in site.log("sidecar")
    assert "ne peut pas porter cette information : commentaire" in site.log("sidecar")
    assert "ne peut pas porter cette information : compte bancaire" in site.log("bank")
    assert "part sans pièces jointes ; ici : joined_PJ1.pdf" in site.log("joined")
    for path in samples:  # they say nothing of Chorus Pro's frame
        assert "le cadre de facturation (BT-23) doit être A1, A2, A9 ou A12." in site.log(path.stem)
        assert ("le moyen de paiement manque (BT-81)" in site.log(path.stem)) == ("MINIMUM" in path.name)
    assert not site.simulator.world.flows
    assert not site.simulator.world.files


# --- commands --------------------------------------------------------------------------------------------------------------


def test_inspect_and_check_say_which_way_it_would_go(site: Site) -> None:
    """Nothing is sent; the pre-check's problems are told, those of the recipient too; check names what can't go along."""
    site.drop(NAME, facturx(sketch(), SIRET_ENGAGEMENT))
    site.drop(f"PL-1_{SIRET_PLAIN}.pdf", invoice_pdf("PL-1"))
    config = ("--config", str(site.config))
    paths = [str(site.root / "outbox" / n) for n in (NAME, f"PL-1_{SIRET_PLAIN}.pdf")]
    flow, plain = json.loads(site.program("inspect", *paths, *config, "--json").stdout)
    assert (flow["action"], flow["ok"], [p["code"] for p in flow["problems"]]) == (
        "flow",
        False,
        ["facturx.engagement"],
    )
    assert flow["fields"]["numero"] == {"value": "FX-1", "source": "Factur-X"}
    assert (plain["action"], plain["ok"]) == ("deposit", True)
    assert "Sera envoyée comme flux" in site.program("inspect", paths[0], *config, "--offline").stdout
    assert not site.simulator.world.flows
    text = site.config.read_text("utf-8").replace("supplier: {", "supplier: {bank_account: COMPTE PRINCIPAL, ")
    site.config.write_text(text, "utf-8")
    assert "sans ces réglages : supplier.bank_account" in site.program("check", *config, "--offline").stdout


def test_a_flow_without_end_can_be_followed_and_settled(site: Site) -> None:
    """Its state is told; retry asks now; a person may let it be sent again, and the first one is adopted all the same."""
    world = site.simulator.world
    world.verdicts.append({"etat": "IN_EN_ATTENTE_RETRAITEMENT_CPP"})
    quick = site.config.read_text("utf-8")
    site.config.write_text(quick.replace("settle_seconds: 0.2", "settle_seconds: 100"), "utf-8")
    site.drop(NAME, facturx(sketch(), SIRET_PLAIN))
    assert site.once() == 1  # fifty seconds until the report: more than `--once` waits for
    (flow,) = world.flows.values()
    run = ("--config", str(site.config), "--yes")
    assert site.program("retry", NAME, *run).returncode == 0
    assert site.once() == 1
    assert site.where(NAME) == "processing"
    told = site.log("facture")
    assert told.startswith("EN COURS D'ENVOI")
    assert f"flux {flow.number}) et doit encore l'intégrer ; état : bloqué" in told
    assert "surtout ne la déposez pas une seconde fois" in told
    assert site.status()[NAME]["state"] == "integrating"
    assert site.program("resolve", "FX-1", "--not-arrived", *run).returncode == 0
    decide(world, flow, {"etat": "IN_INTEGRE"})
    site.config.write_text(quick, "utf-8")
    assert site.once() == 0
    (invoice,) = world.accepted()
    assert invoice.flow == flow.number
    assert len(world.flows) == 2
    assert f"n° {invoice.id}" in site.log("facture")


# --- another setting -------------------------------------------------------------------------------------------------------


def test_strip_is_as_before(site: Site) -> None:
    """The XML is taken out of what is sent, the original kept."""
    site.config.write_text(site.config.read_text("utf-8").replace("facturx: flux", "facturx: strip"), "utf-8")
    site.drop(NAME, facturx(sketch(), SIRET_PLAIN))
    assert site.once() == 0
    assert site.sha256(site.where(NAME), NAME) == site.dropped[NAME]
    assert not site.simulator.world.flows
    (file,) = site.simulator.world.files.values()
    assert not pypdf.PdfReader(io.BytesIO(file.content)).attachments


def test_a_flow_that_comes_back_is_recycled(tmp_path: Path, simulator: RunningSimulator) -> None:
    """A sidecar corrects the recipient of a Factur-X that was deposited and sent back: nothing is deposited anew."""
    site = Site(tmp_path, simulator, FLUX + "follow_up: {{first_seconds: 1, every_seconds: 1}}\n")
    site.drop("FX-1.pdf", facturx(sketch(), SIRET_PLAIN))
    assert site.once() == 0
    (invoice,) = site.simulator.world.accepted()
    site.simulator.world.set_status(invoice.id, "A_RECYCLER", "Mauvais destinataire")
    time.sleep(1.1)  # the shortest follow_up.first_seconds
    assert site.once() == 1
    assert site.where("FX-1.pdf") == "failed"
    (site.root / "failed" / "FX-1.pdf").rename(site.root / "outbox" / "FX-1.pdf")
    (site.root / "outbox" / "FX-1.yaml").write_text(f"siret: {SIRET_SERVICE}\nservice: SERVICE_DEST_SERV_OBL\n")
    assert site.once() == 0
    assert site.where("FX-1.pdf") == f"sent/{today():%Y/%m}"
    assert invoice.body["destinataire"] == {
        "codeDestinataire": SIRET_SERVICE,
        "codeServiceExecutant": "SERVICE_DEST_SERV_OBL",
    }
    assert [e["path"].rpartition("/")[2] for e in site.simulator.world.journal].count("flux") == 1
