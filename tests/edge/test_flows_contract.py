"""Flows by the real client against the simulator, and in memory, through one suite: so the fake can't lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import swagger_check

from chorus_outbox.core.flow import Blame, FlowReport
from chorus_outbox.edge.chorus import Account, ChorusPro, Flows, Pace, Wire
from chorus_outbox.errors import InDoubtError, RefusedError
from chorus_outbox.simulator import start
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.cii import cii_xml
from chorus_outbox.simulator.drawing import draw, embed
from chorus_outbox.simulator.flows import decide
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.sketch import Line, Party, Sketch
from chorus_outbox.simulator.world import World
from world_chorus import DOUBLE, MemoryChorus
from world_effects import ManualClock
from world_folders import pdf
from world_follow import MemoryFlows

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
LINES = (Line("Prestation", Decimal(1), Decimal("100.00")),)
SKETCH = Sketch("FX-1", date(2026, 11, 20), Party("MA SOCIETE", start.SUPPLIER_SIRET), Party("UN CLIENT"), LINES)
XML = cii_xml(SKETCH, start.SIRET_PLAIN)


@dataclass(frozen=True)
class Chosen:
    """One of the implementations, with what its world can do."""

    flows: Flows | MemoryFlows
    chorus: ChorusPro | MemoryChorus
    path: Path  # of a Factur-X
    wait: Callable[[float], None]
    decide: Callable[[str, str, str], None]  # a flow, its state, a message about its invoice


def memory(path: Path) -> Chosen:
    clock = ManualClock(NOON)
    chorus = MemoryChorus(now=clock.now)
    flows = MemoryFlows(chorus)
    path.write_bytes(pdf("", xml=XML))
    return Chosen(flows, chorus, path, clock.advance, flows.decide)


@contextmanager
def real(path: Path, server: RunningSimulator) -> Iterator[Chosen]:
    account = Account(server.oauth_url, server.url, start.CLIENT_ID, start.CLIENT_SECRET, start.LOGIN, start.PASSWORD)
    wire = Wire(account, 20, Pace(10_000, lambda: 0.0, lambda _: None), lambda _: None)
    path.write_bytes(embed(draw(None, SKETCH), XML))
    world = server.world

    def end(flow: str, state: str, text: str) -> None:
        decide(world, world.flows[flow], {"etat": state, "erreurs": [text]})

    yield Chosen(Flows(wire), ChorusPro(wire, start.SUPPLIER_SIRET), path, world.advance, end)
    wire.close()


@pytest.fixture(scope="module")
def simulator() -> Iterator[RunningSimulator]:
    """One server for the module; at the end every request that was sent is held against the Swagger files."""
    journal: list[dict[str, Any]] = []
    with running(World(clock=lambda: NOON)) as server:
        yield server
        journal = list(server.world.journal)
    if swagger_check.available():
        sent = [(e["path"], e["request"]) for e in journal if e["path"].startswith("/cpro/factures") and e["request"]]
        faults = [fault for path, body in sent for fault in swagger_check.validate(path, "request", body)]
        assert sent
        assert not faults, faults


@pytest.fixture
def fresh(simulator: RunningSimulator) -> RunningSimulator:
    journal = list(simulator.world.journal)
    simulator.world.reset()
    simulator.world.journal.extend(journal)
    return simulator


@pytest.fixture(params=["simulator", "memory"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Chosen]:
    if request.param == "memory":
        yield memory(tmp_path / "a.pdf")
        return
    with real(tmp_path / "a.pdf", request.getfixturevalue("fresh")) as site:
        yield site


def test_a_flow_becomes_an_invoice(chosen: Chosen) -> None:
    """First a number and no invoice; after a while it is integrated, and the search says by which flow it came."""
    flow = chosen.flows.deposit(chosen.path, "FX-1.pdf")
    assert chosen.chorus.search("FX-1", start.SUPPLIER_SIRET) == []
    assert chosen.flows.report(flow).state not in ("", "IN_INTEGRE")
    chosen.wait(200)
    assert chosen.flows.report(flow) == FlowReport("IN_INTEGRE")
    (row,) = chosen.chorus.search("FX-1", start.SUPPLIER_SIRET)
    assert (row.flow, row.status, row.gross, row.siret) == (flow, row.status, Decimal("120.00"), start.SIRET_PLAIN)


def test_a_second_one_is_a_double(chosen: Chosen) -> None:
    """The second flow is rejected in AIFE's own words about the number."""
    chosen.flows.deposit(chosen.path, "FX-1.pdf")
    chosen.wait(200)
    second = chosen.flows.deposit(chosen.path, "FX-1.pdf")
    chosen.wait(200)
    assert chosen.flows.report(second) == FlowReport("IN_REJETE", (), (Blame("FX-1", DOUBLE),))
    assert len(chosen.chorus.search("FX-1", start.SUPPLIER_SIRET)) == 1


