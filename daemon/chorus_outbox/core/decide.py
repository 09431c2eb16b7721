"""What to do next with an invoice: pure decisions over an entry, the time and the policy.

``worker.py`` asks here and acts; nothing in here acts. Times are aware UTC datetimes, durations seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from zoneinfo import ZoneInfo

from .entry import Entry, Receipt
from .lifecycle import State
from .problem import Problem, Weight, only_lacks, stops
from .refusals import CALLS, SUBMIT, refused

PARIS = ZoneInfo("Europe/Paris")  # the portal's dates carry no offset: French time (api.md 5.6)
SEARCHES_TO_PROVE_ABSENT = 3  # complete and negative, spaced by settle_seconds (design.md 5.3)
CLOCKS_DIFFER = timedelta(minutes=10)  # ours may be ahead of the portal's, at midnight of all times
TRIES_AFTER_DOUBT = 3  # deposits of one invoice that may end in doubt before a person is asked
DRAFTS = frozenset({"INTERPRETEE_OCR", "BROUILLON"})  # left by deposer/pdf: never sent (api.md 3.7)
FIRST_PAUSE, PAUSE_FACTOR, LONGEST_PAUSE = 5.0, 3.0, 3600.0  # seconds


@dataclass(frozen=True)
class Policy:
    """The settings that decisions depend on (configuration: ``pickup`` and ``sending``); seconds."""

    sidecar_wait: float
    incomplete_wait: float
    settle: float
    resend: bool  # resend_after_doubt: after_search


class Step(Enum):
    """What the worker does with an entry that is due."""

    SEND = "send"
    ASK = "ask"
    FILE = "file"
    NOTHING = "nothing"


def next_step(entry: Entry) -> Step:
    """Say what an open entry needs. ``SENDING`` never appears here: recovery makes it ``IN_DOUBT`` first."""
    match entry.state:
        case State.READY | State.WAITING:
            return Step.SEND
        case State.IN_DOUBT | State.INTEGRATING:
            return Step.ASK
        case State.ACCEPTED | State.REFUSED:
            return Step.FILE
        case _:
            return Step.NOTHING


def pause(tries: int, jitter: float) -> float:
    """Return how many seconds to wait after the ``tries``-th failure in a row (1, 2, ...).

    Grows from 5 seconds to an hour; ``jitter`` in [0, 1) spreads it over half of its length.
    """
    full = min(FIRST_PAUSE * PAUSE_FACTOR ** min(tries - 1, 20), LONGEST_PAUSE)
    return full * (1 + jitter) / 2 if tries > 1 else full


# --- a file in the outbox --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hold:
    """The file stays in the outbox, for this reason, until then (or until it changes)."""

    problem: Problem
    until: datetime


@dataclass(frozen=True)
class Refuse:
    """A person must act: the file goes to failed/."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Take:
    """Nothing stands against sending it."""


def on_reading(
    problems: tuple[Problem, ...], since: datetime, now: datetime, *, sidecar: bool, policy: Policy
) -> Hold | Refuse | Take:
    """Decide on a file that was read, ``since`` being when it was first seen as it is now.

    A cut file waits for its end, a file that lacks something (and has no sidecar) for its sidecar, one whose sidecar
    names attachments for those; all else is final.
    """
    if any(p.code in ("file.truncated", "file.empty") for p in problems):
        until = since + timedelta(seconds=policy.incomplete_wait)
        if now >= until:
            return Refuse(problems)
        return Hold(Problem("wait.incomplete", {"until": until.isoformat(timespec="seconds")}), until)
    if not stops(problems):
        return Take()
    until = since + timedelta(seconds=policy.sidecar_wait)
    why = _awaited(problems, until, sidecar=sidecar)
    return Hold(why, until) if why and now < until else Refuse(problems)


def _awaited(problems: tuple[Problem, ...], until: datetime, *, sidecar: bool) -> Problem | None:
    """Say what may still come that would make an invoice complete, or None."""
    lacks = [p for p in problems if p.weight is Weight.LACK]
    missing = [p.params["name"] for p in lacks if p.code == "attachment.missing"]
    texts = {"until": until.isoformat(timespec="seconds")}
    if not only_lacks(problems) or (sidecar and len(missing) < len(lacks)):
        return None
    if missing:
        return Problem("wait.attachment", {**texts, "names": ", ".join(missing)})
    return Problem("wait.sidecar", {**texts, "lacks": ", ".join(p.params.get("field", p.code) for p in lacks)})


