"""`demo` and `simulator`: the main job on this machine, without any account. Nothing leaves it.

The demonstration uses the real daemon as a process of its own, against the simulator as another; it only drops files
and looks, as a clerk would.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from chorus_outbox.config import load
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.names import display
from chorus_outbox.core.words import catalogue
from chorus_outbox.edge.folders.putting import put
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.simulator.cases import DEMO_CASES, Case
from chorus_outbox.simulator.server import serve
from chorus_outbox.simulator.start import CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD, SIRET_DEPARTEMENT, SUPPLIER_SIRET

PATIENCE = 90.0  # seconds for everything to end
BETWEEN_DROPS = 0.4  # seconds: so that one can watch
STOP_SECONDS = 30.0
CONFIG = """\
# Written by `chorus-outbox demo`: a supplier account on the local simulator.
environment: sandbox
endpoints: {{oauth: "{url}/api/oauth/token", api: "{url}"}}
piste: {{client_id: {client_id}, client_secret_file: secrets/piste-client-secret}}
account: {{login: {login}, password_file: secrets/account-password}}
supplier: {{siret: "{supplier}"}}
folders: {{outbox: outbox}}
ledger: state/ledger.db
recipients:
  cotes-armor: {{siret: "{departement}", service: COLLEGE, engagement_pattern: "[0-9]{{5,6}}"}}
pickup: {{quiet_seconds: 1, rescan_seconds: 5, sidecar_wait_seconds: 5, incomplete_wait_seconds: 10}}
sending: {{requests_per_second: 20, settle_seconds: 5}}
log: {{level: info, file: daemon.log}}
"""


def run_simulator(port: int) -> None:
    """Serve a local Chorus Pro until interrupted."""

    def ready(actual: int) -> None:
        click.echo(f"http://127.0.0.1:{actual}")
        click.echo(f"client_id {CLIENT_ID}, secret {CLIENT_SECRET}, account {LOGIN}, password {PASSWORD}", err=True)

    try:
        serve(port, ready=ready)
    except OSError as e:
        raise click.ClickException(f"port {port}: {e.strerror}") from e


@dataclass(frozen=True)
class Dropped:
    """A case that was dropped, and the PDF by which the ledger knows it."""

    case: Case
    file: str


def run_demo(directory: Path, *, keep_open: bool) -> int:
    """Run the demonstration; 0 only when each invoice ended where it should."""
    directory = directory.absolute()
    with _simulator() as url:
        config = _prepare(directory, url)
        click.echo(f"Simulateur de Chorus Pro : {url}\nDossier de dépôt : {directory / 'outbox'}\n")
        with _daemon(config):
            drops = _drop_all(directory / "outbox")
            entries = _watch(config, drops)
            if keep_open:
                _wait_for_interrupt(directory)
    wrong = _conclude(directory, drops, entries)
    click.echo(f"\nLe tableau de bord, à ouvrir dans un navigateur :\n{load(config, os.environ).dashboard_file}")
    return wrong


@contextlib.contextmanager
def _simulator() -> Iterator[str]:
    with _program("simulator", "--port", "0", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        if not url:
            raise click.ClickException("the simulator did not start")
        yield url


@contextlib.contextmanager
def _daemon(config: Path) -> Iterator[None]:
    with _program("run", "--config", str(config), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        yield


@contextlib.contextmanager
def _program(*words: str, stdout: int, stderr: int) -> Iterator[subprocess.Popen[str]]:
    """Run this very program as a process of its own, and end it by SIGTERM as systemd would."""
    command = [sys.executable, "-m", "chorus_outbox", *words]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=stdout, stderr=stderr, text=True
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS)
            process.kill()


def _prepare(directory: Path, url: str) -> Path:
    for name in ("outbox/cotes-armor", "processing", "sent", "failed", "secrets"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    for name, text in (("piste-client-secret", CLIENT_SECRET), ("account-password", PASSWORD)):
        path = directory / "secrets" / name
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
    config = directory / "config.yaml"
    known = {"client_id": CLIENT_ID, "login": LOGIN, "supplier": SUPPLIER_SIRET, "departement": SIRET_DEPARTEMENT}
    config.write_text(CONFIG.format(url=url, **known), "utf-8")
    return config


def _drop_all(outbox: Path) -> Sequence[Dropped]:
    """Drop every case as a careful program would (``put``), one after the other."""
    now = datetime.now(UTC).astimezone(PARIS)
    drops = []
    for case in DEMO_CASES:
        with tempfile.TemporaryDirectory() as staging:
            sources = []
            for name, data in case.files(now.date(), f"{now:%H%M%S}").items():
                sources.append(Path(staging, name))
                sources[-1].write_bytes(data)
            dropped = put(sources, outbox / case.where)
        pdf = next(p.name for p in dropped if p.suffix == ".pdf")
        drops.append(Dropped(case, pdf))
        where = f"{case.where}/" if case.where else ""
        click.echo(f"déposé   {where}{', '.join(sorted(p.name for p in dropped))}\n         {case.story}")
        time.sleep(BETWEEN_DROPS)
    click.echo()
    return drops


def _watch(config: Path, drops: Sequence[Dropped]) -> dict[str, Entry]:
    """Print each step as the ledger notes it, until every case has ended or patience has."""
    loaded = load(config, os.environ)
    words = catalogue(loaded.language)
    told: dict[int, State] = {}
    ends = time.monotonic() + PATIENCE
    names = {d.file for d in drops}
    found: dict[str, Entry] = {}
    while time.monotonic() < ends:
        for entry in _entries(loaded.ledger):
            if entry.file not in names:
                continue
            found[entry.file] = entry
            if told.get(entry.id) is not entry.state:
                told[entry.id] = entry.state
                click.echo(f"{words.states[entry.state.value]:22} {display(entry.file)}")
        if len(found) == len(names) and all(e.state in (State.SENT, State.FAILED) for e in found.values()):
            break
        time.sleep(0.2)
    return found


def _entries(path: Path) -> Sequence[Entry]:
    if not path.is_file():
        return []
    ledger = SqliteLedger(path, read_only=True)
    try:
        return ledger.entries()
    finally:
        ledger.close()


def _conclude(directory: Path, drops: Sequence[Dropped], entries: dict[str, Entry]) -> int:
    """Say where each file is and why; compare with what should have happened."""
    click.echo("\nOù sont les factures, et pourquoi :\n")
    wrong = 0
    for drop in drops:
        entry = entries.get(drop.file)
        log = directory / entry.folder / f"{entry.stem}.log" if entry else None
        text = log.read_text("utf-8-sig") if log and log.is_file() else ""
        pdf = log.with_suffix(".pdf") if log else None
        ended = entry is not None and entry.folder.partition("/")[0] == drop.case.expect
        good = ended and drop.case.says in text and pdf is not None and pdf.is_file()
        wrong += not good
        mark = "" if good else f"   <-- attendu : {drop.case.expect}"
        click.echo(f"{pdf.relative_to(directory) if pdf else drop.file}{mark}")
        for line in text.splitlines()[:3]:
            click.echo(f"    {line}")
    sent = sum(e.state is State.SENT for e in entries.values())
    click.echo(f"\n{sent} envoyées, {len(entries) - sent} mises de côté ; tout est resté dans {directory}")
    click.echo(f"{len(drops) - wrong} sur {len(drops)} comme attendu.")
    return int(wrong > 0)


def _wait_for_interrupt(directory: Path) -> None:
    click.echo(f"\nDéposez d'autres factures dans {directory / 'outbox'} ; Ctrl-C pour finir.")
    with contextlib.suppress(KeyboardInterrupt):
        signal.pause()
