"""The metrics for Prometheus: a text file that node_exporter's textfile collector picks up (docs/monitoring).

Knows the names, units and types; counts nothing itself. Every metric bears the label ``outbox``, the configuration's
name: node_exporter merges the files of several instances, and refuses all of them when two samples are alike. No label
holds anything of an invoice, a recipient or a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as day_time
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from chorus_outbox import __version__
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.measures import AGEING, Histogram, Standing
from chorus_outbox.ports import Outlook

EVERY = timedelta(seconds=15)  # Prometheus seldom asks more often
MODE = 0o644  # node_exporter is another user; the unit's UMask would keep it out


@dataclass(frozen=True)
class About:
    """Which daemon it is: its configuration's name, its environment, and when it began (aware UTC)."""

    outbox: str
    environment: str
    started: datetime


class Metrics:
    """A ``Show``: writes the file every ``EVERY`` at most, and at the end.

    Args:
        file: Where to.
        about: Which daemon it is.
        standing: Reads what the ledger says.

    """

    name = "metrics"

    def __init__(self, file: Path, about: About, standing: Callable[[], Standing]) -> None:
        self._file = file
        self._about = about
        self._standing = standing
        self._next: datetime | None = None

    def show(self, outlook: Outlook) -> None:
        """Write the file, when it is time; ``OSError`` when it can't be written."""
        if self._next and self._next - EVERY <= outlook.at < self._next and not outlook.ending:
            return
        self._next = outlook.at + EVERY
        write(self._file, text(self._about, outlook, self._standing()))


def text(about: About, outlook: Outlook, standing: Standing) -> bytes:
    """Return the metrics in Prometheus's text format 0.0.4."""
    registry = CollectorRegistry()
    registry.register(
        _Once([*_of_daemon(about, outlook), *_of_ledger(about, outlook, standing), *_of_calls(about, outlook)])
    )
    return generate_latest(registry)


def write(file: Path, data: bytes) -> None:
    """Put the file in its place whole, readable by all.

    Not by ``prometheus_client.write_to_textfile``: that leaves the mode to the umask, and a killed daemon's half file
    under a new name each time. A name that does not end in .prom is not picked up.
    """
    half = file.with_name(f".{file.name}.new")
    half.unlink(missing_ok=True)  # of a daemon that was killed; a link that somebody put there is not followed
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE)
    with open(descriptor, "wb") as out:  # noqa: PTH123 - a descriptor, not a path
        os.fchmod(descriptor, MODE)
        out.write(data)
    half.replace(file)


class _Once(Collector):
    """Hands prometheus-client what is known already."""

    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> list[Metric]:
        return self._metrics


def _gauge(
    about: About, name: str, told: str, values: Mapping[str, float | None], label: str = ""
) -> GaugeMetricFamily:
    """Return a gauge with a value for each value of its label, those that are not known left out."""
    metric = GaugeMetricFamily(f"chorus_outbox_{name}", told, labels=["outbox", *([label] if label else [])])
    for key, value in values.items():
        if value is not None:
            metric.add_metric([about.outbox, *([key] if label else [])], value)
    return metric


def _one(about: About, name: str, told: str, value: float | None) -> GaugeMetricFamily:
    return _gauge(about, name, told, {"": value})


def _moment(at: datetime | None) -> float | None:
    return at.timestamp() if at else None


def _of_daemon(about: About, outlook: Outlook) -> Iterator[Metric]:
    build = GaugeMetricFamily(
        "chorus_outbox_build_info", "Which program runs; always 1.", labels=["outbox", "version", "environment"]
    )
    build.add_metric([about.outbox, __version__, about.environment], 1)
    yield build
    health = outlook.health
    for name, told, value in (
        ("start_time_seconds", "When the program was started (Unix time).", about.started.timestamp()),
        ("heartbeat_timestamp_seconds", "Last sign of life of the loop that does the work.", outlook.at.timestamp()),
        (
            "last_look_timestamp_seconds",
            "When the outbox was last looked at; absent until then.",
            _moment(outlook.looked_at),
        ),
        ("outbox_available", "1 when the outbox could be read at the last look.", float(not outlook.unavailable)),
        ("outage", "1 while PISTE or Chorus Pro can't be used and all invoices wait.", float(health.out)),
        (
            "outage_start_timestamp_seconds",
            "When the present outage began; absent when there is none.",
            _moment(health.since),
        ),
    ):
        yield _one(about, name, told, value)
    failures = CounterMetricFamily(
        "chorus_outbox_display_failures",
        "How often something for people (page, alerts) could not be brought up to date.",
        labels=["outbox", "what"],
    )
    for what, count in outlook.measured.unshown.items():
        failures.add_metric([about.outbox, what], count)
    yield failures


def _of_ledger(about: About, outlook: Outlook, standing: Standing) -> Iterator[Metric]:
    tally = standing.tally
    ages = {
        s.value: max(0.0, (outlook.at - standing.oldest[s]).total_seconds()) if s in standing.oldest else 0.0
        for s in AGEING
    }
    yield _gauge(
        about, "invoices", "Invoices by state.", {s.value: float(tally.counts.get(s.value, 0)) for s in State}, "state"
    )
    yield _gauge(
        about,
        "oldest_invoice_age_seconds",
        "Age of the oldest invoice in a state, 0 when there is none: since its drop, its doubt (in_doubt) or its last event (failed).",
        ages,
        "state",
    )
    yield _one(
        about,
        "last_deposit_timestamp_seconds",
        "When Chorus Pro last took an invoice; absent when that is long ago.",
        _moment(tally.accepted_at),
    )
    ends = standing.password_ends
    midnight = datetime.combine(ends + timedelta(days=1), day_time(), PARIS) if ends else None
    yield _one(
        about,
        "password_expiry_timestamp_seconds",
        "End of the technical account's password; absent when Chorus Pro does not say.",
        _moment(midnight),
    )
    yield _histogram(
        about,
        "delivery_seconds",
        "From an invoice's drop to Chorus Pro's receipt, since the start.",
        {"": tally.delivery},
    )


def _of_calls(about: About, outlook: Outlook) -> Iterator[Metric]:
    measured = outlook.measured
    calls = CounterMetricFamily(
        "chorus_outbox_api_calls",
        "Requests to PISTE and Chorus Pro by how they ended.",
        labels=["outbox", "endpoint", "outcome"],
    )
    for (endpoint, outcome), count in measured.calls.items():
        calls.add_metric([about.outbox, endpoint, outcome], count)
    yield calls
    yield _histogram(
        about,
        "api_call_duration_seconds",
        "How long one request took, its answer read.",
        measured.call_seconds,
        "endpoint",
    )


def _histogram(
    about: About, name: str, told: str, values: Mapping[str, Histogram], label: str = ""
) -> HistogramMetricFamily:
    metric = HistogramMetricFamily(f"chorus_outbox_{name}", told, labels=["outbox", *([label] if label else [])])
    for key, histogram in values.items():
        counts = histogram.counts or (0,) * (len(histogram.bounds) + 1)
        buckets, so_far = [], 0
        for bound, count in zip((*map(str, histogram.bounds), "+Inf"), counts, strict=True):
            so_far += count
            buckets.append((bound, float(so_far)))
        metric.add_metric([about.outbox, *([key] if label else [])], buckets, histogram.total)
    return metric
