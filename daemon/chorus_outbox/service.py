"""The daemon put together: configuration -> ports -> loop, signals, systemd. A few constructors in order, no magic."""

from __future__ import annotations

import contextlib
import os
import queue
import resource
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import structlog

from . import logs
from .config import Config
from .connection import Remote, remote
from .core.decide import Policy
from .core.draft import Draft, Source
from .core.fields import FieldValue
from .core.followup import Schedule
from .core.reading import Rules
from .core.words import catalogue
from .edge import systemd
from .edge.clock import RealClock
from .edge.folders.bell import Bell
from .edge.folders.outbox import Outbox
from .edge.folders.shared import SharedFolders
from .edge.folders.spool import Spool
from .edge.folders.witness import Witnesses
from .edge.ledger.account import keep_password_end, password_end
from .edge.ledger.sqlite import SqliteLedger
from .edge.pdf import PdfChildren
from .errors import ConfigurationError, OutboxUnavailableError
from .ownership import own_up, witness
from .ports import Measured, Outlook, Show
from .showing import shows
from .worker.account import EVERY as WATCH_EVERY
from .worker.account import PasswordWatch, warn
from .worker.loop import Loop, Ring
from .worker.parts import Parts, Settings
from .worker.publishing import Publishing

SPOOL_SECONDS = 24 * 3600.0  # a private copy that no open invoice needs is kept so long
EVERY = 10.0  # seconds between heartbeats; the unit's WatchdogSec allows many of them to be late

log = structlog.get_logger("chorus_outbox")


def rules(config: Config) -> Rules:
    """Return how invoices are read."""
    own: dict[str, FieldValue] = {"fournisseur": config.supplier.siret}
    if config.supplier.service:
        own["fournisseur_service"] = config.supplier.service
    if config.supplier.bank_account:
        own["compte_bancaire"] = config.supplier.bank_account
    return Rules(
        patterns=config.filename_patterns,
        book=config.recipients,
        defaults=Draft(Source.CONFIG, {**own, **config.defaults}),
        mismatch=config.pickup.mismatch,
        sidecar_required=config.pickup.sidecar == "required",
        facturx=config.sending.facturx,
    )


def settings(config: Config) -> Settings:
    """Return what the worker acts on."""
    follow = config.follow_up
    return Settings(
        rules=rules(config),
        policy=Policy(
            sidecar_wait=config.pickup.sidecar_wait_seconds,
            incomplete_wait=config.pickup.incomplete_wait_seconds,
            settle=config.sending.settle_seconds,
            resend=config.sending.resend_after_doubt == "after_search",
        ),
        words=catalogue(config.language),
        supplier=config.supplier.siret,
        quiet=config.pickup.quiet_seconds,
        rescan=config.pickup.rescan_seconds,
        parallel=config.sending.parallel,
        sandbox=config.sandbox,
        follow=Schedule(follow.first_seconds, follow.every_seconds) if follow.enabled else None,
    )


def shared_folders(config: Config) -> SharedFolders:
    """Open the folders.

    Raises:
        OutboxUnavailableError: The outbox is not there.

    """
    places = config.folders
    others = {"processing": places.processing, "sent": places.sent, "failed": places.failed}
    return SharedFolders(Outbox(places.outbox), others, Spool(config.spool))


def run(config: Config, *, once: bool, beside: Sequence[Show] = ()) -> int:
    """Run the daemon in the foreground; return the exit code (with ``once``: 1 when something failed or waits).

    ``beside``: what else shows people how it goes.
    """
    _prepare(config)
    stop = threading.Event()
    with contextlib.ExitStack() as stack:
        ledger = SqliteLedger(config.ledger)
        stack.callback(ledger.close)
        rings: queue.SimpleQueue[Ring] = queue.SimpleQueue()
        _obey_signals(rings)
        showing = Publishing([*shows(config), *beside])
        folders = _folders(config) if once else _folders_when_there(config, rings, showing.tell)
        if folders is None:
            return 0
        witnesses = Witnesses(config.spool, config.folders.outbox)
        own_up(config, ledger, witnesses)
        _sweep_spool(config, ledger)
        far = stack.enter_context(remote(config, _sleep_until(stop), ledger))
        pdf = PdfChildren(size=min(config.sending.parallel, os.cpu_count() or 1))
        stack.callback(pdf.close)
        loop = Loop(_parts(config, ledger, folders, far, pdf=pdf, witnesses=witnesses), rings)
        bell = Bell(config.folders.outbox, lambda: rings.put(Ring.LOOK))
        stack.callback(bell.close)
        mark = _marker(config, ledger, folders, witnesses)

        def outlook(*, ending: bool = False) -> Outlook:
            measured = Measured(*far.wire.calls.so_far(), showing.failures)
            return replace(loop.outlook(), measured=measured, ending=ending)

        loop.alive = _Heartbeat(pdf, bell, mark, lambda: showing.tell(outlook()))
        loop.watch = _watch(config, ledger, far, once=once)
        loop.recover()
        log.info("daemon.started", config=str(config.path), environment=config.environment, once=once)
        try:
            loop.run(once=once)
        finally:
            systemd.notify(STOPPING=1)
            stop.set()
            mark()
            showing.close(outlook(ending=True))
            log.info("daemon.stopped")
        return int(once and bool(loop.jobs.failed or ledger.seen_entries() or ledger.open_entries()))


