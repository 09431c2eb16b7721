"""What must hold at once after a crash, and what after the run that follows it: sentences, empty when all is well.

The ledger is read from a copy as long as the program has not recovered it: opening it would do that for the program.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from crash_site import FOLDERS, Site

from chorus_outbox.commands.keep import disagreements
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import State
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import OutboxError

KNOWN = (State.SENDING, State.IN_DOUBT, State.ACCEPTED, State.SENT)


def after_crash(site: Site) -> list[str]:
    """Return what is wrong right after a kill, before anything recovers."""
    entries = copied_entries(site)
    return [*_conserved(site, entries), *_sent_once(site), *_proved(site, entries), *_intended(site, entries)]


def at_end(site: Site, ends: Mapping[str, str]) -> list[str]:
    """Return what is wrong after a run that was not disturbed. ``ends``: PDF as dropped -> state it must reach."""
    try:
        wrong = list(disagreements(site.config))
        entries = read_entries(site.config.ledger)
    except OutboxError as e:
        return [f"ledger: {e}"]
    wrong += [*_conserved(site, entries), *_sent_once(site), *_proved(site, entries), *_agree(site, entries)]
    wrong += _ended(entries, ends)
    outbox, processing = (site.shares / name for name in FOLDERS[:2])
    left = [p for p in processing.iterdir() if not p.name.startswith(".outbox-")]
    left += [p for p in outbox.iterdir() if p.suffix in (".pdf", ".yaml")]
    if left and not {"in_doubt", "seen", "waiting"} & set(ends.values()):
        wrong.append(f"left behind: {[f'{p.parent.name}/{p.name}' for p in left]}")
    return wrong


def litter(site: Site) -> int:
    """Return how many temporary files and unused private copies are left: no harm, but counted."""
    spool = [p for p in (site.state / "spool").iterdir() if p.suffix == ".pdf" or p.name.startswith(".take-")]
    return len(spool) + sum(p.name.startswith(".outbox-") and p.suffix == ".tmp" for p in site.files())


def read_entries(ledger: Path) -> list[Entry]:
    reading = SqliteLedger(ledger, read_only=True)
    try:
        return list(reading.entries())
    finally:
        reading.close()


def copied_entries(site: Site) -> list[Entry]:
    if not (site.state / "ledger.db").is_file():
        return []
    with tempfile.TemporaryDirectory(dir=site.root.parent) as copy:
        for path in site.state.glob("ledger.db*"):
            shutil.copy(path, copy)
        try:
            ledger = SqliteLedger(Path(copy) / "ledger.db", alone=False)  # as the program would: rolls back
        except OutboxError:
            return []  # killed while it was made
        try:
            return list(ledger.entries())
        finally:
            ledger.close()


def _conserved(site: Site, entries: list[Entry]) -> Iterator[str]:
    """Every dropped file is in exactly one folder, its bytes unchanged."""
    found = Counter(hashlib.sha256(p.read_bytes()).hexdigest() for p in site.files())
    for digest, name in site.dropped.items():
        if found[digest] != 1:
            yield f"{name}: {found[digest]} files with its bytes"
    pdfs = [p for p in site.files() if p.suffix == ".pdf"]
    if len(pdfs) != sum(name.endswith(".pdf") for name in site.dropped.values()):
        yield f"{len(pdfs)} PDFs in the folders: {[p.name for p in pdfs]}; {len(entries)} in the ledger"


def _sent_once(site: Site) -> Iterator[str]:
    """At most one accepted deposit for a number, and nothing that was accepted is asked for again."""
    for number, times in Counter(f.number for f in site.world.accepted()).items():
        if times > 1:
            yield f"{number}: {times} accepted deposits"
    taken = set(site.taken)
    for request in list(site.world.journal):
        if request["path"].endswith("soumettre") and isinstance(request["response"], dict):
            number = request["request"]["references"].get("numeroFacture") or request["request"]["numeroFactureSaisi"]
            if number in taken:
                yield f"{number}: sent again after it was accepted"
            if request["response"].get("identifiantFactureCPP"):
                taken.add(number)


def _proved(site: Site, entries: list[Entry]) -> Iterator[str]:
    """Whatever lies in sent/ has a receipt in the ledger, of a deposit that Chorus Pro has, of the same bytes."""
    sent = [e for e in entries if e.state in (State.ACCEPTED, State.SENT)]
    by_name = {(e.to_stem or e.stem) + m.suffix: (e, m) for e in sent for m in e.members}
    deposits = {f.id: f for f in site.world.accepted()}
    for path in site.files():
        if path.suffix != ".pdf" or path.relative_to(site.shares).parts[0] != "sent":
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        entry, member = by_name.get(path.name, (None, None))
        if entry is None and site.forgotten:
            continue  # filed by the ledger that is lost
        if entry is None or entry.receipt is None:
            yield f"{path.name}: in sent/ without a receipt"
        elif (deposit := deposits.get(entry.receipt.chorus_id)) is None or deposit.number != entry.number:
            yield f"{path.name}: receipt {entry.receipt.chorus_id} is of no such deposit"
        elif member is not None and member.role == "attachment":
            if digest not in {site.world.files[one].sha256 for one in deposit.attachments}:
                yield f"{path.name}: Chorus Pro does not have this attachment"
        elif entry.sha256 == entry.sent_sha256 and deposit.file and site.world.files[deposit.file].sha256 != digest:
            yield f"{path.name}: Chorus Pro has other bytes"


def _intended(site: Site, entries: list[Entry]) -> Iterator[str]:
    """Whatever Chorus Pro has accepted, the ledger knows that it may have been sent."""
    known = {e.number for e in entries if e.state in KNOWN}
    for deposit in site.world.accepted():
        if deposit.number not in known | site.forgotten:
            yield f"{deposit.number}: accepted, and the ledger knows of no attempt"


def _agree(site: Site, entries: list[Entry]) -> Iterator[str]:
    """Whatever Chorus Pro has accepted is sent; what failed was not accepted (but for a double of something sent)."""
    sent = [e.number for e in entries if e.state is State.SENT]
    accepted = {f.number for f in site.world.accepted()}
    for deposit in site.world.accepted():
        mine = next((e for e in entries if e.receipt and e.receipt.chorus_id == deposit.id), None)
        if mine and len(deposit.attachments) != len(mine.attachments):
            yield f"{deposit.number}: {len(deposit.attachments)} attachments instead of {len(mine.attachments)}"
    for number in accepted - site.forgotten:
        if sent.count(str(number)) != 1:
            yield f"{number}: accepted, but {sent.count(str(number))} times sent in the ledger"
    for entry in entries:
        double = any(p.code.startswith("duplicate.") for p in entry.problems)
        if entry.state is State.FAILED and entry.number in accepted and not double:
            yield f"{entry.number}: accepted, and in failed/"


def _ended(entries: list[Entry], ends: Mapping[str, str]) -> Iterator[str]:
    reached = {e.file: e.state.value for e in entries}
    for file, state in ends.items():
        if reached.get(file) != state:
            yield f"{file}: {reached.get(file)} instead of {state}"
