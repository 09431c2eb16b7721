"""One site that can be put back: folders, ledger and the simulated Chorus Pro as they were, for every point anew.

It lives in memory (tmpfs) under one path, for the outbox's marker names the path of its owner. The runs happen in a
fork server (``crash_forkserver``). Expects nothing of a run: that is ``crash_invariants``.
"""

from __future__ import annotations

import copy
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from crash_forkserver import SECRETS, ForkServer, Order
from crash_tracer import Fault, Traced

from chorus_outbox.config import Config, load
from chorus_outbox.core.decide import PARIS
from chorus_outbox.simulator import start
from chorus_outbox.simulator.drawing import draw
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.sketch import Line, Party, Sketch
from chorus_outbox.simulator.world import World

FOLDERS = ("outbox", "processing", "sent", "failed")
CONFIG = """\
environment: sandbox
endpoints: {{oauth: "{oauth}", api: "{api}"}}
piste: {{client_id: {client_id}}}
account: {{login: {login}}}
supplier: {{siret: "{supplier}"}}
folders: {{outbox: {shares}/outbox}}
ledger: {state}/ledger.db
dashboard: {{enabled: false}}  # written by a thread of its own whenever it gets to it: no point to be killed at
pickup: {{quiet_seconds: 0, rescan_seconds: 1, sidecar_wait_seconds: 0, incomplete_wait_seconds: 0}}
sending: {{parallel: {parallel}, requests_per_second: 100, settle_seconds: {settle}, timeout_seconds: 5}}
"""
SETTLE = 0.05  # seconds between two searches after a doubt
_SUPPLIER = Party("MA SOCIETE", start.SUPPLIER_SIRET, ("12 rue des Lices", "35000 Rennes"))
_CUSTOMER = Party("UN CLIENT PUBLIC", None, ("1 place de la Mairie", "22000 Saint-Brieuc"))


def today() -> date:
    """Return the day in France, as the program sees it."""
    return datetime.now(UTC).astimezone(PARIS).date()


def invoice_pdf(number: str, price: str = "100.00") -> bytes:
    """Return a drawn invoice of one line."""
    lines = (Line("Prestation", Decimal(1), Decimal(price), Decimal(20)),)
    return draw(None, Sketch(number, today(), _SUPPLIER, _CUSTOMER, lines))


def memory_directory() -> Path:
    """Return a new directory, in memory where there is one."""
    shared = Path("/dev/shm")  # noqa: S108 - a directory of our own is made below it
    return Path(tempfile.mkdtemp(prefix="crash-", dir=shared if os.access(shared, os.W_OK) else None))


def write_config(path: Path, simulator: RunningSimulator, *, parallel: int = 1, settle: float = SETTLE) -> None:
    """Write the configuration of a site; its shares lie in ``shares/``, its ledger in ``state/`` beside it."""
    known: dict[str, Any] = {"client_id": start.CLIENT_ID, "login": start.LOGIN, "supplier": start.SUPPLIER_SIRET}
    places: dict[str, Any] = {"shares": "shares", "state": "state", "parallel": parallel, "settle": settle}
    path.write_text(CONFIG.format(oauth=simulator.oauth_url, api=simulator.url, **known, **places), "utf-8")


class Site:
    """A site and its runs.

    Args:
        source: Where the program is loaded from, when not from here (``crash_seeded``).
        root: An existing directory to live in; one in memory when None.
        world: The simulated Chorus Pro; a new one when None.

    Attributes:
        dropped: SHA-256 -> name of every file that a person has dropped (as it is now, when corrected since).
        forgotten: Numbers that were deposited by a ledger that is lost.
        taken: Numbers that Chorus Pro had accepted before its journal begins.

    """

    def __init__(self, source: str = "", root: Path | None = None, world: World | None = None) -> None:
        self.world = world or World()
        self.dropped: dict[str, str] = {}
        self.forgotten: set[str] = set()
        self.taken: set[str] = set()
        self.held = memory_directory() if root is None else None
        self.root = (self.held or root or Path()) / "site"
        self._kept: tuple[dict[str, Any], dict[str, str], set[str]] = ({}, {}, set())
        self._source = source
        self._stack = ExitStack()
        self.environ = {**os.environ, **SECRETS}

    def __enter__(self) -> Self:
        self.simulator = self._stack.enter_context(running(self.world))
        self._template = self.root.with_name("template")
        self.errors = self.root.with_name("errors.log")
        self._fork_server = self._stack.enter_context(ForkServer(self._source, self.errors))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        if self.held:
            shutil.rmtree(self.held)

    @property
    def shares(self) -> Path:
        """Where the four folders are."""
        return self.root / "shares"

    @property
    def state(self) -> Path:
        """Where ledger and spool are."""
        return self.root / "state"

    @property
    def config(self) -> Config:
        """The configuration, loaded."""
        return load(self.root / "config.yaml", self.environ)

    # --- there and back ------------------------------------------------------------------------------------------

    def begin(self, prepare: Callable[[Site], None]) -> None:
        """Make the site anew, prepare it, and keep it as what ``restore`` returns to."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self._template, ignore_errors=True)
        self.world.reset()
        self.dropped, self.forgotten = {}, set()
        for name in FOLDERS:
            (self.shares / name).mkdir(parents=True)
        write_config(self.root / "config.yaml", self.simulator)
        prepare(self)
        shutil.copytree(self.root, self._template)
        self._kept = (self._world_state(), dict(self.dropped), set(self.forgotten))

    def restore(self) -> None:
        """Put everything back."""
        shutil.rmtree(self.root)
        shutil.copytree(self._template, self.root)
        self.restore_world()

    def restore_world(self) -> None:
        """Put Chorus Pro back."""
        vars(self.world).update(copy.deepcopy(self._kept[0]))
        self.dropped, self.forgotten = dict(self._kept[1]), set(self._kept[2])

    def _world_state(self) -> dict[str, Any]:
        return copy.deepcopy({k: v for k, v in vars(self.world).items() if k not in ("clock", "stopping")})

    # --- what people and runs do ---------------------------------------------------------------------------------

    def drop(self, name: str, data: bytes, *sidecar: str) -> None:
        """Put a file into the outbox, and its sidecar's lines."""
        path = self.shares / "outbox" / name
        files = [(path, data)]
        if sidecar:
            files.append((path.with_suffix(".yaml"), ("\n".join(sidecar) + "\n").encode()))
        for file, content in files:
            file.write_bytes(content)
            self.dropped[hashlib.sha256(content).hexdigest()] = file.name

    def run(self, *faults: Fault, **order: Any) -> Traced:
        """Let the program run once."""
        return self._fork_server.run(Order(str(self.root / "config.yaml"), faults, **order))

    def order(self, order: Order) -> Traced:
        """Let the program run once, as ordered."""
        return self._fork_server.run(replace(order, config=str(self.root / "config.yaml")))

    def files(self) -> Sequence[Path]:
        """Return every file in the four folders."""
        return sorted(p for name in FOLDERS for p in (self.shares / name).rglob("*") if p.is_file())
