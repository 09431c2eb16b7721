"""The files follow the state: into processing/, then sent/ or failed/, with the log that people read.

Moves are noted before they are made and are finished after a crash; nothing is overwritten, nothing is deleted but our
own logs in processing/. Decides nothing about invoices.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.lifecycle import Event, State, after
from chorus_outbox.core.prefilled import prefilled_sidecar
from chorus_outbox.core.report import encode_log, log_text

from . import correcting
from .deposit import settled
from .parts import Parts
from .telling import story

LOG = ".log"
SIDECAR = ".yaml"


def target_of(parts: Parts, entry: Entry) -> str:
    """Return the folder in which an accepted or refused invoice belongs."""
    if entry.state is State.REFUSED:
        return "failed"
    return f"sent/{parts.today(entry.sent_at):%Y/%m}"


def suffixes(members: Sequence[Member]) -> tuple[str, ...]:
    """Return the endings that must be free for an invoice's files to lie side by side, log and sidecar included."""
    return tuple(dict.fromkeys((*(m.suffix for m in members), ".pdf", ".yaml", ".yml", LOG)))


def bring(parts: Parts, entry: Entry) -> tuple[str, ...]:
    """Move an entry's files to where they are noted to go; return the names of those found in neither place.

    Finishes what a crash left half done: a file that is already there counts as moved.
    """
    missing = []
    for member in entry.members:
        source = entry.name_in(entry.folder, entry.stem, member)
        target = entry.name_in(entry.to_folder, entry.to_stem, member)
        try:
            moved = parts.folders.move(entry.folder, source, entry.to_folder, target, member.sha256)
        except FileExistsError:
            if not _came_before(parts, entry, member):
                raise
            moved = True  # and what has its old name now is a file that was dropped since
        if not moved and not parts.folders.present(entry.to_folder, target):  # there, with other bytes: it was edited
            missing.append(source)
            if member.role == "pdf" and entry.to_folder == "processing":
                break  # taken back: what belongs to it stays where its owner left it
    return tuple(missing)


def _came_before(parts: Parts, entry: Entry, member: Member) -> bool:
    """Tell whether what lies at a file's target is that file (the PDF goes first: its companions' names are ours then).

    In the outbox, other bytes under its old name are a file that was dropped since, and what was moved was edited.
    """
    if member.role != "pdf" or not member.sha256:
        return member.role != "pdf"
    source = entry.name_in(entry.folder, entry.stem, member)
    target = entry.name_in(entry.to_folder, entry.to_stem, member)
    if parts.folders.digest(entry.to_folder, target) == member.sha256:
        return True
    return entry.folder == "outbox" and parts.folders.digest("outbox", source) != member.sha256


def _bring(parts: Parts, entry: Entry) -> tuple[Entry, tuple[str, ...]]:
    """Bring the files; to another name when somebody took the noted one meanwhile (the PDF goes first: none moved)."""
    try:
        return entry, bring(parts, entry)
    except FileExistsError:
        elsewhere = _aim(parts, entry, entry.to_folder, {})
        return elsewhere, bring(parts, elsewhere)


def _aim(parts: Parts, entry: Entry, folder: str, here: Mapping[str, str]) -> Entry:
    """Note that the files are about to be moved, under a name that is free there."""
    stem = parts.folders.free_stem(folder, entry.file.removesuffix(".pdf"), suffixes(entry.members))
    return parts.note(entry, Event.MOVING, folder, **{**here, "to_folder": folder, "to_stem": stem})


def take_in(parts: Parts, entry: Entry) -> Entry | None:
    """Bring a taken invoice's files into processing/; None when a person took the PDF away before it was sent."""
    if entry.to_folder:
        entry, missing = _bring(parts, entry)
        return None if entry.members[0].name in missing else entry
    name = entry.name_in(entry.folder, entry.stem, entry.members[0])
    return entry if parts.folders.present(entry.folder, name) else None


def withdraw(parts: Parts, entry: Entry) -> Entry:
    """Note that an invoice was taken back; what belongs to it goes back to the outbox, its private copies go."""
    _give_back(parts, entry)
    _remove_log(parts, entry)
    if entry.receipt is None:
        gone = parts.note(entry, Event.VANISHED, next_try_at=None, **settled(entry))
    else:
        gone = correcting.abandoned(parts, entry, settled(entry))
    _forget_copies(parts, entry)
    return gone


def _give_back(parts: Parts, entry: Entry) -> None:
    """Put what belonged to a PDF that was taken away back where it was dropped, for the PDF that may come again."""
    folder, stem = (entry.to_folder, entry.to_stem) if entry.to_folder else (entry.folder, entry.stem)
    for member in reversed(entry.members[1:]):  # the sidecar first: what it claims is never there without it
        with contextlib.suppress(FileExistsError, FileNotFoundError):
            parts.folders.move(folder, stem + member.suffix, "outbox", member.name, member.sha256)


