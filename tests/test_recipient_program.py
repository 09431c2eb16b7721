"""Recipients as a site sees them: asked once a day over restarts, changes told once, shown in words, also offline."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chorus_outbox.edge.ledger.recipients import Recipients
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.simulator.control import change_structure
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.start import SIRET_INACTIVE, SIRET_STATE
from chorus_outbox.simulator.world import World
from outbox_site import Site, invoice_pdf

TO = "22220001600434"  # a recipient that requires nothing
WITH_SERVICE = "22220001600327"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(World()) as server:
        yield Site(tmp_path, server)


def asked(site: Site, path: str) -> int:
    return sum(r["path"].endswith(path) for r in site.simulator.world.journal)


def problems(inspected: str) -> list[str]:
    """Return the codes that `inspect --json` tells of its one file."""
    (found,) = json.loads(inspected)
    return [p["code"] for p in found["problems"]]


def test_a_recipient_is_asked_for_once_a_day_and_a_refusal_asks_anew_and_tells(site: Site) -> None:
    """Over restarts nobody is asked again; a rule that came meanwhile is found by the refusal, and told once."""
    for number in ("M1", "M2"):
        site.drop(f"{number}_{TO}.pdf", invoice_pdf(number))
        assert site.once() == 0
    assert asked(site, "structures/v1/rechercher") == 1
    assert asked(site, "rechercher/services") == 1
    change_structure(site.simulator.world, {"siret": TO, "engagement_required": True})
    site.drop(f"M3_{TO}.pdf", invoice_pdf("M3"))
    assert site.once() == 1  # refused by Chorus Pro: what was remembered had held until then
    assert asked(site, "structures/v1/rechercher") == 1
    site.drop("M4.pdf", invoice_pdf("M4"), f"siret: {TO}", "engagement: 123")
    site.drop("M5.pdf", invoice_pdf("M5"), f"siret: {TO}")
    done = site.program("run", "--once", "--config", str(site.config))
    assert asked(site, "structures/v1/rechercher") == 2
    told = [stem for stem in ("M4", "M5") if "il exige un numéro d'engagement" in site.log(stem)]
    assert told  # with one, or with both when they were read at the same time
    assert "depuis le" in site.log(told[0])
    assert f"<4>recipient.changed siret={TO}" in done.stderr
    assert site.where("M4.pdf").startswith("sent/")
    assert site.where("M5.pdf") == "failed"
    site.drop("M6.pdf", invoice_pdf("M6"), f"siret: {TO}", "engagement: 123")
    done = site.program("run", "--once", "--config", str(site.config))
    assert "recipient.changed" not in done.stderr
    assert "il exige" not in site.log("M6")


def test_a_recipient_in_words(site: Site) -> None:
    """By SIRET or by its name in the book: who it is, what it requires, its services, and how old that is."""
    words = ("recipient", "Cotes-Armor", "--config", str(site.config))
    told = site.program(*words, "--services")
    assert told.returncode == 0, told.stderr
    for phrase in (
        "DEP COTES-D'ARMOR (SIRET 22220001600327)",
        "Peut recevoir des factures.",
        "Exige un code service.",
        "Signale sa mise en paiement.",
        "COLLEGE : COLLEGES (exige un numéro d'engagement)",
        "Carnet de destinataires : cotes-armor.",
        "D'après Chorus Pro, interrogé le",
    ):
        assert phrase in told.stdout
    assert "FACTURES_PUBLIQUES" not in told.stdout
    found = json.loads(site.program(*words, "--json").stdout)
    assert (found["name"], found["needs_service"], found["aliases"]) == ("DEP COTES-D'ARMOR", True, ["cotes-armor"])
    assert found["services"] == [{"code": "COLLEGE", "name": "COLLEGES", "active": True, "needs_engagement": None}]


@pytest.mark.parametrize(
    ("name", "code", "phrase"),
    [
        pytest.param("44306184100047", 1, "inconnu de Chorus Pro", id="unknown"),
        pytest.param(SIRET_INACTIVE, 1, "inactif", id="inactive"),
        pytest.param("nobody", 2, "ni un SIRET ni un nom", id="no SIRET"),
    ],
)
def test_a_recipient_that_can_not_receive(site: Site, name: str, code: int, phrase: str) -> None:
    """The exit code says which; the sentence says it too."""
    told = site.program("recipient", name, "--config", str(site.config))
    assert (told.returncode, phrase in told.stdout + told.stderr) == (code, True)


def test_without_chorus_pro_a_remembered_answer_is_shown_with_its_age(site: Site) -> None:
    """The daemon's own memory serves `inspect` and `recipient`; without any, they say that nobody answers."""
    site.drop(f"N1_{TO}.pdf", invoice_pdf("N1"))
    assert site.once() == 0
    text = site.config.read_text("utf-8")
    site.config.write_text(text.replace(site.simulator.url, "http://127.0.0.1:9"), "utf-8")
    assert "DEP COTES-D'ARMOR BUDGET" in site.program("recipient", TO, "--config", str(site.config)).stdout
    assert site.program("recipient", WITH_SERVICE, "--config", str(site.config)).returncode == 69
    pdf = site.root / f"N2_{TO}.pdf"
    pdf.write_bytes(invoice_pdf("N2"))
    words = ("inspect", str(pdf), "--json", "--config", str(site.config))
    assert problems(site.program(*words).stdout) == []
    with contextlib.closing(SqliteLedger(site.root / "state/ledger.db")) as ledger:
        known = Recipients(ledger).recall(TO)
        assert known is not None
        Recipients(ledger).remember(TO, replace(known, asked_at=known.asked_at - timedelta(days=2)))
    assert problems(site.program(*words).stdout) == ["recipient.copy"]


