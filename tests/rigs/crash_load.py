"""The real daemon under load, killed at random while Chorus Pro misbehaves at random; then all is let come to rest.

Invoices keep coming while it lives and while it is dead. In the end the faults stop, and every invoice must have
reached its end: sent, or failed for a reason that Chorus Pro agrees with.
"""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time

import click
import crash_invariants as invariants
from crash_forkserver import SECRETS
from crash_kill import Tally
from crash_scenarios import TO
from crash_site import Site, invoice_pdf, write_config

from chorus_outbox.commands import repair
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import OPEN, State
from chorus_outbox.simulator.chaos import Rule

SETTLE = 0.3  # seconds between two searches
LIFE = (0.05, 2.5)  # seconds from its first request to its kill
START = 20.0  # seconds in which it makes one, if there is anything to do
REST = 300.0  # seconds in which all must come to rest
FAULTS = (
    *(Rule("soumettre", kind) for kind in ("answer_lost", "drop", "truncated_json", "html200", "maintenance")),
    Rule("soumettre", "status", status=500),
    Rule("soumettre", "status", status=502, after=True),
    Rule("soumettre", "late_effect", seconds=0.2),
    Rule("soumettre", "search_lag", seconds=0.2),
    Rule("soumettre", "answer_lost", reset=True),
    Rule("soumettre", "unauthorized"),
    *(Rule("deposer/pdf", kind) for kind in ("answer_lost", "drop", "html200", "unauthorized")),
    *(Rule("rechercher/fournisseur", kind) for kind in ("drop", "truncated_json", "maintenance")),
    Rule("token", "invalid_client"),
    Rule("*", "quota", retry_after=0),
)
WRONG = "22220001600372"  # its check digits are wrong


def work(kills: int, invoices: int, seed: int) -> Tally:
    """Kill so often over so many invoices."""
    tally = Tally("load", planned=kills)
    with Site() as site:
        site.begin(lambda _: None)
        write_config(site.root / "config.yaml", site.simulator, parallel=4, settle=SETTLE)
        try:
            _Load(site, tally, random.Random(seed), invoices).go(kills)  # noqa: S311 - a rig's chance, repeatable
        except Exception as e:  # noqa: BLE001 - whatever it is, it is told with the rest
            tally.violations.append(f"load: the rig stopped: {type(e).__name__}: {e}")
    return tally


class _Load:
    """One run of the rig."""

    def __init__(self, site: Site, tally: Tally, chance: random.Random, invoices: int) -> None:
        self._site = site
        self._tally = tally
        self._chance = chance
        self._left = invoices
        self._number = 0

    def go(self, kills: int) -> None:
        while self._tally.hit < kills:
            self._drop_some(1 + self._left // max(1, kills - self._tally.hit) * 2)
            self._live_and_die()
            self._tally.judge(f"after kill {self._tally.hit}", invariants.after_crash(self._site))
        self._drop_some(self._left)
        self._come_to_rest()
        self._tally.notes["invoices"] = self._number

    def _drop_some(self, most: int) -> None:
        for _ in range(min(self._left, self._chance.randint(0, most))):
            self._left -= 1
            self._number += 1
            number = f"L{self._number}"
            to = TO if self._chance.random() < 0.95 else WRONG
            if self._chance.random() < 0.5:
                self._site.drop(f"{number}.pdf", invoice_pdf(number), f"siret: {to}", f"numero: {number}")
            else:
                self._site.drop(f"{number}_{to}.pdf", invoice_pdf(number))

    def _live_and_die(self) -> None:
        requests = len(self._site.world.journal)
        daemon = self._start("run")
        late = time.monotonic() + START
        while len(self._site.world.journal) == requests and time.monotonic() < late and self._busy():
            time.sleep(0.02)
        ends = time.monotonic() + self._chance.uniform(*LIFE)
        while (left := ends - time.monotonic()) > 0 and daemon.poll() is None:
            if len(self._site.world.rules) < 2:
                self._site.world.rules.append(_copy(self._chance.choice(FAULTS)))
            time.sleep(min(left, 0.15))
        if daemon.poll() is not None:
            self._tally.violations.append(f"the daemon ended by itself: {daemon.returncode}")
        daemon.send_signal(signal.SIGKILL)
        daemon.wait()
        self._tally.runs += 1
        self._tally.hit += 1

    def _busy(self) -> bool:
        return any(any((self._site.shares / name).rglob("*.pdf")) for name in ("outbox", "processing"))

    def _come_to_rest(self) -> None:
        """End the faults; hurry what waits; run until nothing is open."""
        self._tally.notes["sent before the last kill"] = len(list((self._site.shares / "sent").rglob("*.pdf")))
        self._tally.notes["faults committed"] = sum(bool(r["chaos"]) for r in self._site.world.journal)
        self._site.world.rules.clear()
        ends = time.monotonic() + REST
        while time.monotonic() < ends:
            self._start("run", "--once").wait(REST)
            entries = invariants.read_entries(self._site.config.ledger)
            if not [e for e in entries if e.state in OPEN or e.state is State.SEEN]:
                break
            self._hurry(entries)
        self._judge()

    def _hurry(self, entries: list[Entry]) -> None:
        for entry in entries:
            if entry.state in (State.WAITING, State.IN_DOUBT):
                with contextlib.suppress(click.ClickException):
                    repair.retry(self._site.config, entry.file, yes=True)

    def _judge(self) -> None:
        entries = invariants.read_entries(self._site.config.ledger)
        ends = {e.file: "failed" if WRONG in e.siret else "sent" for e in entries}
        for entry in entries:
            if any(p.code == "chorus.not_taken" for p in entry.problems):
                ends[entry.file] = "failed"  # three deposits in doubt, proved absent each time: a person's turn
                self._tally.notes["given to a person"] += 1
            self._tally.notes[entry.state.value] += 1
            self._tally.notes["doubts"] += entry.doubts
        wrong = invariants.at_end(self._site, ends)
        if len(entries) != self._number:
            wrong.append(f"{len(entries)} invoices in the ledger, {self._number} dropped")
        self._tally.violations += wrong
        self._tally.litter = invariants.litter(self._site)

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        with self._site.errors.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "chorus_outbox", *words, "--config", str(self._site.root / "config.yaml")],
                env={**self._site.environ, **SECRETS},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )


def _copy(rule: Rule) -> Rule:
    return Rule(**vars(rule))
