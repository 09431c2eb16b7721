"""One supplier's site on this machine: folders, configuration, and the real program run as a process against a simulator.

site = Site(tmp_path, simulator)
site.drop("F1_22220001600434.pdf", pdf)
assert site.once() == 0
assert site.where("F1_22220001600434.pdf") == "sent/2026/11"
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from chorus_outbox.core.decide import PARIS
from chorus_outbox.simulator.drawing import draw
from chorus_outbox.simulator.server import RunningSimulator
from chorus_outbox.simulator.sketch import Line, Party, Sketch
from chorus_outbox.simulator.start import CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD, SUPPLIER_SIRET

FOLDERS = ("outbox", "processing", "sent", "failed")
SUPPLIER = Party("MA SOCIETE", SUPPLIER_SIRET, ("12 rue des Lices", "35000 Rennes"))
CUSTOMER = Party("UN CLIENT PUBLIC", None, ("1 place de la Mairie", "22000 Saint-Brieuc"))
CONFIG = """\
environment: sandbox
endpoints: {{oauth: "{oauth}", api: "{api}"}}
piste: {{client_id: {client_id}}}
account: {{login: {login}}}
supplier: {{siret: "{supplier}"}}
folders: {{outbox: outbox}}
ledger: state/ledger.db
recipients: {{cotes-armor: {{siret: "22220001600327", service: COLLEGE, engagement_pattern: "[0-9]{{5,6}}"}}}}
pickup: {{quiet_seconds: 0.3, rescan_seconds: 1, sidecar_wait_seconds: 1, incomplete_wait_seconds: 1}}
sending: {{requests_per_second: 100, settle_seconds: 1, timeout_seconds: 5}}
"""


def today() -> date:
    """Return the day in France, as the program sees it."""
    return datetime.now(UTC).astimezone(PARIS).date()


def invoice_pdf(number: str, day: date | None = None, price: str = "100.00", *, layout: str = "classique") -> bytes:
    """Return a drawn invoice of one line at 20 % VAT."""
    lines = (Line("Prestation", Decimal(1), Decimal(price), Decimal(20)),)
    return draw(None, Sketch(number, day or today(), SUPPLIER, CUSTOMER, lines, layout=layout))


class Site:
    """The folders and the program. Times in the configuration are short; nothing else differs from a real site."""

    def __init__(self, root: Path, simulator: RunningSimulator, config: str = CONFIG) -> None:
        self.root = root
        self.simulator = simulator
        for name in FOLDERS:
            (root / name).mkdir()
        self.config = root / "config.yaml"
        known = {"client_id": CLIENT_ID, "login": LOGIN, "supplier": SUPPLIER_SIRET}
        text = config.format(oauth=simulator.oauth_url, api=simulator.url, **known)
        self.config.write_text(text, "utf-8")
        self.dropped: dict[str, str] = {}

    @property
    def environ(self) -> dict[str, str]:
        """The environment of the program: its secrets; and it keeps compiled modules, as an installed program has them."""
        secrets = {"CHORUS_OUTBOX_CLIENT_SECRET": CLIENT_SECRET, "CHORUS_OUTBOX_PASSWORD": PASSWORD}
        return {**os.environ, **secrets, "PYTHONWARNINGS": "error", "PYTHONDONTWRITEBYTECODE": ""}

    def drop(self, name: str, data: bytes, *sidecar: str) -> None:
        """Put a file into the outbox (and its sidecar's lines), as a plain copy does."""
        path = self.root / "outbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.dropped[name] = hashlib.sha256(data).hexdigest()
        if sidecar:
            path.with_suffix(".yaml").write_text("\n".join(sidecar) + "\n", "utf-8")

    def command(self, *words: str) -> list[str]:
        """Return the command line of the program."""
        return [sys.executable, "-m", "chorus_outbox", *words]

    def program(self, *words: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
        """Run a command of the program to its end."""
        return subprocess.run(
            self.command(*words), env=self.environ, capture_output=True, text=True, timeout=timeout, check=False
        )

    def once(self) -> int:
        """Run ``run --once`` and return its exit code."""
        done = self.program("run", "--config", str(self.config), "--once")
        return done.returncode

    def start(self, environ: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start the daemon; the caller ends it."""
        command = self.command("run", "--config", str(self.config))
        return subprocess.Popen(
            command,
            env={**self.environ, **(environ or {})},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )

    def where(self, name: str) -> str:
        """Return the one folder in which a file of that name lies; fails when it is in none or in several."""
        found = [p for folder in FOLDERS for p in (self.root / folder).rglob(name)]
        assert len(found) == 1, f"{name}: {found}"
        return str(found[0].parent.relative_to(self.root))

    def log(self, stem: str) -> str:
        """Return the text of the log of an invoice, decoded as Notepad does."""
        found = [p for folder in FOLDERS for p in (self.root / folder).rglob(stem + ".log")]
        assert len(found) == 1, f"{stem}.log: {found}"
        data = found[0].read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert b"\r\n" in data
        return data.decode("utf-8-sig")

    def status(self) -> dict[str, dict[str, Any]]:
        """Return ``status --json`` by file name."""
        done = self.program("status", "--config", str(self.config), "--json")
        assert done.returncode == 0, done.stderr
        return {row["file"]: row for row in json.loads(done.stdout)}

    def sha256(self, folder: str, name: str) -> str:
        """Return the SHA-256 of a file."""
        return hashlib.sha256((self.root / folder / name).read_bytes()).hexdigest()
