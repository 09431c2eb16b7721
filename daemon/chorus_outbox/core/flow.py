"""What Chorus Pro reports of a Factur-X that was deposited as a flow, and what follows from it.

A flow's number is no invoice: the report says whether it became one (api.md 2.13, 3.10), a search finds the invoice's
own id. Decides over values only; asks nobody, knows no sentence. What a message is about: ``flowreasons.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .decide import (
    DRAFTS,
    LONGEST_PAUSE,
    SEARCHES_TO_PROVE_ABSENT,
    Adopt,
    Found,
    Policy,
    Refuse,
    already_deposited,
    deposited_since,
    differences,
)
from .entry import Entry, Receipt
from .flowreasons import reason
from .problem import Problem

INTEGRATED, PARTLY, NOT_PROCESSED = "IN_INTEGRE", "IN_INTEGRE_PARTIEL", "IN_INCIDENTE"
REJECTED = frozenset({"IN_REJETE", "QP_IRRECEVABLE"})
INCIDENTS_MAX = 3  # times that a flow may end without having been processed before a person is asked
SOON = 0.5  # seconds: the shortest pause between two questions
SLOW = timedelta(days=1)  # results come after seconds to hours (api.md 7.5)
SPACING_MAX = 6 * 3600.0  # seconds, unless settle_seconds is longer
SPACING = (10, 60)  # settle_seconds between the searches after a doubt: what was deposited is integrated only later


@dataclass(frozen=True)
class Blame:
    """One message about an invoice of a flow; ``number`` is that invoice's, "" when the report does not say."""

    number: str
    text: str


@dataclass(frozen=True)
class FlowReport:
    """The report of a flow (``consulterCRDetaille``, api.md 2.13).

    Args:
        state: ``etatCourantDepotFlux``, as sent; "" while the flow is not known yet.
        technical: What is wrong with the file, as sent.
        errors: What is wrong with its invoices, one message each (the answer joins them by ``|``).

    """

    state: str
    technical: tuple[str, ...] = ()
    errors: tuple[Blame, ...] = ()


@dataclass(frozen=True)
class Pending:
    """No result yet, for this reason; ``negatives``: searches that did not find what must be there."""

    problem: Problem
    negatives: int = 0


@dataclass(frozen=True)
class Search:
    """The invoice is to be found; ``refusal``: what to say when it is not, after an earlier try that may have arrived."""

    refusal: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Unprocessed:
    """Certainly not processed: the whole flow must be sent again. The note stays with the invoice, and counts."""

    note: Problem


def report_pause(asked: int, settle: float) -> float:
    """Return how many seconds to wait before a report is asked for, having been asked for so often.

    Half of ``settle`` (30 seconds usually) at first, doubling up to an hour.
    """
    return min(max(settle / 2, SOON) * 2.0 ** min(asked, 20), LONGEST_PAUSE)


def searching(entry: Entry, policy: Policy) -> Policy:
    """Return the policy by which a doubt is searched for: a flow shows only once it is integrated, so not too soon."""
    if entry.action != "flow":
        return policy
    far = min(policy.settle * SPACING[min(entry.negatives, 1)], SPACING_MAX)
    return replace(policy, settle=max(far, policy.settle))


def incidents(entry: Entry) -> int:
    """Return how many of its flows ended without having been processed."""
    return sum(p.code == "flow.incident" for p in entry.problems)


def tried_before(entry: Entry) -> bool:
    """Tell whether an earlier flow of this invoice may have arrived after all."""
    return entry.doubts > 0 or incidents(entry) > 0


def after_report(entry: Entry, report: FlowReport, now: datetime) -> Pending | Search | Unprocessed | Refuse:
    """Decide from the report of an invoice's flow. A state that nobody knows is waited out, and shown as it is."""
    if report.state == NOT_PROCESSED:
        return _unprocessed(entry)
    if report.state == INTEGRATED:
        return Search()
    said = _reasons(report, entry)
    if report.state == PARTLY and not said:
        return Search()
    if report.state == PARTLY or report.state in REJECTED:
        problems = said or (Problem("flow.refused", {"label": report.state}),)
        return Search(problems) if tried_before(entry) else Refuse(problems)
    texts = {"flow": entry.flow, "status": report.state}
    slow = entry.sent_at is not None and now - entry.sent_at >= SLOW
    return Pending(Problem("flow.slow" if slow else "flow.integrating", texts))


def after_search_of_flow(entry: Entry, rows: Sequence[Found], refusal: tuple[Problem, ...]) -> Pending | Adopt | Refuse:
    """Decide from one complete search for the invoice of a flow that ended.

    Ours is what came by our flow; where rows don't say by which, what agrees with what was sent and is not older.
    Without ``refusal`` it was integrated, and only has to show. With one, this flow was rejected, perhaps because an
    earlier one of ours, whose number we never heard, has the invoice's number.
    """
    rivals = [r for r in rows if r.number == entry.number and r.status not in DRAFTS]
    ours = [r for r in rivals if _ours(r, entry, earlier=bool(refusal))]
    if len(ours) == 1:
        row = ours[0]
        return Adopt(Receipt(row.chorus_id, row.status, row.deposit_date or "", "", row.number))
    if ours:
        ids = ", ".join(str(r.chorus_id) for r in ours)
        return Pending(Problem("doubt.several", {"number": entry.number, "ids": ids}))
    if not refusal:
        return Pending(Problem("flow.integrated", {"flow": entry.flow}))
    if not is_double(refusal):
        return Refuse(refusal)
    if rivals:
        return Refuse(quoting(refusal, rivals[0]))
    if entry.negatives + 1 >= SEARCHES_TO_PROVE_ABSENT:
        return Refuse(refusal)
    return Pending(Problem("flow.integrating", {"flow": entry.flow, "status": ""}), entry.negatives + 1)


def is_double(problems: Sequence[Problem]) -> bool:
    """Tell whether a report says that the number was deposited before."""
    return any(p.code == "flow.duplicate" for p in problems)


def quoting(problems: Sequence[Problem], first: Found) -> tuple[Problem, ...]:
    """Return the problems with the first deposit quoted in place of the message about it."""
    return tuple(already_deposited(first) if p.code == "flow.duplicate" else p for p in problems)


def _ours(row: Found, entry: Entry, *, earlier: bool) -> bool:
    if row.flow and not earlier:
        return row.flow == entry.flow
    return not differences(row, entry) and deposited_since(row, entry.begun_at)


def _unprocessed(entry: Entry) -> Unprocessed | Refuse:
    tries = incidents(entry) + 1
    if tries >= INCIDENTS_MAX:
        return Refuse((Problem("flow.not_processed", {"tries": str(tries)}),))
    return Unprocessed(Problem("flow.incident", {"flow": entry.flow}))


def _reasons(report: FlowReport, entry: Entry) -> tuple[Problem, ...]:
    """Return what is said against our invoice, each message once; of a flow taken in part, only what bears its number."""
    about_us = [e.text for e in report.errors if e.number.strip().casefold() in ("", entry.number.casefold())]
    if report.state != PARTLY:
        about_us = [*report.technical, *(e.text for e in report.errors)]
    return tuple(reason(text) for text in dict.fromkeys(about_us) if text)
