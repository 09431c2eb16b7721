"""What a thread does with one file or one entry, and how the remote side is doing. Knows no order and no schedule.

A job never ends by an exception that concerns only its invoice; only a failing disk of ledger or spool goes further.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from chorus_outbox.core import outage
from chorus_outbox.core.decide import Hold, Step, next_step, pause
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.followup import DAY
from chorus_outbox.core.lifecycle import Event, ImpossibleError, State
from chorus_outbox.core.names import display
from chorus_outbox.core.outage import WELL, Health
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import (
    FaultyError,
    OutboxError,
    OutboxUnavailableError,
    RefusedError,
    RemoteError,
    StorageError,
    UnavailableError,
)

from . import admission, deposit, filing, flow, follow
from .candidate import Candidate
from .correlation import bind, concerning
from .parts import Parts

log = structlog.get_logger("chorus_outbox")

SHARE_PAUSE = 15.0  # seconds before a file that the share did not let be read is looked at again
BUG_PAUSE = 300.0  # seconds before an invoice on which the program stumbled is tried again
LOOKS = 20  # statuses asked for in one job: then the loop looks whether there is something better to do


class Jobs:
    """The work on one invoice at a time, from several threads.

    Args:
        parts: The ports and settings.
        stopping: Tells whether the daemon is asked to end: no further step is begun then.

    ``health`` is the remote side's; ``held`` says until when a name of the outbox (with its signature) is left alone,
    ``later`` the same of an entry whose files could not be moved.
    """

    def __init__(self, parts: Parts, stopping: Callable[[], bool]) -> None:
        self.parts = replace(parts, outage=self.outage)
        self.health: Health = WELL
        self.held: dict[str, tuple[str, datetime]] = {}
        self.later: dict[int, datetime] = {}
        self._stumbles: dict[int, int] = {}
        self._unread: dict[str, str] = {}  # name in the outbox -> why it can't be read, as it was said
        self.failed = 0
        self._stopping = stopping
        self._lock = threading.Lock()

    def admit(self, candidate: Candidate) -> None:
        """Look at a file in the outbox and go on with it as far as possible now."""
        with concerning(self.parts):
            self._admit(candidate)

    def _admit(self, candidate: Candidate) -> None:
        name = candidate.group.pdf
        try:
            entry = admission.admit(self.parts, candidate)
        except RemoteError as e:
            waiting = next((seen for seen in self.parts.ledger.seen_entries() if seen.origin == name), None)
            self._ill(e, waiting.id if waiting else 0)
            own = waiting and waiting.next_try_at
            self._hold(candidate, max(own or self._now(), self.health.until or self._now()))
        except (OSError, OutboxUnavailableError) as e:
            self._say_unread(name, type(e).__name__)
            self._hold(candidate, self._now() + timedelta(seconds=SHARE_PAUSE))
        except Exception as e:  # noqa: BLE001 - one invoice's bug must not stop the others
            _fatal(e, file=display(name))
            self._hold(candidate, self._now() + timedelta(seconds=BUG_PAUSE))
        else:
            self._unread.pop(name, None)
            if entry.state is State.SEEN and entry.next_try_at:
                self._hold(candidate, entry.next_try_at)
            else:
                self._advance(entry)

    def advance(self, entry: Entry) -> None:
        """Do for an entry whatever can be done now, step after step."""
        with concerning(self.parts):
            self._advance(entry)

    def _advance(self, entry: Entry) -> None:
        following: Entry | None = entry
        try:
            while following is not None and not self._stopping():
                bind(self.parts, following)
                following = self._step(following)
            self._stumbles.pop(entry.id, None)
        except RemoteError as e:
            self._ill(e, entry.id)
            filing.tell_in_processing(self.parts, self.parts.ledger.get(entry.id))
        except (OSError, OutboxUnavailableError) as e:
            if entry.id not in self._stumbles:  # once: a share that is away for hours would fill the log
                log.warning("file.not_moved", file=display(entry.file), error=type(e).__name__)
            self._stumbled(entry, pause(self._stumbles.get(entry.id, 0) + 1, self.parts.jitter()))
            doubt_what_was_being_sent(self.parts, self.parts.ledger.get(entry.id), "error")
        except Exception as e:  # noqa: BLE001 - one invoice's bug must not stop the others
            _fatal(e, file=display(entry.file))
            self._stumbled(entry, BUG_PAUSE)
            doubt_what_was_being_sent(self.parts, self.parts.ledger.get(entry.id), "error")

    # --- following what was sent -----------------------------------------------------------------------------

    def look(self, goes_on: Callable[[datetime], bool]) -> None:
        """Ask for the statuses that are due, one invoice after the other, as long as nothing else is to be done.

        Args:
            goes_on: Tells of the time of the next look whether it is to be made now.

        """
        for _ in range(LOOKS):
            entry = self.parts.ledger.next_look()
            if entry is None or entry.look_at is None or not goes_on(entry.look_at):
                return
            with concerning(self.parts, entry):
                if not self._look(entry):
                    return

    def _look(self, entry: Entry) -> bool:
        """Look at one invoice; False when the others had better wait."""
        faults, jitter = entry.faults + 1, self.parts.jitter()
        try:
            follow.look(self.parts, entry)
        except UnavailableError as e:
            self._ill(e, entry.id)
            return False
        except RefusedError as e:  # it is unknown there, perhaps: no reason to ask more often, nor to stop the others
            log.warning("invoice.status", reason=e.problem.code, code=e.code, label=e.label)
            follow.put_off(self.parts, entry, DAY, 0)
        except RemoteError as e:
            self._ill(e, entry.id)
            follow.put_off(self.parts, entry, pause(faults, jitter), faults)
            return not self.health.out
        except ImpossibleError:
            pass  # a person has dropped it again, or dealt with it, between the question and the answer
        except Exception as e:  # noqa: BLE001 - one invoice's bug must not stop the others
            _fatal(e, file=display(entry.file))
            follow.put_off(self.parts, entry, BUG_PAUSE, faults)
            return True
        self._well()
        return True

    def _say_unread(self, name: str, error: str) -> None:
        """Say that a file can't be read, once for each reason."""
        if self._unread.get(name) != error:
            self._unread[name] = error
            log.warning("file.unreadable", file=display(name), error=error)

    def _stumbled(self, entry: Entry, seconds: float) -> None:
        """Leave an entry alone for a while; each time in a row a little longer."""
        self._stumbles[entry.id] = self._stumbles.get(entry.id, 0) + 1
        self.later[entry.id] = self._now() + timedelta(seconds=seconds)

    def due(self, entry: Entry, now: datetime) -> bool:
        """Tell whether something can be done for an entry now."""
        if self.later.get(entry.id, now) > now or next_step(entry) is Step.NOTHING:
            return False
        remote = next_step(entry) is not Step.FILE
        return not remote or ((entry.next_try_at or now) <= now and self.health.may_send(now))

    def outage(self) -> Hold | None:
        """Say why nothing may be asked of Chorus Pro now, and until when; None when it may."""
        health, now = self.health, self._now()
        if health.problem is None or health.until is None or health.may_send(now):
            return None
        return Hold(health.problem, health.until)

    def _step(self, entry: Entry) -> Entry | None:
        if not self.due(entry, self._now()):
            self._tell_why(entry)
            return None
        match next_step(entry):
            case Step.SEND:
                taken = filing.take_in(self.parts, entry)
                if taken is None:
                    return filing.withdraw(self.parts, entry)
                if deposit.forgotten(self.parts, taken):
                    return deposit.ask_first(self.parts, taken)
                send = flow.send if taken.action == "flow" else deposit.send
                after = send(self.parts, taken)
            case Step.ASK:
                after = self._ask(entry)
            case _:
                done = filing.file_away(self.parts, entry)
                self.failed += done.state is State.FAILED
                return done
        if after.state in (State.IN_DOUBT, State.INTEGRATING, State.WAITING):
            filing.tell_in_processing(self.parts, after)
        if entry.state is not State.IN_DOUBT and after.state is State.IN_DOUBT:
            self._faulty(after)
        else:
            self._well()
        return after

    def _tell_why(self, entry: Entry) -> None:
        """Note why an invoice waits that became ready when an outage had just begun: nothing waits in silence."""
        why = self.outage()
        if entry.state is not State.READY or why is None:
            return
        taken = filing.take_in(self.parts, entry)
        if taken is None:
            filing.withdraw(self.parts, entry)
            return
        seconds = max(0.0, (why.until - self._now()).total_seconds())
        deposit.not_arrived(self.parts, taken, UnavailableError(why.problem, seconds))
        filing.tell_in_processing(self.parts, self.parts.ledger.get(entry.id))

    def _ask(self, entry: Entry) -> Entry:
        try:
            return self._question(entry)
        except RemoteError as e:  # a question that failed proves nothing
            faults = entry.faults + (not isinstance(e, UnavailableError))
            seconds = max(self.parts.settings.policy.settle, pause(faults, self.parts.jitter()) if faults else 0.0)
            again = {"faults": faults, "next_try_at": self._now() + timedelta(seconds=seconds)}
            self.parts.note(entry, Event.ASKED, self.parts.words_of(e.problem), **again)
            raise

    def _question(self, entry: Entry) -> Entry:
        if entry.state is State.INTEGRATING:
            return flow.follow(self.parts, entry)
        return deposit.ask(self.parts, entry)

    # --- the remote side's health --------------------------------------------------------------------------------

    def _ill(self, error: RemoteError, entry_id: int) -> None:
        now, jitter = self._now(), self.parts.jitter()
        with self._lock:
            if isinstance(error, UnavailableError):
                after = outage.worse(self.health, error.problem, now, error.retry_after, jitter)
            elif isinstance(error, FaultyError):
                after = outage.after_fault(self.health, entry_id, error.problem, now, jitter)
            else:
                return
            self._become(after)

    def _faulty(self, entry: Entry) -> None:
        problem = next((p for p in entry.problems if p.code.startswith("doubt.")), Problem("doubt.no_answer"))
        with self._lock:
            self._become(outage.after_fault(self.health, entry.id, problem, self._now(), self.parts.jitter()))

    def _well(self) -> None:
        with self._lock:
            self._become(WELL)

    def _become(self, after: Health) -> None:
        before, self.health = self.health, after
        if after.problem and not before.out:
            log.error("outage.started", reason=after.problem.code, **after.problem.params)
        if before.problem and not after.out:
            log.info("outage.ended", reason=before.problem.code)

    def _hold(self, candidate: Candidate, until: datetime) -> None:
        self.held[candidate.group.pdf] = (candidate.signature, until)

    def _now(self) -> datetime:
        return self.parts.clock.now()


def doubt_what_was_being_sent(parts: Parts, entry: Entry, why: str) -> None:
    """Put in doubt what was being sent when it was cut short: it may have arrived, so it is never sent again blindly."""
    if entry.state is State.SENDING:
        deposit.doubt(parts, entry, Problem("doubt.no_answer", {"detail": why}))


def _fatal(error: Exception, **where: str) -> None:
    """Log a bug and go on with the others; a failing disk of ours ends the process instead."""
    if isinstance(error, StorageError):
        raise error
    expected = isinstance(error, OutboxError)
    log.error("invoice.error", error=type(error).__name__, exc_info=None if expected else error, **where)
