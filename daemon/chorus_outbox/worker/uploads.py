"""The files at Chorus Pro: the main PDF and its attachments, each uploaded once for one deposit or correction.

Nothing is deposited here (``deposit.py``): an uploaded file that no invoice names is harmless (api.md 2.10, 3.7).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.problem import Problem
from chorus_outbox.ports_chorus import Attached

from . import contradictions
from .parts import Parts

FORGET: Mapping[str, Any] = {"attachment_id": None, "uploaded": {}}
"""The changes that make the next try upload everything anew."""


def main(parts: Parts, entry: Entry) -> tuple[int, tuple[Problem, ...]]:
    """Upload the PDF if it is not there yet. Harmless when repeated: it leaves a draft that was never sent (api.md 3.7).

    Returns the attachment's id and where Chorus Pro's own analysis of the PDF contradicts us.
    """
    if entry.attachment_id is not None:
        return entry.attachment_id, ()
    pdf = parts.folders.spooled(entry.sent_sha256, ".pdf")
    upload = parts.chorus.upload(pdf, upload_name(entry.number), signed=entry.signed)
    return upload.attachment_id, contradictions.of(parts, entry, pdf, upload.analysis)


def attach(parts: Parts, entry: Entry) -> tuple[Attached, ...]:
    """Upload the attachments that the invoice at Chorus Pro does not have, and return them for its deposit or correction.

    Each id is on disk before the next upload (``Entry.uploaded``), so that a later try uploads nothing twice; it is
    forgotten with ``FORGET``, when Chorus Pro says that it knows no such file.

    Raises:
        RemoteError: An upload failed; what was uploaded before it stays noted.

    """
    known, out = dict(entry.uploaded), []
    for member in _new(entry):
        if member.sha256 not in known:
            copy = parts.folders.spooled(member.sha256, member.ending)
            known[member.sha256] = parts.chorus.attach(copy, member.upload)
            parts.ledger.schedule(entry.id, uploaded=known)
        out.append(Attached(known[member.sha256], member.type_code, member.designation))
    return tuple(out)


def _new(entry: Entry) -> tuple[Member, ...]:
    """Return the attachments to send, each content once: Chorus Pro takes no file twice."""
    by_content: dict[str, Member] = {}
    for member in entry.attachments:
        if member.sha256 not in entry.attached:
            by_content.setdefault(member.sha256, member)
    return tuple(by_content.values())


def attached(entry: Entry) -> tuple[str, ...]:
    """Return the SHA-256 of the attachments that the invoice has once its deposit or correction is accepted."""
    return tuple(dict.fromkeys((*entry.attached, *(m.sha256 for m in entry.attachments))))


def upload_name(number: str) -> str:
    """Return the file name that Chorus Pro sees: the invoice's number in characters that it certainly takes."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", number) + ".pdf"
