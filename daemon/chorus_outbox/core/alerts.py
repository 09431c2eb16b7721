"""What people are told by message, and when: what was told so far, what is new, the time -> the next message due.

One value (``Told``) for each way to reach people, kept in the ledger, so that a restart neither repeats nor loses
anything, and so that what can't be delivered waits and is folded into one message. Writes no text (``letters.py``),
reads no ledger and sends nothing (``worker/alerting.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from .account import password_problem
from .decide import PARIS
from .problem import Problem

GROUP = timedelta(minutes=1)  # what happens to invoices within is one message
GAP = timedelta(minutes=1)  # between two messages
PER_DAY = 30  # messages of one kind, in a French day; what is more waits for the next
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)  # after a failed delivery; doubling
SURE_AGAIN = timedelta(minutes=5)  # after a restart, so long without a failure: the outage told of before is over
PASSWORD_STEPS = (30, 14, 7, 3, 1, 0)  # days left; and -1: it has ended
ENDED = -1
MORNING = 8  # o'clock: nobody is woken because a password ends in 14 days
PASSING = frozenset({"outage.unreachable", "outage.maintenance", "outage.quota"})
"""Outages that may pass by themselves, and are told only when they last. The others need a person: at once."""


@dataclass(frozen=True)
class Rules:
    """What people want to be told of (configuration: ``notify``); ``digest`` is French time, None: never."""

    failures: bool = True
    returns: bool = True
    outages: bool = True
    digest: time | None = time(18)
    outage_after: timedelta = timedelta(minutes=5)


@dataclass(frozen=True)
class Step:
    """A step of an invoice that a person may have to know of. ``id`` grows with each step of any invoice."""

    id: int
    invoice: int
    at: datetime


@dataclass(frozen=True)
class Told:
    """What was told in one way (an address, a chat), and how its deliveries go.

    Args:
        cursor: Steps up to it are told.
        digest_cursor: Steps up to it are counted in a digest.
        digest_day: French day of the last digest.
        doubts: Ids of the invoices whose doubt was told.
        outage: Code of the outage whose start was told, or ""; ``outage_since``: its start, ``outage_from``: the newest
            step when it was told.
        lost_since: Since when the outbox can't be reached, if that was told.
        password: Last day of the password that was told of, and the step (days).
        sent_at: When the last message left.
        day, sent: How many messages of each kind left on that French day.
        tries: Deliveries begun in a row without one that succeeded; none is begun before ``retry_at``.

    """

    cursor: int
    digest_cursor: int
    digest_day: date
    doubts: tuple[int, ...] = ()
    outage: str = ""
    outage_since: datetime | None = None
    outage_from: int = 0
    lost_since: datetime | None = None
    password: tuple[date, int] | None = None
    sent_at: datetime | None = None
    day: date | None = None
    sent: Mapping[str, int] = field(default_factory=dict)
    tries: int = 0
    retry_at: datetime | None = None


@dataclass(frozen=True)
class Sight:
    """How things are now.

    Args:
        at: The time (aware UTC).
        problem: Why nothing can be sent, or None; ``since`` when.
        lost: Why the outbox can't be reached, or "".
        found: Whether the outbox was looked at in this run.
        password_ends: The technical password's last day, if known.
        read_to: The newest step that was looked at.
        last: The program is about to end: nothing is awaited.

    """

    at: datetime
    problem: Problem | None = None
    since: datetime | None = None
    lost: str = ""
    found: bool = False
    password_ends: date | None = None
    read_to: int = 0
    last: bool = False


@dataclass(frozen=True)
class Run:
    """What this run has seen itself. ``began``: its first sight; ``outage``: it saw one; ``lost_since`` as in ``Told``."""

    began: datetime
    outage: bool = False
    lost_since: datetime | None = None

    def seeing(self, sight: Sight) -> Run:
        """Return it with one more sight."""
        lost_since = (self.lost_since or sight.at) if sight.lost else None
        return Run(self.began, self.outage or sight.problem is not None, lost_since)


@dataclass(frozen=True)
class Invoices:
    """Invoices that failed, came back, or are in a doubt that needs a person; all up to ``upto``."""

    steps: tuple[Step, ...]
    upto: int
    kind = "invoices"


@dataclass(frozen=True)
class Outage:
    """Nothing can be sent (``problem``), or it can again (None); ``step``: the newest when the start is or was told."""

    problem: Problem | None
    since: datetime
    step: int
    kind = "outage"


@dataclass(frozen=True)
class Share:
    """The outbox can't be reached (``detail``), or it can again ("")."""

    detail: str
    since: datetime
    kind = "share"


@dataclass(frozen=True)
class Password:
    """The technical account's password ends, or has ended."""

    problem: Problem
    ends: date
    step: int
    kind = "password"


@dataclass(frozen=True)
class Digest:
    """The day's summary: what happened after ``since`` up to ``upto``, and what waits."""

    day: date
    since: int
    upto: int
    kind = "digest"


Matter = Invoices | Outage | Share | Password | Digest


