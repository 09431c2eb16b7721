"""`resolve`, `retry`, `forget`, `reconcile`: what a person may change, each asked for, each leaving a trace.

They write beside a running daemon: the life cycle's table refuses whatever it has changed meanwhile.
"""

from __future__ import annotations

import contextlib
import getpass
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import click

from chorus_outbox.config import Config
from chorus_outbox.core import correction
from chorus_outbox.core.decide import Adopt, Found, Verdict, after_search, differences
from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.lifecycle import Event, ImpossibleError, State
from chorus_outbox.core.names import display
from chorus_outbox.core.words import catalogue, fill, message, plain
from chorus_outbox.edge.folders.moves import move
from chorus_outbox.edge.folders.witness import Witnesses
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import RemoteError
from chorus_outbox.ownership import own_up
from chorus_outbox.service import Remote, remote, settings
from chorus_outbox.worker import correcting, deposit, uploads

from .rows import as_object
from .terminal import paper, print_json

EX_UNAVAILABLE = 69


def resolve(config: Config, name: str, *, arrived: int | None, yes: bool, as_json: bool = False) -> int:
    """Settle a doubt, or a flow without end, by a person's word after one more look; ``arrived`` None: it did not arrive."""
    with _ledger(config) as ledger, remote(config, time.sleep) as far:
        entry = _the_one(config, ledger, name, {State.IN_DOUBT, State.INTEGRATING})
        if not yes and click.prompt(_ask(config, "confirm", number=entry.number), err=True) != entry.number:
            raise click.ClickException(_ask(config, "not_confirmed"))
        rows, verdict = _look(config, far, ledger, entry)
        if isinstance(verdict, Adopt):
            after = _accept(ledger, entry, verdict.receipt)
            return _tell(config, "resolve", [after], [_arrived(config, after)], as_json=as_json)
        if entry.receipt is not None and arrived is not None:  # of a correction, its history is the only proof
            raise click.ClickException(_ask(config, "not_corrected", number=entry.number))
        if arrived is None:
            after = _not_arrived(ledger, entry)
            line = _ask(config, "will_leave", number=entry.number)
            return _tell(config, "resolve", [after], [line], as_json=as_json)
        row = next((r for r in rows if r.chorus_id == arrived), None)
        if row and (wrong := differences(row, entry)):
            raise click.ClickException(_ask(config, "another", number=entry.number, differs=", ".join(wrong)))
        receipt = Receipt(arrived, row.status if row else "", (row.deposit_date if row else None) or "")
        after = _accept(ledger, entry, receipt)
        return _tell(config, "resolve", [after], [_arrived(config, after)], as_json=as_json)


def _not_arrived(ledger: SqliteLedger, entry: Entry) -> Entry:
    """Let it be sent again; a flow that turns up after all must be known as ours, so its doubt stays noted."""
    again = {**uploads.FORGET, "next_try_at": _now(), "problems": deposit.notes(entry)}
    if entry.state is State.INTEGRATING:
        return _note(ledger, entry, Event.NOT_ARRIVED, **again, doubts=entry.doubts + 1)
    return _note(ledger, entry, Event.PROVED_ABSENT, **again)


def reconcile(config: Config, *, yes: bool, take_over: bool, as_json: bool = False) -> int:
    """Ask Chorus Pro about every doubt now; 0 when none is left. ``take_over``: make the outbox this ledger's own."""
    if take_over:
        _take_over(config, yes=yes)
    found = []
    with _ledger(config) as ledger, remote(config, time.sleep) as far:
        for entry in [e for e in ledger.open_entries() if e.state is State.IN_DOUBT]:
            _, verdict = _look(config, far, ledger, entry)
            if isinstance(verdict, Adopt):
                found.append(_accept(ledger, entry, verdict.receipt))
                line = _arrived(config, found[-1])
            else:  # the spacing of searches belongs to the daemon: this look proves presence only
                found.append(_note(ledger, entry, Event.ASKED))
                line = _ask(config, "not_found", number=entry.number)
            if not as_json:
                paper().line(line)
    lines = [] if found else [catalogue(config.language).terminal["no_doubt"]]
    ok = all(e.state is not State.IN_DOUBT for e in found)
    return _tell(config, "reconcile", found, lines, as_json=as_json, ok=ok)


def retry(config: Config, name: str, *, yes: bool, as_json: bool = False) -> int:
    """Try a waiting invoice now, or put a failed one back into the outbox."""
    told = catalogue(config.language).terminal
    with _ledger(config) as ledger:
        entry = _the_one(config, ledger, name, {State.WAITING, State.IN_DOUBT, State.INTEGRATING, State.FAILED})
        if not yes:
            click.confirm(_ask(config, "retry", file=display(entry.file)), abort=True, err=True)
        if entry.state is State.FAILED:
            lines = [fill(told["put_back"], {"file": plain(display(name))}) for name in _put_back(config, entry)]
        else:
            entry = _note(ledger, entry, Event.HURRIED, next_try_at=_now())
            lines = [fill(told["hurried"], {"file": plain(display(entry.file))})]
    return _tell(config, "retry", [entry], lines, as_json=as_json)


