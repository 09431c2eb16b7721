"""What there is to tell of one invoice, as values. How it is told stands in ``report.py`` (``NAME.log``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from .draft import Source
from .entry import Receipt
from .fields import FieldValue
from .lifecycle import State
from .problem import Problem

Situation = Literal["sent", "paid", "failed", "returned", "waiting", "in_doubt", "processing", "withdrawn"]

SITUATIONS: Mapping[State, Situation] = {
    State.SEEN: "waiting",
    State.WITHDRAWN: "waiting",
    State.READY: "processing",
    State.SENDING: "processing",
    State.WAITING: "waiting",
    State.IN_DOUBT: "in_doubt",
    State.INTEGRATING: "processing",
    State.ACCEPTED: "sent",
    State.SENT: "sent",
    State.PAID: "paid",
    State.REFUSED: "failed",
    State.FAILED: "failed",
}
"""What people are told of each state; of what a recipient sent back: ``returned`` rather than ``failed``."""


class Sourced(Protocol):
    """A value and where it comes from."""

    @property
    def value(self) -> FieldValue:
        """The value, or its text as the ledger keeps it (ISO date, plain decimal)."""

    @property
    def source(self) -> Source | str:
        """The source, or its text as the ledger keeps it."""


@dataclass(frozen=True)
class Known:
    """The simplest ``Sourced``."""

    value: FieldValue
    source: Source | str


@dataclass(frozen=True)
class Happening:
    """One line of the timeline.

    Args:
        at: Aware UTC.
        code: ``lifecycle.Event`` value, ``outage.started`` or ``outage.ended``; anything else is shown as it is.
        params: Texts for its sentence (``detail``; of a status: ``status``, ``when``, ``comment``).

    """

    at: datetime
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """All that a log tells of one invoice.

    Args:
        file: Name of the PDF.
        state: See ``SITUATIONS``.
        problems: Why it is so, the first ones first; notes may be among them.
        fields: What was understood.
        events: The timeline, oldest first.
        receipt: Chorus Pro's answer, once there is one.
        sha256: Of the bytes sent.
        original_sha256: Of the file dropped, where it differs.
        recipient_name: As Chorus Pro gives it.
        sandbox: Whether all this was only a test.
        sidecar: Name of the sidecar beside the PDF; by default the one the program writes.
        flow: Number of the flow by which it was deposited, or "".
        sidecar_helps: Whether a sidecar can correct it: not a Factur-X sent as it is.
        return_to: The folder to put a corrected invoice back into.
        attachments: Name of each attachment -> SHA-256 of the bytes sent, "" of one that was not copied.

    """

    file: str
    state: Situation
    problems: tuple[Problem, ...] = ()
    fields: Mapping[str, Sourced] = field(default_factory=dict)
    events: tuple[Happening, ...] = ()
    receipt: Receipt | None = None
    sha256: str = ""
    original_sha256: str = ""
    recipient_name: str | None = None
    sandbox: bool = False
    sidecar: str = ""
    return_to: str = "outbox"
    flow: str = ""
    sidecar_helps: bool = True
    attachments: Mapping[str, str] = field(default_factory=dict)
