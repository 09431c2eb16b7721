"""The program, loaded once, and forked for every run: a run costs a fork instead of a start of Python.

A process of its own with a single thread, so that a fork is sound. One JSON line in is one run (``Order``), one JSON
line out is how it went. What the child does is what ``chorus-outbox run --once`` does, with shorter pauses.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

import crash_tracer as tracer
import crash_warm as warm

from chorus_outbox.simulator.start import CLIENT_SECRET, PASSWORD

SECRETS = {"CHORUS_OUTBOX_CLIENT_SECRET": CLIENT_SECRET, "CHORUS_OUTBOX_PASSWORD": PASSWORD}
PAUSES = (  # module, name, seconds: what a run would otherwise spend waiting
    ("chorus_outbox.worker.jobs", "SHARE_PAUSE", 0.1),
    ("chorus_outbox.worker.jobs", "BUG_PAUSE", 0.1),
    ("chorus_outbox.worker.loop", "SOONEST", 0.005),
    ("chorus_outbox.core.decide", "FIRST_PAUSE", 0.05),
    ("chorus_outbox.edge.chorus.wire", "PAUSE_AFTER_401", 0.02),
    ("chorus_outbox.edge.chorus.oauth", "FIRST_PAUSE", 0.02),
)


@dataclass(frozen=True)
class Order:
    """One run.

    Args:
        config: The configuration file.
        faults: What happens where (``tracer.Fault``); none and not ``count``: the run is not traced.
        kinds: Which kinds of calls are counted.
        disk: Count instead what a ``sick`` or ``full`` disk may refuse.
        count: Trace, to count, though nothing happens.
        cold: Start the PDF child and read the certificates as in life (``warm.py``).
        pauses: Names of ``PAUSES`` -> other seconds.
        timeout: Seconds after which the run is killed.

    """

    config: str
    faults: Sequence[tracer.Fault] = ()
    kinds: Sequence[str] = ("changing", "talking")
    disk: str = ""
    count: bool = False
    cold: bool = False
    pauses: Mapping[str, float] = field(default_factory=dict)
    timeout: float = 60.0


class ForkServer:
    """Our end of the process.

    Args:
        source: Where ``chorus_outbox`` is loaded from, "": from here.
        errors: File that receives what the runs write to standard error.

    """

    def __init__(self, source: str = "", errors: Path | None = None) -> None:
        path = {"PYTHONPATH": source} if source else {}
        log = errors.open("ab") if errors else None
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log or subprocess.DEVNULL,
            env={**os.environ, **SECRETS, **path},
            text=True,
            start_new_session=True,
        )
        if log:
            log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def run(self, order: Order) -> tracer.Traced:
        """Let one run happen and return how it went."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the fork server died")
        return tracer.Traced(**json.loads(line))


def _load() -> None:
    """Import everything that a run imports, so that it is there when it forks."""
    import importlib

    for module in ("service", "config", "edge.pdf", "edge.folders.bell", "commands.keep", "core.words"):
        importlib.import_module(f"chorus_outbox.{module}")
    importlib.import_module("chorus_outbox.core.words").catalogue("fr")
    importlib.import_module("encodings.idna")  # the HTTP client looks it up at its first connection
    warm.load()


def _once(config: str, pauses: Mapping[str, float], *, cold: bool) -> int:
    from chorus_outbox.config import load
    from chorus_outbox.errors import ConfigurationError, StorageError
    from chorus_outbox.service import run

    for module, name, seconds in PAUSES:
        setattr(sys.modules[module], name, pauses.get(name, seconds))
    if not cold:
        warm.use()
    try:
        return run(load(Path(config), os.environ), once=True)
    except StorageError as e:
        sys.stderr.write(f"storage: {e}\n")
        return 74
    except ConfigurationError as e:
        sys.stderr.write(f"configuration: {e.problems}\n")
        return 78


def main() -> None:
    """Serve until standard input ends."""
    _load()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)

        def work(order: dict[str, Any] = order) -> int:
            os.dup2(os.open(os.devnull, os.O_RDWR), 0)
            os.dup2(0, 1)
            return _once(order["config"], order["pauses"], cold=order["cold"])

        if order["faults"] or order["count"]:
            faults = [tracer.Fault(**f) for f in order["faults"]]
            plan = tracer.Plan(faults, order["kinds"], order["disk"])
            result = tracer.run(work, plan, order["timeout"])
        else:
            result = tracer.run_plain(work, order["timeout"])
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