def _put_back(config: Config, entry: Entry) -> list[str]:
    """Move a failed invoice's files back; return their names."""
    back = []
    # the sidecar first, so that nothing that it names is taken for an invoice
    for suffix in (".yaml", ".yml", *(m.suffix for m in entry.attachments), ".pdf"):
        source = config.folders.failed / (entry.stem + suffix)
        with contextlib.suppress(FileNotFoundError):
            move(source, config.folders.outbox / source.name)
            back.append(source.name)
    return back


def forget(config: Config, name: str, *, yes: bool, as_json: bool = False) -> int:
    """Take a failed invoice out of the lists; its files stay where they are."""
    with _ledger(config) as ledger:
        entry = _the_one(config, ledger, name, {State.FAILED})
        if not yes:
            deposited = {"number": entry.number, "status": entry.chorus_status} if entry.receipt else {}
            click.confirm(_ask(config, "forget", file=display(entry.file), **deposited), abort=True, err=True)
        after = _note(ledger, entry, Event.FORGOTTEN, look_at=None)
    line = fill(catalogue(config.language).terminal["forgotten"], {"file": plain(display(entry.file))})
    return _tell(config, "forget", [after], [line], as_json=as_json)


def _tell(
    config: Config, command: str, entries: Sequence[Entry], lines: Sequence[str], *, as_json: bool, ok: bool = True
) -> int:
    """Print what was done, for people or as ``{command, ok, invoices: [as status --json]}``; return the exit code."""
    if as_json:
        words = catalogue(config.language)
        print_json({"command": command, "ok": ok, "invoices": [as_object(e, words) for e in entries]})
    else:
        for line in lines:
            paper().line(line)
    return int(not ok)


def _look(config: Config, far: Remote, ledger: SqliteLedger, entry: Entry) -> tuple[Sequence[Found], Verdict]:
    """Ask once, all pages, and say what that proves; ends the command (69) when Chorus Pro can't be asked."""
    try:
        if entry.receipt is not None:  # a correction: its own history tells
            history = far.follow.history(entry.receipt.chorus_id)
            noted = correcting.passages(ledger.events(entry.id))
            return (), correction.after_history(entry, history, noted, _now(), settings(config).policy)
        rows = far.chorus.search(entry.number, entry.supplier)
    except RemoteError as e:
        click.echo(message(catalogue(config.language), e.problem), err=True)
        raise click.exceptions.Exit(EX_UNAVAILABLE) from e
    return rows, after_search(entry, rows, _now(), settings(config).policy)


def _take_over(config: Config, *, yes: bool) -> None:
    witnesses = Witnesses(config.spool, config.folders.outbox)
    owner = witnesses.read()[1]
    if not yes:
        click.confirm(_ask(config, "take_over", owner=owner.owner if owner else "-"), abort=True, err=True)
    ledger = SqliteLedger(config.ledger)  # alone: no daemon of ours may be running
    try:
        own_up(config, ledger, witnesses, take_over=True)
    finally:
        ledger.close()


@contextlib.contextmanager
def _ledger(config: Config) -> Iterator[SqliteLedger]:
    if not config.ledger.is_file():
        raise click.ClickException(f"{config.ledger}: no such ledger")
    ledger = SqliteLedger(config.ledger, alone=False)
    try:
        yield ledger
    except ImpossibleError as e:
        raise click.ClickException(str(e)) from e
    finally:
        ledger.close()


def _the_one(config: Config, ledger: SqliteLedger, name: str, states: set[State]) -> Entry:
    found: Sequence[Entry] = [e for e in ledger.find(name) if e.state in states]
    if len(found) != 1:
        words = catalogue(config.language)
        wanted = ", ".join(words.states[s.value] for s in State if s in states)
        texts = {"name": plain(name), "count": str(len(found)), "states": wanted}
        raise click.ClickException(fill(words.terminal["not_the_one"], texts))
    return found[0]


def _accept(ledger: SqliteLedger, entry: Entry, receipt: Receipt) -> Entry:
    return _note(ledger, entry, Event.ACCEPTED, **deposit.accepted(entry, receipt, entry.begun_at or _now()))


def _arrived(config: Config, entry: Entry) -> str:
    return _ask(config, "arrived", number=entry.number, chorus_id=str(entry.receipt.chorus_id if entry.receipt else ""))


def _note(ledger: SqliteLedger, entry: Entry, event: Event, **changes: object) -> Entry:
    """Note an event with who caused it; when is noted by itself."""
    return ledger.note(entry.id, event, _now(), getpass.getuser(), **changes)


def _ask(config: Config, phrase: str, **texts: str) -> str:
    return fill(catalogue(config.language).repair[phrase], {k: plain(v) for k, v in texts.items()})


def _now() -> datetime:
    return datetime.now(UTC)