def test_a_flow_may_end_in_any_state(chosen: Chosen) -> None:
    """What the test decides is reported; no invoice comes of it."""
    flow = chosen.flows.deposit(chosen.path, "FX-1.pdf")
    chosen.decide(flow, "QP_IRRECEVABLE", "Non")
    chosen.wait(200)
    report = chosen.flows.report(flow)
    assert (report.state, [e.text for e in report.errors]) == ("QP_IRRECEVABLE", ["Non"])
    assert chosen.chorus.search("FX-1", start.SUPPLIER_SIRET) == []


# --- the client alone ------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(fresh: RunningSimulator, tmp_path: Path) -> Iterator[Chosen]:
    with real(tmp_path / "a.pdf", fresh) as site:
        yield site


def test_joined_messages_come_one_by_one(client: Chosen, fresh: RunningSimulator) -> None:
    """Chorus Pro joins them by a bar; an empty one is none, and what is about the file stands apart."""
    flow = client.flows.deposit(client.path, "FX-1.pdf")
    rows = [{"numeroDP": 7, "libelleErreurDP": "un | deux||"}, {"libelleErreurDP": "trois"}, {"numeroDP": "x"}]
    verdict = {"etat": "IN_REJETE", "erreurs": rows, "erreursTechniques": ["quatre", ""]}
    decide(fresh.world, fresh.world.flows[flow], verdict)
    assert client.flows.report(flow) == FlowReport(
        "IN_REJETE", ("quatre",), (Blame("7", "un"), Blame("7", "deux"), Blame("", "trois"))
    )


def test_a_report_without_measure_is_cut(client: Chosen, fresh: RunningSimulator) -> None:
    """Fifty messages of five hundred characters tell enough."""
    flow = client.flows.deposit(client.path, "FX-1.pdf")
    decide(fresh.world, fresh.world.flows[flow], {"etat": "IN_REJETE", "erreurs": ["x" * 600] * 60})
    report = client.flows.report(flow)
    assert (len(report.errors), len(report.errors[0].text)) == (50, 500)


def test_a_report_that_is_not_there_yet(client: Chosen, fresh: RunningSimulator) -> None:
    """Its state is empty, and no error is raised."""
    fresh.world.settings.report_seconds = 30
    assert client.flows.report(client.flows.deposit(client.path, "FX-1.pdf")) == FlowReport("")


def test_a_file_that_is_too_big_is_called_so(client: Chosen) -> None:
    """``GDP_MSG_11.022`` says nothing to people."""
    client.path.write_bytes(b"%PDF" + bytes(10_000_000))
    with pytest.raises(RefusedError) as caught:
        client.flows.deposit(client.path, "FX-1.pdf")
    assert caught.value.problem.code == "chorus.too_big"


def test_another_refusal_is_quoted(client: Chosen) -> None:
    """A name without its ending, for instance."""
    with pytest.raises(RefusedError) as caught:
        client.flows.deposit(client.path, "FX-1")
    assert caught.value.problem.code == "chorus.file_name"


@pytest.mark.parametrize("kind", ["answer_lost", "truncated_json", "html200"])
def test_an_answer_without_a_number_is_a_doubt(client: Chosen, fresh: RunningSimulator, kind: str) -> None:
    """The flow may be there: never said to be refused, nor to have failed."""
    fresh.world.rules.append(Rule("deposer/flux", kind))
    with pytest.raises(InDoubtError):
        client.flows.deposit(client.path, "FX-1.pdf")
