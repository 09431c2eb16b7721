"""`init`: the folders and a commented configuration, ready to be filled in. Overwrites nothing."""

from __future__ import annotations

from pathlib import Path

import click

from chorus_outbox.config_text import init_text
from chorus_outbox.edge.folders.moves import write_new

FOLDERS = ("outbox", "processing", "sent", "failed")
CONFIG_NAME = "chorus-outbox.yaml"


def make_instance(directory: Path) -> int:
    """Make what is missing and say what is left to do."""
    directory = directory.absolute()
    for name in FOLDERS:
        (directory / name).mkdir(parents=True, exist_ok=True)
    config = directory / CONFIG_NAME
    try:
        write_new(config, init_text(directory).encode("utf-8"), mode=0o640)
    except FileExistsError:
        click.echo(f"{config}: exists, left as it is")
    else:
        click.echo(f"{config}: written; fill in the marked lines")
    click.echo(f"Then: chorus-outbox check --config {config}")
    return 0
