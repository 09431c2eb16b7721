"""What people see of the daemon, built from the configuration: the page, the alerts, the metrics."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path, PurePosixPath

from .config import Config
from .core.links import address
from .core.words import catalogue
from .edge.dashboard.show import Dashboard, Site, Table
from .edge.ledger.reader import reading
from .ports import Show


def shows(config: Config) -> list[Show]:
    """Return everything that is to be shown."""
    return [*dashboards(config)]


def dashboards(config: Config) -> list[Show]:
    """Return the page and the table beside it, if they are wanted."""
    if config.dashboard_file is None:
        return []
    site = Site(
        file=config.dashboard_file,
        places=places(config, config.dashboard_file),
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
