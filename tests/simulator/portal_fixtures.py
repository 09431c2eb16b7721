"""The fixtures of the simulator's tests; a test module takes them by ``pytest_plugins = ["portal_fixtures"]``.

No conftest.py: mypy wants module names to be unique in the tree, and there is one above.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from portal_client import Portal

from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def simulator() -> Iterator[RunningSimulator]:
    """One server for all tests of this folder; its clock stands still unless a test advances it."""
    with running(World(clock=lambda: NOON)) as server:
        yield server


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    """One connection pool for all of them."""
    with httpx.Client(timeout=20) as shared:
        yield shared


@pytest.fixture
def portal(simulator: RunningSimulator, client: httpx.Client) -> Portal:
    """Return the portal in its first state, with a token."""
    simulator.world.reset()
    return Portal(simulator, client)
