"""An invoice that came back and is dropped again: what may be sent to put it right, or why nothing can be.

Chorus Pro takes two corrections of a deposited invoice (api.md 2.17): another recipient for one that is to be
recycled, documents and a comment for one that is suspended. Everything else stays as it was deposited. Whether the
recipient takes it is asked elsewhere (``preflight.py``); the sending is ``worker/deposit.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .decide import Adopt, Policy, Verdict, absent
from .entry import Entry, Receipt
from .fields import SIDECAR_ONLY
from .followup import RECYCLE, REJECTED, SUSPENDED, History, Passage, fresh
from .problem import Problem

ACTIONS: Mapping[str, str] = {RECYCLE: "recycle", SUSPENDED: "complete"}
"""Status -> what is asked of Chorus Pro."""
CORRECTABLE = ("siret", "service", "engagement", "marche")
"""What a recycling can change."""
_FIXED = ("date", "type", "ht", "tva", "ttc")
_DEPOSITED = (*CORRECTABLE, *_FIXED)


def is_rejected(entry: Entry) -> bool:
    """Tell whether the recipient refused it for good: only a new invoice, with a new number, can follow."""
    return entry.chorus_status == REJECTED


def objections(entry: Entry, now: Mapping[str, str], attachments: Sequence[str], sha256: str) -> tuple[Problem, ...]:
    """Say what stands against sending a correction, and what is to be noted of it.

    Args:
        entry: What was deposited, with its receipt and its status.
        now: What its files say now: field -> text.
        attachments: SHA-256 of the attachments dropped with it.
        sha256: Of the PDF dropped.

    """
    if entry.chorus_status not in ACTIONS:
        return (Problem("returned.portal", {"status": entry.chorus_status, "number": entry.number}),)
    if now.get("numero") != entry.number:
        return (Problem("returned.keeps_number", {"number": entry.number, "value": now.get("numero", "")}),)
    before = {name: text for name, (text, _) in entry.fields.items()}
    kept = Problem("returned.pdf_kept", {"number": entry.number})
    notes = (kept,) if entry.sha256 and sha256 != entry.sha256 else ()
    of_status = _recycling if entry.chorus_status == RECYCLE else _completing
    return (*of_status(entry, before, now, attachments), *notes)


def _recycling(
    entry: Entry, before: Mapping[str, str], now: Mapping[str, str], attachments: Sequence[str]
) -> tuple[Problem, ...]:
    wrong = [n for n in _FIXED if now.get(n) != before.get(n)]
    if set(attachments) - set(entry.attached):  # a recycling takes none: they would be left behind in silence
        wrong.append("pieces_jointes")
    if wrong:
        return tuple(Problem("returned.only_recipient", _changed(n, before)) for n in wrong)
    if all(now.get(n) == before.get(n) for n in CORRECTABLE):
        return (Problem("returned.unchanged", {"number": entry.number}),)
    return ()


def _completing(
    entry: Entry, before: Mapping[str, str], now: Mapping[str, str], attachments: Sequence[str]
) -> tuple[Problem, ...]:
    if wrong := [n for n in _DEPOSITED if now.get(n) != before.get(n)]:
        return tuple(Problem("returned.only_addition", _changed(n, before)) for n in wrong)
    said = now.get("commentaire")
    if not set(attachments) - set(entry.attached) and (not said or said == before.get("commentaire")):
        return (Problem("returned.nothing_added", {"number": entry.number}),)
    return ()


def _changed(name: str, before: Mapping[str, str]) -> dict[str, str]:
    return {"field": name, "value": before.get(name, "")}


def cleared(entry: Entry, now: Mapping[str, str]) -> tuple[str, ...]:
    """Return the routing fields that were deposited with a value and have none any more."""
    return tuple(name for name in CORRECTABLE if name in entry.fields and not now.get(name))


def corrected_fields(entry: Entry, now: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Return the fields of the deposited invoice once the correction is accepted: (text, source) by name."""
    changed = CORRECTABLE if entry.chorus_status == RECYCLE else ("commentaire",)
    kept = {name: pair for name, pair in entry.fields.items() if name not in (*changed, *SIDECAR_ONLY)}
    return {**kept, **{name: now[name] for name in changed if name in now}}


def new_attachments(entry: Entry) -> tuple[str, ...]:
    """Return the SHA-256 of the attachments that its files bring and the deposited invoice does not have."""
    found = (m.sha256 for m in entry.members if m.role == "attachment" and m.sha256)
    return tuple(dict.fromkeys(sha256 for sha256 in found if sha256 not in entry.attached))


def moved_on(entry: Entry, history: History, noted: Sequence[Passage]) -> bool:
    """Tell whether something has happened at Chorus Pro since the status that is being corrected."""
    return bool(fresh(history, noted, entry.chorus_status))


def after_history(entry: Entry, history: History, noted: Sequence[Passage], now: datetime, policy: Policy) -> Verdict:
    """Decide from the history of an invoice whose correction is in doubt.

    What has left the status that was to be corrected, even to come back to it, has been corrected. What is still in it
    after three spaced looks has not: the correction did not arrive.
    """
    if moved_on(entry, history, noted):
        assert entry.receipt is not None  # only what was deposited is corrected
        return Adopt(Receipt(entry.receipt.chorus_id, history.status))
    return absent(entry, (), now, policy)
