"""No secret reaches a log: in whatever form, wherever in a record, by whatever sink. Real secrets, real sinks."""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox import logs
from chorus_outbox.logs_redaction import HIDDEN, redactor
from test_logs import _restored  # noqa: F401 - a fixture that each test uses

CLIENT_SECRET = "0f8fad5b-d9cb-469f-a165-70867728950e"
PASSWORD = "m0t d€ p@sse/+&%\"'<>\\é"
SMTP = "s3cr3t:smtp@"
APPRISE = "mailtos://compta:t0p%20s3cret@smtp.example.org:587/?to=a@example.org"
SECRETS = (CLIENT_SECRET, PASSWORD, SMTP, APPRISE)
LOGIN = "TECH_1_00000000000000@cpro.fr"
TOKEN = "q7Jb0fX2hA9-Zs.Wv_4Lr8"  # opaque, as PISTE gives them: known by what stands before it

FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda s: s,
    "percent": lambda s: quote(s, safe=""),
    "percent, lower case": lambda s: re.sub("%..", lambda code: code[0].lower(), quote(s, safe="")),
    "form": quote_plus,
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 after a login": lambda s: base64.b64encode(f"{LOGIN}:{s}".encode()).decode(),
    "base64 in the middle": lambda s: base64.b64encode(f"ab{s}cd".encode()).decode(),
    "base64 for addresses": lambda s: base64.urlsafe_b64encode(f"x{s}y".encode()).decode(),
    "base64 in an address": lambda s: quote(base64.b64encode(s.encode()).decode(), safe=""),
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON, accents kept": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "Python": lambda s: repr(s)[1:-1],
    "HTML": html.escape,
}


@dataclass(frozen=True)
class Thing:
    """Something that tells its insides when it is shown."""

    inside: str

    def __str__(self) -> str:
        return f"<thing {self.inside}>"

    __repr__ = __str__


class Text(str):
    """A text that says something else of itself."""

    __slots__ = ("inside",)

    def __new__(cls, inside: str) -> Self:
        one = super().__new__(cls, "harmless")
        one.inside = inside
        return one

    inside: str

    def __str__(self) -> str:
        return self.inside

    __repr__ = __str__


class Broken:
    """Something that can't be shown, and says a secret when it is tried."""

    def __init__(self, inside: str) -> None:
        self.inside = inside

    def __str__(self) -> str:
        raise ValueError(self.inside)

    __repr__ = __str__


def fail(text: str) -> None:
    """Raise an exception from another one, with notes, all of which say the text."""
    try:
        raise KeyError(text)  # noqa: TRY301 - the chain is the point
    except KeyError as e:
        other = ExceptionGroup(text, [ValueError(text), OSError(2, text, text)])
        other.add_note(text)
        raise other from e


def log_exception(text: str) -> None:
    try:
        fail(text)
    except ExceptionGroup:
        ours().exception("x")


def log_library_exception(text: str) -> None:
    try:
        fail(text)
    except ExceptionGroup:
        logging.getLogger("library").exception("said %r", text, stack_info=True)


def bound(text: str) -> None:
    with structlog.contextvars.bound_contextvars(detail=text, **{text: "as a key"}):
        ours().info("x")


def of_a_thread(text: str) -> None:
    thread = threading.Thread(target=fail, args=(text,), name=text)
    thread.start()
    thread.join()


def ours() -> Any:
    return structlog.get_logger("chorus_outbox")


SHAPES = (
    "Bearer {}",
    "bearer  {}",
    "Authorization: Basic {}",
    "https://user:{}@example.org/x",
    "client_secret={}&grant_type=x",
    '{{"access_token": "{}"}}',
    "password: {}",
    "eyJhbGciOiJIUzI1NiJ9.{}",
)
PLACES: Mapping[str, Callable[[str], object]] = {
    "event": lambda s: ours().info(s),
    "event, level error": lambda s: ours().error("a " + s),
    "event, no text": lambda s: ours().info(Thing(s)),
    "value": lambda s: ours().info("x", detail=s),
    "key": lambda s: ours().info("x", **{s: "value"}),
    "key of ours": lambda s: ours().info("x", **{"_" + s: s}),
    "nested value": lambda s: ours().info("x", detail={"a": [("b", {"c": s})]}),
    "nested key": lambda s: ours().info("x", detail={"a": {s: 1}, (s, 1): 2, Thing(s): 3}),
    "set": lambda s: ours().info("x", detail={s, "b"}, more=frozenset({s})),
    "deep": lambda s: ours().info("x", detail=nested(s)),
    "itself": lambda s: ours().info("x", detail=holds_itself(s)),
    "bytes": lambda s: ours().info("x", detail=s.encode(), more=[bytearray(s.encode())]),
    "bytes of another encoding": lambda s: ours().info("x", detail=s.encode("latin-1", "replace")),
    "object": lambda s: ours().info("x", detail=Thing(s), more=[Thing(s)]),
    "text in disguise": lambda s: ours().info("x", detail=Text(s), more={Text(s): Text(s)}),
    "what can't be shown": lambda s: ours().info("x", detail=Broken(s), more=[Broken(s)]),
    "exception as a value": lambda s: ours().info("x", detail=OSError(2, s, s)),
    "traceback": log_exception,
    "placeholders": lambda s: ours().info("x %s", s),
    "extra": lambda s: ours().info("x", extra={"more": s}),
    "context": bound,
    "library": lambda s: logging.getLogger("library").warning("said %s and %r", s, Thing(s)),
    "library, mapping": lambda s: logging.getLogger("library").warning("said %(a)s", {"a": s}),
    "library, bytes": lambda s: logging.getLogger("library").warning(s.encode()),
    "library, wrong placeholders": lambda s: logging.getLogger("library").warning("said %d", s),
    "library, extra": lambda s: logging.getLogger("library").warning("x", extra={"more": s}),
    "library, its name": lambda s: logging.getLogger(s).warning("x"),
    "library, traceback": log_library_exception,
    "thread": of_a_thread,
}


