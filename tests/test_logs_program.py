"""The log by the program as a process: one invoice can be followed, rotation and full disks harm nothing, no secret shows."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus_outbox.logs import EVENTS
from chorus_outbox.logs_redaction import forms
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.start import CLIENT_SECRET, LOGIN, PASSWORD
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf

TO = "22220001600434"  # a recipient that requires nothing
LOG = "log: {level: debug, format: json, file: daemon.log}\n"
METRICS = "metrics_file: m.prom\n"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    return Site(tmp_path, simulator, (CONFIG + LOG + METRICS).replace("{level", "{{level").replace("log}", "log}}"))


def until(holds: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_one_invoice_and_one_attempt_can_be_followed(site: Site) -> None:
    """Over a lost deposit: each of its lines has its id; each attempt's lines have the same word."""
    site.simulator.world.rules.append(Rule("soumettre", "drop", times=1))
    site.drop(f"L1_{TO}.pdf", invoice_pdf("L1"))
    site.drop("L2.pdf", b"no PDF", f"siret: {TO}")
    assert site.once() == 1  # L2 is none
    assert len(site.simulator.world.accepted()) == 1
    said = records(site.root / "daemon.log")
    assert {record["event"] for record in said} <= EVENTS
    (number,) = {record["invoice"] for record in said if record.get("number") == "L1"}
    lines = [record for record in said if record.get("invoice") == number]
    assert {"invoice.ready", "invoice.sending", "invoice.sent"} <= {record["event"] for record in lines}
    words = [record["correlation"] for record in lines]
    assert all(re.fullmatch(rf"[0-9a-f]{{8}}-{number}-[12]", word) for word in words)
    assert words == sorted(words)
    assert all("correlation" in record for record in said if record["event"].startswith("invoice."))
    others = {record["invoice"] for record in said if record.get("file") == "L2.pdf"}
    assert len(others) == 1
    assert number not in others


def test_standard_error_can_be_json_as_well(site: Site) -> None:
    """For a collector: each line of the process is a record, the same as in the file."""
    site.drop(f"L1_{TO}.pdf", invoice_pdf("L1"))
    done = site.program("run", "--config", str(site.config), "--once")
    assert [json.loads(line) for line in done.stderr.splitlines()] == records(site.root / "daemon.log")


def test_a_rotated_log_goes_on_in_a_new_file(site: Site) -> None:
    """A rename under the running daemon, as logrotate does it: no record is lost, none comes late into the old file."""
    log = site.root / "daemon.log"
    daemon = site.start()
    try:
        until(lambda: log.exists() and "daemon.started" in log.read_text("utf-8"))
        log.rename(site.root / "daemon.log.1")
        site.drop(f"L1_{TO}.pdf", invoice_pdf("L1"))
        until(lambda: log.exists() and "invoice.sent" in log.read_text("utf-8"))
    finally:
        daemon.terminate()
        daemon.communicate(timeout=30)
    assert [r["event"] for r in records(site.root / "daemon.log.1")] == ["daemon.started"]
    assert [r["event"] for r in records(log)][-1] == "daemon.stopped"


@pytest.mark.parametrize("trouble", ["no folder", "full disk"])
def test_a_log_that_can_not_be_written_sends_all_the_same(site: Site, trouble: str) -> None:
    """It is said once, `check` says it too, and the invoice is sent."""
    bad = {"no folder": "gone/daemon.log", "full disk": "/dev/full"}[trouble]
    config = site.config.read_text("utf-8").replace("daemon.log", bad).replace("json", "text")
    site.config.write_text(config, "utf-8")
    site.drop(f"L1_{TO}.pdf", invoice_pdf("L1"))
    done = site.program("run", "--config", str(site.config), "--once")
    assert (done.returncode, len(site.simulator.world.accepted())) == (0, 1)
    assert done.stderr.count("log.unwritable") == 1
    if trouble == "no folder":
        checked = site.program("check", "--offline", "--config", str(site.config)).stdout
        assert any("attention" in line and bad in line for line in checked.splitlines())


FAILURES = (
    Rule("oauth/token", "invalid_client", times=1),
    Rule("structures/actives/fournisseur", "unauthorized", times=1),
    Rule("deposer/pdf", "status", times=1, status=500),
    Rule("deposer/pdf", "html200", times=1),
    Rule("soumettre", "answer_lost", times=1),
    Rule("soumettre", "truncated_json", times=1),
    Rule("soumettre", "status", times=1, status=400),
    Rule("soumettre", "quota", times=1, retry_after=1),
)


def child_of(daemon: int) -> int | None:
    """Return a child that is already its own program (until then it has its parent's environment)."""
    for thread in Path(f"/proc/{daemon}/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            for pid in (thread / "children").read_text().split():
                if b"pdf_child" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return int(pid)
    return None


def test_no_secret_is_anywhere_after_failures_of_each_kind(site: Site) -> None:
    """Log, standard error, ledger, spool, folders, metrics, command lines, and the environment of child processes.

    The daemon's own environment holds what the administrator put there; here these are the secrets.
    """
    site.simulator.world.rules.extend(FAILURES)
    for number in range(6):
        site.drop(f"L{number}_{TO}.pdf", invoice_pdf(f"L{number}"))
    site.drop("bad.pdf", b"%PDF-1.7 nothing", f"siret: {TO}")
    daemon = site.start()
    try:
        until(lambda: child_of(daemon.pid) is not None)
        child = Path(f"/proc/{child_of(daemon.pid)}")
        seen = Path(f"/proc/{daemon.pid}/cmdline").read_bytes()
        seen += (child / "cmdline").read_bytes() + (child / "environ").read_bytes()
        until(lambda: not site.simulator.world.rules, 60)
    finally:
        daemon.terminate()
        _, stderr = daemon.communicate(timeout=30)
    seen += stderr.encode()
    for file in site.root.rglob("*"):
        if file.is_file():
            seen += file.read_bytes()
    assert b"invoice.in_doubt" in seen
    assert b"outage.started" in seen
    hidden = {form for secret in (CLIENT_SECRET, PASSWORD, f"{LOGIN}:{PASSWORD}") for form in forms(secret)}
    hidden |= set(site.simulator.world.tokens)
    assert len(site.simulator.world.tokens) > 1
    assert [text for text in hidden if text.encode() in seen] == []


def test_the_death_of_the_program_is_in_the_log(site: Site) -> None:
    """A bug that ends the process is a record with its traceback, not lines of Python between the records."""
    code = (
        "import sys; from pathlib import Path; from chorus_outbox import logs\n"
        "logs.configure('info', Path(sys.argv[1]), ['secret word'], 'json')\n"
        "raise RuntimeError('with the secret word')"
    )
    file = site.root / "death.log"
    done = subprocess.run(
        [*site.command()[:1], "-c", code, str(file)], env=os.environ, capture_output=True, text=True, check=False
    )
    (record,) = records(file)
    assert (done.returncode, record["event"], record["error"]) == (1, "daemon.died", "RuntimeError")
    assert "secret word" not in done.stderr + file.read_text("utf-8")
    assert [json.loads(line) for line in done.stderr.splitlines()] == [record]
