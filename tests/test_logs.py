"""The log: its closed set of events, its one line a record, and what never stands in it."""

from __future__ import annotations

import ast
import json
import logging
import os
import shutil
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
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
    hooks = threading.excepthook, sys.excepthook
    yield
    threading.excepthook, sys.excepthook = hooks
    logging.captureWarnings(capture=False)
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


def test_the_death_of_the_program_is_reported(tmp_path: Path) -> None:
    """In the log, with its traceback and without secrets, rather than by Python on standard error."""
    log_file = configured(tmp_path)
    try:
        raise ValueError(SECRETS[1])  # noqa: TRY301 - the traceback is the point
    except ValueError as e:
        sys.excepthook(ValueError, e, e.__traceback__)
    record = json.loads(log_file.read_text("utf-8"))
    assert (record["event"], record["error"], record["level"]) == ("daemon.died", "ValueError", "critical")
    assert record["exception"][0]["exc_value"] == logs.HIDDEN


def test_a_warning_of_a_library_is_a_record(tmp_path: Path) -> None:
    """It says where it comes from, on one line, without secrets."""
    log_file = configured(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=False)
        logging.captureWarnings(capture=True)
        warnings.warn(f"deprecated: {SECRETS[0]}", stacklevel=1)
        logging.captureWarnings(capture=False)
    record = json.loads(log_file.read_text("utf-8"))
    assert record["level"] == "warning"
    assert "deprecated: ***" in record["event"]


def say(word: str) -> None:
    structlog.get_logger("chorus_outbox").info(word)


def events(file: Path) -> list[str]:
    return [json.loads(line)["event"] for line in file.read_text("utf-8").splitlines()]


def test_a_rotated_file_is_left_alone(tmp_path: Path) -> None:
    """Logrotate renames it, and what follows goes into a new one of the old name (no copytruncate, no signal)."""
    log_file = configured(tmp_path)
    say("before")
    log_file.rename(tmp_path / "daemon.log.1")
    say("after")
    log_file.unlink()
    say("at last")
    assert (events(tmp_path / "daemon.log.1"), events(log_file)) == (["before"], ["at last"])


class Sink:
    """A file that can't be written, and what makes it good again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "logs"
        self.folder.mkdir()
        self.file = self.folder / "daemon.log"

    def no_folder(self) -> None:
        shutil.rmtree(self.folder)

    def a_folder_of_that_name(self) -> None:
        self.file.unlink(missing_ok=True)
        self.file.mkdir()

    def a_full_disk(self) -> None:
        self.file.unlink(missing_ok=True)
        self.file.symlink_to("/dev/full")

    def good(self) -> None:
        if self.file.is_symlink():
            self.file.unlink()
        elif self.file.is_dir():
            self.file.rmdir()
        self.folder.mkdir(exist_ok=True)


@pytest.mark.parametrize("trouble", [Sink.no_folder, Sink.a_folder_of_that_name, Sink.a_full_disk])
@pytest.mark.parametrize("when", ["at the start", "later"])
def test_a_file_that_can_not_be_written_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], trouble: Callable[[Sink], None], when: str
) -> None:
    """It is said once on standard error, where everything else is said too; when it can be written again, it is."""
    sink = Sink(tmp_path)
    if when == "at the start":
        trouble(sink)
    logs.configure("info", sink.file)
    if when == "later":
        say("good")
        trouble(sink)
    for _ in range(3):
        say("told")
    told = capsys.readouterr().err
    assert told.count("log.unwritable") == 1
    assert f"file={sink.file}" in told
    assert told.count(">told") == 3
    sink.good()
    say("again")
    assert events(sink.file)[-1:] == ["again"]
    trouble(sink)
    say("lost")
    assert capsys.readouterr().err.count("log.unwritable") == 1  # another time, another word


def test_json_is_one_line_that_can_be_read_back(tmp_path: Path) -> None:
    """A name full of tricks stays what it is, and can be shown in a terminal."""
    log_file = configured(tmp_path)
    name = 'a\nb\x1b[2J\x9b\u202egnp\udce9"\u2028\\é.pdf'
    structlog.get_logger("chorus_outbox").info("x", file=name)
    text = log_file.read_text("utf-8")
    assert not logs.UNPRINTABLE.search(text.removesuffix("\n"))
    assert json.loads(text)["file"] == name
    assert list(json.loads(text))[:3] == ["timestamp", "level", "event"]


@pytest.mark.parametrize("journal", [True, False], ids=["journal", "no journal"])
def test_standard_error_in_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, journal: bool) -> None:
    """For journald with the priority that it takes off; in a container or a pipe nothing but JSON."""
    with (tmp_path / "stderr").open("w+") as stderr:
        there = os.fstat(stderr.fileno())
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setenv("JOURNAL_STREAM", f"{there.st_dev}:{there.st_ino if journal else 1}")
        logs.configure("info", None, form="json")
        structlog.get_logger("chorus_outbox").warning("x", file="a.pdf")
        stderr.seek(0)
        (line,) = stderr.read().splitlines()
    assert line.startswith("<4>{") == journal
    record = json.loads(line.removeprefix("<4>"))
    assert (record["event"], record["file"], record["level"]) == ("x", "a.pdf", "warning")
