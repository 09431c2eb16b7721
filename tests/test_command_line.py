"""The command line around the commands: help, completion in a real shell, errors, and the progress of a long run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from chorus_outbox.cli import group
from chorus_outbox.cli_options import STATES
from chorus_outbox.core.lifecycle import State
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf
from pseudo_terminal import CURSOR, in_terminal

TO = "22220001600434"
COMMANDS = sorted(group.commands)
DANGEROUS = "`touch pwned`.pdf"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site with a few invoices, one of them badly named."""
    with running(World()) as server:
        made = Site(tmp_path_factory.mktemp("line"), server, CONFIG)
        for number in ("F2026-1", "F2026-2", "G1"):
            made.drop(f"{number}_{TO}.pdf", invoice_pdf(number))
        made.drop(DANGEROUS, invoice_pdf("X$(reboot)"))
        assert made.once() == 1
        yield made


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    """``--help`` names an example that starts with the program's name, on a line of its own."""
    found = group.commands[command]
    told = found.get_help(click.Context(found, info_name=f"chorus-outbox {command}"))
    assert re.search(rf"^  Example: chorus-outbox {command}", told, re.MULTILINE)


def test_the_states_are_those_of_the_life_cycle() -> None:
    """``--state`` takes each of them."""
    assert set(STATES) == {state.value for state in State}


def test_help_and_pipes_load_no_rich(site: Site) -> None:
    """Only a terminal needs it; nor does ``--help`` load what commands need."""
    look = "import sys; sys.argv[0] = 'x'; from chorus_outbox.cli import main\ntry: main()\nfinally: print(sorted(sys.modules))"
    for words in (["--help"], ["status", "--config", str(site.config)]):
        done = subprocess.run(
            [sys.executable, "-c", look, *words], env=site.environ, capture_output=True, text=True, check=True
        )
        loaded = done.stdout.splitlines()[-1]
        assert "'rich'" not in loaded
        assert ("'pydantic'" in loaded) == (words[0] == "status")


