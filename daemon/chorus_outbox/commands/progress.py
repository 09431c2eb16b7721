"""How far `run --once` has come, on one line of the terminal beneath the log. Loads rich; changes nothing.

It is told after every turn of the loop like everything else that people see, and reads the ledger's counts. In a pipe,
under systemd and for a handful of files there is none of it.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from chorus_outbox.config import Config
from chorus_outbox.core.lifecycle import OPEN, State
from chorus_outbox.core.words import Words, catalogue, fill
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import OutboxError
from chorus_outbox.ports import Outlook, Show

from .terminal import has_colours

HANDFUL = 5  # files that need no progress line
SENT, WAITING = (State.SENT, State.PAID), (State.WAITING, State.IN_DOUBT, State.INTEGRATING)
UNDONE = (State.SEEN, *OPEN)


@contextlib.contextmanager
def progress(config: Config) -> Iterator[Sequence[Show]]:
    """Give what shows the progress while the program runs; nothing when there is little to do.

    Standard error goes through it meanwhile, so that the lines of the log appear above.
    """
    before = _counts(config)
    total = _dropped(config) + _sum(before, OPEN)
    if total <= HANDFUL:
        yield ()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}", markup=False),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True, color_system="auto" if has_colours(os.environ) else None, highlight=False)
    with Progress(*columns, console=console, redirect_stdout=False, expand=True, refresh_per_second=2) as shown:
        yield (_Shown(config, shown, total, before),)


class _Shown:
    """The line itself."""

    name = "progress"

    def __init__(self, config: Config, line: Progress, total: int, before: Mapping[str, int]) -> None:
        self._config = config
        self._line = line
        self._words = catalogue(config.language)
        self._total, self._before = total, before
        self._began = time.monotonic()
        self._task = line.add_task(self._words.terminal["progress"], total=total, told="")

    def show(self, outlook: Outlook) -> None:
        """Bring the line up to date."""
        del outlook
        now = _counts(self._config)
        sent, failed = (_sum(now, s) - _sum(self._before, s) for s in (SENT, (State.FAILED,)))
        done = max(0, sent + failed)
        total = max(self._total, done + _sum(now, UNDONE))
        rate = done / max(time.monotonic() - self._began, 1e-3)
        told = _told(self._words, max(0, sent), max(0, failed), _sum(now, WAITING), rate)
        self._line.update(self._task, completed=done, total=total, told=told)


def _told(words: Words, sent: int, failed: int, waiting: int, rate: float) -> str:
    counts = {State.SENT: sent, State.FAILED: failed, State.WAITING: waiting}
    item = words.report["item"]
    parts = [fill(item, {"label": words.states[s.value], "value": str(n)}) for s, n in counts.items()]
    return ", ".join([*parts, f"{rate:.1f}/s".replace(".", words.decimal)])


def _dropped(config: Config) -> int:
    """Return how many PDFs lie in the outbox; attachments among them are counted too."""
    found = (name for _, _, names in os.walk(config.folders.outbox) for name in names)
    return sum(name.lower().endswith(".pdf") for name in found)


def _counts(config: Config) -> Mapping[str, int]:
    with contextlib.suppress(OutboxError):
        if config.ledger.is_file():
            with contextlib.closing(SqliteLedger(config.ledger, read_only=True)) as ledger:
                return ledger.counts()
    return {}


def _sum(counts: Mapping[str, int], states: Sequence[State] | frozenset[State]) -> int:
    return sum(counts.get(s.value, 0) for s in states)
