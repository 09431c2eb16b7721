"""Writes the tables of the two references, ``docs/reference.md`` and ``docs/fr/reference.md``: ``make reference``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- end -->``; the sentences around it are written by hand, in the
page itself. Names, types, bounds and defaults come from the code, the meaning of a configuration key from the comment
above it in ``config_text.py``, and what no code says from ``reference_texts.py`` and ``reference_answers.py``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
from reference_answers import COMMANDS, ENVIRONMENT, EXITS, JSON, OPTIONS, STATES
from reference_config import configuration
from reference_markdown import Row, code, lines_of, one_of, table, word
from reference_texts import FIELDS, FILES, FOLDERS, NAMES, SHAPES, VALUES

from chorus_outbox import cli
from chorus_outbox.core import fields
from chorus_outbox.core.attachments import EXTENSIONS
from chorus_outbox.core.fields import show
from chorus_outbox.core.filename import read_filename
from chorus_outbox.core.invoice import NUMBER_MAX, PAYMENT_MODES, TEXT_MAX, VAT_REGIMES, Cadre
from chorus_outbox.core.lifecycle import TABLE, State
from chorus_outbox.core.sidecar import _ENCLOSURE_KEYS, _VAT_KEYS
from chorus_outbox.core.words import catalogue

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "reference.md", "fr": DOCS / "fr" / "reference.md"}
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str, language: str) -> str:
    """Return a page with its tables made anew."""
    return MARKED.sub(lambda m: f"{m[1]}\n{TABLES[m[2]](language)}\n{m[3]}", text)


# --- what is dropped -------------------------------------------------------------------------------------------------


def names(language: str) -> str:
    """Return the table of file names, each really read."""
    return table("names", ((code(f"{stem}.pdf"), _said_by(stem, language)) for stem in NAMES), language)


def _said_by(stem: str, language: str) -> str:
    values = read_filename(stem).values
    said = [f"{name}: {show(values[name])}" for name in fields.FIELDS if name in values]
    return ", ".join(code(text) for text in said) or word("nothing", language)


def sidecar(language: str) -> str:
    """Return the table of the sidecar's fields."""
    labels = catalogue(language).fields
    rows = (
        (
            *(code(name), labels[name], ", ".join(map(code, field.aliases)), _format(field, language)),
            *(code(FIELDS[name][0]), one_of(FIELDS[name][1], language)),
        )
        for name, field in fields.FIELDS.items()
    )
    return table("fields", rows, language)


def _format(field: fields.Field, language: str) -> str:
    longest = {**TEXT_MAX, "numero": NUMBER_MAX}.get(field.name)
    told = one_of(SHAPES[field.shape.value], language)
    return f"{told}, {word('at_most', language, longest)}" if longest else told


def values(language: str) -> str:
    """Return the lists of the words that a field may be."""
    lists = {
        "type": [kind.value for kind in fields.Kind],
        "cadre": [f"{cadre.name} ({cadre.value})" for cadre in Cadre],
        "regime_tva": VAT_REGIMES,
        "mode_paiement": PAYMENT_MODES,
        "acquitter": ["oui", "non"],
    }
    endings = one_of(VALUES["pieces_jointes"], language).format(", ".join(sorted(EXTENSIONS)))
    rows = [(code(name), ", ".join(map(code, words))) for name, words in lists.items()]
    return table("values", iter([*rows, (code("pieces_jointes"), endings)]), language)


def list_keys(language: str) -> str:
    """Return the keys of what stands in a list of the sidecar."""

    def rows() -> Iterator[Row]:
        for name, known in (("lignes_tva", _VAT_KEYS), ("pieces_jointes", _ENCLOSURE_KEYS)):
            for meant in dict.fromkeys(known.values()):
                spelled = [key for key, value in known.items() if value == meant]
                yield code(name), code(spelled[0]), ", ".join(map(code, spelled[1:]))

    return table("list_keys", rows(), language)


def files(language: str) -> str:
    """Return the table of file names and what the program takes them for."""
    return table("files", ((code(name), one_of(told, language)) for name, (_, told) in FILES.items()), language)


def folders(language: str) -> str:
    """Return the table of the folders."""
    return table("folders", ((code(f"{name}/"), one_of(told, language)) for name, told in FOLDERS.items()), language)


# --- what is asked and answered --------------------------------------------------------------------------------------


def states(language: str) -> str:
    """Return the table of the states, with what may follow each."""

    def rows() -> Iterator[Row]:
        for state in State:
            after = dict.fromkeys(to.value for (at, _), to in TABLE.items() if at is state and to is not state)
            follows = ", ".join(map(code, after)) or word("end", language)
            yield (
                code(state.value),
                catalogue(language).states[state.value],
                one_of(STATES[state.value], language),
                follows,
            )

    return table("states", rows(), language)


def exits(language: str) -> str:
    """Return the table of the exit codes."""
    return table("exits", ((str(number), one_of(told, language)) for number, told in EXITS.items()), language)


def environment(language: str) -> str:
    """Return the table of the environment variables."""
    return table("environment", ((code(name), one_of(told, language)) for name, told in ENVIRONMENT.items()), language)


def json_shapes(language: str) -> str:
    """Return the keys of what ``--json`` prints."""
    rows = (
        (code(cmd), code(key), one_of(told, language)) for cmd, about in JSON.items() for key, told in about.items()
    )
    return table("json", rows, language)


def commands(language: str) -> str:
    """Return a section for each command: what it does, how it is called, its options."""
    visible = sorted((name, command) for name, command in cli.group.commands.items() if not command.hidden)
    return "\n".join(_command(name, command, language) for name, command in visible)


def _command(name: str, command: click.Command, language: str) -> str:
    told = re.sub(r"\\b|\x08", "", command.help or "")
    summary = " ".join(told.partition("\n\n")[0].split())
    examples = re.findall(r"Example: (.*)", told)
    context = click.Context(command, info_name=name)
    given = [p.make_metavar(context) for p in command.params if isinstance(p, click.Argument)]
    usage = " ".join(["chorus-outbox", name, *given])
    lines = [f"### `{usage}`\n", summary if language == "en" else COMMANDS[name]]
    if examples:
        lines.append("\n```sh\n{}\n```".format("\n".join(examples)))
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        head = (word("options", language), word("about", language))
        lines.append("\n" + lines_of(head, (_option(name, o, context, language) for o in options)).rstrip("\n"))
    return "\n".join(lines) + "\n"


def _option(name: str, option: click.Option, context: click.Context, language: str) -> Row:
    flag = option.opts[-1]
    takes = "" if option.is_flag else f" {option.make_metavar(context)}"
    french = OPTIONS.get(f"{name} {flag}", OPTIONS.get(flag))
    if french is None:
        raise KeyError(f"reference_texts.OPTIONS has no French for {name} {flag}")
    told = (option.help or "") if language == "en" else french
    needed = f" ({word('needed', language)})" if option.required else ""
    return code(flag + takes), told.rstrip(".") + needed


TABLES: Mapping[str, Callable[[str], str]] = {
    "configuration": configuration,
    "names": names,
    "fields": sidecar,
    "values": values,
    "list_keys": list_keys,
    "files": files,
    "folders": folders,
    "states": states,
    "exits": exits,
    "environment": environment,
    "json": json_shapes,
    "commands": commands,
}


def main() -> int:
    """Write both pages."""
    for language, path in PAGES.items():
        path.write_text(page(path.read_text("utf-8"), language), "utf-8")
        print(path.relative_to(DOCS.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
