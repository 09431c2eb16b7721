"""The command line: what each command is called and takes. What it does stands in ``commands/``.

Exit codes: 0 fine, 1 some invoice failed or waits, 2 usage, 69 remote unavailable, 78 configuration (sysexits.h).
Heavy imports happen inside the commands, so that ``--help`` is quick.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path

import click

from . import __version__
from .cli_completion import completion, invoice_names
from .cli_options import CONFIG, JSON, STATES
from .cli_recipient import directory, recipient
from .cli_repair import backup, forget, reconcile, resolve, retry
from .commands.terminal import can_move, shown
from .errors import ConfigurationError, OutboxError, StorageError

EX_IOERR, EX_CONFIG = 74, 78
OUTPUT = (errno.EPIPE, errno.ENOSPC, errno.EIO)  # what writing the output may end with


def main() -> None:
    """Run the command line; translate what goes wrong into one sentence and an exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # a name that the terminal's encoding has not is no reason to stop
    try:
        group.main(prog_name="chorus-outbox", standalone_mode=False)
        sys.stdout.flush()  # what can't be written is said below, not by the interpreter's last breath
    except click.exceptions.Exit as e:
        sys.exit(e.exit_code)
    except click.ClickException as e:
        _say_usage(e)
        sys.exit(e.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except OutboxError as e:
        sys.exit(_explained(e))
    except OSError as e:
        if e.filename is None and e.errno not in OUTPUT:
            raise
        if e.errno != errno.EPIPE:
            _say(f"{e.filename or 'output'}: {e.strerror}")
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left can't be written either
        sys.exit(1 if e.errno == errno.EPIPE else EX_IOERR)


def _explained(e: OutboxError) -> int:
    match e:
        case ConfigurationError():
            for problem in e.problems:
                _say(f"configuration: {problem}")
            return EX_CONFIG
        case StorageError():
            _say(f"storage: {e}")
            return EX_IOERR
        case _:
            _say(str(e))
            return 1


def _say(text: str) -> None:
    """Say what went wrong on one line: names in it may come from anybody."""
    click.echo(f"chorus-outbox: {shown(text)}", err=True)


def _say_usage(e: click.ClickException) -> None:
    """Say what is wrong with what was typed, as click does, but safely."""
    context = e.ctx if isinstance(e, click.UsageError) else None
    if context:
        click.echo(f"{context.get_usage()}\nTry '{context.command_path} --help'.\n", err=True)
    _say(e.format_message())


@click.group(name="chorus-outbox", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="chorus-outbox")
def group() -> None:
    """Drop a PDF invoice into a folder: it is deposited on Chorus Pro, proved, and explained.

    \b
    Example: chorus-outbox demo
    """


@group.command()
@CONFIG
@click.option("--once", is_flag=True, help="Handle what is there, until nothing more can be done now, and end.")
def run(config_path: Path, *, once: bool) -> None:
    """Run the daemon in the foreground.

    \b
    Example: chorus-outbox run --config /etc/chorus-outbox/main.yaml
    With --once the exit code is 0 when all was sent, 1 when something failed or waits.
    """
    from .config import load
    from .service import run as run_service

    config = load(config_path, os.environ)
    if not (once and can_move(sys.stderr, os.environ)):
        sys.exit(run_service(config, once=once))
    from .commands.progress import progress

    with progress(config) as beside:
        code = run_service(config, once=once, beside=beside)
    sys.exit(code)


@group.command()
@CONFIG
@click.option("--offline", is_flag=True, help="Ask nothing of PISTE and Chorus Pro.")
@click.option("--ledger", is_flag=True, help="Also read the whole ledger and compare it with the folders.")
@click.option("--notify", is_flag=True, help="Only send a test message to whoever is to be told (section notify).")
@JSON
def check(config_path: Path, *, offline: bool, ledger: bool, notify: bool, as_json: bool) -> None:
    """Check configuration, folders, credentials and attachment; say what to do about each.

    \b
    Example: chorus-outbox check --config /etc/chorus-outbox/main.yaml
    """
    from .commands.check import run_checks
    from .config import load

    config = load(config_path, os.environ)
    sys.exit(run_checks(config, offline=offline, ledger=ledger, notify=notify, as_json=as_json))


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@CONFIG
@click.option("--offline", is_flag=True, help="Do not ask Chorus Pro what the recipient requires.")
@JSON
def inspect(files: tuple[Path, ...], config_path: Path, *, offline: bool, as_json: bool) -> None:
    """Say what would be understood and sent, and what is wrong. Sends nothing.

    \b
    Example: chorus-outbox inspect facture.pdf --config main.yaml --offline
    """
    from .commands.inspect import inspect_files
    from .config import load

    sys.exit(inspect_files(load(config_path, os.environ, offline=offline), files, offline=offline, as_json=as_json))


@group.command()
@click.argument("name", metavar="[NAME-OR-NUMBER]", default="", shell_complete=invoice_names)
@CONFIG
@click.option(
    "--state", "states", multiple=True, type=click.Choice(STATES), help="Only those in this state; several times."
)
@click.option("--limit", type=click.IntRange(0), help="At most so many, the newest; 0: all.")
@JSON
def status(name: str, config_path: Path, states: tuple[str, ...], limit: int | None, *, as_json: bool) -> None:
    """List the invoices and where each stands: for people, those that need something and the newest others.

    \b
    Example: chorus-outbox status --config main.yaml
    Example: chorus-outbox status F2026-00123 --json --config main.yaml
    Example: chorus-outbox status --state failed --state waiting --config main.yaml
    """
    from .commands.status import Wanted, show_status
    from .config import load

    sys.exit(show_status(load(config_path, os.environ, offline=True), Wanted.of(name, states, limit), as_json=as_json))


@group.command()
@click.argument("name", metavar="NAME-OR-NUMBER", shell_complete=invoice_names)
@CONFIG
@JSON
def why(name: str, config_path: Path, *, as_json: bool) -> None:
    """Tell the whole story of one invoice, by its file name or its number.

    \b
    Example: chorus-outbox why F2026-00123 --config main.yaml
    """
    from .commands.why import show_why
    from .config import load

    sys.exit(show_why(load(config_path, os.environ, offline=True), name, as_json=as_json))


@group.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@CONFIG
@JSON
def put(files: tuple[Path, ...], config_path: Path, *, as_json: bool) -> None:
    """Deposit files into the outbox without a race: for programs. Attachments, then the PDF, the sidecar last.

    \b
    Example: chorus-outbox put F1.pdf F1_PJ1.jpg bon.pdf F1.yaml --config main.yaml
    """
    from .commands.keep import put as put_files
    from .config import load

    sys.exit(put_files(load(config_path, os.environ, offline=True), files, as_json=as_json))


@group.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Make the folders and a commented configuration; never overwrites one.

    \b
    Example: chorus-outbox init /srv/factures
    """
    from .commands.init import make_instance

    sys.exit(make_instance(directory))


@group.command()
@click.option("--port", default=8900, show_default=True, type=click.IntRange(0, 65535), help="0: any free port.")
def simulator(port: int) -> None:
    """Run a local Chorus Pro for trying things out; nothing leaves this machine.

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
    """Show the main job on this machine, without any account: simulator, folders, invoices, the real daemon.

    \b
    Example: chorus-outbox demo
    """
    from .commands.demo import run_demo

    sys.exit(run_demo(directory, keep_open=keep_open))


for command in (recipient, directory, resolve, retry, forget, reconcile, backup, completion):
    group.add_command(command)
