"""The page and the table by the program as a process: what a clerk finds beside the folders."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from chorus_outbox.edge.dashboard.show import TABLE_NAME
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf, today
from page_reading import Parsed

TO = "22220001600434"  # requires nothing
FOLLOWED = CONFIG + "follow_up: {{first_seconds: 1, every_seconds: 1}}\n"
PATIENCE = 30.0  # seconds


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    return Site(tmp_path, simulator, FOLLOWED)


def band(site: Site, name: str) -> str:
    """Return the text of one band of the page, "" when it is not there."""
    page = (site.root / "tableau-de-bord.html").read_text("utf-8")
    _, found, rest = page.partition(f'<tbody id="{name}"')
    return Parsed(found + rest.partition("</tbody>")[0]).text.replace("\N{NO-BREAK SPACE}", " ") if found else ""


def table(site: Site) -> list[dict[str, str]]:
    text = (site.root / TABLE_NAME).read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def decide(site: Site, number: str, status: str, comment: str | None = None) -> None:
    """Act as the recipient."""
    body = {"numeroFacture": number, "statut": status, "commentaire": comment}
    assert httpx.post(f"{site.simulator.url}/_control/status", json=body).status_code == 200


def until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_page_follows_an_invoice_from_failure_to_payment(site: Site) -> None:
    """`run --once` leaves page and table as things stand: what failed and why, what is sent, came back, is paid."""
    site.drop(f"D1_{TO}.pdf", invoice_pdf("D1"))
    site.drop(f"D2_{TO}.pdf", invoice_pdf("D2", price="50"))
    site.drop("mot <b>&.pdf", b"PK\x03\x04", f"siret: {TO}")
    assert site.once() == 1
    assert "mot <b>&.pdf" in band(site, "needs")
    assert "n'est pas un PDF" in band(site, "needs")
    assert "À faire : Ouvrez la facture" in band(site, "needs")
    assert "D1" in band(site, "sent")
    assert "120,00 €" in band(site, "sent")
    assert "déposée" in band(site, "sent")
    page = (site.root / "tableau-de-bord.html").read_text("utf-8")
    assert f'href="sent/{today():%Y/%m}/D1_{TO}.pdf"' in page
    assert 'href="failed/mot%20%3Cb%3E%26.log"' in page
    assert "Le programme ne tourne pas" in page
    assert "ENVIRONNEMENT D&#39;ESSAI" in page
    assert {(row["Fichier"], row["État"]) for row in table(site)} == {
        (f"D1_{TO}.pdf", "envoyée"),
        (f"D2_{TO}.pdf", "envoyée"),
        ("mot <b>&.pdf", "non envoyée"),
    }

    decide(site, "D1", "A_RECYCLER", "Mauvais service")
    decide(site, "D2", "MISE_EN_PAIEMENT")
    time.sleep(1.1)  # the shortest follow_up.first_seconds
    site.once()
    assert "revenue" in band(site, "needs")
    assert "Mauvais service" in band(site, "needs")
    assert band(site, "sent") == ""
    assert "D2" in band(site, "paid")
    assert {row["Statut Chorus Pro"] for row in table(site)} == {"à recycler", "mise en paiement", ""}


def test_the_running_daemon_says_that_there_is_an_outage(site: Site) -> None:
    """The page is there within seconds of the start, and says since when everything waits, and that it will go on."""
    site.simulator.world.rules.append(Rule("*", "maintenance", times=None))
    site.drop(f"O1_{TO}.pdf", invoice_pdf("O1"))
    daemon = site.start()
    page = site.root / "tableau-de-bord.html"
    try:
        until(lambda: page.exists() and "O1" in band(site, "waiting"))
        until(lambda: "banner warn" in page.read_text("utf-8"))
        text = Parsed(page.read_text("utf-8")).text
        assert "Depuis le" in text
        assert "ne tourne pas" not in text
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=PATIENCE)
    assert "ne tourne pas" in page.read_text("utf-8")


@pytest.mark.parametrize("kind", ["a file", "a folder in place of the page"])
def test_a_page_that_cannot_be_written_stops_nothing(site: Site, kind: str) -> None:
    """The invoices leave, the log says it once for the page and once for the table, and `check` says what to do."""
    folder = site.root / "pages"
    if kind == "a file":
        folder.write_text("")
    elif kind == "a folder in place of the page":
        (folder / "page.html").mkdir(parents=True)
    site.config.write_text(site.config.read_text("utf-8") + "dashboard: {file: pages/page.html}\n", "utf-8")
    site.config.write_text(site.config.read_text("utf-8") + "log: {file: daemon.log}\n", "utf-8")
    site.drop(f"W1_{TO}.pdf", invoice_pdf("W1"))
    assert site.once() == 0
    assert site.where(f"W1_{TO}.pdf").startswith("sent/")
    told = [json.loads(line) for line in (site.root / "daemon.log").read_text("utf-8").splitlines()]
    failed = [line["what"] for line in told if line["event"] == "showing.failed"]
    assert sorted(failed) == (["dashboard"] if kind == "a folder in place of the page" else ["dashboard", "table"])
    check = site.program("check", "--offline", "--config", str(site.config))
    assert check.returncode == 0
    (line,) = [line for line in check.stdout.splitlines() if "Tableau de bord" in line]
    assert line.startswith("attention")
    assert "Créez le dossier" in line


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="needs to be root to mount something")
def test_a_read_only_folder_stops_nothing(site: Site) -> None:
    """A share that became read-only: as above."""
    folder = site.root / "pages"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        site.config.write_text(site.config.read_text("utf-8") + "dashboard: {file: pages/page.html}\n", "utf-8")
        site.drop(f"W1_{TO}.pdf", invoice_pdf("W1"))
        done = site.program("run", "--config", str(site.config), "--once")
        assert done.returncode == 0
        assert done.stderr.count("showing.failed") == 2  # the page and the table
        assert "Read-only file system" in done.stderr
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_no_page_where_none_is_wanted(site: Site) -> None:
    """`dashboard: {enabled: false}`."""
    site.config.write_text(site.config.read_text("utf-8") + "dashboard: {enabled: false}\n", "utf-8")
    assert site.once() == 0
    assert not (site.root / "tableau-de-bord.html").exists()
    assert not (site.root / TABLE_NAME).exists()
    check = site.program("check", "--offline", "--config", str(site.config))
    assert "dashboard.enabled" in check.stdout


def test_check_says_that_the_page_can_be_written(site: Site) -> None:
    """And leaves nothing behind."""
    check = site.program("check", "--offline", "--config", str(site.config))
    assert check.returncode == 0
    assert f"Tableau de bord {site.root}/tableau-de-bord.html : peut être écrit." in check.stdout
    assert not list(site.root.glob(".outbox-check-*"))
