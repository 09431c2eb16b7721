"""What each failure of the network, of PISTE and of Chorus Pro is taken for, against a bare socket server.

The same table is run for the one call that must not be repeated (``once``) and for the harmless ones.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import socket
import struct
import threading
import time
import traceback
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
import hypothesis.strategies as st
import pytest
from hypothesis import given

from chorus_outbox.edge.chorus import Account, ChorusPro, Pace, Wire, fields
from chorus_outbox.edge.chorus.answers import LONGEST_RETRY_AFTER, on_exception, retry_after
from chorus_outbox.edge.chorus.body import Body
from chorus_outbox.edge.chorus.limits import ANSWER_MAX
from chorus_outbox.errors import FaultyError, InDoubtError, RefusedError, RemoteError, UnavailableError

SECRET, PASSWORD, TOKEN = "canary-secret-7f3a", "canary-password-91bc", "canary-token-55de"
CANARIES = (SECRET, PASSWORD, TOKEN, base64.b64encode(f"TECH:{PASSWORD}".encode()).decode())
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GOOD = {"codeRetour": 0, "libelle": "ok", "identifiantFactureCPP": 7, "pieceJointeId": 9}

Script = Callable[["Talk"], None]


@dataclass
class Talk:
    """One request as the server sees it; a script answers it, or does not."""

    connection: socket.socket
    head: bytes
    body: bytes
    length: int

    @property
    def path(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    def header(self, name: str) -> str:
        for line in self.head.decode().split("\r\n")[1:]:
            key, _, value = line.partition(": ")
            if key.lower() == name:
                return value
        return ""

    def rest(self) -> bytes:
        """Read the body to its end."""
        while len(self.body) < self.length and (piece := self.connection.recv(1 << 16)):
            self.body += piece
        return self.body

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answer(status: int, body: object = None, **headers: str) -> Script:
    """Return a script that reads everything and answers."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
    named = {k.replace("_", "-"): v for k, v in headers.items()}

    def script(talk: Talk) -> None:
        talk.rest()
        fixed = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Connection: close"]
        lines = [*fixed, *(f"{k}: {v}" for k, v in named.items())]
        talk.connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + data)

    return script


def silence(talk: Talk) -> None:
    talk.rest()
    time.sleep(2.5)


def hang_up(talk: Talk) -> None:
    talk.rest()


def reset_after(talk: Talk) -> None:
    talk.rest()
    talk.reset()


def reset_before(talk: Talk) -> None:
    talk.reset()


def half_an_answer(talk: Talk) -> None:
    talk.rest()
    talk.connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n" + b'{"codeRetour": 0')


def drip(talk: Talk) -> None:
    talk.rest()
    talk.connection.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\n")
    for _ in range(40):
        time.sleep(0.1)
        talk.connection.sendall(b" ")


def early_413(talk: Talk) -> None:
    """Answer before the body is read, as a gateway does."""
    talk.connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    talk.rest()


def too_long(talk: Talk) -> None:
    talk.rest()
    talk.connection.sendall(b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n")
    piece = b" " * (1 << 20)
    for _ in range(ANSWER_MAX // len(piece) + 2):
        talk.connection.sendall(piece)


def bomb(talk: Talk) -> None:
    data = gzip.compress(b" " * (ANSWER_MAX + 1_000_000))
    answer(200, data, Content_Encoding="gzip")(talk)


def nonsense(talk: Talk) -> None:
    talk.rest()
    talk.connection.sendall(b"\x00\x01 what?\r\n\r\n")


TOKEN_GOOD = answer(200, {"access_token": TOKEN, "expires_in": 3600})


@dataclass
class Server:
    """A server on the loopback that follows a script for each request; the last script is used for ever."""

    listener: socket.socket
    tokens: list[Script] = field(default_factory=lambda: [TOKEN_GOOD])
    calls: list[Script] = field(default_factory=lambda: [answer(200, GOOD)])
    talks: list[Talk] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def paths(self) -> list[str]:
        return [t.path for t in self.talks]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection: socket.socket) -> None:
        """Serve one connection: one request only, so that each gets its own."""
        try:
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = connection.recv(1 << 16)
                    if not piece:
                        return
                    head += piece
                head, _, body = head.partition(b"\r\n\r\n")
                talk = Talk(connection, head, body, 0)
                talk.length = int(talk.header("content-length") or 0)
                with self.lock:
                    self.talks.append(talk)
                    scripts = self.tokens if talk.path == "/token" else self.calls
                    script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
                script(talk)
        except OSError:
            return


@pytest.fixture(scope="module")
def listening() -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener)
        thread = threading.Thread(target=server.serve, daemon=True)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@dataclass
