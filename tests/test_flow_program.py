"""Factur-X deposited as flows by the program as a process, against the simulator: what a site sees."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from chorus_outbox.simulator.drawing import facturx
from chorus_outbox.simulator.model import Settings
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.sketch import Line, Sketch
from chorus_outbox.simulator.start import SIRET_PLAIN
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, CUSTOMER, SUPPLIER, Site, today

FLUX = CONFIG.replace("settle_seconds: 1", "settle_seconds: 0.2, facturx: flux")
LINES = (Line("Prestation", Decimal(1), Decimal("100.00"), Decimal(20)),)
NAME = "facture.pdf"


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running(World(settings=Settings(flow_seconds=0.1))) as server:
        yield server


@pytest.fixture
def site(tmp_path: Path, simulator: RunningSimulator) -> Site:
    return Site(tmp_path, simulator, FLUX)


def sketch(number: str = "FX-1", service: str | None = None, engagement: str | None = None) -> Sketch:
    return Sketch(number, today(), SUPPLIER, CUSTOMER, LINES, service=service, engagement=engagement)


def test_a_facturx_goes_whole_and_is_followed_until_it_is_an_invoice(site: Site) -> None:
    """The bytes that were dropped are the portal's; the invoice's own id is found, and its log holds the flow's number."""
    site.drop(NAME, facturx(sketch(), SIRET_PLAIN))
    assert site.once() == 0
    assert site.where(NAME) == f"sent/{today():%Y/%m}"
    world = site.simulator.world
    ((flow,), (invoice,)) = (world.flows.values(), world.accepted())
    assert invoice.file is not None
    assert world.files[invoice.file].sha256 == site.dropped[NAME]
    assert site.status()[NAME]["chorus_id"] == invoice.id
    log = site.log("facture")
    assert log.startswith("ENVOYÉE")
    assert f"numéro de flux (Factur-X) : {flow.number}" in log
    assert site.dropped[NAME] in log
