"""The log: its closed set of events, its one line a record, and what never stands in it."""

from __future__ import annotations

import ast
import json
import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from chorus_outbox import logs
from chorus_outbox.worker.parts import LOGGED

ROOT = Path(__file__).parents[1] / "daemon" / "chorus_outbox"
LEVELS = {"debug", "info", "warning", "error", "critical"}
SECRETS = ("0f8fad5b-d9cb-469f-a165-70867728950e", "mot de passe")


def said_events() -> set[str]:
    """Return the event names in the source: first arguments of log calls, and of the loop's say-once."""
    found = set(LOGGED.values())
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                name = node.args[0]
                speaks = node.func.attr in LEVELS or node.func.attr == "_say_once"
                if speaks and isinstance(name, ast.Constant) and isinstance(name.value, str):
                    found.add(name.value)
    return found


def test_the_set_of_events_is_closed() -> None:
    """Every event that the program logs is declared, and every declared one is logged."""
    assert said_events() == logs.EVENTS


def configured(folder: Path) -> Path:
    """Set the log up and return its file. In the test itself: pytest gives each phase its own standard error."""
    file = folder / "daemon.log"
    logs.configure("debug", file, SECRETS)
    return file


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    hook = threading.excepthook
    yield
    threading.excepthook = hook
    for handler in list(logging.getLogger().handlers):
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
            logging.getLogger().removeHandler(handler)
            handler.close()
    structlog.reset_defaults()
    logging.raiseExceptions = True


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("where", ["event", "value", "list", "mapping", "exception", "foreign record"])
def test_a_secret_is_hidden_wherever_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], secret: str, where: str
) -> None:
    """In the event itself, in any value however deep, in an exception, in a library's record: never in clear."""
    log_file = configured(tmp_path)
    log = structlog.get_logger("chorus_outbox")
    match where:
        case "event":
            log.info("with " + secret)  # noqa: G003 - on purpose, not by a placeholder
        case "value":
            log.info("x", detail=f"a {secret} b")
        case "list":
            log.info("x", detail=["a", (secret, {"deep": secret})])
        case "mapping":
            log.info("x", detail={"deep": {"deeper": secret}})
        case "exception":
            try:
                raise ValueError(secret)  # noqa: TRY301 - the traceback is the point
            except ValueError:
                log.exception("x")
        case _:
            logging.getLogger("library").warning("said %s", secret)
    told = log_file.read_text("utf-8") + capsys.readouterr().err
    assert secret not in told
    assert logs.HIDDEN in told


@pytest.mark.parametrize("key", ["password", "client_secret", "access_token", "Authorization", "cpro-account"])
def test_the_value_of_a_secret_looking_key_is_hidden(tmp_path: Path, key: str) -> None:
    """Whatever it is."""
    log_file = configured(tmp_path)
    structlog.get_logger("chorus_outbox").info("x", **{key: "anything"})
    assert json.loads(log_file.read_text("utf-8"))[key] == logs.HIDDEN


def test_nothing_can_forge_a_line_or_reach_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks, escapes, direction overrides and lone surrogates of a file name stay visible text on one line."""
    log_file = configured(tmp_path)
    structlog.get_logger("chorus_outbox").info("x", file="a\nb\x1b[2J\u202egnp\udce9.pdf")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("<6>x ")
    assert "\x1b" not in line
    assert "\u202e" not in line
    assert len(log_file.read_text("utf-8", "surrogateescape").splitlines()) == 1


def test_a_sink_that_fails_tells_no_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A closed or full sink loses the record; it never prints it elsewhere in clear."""
    configured(tmp_path)
    ours = [h for h in logging.getLogger().handlers if isinstance(h.formatter, structlog.stdlib.ProcessorFormatter)]
    for handler in ours:
        handler.close()
        handler.format = None  # type: ignore[assignment,method-assign]  # a sink that can't take anything
    structlog.get_logger("chorus_outbox").info("x", detail=SECRETS[0])
    assert SECRETS[0] not in capsys.readouterr().err


def test_a_dying_thread_is_reported(tmp_path: Path) -> None:
    """The silence of a dead watcher would look like peace."""
    log_file = configured(tmp_path)

    def dies() -> None:
        raise RuntimeError

    thread = threading.Thread(target=dies, name="watcher")
    thread.start()
    thread.join()
    record = json.loads(log_file.read_text("utf-8"))
    assert (record["event"], record["thread"], record["level"]) == ("thread.died", "watcher", "critical")