# --- completion --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shell(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Give an environment in which the program is found by its name."""
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "chorus-outbox"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m chorus_outbox "$@"\n')
    program.chmod(0o755)
    return {**site.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def offered(shell: dict[str, str], *words: str, cursor: int = 0) -> list[str]:
    """Return what a real bash would offer for the last of these words, or for that under the cursor."""
    line = " ".join(f"'{word}'" for word in ("chorus-outbox", *words))
    script = (
        "source <(chorus-outbox completion bash) || exit 9\n"
        f"COMP_WORDS=({line}); COMP_CWORD={cursor or len(words)}\n"
        'compopt() { echo "option $2"; }\n'
        '_chorus_outbox_completion chorus-outbox\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], env=shell, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")
def test_bash_completes(site: Site, shell: dict[str, str]) -> None:
    """Commands, options, states, files; numbers and names of the ledger, aliases of the recipient book."""
    config = ("--config", str(site.config))
    assert sorted(offered(shell, "re")) == ["recipient", "reconcile", "resolve", "retry"]
    assert "--json" in offered(shell, "why", "--")
    assert offered(shell, "status", "--state", "in") == ["in_doubt", "integrating"]
    assert "option default" in "\n".join(offered(shell, "inspect", "F"))
    known = {"F2026-1", "F2026-2", f"F2026-1_{TO}.pdf", f"F2026-2_{TO}.pdf"}
    assert set(offered(shell, "why", *config, "F2026")) == known
    assert set(offered(shell, "why", "F2026", *config, cursor=2)) == known
    assert offered(shell, "recipient", *config, "cotes") == ["cotes-armor"]


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")
def test_bash_is_offered_nothing_that_it_would_run(site: Site, shell: dict[str, str]) -> None:
    """Names come from anybody: those that a shell would not take as they are are not offered."""
    names = offered(shell, "why", "--config", str(site.config), "")
    assert "G1" in names
    assert [name for name in names if re.search(r"[^A-Za-z0-9._-]", name)] == []


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not there")
@pytest.mark.parametrize("config", ["", "/nowhere.yaml", "/dev/null"])
def test_completion_is_silent_without_a_ledger(shell: dict[str, str], config: str) -> None:
    """Without a configuration, or with one that can't be used, nothing is offered and nothing said."""
    assert [o for o in offered(shell, "why", *(["--config", config] if config else []), "F") if o] == []


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(site: Site, name: str) -> None:
    """It asks the program, by its own variable; a shell that is there finds no fault with it."""
    done = site.program("completion", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"_CHORUS_OUTBOX_COMPLETE={name}_complete" in done.stdout
    if shell := shutil.which(name):
        checked = subprocess.run([shell, "-n"], input=done.stdout, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


# --- errors ------------------------------------------------------------------------------------------------------


ODD = "x\x1b]0;owned\x07\u202e\n.pdf"
WRONG: dict[str, tuple[list[str], int, str]] = {
    "no such command": (["statut"], 2, "statut"),
    "no such file": (["inspect", ODD, "--config", "CONFIG"], 2, "x\\x1b]0;owned"),
    "no such state": (["status", "--state", "gone", "--config", "CONFIG"], 2, "gone"),
    "no configuration": (["status"], 2, "--config"),
    "configuration not there": (["status", "--config", "/nowhere/" + ODD], 78, "nowhere"),
    "name of nobody": (["retry", ODD, "--yes", "--config", "CONFIG"], 1, "0 factures"),
    "not to be overwritten": (["backup", "CONFIG", "--config", "CONFIG"], 1, "left as it is"),
    "no such folder": (["backup", "/nowhere/copy.db", "--config", "CONFIG"], 74, "No such file"),
    "two words at once": (["resolve", "F2026-1", "--config", "CONFIG"], 2, "--not-arrived"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_was_typed_wrong_is_said_in_a_sentence(site: Site, case: str) -> None:
    """No traceback, its exit code, and nothing that a file name could do to the terminal."""
    words, code, says = WRONG[case]
    done = site.program(*(str(site.config) if word == "CONFIG" else word for word in words))
    assert done.returncode == code
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert [c for c in done.stderr.replace("\n", "") if not c.isprintable()] == []
    last = done.stderr.splitlines()[-1]
    assert last.startswith("chorus-outbox: ")


def test_a_full_disk_is_said_in_a_sentence(site: Site) -> None:
    """What can't be written ends with 74, and a reader that goes away with 1: both without a traceback."""
    command = site.command("status", "--json", "--config", str(site.config))
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, env=site.environ, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (74, "chorus-outbox: output: No space left on device\n")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, env=site.environ, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")


# --- progress ----------------------------------------------------------------------------------------------------


def test_a_long_run_shows_how_far_it_is(tmp_path: Path) -> None:
    """In a terminal a line beneath the log counts what is done; a handful of files and a pipe see the log alone."""
    with running(World()) as server:
        site = Site(tmp_path, server, CONFIG)
        run = site.command("run", "--once", "--config", str(site.config))
        site.drop(f"A0_{TO}.pdf", invoice_pdf("A0"))
        code, sent = in_terminal(run, site.environ)
        assert (code, b"\x1b" in sent) == (0, False)
        for number in range(1, 8):
            site.drop(f"A{number}_{TO}.pdf", invoice_pdf(f"A{number}"))
        site.drop(f"[red]\u202e_{TO}.pdf", b"no PDF")
        code, sent = in_terminal(run, site.environ, width=120)
        assert code == 1
        lines = CURSOR.sub(b"", sent).decode().replace("\r", "\n").split("\n")
        lines = [line for line in lines if line]
        assert "8/8 envoyée : 7, non envoyée : 1, en attente : 0" in lines[-1]
        assert sum("invoice.sent" in line for line in lines) == 7
        assert "\u202e" not in sent.decode()
        for number in range(8, 15):
            site.drop(f"A{number}_{TO}.pdf", invoice_pdf(f"A{number}"))
        done = site.program("run", "--once", "--config", str(site.config))
        assert (done.stdout, "\x1b" in done.stderr) == ("", False)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["status"], id="status"),
        pytest.param(["why", "G1"], id="why"),
        pytest.param(["backup", "copy.db"], id="backup"),
        pytest.param(["inspect", "--offline", "F2026-9.pdf"], id="inspect"),
        pytest.param(["put", "F2026-9.pdf"], id="put"),
    ],
)
def test_what_asks_nobody_needs_no_secret(site: Site, tmp_path: Path, words: list[str]) -> None:
    """Who looks, or drops a file, has no credentials and cannot read the files that hold them."""
    (tmp_path / "F2026-9.pdf").write_bytes(invoice_pdf("F2026-9"))
    without = {k: v for k, v in site.environ.items() if not k.startswith("CHORUS_OUTBOX_")}
    command = site.command(*words, "--config", str(site.config))
    done = subprocess.run(command, env=without, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == (1 if words[0] == "inspect" else 0), done.stderr  # it has no recipient
    assert "configuration" not in done.stderr


def test_what_asks_chorus_pro_says_which_secret_is_missing(site: Site) -> None:
    """And ends as a configuration that is not complete."""
    without = {k: v for k, v in site.environ.items() if not k.startswith("CHORUS_OUTBOX_")}
    command = site.command("check", "--config", str(site.config))
    done = subprocess.run(command, env=without, capture_output=True, text=True, check=False)
    assert done.returncode == 78
    assert "CHORUS_OUTBOX_PASSWORD" in done.stderr