def test_the_directory_on_this_machine(site: Site) -> None:
    """Downloaded once, private; then a recipient is shown, and an invoice judged, without asking anybody."""
    config = ("--config", str(site.config))
    assert site.program("recipient", SIRET_STATE, "--offline", *config).returncode == 69
    done = site.program("directory", *config)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in (site.root / "state").iterdir()] == ["directory.db"]
    requests = len(site.simulator.world.journal)
    told = site.program("recipient", SIRET_STATE, "--offline", *config)
    assert told.returncode == 0
    assert "ETAT" in told.stdout
    assert "D'après l'annuaire téléchargé le" in told.stdout
    pdf = site.root / f"O1_{WITH_SERVICE}.pdf"
    pdf.write_bytes(invoice_pdf("O1"))
    judged = problems(site.program("inspect", str(pdf), "--offline", "--json", *config).stdout)
    assert judged == ["engagement.required_by_service", "recipient.copy"]
    assert len(site.simulator.world.journal) == requests


def test_an_engagement_of_the_state_that_chorus_pro_does_not_know(site: Site) -> None:
    """It is noted before anything is sent; Chorus Pro has the last word."""
    site.drop("E1.pdf", invoice_pdf("E1"), f"siret: {SIRET_STATE}", "service: D2205922", "engagement: 1300000001")
    site.drop("E2.pdf", invoice_pdf("E2"), f"siret: {SIRET_STATE}", "service: D2205922", "engagement: 1309999999")
    site.drop("E3.pdf", invoice_pdf("E3"), f"siret: {TO}", "engagement: 1309999999")
    assert site.once() == 1
    assert site.where("E1.pdf").startswith("sent/")
    assert site.where("E3.pdf").startswith("sent/")
    assert "ne trouve pas le numéro d'engagement 1309999999" in site.log("E2")
    assert "ne trouve pas" not in site.log("E1") + site.log("E3")
    assert asked(site, "engagementsJuridiques/v1/rechercher") == 2


@pytest.mark.parametrize("command", ["recipient", "directory"])
def test_both_commands_have_help_with_an_example(site: Site, command: str) -> None:
    """``--help`` names an example that starts with the program's name."""
    told = site.program(command, "--help")
    assert told.returncode == 0
    assert f"Example: chorus-outbox {command}" in told.stdout
