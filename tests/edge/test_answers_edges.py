"""Answers at the edges of what can be read: what fuzzing and mutants found that the other tests had left open."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.chorus import fields
from chorus_outbox.edge.chorus.answers import json_object, on_exception, read_answer, retry_after
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
    assert text["a"] != ["x"]
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
    ids=["too long a life", "an endless one", "a word", "two lines", "half a character", "a number", "too deep", "null"],
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
