"""The log of what the daemon does: structlog over the standard library, so that libraries' records come out alike.

JSON to a file where one is configured, one line a record to standard error (journald, with its priority). Never a
secret: values of secret-looking keys and known secrets are replaced as the last step; no local variables in tracebacks.
"""

from __future__ import annotations

import logging
import logging.handlers
import re
import sys
import threading
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import Any

import structlog

EVENTS = frozenset(  # the closed set of event names: an interface for whoever reads the log (a test compares)
    {
        *("daemon.started", "daemon.stopped", "thread.died"),
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
HIDDEN = "***"
SECRET_KEY = re.compile(r"secret|password|passwd|token|authorization|cpro.account|credential", re.IGNORECASE)
SECRET_VALUE = re.compile(r"(Bearer|Basic)\s+\S+|eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*", re.IGNORECASE)
PRIORITY = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Record = MutableMapping[str, Any]


def configure(level: str, file: Path | None, secrets: Sequence[str] = ()) -> None:
    """Set the log up, once, for the whole process.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        file: A file for JSON lines, besides standard error; reopened when it was rotated.
        secrets: Texts that must never appear.

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
    handlers: list[tuple[logging.Handler, Any]] = [(logging.StreamHandler(sys.stderr), journal_line)]
    if file:
        json_line = structlog.processors.JSONRenderer(ensure_ascii=False)
        handlers.append((logging.handlers.WatchedFileHandler(file, encoding="utf-8", errors="replace"), json_line))
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
    _report_dying_threads()


def redactor(secrets: Sequence[str]) -> Callable[[Any, str, Record], Record]:
    """Return the processor that hides secrets, wherever in a record they stand."""
    known = [s for s in secrets if s]

    def hide(key: str, value: Any) -> Any:
        if isinstance(value, str):
            if SECRET_KEY.search(key):
                return HIDDEN
            for secret in known:
                value = value.replace(secret, HIDDEN)
            return SECRET_VALUE.sub(HIDDEN, value)
        if isinstance(value, Mapping):
            return {k: hide(str(k), v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [hide(key, v) for v in value]
        return value

    def process(_: Any, __: str, record: Record) -> Record:
        for key in list(record):
            if not key.startswith("_"):
                record[key] = hide(key, record[key])
        return record

    return process


def journal_line(_: Any, __: str, record: Record) -> str:
    """Write a record as one line: priority, event, then key=value; nothing in it can start another line."""
    event, level = record.pop("event", ""), record.pop("level", "info")
    record.pop("timestamp", None)
    told = " ".join(f"{k}={_shown(v)}" for k, v in record.items() if v is not None)
    return f"<{PRIORITY.get(level, 6)}>{_safe(str(event))} {told}".rstrip()


def _shown(value: Any) -> str:
    text = _safe(str(value))
    return repr(text) if " " in text or not text else text


def _safe(text: str) -> str:
    return UNPRINTABLE.sub(lambda m: m.group().encode("unicode_escape").decode(), text)


def _report_dying_threads() -> None:
    """Say it when a thread of a library dies: its silence would look like peace."""

    def report(died: threading.ExceptHookArgs) -> None:
        name = died.thread.name if died.thread else "?"
        structlog.get_logger("chorus_outbox").critical("thread.died", thread=name, error=died.exc_type.__name__)

    threading.excepthook = report
