"""The deposit: note the intent, send, note the answer. And what follows a doubt: ask, never send again blindly.

Nothing else in the program may send: a flow (``flow.py``) and the correction of what came back (``correcting.py``) go
through the same steps. Which errors are certain and which leave a doubt is decided where answers are read
(``edge/answers.py``); what a search proves, in ``core/decide.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chorus_outbox.core.decide import (
    DRAFTS,
    SEARCHES_TO_PROVE_ABSENT,
    Adopt,
    AskAgain,
    Refuse,
    SendAgain,
    Verdict,
    after_search,
    already_deposited,
    pause,
)
from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.flow import searching, tried_before
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.problem import Problem, Weight, stops
from chorus_outbox.core.refusals import speaks_of_a_double, speaks_of_a_file
from chorus_outbox.errors import FaultyError, InDoubtError, RefusedError, RemoteError, UnavailableError

from . import correcting, uploads
from .parts import Parts
from .prepared import Prepared

LOOK_AGAIN = 3600.0  # seconds between looks at a doubt that only a person, or time, can settle


def send(parts: Parts, entry: Entry) -> Entry:
    """Deposit an invoice whose files are in place, or correct it: what was deposited is never submitted again."""
    return carry_out(parts, entry, _prepare if entry.receipt is None else correcting.prepare)


def carry_out(parts: Parts, entry: Entry, prepare: Callable[[Parts, Entry], Prepared]) -> Entry:
    """Do the one dangerous thing. What is certain and what is not is on disk at every instant.

    Raises:
        UnavailableError, FaultyError: Not arrived; already noted.

    """
    try:
        ready = prepare(parts, entry)
    except RefusedError as e:
        return parts.note(entry, Event.REFUSED, e.label, problems=(*notes(entry), e.problem))
    except InDoubtError as e:
        return doubt(parts, entry, e.problem)
    except RemoteError as e:
        not_arrived(parts, entry, e)
        raise
    found = (*notes(entry), *ready.problems)
    if stops(ready.problems):
        return parts.note(entry, Event.REFUSED, problems=found, **ready.changes)

    reused = entry.attachment_id is not None or bool(entry.uploaded)
    now = parts.clock.now()
    first = entry.begun_at if tried_before(entry) and entry.begun_at else now  # an earlier try may still turn up
    begun = {"begun_at": first, "attempts": entry.attempts + 1, "next_try_at": None}
    entry = parts.note(entry, Event.BEGUN, ready.words, problems=found, **settled(entry), **begun, **ready.changes)
    parts.begun()
    try:
        answer = ready.call()
    except InDoubtError as e:
        return doubt(parts, entry, e.problem)
    except RefusedError as e:
        return _refused(parts, entry, e, reused=reused)
    except RemoteError as e:
        not_arrived(parts, entry, e)
        raise
    return ready.arrived(parts, entry, answer) if ready.arrived else accept(parts, entry, answer, parts.clock.now())


def _prepare(parts: Parts, entry: Entry) -> Prepared:
    """Upload what is not there yet. Where Chorus Pro's own analysis of the PDF contradicts us is among the problems."""
    attachment_id, differing = uploads.main(parts, entry)
    attached = () if stops(differing) else uploads.attach(parts, entry)
    submit = partial(parts.chorus.submit, json.loads(entry.payload), attachment_id, attached)
    return Prepared(submit, {"attachment_id": attachment_id}, differing)


def accept(parts: Parts, entry: Entry, receipt: Receipt, sent_at: datetime | None) -> Entry:
    """Note that Chorus Pro has it."""
    return parts.note(entry, Event.ACCEPTED, str(receipt.chorus_id), **accepted(entry, receipt, sent_at))


def accepted(entry: Entry, receipt: Receipt, sent_at: datetime | None) -> dict[str, Any]:
    """Return the changes that note an accepted deposit or correction."""
    proof: dict[str, Any] = {"receipt": receipt, "sent_at": sent_at, "attached": uploads.attached(entry)}
    if entry.receipt is not None:
        proof = correcting.accepted(entry, receipt)
    return {**proof, "problems": notes(entry), "looks": 0, "told": "", "faults": 0, "next_try_at": None}


def doubt(parts: Parts, entry: Entry, problem: Problem, refusal: tuple[str, str] | None = None) -> Entry:
    """Note that a deposit may have arrived: Chorus Pro is asked after the settling time."""
    ask_at = parts.clock.now() + timedelta(seconds=parts.settings.policy.settle)
    changes = {"doubts": entry.doubts + 1, "negatives": 0, "next_try_at": ask_at, "refusal": refusal}
    detail = problem.params.get("detail", "")
    return parts.note(entry, Event.DOUBTED, detail, problems=(*notes(entry), problem), **changes)


