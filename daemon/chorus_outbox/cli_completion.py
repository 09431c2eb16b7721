"""Completion in the shell: the command that prints the script, and what it offers beside commands and options.

What it looks up is bounded and quick, and an error is silence: somebody is typing.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from click.shell_completion import get_completion_class, split_arg_string

PROGRAM, VARIABLE = "chorus-outbox", "_CHORUS_OUTBOX_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that makes a shell complete commands, options, files, invoices and recipients.

    \b
    Example: chorus-outbox completion bash > /etc/bash_completion.d/chorus-outbox
    Example: chorus-outbox completion zsh > "${fpath[1]}/_chorus-outbox"
    Example: chorus-outbox completion fish > ~/.config/fish/completions/chorus-outbox.fish
    """
    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(click.get_current_context().find_root().command, {}, PROGRAM, VARIABLE).source())


def invoice_names(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Return numbers and file names of invoices, from the ledger of the configuration that was typed."""
    from .commands.complete import numbers_and_files

    return _found(context, lambda config: numbers_and_files(config, incomplete))


def recipients(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Return names of the recipient book that was typed."""
    from .commands.complete import aliases

    return _found(context, lambda config: aliases(config, incomplete))


def _found(context: click.Context, look: Callable[[Path], Sequence[str]]) -> list[str]:
    with contextlib.suppress(Exception):
        if config := context.params.get("config_path") or _config_typed_later():
            return list(look(Path(config).expanduser()))
    return []


def _config_typed_later() -> str | None:
    """Return the configuration that stands behind the cursor: bash and zsh tell the whole line."""
    words = split_arg_string(os.environ.get("COMP_WORDS", ""))
    return next((after for word, after in itertools.pairwise(words) if word == "--config"), None)
