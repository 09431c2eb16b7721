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

EX_UNAVAILABLE = 69


def resolve(config: Config, name: str, *, arrived: int | None, yes: bool) -> int:
    """Settle a doubt, or a flow without end, by a person's word after one more look; ``arrived`` None: it did not arrive."""
    with _ledger(config) as ledger, remote(config, time.sleep) as far:
        entry = _the_one(ledger, name, {State.IN_DOUBT, State.INTEGRATING})
        if not yes and click.prompt(_ask(config, "confirm", number=entry.number)) != entry.number:
            raise click.ClickException(_ask(config, "not_confirmed"))
        rows, verdict = _look(config, far, ledger, entry)
        if isinstance(verdict, Adopt):
            return _accept(config, ledger, entry, verdict.receipt)
        if entry.receipt is not None and arrived is not None:  # of a correction, its history is the only proof
            raise click.ClickException(_ask(config, "not_corrected", number=entry.number))
        if arrived is None:
            _not_arrived(ledger, entry)
            click.echo(_ask(config, "will_leave", number=entry.number))
            return 0
        row = next((r for r in rows if r.chorus_id == arrived), None)
        if row and (wrong := differences(row, entry)):
            raise click.ClickException(_ask(config, "another", number=entry.number, differs=", ".join(wrong)))
        receipt = Receipt(arrived, row.status if row else "", (row.deposit_date if row else None) or "")
        return _accept(config, ledger, entry, receipt)


def _not_arrived(ledger: SqliteLedger, entry: Entry) -> None:
    """Let it be sent again; a flow that turns up after all must be known as ours, so its doubt stays noted."""
    again = {**uploads.FORGET, "next_try_at": _now(), "problems": deposit.notes(entry)}
    if entry.state is State.INTEGRATING:
        _note(ledger, entry, Event.NOT_ARRIVED, **again, doubts=entry.doubts + 1)
    else:
        _note(ledger, entry, Event.PROVED_ABSENT, **again)


def reconcile(config: Config, *, yes: bool, take_over: bool) -> int:
    """Ask Chorus Pro about every doubt now; 0 when none is left. ``take_over``: make the outbox this ledger's own."""
    if take_over:
        _take_over(config, yes=yes)
    left = 0
    with _ledger(config) as ledger, remote(config, time.sleep) as far:
        for entry in [e for e in ledger.open_entries() if e.state is State.IN_DOUBT]:
            _, verdict = _look(config, far, ledger, entry)
            if isinstance(verdict, Adopt):
                _accept(config, ledger, entry, verdict.receipt)
            else:  # the spacing of searches belongs to the daemon: this look proves presence only
                left += 1
                _note(ledger, entry, Event.ASKED)
                click.echo(_ask(config, "not_found", number=entry.number))
    return int(left > 0)


def retry(config: Config, name: str, *, yes: bool) -> int:
    """Try a waiting invoice now, or put a failed one back into the outbox."""
    with _ledger(config) as ledger:
        entry = _the_one(ledger, name, {State.WAITING, State.IN_DOUBT, State.INTEGRATING, State.FAILED})
        if not yes:
            click.confirm(_ask(config, "retry", file=display(entry.file)), abort=True)
        if entry.state is not State.FAILED:
            _note(ledger, entry, Event.HURRIED, next_try_at=_now())
            return 0
        # the sidecar first, so that nothing that it names is taken for an invoice
        for suffix in (".yaml", ".yml", *(m.suffix for m in entry.attachments), ".pdf"):
            source = config.folders.failed / (entry.stem + suffix)
            with contextlib.suppress(FileNotFoundError):
                move(source, config.folders.outbox / source.name)
                click.echo(config.folders.outbox / display(source.name))
    return 0


def forget(config: Config, name: str, *, yes: bool) -> int:
    """Take a failed invoice out of the lists; its files stay where they are."""
    with _ledger(config) as ledger:
        entry = _the_one(ledger, name, {State.FAILED})
        if not yes:
            deposited = {"number": entry.number, "status": entry.chorus_status} if entry.receipt else {}
            click.confirm(_ask(config, "forget", file=display(entry.file), **deposited), abort=True)
        _note(ledger, entry, Event.FORGOTTEN, look_at=None)
    return 0


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
        click.confirm(_ask(config, "take_over", owner=owner.owner if owner else "-"), abort=True)
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


def _the_one(ledger: SqliteLedger, name: str, states: set[State]) -> Entry:
    found: Sequence[Entry] = [e for e in ledger.find(name) if e.state in states]
    if len(found) != 1:
        wanted = ", ".join(sorted(s.value for s in states))
        raise click.ClickException(f"{plain(name)}: {len(found)} invoices ({wanted})")
    return found[0]


def _accept(config: Config, ledger: SqliteLedger, entry: Entry, receipt: Receipt) -> int:
    _note(ledger, entry, Event.ACCEPTED, **deposit.accepted(entry, receipt, entry.begun_at or _now()))
    click.echo(_ask(config, "arrived", number=entry.number, chorus_id=str(receipt.chorus_id)))
    return 0


def _note(ledger: SqliteLedger, entry: Entry, event: Event, **changes: object) -> None:
    """Note an event with who caused it; when is noted by itself."""
    ledger.note(entry.id, event, _now(), getpass.getuser(), **changes)


def _ask(config: Config, phrase: str, **texts: str) -> str:
    return fill(catalogue(config.language).repair[phrase], {k: plain(v) for k, v in texts.items()})


def _now() -> datetime:
    return datetime.now(UTC)
