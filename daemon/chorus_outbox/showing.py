"""What people see of the daemon, built from the configuration: the page, the alerts, the metrics."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .config import Config
from .edge.clock import RealClock
from .edge.ledger.standing import StandingReader
from .ports import Show


def shows(config: Config) -> list[Show]:
    """Return everything that is to be shown."""
    return list(_shows(config))


def _shows(config: Config) -> Iterator[Show]:
    if config.metrics_file:
        yield _metrics(config, config.metrics_file)


def _metrics(config: Config, file: Path) -> Show:
    from .edge.metrics import About, Metrics  # noqa: PLC0415 - only who wants metrics pays for prometheus-client

    about = About(config.path.stem, config.environment, RealClock().now())
    return Metrics(file, about, StandingReader(config.ledger, config.login))
