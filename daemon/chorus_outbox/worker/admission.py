"""From a settled file in the outbox to an invoice that may be sent, or to the reason why not.

List and settle came before (``loop``); here: take a private copy, read every source, ask what the recipient requires,
and note the outcome. The decisions stand in ``core`` (``reading``, ``preflight``, ``decide``).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chorus_outbox.core.attachments import awaited_by, members
from chorus_outbox.core.correction import ACTIONS, is_rejected
from chorus_outbox.core.decide import Hold, Refuse, Take, on_reading, pause
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.fields import show
from chorus_outbox.core.grouping import Group
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.names import display, split
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.reading import Material, Rules, read_invoice
from chorus_outbox.core.settling import ChangedError
from chorus_outbox.errors import FaultyError, RemoteError, UnavailableError
from chorus_outbox.ports import BusyError, NumberTakenError, TooBigError

from . import duplicates, recipients
from .candidate import Candidate, Read
from .clearing import Ready, clear, copied_pdf
from .correlation import bind
from .filing import LOG, suffixes
from .parts import PDF_MAX, SIDECAR_MAX, Parts

LOOK_AGAIN = 300.0  # seconds between looks at an attachment whose invoice lies in failed/


def admit(parts: Parts, candidate: Candidate) -> Entry:
    """Look at a candidate and note what follows: taken, refused, or held (its entry says why and until when).

    Raises:
        RemoteError: Chorus Pro could not be asked; noted as the reason for waiting.
        StorageError: The spool's or the ledger's disk failed.

    """
    entry = _entry(parts, candidate)
    bind(parts, entry)
    if candidate.group.is_bare and (owner := _owner(parts, candidate.group.pdf)):
        return _await_invoice(parts, entry, owner)
    if candidate.present[candidate.group.pdf].size == 0:  # it has waited long enough for its content (``loop``)
        return refuse(parts, entry, candidate.group, (Problem("file.empty"),))
    try:
        entry = _look_into(parts, entry, candidate)
    except (BusyError, ChangedError):
        soon = parts.clock.now() + timedelta(seconds=max(parts.settings.quiet, 1.0))
        return hold(parts, entry, Hold(Problem("wait.writing"), soon))
    except TooBigError as e:
        sizes = {"size": str(e.size), "limit": str(PDF_MAX)}
        return refuse(parts, entry, candidate.group, (Problem("file.too_big", sizes),))
    recipients.tell(parts.directory, entry)
    return entry


def _look_into(parts: Parts, entry: Entry, candidate: Candidate) -> Entry:
    taken = parts.folders.take(candidate.group.pdf, candidate.present[candidate.group.pdf], PDF_MAX)
    facts = parts.pdf.read(taken.path)
    if isinstance(facts, Problem):
        nothing = Read(taken, PdfFacts(0), Understood({}, None, ()))
        return _decide(parts, entry, candidate, nothing, (facts,))
    understood = read_invoice(_material(parts, entry, candidate, facts), _rules(parts, entry), parts.today().date())
    return _consider(parts, entry, candidate, Read(taken, facts, understood))


def _rules(parts: Parts, entry: Entry) -> Rules:
    """Return how to read it; of what was deposited before, the PDF is not sent again, so its Factur-X is no matter."""
    rules = parts.settings.rules
    return rules if entry.receipt is None else replace(rules, facturx="")


def hold(parts: Parts, entry: Entry, why: Hold) -> Entry:
    """Note that a file stays in the outbox, unless that is what the ledger says already."""
    if entry.problems == (why.problem,) and entry.next_try_at == why.until:
        return entry
    return parts.note(entry, Event.HELD, parts.words_of(why.problem), problems=(why.problem,), next_try_at=why.until)


def refuse(parts: Parts, entry: Entry, group: Group, problems: tuple[Problem, ...]) -> Entry:
    """Note that a person must act on a file that was not even copied; it follows its state (``filing``)."""
    return parts.note(entry, Event.REFUSED, problems=problems, members=members(group), next_try_at=None)


def _entry(parts: Parts, candidate: Candidate) -> Entry:
    """Find or make the ledger's entry; a corrected invoice that came back from failed/ keeps its own."""
    stem = split(candidate.group.pdf)[1]
    back = parts.ledger.failed_as(stem)
    if back is not None and parts.folders.present("failed", stem + ".pdf"):
        back = None  # that one still lies in failed/: this is another file of the same name
    rejected = back is not None and is_rejected(back)
    again = None if back is None or rejected else back.id  # what answers a rejected invoice is a new one
    now = parts.clock.now()
    entry = parts.ledger.admit(stem + ".pdf", candidate.group.pdf, candidate.signature, now, again)
    if rejected and not entry.corrected:
        parts.ledger.schedule(entry.id, corrected=True)  # its name may still hold the old number
        entry = parts.ledger.get(entry.id)
    if back is not None:
        with suppress(OSError):  # its old log says what no longer holds
            parts.folders.remove_log("failed", stem + LOG)
    return entry


def _owner(parts: Parts, name: str) -> Entry | None:
    """Return the invoice in failed/ to which a PDF belongs as an attachment, or None."""
    return next((e for e in parts.ledger.failed_with_files() if awaited_by(e, name)), None)


def _await_invoice(parts: Parts, entry: Entry, owner: Entry) -> Entry:
    """Leave an attachment where it is until its invoice comes back, is forgotten, or names it no more."""
    why = Problem("wait.its_invoice", {"file": display(owner.file)})
    until = parts.clock.now() + timedelta(seconds=LOOK_AGAIN)
    if entry.problems == (why,):
        return replace(entry, next_try_at=until)  # nothing new to note
    return hold(parts, entry, Hold(why, until))


