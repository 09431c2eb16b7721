"""What happens when the ledger is lost, replaced by an older copy, or when two daemons want one outbox."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World
from outbox_site import Site, invoice_pdf

TO = "22220001600434"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with running(World()) as server:
        yield Site(tmp_path, server)


def submissions(simulator: RunningSimulator) -> int:
    """Return how many deposits the portal was asked for."""
    return sum(r["path"].endswith("soumettre") for r in simulator.world.journal)


def lose(site: Site) -> None:
    for path in (site.root / "state").glob("ledger.db*"):
        path.unlink()


def restore(site: Site) -> None:
    shutil.copy(site.root / "copy.db", site.root / "state" / "ledger.db")


@pytest.mark.parametrize("forget", [lose, restore])
def test_a_ledger_that_forgot_asks_before_it_sends(site: Site, forget: object) -> None:
    """The deposit it forgot is found again and not made twice; a new invoice leaves after three searches."""
    site.drop(f"M0_{TO}.pdf", invoice_pdf("M0"))
    assert site.once() == 0
    shutil.copy(site.root / "state" / "ledger.db", site.root / "copy.db")
    site.drop(f"M1_{TO}.pdf", invoice_pdf("M1"))
    assert site.once() == 0
    assert submissions(site.simulator) == 2
    assert callable(forget)
    forget(site)
    site.drop("encore.pdf", invoice_pdf("M1"), f"siret: {TO}")
    site.drop(f"M2_{TO}.pdf", invoice_pdf("M2"))
    assert site.once() == 0
    assert site.where("encore.pdf").startswith("sent/")
    assert site.where(f"M2_{TO}.pdf").startswith("sent/")
    assert submissions(site.simulator) == 3  # only M2
    assert [f.number for f in site.simulator.world.accepted()] == ["M0", "M1", "M2"]
    assert "registre" in site.log(f"M2_{TO}")


def test_an_outbox_of_another_daemon_is_refused_with_its_owner(site: Site, tmp_path: Path) -> None:
    """A second configuration with a ledger of its own may not take the same outbox."""
    assert site.once() == 0
    other = tmp_path / "other.yaml"
    other.write_text(site.config.read_text("utf-8").replace("state/ledger.db", "other/ledger.db"), "utf-8")
    done = site.program("run", "--once", "--config", str(other))
    assert done.returncode == 78
    assert "config.yaml" in done.stderr
    assert "reconcile --take-over" in done.stderr


def test_an_outbox_is_taken_over_by_a_ledger_that_knows_nothing(site: Site, tmp_path: Path) -> None:
    """The machine with the ledger is lost: refused, taken over once, then it works, and sends nothing a second time."""
    site.drop(f"T1_{TO}.pdf", invoice_pdf("T1"))
    assert site.once() == 0
    other = tmp_path / "other.yaml"
    other.write_text(site.config.read_text("utf-8").replace("state/ledger.db", "other/ledger.db"), "utf-8")
    assert site.program("run", "--once", "--config", str(other)).returncode == 78
    assert site.program("reconcile", "--take-over", "--yes", "--config", str(other)).returncode == 0
    site.drop("again.pdf", invoice_pdf("T1"), f'siret: "{TO}"')
    site.drop(f"T2_{TO}.pdf", invoice_pdf("T2"))
    done = site.program("run", "--once", "--config", str(other))
    assert done.returncode == 0, done.stderr
    assert [f.number for f in site.simulator.world.accepted()] == ["T1", "T2"]
