"""The world of the worker in memory, and what must be true of it at every instant.

A test makes a ``World``, lets people act on ``world.folders`` (``drop``, ``edit``, ``take_away``), plans what goes wrong
(``world.chorus.faults.plan("submit", Fault("doubt_lost"))``, ``world.folders.faults``, ``world.effects.crash_at``), and
calls ``work()``: the real ``Loop`` and ``Jobs`` turn, in this one thread, until nothing more can be done now. Time
passes only by ``wait(seconds)``. ``restart()`` is a new process on the same ledger and folders, after a ``Crash`` too.

``check`` is called after each effect of any port. What it finds is kept in ``broken`` (the worker survives an exception
of one invoice, so raising would not do) and fails the test when ``work`` ends. The names I1...I14 are those of
reliability.md 4.8.

No file, socket, thread or real clock is used. What stands behind each port: ``world_ledger``, ``world_folders``,
``world_chorus``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any, cast

from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from chorus_outbox.core.decide import Policy
from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.fields import VatLine
from chorus_outbox.core.filename import DEFAULT_PATTERNS
from chorus_outbox.core.followup import Schedule
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.reading import Rules
from chorus_outbox.core.words import catalogue
from chorus_outbox.simulator.cii import cii_xml
from chorus_outbox.simulator.sketch import Line, Party, Sketch
from chorus_outbox.simulator.start import SIRET_PLAIN, SUPPLIER_SIRET
from chorus_outbox.worker.jobs import Jobs
from chorus_outbox.worker.loop import Loop
from chorus_outbox.worker.parts import Parts, Settings
from world_chorus import DOUBLE, Fault, MemoryChorus
from world_effects import START, Crash, Effects, ManualClock
from world_folders import MemoryFolders, MemoryPdf, pdf, sha
from world_follow import MemoryFlows, MemoryFollowUp, MemoryLists
from world_ledger import MemoryLedger

SETTLE = 60.0  # seconds
DONE = (State.SENT, State.PAID)
DAY = date(2026, 11, 20)  # of every invoice, unless its sidecar says otherwise
DEFAULTS = Draft(
    Source.CONFIG,
    {
        "fournisseur": SUPPLIER_SIRET,
        "date": DAY,
        "ht": Decimal("100.00"),
        "tva": Decimal("20.00"),
        "ttc": Decimal("120.00"),
        "lignes_tva": (VatLine(Decimal(20), Decimal("100.00"), Decimal("20.00")),),
    },
)


def settings(*, resend: bool = True, facturx: str = "strip") -> Settings:
    """Return settings without quiet time: two looks suffice for a file."""
    return Settings(
        rules=Rules(patterns=DEFAULT_PATTERNS, book={}, defaults=DEFAULTS, facturx=facturx),
        policy=Policy(sidecar_wait=120, incomplete_wait=900, settle=SETTLE, resend=resend),
        words=catalogue("fr"),
        supplier=SUPPLIER_SIRET,
        quiet=0,
        rescan=0,
        parallel=4,
        sandbox=True,
        follow=Schedule(300, 3600),
    )


def named(number: str) -> str:
    """Return the name of a file that says all that is needed."""
    return f"{number}_{SIRET_PLAIN}.pdf"


def facturx(number: str, text: str = "", change: tuple[str, str] = ("", ""), **more: Any) -> bytes:
    """Return a Factur-X invoice to the recipient of ``named``; ``change`` replaces a text in its XML."""
    line = Line("Prestation", Decimal(1), Decimal("100.00"), Decimal(20))
    sketch = Sketch(number, DAY, Party("MA SOCIETE", SUPPLIER_SIRET), Party("UN CLIENT"), (line,), **more)
    xml = cii_xml(sketch, SIRET_PLAIN).decode()
    assert change[0] in xml
    return pdf(text, xml=(xml.replace(*change) if change[0] else xml).encode())


class InThisThread:
    """Stands for the pool of threads: does each job at once."""

    def submit(self, work: Callable[..., None], *args: Any) -> Future[None]:
        job: Future[None] = Future()
        try:
            work(*args)
        except Exception as e:  # noqa: BLE001 - as the pool does; a Crash goes through
            job.set_exception(e)
        else:
            job.set_result(None)
        return job


class World:
    """The daemon's whole world.

    Args:
        settings: Of the worker.
        refuses_doubles: Whether the portal refuses a number that it has; without, only the program prevents doubles.
        doubt_until: Invoices dated until then may have been sent by a ledger that is lost.

    """

    def __init__(
        self, chosen: Settings | None = None, *, refuses_doubles: bool = True, doubt_until: date | None = None
    ) -> None:
        self.clock = ManualClock()
        self.effects = Effects(watchers=[self.check])
        self.ledger = MemoryLedger(self.effects)
        self.folders = MemoryFolders(self.effects)
        self.chorus = MemoryChorus(self.effects, self.clock.now, self.folders.bytes_of)
        self.chorus.refuses_doubles = refuses_doubles
        self.chorus.sending = self._intended
        self.follow = MemoryFollowUp(self.chorus)
        self.follow.sending = self._intended_correction
        self.flows = MemoryFlows(self.chorus)
        self.lists = MemoryLists(self.chorus)
        self.settings = chosen or settings()
        self.doubt_until = doubt_until
        self.claimed: set[str] = set()  # SHA-256 of what a sidecar names: never an invoice of its own
        self.broken: list[str] = []
        self.logs: list[Mapping[str, Any]] = []
        self._filed: dict[tuple[str, str], str] = {}
        self.restart()

    def parts(self) -> Parts:
        """Return the ports and settings; chance is a constant."""
        chorus, folders = self.chorus, self.folders
        pdf_reader = MemoryPdf(folders.spool)
        return Parts(
            *(self.ledger, folders, chorus, chorus, self.follow, self.flows, self.lists),
            *(pdf_reader, self.clock, self.settings),
            jitter=lambda: 0.5,
            doubt_until=self.doubt_until,
        )

    @property
    def jobs(self) -> Jobs:
        """The present process's jobs."""
        return self.loop.jobs

    # --- what happens --------------------------------------------------------------------------------------------

    def restart(self) -> None:
        """Start a new process, as the service does: recover first."""
        with capture_logs([merge_contextvars]) as logs:
            self.loop = Loop(self.parts())
            try:
                self.loop.recover()
            finally:
                self.logs += logs

    def work(self, turns: int = 4) -> None:
        """Let the daemon do all that it can do now."""
        pool = cast("ThreadPoolExecutor", InThisThread())
        self.chorus.tick()
        with capture_logs([merge_contextvars]) as logs:
            try:
                for _ in range(turns):
                    self.loop.turn(pool)
            finally:
                self.logs += logs
        self.verify()

    def wait(self, seconds: float) -> None:
        """Let time pass, and the daemon work."""
        self.clock.advance(seconds)
        self.work()

    def finish(self, days: int = 2) -> None:
        """End every fault and let time pass until nothing is left to do (I4), then check that all agree."""
        self.chorus.faults.clear()
        self.folders.faults.clear()
        self.folders.away = False
        self.folders.busy.clear()
        self.effects.crash_at = None
        for _ in range(days * 24 * 3):
            self.work()
            if not (self.ledger.open_entries() or self._seen()):
                break
            self.clock.advance(1200)
        left = [(e.file, e.state.value, e.problems) for e in (*self.ledger.open_entries(), *self._seen())]
        assert not left, f"never ends: {left}"
        self._check_end()
        self.verify()

    def _seen(self) -> list[Entry]:
        """Return what waits in the outbox, but attachments whose invoice waits in failed/ for a person."""
        return [e for e in self.ledger.seen_entries() if "wait.its_invoice" not in {p.code for p in e.problems}]

    def verify(self) -> None:
        """Fail when an invariant was broken, or the program stumbled on something that it does not know."""
        assert not self.broken, self.broken
        bugs = [entry for entry in self.logs if entry["event"] == "invoice.error"]
        assert not bugs, bugs

    def decide(self, *statuses: str, comment: str = "", number: str = "FA-1") -> None:
        """Act as the recipient of a deposited invoice; each status a minute after the other."""
        receipt = self.entry(number).receipt
        assert receipt is not None
        for minute, status in enumerate(statuses, 1):
            self.follow.set_status(receipt.chorus_id, status, comment, f"2026-11-24 10:0{minute}")

    # --- what tests ask ------------------------------------------------------------------------------------------

    def entry(self, number: str) -> Entry:
        """Return the newest entry with that number, or file name without ending; withdrawn ones only if no other."""
        known = [*(e for e in self.ledger.rows.values() if e.state is State.WITHDRAWN), *self.ledger.entries()]
        return [e for e in known if number in (e.number, e.file.removesuffix(".pdf"), e.file.partition("_")[0])][-1]

    def events(self, name: str) -> list[Mapping[str, Any]]:
        """Return the log's events of that name."""
        return [entry for entry in self.logs if entry["event"] == name]

    def steps(self, number: str) -> list[str]:
        """Return the events of an invoice's story."""
        return [n.event for n in self.ledger.events(self.entry(number).id)]

    # --- what must be true ---------------------------------------------------------------------------------------

    def check(self, what: str = "") -> None:
        """Check the invariants that hold at every instant."""
        found = [*self._conservation(), *self._deposits(), *self._states(), *self._overwritten()]
        self.broken += [f"{rule} after {what}" for rule in found]

    def _conservation(self) -> list[str]:
        expected = +(self.folders.owned + self.folders.added)
        there = self.folders.everything()
        found = [] if there == expected else [f"I1: lost {expected - there}, too many {there - expected}"]
        needless = self.folders.restored - self.folders.removed
        return [*found, *(f"I1: {digest} put back although nobody took it away" for digest in needless)]

    def _deposits(self) -> list[str]:
        keys = Counter(d.key for d in self.chorus.deposits)
        found = [f"I2: {key} accepted {n} times" for key, n in keys.items() if n > 1]
        alone = [d for d in self.chorus.deposits if sha(d.content) in self.claimed]
        return found + [f"{d.key}: an attachment was sent as an invoice" for d in alone]

    def _states(self) -> list[str]:
        found = []
        for e in self.ledger.rows.values():
            mine = [d for d in self.chorus.deposits if d.entry_id == e.id]
            ids = [d.chorus_id for d in mine]
            if e.state in DONE and (e.receipt is None or e.receipt.chorus_id not in ids):
                found.append(f"I3: {e.file} sent without a deposit of its own")
            if e.state in DONE and not self._lies(e.folder, e.stem + ".pdf"):
                found.append(f"I3: {e.file} sent but not in {e.folder}")
            if e.state in (State.FAILED, State.REFUSED) and mine and not any(map(self.follow.came_back, ids)):
                found.append(f"I5: {e.file} is {e.state.value} but was accepted")
            if e.state in (State.SENDING, State.IN_DOUBT, State.INTEGRATING) and "failed" in (e.folder, e.to_folder):
                found.append(f"I5: {e.file} in failed/ although in doubt")
        return found

    def _lies(self, folder: str, name: str) -> bool:
        """Tell whether a file lies where it was filed, or a person has taken it from there, or on its way back there."""
        taken = {(folder, name), ("failed", name)} & self.folders.touched
        return name in self.folders.files.get(folder, {}) or bool(taken)

    def _overwritten(self) -> list[str]:
        """I14: what lies in sent/ stays there, unchanged, unless its recipient sends it back."""
        now = {
            (folder, name): sha(data)
            for folder, files in self.folders.files.items()
            for name, data in files.items()
            if folder.startswith("sent") and name.endswith(".pdf")
        }
        back = any(self.follow.came_back(d.chorus_id) for d in self.chorus.deposits)
        expected = {} if back else {p: digest for p, digest in self._filed.items() if p not in self.folders.touched}
        changed = [f"I14: {place} changed" for place, digest in expected.items() if now.get(place) != digest]
        self._filed = now
        return changed

    def _intended(self, payload: Mapping[str, Any]) -> int | None:
        """I8: at the moment of a submit the ledger says that it is being sent. Return the entry."""
        sending = [
            e
            for e in self.ledger.rows.values()
            if e.state is State.SENDING and e.number == payload["numeroFactureSaisi"]
        ]
        if len(sending) != 1 or sending[0].folder != "processing":
            self.broken.append(f"I8: submit of {payload['numeroFactureSaisi']} with {len(sending)} intents")
        if any(e.receipt for e in sending):
            self.broken.append(f"I8: {payload['numeroFactureSaisi']} was deposited, and is submitted again")
        return sending[0].id if sending else None

    def _intended_correction(self, chorus_id: int) -> None:
        """I8: at the moment of a correction the ledger says that it is being sent."""
        mine = [e for e in self.ledger.rows.values() if e.receipt and e.receipt.chorus_id == chorus_id]
        if [(e.state, e.folder) for e in mine] != [(State.SENDING, "processing")]:
            self.broken.append(f"I8: correction of {chorus_id} without its intent")

    def _check_end(self) -> None:
        """I3, I7: when all is done, accepted is sent, under the recorded id, with the bytes that were dropped."""
        for d in self.chorus.deposits:
            if d.entry_id is None:
                continue
            e = self.ledger.get(d.entry_id)
            back = self.follow.came_back(d.chorus_id) and e.state in (State.FAILED, State.WITHDRAWN)
            if not (e.state in DONE or back) or e.receipt is None or e.receipt.chorus_id != d.chorus_id:
                self.broken.append(f"I3: accepted as {d.chorus_id}, but {e.file} is {e.state.value}")
            if sha(d.content) != e.sent_sha256:
                self.broken.append(f"I7: other bytes than noted were accepted for {e.file}")
            if {sha(a) for a in d.attachments} != {m.sha256 for m in e.attachments} or len(e.attached) < len(
                d.attachments
            ):
                self.broken.append(f"I7: other attachments than noted were accepted for {e.file}")
        for name in self.folders.files["processing"]:
            if name.endswith(".yaml") or "_PJ" in name or " - " in name:
                continue  # left by a person who took the PDF and dropped another of the same name
            self.broken.append(f"I1: {name} is forgotten in processing/")


__all__ = ["DAY", "DOUBLE", "SETTLE", "START", "Crash", "Fault", "World", "facturx", "named", "pdf", "settings", "sha"]
