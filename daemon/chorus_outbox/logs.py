"""The log of what the daemon does: structlog over the standard library, so that libraries' records come out alike.

One line a record to standard error, with its priority for journald (or JSON, ``log.format``), and JSON to a file where
one is configured. Never a secret (``logs_redaction``); no local variables in tracebacks. A file that can't be written
is said once on standard error, and stops nothing. The events: docs/logs.md.
"""

from __future__ import annotations

import contextlib
import json
import logging
import logging.handlers
import os
import re
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import structlog

from .logs_redaction import HIDDEN, Record, redactor

EVENTS = frozenset(  # the closed set of event names: an interface for whoever reads the log (a test compares)
    {
        *("daemon.started", "daemon.stopped", "daemon.died", "thread.died", "log.unwritable"),
        *("invoice.seen", "invoice.ready", "invoice.sending", "invoice.accepted", "invoice.sent"),
        *("invoice.waiting", "invoice.in_doubt", "invoice.failed", "invoice.status", "invoice.error"),
        *("outage.started", "outage.ended"),
        *("outbox.unavailable", "outbox.untouched", "outbox.alone"),
        *("showing.failed", "showing.resumed"),
        *("notify.sent", "notify.failed"),
        *("recipient.changed", "account.password"),
        "ledger.behind",
        *("file.unreadable", "file.not_moved"),
    }
)
PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def configure(level: str, file: Path | None, secrets: Sequence[str] = (), form: str = "text") -> None:
    """Set the log up, once, for the whole process.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        file: A file for JSON lines, besides standard error; reopened when it was rotated.
        secrets: Texts that must never appear.
        form: ``text`` or ``json``, on standard error.

    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
        redactor(secrets),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    plain = journal_json if form == "json" and _is_journal() else json_line if form == "json" else journal_line
    handlers: list[tuple[logging.Handler, Any]] = [(logging.StreamHandler(sys.stderr), plain)]
    if file:
        handlers.append((_LogFile(file), json_line))
    root = logging.getLogger()
    root.handlers.clear()
    for handler, renderer in handlers:
        remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
        handler.setFormatter(
            structlog.stdlib.ProcessorFormatter(processors=[remove, renderer], foreign_pre_chain=shared)
        )
        root.addHandler(handler)
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # a sink that fails would be told with the whole record, secrets included
    for noisy in ("httpx", "httpcore", "pypdf", "watchdog"):  # httpx logs whole addresses at INFO
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    _report_deaths()


class _LogFile(logging.handlers.WatchedFileHandler):
    """The log's file. A full disk, a folder that is gone or changed rights lose records of this sink, and nothing else."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, encoding="utf-8", delay=True)  # opened by the first record: a bad file stops no start
        self._failing = False
        self._failed = False

    def emit(self, record: logging.LogRecord) -> None:
        self._failed = False
        try:
            super().emit(record)
        except OSError:  # of opening it: the standard library would let it reach whoever logs
            self.handleError(record)
        self._failing = self._failed

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the standard library's name
        """Say once that it can't be written; the record of that comes here again, and is let go."""
        del record
        self._failed = True
        stream, self.stream = self.stream, None  # what it still holds would fail for ever
        self.dev, self.ino = -1, -1
        if stream:
            with contextlib.suppress(OSError):
                stream.close()
        if not self._failing:
            self._failing = True
            error = sys.exc_info()[0]
            named = {"file": self.baseFilename, "error": error.__name__ if error else ""}
            structlog.get_logger("chorus_outbox").error("log.unwritable", **named)
            self._failed = True


def journal_line(_: Any, __: str, record: Record) -> str:
    """Write a record as one line: priority, event, then key=value; nothing in it can start another line."""
    event, level = record.pop("event", ""), record.pop("level", "info")
    record.pop("timestamp", None)
    told = " ".join(f"{_safe(k)}={_shown(v)}" for k, v in record.items() if v is not None)
    return f"<{PRIORITY.get(level, 6)}>{_safe(str(event))} {told}".rstrip()


def json_line(_: Any, __: str, record: Record) -> str:
    """Write a record as JSON on one line, in which nothing can reach a terminal that shows it."""
    first = {key: record[key] for key in ("timestamp", "level", "event") if key in record}
    return _safe(json.dumps({**first, **record}, ensure_ascii=False, default=str), "\\u{:04x}")


def journal_json(logger: Any, name: str, record: Record) -> str:
    """Write a record as JSON with its priority, which journald takes off again."""
    return f"<{PRIORITY.get(record.get('level', 'info'), 6)}>{json_line(logger, name, record)}"


def _shown(value: Any) -> str:
    text = _safe(str(value))
    return repr(text) if " " in text or not text else text


def _safe(text: str, form: str = "") -> str:
    def escaped(found: re.Match[str]) -> str:
        return form.format(ord(found[0])) if form else found[0].encode("unicode_escape").decode()

    return UNPRINTABLE.sub(escaped, text)


def _is_journal() -> bool:
    """Tell whether standard error goes to journald (systemd.exec(5), $JOURNAL_STREAM)."""
    try:
        there = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{there.st_dev}:{there.st_ino}"


def _report_deaths() -> None:
    """Say it when the program or a thread of a library dies: its silence would look like peace."""

    def thread(died: threading.ExceptHookArgs) -> None:
        name = died.thread.name if died.thread else "?"
        structlog.get_logger("chorus_outbox").critical("thread.died", thread=name, error=died.exc_type.__name__)

    def program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        told = {"error": kind.__name__, "exc_info": (kind, error, trace)}
        structlog.get_logger("chorus_outbox").critical("daemon.died", **told)

    threading.excepthook = thread
    sys.excepthook = program


__all__ = ["EVENTS", "HIDDEN", "configure", "journal_json", "journal_line", "json_line", "redactor"]
