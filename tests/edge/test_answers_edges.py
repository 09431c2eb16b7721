"""Answers at the edges of what can be read: what fuzzing and mutants found that the other tests had left open."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.chorus import Account, ChorusPro, Pace, Wire, fields
from chorus_outbox.edge.chorus.answers import gateway, json_object, on_exception, read_answer, retry_after
from chorus_outbox.edge.chorus.body import CHUNK, Body
from chorus_outbox.edge.chorus.oauth import Token
from chorus_outbox.errors import FaultyError, InDoubtError, RefusedError, RemoteError, UnavailableError

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MAINTENANCE = Problem("outage.maintenance", {"status": "200"})


def answered(
    status: int, content: bytes | Mapping[str, Any], *, once: bool = False, **headers: str
) -> Mapping[str, Any] | RemoteError:
    """Return what an answer is taken for, the error as a value."""
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        return read_answer(httpx.Response(status, headers=named), content, once=once)
    except RemoteError as error:
        return error


# --- the texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [b'"\\ud800x"', b'"\xed\xa0\x80x"'], ids=["escaped", "in its bytes"])
def test_no_text_of_an_answer_holds_half_a_character(raw: bytes) -> None:
    """A lone surrogate, which the ledger could not keep, becomes U+FFFD in values, keys and lists."""
    content = b'{"codeRetour": 0, "a": [%s], %s: {"b": %s}}' % (raw, raw, raw)
    text = json_object(content)
    assert text is not None
    json.dumps(text, ensure_ascii=False).encode()
    assert text["a"] in (["\ufffdx"], ["\ufffd" * 3 + "x"])
    refused = answered(200, b'{"codeRetour": 1, "libelle": %s}' % raw)
    assert isinstance(refused, RefusedError)
    refused.label.encode()


def test_whole_characters_beyond_the_first_plane_stay() -> None:
    """A pair of surrogates is one character, and stays it."""
    assert json_object(b'{"a": "\\ud83d\\ude00\\u00e9"}') == {"a": "\N{GRINNING FACE}é"}


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900, b'{"a": ' + b"9" * 5000 + b"}", b"\xff\xfe", b"[1]"]
)
def test_what_is_no_json_object(content: bytes) -> None:
    """Too deep, too long a number, no text, a list: no object, and no exception."""
    assert json_object(content) is None or content.startswith(b'{"a":{')


# --- yes and no ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["GCU_MSG_01", 0.0, 20001.5, True, [0], {}], ids=repr)
def test_a_code_that_can_not_be_read_is_neither_yes_nor_no(code: object) -> None:
    """A harmless call has failed and may be repeated; a deposit is in doubt. Never a success."""
    harmless = answered(200, {"codeRetour": code})
    assert isinstance(harmless, FaultyError)
    assert harmless.problem == MAINTENANCE
    assert isinstance(answered(200, {"codeRetour": code}, once=True), InDoubtError)


# --- numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (81, 81),
        ("81", 81),
        (" 81 ", 81),
        (-1, -1),
        (10**18 - 1, 10**18 - 1),
        (10**18, None),
        ("9" * 30, None),
        ("1_0", None),
        ("١٢", None),
        ("", None),
        (True, None),
        (8.0, None),
        (None, None),
    ],
)
def test_whole_numbers(given: object, expected: int | None) -> None:
    """An id is one that the ledger can hold, written in plain digits; anything else is none."""
    assert fields.integer(given) == expected


# --- the token -----------------------------------------------------------------------------------------------------------


def token(status: int, content: bytes) -> str | Problem:
    """Return the token that an answer of PISTE gives, or why there is none."""
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, content=content)))
    try:
        return Token(client, "http://127.0.0.1/token", ("id", "secret"), lambda _: None).get()
    except UnavailableError as error:
        return error.problem


@pytest.mark.parametrize(
    "content",
    [
        b'{"access_token": "a", "expires_in": 1%s}' % (b"0" * 400),
        b'{"access_token": "a", "expires_in": 1e999}',
        b'{"access_token": "a", "expires_in": "soon"}',
        b'{"access_token": "a\\nb"}',
        b'{"access_token": "\\ud800"}',
        b'{"access_token": 1}',
        b"[" * 100_000,
        b"null",
    ],
    ids=[
        "too long a life",
        "an endless one",
        "a word",
        "two lines",
        "half a character",
        "a number",
        "too deep",
        "null",
    ],
)
def test_an_odd_token_is_none(content: bytes) -> None:
    """PISTE's answer may be anything: without a token that can stand in a header there is an outage, never a crash."""
    assert token(200, content) == MAINTENANCE


