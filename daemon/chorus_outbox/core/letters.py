"""The messages that are sent to people, as texts: what each matter of ``alerts.py`` says.

Everything in them that strangers wrote is made plain, on one line. Knows no way to send them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from .alerts import ENDED, Outage, Password, Share
from .decide import PARIS
from .entry import Entry
from .names import display
from .problem import Problem, Weight
from .report import Story, brief
from .words import Words, date_text, fill, plain, render, time_text
from .words.shown import seconds_text

DETAILS_MAX = 20  # invoices that one message explains
NAMED_MAX = 10  # invoices that a digest names in one list
SATURDAY = 5


@dataclass(frozen=True)
class Letter:
    """A message: one line, and a text of several."""

    subject: str
    body: str


@dataclass(frozen=True)
class Desk:
    """What every message needs: the language, whether all is only a test, and the places it points to."""

    words: Words
    sandbox: bool = False
    folder: str = ""
    page: str = ""

    def letter(self, what: str, *paragraphs: Sequence[str]) -> Letter:
        """Return a message."""
        told = self.words.alert
        footer = (
            fill(told["footer"], {"folder": plain(self.folder)}),
            fill(told["footer_page"], {"page": plain(self.page)}),
        )
        test = [self.words.report["sandbox"]] if self.sandbox else []
        body = "\n\n".join("\n".join(lines) for lines in (test, *paragraphs, ["-- ", *footer]) if lines)
        subject = fill(told["subject"], {"mark": told["mark"] if self.sandbox else "", "what": what})
        return Letter(plain(subject), body + "\n")


@dataclass(frozen=True)
class Standing:
    """How the invoices stand: counts, and those that a digest names. ``late``: waiting for more than a day."""

    waiting: int = 0
    in_doubt: int = 0
    failed: int = 0
    returned: int = 0
    rejected: Sequence[Entry] = ()
    late: Sequence[Entry] = ()
    late_count: int = 0

    @property
    def to_deal_with(self) -> int:
        """How many need a person."""
        return self.failed + self.returned


@dataclass(frozen=True)
class Days:
    """What a digest tells. ``done``: event (``accepted``, ``refused``, ``came_back``, ``paid``) -> how often."""

    at: datetime
    done: Mapping[str, int] = field(default_factory=dict)
    standing: Standing = Standing()

    @property
    def worth_telling(self) -> bool:
        """Whether anybody wants to read it: something happened, or waits; what only waits is left to working days."""
        working = self.at.astimezone(PARIS).weekday() < SATURDAY
        now = self.standing
        return any(self.done.values()) or (working and bool(now.to_deal_with or now.in_doubt or now.late_count))


def of_invoices(desk: Desk, failed: Sequence[Story], returned: Sequence[Story], doubt: Sequence[Story]) -> Letter:
    """Say what needs a person: of each what is wrong and what to do, of the first ``DETAILS_MAX``."""
    told = desk.words.alert
    room, paragraphs = DETAILS_MAX, []
    kinds = {"failed": failed, "returned": returned, "doubt": doubt}
    for kind, stories in kinds.items():
        if stories:
            paragraphs.append([fill(told[kind], {"count": str(len(stories))})])
        for story in stories[:room]:
            first, *rest = brief(story, desk.words)
            paragraphs.append([f"- {first}", *(f"  {line}" for line in rest)])
        if len(stories) > room:
            paragraphs.append([fill(told["others"], {"count": str(len(stories) - room)})])
        room = max(0, room - len(stories))
    counts = {kind: str(len(stories)) for kind, stories in kinds.items() if stories}
    return desk.letter(fill(told["invoices"], counts), *paragraphs)


def of_outage(desk: Desk, matter: Outage, at: datetime, standing: Standing, sent: int) -> Letter:
    """Say that nothing can be sent, or that it can again."""
    told = desk.words.alert
    texts = {
        "when": time_text(desk.words, matter.since),
        "duration": _duration(desk.words, matter.since, at),
        "waiting": str(standing.waiting),
        "sent": str(sent),
    }
    if matter.problem is None:
        return desk.letter(told["resumed"], [fill(told["resumed_after"], texts), fill(told["resumed_left"], texts)])
    what, do = render(desk.words, matter.problem)
    lines = [fill(told["outage_since"], texts), what, fill(told["outage_do"], {"do": do})]
    return desk.letter(told["outage"], lines, [fill(told["outage_safe"], texts)])


def of_share(desk: Desk, matter: Share, at: datetime) -> Letter:
    """Say that the outbox can't be reached, or that it can again."""
    told = desk.words.alert
    duration = _duration(desk.words, matter.since, at)
    texts = {"when": time_text(desk.words, matter.since), "detail": plain(matter.detail), "duration": duration}
    kind, since = ("share", "share_since") if matter.detail else ("share_back", "share_back_after")
    return desk.letter(told[kind], [fill(told[since], texts), told[f"{kind}_do"]])