def nested(text: str) -> object:
    deep: object = text
    for _ in range(40):
        deep = [deep]
    return deep


def holds_itself(text: str) -> object:
    one: list[object] = [text]
    one.append(one)
    return one


def told(folder: Path, capsys: pytest.CaptureFixture[str], place: str, texts: Iterable[str]) -> str:
    """Return what both sinks say when texts are logged, one after the other."""
    file = folder / "daemon.log"
    logs.configure("debug", file, SECRETS)
    for text in texts:
        PLACES[place](text)
    return (file.read_text("utf-8") if file.exists() else "") + capsys.readouterr().err


def core(form: str, secret: str) -> str:
    """Return what nothing may show; of base64 without its ends, which depend on what stands around the secret."""
    return FORMS[form](secret)[4:-4] if form.startswith("base64") else FORMS[form](secret)


@pytest.mark.parametrize("place", PLACES)
def test_a_known_secret_never_appears(tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str) -> None:
    """Each secret in each form, alone and within a text, in the file and on standard error."""
    encoded = [FORMS[form](secret) for form in FORMS for secret in SECRETS]
    said = told(tmp_path, capsys, place, [*encoded, *(f"before{text}after" for text in encoded)])
    assert [(form, s) for form in FORMS for s in SECRETS if core(form, s) in said] == []


@pytest.mark.parametrize("place", PLACES)
def test_an_unknown_secret_is_known_by_what_stands_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    """A token, a header, an address or a form that nobody announced."""
    assert TOKEN not in told(tmp_path, capsys, place, [shape.format(TOKEN) for shape in SHAPES])


@pytest.mark.parametrize(
    "key", ["password", "client_secret", "access_token", "Authorization", "cpro-account", "SMTP_PASSWD"]
)
@pytest.mark.parametrize(
    "value", ["text", 1234, b"bytes", ["list"], {"a": {"b": "mapping"}}, Thing("inside")], ids=repr
)
def test_what_stands_under_a_secret_looking_key_is_hidden(key: str, value: object) -> None:
    """Whatever it is, however deep."""
    record: dict[str, object] = {key: value, "x": [{key: value}]}
    assert redactor(())(None, "info", record) == {key: HIDDEN, "x": [{key: HIDDEN}]}


TEXT = st.text(min_size=6, max_size=40)


@given(st.lists(TEXT, min_size=1, max_size=6), st.sampled_from(sorted(FORMS)), st.text(), st.text())
@settings(max_examples=150, deadline=None)
def test_any_number_of_any_secrets_is_hidden(secrets: list[str], form: str, before: str, after: str) -> None:
    """Whatever characters they have, whatever stands around them: none is left, and the rest of the record is."""
    process = redactor(secrets)
    for secret in secrets:
        text = before + FORMS[form](secret) + after
        record = process(None, "info", {"event": text, "detail": [{text: text}]})
        (detail,) = record["detail"]
        gone = core(form, secret)
        if len(gone) > len(HIDDEN) and gone not in before + HIDDEN + after:
            assert not any(gone in shown for shown in (record["event"], *detail, *detail.values()))


def test_a_record_without_secrets_stays_what_it_is() -> None:
    """Numbers, flags, lists and texts are what was logged; only a set and a tuple become lists."""
    record = {"event": "x", "n": 3, "f": 1.5, "b": True, "none": None, "list": ["a", 1], "map": {"k": "v"}}
    assert redactor(SECRETS)(None, "info", dict(record)) == record


def test_no_secret_hides_nothing() -> None:
    """An empty list of secrets, or an empty secret, does not hide every second letter."""
    assert redactor(("", ""))(None, "info", {"event": "abc"}) == {"event": "abc"}