class Client:
    wire: Wire
    slept: list[float]


@pytest.fixture(scope="module")
def connected(listening: Server) -> Iterator[Client]:
    slept: list[float] = []
    account = Account(listening.url + "/token", listening.url, "client", SECRET, "TECH", PASSWORD)
    wire = Wire(account, 1.0, Pace(10_000, time.monotonic, slept.append), slept.append)
    yield Client(wire, slept)
    wire.close()


@pytest.fixture
def server(listening: Server) -> Server:
    """Return the server with its first scripts, and nothing heard yet."""
    fresh = Server(listening.listener)
    listening.tokens, listening.calls, listening.talks = fresh.tokens, fresh.calls, fresh.talks
    return listening


@pytest.fixture
def client(connected: Client) -> Client:
    """Return the client without a token. One for the module: to read the trusted certificates takes a while."""
    connected.wire._token._token = ""
    connected.slept.clear()
    return connected


def failure(call: Callable[[], object]) -> RemoteError:
    """Return the error that a call ends with, after checking that it shows no secret anywhere."""
    with pytest.raises(RemoteError) as caught:
        call()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    assert not [canary for canary in CANARIES if canary in shown]
    return caught.value


def kind(error: RemoteError) -> tuple[str, str]:
    return type(error).__name__.removesuffix("Error"), error.problem.code


# --- the table -----------------------------------------------------------------------------------------------------------

DOWN = ("Unavailable", "outage.unreachable")
MAINTENANCE = ("Unavailable", "outage.maintenance")
FAULTY = ("Faulty", "outage.maintenance")
ROUTE = ("Unavailable", "outage.wrong_route")
DOUBT = ("InDoubt", "doubt.no_answer")
NO = ("Refused", "chorus.refused")
ODD, WORDLESS = ("Refused", "chorus.malformed"), ("Refused", "chorus.unexplained")
ACCOUNT = ("Unavailable", "outage.technical_account")
HTML = b"<!DOCTYPE html><h1>Maintenance</h1>"
ELSEWHERE = "http://127.0.0.1:9/"

