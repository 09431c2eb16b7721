"""The deposit: note the intent, send, note the answer. And what follows a doubt: ask, never send again blindly.

Nothing else in the program may send. The correction of what came back (``correcting.py``) goes through the same steps. Which errors are certain and which leave a doubt is decided where
answers are read (``edge/answers.py``); what a search proves, in ``core/decide.py``.
"""

from __future__ import annotations

import functools
import json
import re
from datetime import datetime, timedelta
from typing import Any

from chorus_outbox.core.analysis import against_analysis
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
    speaks_of_a_double,
)
from chorus_outbox.core.entry import Entry, Receipt
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.problem import Problem, Weight, stops
from chorus_outbox.errors import FaultyError, InDoubtError, RefusedError, RemoteError, UnavailableError

from . import correcting
from .parts import Parts
from .prepared import Prepared

LOOK_AGAIN = 3600.0  # seconds between looks at a doubt that only a person, or time, can settle


def send(parts: Parts, entry: Entry) -> Entry:
    """Send an invoice whose files are in place. What is certain and what is not is on disk at every instant.

    Raises:
        UnavailableError, FaultyError: Not arrived; already noted.

    """
    prepare = _prepare if entry.receipt is None else correcting.prepare  # what was deposited is never submitted again
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

    now = parts.clock.now()
    first = entry.begun_at if entry.doubts and entry.begun_at else now  # an earlier doubtful try may still turn up
    begun = {"begun_at": first, "attempts": entry.attempts + 1, "next_try_at": None}
    entry = parts.note(entry, Event.BEGUN, ready.words, problems=found, **settled(entry), **begun, **ready.changes)
    parts.begun()
    try:
        receipt = ready.call()
    except InDoubtError as e:
        return doubt(parts, entry, e.problem)
    except RefusedError as e:
        return _refused(parts, entry, e)
    except RemoteError as e:
        not_arrived(parts, entry, e)
        raise
    return _accepted(parts, entry, receipt, parts.clock.now())


def _accepted(parts: Parts, entry: Entry, receipt: Receipt, sent_at: datetime | None) -> Entry:
    if entry.receipt is None:
        changes: dict[str, Any] = {"receipt": receipt, "sent_at": sent_at}
    else:
        changes = correcting.accepted(entry, receipt)
    return parts.note(entry, Event.ACCEPTED, str(receipt.chorus_id), problems=notes(entry), **changes)


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
            return _accepted(parts, entry, receipt, entry.begun_at)
        case Refuse(problems):
            return parts.note(entry, Event.REFUSED, problems=(*notes(entry), *problems))
        case SendAgain():
            again = {"attachment_id": None, "next_try_at": now, "problems": notes(entry), "faults": 0}
            return parts.note(entry, Event.PROVED_ABSENT, **again)
        case AskAgain(at, negatives, problem):
            at = at or now + timedelta(seconds=LOOK_AGAIN)
            changes = {"negatives": negatives, "next_try_at": at, "faults": 0}
            problems = (*notes(entry), problem) if problem else entry.problems
            return parts.note(
                entry, Event.ASKED, f"{negatives}/{SEARCHES_TO_PROVE_ABSENT}", problems=problems, **changes
            )


def _searched(parts: Parts, entry: Entry) -> Verdict:
    rows = parts.chorus.search(entry.number, entry.supplier)
    return after_search(entry, rows, parts.clock.now(), parts.settings.policy)


def notes(entry: Entry) -> tuple[Problem, ...]:
    """Return what is to be said of an invoice whatever becomes of it; reasons of a moment are left behind."""
    return tuple(p for p in entry.problems if p.weight is Weight.NOTE)


def settled(entry: Entry) -> dict[str, str]:
    """Return the changes that note that the files have arrived where they were being moved."""
    if not entry.to_folder:
        return {}
    return {"folder": entry.to_folder, "stem": entry.to_stem, "to_folder": "", "to_stem": ""}


def _prepare(parts: Parts, entry: Entry) -> Prepared:
    """Upload what is not there yet. Harmless when repeated: it leaves a draft that was never sent (api.md 3.7).

    Where Chorus Pro's own analysis of the PDF contradicts us is among the problems.
    """
    attachment_id = entry.attachment_id
    differing: tuple[Problem, ...] = ()
    if attachment_id is None:
        pdf = parts.folders.spooled(entry.sent_sha256, ".pdf")
        upload = parts.chorus.upload(pdf, upload_name(entry.number), signed=entry.signed)
        attachment_id = upload.attachment_id
        differing = against_analysis(entry, upload.analysis, parts.settings.rules.mismatch)
    payload = json.loads(entry.payload)
    call = functools.partial(parts.chorus.submit, payload, attachment_id)
    return Prepared(call, {"attachment_id": attachment_id}, differing)


def upload_name(number: str) -> str:
    """Return the file name that Chorus Pro sees: the invoice's number in characters that it certainly takes."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", number) + ".pdf"


def not_arrived(parts: Parts, entry: Entry, error: RemoteError) -> None:
    """Note that the invoice waits. An outage counts against no file; its own failing calls space out its tries."""
    faults = entry.faults + isinstance(error, FaultyError)
    named = error.retry_after if isinstance(error, UnavailableError) else None
    seconds = pause(max(faults, 1), parts.jitter()) if named is None else named
    again = {"faults": faults, "next_try_at": parts.clock.now() + timedelta(seconds=seconds)}
    problems = (*notes(entry), error.problem)
    parts.note(entry, Event.NOT_ARRIVED, parts.words_of(error.problem), problems=problems, **settled(entry), **again)


def _refused(parts: Parts, entry: Entry, error: RefusedError) -> Entry:
    """Note Chorus Pro's no: final on a first try; after an earlier doubt it may be about our own deposit, so ask."""
    parts.directory.forget(entry.siret)
    if entry.doubts:
        problem = Problem("doubt.no_answer", {"detail": error.label})
        return doubt(parts, entry, problem, (error.code, error.label))
    first = _first_deposit(parts, entry) if entry.receipt is None and speaks_of_a_double(error.label) else ()
    return parts.note(entry, Event.REFUSED, error.label, problems=(*notes(entry), *(first or (error.problem,))))


def _first_deposit(parts: Parts, entry: Entry) -> tuple[Problem, ...]:
    try:
        earlier = [r for r in parts.chorus.search(entry.number, entry.supplier) if r.status not in DRAFTS]
    except RemoteError:
        return ()  # quoting the first deposit is a kindness: the refusal stands without it
    return (already_deposited(earlier[0]),) if earlier else ()
