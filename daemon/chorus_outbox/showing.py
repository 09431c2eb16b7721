"""What people see of the daemon, built from the configuration: the page, the alerts, the metrics."""

from __future__ import annotations

from .config import Config
from .ports import Show


def shows(config: Config) -> list[Show]:
    """Return everything that is to be shown."""
    del config
    return []