@pytest.mark.parametrize("content", [b"[" * 100_000, b"[1]", b'{"error": "\\udfff"}', b"<html>"])
def test_an_odd_refusal_of_the_token(content: bytes) -> None:
    """A refusal that can't be read is still a refusal of the credentials, in texts that can be written."""
    problem = token(401, content)
    assert isinstance(problem, Problem)
    assert problem.code == "outage.piste_credentials"
    problem.params["detail"].encode()


# --- refusals and the gateway --------------------------------------------------------------------------------------------


def shown(answer: Mapping[str, Any] | RemoteError) -> tuple[object, ...]:
    """Return all that an error says."""
    assert isinstance(answer, RemoteError)
    more = (answer.code, answer.label) if isinstance(answer, RefusedError) else ()
    named = (answer.retry_after,) if isinstance(answer, UnavailableError) else ()
    return (type(answer).__name__, answer.problem, *more, *named)


@pytest.mark.parametrize("once", [True, False], ids=["deposit", "harmless"])
@pytest.mark.parametrize(
    ("status", "body", "code", "label"),
    [
        pytest.param(200, {"codeRetour": 20001, "libelle": "non"}, "20001", "non", id="200 and a code"),
        pytest.param(400, {"codeRetour": "20001", "libelle": None}, "20001", "", id="a code without words"),
        pytest.param(400, {"codeRetour": -1, "libelle": "x" * 600}, "-1", "x" * 500, id="very long words"),
        pytest.param(400, {"codeRetour": 0, "libelle": "non"}, "HTTP 400", "non", id="400 and code 0"),
        pytest.param(400, {"libelle": "non", "error_description": "why"}, "HTTP 400", "non", id="no code"),
        pytest.param(422, {"error_description": "why"}, "HTTP 422", "why", id="the gateway's words"),
        pytest.param(400, {"libelle": "", "error_description": None}, "HTTP 400", "", id="no words"),
        pytest.param(499, b"<html>", "HTTP 499", "", id="a page"),
        pytest.param(404, {"codeRetour": 5, "libelle": "non"}, "5", "non", id="404 and a code"),
    ],
)
def test_a_refusal_says_its_code_and_words(status: int, body: Any, code: str, label: str, once: bool) -> None:
    """The problem and the error carry both, the words at most 500 characters long."""
    silent = "chorus.malformed" if code.startswith("HTTP") else "chorus.unexplained"
    problem = Problem("chorus.refused" if label else silent, {"code": code, "label": label})
    assert shown(answered(status, body, once=once)) == ("RefusedError", problem, code, label)


def test_a_file_that_is_too_big() -> None:
    """413 is a refusal whatever stands in it."""
    problem = Problem("chorus.too_big", {"code": "HTTP 413", "label": ""})
    assert shown(answered(413, {"codeRetour": 0})) == ("RefusedError", problem, "HTTP 413", "")


@pytest.mark.parametrize("once", [True, False], ids=["deposit", "harmless"])
@pytest.mark.parametrize(
    ("status", "headers", "problem", "seconds"),
    [
        pytest.param(403, {}, Problem("outage.forbidden"), None, id="403"),
        pytest.param(429, {"retry_after": "90"}, Problem("outage.quota", {"seconds": "90"}), 90.0, id="429"),
        pytest.param(429, {}, Problem("outage.quota", {"seconds": "0"}), None, id="429 alone"),
        pytest.param(
            *(401, {"www_authenticate": "B" * 600}, Problem("outage.technical_account", {"detail": "B" * 500}), None),
            id="401",
        ),
        pytest.param(401, {}, Problem("outage.technical_account", {"detail": ""}), None, id="401 alone"),
        pytest.param(
            *(400, {"www_authenticate": "x"}, Problem("outage.technical_account", {"detail": "x"}), None), id="400"
        ),
    ],
)
def test_the_gateway(status: int, headers: dict[str, str], problem: Problem, seconds: float | None, once: bool) -> None:
    """What stands before Chorus Pro has let nothing through: an outage, deposits too, with what it said."""
    body = {"codeRetour": 20001, "libelle": "not asked"}
    assert shown(answered(status, body, once=once, **headers)) == ("UnavailableError", problem, seconds)


