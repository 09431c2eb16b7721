"""The correction of an invoice that came back: what is noted of it, what is sent, and how its doubts are settled.

The sequence of intent, call and answer is that of every deposit (``deposit.py``), which is the only one to send. What
may be corrected is decided in ``core/correction.py``. Until a correction is accepted, the ledger keeps what was
deposited; what it will be then stands in the payload.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from chorus_outbox.core import correction, followup
from chorus_outbox.core.decide import Verdict
from chorus_outbox.core.entry import Entry, Member, Receipt
from chorus_outbox.core.fields import show
from chorus_outbox.core.followup import Passage
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.names import split
from chorus_outbox.core.preflight import Recipient
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import InDoubtError
from chorus_outbox.ports import Noted, Taken

from .parts import Parts
from .prepared import Prepared
from .uploads import attach


def objections(entry: Entry, members: Sequence[Member], taken: Taken, understood: Understood) -> tuple[Problem, ...]:
    """Say what stands against sending what was dropped as a correction."""
    texts = {name: text for name, (text, _) in _pairs(understood).items()}
    attachments = [m.sha256 for m in members if m.role == "attachment" and m.sha256]
    return correction.objections(entry, texts, attachments, taken.sha256)


def payload(parts: Parts, entry: Entry, invoice: Invoice, understood: Understood, recipient: Recipient) -> str:
    """Return the correction as JSON: its ``body``, and what the invoice will be ``then``."""
    now = _pairs(understood)
    fields = correction.corrected_fields(entry, now)
    then: dict[str, Any] = {"fields": fields}
    if correction.ACTIONS[entry.chorus_status] == "recycle":
        body = parts.follow.recycling(invoice, correction.cleared(entry, {n: text for n, (text, _) in now.items()}))
        silent = recipient.payment_not_reported
        then |= {"siret": recipient.siret, "recipient_name": recipient.name, "pays_in_silence": silent}
    else:
        body = {"comment": invoice.comment or ""}
    return json.dumps({"body": body, "then": then})


def accepted(entry: Entry, receipt: Receipt) -> dict[str, Any]:
    """Return what changes when a correction is accepted: its proof stays that of the deposit, its status is new."""
    then = json.loads(entry.payload)["then"]
    then["fields"] = {name: (text, source) for name, (text, source) in then["fields"].items()}
    assert entry.receipt is not None  # only what was deposited is corrected
    attached = (*entry.attached, *correction.new_attachments(entry))
    return {**then, "receipt": replace(entry.receipt, status=receipt.status), "attached": attached, "uploaded": {}}


def prepare(parts: Parts, entry: Entry) -> Prepared:
    """Ask whether the invoice still waits for the correction, and upload what belongs to it.

    Raises:
        InDoubtError: It has moved on after an earlier try of ours that was in doubt: that one may have arrived.
        RemoteError: As the ports say; harmless when repeated.

    """
    assert entry.receipt is not None
    chorus_id, body = entry.receipt.chorus_id, json.loads(entry.payload)["body"]
    history = parts.follow.history(chorus_id)
    if correction.moved_on(entry, history, noted(parts, entry)):
        if entry.doubts:
            raise InDoubtError(Problem("doubt.no_answer", {"detail": history.status}))
        moved = Problem("returned.moved_on", {"number": entry.number, "status": history.status})
        changes = {"receipt": replace(entry.receipt, status=history.status)}
        return Prepared(_never, changes, (moved,))
    words = parts.settings.words.report[entry.action]
    if entry.action == "recycle":
        return Prepared(lambda: parts.follow.recycle(chorus_id, body), words=words)
    files = attach(parts, entry)
    return Prepared(lambda: parts.follow.complete(chorus_id, body["comment"], files), words=words)


def verdict(parts: Parts, entry: Entry) -> Verdict:
    """Ask Chorus Pro about a correction in doubt, and say what its answer proves.

    Raises:
        RemoteError: The question failed, which proves nothing.

    """
    assert entry.receipt is not None
    history = parts.follow.history(entry.receipt.chorus_id)
    return correction.after_history(entry, history, noted(parts, entry), parts.clock.now(), parts.settings.policy)


def noted(parts: Parts, entry: Entry) -> list[Passage]:
    """Return the passages at Chorus Pro that the ledger has noted of an invoice, oldest first."""
    return passages(parts.ledger.events(entry.id))


def passages(events: Iterable[Noted]) -> list[Passage]:
    """Return the passages at Chorus Pro among the events of a story."""
    return [followup.passage_of(n.detail) for n in events if n.event in followup.TOLD]


def abandoned(parts: Parts, entry: Entry, here: Mapping[str, Any]) -> Entry:
    """Note that a person took a correction out of the outbox: the invoice waits for one again, as before."""
    stem = split(entry.origin)[1]  # under which it was found in failed/
    told = [p for p in noted(parts, entry) if p.status == entry.chorus_status]
    passage = told[-1] if told else Passage(entry.chorus_status)
    again: dict[str, Any] = {"folder": "failed", "stem": stem, "to_folder": "", "to_stem": "", "next_try_at": None}
    again["members"] = (Member("pdf", entry.origin, ".pdf", entry.sha256),)
    if entry.chorus_status in followup.RETURNED:
        again["problems"] = (followup.returned(passage, entry.recipient_name),)
    look_at = parts.next_look(State.FAILED, entry.chorus_status, 0, parts.clock.now())
    return parts.note(entry, Event.ABANDONED, **{**here, **again}, look_at=look_at, looks=0)


def _never() -> Receipt:
    raise AssertionError("a correction of what has moved on is never sent")


def _pairs(understood: Understood) -> dict[str, tuple[str, str]]:
    return {name: (show(v.value), v.source.value) for name, v in understood.fields.items()}
