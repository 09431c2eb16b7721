"""One site for one case: two invoices, the daemon's real parts, a clock that runs fast. Expects nothing, it observes.

The daemon is put together as ``service.run`` does, of the same parts: HTTP client, SQLite, folders, PDF children. What
differs is that its clock and its waiting run ``SPEED`` times faster, that its PDF children are kept for the next case,
and that it is not told to stop by signals. Limits of single calls are real seconds.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import logging
import os
import queue
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from fault_server import FaultySimulator

from chorus_outbox import logs, ownership, service
from chorus_outbox.config import Config, load
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.problem import Weight
from chorus_outbox.core.words import catalogue, render
from chorus_outbox.edge.folders.witness import Witnesses
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.edge.pdf import PdfChildren
from chorus_outbox.simulator import start
from chorus_outbox.simulator.auth import TOKEN_PATH
from chorus_outbox.simulator.drawing import draw
from chorus_outbox.simulator.sketch import Line, Party, Sketch
from chorus_outbox.worker.loop import Loop, Ring
from chorus_outbox.worker.parts import Parts

SPEED = 60.0  # seconds of the daemon in one of the world's
MORNING = datetime.now(PARIS).replace(hour=6, minute=0, second=0, microsecond=0).astimezone(UTC)  # far from midnight
FOLDERS = ("outbox", "processing", "sent", "failed")
FIRST, OTHER = "PANNE-1", "BONNE-2"
STRUCTURE = b"25784150"  # the first one's recipient, by Chorus Pro's own number
MARKS = (FIRST.encode(), start.SIRET_DEPARTEMENT.encode(), STRUCTURE)
"""What requests about the first invoice or its recipient hold."""
NAMES = {FIRST: f"{FIRST}_{start.SIRET_DEPARTEMENT}_COLLEGE_91821", OTHER: f"{OTHER}_{start.SIRET_FREE}"}
SECRET, PASSWORD = "canary-5f1c0e7a-client-secret", "canary-91d2-password"
HIDDEN = (SECRET, PASSWORD, base64.b64encode(f"{start.LOGIN}:{PASSWORD}".encode()).decode())
CONFIG = """\
environment: sandbox
endpoints: {{oauth: "{url}{token}", api: "{url}"}}
piste: {{client_id: {client_id}}}
account: {{login: {login}}}
supplier: {{siret: "{supplier}"}}
folders: {{outbox: outbox}}
ledger: state/ledger.db
pickup: {{quiet_seconds: 0.3, rescan_seconds: 30, sidecar_wait_seconds: 1, incomplete_wait_seconds: 1}}
sending: {{parallel: 2, requests_per_second: 100, settle_seconds: 1}}
log: {{level: debug, file: daemon.log}}
"""


class FastClock:
    """A clock that runs ``SPEED`` times faster from ``MORNING`` on, and can leap."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._leapt = 0.0

    def monotonic(self) -> float:
        """Return the seconds since the beginning."""
        return (time.monotonic() - self._began) * SPEED + self._leapt

    def now(self) -> datetime:
        """Return the time as aware UTC."""
        return MORNING + timedelta(seconds=self.monotonic())

    def leap(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        self._leapt += seconds

    @staticmethod
    def sleep(seconds: float) -> None:
        """Wait."""
        time.sleep(seconds / SPEED)


class FastBell(queue.SimpleQueue[Ring]):
    """The loop's bell, which waits in the fast clock's seconds."""

    def get(self, block: bool = True, timeout: float | None = None) -> Ring:
        """Wait for the bell."""
        return super().get(block, None if timeout is None else timeout / SPEED)


@cache
def children() -> PdfChildren:
    """Return the children that read PDFs, warm for every case of this process."""
    return PdfChildren(size=2)


@cache
def pdf(number: str) -> bytes:
    """Return a drawn invoice of one line."""
    parties = (
        Party("MA SOCIETE", start.SUPPLIER_SIRET, ("35000 Rennes",)),
        Party("CLIENT", None, ("22000 St-Brieuc",)),
    )
    lines = (Line("Prestation", Decimal(1), Decimal("100.00"), Decimal(20)),)
    return draw(None, Sketch(number, MORNING.astimezone(PARIS).date(), *parties, lines, layout="classique"))


@dataclass(frozen=True)
class Seen:
    """What became of one invoice.

    Args:
        state: Of the ledger.
        reasons: Codes of the problems that are no mere notes.
        folder: Where its PDF lies, with its bytes unchanged; otherwise what is wrong with that.
        told: Its log beside the PDF has the sentence of each of those problems (True in the outbox: no log there).
        deposits: How many Chorus Pro has accepted.

    """

    state: str
    reasons: tuple[str, ...]
    folder: str
    told: bool
    deposits: int


class FaultySite:
    """The folders, the configuration and the daemon of one case.

    Args:
        root: An empty directory.
        simulator: Where it sends to.
        clock: Its time, shared with the simulator.
        timeout: Seconds that one call may take (real ones).

    """

    def __init__(self, root: Path, simulator: FaultySimulator, clock: FastClock, timeout: float) -> None:
        self.root = root
        self.simulator = simulator
        self.clock = clock
        self.stderr = io.StringIO()
        simulator.world.clients = {start.CLIENT_ID: SECRET}
        account = simulator.world.accounts[start.LOGIN]
        simulator.world.accounts = {start.LOGIN: replace(account, password=PASSWORD)}
        for name in FOLDERS:
            (root / name).mkdir()
        self.config = self._load(timeout)
        self.config.spool.parent.mkdir()
        for number, stem in NAMES.items():
            (root / "outbox" / f"{stem}.pdf").write_bytes(pdf(number))
        (root / "outbox" / f"{NAMES[FIRST]}_PJ1.png").write_bytes(b"a delivery note")

    def _load(self, timeout: float) -> Config:
        known = {"client_id": start.CLIENT_ID, "login": start.LOGIN, "supplier": start.SUPPLIER_SIRET}
        path = self.root / "config.yaml"
        path.write_text(CONFIG.format(url=self.simulator.url, token=TOKEN_PATH, **known), "utf-8")
        secrets = {"CHORUS_OUTBOX_CLIENT_SECRET": SECRET, "CHORUS_OUTBOX_PASSWORD": PASSWORD}
        config = load(path, {**os.environ, **secrets})
        return replace(config, sending=config.sending.model_copy(update={"timeout_seconds": timeout}))

    def once(self) -> None:
        """Do what ``run --once`` does."""
        with contextlib.redirect_stderr(self.stderr), self._logging(), contextlib.ExitStack() as stack:
            config, ledger = self.config, SqliteLedger(self.config.ledger)
            stack.callback(ledger.close)
            folders = service.shared_folders(config)
            witnesses = Witnesses(config.spool, config.folders.outbox)
            ownership.own_up(config, ledger, witnesses)
            far = stack.enter_context(service.remote(config, self.clock.sleep))
            far.chorus._wire._client.event_hooks = {"request": [self.simulator.lead_astray]}
            settings = service.settings(config)
            parts = Parts(
                *(ledger, folders, far.chorus, far.directory, far.follow, far.flows, far.lists),
                *(children(), self.clock, settings),
                jitter=lambda: 0.5,
                begun=lambda: witnesses.keep(ownership.witness(config, ledger)),
                doubt_until=ledger.doubt_until(),
            )
            loop = Loop(parts, FastBell())
            loop.recover()
            loop.run(once=True)

    @contextlib.contextmanager
    def _logging(self) -> Iterator[None]:
        logs.configure(self.config.log.level, self.config.log.file, self.config.secrets())
        try:
            yield
        finally:
            root = logging.getLogger()
            for handler in list(root.handlers):
                root.removeHandler(handler)
                handler.close()

    def entries(self) -> Mapping[str, Entry]:
        """Return the ledger's entries by number (before a file was read, by the one that its name begins with)."""
        ledger = SqliteLedger(self.config.ledger)
        try:
            return {e.file.partition("_")[0]: e for e in ledger.entries()}
        finally:
            ledger.close()

    def see(self) -> Mapping[str, Seen]:
        """Return what has become of both invoices."""
        deposits = [f.number for f in self.simulator.world.accepted()]
        return {number: self._seen(entry, deposits.count(number)) for number, entry in self.entries().items()}

    def _seen(self, entry: Entry, deposits: int) -> Seen:
        problems = [p for p in entry.problems if p.weight is not Weight.NOTE]
        folder, log = self._where(entry.file)
        words = catalogue("fr")
        told = folder == "outbox" or all(render(words, p)[0] in log for p in problems)
        return Seen(entry.state.value, tuple(p.code for p in problems), folder, told, deposits)

    def _where(self, name: str) -> tuple[str, str]:
        """Return the one folder in which a PDF lies, and the text of the log beside it."""
        found = [p for folder in FOLDERS for p in (self.root / folder).rglob(name)]
        if len(found) != 1 or found[0].read_bytes() != pdf(name.partition("_")[0]):
            return f"{len(found)} files, or changed", ""
        log = found[0].with_suffix(".log")
        text = log.read_bytes().decode("utf-8-sig") if log.is_file() else ""
        return found[0].relative_to(self.root).parts[0], " ".join(text.split())

    def outages(self) -> tuple[str, ...]:
        """Return the reason of each outage that the log has told."""
        lines = [json.loads(line) for line in (self.root / "daemon.log").read_text("utf-8").splitlines()]
        return tuple(line["reason"] for line in lines if line["event"] == "outage.started")

    def leaks(self) -> tuple[str, ...]:
        """Return where a secret can be read: in a file of the site, or on standard error."""
        hidden = [*HIDDEN, *self.simulator.world.tokens]
        texts = {str(p.relative_to(self.root)): p.read_bytes() for p in self.root.rglob("*") if p.is_file()}
        texts["stderr"] = self.stderr.getvalue().encode()
        return tuple(name for name, data in texts.items() if any(s.encode() in data for s in hidden))
