"""From a settled file in the outbox to an invoice that may be sent, or to the reason why not.

List and settle came before (``loop``); here: take a private copy, read every source, ask what the recipient requires,
and note the outcome. The decisions stand in ``core`` (``reading``, ``preflight``, ``decide``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from chorus_outbox.core import flowcheck
from chorus_outbox.core.decide import Hold, Refuse, Take, on_reading, pause
from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.fields import show
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.names import split
from chorus_outbox.core.preflight import check_recipient
from chorus_outbox.core.problem import Problem, stops
from chorus_outbox.core.reading import Material, Rules, read_invoice
from chorus_outbox.core.settling import ChangedError, Group, Signature
from chorus_outbox.errors import FaultyError, RefusedError, RemoteError, UnavailableError
from chorus_outbox.ports import BusyError, NumberTakenError, Taken, TooBigError

from . import duplicates
from .filing import LOG, suffixes
from .parts import PDF_MAX, Parts

SIDECAR_MAX = 64 * 1024  # bytes


@dataclass(frozen=True)
class Candidate:
    """A group of files that nobody writes any more, with what identified them in that look."""

    group: Group
    present: Mapping[str, Signature]
    defaults: Sequence[str]  # the _defaults.yaml on its way, outermost first

    @property
    def signature(self) -> str:
        """One text that changes when any of its files does."""
        return ";".join(",".join(map(str, self.present[m])) for m in self.group.members)


def admit(parts: Parts, candidate: Candidate) -> Entry:
    """Look at a candidate and note what follows: taken, refused, or held (its entry says why and until when).

    Raises:
        RemoteError: Chorus Pro could not be asked; noted as the reason for waiting.
        StorageError: The spool's or the ledger's disk failed.

    """
    entry = _entry(parts, candidate)
    if candidate.present[candidate.group.pdf].size == 0:  # it has waited long enough for its content (``loop``)
        return refuse(parts, entry, candidate.group, (Problem("file.empty"),))
    try:
        return _look_into(parts, entry, candidate)
    except (BusyError, ChangedError):
        soon = parts.clock.now() + timedelta(seconds=max(parts.settings.quiet, 1.0))
        return hold(parts, entry, Hold(Problem("wait.writing"), soon))
    except TooBigError as e:
        sizes = {"size": str(e.size), "limit": str(PDF_MAX)}
        return refuse(parts, entry, candidate.group, (Problem("file.too_big", sizes),))


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
    return parts.note(entry, Event.REFUSED, problems=problems, members=members(group, {}), next_try_at=None)


def members(group: Group, sha256: Mapping[str, str]) -> tuple[Member, ...]:
    """Return the files of a group with the ending that each keeps wherever it goes, the PDF first."""
    stem = split(group.pdf)[1]
    out = [Member("pdf", group.pdf, ".pdf", sha256.get(group.pdf, ""))]
    for name in group.attachments:
        _, own, suffix = split(name)
        out.append(Member("attachment", name, own[len(stem) :] + suffix, sha256.get(name, "")))
    for rank, name in enumerate(group.sidecars):
        suffix = split(name)[2]
        out.append(Member("sidecar", name, suffix if rank == 0 else f".{rank + 1}{suffix}"))
    return tuple(out)


def _entry(parts: Parts, candidate: Candidate) -> Entry:
    """Find or make the ledger's entry; a corrected invoice that came back from failed/ keeps its own."""
    stem = split(candidate.group.pdf)[1]
    back = parts.ledger.failed_as(stem)
    if back is not None and parts.folders.present("failed", stem + ".pdf"):
        back = None  # that one still lies in failed/: this is another file of the same name
    now = parts.clock.now()
    signature = candidate.signature
    entry = parts.ledger.admit(stem + ".pdf", candidate.group.pdf, signature, now, back.id if back else None)
    if back is not None:
        with suppress(OSError):  # its old log says what no longer holds
            parts.folders.remove_log("failed", stem + LOG)
    return entry


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


@dataclass(frozen=True)
class Read:
    """What was read of a candidate, before the recipient is asked.

    Args:
        taken: The private copy.
        facts: What the PDF is.
        understood: What its sources say.

    """

    taken: Taken
    facts: PdfFacts
    understood: Understood


