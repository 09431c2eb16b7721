"""How calls are counted: by their family and by what became of them, over real HTTP against the simulator."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chorus_outbox.edge import chorus
from chorus_outbox.edge.chorus import Account, ChorusPro, Pace, Wire
from chorus_outbox.edge.chorus.calls import ENDPOINTS, FAMILIES, OTHER, OUTCOMES, TOKEN, Calls, family, outcome
from chorus_outbox.edge.clock import RealClock
from chorus_outbox.errors import RemoteError
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.start import CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD, SUPPLIER_SIRET
from chorus_outbox.simulator.world import World

SEARCH, DEPOSIT = "/cpro/factures/v1/rechercher/fournisseur", "/cpro/factures/v1/soumettre"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World()) as server:
        yield server


@pytest.fixture
def wire(simulator: RunningSimulator) -> Iterator[Wire]:
    account = Account(simulator.oauth_url, simulator.url, CLIENT_ID, CLIENT_SECRET, LOGIN, PASSWORD)
    one = Wire(account, 5, Pace(1000, RealClock().monotonic, lambda _: None), lambda _: None)
    yield one
    one.close()


def counts(calls: Calls) -> Mapping[tuple[str, str], int]:
    """Return what was counted at all."""
    return {key: n for key, n in calls.so_far()[0].items() if n}


CASES: Mapping[str, tuple[Rule, str, Mapping[tuple[str, str], int]]] = {
    # what goes wrong, what is called, what is counted beside the token
    "unreachable": (Rule("fournisseur", "drop"), SEARCH, {("search", "unreachable"): 1}),
    "lost": (Rule("soumettre", "answer_lost"), DEPOSIT, {("deposit", "doubt"): 1}),
    "maintenance": (Rule("fournisseur", "maintenance"), SEARCH, {("search", "maintenance"): 1}),
    "quota": (Rule("fournisseur", "quota"), SEARCH, {("search", "quota"): 1}),
    "refused": (Rule("fournisseur", "status", status=400), SEARCH, {("search", "refused"): 1}),
    "forbidden": (Rule("fournisseur", "status", status=403), SEARCH, {("search", "forbidden"): 1}),
    "moved": (Rule("fournisseur", "status", status=404), SEARCH, {("search", "wrong_route"): 1}),
    "fault": (Rule("fournisseur", "status", status=500), SEARCH, {("search", "fault"): 1}),
    "each try with a refused token": (
        Rule("fournisseur", "unauthorized", times=None),
        SEARCH,
        {("search", "credentials"): 3, (TOKEN, "ok"): 3},
    ),
    "each refusal of the credentials": (
        Rule("token", "invalid_client", times=3),
        "/cpro/structures/v1/rechercher",
        {(TOKEN, "credentials"): 3},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_call_is_counted_by_how_it_ended(wire: Wire, simulator: RunningSimulator, case: str) -> None:
    """Each request once, under what an administrator would do something different about; its token as well."""
    rule, path, expected = CASES[case]
    simulator.world.rules.append(rule)
    with contextlib.suppress(RemoteError):
        wire.call(path, {}, once=path == DEPOSIT)
    found = dict(counts(wire.calls))
    for key, count in expected.items():
        assert found.pop(key) == count
    found.pop((TOKEN, "ok"), None)
    assert {how for _, how in found} <= {"ok", "refused"}  # the call itself, when what went wrong was its token


def test_a_good_call_is_counted_and_timed(wire: Wire) -> None:
    """The token and the call, each once, with how long it took."""
    assert ChorusPro(wire, SUPPLIER_SIRET).account.health()
    assert counts(wire.calls) == {(TOKEN, "ok"): 1, ("account", "ok"): 1}
    seconds = wire.calls.so_far()[1]["account"]
    assert (sum(seconds.counts), len(seconds.counts)) == (1, len(seconds.bounds) + 1)
    assert 0 < seconds.total < 5


def test_every_named_family_is_called() -> None:
    """The paths of the table are those in the source: none that was renamed is counted as something else."""
    folder = Path(chorus.__file__).parent
    source = "".join(p.read_text("utf-8") for p in folder.glob("*.py") if p.name != "calls.py")
    assert [end for end in FAMILIES if end not in source] == []
    assert family("/cpro/structures/v1/rechercher/services") == OTHER


def test_counting_from_many_threads_loses_nothing() -> None:
    """Eight threads, a thousand calls each."""
    calls = Calls()

    def work() -> None:
        for _ in range(1000):
            with calls.counting("search"):
                pass

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts(calls) == {("search", "ok"): 8000}


def test_the_labels_are_closed_sets() -> None:
    """Every family and outcome is there from the start, at zero: an increase is seen from the first one."""
    assert set(Calls().so_far()[0]) == {(e, o) for e in ENDPOINTS for o in OUTCOMES}
    assert outcome(None) == OUTCOMES[0]
