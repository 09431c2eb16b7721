"""The two references say what the code says: every key, name, field, state, command and code, in both languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from reference import PAGES, TABLES, _option, page
from reference_answers import COMMANDS, ENVIRONMENT, EXITS, JSON, OPTIONS, STATES
from reference_config import keys, meanings
from reference_texts import FIELDS, FILES, FOLDERS, NAMES

from chorus_outbox import cli
from chorus_outbox.core import fields
from chorus_outbox.core.filename import DEFAULT_PATTERNS, read_filename
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.names import kind_of
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import Site, invoice_pdf

SOURCES = sorted((Path(__file__).parents[1] / "daemon" / "chorus_outbox").rglob("*.py"))
LANGUAGES = [pytest.param(language, id=language) for language in PAGES]
TO = "22220001600434"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_what_the_code_gives(language: str) -> None:
    """`make reference` would change nothing."""
    text = PAGES[language].read_text("utf-8")
    assert page(text, language) == text, "run: make reference"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_every_table(language: str) -> None:
    """None is left out, in one language or the other, and they stand in the same order."""
    found = re.findall(r"<!-- table: (\w+) -->", PAGES[language].read_text("utf-8"))
    assert sorted(found) == sorted(TABLES)
    assert found == re.findall(r"<!-- table: (\w+) -->", PAGES["en"].read_text("utf-8"))


@pytest.mark.parametrize("key", [key for key, _ in keys()])
def test_every_key_is_explained_in_both_languages(key: str) -> None:
    """Above each key of the example stands a comment, `French / English`: the only place that says what it means."""
    assert key in meanings(), f"config_text.py: {key} is not in the example"
    english, french = meanings()[key]
    assert french, f"config_text.py: no comment above {key}"
    assert english, f"config_text.py: the comment above {key} has no ` / English`"
    assert " / " not in english, f"config_text.py: the comment above {key} has more than one ` / `"


def test_the_example_explains_no_key_that_there_is_not() -> None:
    """What is explained in the sections of free keys (defaults, notify) is left aside."""
    known = {key for key, _ in keys()} | {"recipients.NAME"}
    free = tuple(
        f"{key}." for key, about in keys() if about.annotation and "dict[str, typing.Any]" in str(about.annotation)
    )
    assert {key for key in meanings() if not key.startswith(free)} == known


@pytest.mark.parametrize("name", fields.FIELDS)
def test_every_field_of_the_sidecar_has_an_example_that_is_read(name: str) -> None:
    """Each example is read by the program, without any problem, in the sidecar's own spelling and by every other name."""
    assert name in FIELDS, f"reference_texts.FIELDS: no example for {name}"
    for spelled in (name, *fields.FIELDS[name].aliases):
        draft = read_sidecar(f"{spelled}: {FIELDS[name][0]}\n".encode(), "F.yaml")
        assert draft.problems == ()
        assert set(draft.values) == {name}


def test_the_examples_of_file_names_show_every_pattern() -> None:
    """Each template that holds without configuration is used by an example of its own; one name says nothing."""
    said = [tuple(read_filename(stem).values) for stem in NAMES]
    of_patterns = {tuple(re.findall(r"\{(\w+)\}", pattern)) for pattern in DEFAULT_PATTERNS}
    assert of_patterns <= set(said)
    assert () in said
    assert all(not read_filename(stem).problems for stem in NAMES)


@pytest.mark.parametrize(("name", "kind"), [(name, kind) for name, (kind, _) in FILES.items()])
def test_the_program_takes_each_file_for_what_the_page_says(name: str, kind: str) -> None:
    """A PDF, a sidecar, an attachment, one of ours, temporary, or none of our business."""
    assert kind_of(name) == kind


def test_nothing_is_explained_that_there_is_not() -> None:
    """Texts for a field, a state, a command, an option that is gone are taken out."""
    visible = {name: command for name, command in cli.group.commands.items() if not command.hidden}
    assert set(FIELDS) == set(fields.FIELDS)
    assert set(STATES) == {state.value for state in State}
    assert set(COMMANDS) == set(visible), "reference_texts.COMMANDS"
    assert {name.partition("/")[0] for name in FOLDERS} == {"outbox", "processing", "sent", "failed"}
    options = {(name, p.opts[-1]) for name, command in visible.items() for p in command.params if p.opts[0][0] == "-"}
    assert {key for key in OPTIONS if " " in key} <= {f"{name} {flag}" for name, flag in options}
    assert {key for key in OPTIONS if " " not in key} <= {flag for _, flag in options}


def test_every_exit_code_and_variable_of_the_code_is_explained() -> None:
    """Whatever the program calls EX_..., or reads from its environment, has its row."""
    codes, variables = set(), set()
    for path in SOURCES:
        text = path.read_text("utf-8")
        codes |= {number for name, number in _constants(text) if name.startswith("EX_")}
        if "simulator" not in path.parts:
            variables |= set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"", text))
            variables |= set(re.findall(r"\"(CHORUS_OUTBOX_[A-Z_]+)\"", text))  # secrets (config_secrets.Place)
    assert codes | {0, 1, 130} == set(EXITS)
    assert variables - {"PATH"} == set(ENVIRONMENT)


def _constants(text: str) -> Iterator[tuple[str, int]]:
    """Yield the whole numbers that a module gives names to, one by one or several at once."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.Assign):
            continue
        left, right = (n.elts if isinstance(n, ast.Tuple) else [n] for n in (node.targets[0], node.value))
        for name, value in zip(left, right, strict=False):
            if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, int):
                yield name.id, value.value


def test_an_option_without_french_is_named() -> None:
    """Whoever adds an option reads which text is missing."""
    option = click.Option(["--brand-new"], help="Does something.")
    context = click.Context(cli.group.commands["run"])
    with pytest.raises(KeyError, match="run --brand-new"):
        _option("run", option, context, "fr")


@pytest.fixture
def answers(tmp_path: Path) -> Iterator[dict[str, set[str]]]:
    """Give the keys of what each command prints with `--json`, by the program as a process."""
    with running(World()) as server:
        site = Site(tmp_path, server)
        site.drop(f"J1_{TO}.pdf", invoice_pdf("J1"))
        assert site.once() == 0
        (pdf,) = (tmp_path / "sent").rglob("*.pdf")
        other, target = tmp_path / "J2.pdf", tmp_path / "copy.db"
        other.write_bytes(invoice_pdf("J2"))
        words = {
            "status": [],
            "check": [],
            "directory": [],
            "why": ["J1"],
            "inspect": [str(pdf)],
            "recipient": [TO],
            "backup": [str(target)],
            "put": [str(other)],
        }
        found = {}
        for name, more in words.items():
            done = site.program(name, *more, "--json", "--config", str(site.config))
            told = json.loads(done.stdout)
            found[f"{name} --json"] = set(told[0] if isinstance(told, list) else told)
        assert site.once() == 1  # J2 names no recipient
        done = site.program("retry", "J2", "--yes", "--json", "--config", str(site.config))
        found["retry --json"] = set(json.loads(done.stdout))
        found["why --json"] -= found["status --json"]
        yield found


def test_the_keys_of_json_are_those_that_are_printed(answers: dict[str, set[str]]) -> None:
    """Each command prints exactly the keys that the page explains."""
    assert answers == {command: set(told) for command, told in JSON.items()}
