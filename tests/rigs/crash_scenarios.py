"""The lives in which the rigs kill: what was there before the run, and how every invoice must end."""

from __future__ import annotations

import hashlib
import io
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from crash_invariants import copied_entries
from crash_site import Site, invoice_pdf
from crash_tracer import Fault
from pypdf import PdfWriter

from chorus_outbox.simulator.chaos import Rule

TO = "22220001600434"  # a recipient that requires nothing
STATE_SIDECAR = ("siret: 11000201100044", "service: D2205922", "engagement: 9999999999")  # only Chorus Pro knows better


@dataclass(frozen=True)
class Scenario:
    """One life.

    Args:
        name: For tables and the command line.
        prepare: Makes what is there when the killed run starts.
        ends: PDF -> state that it must reach.
        code: Exit code of the run that is not disturbed.
        cold: Start the PDF children as in life (slower).

    """

    name: str
    prepare: Callable[[Site], None]
    ends: Mapping[str, str] = field(default_factory=lambda: {"F1.pdf": "sent"})
    code: int = 0
    cold: bool = False


def happy(site: Site) -> None:
    """Drop a PDF and its sidecar."""
    site.drop("F1.pdf", invoice_pdf("F1"), f"siret: {TO}")


def answer_lost(site: Site) -> None:
    """Lose the answer of a deposit that was accepted."""
    site.world.rules.append(Rule("soumettre", "answer_lost", reset=True))
    happy(site)


def absent(site: Site) -> None:
    """Lose the deposit on its way: proved absent by three searches, sent again."""
    site.world.rules.append(Rule("soumettre", "drop"))
    happy(site)


def refused(site: Site) -> None:
    """Have it refused by Chorus Pro, as often as it is sent: the State knows its engagement numbers."""
    site.drop("F1.pdf", invoice_pdf("F1"), *STATE_SIDECAR)


def duplicate(site: Site) -> None:
    """Drop the number of a sent invoice again, with other bytes."""
    happy(site)
    assert site.run().code == 0
    site.drop("F2.pdf", invoice_pdf("F1", price="200.00"), f"siret: {TO}", "commentaire: encore")


def corrected(site: Site) -> None:
    """Let it fail for its recipient; a person corrects the sidecar and carries both back."""
    site.drop("F1.pdf", invoice_pdf("F1"), "siret: 22220001600372")
    assert site.run().code == 1
    failed, outbox = site.shares / "failed", site.shares / "outbox"
    wrong = (failed / "F1.yaml").read_bytes()
    site.dropped.pop(hashlib.sha256(wrong).hexdigest())
    (failed / "F1.yaml").unlink()
    (failed / "F1.pdf").rename(outbox / "F1.pdf")
    right = f"siret: {TO}\n".encode()
    (outbox / "F1.yaml").write_bytes(right)
    site.dropped[hashlib.sha256(right).hexdigest()] = "F1.yaml"


def local_refusal(site: Site) -> None:
    """Drop one with a wrong SIRET and no sidecar: to failed/, with a sidecar filled in."""
    site.drop("F1_22220001600372.pdf", invoice_pdf("F1"))


def renewal(site: Site) -> None:
    """Refuse the token in mid-run: before the upload, and again at the deposit."""
    site.world.rules.append(Rule("deposer/pdf", "unauthorized"))
    site.world.rules.append(Rule("soumettre", "unauthorized"))
    happy(site)


def ledger_lost(site: Site) -> None:
    """Lose the ledger that had sent one, and drop another."""
    happy(site)
    assert site.run().code == 0
    for path in site.state.glob("ledger.db*"):
        path.unlink()
    site.forgotten = {"F1"}
    site.drop("F2.pdf", invoice_pdf("F2"), f"siret: {TO}", "commentaire: neuve")


def stripped(site: Site) -> None:
    """Drop a PDF with a file inside: a changed copy is made, and sent."""
    site.drop("F1.pdf", _with_a_file_inside(), f"siret: {TO}")


def _with_a_file_inside() -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(invoice_pdf("F1")))
    writer.add_attachment("note.txt", b"embedded")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def attachments(site: Site) -> None:
    """Drop two attachments, one named by the sidecar: a PDF that could be sent as an invoice of its own."""
    site.drop(f"F9_{TO}.pdf", invoice_pdf("F9"))
    site.drop("F1_PJ1.jpg", b"a photo")
    site.drop("F1.pdf", invoice_pdf("F1"), f"siret: {TO}", f"pieces_jointes: F9_{TO}.pdf")


def start_up(site: Site) -> None:
    """Leave what a first crash left: F1 accepted, its files half moved (PDF in sent/, sidecar not); F2 being sent."""

    def both(site: Site) -> None:
        happy(site)
        site.drop("F2.pdf", invoice_pdf("F2"), f"siret: {TO}", "commentaire: seconde")

    both(site)
    kept = {p.name: p.read_bytes() for p in (site.shares / "outbox").iterdir()}
    for kill_at in [*range(24, 5, -1)] * 3:  # a slow machine may need another round
        # the fourth renameat2 is that of F1's sidecar into sent/; F2's deposit is on its way at one of the last reads
        faults = (Fault(4, "renameat2", errno=5), Fault(kill_at, "recvfrom"))
        result = site.run(*faults, pauses={"SHARE_PAUSE": 30.0})
        states = sorted(e.state.value for e in copied_entries(site))
        if result.code == -9 and states == ["accepted", "sending"]:
            for _ in range(200):  # Chorus Pro may still be working on it
                if len(site.world.accepted()) == 2:
                    return
                time.sleep(0.01)
        _again(site, kept)
    raise AssertionError("the wanted state was not reached")


def _again(site: Site, kept: Mapping[str, bytes]) -> None:
    """Empty the site and drop the same files."""
    for path in site.files():
        path.unlink()
    shutil.rmtree(site.state, ignore_errors=True)
    site.world.reset()
    for name, data in kept.items():
        (site.shares / "outbox" / name).write_bytes(data)


SCENARIOS = (
    Scenario("happy", happy, cold=True),
    Scenario("answer lost", answer_lost),
    Scenario("in doubt, sent again", absent),
    Scenario("refused", refused, {"F1.pdf": "failed"}, 1),
    Scenario("duplicate", duplicate, {"F1.pdf": "sent", "F2.pdf": "failed"}, 1),
    Scenario("corrected", corrected),
    Scenario("local refusal", local_refusal, {"F1_22220001600372.pdf": "failed"}, 1),
    Scenario("token renewed", renewal),
    Scenario("ledger lost", ledger_lost, {"F2.pdf": "sent"}),
    Scenario("copy stripped", stripped),
    Scenario("attachments", attachments),
    Scenario("start-up", start_up, {"F1.pdf": "sent", "F2.pdf": "sent"}),
)
BY_NAME = {s.name: s for s in SCENARIOS}
