"""The command line: what each command is called and takes. What it does stands in ``commands/``.

Exit codes: 0 fine, 1 some invoice failed or waits, 2 usage, 69 remote unavailable, 78 configuration (sysexits.h).
Heavy imports happen inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from . import __version__
from .cli_options import CONFIG, JSON
from .cli_recipient import directory, recipient
from .errors import ConfigurationError, OutboxError, StorageError

EX_UNAVAILABLE, EX_IOERR, EX_CONFIG = 69, 74, 78


def main() -> None:
    """Run the command line; translate what goes wrong into one sentence and an exit code."""
    try:
        group.main(standalone_mode=False)
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except click.ClickException as e:
        e.show()
        sys.exit(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except ConfigurationError as e:
        for problem in e.problems:
            click.echo(f"chorus-outbox: configuration: {problem}", err=True)
        sys.exit(EX_CONFIG)
    except StorageError as e:
        click.echo(f"chorus-outbox: storage: {e}", err=True)
        sys.exit(EX_IOERR)
    except OutboxError as e:
        click.echo(f"chorus-outbox: {e}", err=True)
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


@click.group(name="chorus-outbox", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="chorus-outbox")
def group() -> None:
    r"""Drop a PDF invoice into a folder: it is deposited on Chorus Pro, proved, and explained.

    \b
    Example: chorus-outbox demo
    """


@group.command()
@CONFIG
@click.option("--once", is_flag=True, help="Handle what is there, until nothing more can be done now, and end.")
def run(config_path: Path, *, once: bool) -> None:
    r"""Run the daemon in the foreground.

    \b
    Example: chorus-outbox run --config /etc/chorus-outbox/main.yaml
    With --once the exit code is 0 when all was sent, 1 when something failed or waits.
    """
    from .config import load
    from .service import run as run_service

    sys.exit(run_service(load(config_path, os.environ), once=once))


@group.command()
@CONFIG
@click.option("--offline", is_flag=True, help="Ask nothing of PISTE and Chorus Pro.")
@click.option("--ledger", is_flag=True, help="Also read the whole ledger and compare it with the folders.")
@click.option("--notify", is_flag=True, help="Only send a test message to whoever is to be told (section notify).")
def check(config_path: Path, *, offline: bool, ledger: bool, notify: bool) -> None:
    r"""Check configuration, folders, credentials and attachment; say what to do about each.

    \b
    Example: chorus-outbox check --config /etc/chorus-outbox/main.yaml
    """
    from .commands.check import run_checks
    from .config import load

    config = load(config_path, os.environ)
    sys.exit(run_checks(config, offline=offline, ledger=ledger, notify=notify))


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@CONFIG
@click.option("--offline", is_flag=True, help="Do not ask Chorus Pro what the recipient requires.")
@JSON
def inspect(files: tuple[Path, ...], config_path: Path, *, offline: bool, as_json: bool) -> None:
    r"""Say what would be understood and sent, and what is wrong. Sends nothing.

    \b
    Example: chorus-outbox inspect facture.pdf --config main.yaml --offline
    """
    from .commands.inspect import inspect_files
    from .config import load

    sys.exit(inspect_files(load(config_path, os.environ), files, offline=offline, as_json=as_json))


@group.command()
@CONFIG
@JSON
def status(config_path: Path, *, as_json: bool) -> None:
    r"""List the invoices and where each stands.

    \b
    Example: chorus-outbox status --config main.yaml
    """
    from .commands.show import show_status
    from .config import load

    show_status(load(config_path, os.environ), as_json=as_json)


@group.command()
@click.argument("name")
@CONFIG
def why(name: str, config_path: Path) -> None:
    r"""Tell the whole story of one invoice, by its file name or its number.

    \b
    Example: chorus-outbox why F2026-00123 --config main.yaml
    """
    from .commands.show import show_why
    from .config import load

    sys.exit(show_why(load(config_path, os.environ), name))


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@CONFIG
def put(files: tuple[Path, ...], config_path: Path) -> None:
    r"""Deposit files into the outbox without a race: for programs. Attachments, then the PDF, the sidecar last.

    \b
    Example: chorus-outbox put F1.pdf F1_PJ1.jpg bon.pdf F1.yaml --config main.yaml
    """
    from .config import load
    from .edge.folders.putting import put as put_files

    try:
        done = put_files(files, load(config_path, os.environ).folders.outbox)
    except FileExistsError as e:
        raise click.ClickException(f"{e.filename}: already in the outbox; nothing was overwritten") from e
    except (OSError, ValueError) as e:
        raise click.ClickException(str(e)) from e
    for path in done:
        click.echo(path)


YES = click.option("--yes", is_flag=True, help="Do not ask.")


@group.command()
@click.argument("name")
@CONFIG
@click.option("--arrived", "chorus_id", type=int, help="It is on the portal, under this number of Chorus Pro.")
@click.option("--not-arrived", is_flag=True, help="It is not on the portal: send it again.")
@YES
def resolve(name: str, config_path: Path, chorus_id: int | None, *, not_arrived: bool, yes: bool) -> None:
    """Settle a doubt that Chorus Pro would not settle, or a flow without end. Looks once more; records who and when.

    \b
    Example: chorus-outbox resolve F2026-00123 --arrived 81234567 --config main.yaml
    """
    from .commands import repair
    from .config import load

    if (chorus_id is None) is not not_arrived:
        raise click.UsageError("either --arrived CHORUS_ID or --not-arrived")
    sys.exit(repair.resolve(load(config_path, os.environ), name, arrived=chorus_id, yes=yes))


@group.command()
@click.argument("name")
@CONFIG
@YES
def retry(name: str, config_path: Path, *, yes: bool) -> None:
    """Try a waiting invoice now, or put a failed one back into the outbox.

    \b
    Example: chorus-outbox retry F2026-00123 --config main.yaml
    """
    from .commands import repair
    from .config import load

    sys.exit(repair.retry(load(config_path, os.environ), name, yes=yes))


@group.command()
@click.argument("name")
@CONFIG
@YES
def forget(name: str, config_path: Path, *, yes: bool) -> None:
    """Take a failed invoice out of the lists; its files stay.

    \b
    Example: chorus-outbox forget scan.pdf --config main.yaml
    """
    from .commands import repair
    from .config import load

    sys.exit(repair.forget(load(config_path, os.environ), name, yes=yes))


@group.command()
@CONFIG
@click.option("--take-over", is_flag=True, help="Make an outbox that belonged to another daemon this one's own.")
@YES
def reconcile(config_path: Path, *, take_over: bool, yes: bool) -> None:
    """Ask Chorus Pro about every invoice in doubt, now. Sends nothing.

    \b
    Example: chorus-outbox reconcile --config main.yaml
    """
    from .commands import repair
    from .config import load

    sys.exit(repair.reconcile(load(config_path, os.environ), yes=yes, take_over=take_over))


@group.command()
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@CONFIG
def backup(target: Path, config_path: Path) -> None:
    """Copy the ledger, also while the daemon works; never overwrites.

    \b
    Example: chorus-outbox backup /srv/backup/ledger-2026-11-24.db --config main.yaml
    """
    from .commands.keep import backup as copy
    from .config import load

    sys.exit(copy(load(config_path, os.environ), target))


@group.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    r"""Make the folders and a commented configuration; never overwrites one.

    \b
    Example: chorus-outbox init /srv/factures
    """
    from .commands.init import make_instance

    sys.exit(make_instance(directory))


@group.command()
@click.option("--port", default=8900, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
def simulator(port: int) -> None:
    r"""Run a local Chorus Pro for trying things out; nothing leaves this machine.

    \b
    Example: chorus-outbox simulator --port 8900
    """
    from .commands.demo import run_simulator

    run_simulator(port)


@group.command()
@click.option("--directory", default=Path("demo"), show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--keep-open", is_flag=True, help="Leave simulator and daemon running until Ctrl-C, to drop files by hand."
)
def demo(directory: Path, *, keep_open: bool) -> None:
    r"""Show the main job on this machine, without any account: simulator, folders, invoices, the real daemon.

    \b
    Example: chorus-outbox demo
    """
    from .commands.demo import run_demo

    sys.exit(run_demo(directory, keep_open=keep_open))


group.add_command(recipient)
group.add_command(directory)
