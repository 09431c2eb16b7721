"""The attachments of an invoice on their way to Chorus Pro."""

from __future__ import annotations

from chorus_outbox.core.entry import Entry
from chorus_outbox.ports import Attached

from .parts import Parts


def attach(parts: Parts, entry: Entry) -> tuple[Attached, ...]:
    """Upload the attachments that the invoice does not have yet; each is noted, so that a retry does not upload again.

    Raises:
        RemoteError: As the ports say; harmless when repeated.

    """
    uploaded = dict(entry.uploaded)
    types = parts.lists.attachment_types()
    out = []
    for member in entry.members:
        if member.role != "attachment" or member.sha256 in entry.attached:
            continue
        name = member.name.rpartition("/")[2]
        if member.sha256 not in uploaded:
            file = parts.folders.spooled(member.sha256, "." + name.rpartition(".")[2])
            uploaded[member.sha256] = parts.chorus.attach(file, name)
            parts.ledger.schedule(entry.id, uploaded=uploaded)
        out.append(Attached(uploaded[member.sha256], next(iter(types), ""), name[:100]))
    return tuple(out)
