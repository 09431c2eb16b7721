"""What people see of the daemon, built from the configuration: the page, the alerts, the metrics."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path, PurePosixPath

from .config import Config
from .core.alerts import Rules
from .core.letters import Desk, Letter
from .core.links import address
from .core.words import catalogue
from .edge.clock import RealClock
from .edge.dashboard.show import Dashboard, Site, Table
from .edge.ledger.alerts import AlertBook
from .edge.ledger.reader import reading
from .edge.ledger.standing import StandingReader
from .edge.notify.post import post
from .ports import Show
from .worker.alerting import Alerts


def shows(config: Config) -> list[Show]:
    """Return everything that is to be shown."""
    return list(_shows(config))


def _shows(config: Config) -> Iterator[Show]:
    if config.dashboard_file:
        yield from dashboards(config, config.dashboard_file)
    if config.reached.channels:
        yield alerts(config)
    if config.metrics_file:
        yield _metrics(config, config.metrics_file)


def alerts(config: Config) -> Alerts:
    """Return what sends messages to people."""
    notify = config.notify
    channels = {channel.key: channel for channel in config.reached.channels}
    after = timedelta(seconds=notify.outage_after_seconds)
    rules = Rules(notify.failures, notify.returns, notify.outages, notify.digest_time, after)

    def deliver(keys: Sequence[str], letter: Letter) -> Mapping[str, str]:
        answers = post([channels[key].target for key in keys], letter.subject, letter.body)
        return {key: wrong for key, wrong in zip(keys, answers, strict=True) if wrong is not None}

    book = AlertBook(config.ledger, config.login)
    labels = {channel.key: channel.label for channel in channels.values()}
    return Alerts(book, deliver, labels, desk(config), rules=rules, now=RealClock().now)


def desk(config: Config) -> Desk:
    """Return what every message needs."""
    words = catalogue(config.language)
    return Desk(words, config.sandbox, str(config.folders.outbox), str(config.dashboard_file or ""))


def _metrics(config: Config, file: Path) -> Show:
    from .edge.metrics import About, Metrics  # noqa: PLC0415 - only who wants metrics pays for prometheus-client

    about = About(config.path.stem, config.environment, RealClock().now())
    return Metrics(file, about, StandingReader(config.ledger, config.login))


def dashboards(config: Config, page: Path) -> list[Show]:
    """Return the page and the table beside it."""
    site = Site(
        file=page,
        places=places(config, page),
        words=catalogue(config.language),
        supplier=config.supplier_siret,
        sandbox=config.sandbox,
    )
    read = partial(reading, config.ledger, config.login)
    return [Dashboard(site, read), Table(site, read)]


def places(config: Config, page: Path) -> dict[str, str]:
    """Return the addresses of the folders as seen from the page."""
    here = PurePosixPath(os.path.normpath(page.parent))
    folders = {name: getattr(config.folders, name) for name in ("outbox", "processing", "sent", "failed")}
    return {name: address(here, PurePosixPath(os.path.normpath(path))) for name, path in folders.items()}
