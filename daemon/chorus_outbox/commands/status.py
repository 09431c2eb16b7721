"""`status`: where the invoices stand, read while the daemon works. It changes nothing, and never reads all to show some."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import click

from chorus_outbox.config import Config
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import DONE, State
from chorus_outbox.core.words import Words, catalogue, fill, plain, render
from chorus_outbox.edge.ledger import views
from chorus_outbox.edge.ledger.opening import is_held
from chorus_outbox.edge.ledger.sqlite import SqliteLedger

from .looking import ledger_to_read
from .rows import as_cells, as_object, columns
from .terminal import Paper, paper, print_json_list

LISTED = tuple(s for s in State if s is not State.WITHDRAWN)
OPEN = tuple(s for s in LISTED if s not in DONE)
OPEN_MAX = 1000  # invoices that need something, shown at once
DONE_MAX = 50  # invoices that need nothing, shown beside them


@dataclass(frozen=True)
class Wanted:
    """Which invoices are asked for.

    Args:
        name: A number, or a file name; "": all.
        states: Only those in these states; empty: in any but ``withdrawn``.
        limit: At most so many, the newest; 0: all; None: what suits the reader.

    """

    name: str = ""
    states: Collection[State] = ()
    limit: int | None = None

    @classmethod
    def of(cls, name: str, states: Collection[str], limit: int | None) -> Wanted:
        """Return it from what was typed."""
        return cls(name, tuple(s for s in State if s.value in states), limit)


def show_status(config: Config, wanted: Wanted, *, as_json: bool) -> int:
    """Print one row an invoice; return 1 when one was asked for that nobody knows."""
    words = catalogue(config.language)
    with ledger_to_read(config, needed=True) as ledger:
        if wanted.name:
            return _show_named(ledger, wanted, words, as_json=as_json)
        if as_json:
            print_json_list(as_object(e, words) for e in _for_programs(ledger, wanted))
        else:
            _show_all(config, ledger, wanted, words)
    return 0


def _show_named(ledger: SqliteLedger | None, wanted: Wanted, words: Words, *, as_json: bool) -> int:
    known = views.named(ledger, wanted.name) if ledger else ()
    found = [e for e in known if e.state in (wanted.states or tuple(State))]
    if as_json:
        print_json_list(as_object(e, words) for e in found)
    elif found:
        paper().table(columns(words), (as_cells(e, words) for e in found))
    if not found:
        click.echo(fill(words.terminal["nobody"], {"name": plain(wanted.name)}), err=True)
    return 0 if found else 1


def _for_programs(ledger: SqliteLedger | None, wanted: Wanted) -> Iterable[Entry]:
    """Return all that is asked for, the oldest first."""
    if ledger is None:
        return ()
    if wanted.states or wanted.limit:
        return reversed(list(views.newest_in(ledger, wanted.states or LISTED, wanted.limit or views.NEWEST)))
    return views.oldest(ledger)


def _for_people(ledger: SqliteLedger, wanted: Wanted) -> list[Entry]:
    """Return the newest first; unless told otherwise, what needs something before the rest."""
    if wanted.limit is None and not wanted.states:
        return [*views.newest_in(ledger, OPEN, OPEN_MAX), *views.newest_in(ledger, DONE, DONE_MAX)]
    limit = OPEN_MAX if wanted.limit is None else wanted.limit or views.NEWEST
    return list(views.newest_in(ledger, wanted.states or LISTED, limit))


def _show_all(config: Config, ledger: SqliteLedger | None, wanted: Wanted, words: Words) -> None:
    """Print the sum of all, what keeps invoices from leaving, the table, and how many are not in it."""
    out, told = paper(), words.terminal
    counts = ledger.counts() if ledger else {}
    found = _for_people(ledger, wanted) if ledger else []
    _summary(out, counts, words)
    if not is_held(config.ledger):
        out.note(told["not_running"], "warn")
    if outage := next((p for e in found if e.state in OPEN for p in e.problems if p.code.startswith("outage.")), None):
        out.note(fill(told["outage"], {"what": render(words, outage)[0]}), "fail")
    out.table(columns(words), (as_cells(e, words) for e in found))
    more = sum(counts.get(s.value, 0) for s in wanted.states or LISTED) - len(found)
    if more > 0:
        out.note(fill(told["more"], {"count": str(more)}), "dim")


def _summary(out: Paper, counts: Mapping[str, int], words: Words) -> None:
    item = words.report["item"]
    parts = [
        fill(item, {"label": words.states[s.value], "value": str(counts[s.value])}) for s in LISTED if s.value in counts
    ]
    total = sum(counts.get(s.value, 0) for s in LISTED)
    out.note(fill(words.terminal["summary"], {"count": str(total), "states": ", ".join(parts)}), "strong")
