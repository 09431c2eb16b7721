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
from itertools import accumulate
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from chorus_outbox import __version__
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.measures import AGEING, Histogram, Standing
from chorus_outbox.ports import Measured, Outlook

PREFIX = "chorus_outbox_"
EVERY = timedelta(seconds=15)  # Prometheus seldom asks more often
MODE = 0o644  # node_exporter is another user; the unit's UMask would keep it out


HELP: Mapping[str, str] = {  # every metric, without the prefix chorus_outbox_; docs/monitoring shows them
    "build_info": "Which program runs, always 1.",
    "start_time_seconds": "When the program was started.",
    "heartbeat_timestamp_seconds": "Last sign of life of the loop that does the work.",
    "last_look_timestamp_seconds": "When the outbox was last looked at, absent until then.",
    "outbox_available": "1 when the outbox could be read at the last look, else 0.",
    "invoices": "Invoices by state.",
    "oldest_invoice_age_seconds": "Age of the oldest invoice in a state since its drop (in_doubt: its first try, failed:"
    " its last event), 0 when there is none.",
    "delivery_seconds": "From an invoice's last drop to Chorus Pro's receipt, of those delivered since the start.",
    "last_deposit_timestamp_seconds": "When Chorus Pro last took an invoice, absent when that is long ago.",
    "outage": "1 while PISTE or Chorus Pro can't be used and all invoices wait, else 0.",
    "outage_start_timestamp_seconds": "When the present outage began, absent when there is none.",
    "password_expiry_timestamp_seconds": "End of the technical account's password, absent when Chorus Pro does not say.",
    "api_calls_total": "Requests to PISTE and Chorus Pro by how they ended, since the start.",
    "api_call_duration_seconds": "How long one request took, its answer read, since the start.",
    "display_failures_total": "How often something that people see could not be brought up to date, since the start.",
}


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
    families = [*_of_daemon(about, outlook), *_of_ledger(outlook, standing), *_of_calls(outlook.measured)]
    registry = CollectorRegistry()
    registry.register(_Once([family(about.outbox) for family in families]))
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


Family = Callable[[str], Metric]  # the outbox's name -> a metric with all its samples


def _gauge(name: str, values: Mapping[tuple[str, ...], float | None], *labels: str) -> Family:
    """Return a gauge: label values -> value; what is not known is left out."""

    def made(outbox: str) -> Metric:
        metric = GaugeMetricFamily(PREFIX + name, HELP[name], labels=["outbox", *labels])
        for key, value in values.items():
            if value is not None:
                metric.add_metric([outbox, *key], value)
        return metric

    return made


def _counter(name: str, values: Mapping[tuple[str, ...], int], *labels: str) -> Family:
    def made(outbox: str) -> Metric:
        metric = CounterMetricFamily(PREFIX + name, HELP[name], labels=["outbox", *labels])
        for key, count in values.items():
            metric.add_metric([outbox, *key], count)
        return metric

    return made


def _histogram(name: str, values: Mapping[tuple[str, ...], Histogram], *labels: str) -> Family:
    def made(outbox: str) -> Metric:
        metric = HistogramMetricFamily(PREFIX + name, HELP[name], labels=["outbox", *labels])
        for key, histogram in values.items():
            up_to = list(accumulate(histogram.counts or (0,) * (len(histogram.bounds) + 1)))
            bounds = (*map(str, histogram.bounds), "+Inf")
            metric.add_metric([outbox, *key], list(zip(bounds, map(float, up_to), strict=True)), histogram.total)
        return metric

    return made


def _of_daemon(about: About, outlook: Outlook) -> Iterator[Family]:
    health = outlook.health
    yield _gauge("build_info", {(__version__, about.environment): 1}, "version", "environment")
    yield _gauge("start_time_seconds", {(): about.started.timestamp()})
    yield _gauge("heartbeat_timestamp_seconds", {(): outlook.at.timestamp()})
    yield _gauge("last_look_timestamp_seconds", {(): _moment(outlook.looked_at)})
    yield _gauge("outbox_available", {(): float(not outlook.unavailable)})
    yield _gauge("outage", {(): float(health.out)})
    yield _gauge("outage_start_timestamp_seconds", {(): _moment(health.since)})


def _of_ledger(outlook: Outlook, standing: Standing) -> Iterator[Family]:
    tally, oldest, ends = standing.tally, standing.oldest, standing.password_ends
    ages = {(s.value,): (outlook.at - oldest.get(s, outlook.at)).total_seconds() for s in AGEING}
    midnight = datetime.combine(ends + timedelta(days=1), day_time(), PARIS) if ends else None
    yield _gauge("invoices", {(s.value,): tally.counts.get(s.value, 0) for s in State}, "state")
    yield _gauge("oldest_invoice_age_seconds", {state: max(0.0, age) for state, age in ages.items()}, "state")
    yield _histogram("delivery_seconds", {(): tally.delivery})
    yield _gauge("last_deposit_timestamp_seconds", {(): _moment(tally.accepted_at)})
    yield _gauge("password_expiry_timestamp_seconds", {(): _moment(midnight)})


def _of_calls(measured: Measured) -> Iterator[Family]:
    yield _counter("api_calls_total", {(e, o): n for (e, o), n in measured.calls.items()}, "endpoint", "outcome")
    yield _histogram("api_call_duration_seconds", {(e,): h for e, h in measured.call_seconds.items()}, "endpoint")
    yield _counter("display_failures_total", {(what,): n for what, n in measured.unshown.items()}, "what")


def _moment(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
