"""What it costs to follow ten thousand open invoices: the processor's time a look and a turn, and the pace of requests.

``python tests/test_follow_cost.py 10000`` measures at full size and prints the figures; here a short form runs.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.simulator.server import RunningSimulator, running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf

TO = "22220001600434"
DAY = 86_400  # seconds: each open invoice is looked at once
OPEN_INVOICES = 10_000
FASTEST = 100  # requests a second, the most that a configuration can ask for
ONE_PER_CENT = 0.01  # of a core


@contextmanager
def followed(folder: Path, count: int, due: datetime, rate: int = FASTEST) -> Iterator[Site]:
    """Give a site whose ledger follows that many invoices; the simulator knows them."""
    with running(World()) as server:
        config = CONFIG.replace("quiet_seconds: 0.3", "quiet_seconds: 0").replace("second: 100", f"second: {rate}")
        site = Site(folder, server, config)
        site.drop(f"C1_{TO}.pdf", invoice_pdf("C1"))
        assert site.once() == 0
        multiply(site, server, count, due)
        yield site


def multiply(site: Site, server: RunningSimulator, count: int, due: datetime) -> None:
    """Copy the one invoice of the ledger, and of the simulator."""
    (first,) = server.world.accepted()
    like = (first.account, first.supplier, first.mode, first.body, "DEPOSEE")
    copies = [server.world.new_invoice(*like) for _ in range(count)]
    with closing(sqlite3.connect(site.root / "state" / "ledger.db")) as db, db:
        names = [row[1] for row in db.execute("PRAGMA table_info(invoice)")]
        kept = ", ".join(n for n in names if n not in ("id", "number", "receipt", "look_at"))
        db.executemany(
            f"INSERT INTO invoice (number, receipt, look_at, {kept})"  # noqa: S608 - our own columns
            f" SELECT ?1, json_set(receipt, '$.chorus_id', ?2), ?3, {kept} FROM invoice WHERE id = 1",
            [(f"C1-{f.id}", f.id, due.isoformat(timespec="milliseconds")) for f in copies],
        )
        db.execute(
            "INSERT INTO event (invoice_id, at, event, state, detail)"
            " SELECT i.id, e.at, e.event, e.state, e.detail FROM invoice i, event e WHERE e.invoice_id = 1 AND i.id > 1"
        )
        db.execute("UPDATE invoice SET look_at = '2099-01-01T00:00:00+00:00' WHERE id = 1")


def children_cpu() -> float:
    """Return the processor's seconds of the child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cost_of(work: Callable[[], object]) -> float:
    """Return the processor's seconds that the programs run by some work take."""
    before = children_cpu()
    work()
    return children_cpu() - before


def seconds_a_look(folder: Path, count: int, rate: int) -> tuple[float, list[float]]:
    """Return the processor's seconds a look, and the times of the requests, in seconds."""
    with followed(folder, count, datetime.now(UTC) - timedelta(minutes=1), rate) as site:
        config = site.config.read_text("utf-8")
        site.config.write_text(config + "follow_up: {enabled: no}\n", "utf-8")
        idle = cost_of(site.once)
        site.config.write_text(config, "utf-8")
        busy = cost_of(lambda: site.program("run", "--config", str(site.config), "--once", timeout=900))
        times = [
            datetime.fromisoformat(e["at"]).timestamp()
            for e in list(site.simulator.world.journal)
            if e["path"].endswith("historique")
        ]
        assert len(times) == count
        return (busy - idle) / count, times


def turn_seconds(folder: Path, count: int) -> float:
    """Return the processor's seconds of what the loop asks of the ledger in one turn, with that many followed."""
    with followed(folder, count, datetime.now(UTC) + timedelta(days=1)) as site:
        ledger = SqliteLedger(site.root / "state" / "ledger.db")
        turns = 20
        before = time.process_time()
        for _ in range(turns):
            for _ in range(3):
                ledger.open_entries()
            ledger.seen_entries()
            ledger.next_look()
            ledger.next_look()
            ledger.counts()
        used = (time.process_time() - before) / turns
        ledger.close()
        return used


def test_a_look_costs_little_and_keeps_the_pace(tmp_path: Path) -> None:
    """Ten thousand daily looks take under one per cent of a core; a batch that is due at once leaves at the set pace."""
    count, rate = 60, 20
    cost, times = seconds_a_look(tmp_path, count, rate)
    assert cost * OPEN_INVOICES / DAY < ONE_PER_CENT
    assert times[-1] - times[0] >= (count - rate) / rate - 0.5  # a second's worth may leave at once


def test_a_turn_asks_the_ledger_for_little(tmp_path: Path) -> None:
    """With ten thousand followed invoices, the questions of a turn take a few milliseconds: none reads every row."""
    assert turn_seconds(tmp_path, OPEN_INVOICES) < 0.02


if __name__ == "__main__":
    size = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        each, moments = seconds_a_look(Path(first), size, FASTEST)
        turn = turn_seconds(Path(second), size)
    took = moments[-1] - moments[0]
    sys.stdout.write(
        f"{size} looks: {each * 1000:.2f} ms of the processor each; {size / took:.0f} a second\n"
        f"daily, {OPEN_INVOICES} of them: {100 * each * OPEN_INVOICES / DAY:.3f} % of a core\n"
        f"hourly: {100 * each * OPEN_INVOICES / 3600:.2f} %\n"
        f"the ledger in one turn: {turn * 1000:.2f} ms; every ten seconds: {100 * turn / 10:.3f} %\n"
    )