def test_a_quota_that_ends_at_a_time() -> None:
    """A date in Retry-After counts from now."""
    then = datetime.now(UTC) + timedelta(seconds=300)
    error = answered(429, b"", retry_after=then.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert isinstance(error, UnavailableError)
    assert error.retry_after is not None
    assert 280 < error.retry_after <= 300


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        *((s, "UnavailableError", "outage.maintenance") for s in (200, 502, 503, 504)),
        *((s, "UnavailableError", "outage.wrong_route") for s in (301, 302, 303, 307, 308, 404)),
        *((s, "FaultyError", "outage.maintenance") for s in (201, 204, 304, 408, 425, 500, 501)),
    ],
)
def test_a_page_in_place_of_an_answer(status: int, kind: str, code: str) -> None:
    """Harmless calls wait or are tried again; a deposit is in doubt, whichever page it was."""
    text = str(status)
    harmless = answered(status, b"<html>")
    assert isinstance(harmless, RemoteError)
    assert (type(harmless).__name__, harmless.problem) == (kind, Problem(code, {"status": text}))
    doubt = ("InDoubtError", Problem("doubt.no_answer", {"detail": f"HTTP {text}"}))
    assert shown(answered(status, b"<html>", once=True)) == doubt


@pytest.mark.parametrize("status", [201, 500, 503])
def test_a_yes_with_another_status_is_no_yes(status: int) -> None:
    """Only 200 accepts; a code in a 5xx answer says nothing."""
    assert isinstance(answered(status, {"codeRetour": 0}, once=True), InDoubtError)
    assert isinstance(answered(status, {"codeRetour": 0}), RemoteError)
    assert not isinstance(answered(500, {"codeRetour": 20001}), RefusedError)


def test_a_search_without_result() -> None:
    """20000 is an answer to a search and a refusal of a deposit; no code at all is an answer, but no deposit."""
    assert answered(200, {"codeRetour": 0}, once=True) == {"codeRetour": 0}
    assert answered(200, {"codeRetour": 20000}) == {"codeRetour": 20000}
    assert isinstance(answered(200, {"codeRetour": 20000}, once=True), RefusedError)
    assert answered(200, {"body": "up"}) == {"body": "up"}
    assert isinstance(answered(200, {"body": "up"}, once=True), InDoubtError)


# --- delays and exceptions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        (" 5 ", 5.0),
        ("0", 0.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("-5", None),
        ("5.5", None),
        ("²", None),
        ("Mon, 23 Nov 2026 09:01:00 GMT", 60.0),
        ("Mon, 23 Nov 2026 09:01:00 -0000", 60.0),
        ("Mon, 23 Nov 2026 10:01:00 +0100", 60.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 3600.0),
        ("soon", None),
        ("Mon, 11 Nov 2026 09:" + "4" * 80 + ":00 GMT", None),
        ("Mon, 99 Nov 2026 09:01:00 GMT", None),
    ],
)
def test_delays(header: str | None, seconds: float | None) -> None:
    """Seconds or a date, an hour at most, never negative; anything else is none."""
    assert retry_after(header, NOW) == seconds


NEVER = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


@pytest.mark.parametrize("error", [*NEVER, httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError])
@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("once", [True, False])
def test_exceptions(error: Callable[[str], httpx.HTTPError], complete: bool, once: bool) -> None:
    """A deposit is in doubt exactly when all of it had been handed over on an open connection."""
    raised = error("x")
    translated = on_exception(raised, complete=complete, once=once)
    detail = {"detail": type(raised).__name__}
    if once and complete and not isinstance(raised, NEVER):
        assert shown(translated) == ("InDoubtError", Problem("doubt.no_answer", detail))
    else:
        assert shown(translated) == ("UnavailableError", Problem("outage.unreachable", detail), None)