def forgotten(parts: Parts, entry: Entry) -> bool:
    """Tell whether an invoice may have been sent by a ledger that is lost, and has not been asked about yet."""
    until = parts.doubt_until
    if entry.receipt is not None:  # its own history is asked before any correction
        return False
    return until is not None and not entry.doubts and entry.date is not None and entry.date <= until


def ask_first(parts: Parts, entry: Entry) -> Entry:
    """Put in doubt what may have been sent by a ledger that is lost."""
    problem = Problem("doubt.forgotten")
    changes = {"doubts": 1, "negatives": 0, "next_try_at": parts.clock.now(), "problems": (*notes(entry), problem)}
    return parts.note(entry, Event.DOUBTED, parts.words_of(problem), **settled(entry), **changes)


def ask(parts: Parts, entry: Entry) -> Entry:
    """Ask Chorus Pro about an invoice in doubt (one complete search, or its history), and note what that proves.

    Raises:
        RemoteError: The question failed, which proves nothing.

    """
    verdict = _searched(parts, entry) if entry.receipt is None else correcting.verdict(parts, entry)
    now = parts.clock.now()
    match verdict:
        case Adopt(receipt):
            return accept(parts, entry, receipt, entry.begun_at)
        case Refuse(problems):
            return parts.note(entry, Event.REFUSED, problems=(*notes(entry), *problems))
        case SendAgain():
            again = {"next_try_at": now, "problems": notes(entry), "faults": 0}
            return parts.note(entry, Event.PROVED_ABSENT, **uploads.FORGET, **again)
        case AskAgain(at, negatives, problem):
            at = at or now + timedelta(seconds=LOOK_AGAIN)
            changes = {"negatives": negatives, "next_try_at": at, "faults": 0}
            problems = (*notes(entry), problem) if problem else entry.problems
            return parts.note(
                entry, Event.ASKED, f"{negatives}/{SEARCHES_TO_PROVE_ABSENT}", problems=problems, **changes
            )


def _searched(parts: Parts, entry: Entry) -> Verdict:
    rows = parts.chorus.search(entry.number, entry.supplier)
    return after_search(entry, rows, parts.clock.now(), searching(entry, parts.settings.policy))


def notes(entry: Entry) -> tuple[Problem, ...]:
    """Return what is to be said of an invoice whatever becomes of it; reasons of a moment are left behind."""
    return tuple(p for p in entry.problems if p.weight is Weight.NOTE)


def settled(entry: Entry) -> dict[str, str]:
    """Return the changes that note that the files have arrived where they were being moved."""
    if not entry.to_folder:
        return {}
    return {"folder": entry.to_folder, "stem": entry.to_stem, "to_folder": "", "to_stem": ""}


def not_arrived(parts: Parts, entry: Entry, error: RemoteError) -> None:
    """Note that the invoice waits. An outage counts against no file; its own failing calls space out its tries."""
    faults = entry.faults + isinstance(error, FaultyError)
    named = error.retry_after if isinstance(error, UnavailableError) else None
    seconds = pause(max(faults, 1), parts.jitter()) if named is None else named
    again = {"faults": faults, "next_try_at": parts.clock.now() + timedelta(seconds=seconds)}
    problems = (*notes(entry), error.problem)
    parts.note(entry, Event.NOT_ARRIVED, parts.words_of(error.problem), problems=problems, **settled(entry), **again)


def _refused(parts: Parts, entry: Entry, error: RefusedError, *, reused: bool) -> Entry:
    """Note Chorus Pro's no: final on a first try; after an earlier doubt it may be about our own deposit, so ask.

    A no about files that were uploaded for an earlier try is none about the invoice: they are uploaded anew.
    """
    parts.directory.forget(entry.siret)
    if entry.doubts:
        problem = Problem("doubt.no_answer", {"detail": error.label})
        return doubt(parts, entry, problem, (error.code, error.label))
    if reused and speaks_of_a_file(error.label):
        again = {"next_try_at": parts.clock.now(), "problems": notes(entry)}
        return parts.note(entry, Event.NOT_ARRIVED, error.label, **uploads.FORGET, **again)
    first = first_deposit(parts, entry) if entry.receipt is None and speaks_of_a_double(error.label) else ()
    return parts.note(entry, Event.REFUSED, error.label, problems=(*notes(entry), *(first or (error.problem,))))


def first_deposit(parts: Parts, entry: Entry) -> tuple[Problem, ...]:
    """Quote the first deposit of a number that was used before; nothing when it can't be found."""
    try:
        earlier = [r for r in parts.chorus.search(entry.number, entry.supplier) if r.status not in DRAFTS]
    except RemoteError:
        return ()  # quoting it is a kindness: the refusal stands without it
    return (already_deposited(earlier[0]),) if earlier else ()