def _prepare(config: Config) -> None:
    """Make this process one that keeps secrets, with a log and its folders."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the password
    logs.configure(config.log.level, config.log.file, config.secrets(), config.log.format)
    _make_folders(config)


def _parts(
    config: Config, ledger: SqliteLedger, folders: SharedFolders, far: Remote, *, pdf: PdfChildren, witnesses: Witnesses
) -> Parts:
    """Return what the worker works with."""
    return Parts(
        *(ledger, folders, far.chorus, far.directory, far.follow, far.flows, far.lists),
        *(pdf, RealClock(), settings(config)),
        begun=lambda: witnesses.keep(witness(config, ledger)),
        doubt_until=ledger.doubt_until(),
        instance=witness(config, ledger).instance[:8],
    )


def _marker(config: Config, ledger: SqliteLedger, folders: SharedFolders, witnesses: Witnesses) -> Callable[[], None]:
    """Return what marks the outbox as this ledger's, when it is there."""

    def mark() -> None:
        if folders.there():
            witnesses.mark(witness(config, ledger))

    return mark


def _watch(config: Config, ledger: SqliteLedger, far: Remote, *, once: bool) -> PasswordWatch:
    """Look at the account at each start; with ``once`` (perhaps every minute), when the last look is a day old."""
    now = RealClock().now()
    known = password_end(ledger, config.login)
    if once and known:
        warn(known.day, now)
    due_at = known.asked_at + WATCH_EVERY if once and known else now

    def keep(day: date | None, at: datetime) -> None:
        keep_password_end(ledger, config.login, day, at)

    return PasswordWatch(far.chorus.account.password_ends, keep, RealClock().now, due_at)


def _sweep_spool(config: Config, ledger: SqliteLedger) -> None:
    """Remove private copies that a crash left behind; what any open invoice needs stays."""
    keep = {s for e in ledger.open_entries() for s in (e.sha256, e.sent_sha256, *(m.sha256 for m in e.members))}
    Spool(config.spool).sweep(keep, SPOOL_SECONDS)


def _sleep_until(stop: threading.Event) -> Callable[[float], None]:
    """Return a sleep that ends at once when the daemon is told to."""

    def sleep(seconds: float) -> None:
        stop.wait(seconds)

    return sleep


def _make_folders(config: Config) -> None:
    """Make what is ours to make when its parent is there: a parent that is missing is an unmounted share."""
    places = config.folders
    for folder in (places.processing, places.sent, places.failed):
        with contextlib.suppress(OSError):  # said below, or by `check`, where it matters
            folder.mkdir(exist_ok=True)
    for state in (config.ledger.parent, config.spool.parent):
        try:
            state.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise ConfigurationError((f"can't make {state}: {e.strerror}",)) from e


def _folders_when_there(
    config: Config, bell: queue.SimpleQueue[Ring], tell: Callable[[Outlook], None]
) -> SharedFolders | None:
    """Wait until the outbox is there (a share may be mounted late); None when told to stop meanwhile."""
    said = ""
    while True:
        try:
            return shared_folders(config)
        except OutboxUnavailableError as e:
            if str(e) != said:
                said = str(e)
                log.error("outbox.unavailable", detail=said)  # noqa: TRY400 - a traceback would say nothing more
        systemd.notify(READY=1, WATCHDOG=1, STATUS=f"outbox unavailable: {said}")
        tell(Outlook(RealClock().now(), unavailable=said))
        with contextlib.suppress(queue.Empty):
            if bell.get(timeout=min(EVERY, config.pickup.rescan_seconds)) is Ring.STOP:
                return None


def _folders(config: Config) -> SharedFolders:
    try:
        return shared_folders(config)
    except OutboxUnavailableError as e:
        raise ConfigurationError((f"folders.outbox: can't be read: {e}",)) from e


def _obey_signals(bell: queue.SimpleQueue[Ring]) -> None:
    """End after the current steps on SIGTERM and SIGINT. ``SimpleQueue.put`` is what a handler may call."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: bell.put(Ring.STOP))


class _Heartbeat:
    """Tells systemd that the loop works, from the loop itself, and what people see how things are (``tell``).

    Now and then it lets idle PDF children and a deaf bell go, and marks the outbox.
    """

    def __init__(self, pdf: PdfChildren, bell: Bell, mark: Callable[[], None], tell: Callable[[], None]) -> None:
        self._mark = mark
        self._pdf = pdf
        self._bell = bell
        self._tell = tell
        self._ready = False
        self._next = 0.0
        self._status = ""

    def __call__(self, status: str) -> None:
        """Report after a turn of the loop."""
        if not self._ready:
            self._ready = True
            systemd.notify(READY=1, STATUS=status)
        elif status != self._status:
            systemd.notify(STATUS=status)
        self._status = status
        self._tell()
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            systemd.notify(WATCHDOG=1)
            self._pdf.close_idle(now)
            self._mark()
            if not self._bell.healthy():
                self._bell.restart()


__all__ = ["Remote", "remote", "rules", "run", "settings", "shared_folders"]
