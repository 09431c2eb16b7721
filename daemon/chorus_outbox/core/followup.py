"""What Chorus Pro tells of an invoice after its deposit: what each status means, and when to ask again.

Statuses are Chorus Pro's own words (api.md 3.7); one that is unknown here is kept and shown as it is. No table of
transitions: recipients skip states, and looks miss some. It asks nothing and moves nothing (``worker/follow.py``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .lifecycle import Event, State
from .problem import Problem

RETURNED: Mapping[str, str] = {  # status -> what it asks of the supplier (api.md 3.7, 2.17)
    "A_RECYCLER": "returned.recycle",
    "SUSPENDUE": "returned.suspended",
    "REJETEE": "returned.rejected",
    "REFUSEE_1": "returned.validator",
    "REFUSEE_2": "returned.validator",
    "ERREUR_FOURNISSEUR_SUR_VALIDEUR": "returned.validator",
    "NON_CONFORME": "returned.other",
    "ERREUR_DESTINATAIRE_PD": "returned.routing",
    "ERREUR_DESTINATAIRE_EA": "returned.routing",
}
RECYCLE, SUSPENDED, REJECTED = "A_RECYCLER", "SUSPENDUE", "REJETEE"
PAYING = "MISE_EN_PAIEMENT"
LAST_OF_THE_SILENT = frozenset({"COMPTABILISEE", "MANDATEE", "MISE_A_DISPOSITION_COMPTABLE"})
"""What comes last from a recipient that never reports its payments (``statutMiseEnPaiementNestPasRemonte``)."""
ENDED = frozenset({"ABANDONNEE", "SUPPRIMEE"})
BOOKED = "COMPTABILISEE"  # may still be followed by MISE_EN_PAIEMENT: worth a look a day

TOLD = frozenset(e.value for e in (Event.STATUS, Event.CAME_BACK, Event.RESUMED, Event.PAID))
"""The events whose detail is a passage (``as_detail``)."""

DAY = 86_400.0  # seconds
OLD = 2 * DAY  # without a change for so long: one look a day is enough
SPREAD = 0.1  # a pause is longer by up to this part, so that a batch does not stay one
COMMENT_MAX = 4000  # characters of a reason that are kept


@dataclass(frozen=True)
class Passage:
    """One line of an invoice's history at Chorus Pro: a status, when it was reached (as sent), and why (or "")."""

    status: str
    at: str = ""
    comment: str = ""


@dataclass(frozen=True)
class History:
    """Where an invoice stands at Chorus Pro (``consulter/historique``, api.md 2.15).

    Args:
        status: The current status; one that this program does not know is kept as it is.
        passages: How it got there, oldest first; may be empty, and need not end with ``status``.

    """

    status: str
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """How often a status is asked for (configuration: ``follow_up``); seconds."""

    first: float
    every: float


def next_look(looks: int, since: float, schedule: Schedule, jitter: float, *, slow: bool = False) -> float:
    """Return how many seconds to wait before the next look.

    Args:
        looks: Looks since the last change that found nothing new: the pause doubles with each, from first to every.
        since: Seconds since the last change; from two days on, a look a day is enough.
        schedule: The configured pauses.
        jitter: In [0, 1).
        slow: A look a day, however young.

    """
    widening = min(schedule.first * 2 ** min(looks, 30), schedule.every)
    seconds = max(DAY, schedule.every) if slow or since >= OLD else widening
    return seconds * (1 + SPREAD * jitter)


def is_slow(state: State, status: str) -> bool:
    """Tell whether no news is to be expected soon: it waits for a person, or for the last word of an accountant."""
    return (state is State.FAILED and status in RETURNED) or status == BOOKED


def is_followed(state: State, status: str) -> bool:
    """Tell whether Chorus Pro may still have news of it."""
    if state is State.FAILED and status == REJECTED:
        return False
    return state in (State.SENT, State.FAILED) and status not in ENDED


def outcome(state: State, status: str, *, silent: bool) -> Event | None:
    """Return what a status makes of an invoice; None: it stays what it is.

    Args:
        state: ``SENT`` or ``FAILED`` (came back, and a person has not corrected it yet).
        status: Chorus Pro's.
        silent: Its recipient never reports payments.

    """
    if state is State.FAILED:
        return None if status in RETURNED or status in ENDED else Event.RESUMED
    if status in RETURNED:
        return Event.CAME_BACK
    if status == PAYING or (silent and status in LAST_OF_THE_SILENT):
        return Event.PAID
    return None


def fresh(history: History, noted: Iterable[Passage], known: str) -> tuple[Passage, ...]:
    """Return the passages that the ledger does not have yet, oldest first, ending with the current status if that is new.

    A passage is recognised by its status and its time, which has minutes only: the same twice counts twice.

    Args:
        history: As Chorus Pro tells it.
        noted: The passages that were noted so far.
        known: The status of the ledger; that of a deposit or a correction was answered, not read in a history.

    """
    last = _last_noted(history.passages, noted)
    new: Sequence[Passage] = history.passages[last + 1 :]
    if last < 0 or history.passages[last].status != known:  # the known one may stand among the new ones
        statuses = [passage.status for passage in new]
        new = new[statuses.index(known) + 1 :] if known in statuses else new
    now = new[-1].status if new else known
    return (*new, *(() if history.status == now else (Passage(history.status),)))


def _last_noted(passages: Sequence[Passage], noted: Iterable[Passage]) -> int:
    left = Counter((passage.status, passage.at) for passage in noted)
    last = -1
    for place, passage in enumerate(passages):
        if left[passage.status, passage.at] > 0:
            left[passage.status, passage.at] -= 1
            last = place
    return last


def latest(history: History) -> Passage:
    """Return the passage to the current status, as much as is known of it."""
    found = [passage for passage in history.passages if passage.status == history.status]
    return found[-1] if found else Passage(history.status)


def returned(passage: Passage, name: str) -> Problem:
    """Return what a person is told of an invoice that came back. ``name`` is the recipient's."""
    texts = {"status": passage.status, "when": passage.at, "comment": passage.comment[:COMMENT_MAX], "name": name}
    return Problem(RETURNED[passage.status], {key: text for key, text in texts.items() if text})


def as_detail(passage: Passage) -> str:
    """Return a passage as the detail of an event in the ledger."""
    told = {"status": passage.status, "when": passage.at, "comment": passage.comment[:COMMENT_MAX]}
    return json.dumps({key: text for key, text in told.items() if text}, ensure_ascii=False)


def of_detail(detail: str) -> Mapping[str, str]:
    """Return the texts of ``as_detail``; empty when it is none."""
    try:
        told = json.loads(detail)
    except ValueError:
        return {}
    return {str(key): str(text) for key, text in told.items()} if isinstance(told, dict) else {}


def passage_of(detail: str) -> Passage:
    """Return the passage that ``as_detail`` wrote."""
    told = of_detail(detail)
    return Passage(told.get("status", ""), told.get("when", ""), told.get("comment", ""))
