"""Every line of the log that concerns an invoice says which one and which attempt: in any thread, after any restart."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from chorus_outbox import logs
from chorus_outbox.simulator.start import SIRET_SILENT
from chorus_outbox.worker.correlation import concerning
from test_corrections import came_back, drop_again
from test_logs import _restored  # noqa: F401 - a fixture that each test uses
from world import SETTLE, Fault, World, named, pdf


def sent(world: World) -> None:
    """Let nothing happen to it."""
    world.work()


def sent_again(world: World) -> None:
    """Lose its first deposit, which three searches prove."""
    world.chorus.faults.plan("submit", Fault("doubt_lost"))
    world.work()
    for _ in range(4):
        world.wait(SETTLE)


def cut_short(world: World) -> None:
    """End the process after the deposit was accepted; let the next one go on."""
    world.chorus.faults.plan("submit", Fault("doubt_arrived"))
    world.work()
    world.restart()
    world.wait(SETTLE)


def not_arrived(world: World) -> None:
    """Let two uploads fail, and one deposit certainly not arrive."""
    world.chorus.faults.plan("upload", Fault("not_arrived"), Fault("not_arrived"))
    world.chorus.faults.plan("submit", Fault("not_arrived"))
    world.work()
    for _ in range(4):
        world.wait(600)


HISTORIES: Mapping[str, tuple[Callable[[World], None], Mapping[str, str]]] = {
    # what happens -> the attempt that each kind of line belongs to (the last one)
    "sent": (sent, {"invoice.ready": "1-1", "invoice.sending": "1-1", "invoice.sent": "1-1"}),
    "sent again": (sent_again, {"invoice.in_doubt": "1-1", "invoice.sending": "1-2", "invoice.sent": "1-2"}),
    "cut short": (cut_short, {"invoice.in_doubt": "1-1", "invoice.sending": "1-1", "invoice.sent": "1-1"}),
    "not arrived": (not_arrived, {"outage.started": "1-1", "invoice.sending": "1-2", "invoice.sent": "1-2"}),
}


@pytest.mark.parametrize("case", HISTORIES)
def test_each_line_names_its_invoice_and_its_attempt(case: str) -> None:
    """An attempt is everything from the moment in which an invoice can be sent until it is known what came of it."""
    happens, expected = HISTORIES[case]
    world = World()
    world.folders.drop(named("FA-1"), pdf("one"))
    happens(world)
    world.finish()
    told = [line for line in world.logs if line["event"].startswith("invoice.")]
    assert all(line["invoice"] == 1 for line in told)
    assert {event: last(world, event)["correlation"] for event in expected} == expected
    attempts = [line["correlation"] for line in told]
    assert attempts == sorted(attempts)  # none goes back to an earlier attempt
    assert get_contextvars() == {}


def last(world: World, event: str) -> Mapping[str, Any]:
    return world.events(event)[-1]


def test_what_comes_back_and_is_dropped_again_has_a_new_attempt() -> None:
    """Its return is told under the attempt that sent it; its correction is the next one: numbers never begin anew."""
    world = came_back()
    assert {last(world, event)["correlation"] for event in ("invoice.status", "invoice.failed")} == {"1-1"}
    drop_again(world, f"siret: {SIRET_SILENT}\ncommentaire: corrigé\n".encode())
    assert {last(world, event)["correlation"] for event in ("invoice.sending", "invoice.sent")} == {"1-2"}


def test_an_invoice_that_never_left_has_its_first_attempt() -> None:
    """Refused before anything was sent; corrected and dropped again, it is the same invoice."""
    world = World()
    world.folders.drop(named("FA-1").replace("22220001600434", "44306184100047"), pdf("one"))
    world.work()
    assert {line["correlation"] for line in world.logs if "invoice" in line} == {"1-1"}


def test_many_threads_do_not_mix_their_invoices(tmp_path: Path) -> None:
    """What a library says meanwhile bears the invoice of its thread, and none after the job."""
    world = World()
    for number in (1, 2):
        world.folders.drop(named(f"FA-{number}"), pdf(str(number)))
    world.work()
    file = tmp_path / "log.json"
    logs.configure("info", file)
    parts = replace(world.parts(), instance="0123abcd")
    both_inside = threading.Barrier(2, timeout=10)

    def work(number: int) -> None:
        with concerning(parts, world.entry(f"FA-{number}")):
            both_inside.wait()
            logging.getLogger("library").warning("inside %s", number)
        logging.getLogger("library").warning("after")

    threads = [threading.Thread(target=work, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    inside = {(line["event"], line["invoice"], line["correlation"]) for line in lines if "invoice" in line}
    assert {(event, correlation) for event, _, correlation in inside} == {
        (f"inside {n}", f"0123abcd-{world.entry(f'FA-{n}').id}-1") for n in (1, 2)
    }
    assert sum("invoice" not in line for line in lines) == 2
