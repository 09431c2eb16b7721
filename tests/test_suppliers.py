"""Several structures on one account, and several accounts on one machine: nothing of one is used for another."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.control import set_account
from chorus_outbox.simulator.model import Facture, Service
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.start import (
    LOGIN,
    SECOND_SUPPLIER_ID,
    SECOND_SUPPLIER_SIRET,
    SIRET_VALIDATOR,
    SUPPLIER_ID,
    SUPPLIER_SIRET,
)
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf

TO = "22220001600434"
UNIT = Path(__file__).parents[1] / "systemd" / "chorus-outbox@.service"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


def deposits(simulator: RunningSimulator) -> dict[str, Facture]:
    return {f"{f.number} {f.supplier}": f for f in simulator.world.accepted()}


def test_each_invoice_goes_out_under_the_supplier_that_it_names(tmp_path: Path, simulator: RunningSimulator) -> None:
    """By sidecar, folder or book; the same number may be each one's, and what is configured for one is that one's."""
    structures = simulator.world.structures
    second = structures[SECOND_SUPPLIER_ID]
    structures[second.id] = replace(second, services=(Service(77, "ATELIER", "Atelier"),), bank_accounts=((9, "B"),))
    config = CONFIG.replace(
        '{{siret: "{supplier}"}}', '{{siret: "{supplier}", service: VENTES, bank_account: "410001"}}'
    )
    book = f'autre: {{{{siret: "12345678200051", supplier: "{SECOND_SUPPLIER_SIRET}"}}}}, cotes-armor'
    site = Site(tmp_path, simulator, config.replace("cotes-armor", book))
    other = f"fournisseur: {SECOND_SUPPLIER_SIRET}"
    site.drop("own.pdf", invoice_pdf("S1"), f"siret: {TO}")
    site.drop("sidecar.pdf", invoice_pdf("S1", price="200.00"), f"siret: {TO}", other, "fournisseur_service: ATELIER")
    site.drop("deux/folder.pdf", invoice_pdf("S2"), f"siret: {TO}")
    (site.root / "outbox/deux/_defaults.yaml").write_text(f"{other}\ncompte_bancaire: B\n", "utf-8")
    site.drop("book.pdf", invoice_pdf("S3"), "siret: autre")
    assert site.once() == 0
    site.drop("again.pdf", invoice_pdf("S2", price="300.00"), f"siret: {TO}", other)
    assert site.once() == 1
    assert site.where("again.pdf") == "failed"  # the second supplier's S2 a second time
    assert "S2" in site.log("again")
    found = deposits(simulator)
    assert {name: f.body["fournisseur"] for name, f in found.items()} == {
        f"S1 {SUPPLIER_ID}": {
            "idFournisseur": SUPPLIER_ID,
            "idServiceFournisseur": 10600001,
            "codeCoordonneesBancairesFournisseur": 410001,
        },
        f"S1 {SECOND_SUPPLIER_ID}": {"idFournisseur": SECOND_SUPPLIER_ID, "idServiceFournisseur": 77},
        f"S2 {SECOND_SUPPLIER_ID}": {"idFournisseur": SECOND_SUPPLIER_ID, "codeCoordonneesBancairesFournisseur": 9},
        f"S3 {SECOND_SUPPLIER_ID}": {"idFournisseur": SECOND_SUPPLIER_ID},
    }


def test_a_doubt_is_asked_about_under_its_own_supplier(tmp_path: Path, simulator: RunningSimulator) -> None:
    """The answer to the second supplier's deposit is lost: it is found among that one's invoices."""
    site = Site(tmp_path, simulator)
    simulator.world.rules.append(Rule("soumettre", "answer_lost"))
    site.drop("D1.pdf", invoice_pdf("D1"), f"siret: {TO}", f"fournisseur: {SECOND_SUPPLIER_SIRET}")
    assert site.once() == 0
    assert list(deposits(simulator)) == [f"D1 {SECOND_SUPPLIER_ID}"]
    searches = [r["request"] for r in simulator.world.journal if r["path"].endswith("rechercher/fournisseur")]
    assert {s["idFournisseur"] for s in searches} == {SECOND_SUPPLIER_ID}


def test_a_supplier_that_is_not_attached_stops_only_its_own_invoice(
    tmp_path: Path, simulator: RunningSimulator
) -> None:
    """The clerk reads which ones there are."""
    site = Site(tmp_path, simulator)
    site.drop("X1.pdf", invoice_pdf("X1"), f"siret: {TO}", f"fournisseur: {SIRET_VALIDATOR}")
    site.drop("X2.pdf", invoice_pdf("X2"), f"siret: {TO}")
    assert site.once() == 1
    assert site.where("X1.pdf") == "failed"
    assert SECOND_SUPPLIER_SIRET in site.log("X1")
    assert site.where("X2.pdf").startswith("sent/")


def test_two_accounts_are_two_instances_side_by_side(tmp_path: Path, simulator: RunningSimulator) -> None:
    """Two configurations, ledgers and outboxes at the same time, with the same numbers: each sends its own, once."""
    login = "TECH_2_12345678901234@cpro.fr"
    set_account(simulator.world, {"login": login, "password": "PASSWORD", "sirets": [SIRET_VALIDATOR]})
    sites = []
    for name in ("main", "autre"):
        (tmp_path / name).mkdir()
        sites.append(Site(tmp_path / name, simulator))
    text = sites[1].config.read_text("utf-8")
    sites[1].config.write_text(text.replace(LOGIN, login).replace(SUPPLIER_SIRET, SIRET_VALIDATOR), "utf-8")
    for site in sites:
        for number in ("I1", "I2"):
            site.drop(f"{number}_{TO}.pdf", invoice_pdf(number, price=f"{len(site.root.name)}0.00"))
    runs = [
        subprocess.Popen(site.command("run", "--once", "--config", str(site.config)), env=site.environ, stderr=-1)
        for site in sites
    ]
    assert [(run.communicate(timeout=100), run.returncode)[1] for run in runs] == [0, 0]
    owner = {f"{f.number} {f.supplier}": f.account for f in simulator.world.accepted()}
    validator = simulator.world.structure(SIRET_VALIDATOR)
    assert validator is not None
    assert owner == {
        **{f"{n} {SUPPLIER_ID}": LOGIN for n in ("I1", "I2")},
        **{f"{n} {validator.id}": login for n in ("I1", "I2")},
    }
    for site in sites:
        assert {row["state"] for row in site.status().values()} == {"sent"}


def test_an_instance_s_unit_shares_nothing_with_another_s() -> None:
    """Configuration, secrets, ledger and log of ``chorus-outbox@NAME`` all bear its name."""
    lines = [line for line in UNIT.read_text("utf-8").splitlines() if "=" in line and not line.startswith("#")]
    own = ("ExecStart", "ExecStartPre", "LoadCredential", "StateDirectory", "LogsDirectory")
    named = [line for line in lines if line.partition("=")[0] in own]
    assert len(named) == 6
    assert all("%i" in line for line in named)
