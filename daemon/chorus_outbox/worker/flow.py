"""A Factur-X as a flow: deposited whole, then its report followed until it is an invoice, or is none.

What a report and a search mean is decided in ``core/flow.py``; the dangerous sequence, and what follows a doubt, are
those of every deposit (``deposit``).
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from chorus_outbox.core.decide import Adopt, Refuse, pause
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.flow import (
    FlowReport,
    Pending,
    Search,
    Unprocessed,
    after_report,
    after_search_of_flow,
    incidents,
    is_double,
    report_pause,
)
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.problem import Problem

from . import deposit
from .deposit import notes
from .parts import Parts
from .prepared import Prepared
from .uploads import upload_name


def send(parts: Parts, entry: Entry) -> Entry:
    """Deposit an invoice whose files are in place, its bytes unchanged; see ``deposit.carry_out``."""
    return deposit.carry_out(parts, entry, _prepare)


def _prepare(parts: Parts, entry: Entry) -> Prepared:
    pdf = parts.folders.spooled(entry.sent_sha256, ".pdf")
    return Prepared(partial(parts.flows.deposit, pdf, upload_name(entry.number)), arrived=_taken)


def follow(parts: Parts, entry: Entry) -> Entry:
    """Ask what became of a flow, and note what follows.

    Raises:
        RemoteError: It could not be asked, which changes nothing.

    """
    report = parts.flows.report(entry.flow)
    verdict = after_report(entry, report, parts.clock.now())
    match _looked_up(parts, entry, verdict) if isinstance(verdict, Search) else verdict:
        case Adopt(receipt):
            return deposit.accept(parts, entry, receipt, entry.sent_at)
        case Refuse(problems):
            return _rejected(parts, entry, problems)
        case Unprocessed(note):
            return _send_again(parts, entry, note)
        case Pending(problem, negatives):
            return _ask_again(parts, entry, report, problem, negatives)


def _looked_up(parts: Parts, entry: Entry, search: Search) -> Adopt | Refuse | Pending:
    return after_search_of_flow(entry, parts.chorus.search(entry.number, entry.supplier), search.refusal)


def _taken(parts: Parts, entry: Entry, flow: str) -> Entry:
    now = parts.clock.now()
    first = now + timedelta(seconds=report_pause(0, parts.settings.policy.settle))
    problem = Problem("flow.integrating", {"flow": flow, "status": ""})
    fresh = {"sent_at": now, "looks": 0, "told": "", "negatives": 0, "faults": 0, "next_try_at": first}
    return parts.note(entry, Event.TAKEN, flow, flow=flow, problems=(*notes(entry), problem), **fresh)


def _rejected(parts: Parts, entry: Entry, problems: tuple[Problem, ...]) -> Entry:
    """Note every reason; a number that was used before is told with its first deposit, when that can be found."""
    parts.directory.forget(entry.siret)
    if is_double(problems) and (first := deposit.first_deposit(parts, entry)):
        problems = tuple(first[0] if p.code == "flow.duplicate" else p for p in problems)
    changes = {"problems": (*notes(entry), *problems), "sent_at": None, "next_try_at": None}
    return parts.note(entry, Event.REFUSED, **changes)


def _send_again(parts: Parts, entry: Entry, note: Problem) -> Entry:
    seconds = pause(incidents(entry) + 1, parts.jitter())
    again = {"next_try_at": parts.clock.now() + timedelta(seconds=seconds), "sent_at": None}
    return parts.note(entry, Event.NOT_ARRIVED, parts.words_of(note), problems=(*notes(entry), note), **again)


def _ask_again(parts: Parts, entry: Entry, report: FlowReport, problem: Problem, negatives: int) -> Entry:
    """Wait longer each time; what is new is told, the rest would only fill the story."""
    seconds = report_pause(entry.looks + 1, parts.settings.policy.settle)
    changes = {
        "looks": entry.looks + 1,
        "negatives": negatives,
        "faults": 0,
        "next_try_at": parts.clock.now() + timedelta(seconds=seconds),
    }
    problems = (*notes(entry), problem)
    if (report.state, problems) == (entry.told, entry.problems):
        parts.ledger.schedule(entry.id, **changes)
        return parts.ledger.get(entry.id)
    state = parts.settings.words.statuses.get(report.state, report.state)
    return parts.note(entry, Event.ASKED, state, told=report.state, problems=problems, **changes)
