"""What is remembered of a recipient: how long it holds, what has changed since, and how it is written down.

Asks nobody and knows no clock: times are handed in (aware UTC).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from .preflight import EMITTING_SERVICE, Recipient, Service, find_service
from .problem import Problem

STATE_SIREN = "110002011"
"""The State: one legal entity for all its ministries, told apart by their service codes (api.md 4.2 [INF])."""

MAX_AGE = timedelta(days=1)
"""How long an answer is used without asking again: rules change rarely (AIFE rebuilds its own export once a week, api.md
4.4), and a refusal by Chorus Pro has it asked anew at once."""

LAST_RESORT = timedelta(days=7)
"""How old an answer may be that is shown, never sent by, while Chorus Pro can't be asked."""


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was: a key of ``Words.recipient`` (behind ``change.``), and the service concerned."""

    kind: str
    service: str = ""


@dataclass(frozen=True)
class Known:
    """What Chorus Pro said of a recipient.

    Args:
        recipient: The last answer; a service whose own rule was not asked then has the one of an earlier answer.
        asked_at: When that was.
        rules_at: Service code -> when its own rule was asked.
        before: What people were last told, where it differs from the last answer; else None.
        before_at: When ``before`` was last true.
        stale: Chorus Pro has refused an invoice since: it is not to be used again.

    """

    recipient: Recipient
    asked_at: datetime
    rules_at: Mapping[str, datetime] = field(default_factory=dict)
    before: Recipient | None = None
    before_at: datetime | None = None
    stale: bool = False


def holds(known: Known, service: str | None, now: datetime) -> bool:
    """Tell whether what is remembered may be used without asking.

    Not for a recipient or a service that can't receive, or is not in it: it may have been opened since.
    """
    if known.stale or not known.recipient.active or not _recent(known.asked_at, now, MAX_AGE):
        return False
    if not service:
        return True
    found = find_service(known.recipient, service)
    asked_at = known.rules_at.get(service)
    return found is not None and found.active and asked_at is not None and _recent(asked_at, now, MAX_AGE)


def may_be_shown(known: Known, now: datetime) -> bool:
    """Tell whether what is remembered may be shown, with its age, while Chorus Pro can't be asked."""
    return _recent(known.asked_at, now, LAST_RESORT)


def _recent(at: datetime, now: datetime, age: timedelta) -> bool:
    return timedelta(0) <= now - at < age  # a clock that was set back makes it old


def after_answer(known: Known | None, answer: Recipient, now: datetime) -> Known:
    """Return what is remembered after an answer, with what has changed since people were last told."""
    asked = {s.code: now for s in answer.services if s.needs_engagement is not None}
    if known is None:
        return Known(answer, now, asked)
    earlier = {s.code: s.needs_engagement for s in known.recipient.services}
    services = tuple(
        s if s.needs_engagement is not None else replace(s, needs_engagement=earlier.get(s.code))
        for s in answer.services
    )
    whole = replace(answer, services=services)
    codes = {s.code for s in services if s.needs_engagement is not None}
    rules_at = {code: at for code, at in {**known.rules_at, **asked}.items() if code in codes}
    before = known.before or known.recipient
    if not changes(before, whole):
        return Known(whole, now, rules_at)
    return Known(whole, now, rules_at, before, known.before_at or known.asked_at)


def news(known: Known) -> Problem | None:
    """Return what people are to be told of a recipient that has changed; None when there is nothing."""
    if known.before is None or known.before_at is None:
        return None
    found = changes(known.before, known.recipient)
    written = json.dumps([[c.kind, c.service] for c in found], ensure_ascii=True)
    when = known.before_at.isoformat(timespec="minutes")
    return Problem("recipient.changed", {"name": known.recipient.name, "changes": written, "when": when})


def told(known: Known) -> Known:
    """Return what is remembered once people were told."""
    return replace(known, before=None, before_at=None)


def changes(before: Recipient, after: Recipient) -> tuple[Change, ...]:
    """Say what is required, closed or gone now that was not; and what is required no more."""
    return (*_rules(before, after), *_services(before, after))


def _rules(before: Recipient, after: Recipient) -> Iterator[Change]:
    if before.active != after.active:
        yield Change("active_again" if after.active else "inactive")
    for name in ("needs_either", "needs_service", "needs_engagement"):
        if getattr(before, name) != getattr(after, name):
            yield Change(name if getattr(after, name) else f"{name}_no_more")


def _services(before: Recipient, after: Recipient) -> Iterator[Change]:
    for code in dict.fromkeys(s.code for s in before.services if s.code != EMITTING_SERVICE):
        one, other = find_service(before, code), find_service(after, code)
        assert one is not None
        if not one.active:
            continue
        if other is None:
            yield Change("service_gone", code)
        elif not other.active:
            yield Change("service_closed", code)
        elif (
            None not in (one.needs_engagement, other.needs_engagement)
            and one.needs_engagement != other.needs_engagement
        ):
            yield Change("service_engagement" if other.needs_engagement else "service_engagement_no_more", code)


# --- written down ----------------------------------------------------------------------------------------------------


def to_data(known: Known) -> dict[str, Any]:
    """Return it as plain values for JSON."""
    return {
        "recipient": asdict(known.recipient),
        "asked_at": known.asked_at.isoformat(),
        "rules_at": {code: at.isoformat() for code, at in known.rules_at.items()},
        "before": asdict(known.before) if known.before else None,
        "before_at": known.before_at.isoformat() if known.before_at else None,
        "stale": known.stale,
    }


def from_data(data: Any) -> Known | None:
    """Read it back; None when it was written by a version that wrote it otherwise: it is asked anew then."""
    try:
        return Known(
            recipient=recipient_from(data["recipient"]),
            asked_at=datetime.fromisoformat(data["asked_at"]),
            rules_at={code: datetime.fromisoformat(at) for code, at in data["rules_at"].items()},
            before=recipient_from(data["before"]) if data["before"] else None,
            before_at=datetime.fromisoformat(data["before_at"]) if data["before_at"] else None,
            stale=data["stale"],
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def recipient_from(data: Mapping[str, Any]) -> Recipient:
    """Read a recipient that was written down by ``dataclasses.asdict``."""
    services = tuple(Service(**service) for service in data["services"])
    return Recipient(**{**data, "services": services})