def of_password(desk: Desk, matter: Password) -> Letter:
    """Say how long the technical account's password still lasts."""
    subject = desk.words.alert["password_ended" if matter.step == ENDED else "password"]
    return desk.letter(fill(subject, {"when": date_text(matter.ends)}), render(desk.words, matter.problem))


def of_days(desk: Desk, day: date, days: Days) -> Letter:
    """Return the digest."""
    told, now = desk.words.alert, days.standing
    todo = str(now.to_deal_with) if now.to_deal_with else ""
    subject = fill(told["digest_todo" if todo else "digest"], {"day": date_text(day), "count": todo})
    standing = {
        "now_waiting": now.waiting,
        "now_in_doubt": now.in_doubt,
        "now_failed": now.failed,
        "now_returned": now.returned,
    }
    done = {f"done_{event}": days.done.get(event, 0) for event in ("accepted", "paid", "came_back", "refused")}
    return desk.letter(
        subject,
        [told["since_last"], *_counts(told, done)],
        [told["now"], *_counts(told, standing)],
        _rejected(desk, days),
        _late(desk, days),
    )


def of_try(desk: Desk) -> Letter:
    """Return what ``check --notify`` sends."""
    return desk.letter(desk.words.alert["try"], [desk.words.alert["try_body"]])


def _counts(told: Mapping[str, str], counts: Mapping[str, int]) -> list[str]:
    texts = [
        fill(told["count"], {"label": told[label], "count": str(count)}) for label, count in counts.items() if count
    ]
    return texts or [told["nothing"]]


def _rejected(desk: Desk, days: Days) -> list[str]:
    told, rejected = desk.words.alert, days.standing.rejected
    lines = []
    for entry in rejected[:NAMED_MAX]:
        day = date_text(entry.updated_at.astimezone(PARIS).date())
        texts = {"file": plain(display(entry.file)), "number": plain(entry.number), "when": day}
        lines.append("- " + fill(told["rejected_item"], texts))
    more = _more(told, len(rejected) - NAMED_MAX)
    return [told["rejected"], *lines, *more, told["rejected_do"]] if rejected else []


def _late(desk: Desk, days: Days) -> list[str]:
    told, late = desk.words.alert, days.standing.late
    lines = []
    for entry in late[:NAMED_MAX]:
        texts = {"file": plain(display(entry.file)), "when": time_text(desk.words, entry.first_seen)}
        lines.append("- " + fill(told["late_item"], {**texts, "why": _why(desk.words, entry.problems)}))
    return [told["late"], *lines, *_more(told, days.standing.late_count - len(lines))] if late else []


def _more(told: Mapping[str, str], count: int) -> list[str]:
    return ["- " + fill(told["more"], {"count": str(count)})] if count > 0 else []


def _why(words: Words, problems: Sequence[Problem]) -> str:
    waits = [p for p in problems if p.weight is Weight.WAIT]
    return render(words, waits[0])[0] if waits else ""


def _duration(words: Words, since: datetime, until: datetime) -> str:
    return seconds_text(words, max(0, int((until - since).total_seconds())))