# --- after a doubt ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """One row of Chorus Pro's search for our number and our supplier id; None where the answer said nothing."""

    chorus_id: int
    number: str
    status: str
    siret: str | None
    invoice_date: str | None  # YYYY-MM-DD, perhaps followed by a time
    deposit_date: str | None
    gross: Decimal | None
    supplier_siret: str | None = None
    flow: str | None = None  # the number of the flow by which it came


@dataclass(frozen=True)
class Adopt:
    """It is our deposit: it arrived."""

    receipt: Receipt


@dataclass(frozen=True)
class SendAgain:
    """Proved absent: send it again."""


@dataclass(frozen=True)
class AskAgain:
    """Not proved either way: ask again then (None: a person must settle it), meanwhile saying this."""

    at: datetime | None
    negatives: int
    problem: Problem | None = None


Verdict = Adopt | SendAgain | AskAgain | Refuse


def differences(found: Found, entry: Entry) -> tuple[str, ...]:
    """Name the fields in which a found invoice is not the one we sent; values it does not give count as equal."""
    out = []
    if found.siret and found.siret != entry.siret:
        out.append("siret")
    if found.supplier_siret and entry.supplier and found.supplier_siret != entry.supplier:
        out.append("fournisseur")
    if found.invoice_date and entry.date and found.invoice_date[:10] != entry.date.isoformat():
        out.append("date")
    if found.gross is not None and entry.gross is not None and abs(found.gross) not in _totals(entry, entry.gross):
        out.append("ttc")
    return tuple(out)


def _totals(entry: Entry, gross: Decimal) -> tuple[Decimal, Decimal]:
    """Return the total, and the total less the discount: which of them a search shows is not documented (api.md 2.14)."""
    discount = Decimal(entry.fields["remise"][0]) if "remise" in entry.fields else Decimal()
    return abs(gross), abs(gross) - discount


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def deposited_since(found: Found, begun: datetime | None) -> bool:
    """Tell whether the found invoice is not older than our attempt (the portal gives the day only, by its own clock)."""
    day = _day(found.deposit_date)
    return day is None or begun is None or day >= (begun - CLOCKS_DIFFER).astimezone(PARIS).date()


def after_search(entry: Entry, rows: Sequence[Found], now: datetime, policy: Policy) -> Verdict:
    """Decide from one complete search (all pages, own supplier id) for an invoice in doubt.

    Ours is what agrees in number, supplier, recipient, date and total, is no draft and is not older than our attempt.
    """
    rivals = [r for r in rows if r.number == entry.number and r.status not in DRAFTS]
    recent = [r for r in rivals if deposited_since(r, entry.begun_at)]
    ours = [r for r in recent if not differences(r, entry)]
    if len(ours) == 1:
        row = ours[0]
        return Adopt(Receipt(row.chorus_id, row.status, row.deposit_date or "", "", row.number))
    if ours:
        ids = ", ".join(str(r.chorus_id) for r in ours)
        return AskAgain(None, 0, Problem("doubt.several", {"number": entry.number, "ids": ids}))
    if recent:
        row = recent[0]
        differs = ", ".join(differences(row, entry))
        texts = {"number": entry.number, "chorus_id": str(row.chorus_id), "differs": differs}
        return Refuse((Problem("chorus.other_invoice", texts),))
    return absent(entry, rivals, now, policy)


def absent(entry: Entry, older: Sequence[Found], now: datetime, policy: Policy) -> Verdict:
    """Decide after one more answer that does not show what is in doubt. ``older``: deposits of the number before it."""
    negatives = entry.negatives + 1
    if negatives < SEARCHES_TO_PROVE_ABSENT:
        return AskAgain(now + timedelta(seconds=policy.settle), negatives)
    if entry.refusal:  # the last try was refused, and the doubt about an earlier one is now gone
        if older:
            return Refuse((already_deposited(older[0]),))
        return Refuse((refused(CALLS.get(entry.action, SUBMIT), *entry.refusal),))
    if not policy.resend:
        return AskAgain(None, negatives, Problem("doubt.person", {"number": entry.number}))
    if entry.doubts >= TRIES_AFTER_DOUBT:
        return Refuse((Problem("chorus.not_taken", {"tries": str(entry.doubts), "detail": ""}),))
    return SendAgain()


def already_deposited(row: Found) -> Problem:
    """Quote the first deposit of a number that Chorus Pro refuses to take twice."""
    texts = {"number": row.number, "chorus_id": str(row.chorus_id), "status": row.status}
    return Problem("duplicate.portal", {**texts, "when": row.deposit_date or "?"})
