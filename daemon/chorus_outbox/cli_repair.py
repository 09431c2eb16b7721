"""The commands that change or keep the ledger: what each is called and takes. What they do: ``commands/repair``, ``keep``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from .cli_completion import invoice_names
from .cli_options import CONFIG, JSON

YES = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command()
@click.argument("name", metavar="NAME-OR-NUMBER", shell_complete=invoice_names)
@CONFIG
@click.option("--arrived", "chorus_id", type=int, help="It is on the portal, under this number of Chorus Pro.")
@click.option("--not-arrived", is_flag=True, help="It is not on the portal: send it again.")
@YES
@JSON
def resolve(
    name: str, config_path: Path, chorus_id: int | None, *, not_arrived: bool, yes: bool, as_json: bool
) -> None:
    """Settle a doubt that Chorus Pro would not settle, or a flow without end. Looks once more; records who and when.

    \b
    Example: chorus-outbox resolve F2026-00123 --arrived 81234567 --config main.yaml
    """
    from .commands import repair
    from .config import load

    if (chorus_id is None) is not not_arrived:
        raise click.UsageError("either --arrived CHORUS_ID or --not-arrived")
    sys.exit(repair.resolve(load(config_path, os.environ), name, arrived=chorus_id, yes=yes, as_json=as_json))


@click.command()
@click.argument("name", metavar="NAME-OR-NUMBER", shell_complete=invoice_names)
@CONFIG
@YES
@JSON
def retry(name: str, config_path: Path, *, yes: bool, as_json: bool) -> None:
    """Try a waiting invoice now, or put a failed one back into the outbox.

    \b
    Example: chorus-outbox retry F2026-00123 --config main.yaml
    """
    from .commands import repair
    from .config import load

    sys.exit(repair.retry(load(config_path, os.environ, offline=True), name, yes=yes, as_json=as_json))


@click.command()
@click.argument("name", metavar="NAME-OR-NUMBER", shell_complete=invoice_names)
@CONFIG
@YES
@JSON
def forget(name: str, config_path: Path, *, yes: bool, as_json: bool) -> None:
    """Take a failed invoice out of the lists; its files stay.

    \b
    Example: chorus-outbox forget scan.pdf --config main.yaml
    """
    from .commands import repair
    from .config import load

    sys.exit(repair.forget(load(config_path, os.environ, offline=True), name, yes=yes, as_json=as_json))


@click.command()
@CONFIG
@click.option("--take-over", is_flag=True, help="Make an outbox that belonged to another daemon this one's own.")
@YES
@JSON
def reconcile(config_path: Path, *, take_over: bool, yes: bool, as_json: bool) -> None:
    """Ask Chorus Pro about every invoice in doubt, now. Sends nothing.

    \b
    Example: chorus-outbox reconcile --config main.yaml
    """
    from .commands import repair
    from .config import load

    sys.exit(repair.reconcile(load(config_path, os.environ), yes=yes, take_over=take_over, as_json=as_json))


@click.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@CONFIG
@JSON
def backup(target: Path, config_path: Path, *, as_json: bool) -> None:
    """Copy the ledger, also while the daemon works; never overwrites.

    \b
    Example: chorus-outbox backup /srv/backup/ledger-2026-11-24.db --config main.yaml
    """
    from .commands.keep import backup as copy
    from .config import load

    sys.exit(copy(load(config_path, os.environ, offline=True), target, as_json=as_json))
