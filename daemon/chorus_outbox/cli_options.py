"""The options that several commands of the command line share."""

from __future__ import annotations

from pathlib import Path

import click

CONFIG = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The configuration file of the supplier account.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Machine-readable output.")
STATES = (  # core.lifecycle.State: that module is not imported for `--help` (a test compares)
    *("seen", "withdrawn", "ready", "waiting", "sending", "in_doubt"),
    *("integrating", "accepted", "sent", "paid", "refused", "failed"),
)