# --- the body ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 2, 3, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 2])
@pytest.mark.parametrize("given", [{}, {"a": "é"}], ids=["alone", "with a field"])
def test_a_body_is_the_json_it_says(tmp_path: Path, size: int, given: dict[str, str]) -> None:
    """As long as announced, valid JSON, the file's bytes in base64; complete only with its last piece; repeatable."""
    file = tmp_path / "a.pdf"
    file.write_bytes(bytes(i % 251 for i in range(size)))
    body = Body(given, ("f", file), time.monotonic() + 60)
    for _ in range(2):
        states = []
        pieces = []
        for piece in body:
            states.append(body.complete)
            pieces.append(piece)
        data = b"".join(pieces)
        assert len(data) == len(body)
        assert json.loads(data) == {**given, "f": base64.b64encode(file.read_bytes()).decode()}
        assert data.isascii()
        assert states == [False] * (len(states) - 1) + [True]
        assert max(map(len, pieces)) <= max(4 * CHUNK // 3, 20)


def test_a_body_without_file_is_complete_before_it_leaves() -> None:
    """Rather a doubt too many than one too few."""
    body = Body({"a": 1}, None, 0)
    assert body.complete is False
    assert [(piece, body.complete) for piece in body] == [(b'{"a": 1}', True)]
    assert len(body) == 8


def test_a_file_that_shrinks_and_a_deadline_that_passes(tmp_path: Path) -> None:
    """The upload stops with a reason, and is not complete."""
    file = tmp_path / "a.pdf"
    file.write_bytes(b"x" * 10)
    body = Body({}, ("f", file), time.monotonic() + 60)
    file.write_bytes(b"x" * 5)
    with pytest.raises(OSError, match=r"^a\.pdf: shorter than when its upload began$"):
        list(body)
    assert not body.complete
    late = Body({}, ("f", file), time.monotonic() - 1)
    with pytest.raises(httpx.WriteTimeout, match=r"^deadline passed during the upload$"):
        list(late)
    assert not late.complete
    grown = Body({}, ("f", file), time.monotonic() + 60)
    file.write_bytes(b"y" * 50)
    assert len(b"".join(grown)) == len(grown)


# --- a whole call --------------------------------------------------------------------------------------------------------


class Empty(BaseHTTPRequestHandler):
    """Gives a token, and an empty object to every other question."""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        content = b'{"access_token": "t"}' if "token" in self.path else b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def chorus() -> Iterator[ChorusPro]:
    """Give the real client of a server that says nothing."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    at = f"http://127.0.0.1:{server.server_port}"
    account = Account(f"{at}/token", at, "id", "secret", "login", "password")
    wire = Wire(account, 20, Pace(1000, time.monotonic, lambda _: None), lambda _: None)
    yield ChorusPro(wire, "73282932000074")
    wire.close()
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_empty_answer_makes_no_recipient_unknown(chorus: ChorusPro) -> None:
    """An answer without codeRetour is no "not found": the invoice waits, rather than fail as sent to nobody."""
    with pytest.raises(FaultyError):
        chorus.recipient("22220001600434", None)


def test_a_forbidden_api_is_named() -> None:
    """PISTE gives rights by API: the one whose path was called is told; nothing where no path is known."""
    forbidden = httpx.Response(403)
    for path, api in (
        ("/cpro/factures/v1/soumettre", "factures"),
        ("/cpro/structures/v1/rechercher/services", "structures"),
    ):
        assert gateway(forbidden, path).problem == Problem("outage.forbidden", {"api": api})
        with pytest.raises(UnavailableError) as raised:
            read_answer(forbidden, b"", once=False, path=path)
        assert raised.value.problem == Problem("outage.forbidden", {"api": api})
    assert gateway(forbidden).problem == Problem("outage.forbidden")
