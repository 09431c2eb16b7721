"""When the remote side counts as out of order, how long it is left alone, and that one file's fault is no outage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chorus_outbox.core.outage import FAULTS_THAT_MAKE_AN_OUTAGE, WELL, Health, after_fault, worse
from chorus_outbox.core.problem import Problem

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DOWN = Problem("outage.maintenance", {"status": "503"})


def test_well_may_send() -> None:
    """Nothing stands against sending at the start."""
    assert WELL.may_send(NOW)
    assert not WELL.out


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [
        pytest.param(1, 5, id="first"),
        pytest.param(2, 15 * 0.75, id="second"),
        pytest.param(12, 2700, id="at most an hour"),
    ],
)
def test_an_outage_waits_longer_each_time(tries: int, seconds: float) -> None:
    """5 seconds first, then three times as long each time, spread by chance, at most an hour."""
    health = WELL
    for _ in range(tries):
        health = worse(health, DOWN, NOW, None, 0.5)
    assert (health.until, health.tries, health.since) == (NOW + timedelta(seconds=seconds), tries, NOW)


def test_a_named_delay_is_believed() -> None:
    """Retry-After decides instead: nothing is sent before, and something may be sent then."""
    health = worse(WELL, DOWN, NOW, 90, 0.5)
    assert not health.may_send(NOW + timedelta(seconds=89.9))
    assert health.may_send(NOW + timedelta(seconds=90))


@pytest.mark.parametrize(("named", "seconds"), [(0, 11.25), (2, 11.25), (90, 90)])
def test_a_named_delay_that_was_not_enough_shortens_nothing(named: float, seconds: float) -> None:
    """A server that says "2 seconds" again and again is not asked every two seconds."""
    health = worse(worse(WELL, DOWN, NOW, named, 0.5), DOWN, NOW, named, 0.5)
    assert health.until == NOW + timedelta(seconds=seconds)


def test_an_outage_keeps_its_beginning_and_tells_its_present_reason() -> None:
    """``since`` is the first failure's time, the problem the last one's."""
    quota = Problem("outage.quota", {"seconds": "5"})
    health = worse(worse(WELL, DOWN, NOW, None, 0), quota, NOW + timedelta(hours=1), None, 0)
    assert (health.since, health.problem) == (NOW, quota)


@given(st.lists(st.integers(1, 5), max_size=12))
def test_several_different_invoices_make_an_outage(ids: list[int]) -> None:
    """However often the same ones fail: only as many different ones as the limit make an outage."""
    health = WELL
    for entry_id in ids:
        health = after_fault(health, entry_id, DOWN, NOW, 0.5)
    assert health.out == (len(set(ids)) >= FAULTS_THAT_MAKE_AN_OUTAGE)
    assert health.faulty == set(ids)


@given(st.floats(0, 1, exclude_max=True), st.integers(0, 100), st.none() | st.floats(0, 3600))
def test_an_outage_always_ends(jitter: float, tries: int, retry_after: float | None) -> None:
    """Whatever happened before, something is tried again after an hour at most."""
    health = worse(Health(tries=tries), DOWN, NOW, retry_after, jitter)
    assert health.may_send(NOW + timedelta(hours=1))
