"""What people see of one invoice at a glance, and in which band it is shown by what it asks of whoever looks.

Whoever draws it (``edge/dashboard``) adds no rule. All of them together: ``overview.py``. It knows no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from .entry import LEFT_TO_A_PERSON, Entry
from .followup import ENDED
from .lifecycle import State
from .links import links
from .names import display
from .problem import Problem, Weight
from .words import Words, fill, plain, render
from .words.shown import PARIS


class Band(Enum):
    """What an invoice asks of whoever looks, in the order in which they are shown."""

    NEEDS = "needs"  # a person must act
    WAITING = "waiting"
    DOUBT = "doubt"
    SENDING = "sending"
    SENT = "sent"  # followed until paid
    PAID = "paid"


BANDS: Mapping[State, Band] = {
    State.FAILED: Band.NEEDS,
    State.REFUSED: Band.NEEDS,
    State.SEEN: Band.WAITING,
    State.WAITING: Band.WAITING,
    State.IN_DOUBT: Band.DOUBT,
    State.READY: Band.SENDING,
    State.SENDING: Band.SENDING,
    State.INTEGRATING: Band.SENDING,
    State.ACCEPTED: Band.SENDING,
    State.SENT: Band.SENT,
    State.PAID: Band.PAID,
}
"""The band of each state, unless a problem asks for a person. What is withdrawn is not shown."""

ASKS_A_PERSON = frozenset(
    {
        *("wait.sidecar", "wait.attachment", "wait.its_invoice", "wait.not_readable"),
        *LEFT_TO_A_PERSON,
    }
)
"""Reasons for waiting that only a person can end."""

DEPOSITED = frozenset({State.ACCEPTED, State.SENT, State.PAID})


@dataclass(frozen=True)
class Row:
    """One invoice as it is shown. Texts from strangers are on one line, bounded, without anything invisible.

    Args:
        file: Name of the PDF.
        recipient: Its name, or its SIRET, or "".
        siret: 14 digits or "".
        amount: TTC; negative for a credit note; None while it is not known.
        currency: ISO 4217.
        state: In words.
        code: Chorus Pro's status as it is written there, or "".
        status: That in words, or "".
        what, do: Why it is so, and what to do now; "" where there is nothing to say.
        more: How many more points need a correction.
        dropped, sent, changed: Aware UTC.
        next_try: When it is tried again by itself.
        folder: Where its files are, as ``status`` says it.
        pdf, log: Addresses for links, or "".
        counts: It is deposited and stands: its amount counts in the totals.

    """

    id: int
    band: Band
    file: str
    number: str
    recipient: str
    siret: str
    amount: Decimal | None
    currency: str
    credit: bool
    date: date | None
    state: str
    code: str
    status: str
    what: str
    do: str
    more: int
    dropped: datetime
    sent: datetime | None
    changed: datetime
    next_try: datetime | None
    chorus_id: int | None
    folder: str
    pdf: str
    log: str
    counts: bool

    @property
    def month(self) -> str:
        """The month of the invoice, ``2026-11``; of its arrival while its date is not known."""
        return f"{self.date or self.dropped:%Y-%m}"

    @property
    def to(self) -> str:
        """What tells its recipient from others."""
        return self.siret or self.recipient


def days(row: Row, today: date) -> int:
    """Return for how many days an invoice has been there, or on its way to its payment; 0 of what is paid."""
    since = (row.sent if row.band is Band.SENT else None) or row.dropped
    return 0 if row.band is Band.PAID else (today - since.astimezone(PARIS).date()).days


def band_of(entry: Entry) -> Band | None:
    """Return where an invoice is shown; None: nowhere."""
    if any(p.code in ASKS_A_PERSON for p in entry.problems):
        return Band.NEEDS if entry.state in (State.SEEN, State.IN_DOUBT, State.INTEGRATING) else BANDS.get(entry.state)
    return BANDS.get(entry.state)


def row(entry: Entry, words: Words, places: Mapping[str, str]) -> Row | None:
    """Return what is shown of an invoice, or None.

    Args:
        entry: The invoice.
        words: The texts of a language.
        places: Addresses of the folders (``links.links``).

    """
    band = band_of(entry)
    if band is None:
        return None
    what, do, more = _reason(entry, words)
    pdf, log = links(entry, places)
    credit = entry.fields.get("type", ("", ""))[0] == "avoir"
    return Row(
        id=entry.id,
        band=band,
        file=plain(display(entry.file)),
        number=plain(entry.number),
        recipient=plain(entry.recipient_name) or grouped(entry.siret),
        siret=plain(entry.siret),
        amount=None if entry.gross is None else -abs(entry.gross) if credit else entry.gross,
        currency=plain(entry.fields.get("devise", ("EUR", ""))[0]) or "EUR",
        credit=credit,
        date=entry.date,
        state=_state(entry, words),
        code=plain(entry.chorus_status),
        status=words.statuses.get(entry.chorus_status, plain(entry.chorus_status)),
        what=what,
        do=do,
        more=more,
        dropped=entry.first_seen,
        sent=entry.sent_at,
        changed=entry.updated_at,
        next_try=entry.next_try_at if band in (Band.WAITING, Band.DOUBT) else None,
        chorus_id=entry.receipt.chorus_id if entry.receipt else None,
        folder=plain(display(entry.folder)),
        pdf=pdf,
        log=log,
        counts=entry.state in DEPOSITED and entry.chorus_status not in ENDED,
    )


def grouped(siret: str) -> str:
    """Return a SIRET as people read it: ``222 200 016 00327``; anything else as it stands."""
    if not re.fullmatch("[0-9]{14}", siret):
        return plain(siret)
    return f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}"


def _state(entry: Entry, words: Words) -> str:
    back = entry.receipt is not None and entry.state in (State.REFUSED, State.FAILED)
    return words.page["came_back"] if back else words.states[entry.state.value]


def _reason(entry: Entry, words: Words) -> tuple[str, str, int]:
    """Return why an invoice is where it is, what to do, and how many more points there are."""
    causes = _causes(entry)
    if not causes:
        return "", "", 0
    what, do = render(words, causes[0])
    several = len(causes) > 1
    return what, fill(words.page["do_several"], {"do": do}) if several else do, len(causes) - 1


def _causes(entry: Entry) -> list[Problem]:
    """Return the problems that explain the state (notes explain nothing)."""
    failed = entry.state in (State.FAILED, State.REFUSED)
    if BANDS[entry.state] in (Band.SENT, Band.PAID):
        return []
    weights = (Weight.STOP, Weight.LACK) if failed else (Weight.WAIT,)
    return [p for p in entry.problems if p.weight in weights]