Case = tuple[str, Script, tuple[str, str], tuple[str, str]]  # what, script, harmless call, deposit
CASES: list[Case] = [
    ("silence until the timeout", silence, DOWN, DOUBT),
    ("hangs up after everything", hang_up, DOWN, DOUBT),
    ("reset after everything", reset_after, DOWN, DOUBT),
    ("half an answer", half_an_answer, DOWN, DOUBT),
    ("an answer in drops", drip, DOWN, DOUBT),
    ("an answer without end", too_long, DOWN, DOUBT),
    ("a gzip bomb", bomb, DOWN, DOUBT),
    ("no HTTP", nonsense, DOWN, DOUBT),
    ("a broken gzip", answer(200, b"no gzip", Content_Encoding="gzip"), DOWN, DOUBT),
    ("401 for ever", answer(401), ACCOUNT, ACCOUNT),
    ("400 of the gateway", answer(400, b"", WWW_Authenticate="Bearer error"), ACCOUNT, ACCOUNT),
    ("403", answer(403), ("Unavailable", "outage.forbidden"), ("Unavailable", "outage.forbidden")),
    ("404", answer(404), ROUTE, DOUBT),
    ("404 with a page", answer(404, HTML), ROUTE, DOUBT),
    ("408", answer(408), FAULTY, DOUBT),
    ("413", answer(413), ("Refused", "chorus.too_big"), ("Refused", "chorus.too_big")),
    ("415", answer(415), ODD, ODD),
    ("429", answer(429), ("Unavailable", "outage.quota"), ("Unavailable", "outage.quota")),
    ("500", answer(500), FAULTY, DOUBT),
    ("500 with a page", answer(500, HTML), FAULTY, DOUBT),
    ("500 with a code", answer(500, {"codeRetour": 20001, "libelle": "x"}), FAULTY, DOUBT),
    ("502 with a page", answer(502, HTML), MAINTENANCE, DOUBT),
    ("503 with a page", answer(503, HTML), MAINTENANCE, DOUBT),
    ("504", answer(504), MAINTENANCE, DOUBT),
    ("200 with a page", answer(200, HTML), MAINTENANCE, DOUBT),
    ("200 with nothing", answer(200), MAINTENANCE, DOUBT),
    ("200 with a list", answer(200, [GOOD]), MAINTENANCE, DOUBT),
    ("200 with a number", answer(200, b"12"), MAINTENANCE, DOUBT),
    ("200 with cut JSON", answer(200, b'{"codeRetour": 0, "ident'), MAINTENANCE, DOUBT),
    ("200 with deep JSON", answer(200, b"[" * 100_000), MAINTENANCE, DOUBT),
    ("a refusal", answer(200, {"codeRetour": 20001, "libelle": "Non"}), NO, NO),
    ("a refusal, its code as text", answer(200, {"codeRetour": "20001", "libelle": "Non"}), NO, NO),
    ("a refusal with status 400", answer(400, {"codeRetour": 20001, "libelle": "Non"}), NO, NO),
    ("a refusal without words", answer(200, {"codeRetour": 20001, "libelle": None}), WORDLESS, WORDLESS),
    ("301", answer(301, b"", Location=ELSEWHERE), ROUTE, DOUBT),
    ("307", answer(307, b"", Location=ELSEWHERE), ROUTE, DOUBT),
]


@pytest.mark.parametrize("once", [False, True], ids=["harmless", "deposit"])
@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_failures(server: Server, client: Client, case: Case, once: bool) -> None:
    """Each failure is what the table says; a deposit that is unclear is in doubt, and was sent once only."""
    _, script, harmless, deposit = case
    server.calls = [script]
    error = failure(lambda: client.wire.call("/x", {"a": 1}, once=once))
    assert kind(error) == (deposit if once else harmless)
    calls = [p for p in server.paths() if p != "/token"]
    assert set(calls) == {"/x"}
    if not isinstance(error, UnavailableError):
        assert len(calls) == 1


