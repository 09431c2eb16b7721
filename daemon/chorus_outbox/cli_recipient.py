"""The commands about recipients: what each is called and takes. What it does stands in ``commands/recipient``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from .cli_completion import recipients
from .cli_options import CONFIG, JSON


@click.command()
@click.argument("siret", metavar="SIRET|ALIAS", shell_complete=recipients)
@CONFIG
@click.option("--offline", is_flag=True, help="Ask nobody: look into the downloaded directory.")
@click.option("--services", is_flag=True, help="Ask each active service's own rule too: one call for each.")
@JSON
def recipient(siret: str, config_path: Path, *, offline: bool, services: bool, as_json: bool) -> None:
    """Say who a recipient is, what it requires and which services it has, in words.

    \b
    Example: chorus-outbox recipient 22220001600327 --config main.yaml
    The exit code is 0 when it can receive invoices, 1 when it is unknown or inactive, 69 when nobody can be asked.
    """
    from .commands.recipient import show_recipient
    from .config import load

    sys.exit(
        show_recipient(
            load(config_path, os.environ, offline=offline), siret, offline=offline, services=services, as_json=as_json
        )
    )


@click.command()
@CONFIG
@JSON
def directory(config_path: Path, *, as_json: bool) -> None:
    """Download the directory of all public bodies, for `inspect --offline` and `recipient --offline`.

    \b
    Example: chorus-outbox directory --config main.yaml
    """
    from .commands.recipient import download
    from .config import load

    sys.exit(download(load(config_path, os.environ), as_json=as_json))