def _consider(parts: Parts, entry: Entry, candidate: Candidate, read: Read) -> Entry:
    """Judge what was read; ask what the recipient requires only when nothing else stands against it."""
    invoice, problems = read.understood.invoice, read.understood.problems
    as_flow = read.understood.action == "flow"  # then attachments were refused before
    attached = tuple(split_base(n) for n in candidate.group.attachments) + (invoice.attachments if invoice else ())
    if attached and not as_flow:
        problems += (Problem("attachment.not_yet", {"names": ", ".join(attached)}),)
    if invoice is not None:
        problems += duplicates.of(parts, entry, invoice, read.taken.sha256)
    if invoice is None or stops(problems):
        return _decide(parts, entry, candidate, read, problems)
    if why := parts.outage():
        return hold(parts, entry, why)
    try:
        recipient = parts.directory.recipient(str(invoice.recipient), invoice.service)
        required = check_recipient(
            invoice.service,
            invoice.engagement,
            recipient,
            str(invoice.recipient),
            read.understood.engagement_pattern,
        )
        problems += flowcheck.as_flow(required) if as_flow else required
        if stops(problems):
            return _decide(parts, entry, candidate, read, problems)
        payload = parts.chorus.payload(invoice, signed=read.facts.signed)  # says as well that the account may send it
    except RefusedError as e:
        return _decide(parts, entry, candidate, read, (*problems, e.problem))
    except RemoteError as e:
        wait(parts, entry, e)
        raise
    assert recipient is not None  # an unknown one is a problem that stops
    return _take(parts, entry, candidate, read, Ready(invoice, payload, recipient.name, problems))


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
    known = _known(read)
    sidecar = bool(candidate.group.sidecars)
    policy = parts.settings.policy
    match on_reading(problems, entry.first_seen, parts.clock.now(), sidecar=sidecar, policy=policy):
        case Hold() as why:
            return hold(parts, entry, why)
        case Refuse(problems):
            found = members(candidate.group, {candidate.group.pdf: read.taken.sha256})
            return parts.note(entry, Event.REFUSED, problems=problems, members=found, next_try_at=None, **known)
        case Take():
            raise AssertionError("only called with problems that stop")


def _known(read: Read) -> dict[str, Any]:
    """Return what the ledger keeps of what was understood, complete or not."""
    fields = {name: (show(v.value), v.source.value) for name, v in read.understood.fields.items()}
    texts = {name: text for name, (text, _) in fields.items()}
    return {
        "sha256": read.taken.sha256,
        "size": read.taken.size,
        "fields": fields,
        "number": texts.get("numero", ""),
        "siret": texts.get("siret", ""),
        "date": read.understood.fields["date"].value if "date" in texts else None,
        "gross": read.understood.fields["ttc"].value if "ttc" in texts else None,
        "action": read.understood.action,
    }


@dataclass(frozen=True)
class Ready:
    """What is known of an invoice against which nothing stands any more."""

    invoice: Invoice
    payload: Mapping[str, Any]
    recipient_name: str
    notes: tuple[Problem, ...]


def _take(parts: Parts, entry: Entry, candidate: Candidate, read: Read, ready: Ready) -> Entry:
    """Note that the invoice is ready, its number reserved and where its files will go: all on disk, in one step."""
    sent = _to_send(parts, read)
    if isinstance(sent, Problem):
        return _decide(parts, entry, candidate, read, (sent,))
    found = members(candidate.group, {candidate.group.pdf: read.taken.sha256})
    changes = {
        "members": found,
        "sent_sha256": sent,
        "signed": read.facts.signed,
        "supplier": str(ready.invoice.supplier or parts.settings.supplier),
        "recipient_name": ready.recipient_name,
        "payload": "" if read.understood.action == "flow" else json.dumps(ready.payload),
        "flow": "",
        "problems": ready.notes,
        "to_folder": "processing",
        "to_stem": parts.folders.free_stem("processing", split(candidate.group.pdf)[1], suffixes(found)),
        "faults": 0,
        "next_try_at": parts.clock.now(),
    }
    try:
        return parts.note(entry, Event.UNDERSTOOD, **{**_known(read), **changes})
    except NumberTakenError:
        double = duplicates.of(parts, entry, ready.invoice, read.taken.sha256)
        return _decide(parts, entry, candidate, read, ready.notes + double)


def _to_send(parts: Parts, read: Read) -> str | Problem:
    """Return the SHA-256 of what will be uploaded: the private copy, without its Factur-X (api.md 7.2) unless it is one."""
    if read.understood.action == "flow":
        return read.taken.sha256
    if read.facts.facturx is None and not read.facts.embedded:
        return read.taken.sha256
    if read.facts.signed:
        return read.taken.sha256  # any change would break the signature; a signed Factur-X was refused before
    return parts.folders.derive(read.taken.path, parts.pdf.strip)
