"""What a person may settle: resolve, reconcile, retry, forget, backup, and the ledger compared with the folders."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf

TO = "22220001600434"
NAME = f"R1_{TO}.pdf"
NEVER = CONFIG.replace("settle_seconds: 1", "settle_seconds: 1, resend_after_doubt: never")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Give a site that never sends again by itself."""
    with running(World()) as server:
        yield Site(tmp_path, server, NEVER)


@pytest.fixture
def doubtful(site: Site) -> Site:
    """Give a site with an invoice that Chorus Pro does not find: only a person can settle it."""
    site.simulator.world.rules.append(Rule("soumettre", "drop"))
    site.drop(NAME, invoice_pdf("R1"))
    assert site.once() == 1
    assert site.status()[NAME]["state"] == "in_doubt"
    assert site.where(NAME) == "processing"
    assert "une personne doit décider" in site.log(f"R1_{TO}")
    return site


def run(site: Site, *words: str) -> int:
    return site.program(*words, "--config", str(site.config), "--yes").returncode


def test_a_person_says_that_it_did_not_arrive(doubtful: Site) -> None:
    """It is sent again, once, and the story says who decided."""
    assert run(doubtful, "resolve", "R1", "--not-arrived") == 0
    assert doubtful.once() == 0
    assert doubtful.where(NAME).startswith("sent/")
    assert len(doubtful.simulator.world.accepted()) == 1


def test_a_person_says_that_it_arrived(doubtful: Site) -> None:
    """It is filed with the number that the person gave, and nothing is sent."""
    assert run(doubtful, "resolve", NAME, "--arrived", "4242") == 0
    assert doubtful.once() == 0
    assert doubtful.where(NAME).startswith("sent/")
    assert doubtful.status()[NAME]["chorus_id"] == 4242
    assert not doubtful.simulator.world.accepted()


def test_a_last_look_corrects_the_person(site: Site) -> None:
    """The invoice turned up late: though the person says that it did not arrive, it is found and not sent again."""
    site.simulator.world.rules.append(Rule("soumettre", "late_effect", seconds=3600))
    site.drop(NAME, invoice_pdf("R1"))
    assert site.once() == 1
    site.simulator.world.advance(3599)  # the token outlives it
    site.simulator.world.advance(2)
    assert run(site, "resolve", "R1", "--not-arrived") == 0
    assert site.once() == 0
    assert len(site.simulator.world.accepted()) == 1
    assert site.status()[NAME]["chorus_id"] == site.simulator.world.accepted()[0].id


