"""The metrics by the program as a process: what the file says after invoices of every kind, outages and refusals."""

from __future__ import annotations

import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chorus_outbox import __version__
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.start import CLIENT_SECRET, PASSWORD
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf

TO = "22220001600434"  # a recipient that requires nothing
NAME = "metrics/chorus-outbox.prom"
WITH_METRICS = CONFIG + f"metrics_file: {NAME}\n"

Samples = dict[tuple[str, ...], float]


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    (tmp_path / "metrics").mkdir()
    return Site(tmp_path, simulator, WITH_METRICS)


def samples(site: Site) -> Samples:
    """Return what the file says: (name, label values but the outbox's, by the labels' names) -> value."""
    found: Samples = {}
    for family in text_string_to_metric_families((site.root / NAME).read_text("utf-8")):
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("outbox") == "config"
            found[(sample.name.removeprefix("chorus_outbox_"), *(labels[key] for key in sorted(labels)))] = sample.value
    return found


def calls(said: Samples, endpoint: str, outcome: str) -> float:
    return said["api_calls_total", endpoint, outcome]


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_run_tells_how_many_invoices_stand_where(site: Site) -> None:
    """Sent, failed, waiting, each state with a number; how long the delivery took; what the API was asked."""
    began = time.time()
    site.drop(f"M1_{TO}.pdf", invoice_pdf("M1"))
    assert site.once() == 0
    site.drop(f"M2_{TO}.pdf", invoice_pdf("M2"))
    site.drop("M3_22220001600372_91821.pdf", invoice_pdf("M3"))  # no SIRET
    site.simulator.world.rules.append(Rule("soumettre", "quota", times=None, retry_after=600))
    assert site.once() == 1
    said = samples(site)
    states = {key[1]: value for key, value in said.items() if key[0] == "invoices"}
    assert {state: n for state, n in states.items() if n} == {"sent": 1, "failed": 1, "waiting": 1}
    assert len(states) == 12
    assert 0 < said["oldest_invoice_age_seconds", "waiting"] < 60
    assert 0 < said["oldest_invoice_age_seconds", "failed"] < 60
    assert said["oldest_invoice_age_seconds", "in_doubt"] == 0
    assert (said["outage",], said["outbox_available",]) == (1, 1)
    assert began <= said["outage_start_timestamp_seconds",] <= time.time()
    assert calls(said, "deposit", "quota") == 1
    assert calls(said, "token", "ok") == 1
    assert said["build_info", "sandbox", __version__] == 1
    for name in ("start_time_seconds", "heartbeat_timestamp_seconds", "last_look_timestamp_seconds"):
        assert began <= said[name,] <= time.time()
    assert said["password_expiry_timestamp_seconds",] > began


def test_what_was_sent_is_counted_over_runs(site: Site) -> None:
    """A second run counts what the ledger holds; what is counted since the start begins anew."""
    site.drop(f"M1_{TO}.pdf", invoice_pdf("M1"))
    assert site.once() == 0
    said = samples(site)
    assert (said["delivery_seconds_count",], said["invoices", "sent"]) == (1, 1)
    assert 0 < said["delivery_seconds_sum",] < 60
    assert said["api_call_duration_seconds_count", "deposit"] == calls(said, "deposit", "ok") == 1
    assert said["api_call_duration_seconds_bucket", "deposit", "+Inf"] == 1
    assert site.once() == 0
    again = samples(site)
    assert (again["delivery_seconds_count",], again["invoices", "sent"]) == (0, 1)
    assert again["last_deposit_timestamp_seconds",] == said["last_deposit_timestamp_seconds",]
    assert "outage_start_timestamp_seconds" not in {key[0] for key in again}


def test_a_lost_answer_is_counted_as_a_doubt(site: Site) -> None:
    """It is no outage, and an alert can tell it from a refusal."""
    site.simulator.world.rules.append(Rule("soumettre", "answer_lost"))
    site.drop(f"M1_{TO}.pdf", invoice_pdf("M1"))
    assert site.once() == 0
    said = samples(site)
    assert (calls(said, "deposit", "doubt"), calls(said, "search", "ok"), said["outage",]) == (1, 1, 0)


def test_the_file_is_for_other_users_and_appears_whole(site: Site) -> None:
    """node_exporter may read it whatever the umask; nothing else is left behind, no half file is ever called .prom."""
    command = ["sh", "-c", 'umask 077; exec "$@"', "sh", *site.command("run", "--config", str(site.config), "--once")]
    subprocess.run(command, env=site.environ, check=True, capture_output=True, timeout=60)
    file = site.root / NAME
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [p.name for p in file.parent.iterdir()] == [file.name]
    assert not any(secret in file.read_text("utf-8") for secret in (CLIENT_SECRET, PASSWORD))


def test_a_folder_that_is_gone_is_said_once_and_stops_nothing(site: Site) -> None:
    """The daemon sends invoices all the same, says once why there are no metrics, and writes them when it can."""
    (site.root / "metrics").rmdir()
    daemon = site.start()
    try:
        site.drop(f"M1_{TO}.pdf", invoice_pdf("M1"))
        until(lambda: bool(site.simulator.world.accepted()))
    finally:
        daemon.terminate()
        _, said = daemon.communicate(timeout=30)
    assert daemon.returncode == 0
    told = [line for line in said.splitlines() if "showing.failed" in line]
    assert len(told) == 1
    assert "what=metrics" in told[0]
    assert NAME.partition("/")[0] in told[0]


def test_check_says_where_the_metrics_go(site: Site) -> None:
    """A folder that can't be written, and a name that node_exporter would pass over, are said with what to do."""
    check = ("check", "--offline", "--config", str(site.config))
    good = site.program(*check)
    assert (good.returncode, "Mesures" in good.stdout) == (0, True)
    (site.root / "metrics").rmdir()
    bad = site.program(*check)
    assert bad.returncode == 0  # invoices leave all the same
    assert any("attention" in line and str(site.root / NAME) in line for line in bad.stdout.splitlines())
    site.config.write_text(site.config.read_text("utf-8").replace(".prom", ".txt"), "utf-8")
    (site.root / "metrics").mkdir()
    assert ".prom" in site.program(*check).stdout