@pytest.mark.parametrize("once", [False, True], ids=["harmless", "deposit"])
def test_refused_connection(once: bool) -> None:
    """Nobody listens: certainly not arrived."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    account = Account(f"http://127.0.0.1:{port}/token", f"http://127.0.0.1:{port}", "c", SECRET, "TECH", PASSWORD)
    wire = Wire(account, 1.0, Pace(1000, time.monotonic, time.sleep), lambda _: None)
    wire._token._token, wire._token._ends = TOKEN, time.monotonic() + 1000
    assert kind(failure(lambda: wire.call("/x", {}, once=once))) == DOWN
    wire._token.refuse(TOKEN)
    assert kind(failure(lambda: wire.call("/x", {}, once=once))) == DOWN
    wire.close()


def test_the_deadline_is_for_the_whole_answer(server: Server, client: Client) -> None:
    """An answer in drops ends soon after the timeout of one second, not after its last drop."""
    server.calls = [drip]
    begun = time.monotonic()
    failure(lambda: client.wire.call("/x", {}, once=True))
    assert time.monotonic() - begun < 2.5


def test_a_refusal_keeps_chorus_pros_words(server: Server, client: Client) -> None:
    """Code and label are kept, an endless label is cut."""
    server.calls = [answer(200, {"codeRetour": 20999, "libelle": "déjà " * 1000})]
    error = failure(lambda: client.wire.call("/x", {}, once=True))
    assert isinstance(error, RefusedError)
    assert (error.code, len(error.label)) == ("20999", 500)


@pytest.mark.parametrize("once", [False, True], ids=["harmless", "deposit"])
@pytest.mark.parametrize("code", [0, "0"], ids=["number", "text"])
def test_accepted(server: Server, client: Client, code: object, once: bool) -> None:
    """A codeRetour of 0, as a number or as text, is a yes."""
    server.calls = [answer(200, {**GOOD, "codeRetour": code})]
    assert client.wire.call("/x", {"a": 1}, once=once)["identifiantFactureCPP"] == 7


@pytest.mark.parametrize("code", [None, "", "zéro", True, False, 0.0, [], {}], ids=repr)
def test_a_deposit_without_a_readable_code_is_in_doubt(server: Server, client: Client, code: object) -> None:
    """Only a codeRetour that is one counts as an acceptance."""
    server.calls = [answer(200, {**GOOD, "codeRetour": code})]
    assert kind(failure(lambda: client.wire.call("/x", {}, once=True))) == DOUBT


def test_a_search_without_result_is_no_error(server: Server, client: Client) -> None:
    """20000 means "nothing found" for a search; for a deposit it is a refusal."""
    server.calls = [answer(200, {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"})]
    assert client.wire.call("/x", {})["codeRetour"] == 20000
    assert kind(failure(lambda: client.wire.call("/x", {}, once=True))) == NO


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="no code"),
        pytest.param({"message": "hello"}, id="another program's answer"),
        pytest.param({"codeRetour": [], "listeFactures": []}, id="a code that is none"),
        pytest.param({"codeRetour": 0, "listeFactures": "none"}, id="no list but a text"),
        pytest.param({"codeRetour": 0, "listeFactures": [1, 2]}, id="a list of something else"),
        pytest.param({"codeRetour": 0, "listeFactures": [{"statut": "DEPOSEE"}]}, id="a row without id"),
    ],
)
def test_a_search_that_can_not_be_read_proves_nothing(server: Server, client: Client, body: dict[str, Any]) -> None:
    """An answer that is no list of invoices is a fault, never "not found"."""
    server.calls = [answer(200, {"codeRetour": 0, "listeStructures": [{"idStructureCPP": 1, "identifiant": "1"}]})]
    chorus = ChorusPro(client.wire, "1")
    assert chorus.supplier_id() == 1
    server.calls = [answer(200, body)]
    assert isinstance(failure(lambda: chorus.search("FA-1", "1")), FaultyError)


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([{}], id="no list"),
        pytest.param([{"listeFactures": None}], id="null"),
        pytest.param([{"listeFactures": [], "parametresRetour": {"pages": 0}}], id="empty"),
        pytest.param([{"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}], id="20000"),
    ],
)
def test_a_search_that_finds_nothing(server: Server, client: Client, answers: list[dict[str, Any]]) -> None:
    """The documented ways to say "nothing found" (api.md 2.14)."""
    server.calls = [answer(200, {"codeRetour": 0, "listeStructures": [{"idStructureCPP": 1, "identifiant": "1"}]})]
    chorus = ChorusPro(client.wire, "1")
    chorus.supplier_id()
    server.calls = [answer(200, {"codeRetour": 0, **body}) for body in answers]
    assert list(chorus.search("FA-1", "1")) == []


def test_a_missing_page_proves_nothing(server: Server, client: Client) -> None:
    """Two pages are announced, the second is empty: the list is not complete."""
    server.calls = [answer(200, {"codeRetour": 0, "listeStructures": [{"idStructureCPP": 1, "identifiant": "1"}]})]
    chorus = ChorusPro(client.wire, "1")
    chorus.supplier_id()
    row = {"identifiantFactureCPP": 1, "numeroFacture": "FA-1", "statut": "DEPOSEE"}
    pages = {"parametresRetour": {"pages": 2}}
    server.calls = [
        answer(200, {"codeRetour": 0, "listeFactures": [row], **pages}),
        answer(200, {"codeRetour": 0, "listeFactures": [], **pages}),
    ]
    assert isinstance(failure(lambda: chorus.search("FA-1", "1")), FaultyError)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"identifiantFactureCPP": None}, id="no id"),
        pytest.param({"identifiantFactureCPP": "x"}, id="an id that is none"),
        pytest.param({"identifiantFactureCPP": 7, "statutFacture": "INTERPRETEE_OCR"}, id="a draft"),
    ],
)
def test_a_receipt_that_is_none_leaves_a_doubt(server: Server, client: Client, body: dict[str, Any]) -> None:
    """Accepted, but without the invoice's id, or still a draft."""
    server.calls = [answer(200, {"codeRetour": 0, **body})]
    chorus = ChorusPro(client.wire, "1")
    assert isinstance(failure(lambda: chorus.submit({"numeroFactureSaisi": "FA-1"}, 9)), InDoubtError)