def _forget_copies(parts: Parts, entry: Entry) -> None:
    """Remove the private copies, but those that another entry needs: the same bytes may have been dropped twice."""
    needed = {s for e in parts.ledger.open_entries() if e.id != entry.id for s in _copies(e)}
    parts.folders.forget([s for s in _copies(entry) if s not in needed])


def _copies(entry: Entry) -> set[str]:
    return {s for s in (entry.sha256, entry.sent_sha256, *(m.sha256 for m in entry.members)) if s}


def file_away(parts: Parts, entry: Entry) -> Entry:
    """Bring an accepted or refused invoice's files to sent/ or failed/, write its log, and note that it is done."""
    copied = entry.folder in ("outbox", "processing")  # its private copies went when it was filed the first time
    if entry.to_folder and entry.to_folder != "processing":
        moving = entry
    else:
        if entry.to_folder:
            bring(parts, entry)
        moving = _aim(parts, entry, target_of(parts, entry), settled(entry))
    moving, missing = _bring(parts, moving)
    changed = _changed(parts, moving) if copied else ()
    if copied and (missing or changed):
        _keep_sent_copies(parts, moving, missing, changed)
    _write_papers(parts, moving, missing=missing, edited=bool(changed))
    _remove_log(parts, moving)
    done = parts.note(moving, Event.FILED, "; ".join(missing), **settled(moving), **_followed(parts, moving))
    _forget_copies(parts, done)
    return done


def _followed(parts: Parts, entry: Entry) -> dict[str, Any]:
    """Return what is noted of the follow-up of an invoice that is filed: when to look, and what its log tells."""
    if entry.receipt is None:
        return {}
    state, status = after(entry.state, Event.FILED), entry.chorus_status
    return {"look_at": parts.next_look(state, status, 0, parts.clock.now()), "looks": 0, "told": status}


def tell_again(parts: Parts, entry: Entry) -> None:
    """Write the log of a filed invoice anew, if its files are still where they were filed.

    Raises:
        OSError: The share is away.

    """
    ends = (entry.members[0].suffix if entry.members else ".pdf", LOG)
    if any(parts.folders.present(entry.folder, entry.stem + end) for end in ends):
        text = log_text(story(parts, entry), parts.settings.words)
        parts.folders.write(entry.folder, entry.stem + LOG, encode_log(text))


def tell_in_processing(parts: Parts, entry: Entry) -> None:
    """Write the log beside a file that waits or is in doubt in processing/; the ledger has it anyway."""
    if entry.folder == "processing":
        with contextlib.suppress(OSError):
            text = log_text(story(parts, entry), parts.settings.words)
            parts.folders.write("processing", entry.stem + LOG, encode_log(text))


def _remove_log(parts: Parts, entry: Entry) -> None:
    """Remove the log in the folder that an entry leaves, before that is noted: a crash leaves none behind."""
    if entry.folder != "outbox":
        with contextlib.suppress(OSError):  # a log too many is no harm
            parts.folders.remove_log(entry.folder, entry.stem + LOG)


def _changed(parts: Parts, entry: Entry) -> tuple[Member, ...]:
    """Return the files that, where they were brought, are no longer the bytes that were taken: somebody changed them."""
    out = []
    for member in (m for m in entry.members if m.sha256):
        digest = parts.folders.digest(entry.to_folder, entry.name_in(entry.to_folder, entry.to_stem, member))
        if digest not in (None, member.sha256):
            out.append(member)
    return tuple(out)


def _keep_sent_copies(parts: Parts, entry: Entry, missing: Sequence[str], changed: Sequence[Member]) -> None:
    """Put the private copy of what was sent where the file should be (or beside it, when it was changed)."""
    for member in (m for m in entry.members if m.sha256):
        stem = entry.to_stem
        if entry.name_in(entry.folder, entry.stem, member) not in missing:
            stem = f"{entry.to_stem} (original)"
            there = parts.folders.digest(entry.to_folder, stem + member.suffix) == member.sha256
            if member not in changed or there:  # put there before a crash
                continue
            stem = parts.folders.free_stem(entry.to_folder, stem, (member.suffix,))
        with contextlib.suppress(FileExistsError):
            parts.folders.restore(member.sha256, member.ending, entry.to_folder, stem + member.suffix)


def _write_papers(parts: Parts, entry: Entry, *, missing: Sequence[str], edited: bool) -> None:
    words = parts.settings.words
    told = story(parts, entry, missing=missing, edited=edited)
    parts.folders.write(entry.to_folder, entry.to_stem + LOG, encode_log(log_text(told, words)))
    refused = entry.state is State.REFUSED and entry.sidecar_helps
    if refused and not any(m.role == "sidecar" for m in entry.members):
        text = prefilled_sidecar(told.file, told.fields, entry.problems, words)
        parts.folders.write_new(entry.to_folder, entry.to_stem + SIDECAR, encode_log(text))
