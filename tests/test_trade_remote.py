"""Where the trade depends on Chorus Pro's own answers, by the program as a process: its analysis, its lists, its totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.drawing import draw
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.sketch import Line, Sketch
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, CUSTOMER, SUPPLIER, Site, invoice_pdf, today

TO = "22220001600434"
EVERY_FIELD = {
    "numeroFacture": "X-9",
    "dateFacture": "2020-01-01",
    "codeDestinataire": "12345678200051",
    "codeServiceExecutant": "AUTRE",
    "codeFournisseur": "440123453",
    "codeDeviseFacture": "USD",
    "typeFacture": "AVOIR",
    "numeroBonCommande": "11111",
    "montantHtTotal": 99,
    "montantTVA": 9,
    "montantTtcAvantRemiseGlobalTTC": 108,
    "montantAPayer": 107,
}
SAID = "numéro de facture) : X-9, au lieu de "


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.mark.parametrize("mismatch", ["fail", "warn"])
def test_what_the_analysis_read_otherwise(tmp_path: Path, simulator: RunningSimulator, mismatch: str) -> None:
    """Typed and printed outweighs the hint, and is sent with a warning; read once only, it stops unless told to warn."""
    simulator.world.settings.ocr = "echo"
    simulator.world.readings.extend([{"numeroFacture": "X-9", "montantTVA": 0, "montantAPayer": None}] * 3)
    site = Site(tmp_path, simulator, CONFIG.replace("pickup: {{", f"pickup: {{{{mismatch: {mismatch}, "))
    site.drop("typed.pdf", invoice_pdf("T-1"), f"siret: {TO}", "numero: T-1")
    site.drop("read.pdf", invoice_pdf("T-2"), f"siret: {TO}")
    site.drop("same.pdf", invoice_pdf("X-9"), f"siret: {TO}")
    assert site.once() == (1 if mismatch == "fail" else 0)
    assert site.where("typed.pdf").startswith("sent/")
    assert SAID + "T-1" in site.log("typed").partition("À SAVOIR")[2]
    assert SAID + "T-2" in site.log("read")
    assert site.where("same.pdf").startswith("sent/")
    assert "X-9, au lieu de" not in site.log("same")
    numbers = ["T-1", "X-9"] if mismatch == "fail" else ["T-1", "T-2", "X-9"]
    assert sorted(f.number or "" for f in simulator.world.accepted()) == numbers
    assert site.where("read.pdf").startswith("failed" if mismatch == "fail" else "sent/")


def test_every_field_of_the_analysis_is_compared(tmp_path: Path, simulator: RunningSimulator) -> None:
    """Recipient, supplier, service, engagement, type, currency, date and each amount: all that differs is told at once."""
    simulator.world.settings.ocr = "echo"
    simulator.world.readings.append(EVERY_FIELD)
    site = Site(tmp_path, simulator)
    site.drop("F-1_22220001600327_COLLEGE_91821.pdf", invoice_pdf("F-1"))
    assert site.once() == 1
    assert not simulator.world.accepted()
    log = site.log("F-1_22220001600327_COLLEGE_91821")
    for read in ("X-9", "01/01/2020", "12345678200051", "AUTRE", "440123453", "USD", "avoir", "11111", "99,00", "9,00"):
        assert f" : {read}, au lieu de " in log, read
    assert " : 108,00, au lieu de " in log
    assert " : 107,00, au lieu de " in log


def test_an_exempt_invoice_waits_while_the_list_cannot_be_had(tmp_path: Path, simulator: RunningSimulator) -> None:
    """As with every question before a deposit, the file stays and says why; it leaves when Chorus Pro answers again."""
    simulator.world.rules.append(Rule("recuperer/motifs/exonerationtva", "maintenance", times=1))
    site = Site(tmp_path, simulator)
    lines = (Line("Formation", Decimal(1), Decimal(100), Decimal(0)),)
    exempt = Sketch("E-1", today(), SUPPLIER, CUSTOMER, lines, exemption="Exonération de TVA, article 261 du CGI")
    site.drop("exempt.pdf", draw(None, exempt), f"siret: {TO}")
    assert site.once() == 0
    assert "maintenance" in site.log("exempt").partition("CE QUI S'EST PASSÉ")[2]
    (facture,) = simulator.world.accepted()
    assert facture.body["references"]["motifExonerationTva"] == "261"


def test_what_only_the_portal_knows_is_refused_in_its_words(tmp_path: Path, simulator: RunningSimulator) -> None:
    """That it insists on TTC less discount (api.md 5.4), when a deposit can go as one; that it knows no such validator."""
    simulator.world.settings.strict_payable = True
    site = Site(tmp_path, simulator)
    site.drop("acompte.pdf", invoice_pdf("P-1"), f"siret: {TO}", "a_payer: 70")
    site.drop("remise.pdf", invoice_pdf("P-2"), f"siret: {TO}", "remise: 50", "motif_remise: Acompte déjà versé")
    site.drop("payee.pdf", invoice_pdf("P-3"), f"siret: {TO}", "cadre: A2")
    site.drop("inconnu.pdf", invoice_pdf("P-4"), f"siret: {TO}", "cadre: A9", "valideur: 44306184100047")
    assert site.once() == 1
    assert sorted(f.number or "" for f in simulator.world.accepted()) == ["P-2", "P-3"]
    assert site.where("acompte.pdf") == "failed"
    assert "n'est pas le TTC" in site.log("acompte")
    assert "44306184100047 n'existe pas" in site.log("inconnu")