# --- 401, quota, redirects -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("once", [False, True], ids=["harmless", "deposit"])
def test_one_401_is_forgiven(server: Server, client: Client, once: bool) -> None:
    """PISTE refuses a good token now and then: a new token, and the call again (it did not pass the gateway)."""
    server.calls = [answer(401), answer(200, GOOD)]
    assert client.wire.call("/x", {"a": 1}, once=once)
    assert server.paths() == ["/token", "/x", "/token", "/x"]
    assert client.slept == [1.0]
    assert server.talks[3].rest() == b'{"a": 1}'


def test_401_for_ever_is_tried_three_times(server: Server, client: Client) -> None:
    """Then the technical account is said to be refused."""
    server.calls = [answer(401)]
    assert kind(failure(lambda: client.wire.call("/x", {}))) == ACCOUNT
    assert server.paths() == ["/token", "/x"] * 3


RETRY_AFTER = [
    ("7", 7.0),
    (" 7 ", 7.0),
    ("999999", LONGEST_RETRY_AFTER),
    (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
    (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
    (format_datetime(NOW + timedelta(days=9), usegmt=True), LONGEST_RETRY_AFTER),
    ("soon", None),
    ("-5", None),
    ("1.5", None),
    ("٧", None),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("value", "seconds"), RETRY_AFTER, ids=[repr(v) for v, _ in RETRY_AFTER])
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds or a date, at most an hour; nonsense is ignored."""
    assert retry_after(value, NOW) == seconds


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_retry_after_of_a_stranger(value: str) -> None:
    """Whatever stands there: None, or seconds within an hour."""
    seconds = retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_RETRY_AFTER


@pytest.mark.parametrize("once", [False, True], ids=["harmless", "deposit"])
def test_a_quota_names_its_end(server: Server, client: Client, once: bool) -> None:
    """429 with Retry-After: certainly not arrived, and when to come again."""
    server.calls = [answer(429, b"", Retry_After="17")]
    error = failure(lambda: client.wire.call("/x", {}, once=once))
    assert isinstance(error, UnavailableError)
    assert (error.problem.code, error.retry_after) == ("outage.quota", 17.0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(server: Server, client: Client, status: int) -> None:
    """No token, password or invoice goes to another place, be it named by PISTE or by Chorus Pro."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        other.settimeout(0.2)
        place = f"http://127.0.0.1:{other.getsockname()[1]}/steal"
        server.calls = [answer(status, b"", Location=place)]
        failure(lambda: client.wire.call("/x", {}))
        client.wire._token.refuse(TOKEN)
        server.tokens = [answer(status, b"", Location=place)]
        assert kind(failure(lambda: client.wire.call("/x", {}))) == ROUTE
        with pytest.raises(TimeoutError):
            other.accept()


def test_the_environment_changes_nothing(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not used."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    account = Account(server.url + "/token", server.url, "client", SECRET, "TECH", PASSWORD)
    wire = Wire(account, 1.0, Pace(100, time.monotonic, time.sleep), lambda _: None)
    assert wire.call("/x", {})
    wire.close()
    assert client


# --- uploads -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "big.pdf"
    path.write_bytes(b"%PDF-" + os.urandom(10_000_000 - 5))
    return path


@pytest.mark.parametrize("size", [0, 1, 2, 3, 57_343, 57_344, 57_345, 200_000])
def test_an_upload_is_exact(server: Server, client: Client, tmp_path: Path, size: int) -> None:
    """Its length is announced, and the file arrives byte by byte in one JSON object, for every size."""
    path = tmp_path / "a.pdf"
    content = os.urandom(size)
    path.write_bytes(content)
    client.wire.upload("/up", {"nomFichier": "é\"'.pdf"}, "fichier", path)
    talk = server.talks[-1]
    assert len(talk.rest()) == talk.length
    sent = json.loads(talk.body)
    assert sent == {"nomFichier": "é\"'.pdf", "fichier": base64.b64encode(content).decode()}
    assert not talk.header("transfer-encoding")


def test_a_big_upload_stays_small_in_memory(
    server: Server, client: Client, big: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten megabytes are sent with less than one of them in memory at a time."""
    seen: list[int] = []

    def count(talk: Talk) -> None:
        size = len(talk.body)
        buffer = bytearray(1 << 16)
        while size < talk.length and (got := talk.connection.recv_into(buffer)):
            size += got
        seen.append(size)
        talk.length = 0
        answer(200, GOOD)(talk)

    client.wire.call("/x", {})
    monkeypatch.setattr(client.wire, "_timeout", 60.0)
    server.calls = [count]
    tracemalloc.start()
    try:
        client.wire.upload("/up", {"nomFichier": "a.pdf"}, "fichier", big)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen[0] > 13_000_000
    assert peak < 1_500_000


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param(reset_before, DOWN, id="reset in the middle"),
        pytest.param(early_413, ("Refused", "chorus.too_big"), id="413 before the end"),
        pytest.param(hang_up, DOWN, id="hangs up"),
    ],
)
def test_failing_uploads(server: Server, client: Client, big: Path, script: Script, expected: tuple[str, str]) -> None:
    """An upload is harmless when repeated; an early answer is understood although the body was not read."""
    server.calls = [script]
    error = failure(lambda: client.wire.upload("/up", {"nomFichier": "a.pdf"}, "fichier", big))
    assert kind(error) in (expected, DOWN)
    assert kind(error) == expected or script is early_413


def test_a_deposit_reset_before_its_end_did_not_arrive(server: Server, client: Client) -> None:
    """A body of which not everything was handed over can't have been understood; otherwise it is in doubt."""
    server.calls = [reset_before]
    small = failure(lambda: client.wire.call("/x", {"a": 1}, once=True))
    assert kind(small) == DOUBT  # all of it had left: rather a doubt too many


def test_an_upload_that_is_not_read_ends(server: Server, client: Client, big: Path) -> None:
    """A server that stops reading does not hold the daemon: the deadline of the whole call ends it."""

    def stuck(talk: Talk) -> None:
        assert talk.head
        time.sleep(3)

    server.calls = [stuck]
    begun = time.monotonic()
    assert kind(failure(lambda: client.wire.upload("/up", {}, "fichier", big))) == DOWN
    assert time.monotonic() - begun < 2.5


def deadline() -> float:
    return time.monotonic() + 60


def test_when_all_was_handed_over(tmp_path: Path) -> None:
    """A body knows, just before its last bytes leave, that all of it was handed over; and it can be sent again."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x" * 200_000)
    body = Body({"a": 1}, ("f", path), deadline())
    for _ in range(2):
        flags = []
        pieces = []
        for piece in body:
            pieces.append(piece)
            flags.append(body.complete)
        assert flags == [False] * (len(flags) - 1) + [True]
        assert len(b"".join(pieces)) == len(body)
    small = Body({"a": 1}, None, deadline())
    assert not small.complete
    assert [(piece, small.complete) for piece in small] == [(b'{"a": 1}', True)]


def test_a_file_that_shrinks_is_never_complete(tmp_path: Path) -> None:
    """A file cut while it is sent: the announced length is not reached, and the last bytes are not handed over."""
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x" * 200_000)
    body = Body({}, ("f", path), deadline())
    pieces = iter(body)
    next(pieces)
    os.truncate(path, 10_000)
    with pytest.raises(OSError, match="shorter"):
        list(pieces)
    assert not body.complete


NETWORK = [
    (httpx.ConnectError, False, DOWN, DOWN),
    (httpx.ConnectTimeout, False, DOWN, DOWN),
    (httpx.PoolTimeout, False, DOWN, DOWN),
    (httpx.WriteTimeout, False, DOWN, DOWN),
    (httpx.WriteError, False, DOWN, DOWN),
    (httpx.RemoteProtocolError, False, DOWN, DOWN),
    (httpx.ReadTimeout, True, DOWN, DOUBT),
    (httpx.ReadError, True, DOWN, DOUBT),
    (httpx.RemoteProtocolError, True, DOWN, DOUBT),
    (httpx.WriteError, True, DOWN, DOUBT),
    (httpx.DecodingError, True, DOWN, DOUBT),
]


@pytest.mark.parametrize(
    ("error", "complete", "harmless", "deposit"), NETWORK, ids=[f"{e.__name__}-{c}" for e, c, *_ in NETWORK]
)
def test_exceptions_of_the_network(
    error: type[Exception], complete: bool, harmless: tuple[str, str], deposit: tuple[str, str]
) -> None:
    """The same exception is harmless before all was handed over, and a doubt after (engineering.md 5.3)."""
    assert kind(on_exception(error("x"), complete=complete, once=False)) == harmless
    assert kind(on_exception(error("x"), complete=complete, once=True)) == deposit


# --- the token -----------------------------------------------------------------------------------------------------------


def test_the_token_is_asked_once(server: Server, client: Client) -> None:
    """One token for many calls, with the documented form and headers."""
    for _ in range(3):
        client.wire.call("/x", {})
    assert server.paths() == ["/token", "/x", "/x", "/x"]
    form = f"grant_type=client_credentials&client_id=client&client_secret={SECRET}&scope=openid"
    assert server.talks[0].rest().decode() == form
    assert server.talks[1].header("authorization") == f"Bearer {TOKEN}"
    assert base64.b64decode(server.talks[1].header("cpro-account")).decode() == f"TECH:{PASSWORD}"
    assert server.talks[1].header("user-agent").startswith("chorus-outbox/")


def test_the_token_is_renewed_before_its_end(server: Server, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A minute before a token ends another one is asked for."""
    client.wire.call("/x", {})
    began = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: began + 3535)
    client.wire.call("/x", {})
    monkeypatch.setattr(time, "monotonic", lambda: began + 3545)
    client.wire.call("/x", {})
    assert server.paths() == ["/token", "/x", "/x", "/token", "/x"]


def test_good_credentials_refused_twice(server: Server, client: Client) -> None:
    """PISTE answers invalid_client to good credentials now and then: a few tries, with pauses."""
    no = answer(400, {"error": "invalid_client"})
    server.tokens = [no, no, TOKEN_GOOD]
    assert client.wire.call("/x", {})
    assert client.slept == [0.5, 1.0]


@pytest.mark.parametrize(
    ("script", "code", "tries"),
    [
        pytest.param(answer(400, {"error": "invalid_client"}), "outage.piste_credentials", 5, id="invalid_client"),
        pytest.param(answer(401, HTML), "outage.piste_credentials", 5, id="401"),
        pytest.param(answer(400, b"[]"), "outage.piste_credentials", 5, id="400 with a list"),
        pytest.param(answer(403), "outage.forbidden", 1, id="403"),
        pytest.param(answer(404), "outage.wrong_route", 1, id="404"),
        pytest.param(answer(503, HTML), "outage.maintenance", 1, id="503"),
        pytest.param(answer(200, HTML), "outage.maintenance", 1, id="a page"),
        pytest.param(answer(200, {}), "outage.maintenance", 1, id="no token"),
        pytest.param(answer(200, [1]), "outage.maintenance", 1, id="a list"),
        pytest.param(answer(200, {"access_token": "x", "expires_in": None}), "outage.maintenance", 1, id="no life"),
        pytest.param(answer(200, {"access_token": None}), "outage.maintenance", 1, id="a null token"),
        pytest.param(answer(200, {"access_token": "a\nb"}), "outage.maintenance", 1, id="a token of two lines"),
        pytest.param(hang_up, "outage.unreachable", 1, id="hangs up"),
    ],
)
def test_no_token_means_nothing_was_sent(server: Server, client: Client, script: Script, code: str, tries: int) -> None:
    """Without a token a deposit certainly did not arrive, whatever the reason."""
    server.tokens = [script]
    error = failure(lambda: client.wire.call("/x", {}, once=True))
    assert kind(error) == ("Unavailable", code)
    assert server.paths() == ["/token"] * tries


def test_threads_share_the_token(server: Server, client: Client) -> None:
    """Eight threads at once: one token request."""

    def slow(talk: Talk) -> None:
        time.sleep(0.2)
        TOKEN_GOOD(talk)

    server.tokens = [slow]
    threads = [threading.Thread(target=client.wire.call, args=("/x", {})) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(server.paths()) == ["/token", *["/x"] * 8]


def test_a_token_refused_late_does_not_discard_the_new_one(server: Server, client: Client) -> None:
    """A thread that was refused with the old token does not throw away the one that another has fetched since."""
    client.wire.call("/x", {})
    client.wire._token.refuse("an older one")
    client.wire.call("/x", {})
    assert server.paths() == ["/token", "/x", "/x"]


# --- pace, secrets, numbers ----------------------------------------------------------------------------------------------


def test_the_pace() -> None:
    """A burst of one second's worth, then one turn each fifth of a second; idle time is not saved up."""
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.extend([round(seconds, 6)] if seconds > 1e-9 else [])

    pace = Pace(5, lambda: now[0], sleep)
    for _ in range(8):
        pace.take()
    assert slept == [0.2, 0.4, 0.6]
    now[0] = 1000.0
    slept.clear()
    for _ in range(6):
        pace.take()
    assert slept == [0.2]


def test_a_slow_pace() -> None:
    """Less than one a second: the second request waits its turn."""
    slept: list[float] = []
    pace = Pace(0.5, lambda: 0.0, slept.append)
    pace.take()
    pace.take()
    assert slept == [2.0]


def test_an_account_shows_no_secret() -> None:
    """Neither repr nor str of an account holds a secret."""
    account = Account("https://o", "https://a", "client", SECRET, "TECH", PASSWORD)
    assert not [c for c in CANARIES if c in repr(account) + str(account) + f"{account}"]


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_odd_values_are_none(value: Any) -> None:
    """A field of a wrong type is None, never an error; an amount is a finite one."""
    amount = fields.number(value)
    assert amount is None or amount.is_finite()
    row = {"identifiantFactureCPP": value, "numeroFacture": value, "montantTTC": value, "idService": value}
    for read in (fields.found, fields.service, fields.receipt, fields.analysis):
        read(row)
    fields.pages({"parametresRetour": value, "pages": value})
