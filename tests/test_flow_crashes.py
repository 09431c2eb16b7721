"""The plug pulled at every effect of a flow's life, and whole histories with flows in them."""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import initialize, rule

from test_crashes import crash_everywhere
from test_histories import FAULTS, NUMBERS, Histories
from world import DOUBLE, SETTLE, Fault, World, facturx, named, settings

FILE = named("FX-1")
PACE = 12 * SETTLE  # seconds: twelve of them are longer than the three searches and what follows
FLUX = settings(facturx="flux")


def integrated(world: World) -> None:
    """Taken, integrated, found; a sidecar that agrees goes with it."""
    world.folders.drop("scan.pdf", facturx("FX-1"))
    world.folders.drop("scan.yaml", b"numero: FX-1\n")


def rejected(world: World) -> None:
    """Rejected, as often as it is sent."""
    for _ in range(3):
        world.flows.verdict("IN_REJETE", "BuyerReference.value est obligatoire")
    world.folders.drop(FILE, facturx("FX-1"))


def answer_lost(world: World) -> None:
    """Arrived, answer lost."""
    world.chorus.faults.plan("flow", Fault("doubt_arrived"))
    world.folders.drop(FILE, facturx("FX-1"))


def request_lost(world: World) -> None:
    """Lost on the way, so sent again after three searches."""
    world.chorus.faults.plan("flow", Fault("doubt_lost"))
    world.folders.drop(FILE, facturx("FX-1"))


def arrived_late(world: World) -> None:
    """Arrived only after a while."""
    world.chorus.faults.plan("flow", Fault("late_effect", seconds=3 * SETTLE))
    world.folders.drop(FILE, facturx("FX-1"))


def incident(world: World) -> None:
    """Not processed, so sent again."""
    world.flows.verdict("IN_INCIDENTE")
    world.folders.drop(FILE, facturx("FX-1"))


SCENARIOS = [integrated, rejected, answer_lost, request_lost, arrived_late, incident]


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_crash_at_every_effect_of_a_flow(scenario: Callable[[World], None], before: bool) -> None:
    """Wherever the plug is pulled, nothing is lost, no second invoice is made, and it ends as without a crash."""
    crash_everywhere(scenario, before=before, chosen=FLUX, pace=PACE)


class FlowHistories(Histories):
    """The same clerks, portal and share; some invoices are Factur-X."""

    @initialize(
        refuses_doubles=st.booleans(), number=st.sampled_from(NUMBERS), faults=st.lists(FAULTS["submit"], max_size=2)
    )
    def begin(self, refuses_doubles: bool, number: str, faults: list[Fault]) -> None:
        self.world = World(FLUX, refuses_doubles=refuses_doubles)
        self.world.chorus.faults.plan("flow", *faults)
        self.world.folders.drop(named(number), facturx(number))

    @rule(number=st.sampled_from(NUMBERS), again=st.booleans())
    def drop_facturx(self, number: str, again: bool) -> None:
        if named(number) not in self.world.folders.files["outbox"]:
            text = "" if again else f"content {next(self.serial)}"
            self.world.folders.drop(named(number), facturx(number, text))

    @rule(fault=FAULTS["submit"])
    def plan_flow_fault(self, fault: Fault) -> None:
        self.world.chorus.faults.plan("flow", fault)

    @rule(fault=FAULTS["search"])
    def plan_report_fault(self, fault: Fault) -> None:
        self.world.chorus.faults.plan("report", fault)

    @rule(
        state=st.sampled_from(["IN_REJETE", "IN_INTEGRE_PARTIEL", "QP_IRRECEVABLE"]),
        text=st.sampled_from(["x", DOUBLE]),
    )
    def plan_rejection(self, state: str, text: str) -> None:
        self.world.flows.verdict(state, text)

    @rule()
    def plan_incident(self) -> None:
        self.world.flows.verdict("IN_INCIDENTE")

    @rule(seconds=st.floats(0, 5 * SETTLE))
    def take_longer(self, seconds: float) -> None:
        """Let integration take that long: less than all searches, as the portal may take doubles."""
        self.world.flows.seconds = seconds


FlowHistories.TestCase.settings = hypothesis_settings(
    max_examples=60, stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
TestFlowHistories = FlowHistories.TestCase
