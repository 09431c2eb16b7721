"""TLS as it is spoken: only to who can prove to be the one meant, whatever the configuration says."""

from __future__ import annotations

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from chorus_outbox.edge.chorus import Account, Pace, Wire
from chorus_outbox.errors import UnavailableError


class Portal(http.server.BaseHTTPRequestHandler):
    """Gives a token and an empty answer to whoever comes."""

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.rfile.read(length)
        body = b'{"access_token": "t", "expires_in": 3600, "codeRetour": 0, "libelle": ""}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(certificate: trustme.LeafCert, oldest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if oldest is ssl.TLSVersion.TLSv1_1:
        context.minimum_version = context.maximum_version = oldest
        context.set_ciphers("ALL:@SECLEVEL=0")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int) -> None:
    base = f"https://localhost:{port}"
    account = Account(f"{base}/token", base, "id", "secret", "login", "password")
    wire = Wire(account, 5, Pace(100, lambda: 0.0, lambda _: None), lambda _: None)
    try:
        wire.call("/cpro/x", {})
    finally:
        wire.close()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Give an authority that this process trusts, as a company adds its own to the system's."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def test_a_certificate_of_a_trusted_authority_is_accepted(authority: trustme.CA) -> None:
    """The system's own authorities count, not only the usual ones."""
    with serving(authority.issue_cert("localhost")) as port:
        ask(port)


@pytest.mark.parametrize("case", ["unknown authority", "another host", "expired"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_anything_else_is_refused_before_a_secret_leaves(authority: trustme.CA, case: str) -> None:
    """The handshake fails: nothing has arrived, and everything waits."""
    past = datetime.now(UTC) - timedelta(days=1)
    certificate = {
        "unknown authority": lambda: trustme.CA().issue_cert("localhost"),
        "another host": lambda: authority.issue_cert("portail.example"),
        "expired": lambda: authority.issue_cert("localhost", not_after=past),
    }[case]()
    with serving(certificate) as port, pytest.raises(UnavailableError) as refused:
        ask(port)
    assert refused.value.problem.code == "outage.unreachable"


def test_an_old_protocol_is_refused(authority: trustme.CA) -> None:
    """TLS 1.1 is not spoken."""
    with (
        pytest.warns(DeprecationWarning, match="TLSv1_1"),
        serving(authority.issue_cert("localhost"), ssl.TLSVersion.TLSv1_1) as port,
        pytest.raises(UnavailableError),
    ):
        ask(port)
