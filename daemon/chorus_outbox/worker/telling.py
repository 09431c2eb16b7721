"""What there is to tell of an invoice, from its entry and its story in the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from chorus_outbox.core import followup
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.fields import restore
from chorus_outbox.core.lifecycle import Event, State
from chorus_outbox.core.names import display
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.report import SITUATIONS, Happening, Known, Situation, Story

from .parts import Noted, Parts

BACK = frozenset({State.REFUSED, State.FAILED, State.WITHDRAWN})  # of what was deposited: its recipient sent it back


def known(entry: Entry) -> dict[str, Known]:
    """Return the understood fields with their values and sources."""
    return {name: Known(restore(name, text), source) for name, (text, source) in entry.fields.items()}


def happenings(noted: Iterable[Noted]) -> tuple[Happening, ...]:
    """Return an invoice's timeline as people are told it."""
    told = (n for n in noted if n.event != Event.MOVING.value)  # how files travel interests nobody
    return tuple(Happening(n.at, n.event, _params(n)) for n in told)


def _params(noted: Noted) -> Mapping[str, str]:
    if noted.event in followup.TOLD:
        return followup.of_detail(noted.detail)
    return {"detail": noted.detail} if noted.detail else {}


def tell(entry: Entry, noted: Iterable[Noted], *, sandbox: bool) -> Story:
    """Return the story of an invoice."""
    sidecar = next((m.name.rpartition("/")[2] for m in entry.members if m.role == "sidecar"), "")
    folder = entry.origin.rpartition("/")[0]
    stem = entry.to_stem or entry.stem
    names = {m: stem + m.suffix if stem else m.name.rpartition("/")[2] for m in entry.attachments}
    return Story(
        file=display(entry.file),
        state=_situation(entry),
        problems=entry.problems,
        fields=known(entry),
        events=happenings(noted),
        receipt=entry.receipt,
        sha256=entry.sent_sha256 or entry.sha256,
        original_sha256=entry.sha256,
        attachments={display(name): m.sha256 for m, name in names.items()},
        recipient_name=entry.recipient_name or None,
        sandbox=sandbox,
        sidecar=display(sidecar),
        return_to=display(f"outbox/{folder}" if folder else "outbox"),
        flow=entry.flow if entry.action == "flow" else "",
        sidecar_helps=entry.sidecar_helps,
    )


def _situation(entry: Entry) -> Situation:
    if entry.receipt and entry.state in BACK:
        return "returned"
    return "withdrawn" if entry.state is State.WITHDRAWN else SITUATIONS[entry.state]


def story(parts: Parts, entry: Entry, *, missing: Sequence[str] = (), edited: bool = False) -> Story:
    """Return the story of an invoice in this ledger, with what was found odd while its files were moved."""
    told = tell(entry, parts.ledger.events(entry.id), sandbox=parts.settings.sandbox)
    odd = [Problem("file.edited")] if edited else []
    gone = "file.gone" if entry.folder in ("outbox", "processing") else "returned.file_gone"
    odd += [Problem(gone, {"name": display(name)}) for name in missing]
    return replace(told, problems=(*told.problems, *odd))
