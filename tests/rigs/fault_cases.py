"""The cases, and how one is played: the fault first, then everything works again. Expects nothing (``fault_table.py``)."""

from __future__ import annotations

import signal
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from fault_kinds import FAULTS
from fault_server import FaultySimulator, Plan
from fault_site import MARKS, FastClock, FaultySite, Seen

from chorus_outbox.simulator.auth import TOKEN_PATH
from chorus_outbox.simulator.world import World

SUBMIT = "/cpro/factures/v1/soumettre"
SEARCH = "/cpro/factures/v1/rechercher/fournisseur"
CALLS: Mapping[str, str] = {
    "token": TOKEN_PATH,
    "account": "/cpro/transverses/v1/recuperer/structures/actives/fournisseur",
    "recipient": "/cpro/structures/v1/rechercher",
    "rules": "/cpro/structures/v1/consulter",
    "services": "/cpro/structures/v1/rechercher/services",
    "service": "/cpro/structures/v1/consulter/service",
    "types": "/cpro/transverses/v1/recuperer/typespj",
    "upload": "/cpro/factures/v1/deposer/pdf",
    "attach": "/cpro/transverses/v1/ajouter/fichier",
    "submit": SUBMIT,
    "search-arrived": SEARCH,
    "search-absent": SEARCH,
}
"""The remote calls on an invoice's way. The search is made after a doubt: one for a deposit that has arrived, one not."""
EVERYBODY = ("token", "account")
"""Calls that are about no invoice: every one meets the fault, the second invoice's as well."""
DOUBT = {"search-arrived": "reset-after", "search-absent": "reset"}
TIMES = {"once": 1, "twice": 2, "for ever": 0}
LIMIT, SLOW_LIMIT = 10.0, 1.0  # seconds that a call may take; in cases where only this limit ends it
RUNS_AFTER = 5  # of `run --once`, at most, until all is done once everything works again
AN_HOUR = 3700.0  # seconds: more than the longest pause
STUCK = 30  # seconds after which a case has failed


@dataclass(frozen=True)
class Case:
    """The faults that a call's requests meet, one after the other; ``for_ever``: the last one again and again."""

    call: str
    faults: tuple[str, ...]
    for_ever: bool = False

    @property
    def name(self) -> str:
        """How it is called."""
        times = "for ever" if self.for_ever else "once"
        if len(self.faults) > 1:
            times = "twice" if len(set(self.faults)) == 1 else "then"
        return " / ".join((self.call, ", ".join(dict.fromkeys(self.faults)), times))


@dataclass(frozen=True)
class Outcome:
    """What was seen of both invoices: while the fault lasted (if for ever), and in the end.

    Args:
        lasting: By number, at the end of a run during which the fault lasted.
        ended: By number, once everything works again and nothing more is to be done.
        met: How many requests failed.
        outages: The reasons of the outages that the log told of while the fault lasted.
        wrong: What must never be: secrets told, a redirect followed, a crash.
        seconds: How long it took.

    """

    lasting: Mapping[str, Seen]
    ended: Mapping[str, Seen]
    met: int
    outages: tuple[str, ...]
    wrong: tuple[str, ...]
    seconds: float


def singles(applies: Mapping[str, Sequence[str]]) -> Iterator[Case]:
    """Yield each call with each fault that can happen to it, once, twice and for ever."""
    for call, faults in applies.items():
        for fault, times in product(faults, TIMES.values()):
            yield Case(call, (fault,) * max(times, 1), for_ever=times == 0)


def pairs(faults: Sequence[str]) -> Iterator[Case]:
    """Yield each ordered pair of different faults on two deposits in a row (twice the same is among the singles)."""
    for first, second in product(faults, faults):
        if first != second:
            yield Case("submit", (first, second))


def play(case: Case, simulator: FaultySimulator) -> Outcome:
    """Play a case on a site of its own, with a portal of its own."""
    began = time.monotonic()
    signal.signal(signal.SIGALRM, _stuck)
    signal.alarm(STUCK)
    try:
        return _play(case, simulator, began)
    except Exception:  # noqa: BLE001 - it is what the case has found
        return Outcome({}, {}, 0, (), (traceback.format_exc(),), time.monotonic() - began)
    finally:
        signal.alarm(0)


def _stuck(*_: object) -> None:
    raise TimeoutError(f"not at its end after {STUCK} s")


def _play(case: Case, simulator: FaultySimulator, began: float) -> Outcome:
    clock = FastClock()
    slow = any(FAULTS[f].slow for f in case.faults)
    simulator.renew(World(clock.now), () if case.call in (*EVERYBODY, "types") else MARKS)  # no mark in a list
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        site = FaultySite(Path(folder), simulator, clock, SLOW_LIMIT if slow else LIMIT)
        plan = simulator.plan
        _prepare(plan, case)
        site.once()
        lasting = site.see() if case.for_ever else {}
        outages = site.outages()
        if case.for_ever:
            plan.stop()
        for _ in range(RUNS_AFTER):
            clock.leap(AN_HOUR)
            site.once()
            ended = site.see()
            if all(seen.state in ("sent", "failed") for seen in ended.values()):
                break
        met = plan.met - (case.call in DOUBT)
        wrong = [f"a secret in {place}" for place in site.leaks()]
        wrong += ["a redirect was followed"] * plan.strays
        return Outcome(lasting, ended, met, outages, tuple(wrong), time.monotonic() - began)


def _prepare(plan: Plan, case: Case) -> None:
    if case.call in DOUBT:
        plan.expect(SUBMIT, [FAULTS[DOUBT[case.call]]])
    plan.expect(CALLS[case.call], [FAULTS[f] for f in case.faults], for_ever=case.for_ever)