def test_the_number_must_be_typed(doubtful: Site) -> None:
    """Without --yes the invoice's number is asked for; another answer changes nothing."""
    words = doubtful.command("resolve", "R1", "--not-arrived", "--config", str(doubtful.config))
    import subprocess

    done = subprocess.run(words, env=doubtful.environ, input="R2\n", capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert doubtful.status()[NAME]["state"] == "in_doubt"


def test_reconcile_finds_what_arrived(site: Site) -> None:
    """Whatever the portal has by now is adopted at once, without waiting for the next question."""
    site.simulator.world.rules.append(Rule("soumettre", "search_lag", seconds=3000))
    site.simulator.world.rules.append(Rule("soumettre", "answer_lost"))
    site.drop(NAME, invoice_pdf("R1"))
    assert site.once() == 1
    assert run(site, "reconcile") == 1
    site.simulator.world.advance(3001)
    assert run(site, "reconcile") == 0
    assert site.once() == 0
    assert site.where(NAME).startswith("sent/")


def test_retry_puts_a_failed_invoice_back(site: Site) -> None:
    """PDF and sidecar lie in the outbox again; once the cause is gone it is sent, and its old log is gone."""
    site.drop("R1.pdf", invoice_pdf("R1"), "siret: 12345678200036")
    assert site.once() == 1
    sidecar = site.root / "failed" / "R1.yaml"
    sidecar.write_text(f"siret: {TO}\n", "utf-8")
    assert run(site, "retry", "R1.pdf") == 0
    assert site.where("R1.pdf") == site.where("R1.yaml") == "outbox"
    assert site.once() == 0
    assert site.log("R1").startswith("ENVOYÉE")


def test_forget_takes_a_failed_invoice_out_of_the_lists(site: Site) -> None:
    """Its files stay where they are."""
    site.drop("R1.pdf", b"not a PDF")
    assert site.once() == 1
    assert run(site, "forget", "R1.pdf") == 0
    assert site.status() == {}
    assert site.where("R1.pdf") == "failed"


@pytest.mark.parametrize("command", ["resolve", "retry", "forget"])
def test_a_repair_of_something_else_is_refused(site: Site, command: str) -> None:
    """An unknown name, or an invoice in another state, changes nothing."""
    site.drop(NAME, invoice_pdf("R1"))
    assert site.once() == 0
    more = ("--not-arrived",) if command == "resolve" else ()
    assert run(site, command, NAME, *more) == 1
    assert run(site, command, "nobody", *more) == 1
    assert site.status()[NAME]["state"] == "sent"


def test_a_correction_in_doubt_is_settled_by_its_history(site: Site) -> None:
    """What Chorus Pro does not show is not believed; said not to have arrived, it is sent again."""
    config = site.config.read_text("utf-8")
    site.config.write_text(config + "follow_up: {first_seconds: 1, every_seconds: 1}\n", "utf-8")
    site.drop(NAME, invoice_pdf("R1"))
    assert site.once() == 0
    site.simulator.world.set_status("R1", "A_RECYCLER", "service")
    time.sleep(1.1)  # the shortest follow_up.first_seconds
    assert site.once() == 1
    (site.root / "failed" / f"R1_{TO}.yaml").write_text("siret: 12345678200051\n", "utf-8")
    assert run(site, "retry", "R1") == 0
    site.simulator.world.rules.append(Rule("recycler", "drop"))
    assert site.once() == 1
    assert run(site, "resolve", "R1", "--arrived", "4242") == 1
    assert run(site, "resolve", "R1", "--not-arrived") == 0
    assert site.once() == 0
    (deposit,) = site.simulator.world.accepted()
    assert deposit.body["destinataire"]["codeDestinataire"] == "12345678200051"
    assert site.status()[NAME]["chorus_id"] == deposit.id


def test_a_backup_is_whole_and_overwrites_nothing(site: Site) -> None:
    """The copy opens as a database with the same rows; a second time the name is taken."""
    site.drop(NAME, invoice_pdf("R1"))
    assert site.once() == 0
    copy = site.root / "copy.db"
    words = ("backup", str(copy), "--config", str(site.config))
    assert site.program(*words).returncode == 0
    db = sqlite3.connect(copy)
    assert db.execute("SELECT file, state FROM invoice").fetchall() == [(NAME, "sent")]
    db.close()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert site.program(*words).returncode == 1


def test_check_ledger_says_where_ledger_and_folders_disagree(site: Site) -> None:
    """Green on a sound site; a sent file that is gone or changed, and a stranger in processing/, are each told."""
    site.drop(NAME, invoice_pdf("R1"))
    site.drop(f"R2_{TO}.pdf", invoice_pdf("R2"))
    assert site.once() == 0
    words = ("check", "--offline", "--ledger", "--config", str(site.config))
    assert site.program(*words).returncode == 0
    folder = site.root / site.where(NAME)
    (folder / NAME).unlink()
    (folder / f"R2_{TO}.pdf").write_bytes(b"changed")
    (site.root / "processing" / "inconnu.pdf").write_bytes(b"x")
    done = site.program(*words)
    assert done.returncode == 1
    for told in (NAME, f"R2_{TO}.pdf", "inconnu.pdf"):
        assert told in done.stdout
