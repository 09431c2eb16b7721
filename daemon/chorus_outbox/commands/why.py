"""`why`: the whole story of one invoice, read while the daemon works. It changes nothing, and words nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from chorus_outbox.config import Config
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.names import display
from chorus_outbox.core.report import log_text
from chorus_outbox.core.words import Words, catalogue, fill, message, plain
from chorus_outbox.edge.ledger import views
from chorus_outbox.ports import Noted
from chorus_outbox.worker.telling import tell

from .looking import ledger_to_read
from .rows import TONES, as_object
from .terminal import Cell, Paper, Tone, paper, print_json_list


def show_why(config: Config, name: str, *, as_json: bool) -> int:
    """Print the story of the invoices with that file name or number; 1 when there is none."""
    words = catalogue(config.language)
    with ledger_to_read(config, needed=True) as ledger:
        found = [(e, ledger.events(e.id)) for e in views.named(ledger, name)] if ledger else []
    if as_json:
        print_json_list(_as_object(entry, noted, words) for entry, noted in found)
    else:
        out = paper()
        for entry, noted in found:
            _print(out, log_text(tell(entry, noted, sandbox=config.sandbox), words), TONES.get(entry.state, ""), words)
            out.line(f"{entry.folder}/{display(entry.stem or entry.origin)}", "dim")
            out.line()
    if not found:
        click.echo(fill(words.terminal["nobody"], {"name": plain(name)}), err=True)
    return 0 if found else 1


def _print(out: Paper, text: str, tone: Tone, words: Words) -> None:
    """Print the log's own text: its first lines in colour, its sections as tables."""
    head, *sections = text.rstrip("\n").split("\n\n")
    first, *others = head.split("\n")
    out.line(first, tone)
    for line in others:
        out.line(line)
    for section in sections:
        title, *lines = section.split("\n")
        out.line()
        out.line(title, "strong")
        _section(out, lines, " - " if title == words.report["timeline"] else _colon(words))


def _section(out: Paper, lines: Sequence[str], between: str) -> None:
    """Print lines of two parts as two columns; others as they are."""
    if all(between in line for line in lines):
        parts = [line.split(between, 1) for line in lines]
        out.pairs(([Cell(first, "dim"), Cell(rest)] for first, rest in parts), lambda *parts: between.join(parts))
    else:
        for line in lines:
            out.line(line)


def _colon(words: Words) -> str:
    return fill(words.report["item"], {"label": "|", "value": "|"}).strip("|")


def _as_object(entry: Entry, noted: Sequence[Noted], words: Words) -> dict[str, Any]:
    """Return what ``status --json`` shows, and the fields, problems and events beside it."""
    return {
        **as_object(entry, words),
        "recipient": entry.recipient_name or None,
        "fields": {name: {"value": value, "source": source} for name, (value, source) in entry.fields.items()},
        "problems": [{"code": p.code, "message": message(words, p)} for p in entry.problems],
        "events": [
            {"at": n.at.isoformat(), "event": n.event, "state": n.state, "detail": n.detail or None} for n in noted
        ],
    }
