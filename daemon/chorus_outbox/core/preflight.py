"""What the recipient requires, held against an invoice (api.md section 4).

The caller asks Chorus Pro and hands over the answers; nothing is asked here. An engagement number is only checked for
its presence and, if the recipient book gives one, its shape: whether it exists only the recipient knows.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .problem import Problem

EMITTING_SERVICE = "FACTURES_PUBLIQUES"
"""The technical service by which public bodies send invoices themselves; none can be sent to it (api.md 2.7)."""

_KNOWN_MAX = 8  # services shown in a sentence


@dataclass(frozen=True)
class Service:
    """A service of a recipient.

    Args:
        code: What an invoice gives as service code.
        name: Its name.
        active: Usable.
        service_id: Chorus Pro's own number of it.
        needs_engagement: It requires an engagement number even if its structure does not; None: not asked yet.

    """

    code: str
    name: str
    active: bool
    service_id: int
    needs_engagement: bool | None = None


@dataclass(frozen=True)
class Recipient:
    """A public body, as Chorus Pro knows it.

    Args:
        siret: 14 digits.
        name: Its name.
        active: Usable.
        structure_id: Chorus Pro's own number of it.
        needs_service: Requires a service code.
        needs_engagement: Requires an engagement number.
        needs_either: Requires at least one of the two; then the two other rules don't count.
        services: All its services, the inactive ones too.
        payment_not_reported: It does not tell Chorus Pro when it has paid.

    """

    siret: str
    name: str
    active: bool
    structure_id: int
    needs_service: bool
    needs_engagement: bool
    needs_either: bool
    services: tuple[Service, ...] = ()
    payment_not_reported: bool = False


def check_recipient(
    service: str | None,
    engagement: str | None,
    recipient: Recipient | None,
    siret: str,
    engagement_pattern: str | None = None,
) -> tuple[Problem, ...]:
    """Say what keeps a recipient from taking an invoice.

    Args:
        service: The invoice's service code.
        engagement: The invoice's engagement number.
        recipient: Who was found under the SIRET, or None.
        siret: The SIRET looked for.
        engagement_pattern: Regular expression for a whole engagement number (checked by the configuration).

    """
    if recipient is None:
        return (Problem("recipient.unknown", {"siret": siret}),)
    if not recipient.active:  # then its services and rules say nothing any more
        return (Problem("recipient.inactive", {"siret": siret, "name": recipient.name}),)
    return (
        *_required(service, engagement, recipient),
        *(_of_service(service, engagement, recipient) if service else ()),
        *_shape(engagement, recipient, engagement_pattern),
    )


def find_service(recipient: Recipient, code: str) -> Service | None:
    """Return the recipient's service with exactly this code, an active one if there are several."""
    found = [service for service in recipient.services if service.code == code]
    return max(found, key=lambda service: service.active, default=None)


def _required(service: str | None, engagement: str | None, recipient: Recipient) -> Iterator[Problem]:
    """Rules 1 to 5 of api.md 4.2, in that order."""
    name = {"name": recipient.name}
    if recipient.needs_either:
        if not service and not engagement:
            yield Problem("engagement.or_service", name)
        return
    if recipient.needs_service and not service:
        yield Problem("service.required", {**name, "known": _known(recipient, "")})
    if recipient.needs_engagement and not engagement:
        yield Problem("engagement.required", name)


def _of_service(code: str, engagement: str | None, recipient: Recipient) -> Iterator[Problem]:
    """Rule 6 of api.md 4.2: the service exists, is active, and has its own rule."""
    service = find_service(recipient, code)
    already_said = recipient.needs_engagement and not recipient.needs_either
    if code.upper() == EMITTING_SERVICE:
        yield Problem("service.public", {"service": code, "name": recipient.name, "known": _known(recipient, code)})
    elif service is None:
        yield Problem("service.unknown", {"service": code, "name": recipient.name, "known": _known(recipient, code)})
    elif not service.active:
        yield Problem("service.inactive", {"service": code, "name": recipient.name, "known": _known(recipient, code)})
    elif service.needs_engagement and not engagement and not already_said:
        yield Problem("engagement.required_by_service", {"service": code, "name": recipient.name})


def _shape(engagement: str | None, recipient: Recipient, pattern: str | None) -> Iterator[Problem]:
    if engagement and pattern and not re.fullmatch(pattern, engagement):
        yield Problem("engagement.pattern", {"value": engagement, "pattern": pattern, "name": recipient.name})


def _known(recipient: Recipient, typed: str) -> str:
    """Return some usable services as ``CODE (name)``, those most like what was typed first; empty when there are none."""

    def likeness(service: Service) -> float:
        texts = (service.code.casefold(), service.name.casefold())
        return max(difflib.SequenceMatcher(None, typed.casefold(), text).ratio() for text in texts)

    usable = [service for service in recipient.services if service.active and service.code != EMITTING_SERVICE]
    if typed:
        usable.sort(key=likeness, reverse=True)
    shown = [f"{s.code} ({s.name})" if s.name and s.name != s.code else s.code for s in usable[:_KNOWN_MAX]]
    return ", ".join(shown)