def _material(parts: Parts, entry: Entry, candidate: Candidate, facts: PdfFacts) -> Material:
    group, seen = candidate.group, candidate.present
    folder, stem, _ = split(group.pdf)
    return Material(
        stem=stem,
        folders=tuple(folder.split("/")) if folder else (),
        facts=facts,
        sidecars=tuple((split_base(n), parts.folders.read(n, SIDECAR_MAX, seen[n])) for n in group.sidecars),
        defaults=tuple((n, parts.folders.read(n, SIDECAR_MAX, seen[n])) for n in candidate.defaults),
        attachments=tuple(split_base(n) for n in group.attachments),
        corrected=entry.corrected,
    )


def split_base(name: str) -> str:
    """Return a name without its folders."""
    return name.rpartition("/")[2]


def _consider(parts: Parts, entry: Entry, candidate: Candidate, read: Read) -> Entry:
    """Note what follows from what was read."""
    try:
        cleared = clear(parts, entry, candidate, read)
    except RemoteError as e:
        wait(parts, entry, e)
        raise
    match cleared:
        case Hold():
            return hold(parts, entry, cleared)
        case Ready():
            return _take(parts, entry, candidate, read, cleared)
        case problems:
            return _decide(parts, entry, candidate, read, problems)


def wait(parts: Parts, entry: Entry, error: RemoteError) -> None:
    """Note that a good file stays in the outbox because Chorus Pro could not be asked."""
    faults = entry.faults + 1 if isinstance(error, FaultyError) else entry.faults
    named = error.retry_after if isinstance(error, UnavailableError) else None
    seconds = pause(max(faults, 1), parts.jitter()) if named is None else named
    until = parts.clock.now() + timedelta(seconds=seconds)
    problem = error.problem
    parts.note(entry, Event.HELD, parts.words_of(problem), problems=(problem,), next_try_at=until, faults=faults)


def _decide(parts: Parts, entry: Entry, candidate: Candidate, read: Read, problems: tuple[Problem, ...]) -> Entry:
    """Hold a file that lacks something which may still come; refuse what a person must correct."""
    known = _known(read) if entry.receipt is None else _bytes(read)  # of a deposited one, what was deposited stays
    sidecar = bool(candidate.group.sidecars)
    policy = parts.settings.policy
    match on_reading(problems, entry.first_seen, parts.clock.now(), sidecar=sidecar, policy=policy):
        case Hold() as why:
            return hold(parts, entry, why)
        case Refuse(problems):
            found = members(candidate.group, copied_pdf(candidate.group, read))
            return parts.note(entry, Event.REFUSED, problems=problems, members=found, next_try_at=None, **known)
        case Take():
            raise AssertionError("only called with problems that stop")


def _bytes(read: Read) -> dict[str, Any]:
    return {"sha256": read.taken.sha256, "size": read.taken.size}


def _known(read: Read) -> dict[str, Any]:
    """Return what the ledger keeps of what was understood, complete or not."""
    fields = {name: (show(v.value), v.source.value) for name, v in read.understood.fields.items()}
    texts = {name: text for name, (text, _) in fields.items()}
    return {
        **_bytes(read),
        "fields": fields,
        "number": texts.get("numero", ""),
        "siret": texts.get("siret", ""),
        "date": read.understood.fields["date"].value if "date" in texts else None,
        "gross": read.understood.fields["ttc"].value if "ttc" in texts else None,
        "action": read.understood.action,
    }


def _take(parts: Parts, entry: Entry, candidate: Candidate, read: Read, ready: Ready) -> Entry:
    """Note that the invoice is ready, its number reserved and where its files will go: all on disk, in one step."""
    new = _deposited(parts, entry, read, ready)
    if isinstance(new, Problem):
        return _decide(parts, entry, candidate, read, (new,))
    changes = {
        **new,
        "members": ready.members,
        "payload": ready.payload,
        "problems": ready.notes,
        "to_folder": "processing",
        "to_stem": parts.folders.free_stem("processing", split(candidate.group.pdf)[1], suffixes(ready.members)),
        "faults": 0,
        "next_try_at": parts.clock.now(),
    }
    try:
        return parts.note(entry, Event.UNDERSTOOD, **changes)
    except NumberTakenError:
        double = duplicates.of(parts, entry, ready.invoice, read.taken.sha256)
        return _decide(parts, entry, candidate, read, ready.notes + double)


def _deposited(parts: Parts, entry: Entry, read: Read, ready: Ready) -> dict[str, Any] | Problem:
    """Return what the ledger keeps of a deposit; of a correction only its bytes, as what was deposited stays."""
    if entry.receipt is not None:
        return {**_bytes(read), "action": ACTIONS[entry.chorus_status]}
    sent = _to_send(parts, read)
    if isinstance(sent, Problem):
        return sent
    return {
        **_known(read),
        "sent_sha256": sent,
        "signed": read.facts.signed,
        "supplier": str(ready.invoice.supplier or parts.settings.supplier),
        "recipient_name": ready.recipient.name,
        "pays_in_silence": ready.recipient.payment_not_reported,
        "flow": "",
    }


def _to_send(parts: Parts, read: Read) -> str | Problem:
    """Return the SHA-256 of what will be uploaded: the private copy, without its Factur-X (api.md 7.2) unless it is one."""
    if read.understood.action == "flow":
        return read.taken.sha256
    if read.facts.facturx is None and not read.facts.embedded:
        return read.taken.sha256
    if read.facts.signed:
        return read.taken.sha256  # any change would break the signature; a signed Factur-X was refused before
    return parts.folders.derive(read.taken.path, parts.pdf.strip)