def begin(at: datetime, cursor: int, rules: Rules) -> Told:
    """Return what counts as told when somebody is to be told for the first time: all that was before."""
    local = at.astimezone(PARIS)
    passed = rules.digest is not None and local.time() >= rules.digest
    return Told(cursor, cursor, local.date() if passed else local.date() - timedelta(days=1))


def due(told: Told, steps: Sequence[Step], sight: Sight, run: Run, rules: Rules) -> Matter | None:
    """Return what is to be told now, the most urgent first; None: nothing, or not yet.

    ``steps``: those up to ``sight.read_to``, oldest first; earlier than ``told.cursor`` do not matter.
    """
    if not _may_send(told, sight.at):
        return None
    matters = (
        _outage(told, sight, run, rules) if rules.outages else None,
        _share(told, sight, run, rules) if rules.outages else None,
        _invoices(told, steps, sight),
        _password(told, sight),
        _digest(told, sight, rules),
    )
    today = sight.at.astimezone(PARIS).date()
    sent = told.sent if told.day == today else {}
    return next((m for m in matters if m is not None and sent.get(m.kind, 0) < PER_DAY), None)


def _may_send(told: Told, at: datetime) -> bool:
    """Tell whether a delivery may be tried; a clock that was put back holds up nothing for long."""
    if told.retry_at is not None and timedelta() < told.retry_at - at <= LONGEST_PAUSE:
        return False
    return told.sent_at is None or not timedelta() <= at - told.sent_at < GAP


def _invoices(told: Told, steps: Sequence[Step], sight: Sight) -> Invoices | None:
    new = tuple(step for step in steps if step.id > told.cursor)
    if not new or not (sight.last or sight.at - new[0].at >= GROUP or sight.at < new[0].at):
        return None
    return Invoices(new, sight.read_to)


def _outage(told: Told, sight: Sight, run: Run, rules: Rules) -> Outage | None:
    problem, since = sight.problem, sight.since or sight.at
    if problem is None:
        over = run.outage or sight.at - run.began >= SURE_AGAIN
        return Outage(None, told.outage_since or sight.at, told.outage_from) if told.outage and over else None
    lasts = not told.outage and sight.at - since >= rules.outage_after
    new = lasts if _passes(problem.code) else _passes(told.outage)
    return Outage(problem, since, sight.read_to) if new else None


def _passes(code: str) -> bool:
    return code in PASSING or not code.startswith("outage.")  # a fault of several invoices in a row; or nothing yet


def _share(told: Told, sight: Sight, run: Run, rules: Rules) -> Share | None:
    if not sight.lost:
        return Share("", told.lost_since) if told.lost_since and sight.found else None
    since = run.lost_since or sight.at
    lasts = sight.at - since >= rules.outage_after
    return Share(sight.lost, since) if lasts and told.lost_since is None else None


def _password(told: Told, sight: Sight) -> Password | None:
    ends, local = sight.password_ends, sight.at.astimezone(PARIS)
    problem = password_problem(ends, local.date())
    if ends is None or problem is None:
        return None
    days = (ends - local.date()).days
    step = ENDED if days < 0 else min(s for s in PASSWORD_STEPS if days <= s)
    known = told.password is not None and told.password[0] == ends and told.password[1] <= step
    return None if known or (local.hour < MORNING and step != ENDED) else Password(problem, ends, step)


def _digest(told: Told, sight: Sight, rules: Rules) -> Digest | None:
    local = sight.at.astimezone(PARIS)
    if rules.digest is None or local.time() < rules.digest or told.digest_day >= local.date():
        return None
    return Digest(local.date(), told.digest_cursor, sight.read_to)


def after(told: Told, matter: Matter) -> Told:
    """Return what is told once a matter is, or once it turned out that there was nothing to say of it."""
    match matter:
        case Invoices():
            return replace(told, cursor=matter.upto)
        case Outage():
            code = matter.problem.code if matter.problem else ""
            since = (told.outage_since or matter.since) if code else None
            return replace(told, outage=code, outage_since=since, outage_from=matter.step)
        case Share():
            return replace(told, lost_since=matter.since if matter.detail else None)
        case Password():
            return replace(told, password=(matter.ends, matter.step))
        case Digest():
            return replace(told, digest_day=matter.day, digest_cursor=matter.upto)


def delivered(told: Told, matter: Matter, at: datetime) -> Told:
    """Return what is told after a message left."""
    today = at.astimezone(PARIS).date()
    sent = dict(told.sent) if told.day == today else {}
    sent[matter.kind] = sent.get(matter.kind, 0) + 1
    return replace(after(told, matter), sent_at=at, day=today, sent=sent, tries=0, retry_at=None)


def begun(told: Told, at: datetime) -> Told:
    """Return what is noted before a delivery: should it never be known how it ended, the next ones are spaced."""
    return replace(told, tries=told.tries + 1, retry_at=at + (_pause(told.tries - 1) if told.tries else timedelta()))


def undelivered(told: Told, at: datetime) -> Told:
    """Return what is told, still the same, after a message could not be delivered."""
    return replace(told, tries=told.tries + 1, retry_at=at + _pause(told.tries))


def _pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(tries, 10)), LONGEST_PAUSE)
