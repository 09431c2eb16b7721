"""A real mail server and a real webhook on this machine, for tests: what arrives can be read, and each can misbehave.

with mail_server() as mailbox:
    ...
    assert mailbox.subjects() == ["..."]
"""

from __future__ import annotations

import contextlib
import email
import email.policy
import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "s3cret mot:de/passe@%41?#"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@dataclass
class Mailbox:
    """What a mail server took, and how it answers; it refuses the addresses in ``refused``."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    receivers: list[str] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take an address, or not."""
        del options
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take a message, or answer as told."""
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            parsed = email.message_from_bytes(content, policy=email.policy.default)
            assert isinstance(parsed, EmailMessage)
            self.messages.append(parsed)
            self.raw.append(content)
            self.receivers += envelope.rcpt_tos
            self.encrypted.append(session.ssl is not None)
        return self.answer

    def subjects(self) -> list[str]:
        """Return the subjects, in the order in which the messages came."""
        return [str(message["Subject"]) for message in self.messages]

    def text(self, number: int = -1) -> str:
        """Return the text of a message, by default the last."""
        return str(self.messages[number].get_content()).replace("\r\n", "\n")

    def login(self, _: SMTP, __: Session, ___: Envelope, mechanism: str, given: Any) -> AuthResult:
        """Take any user whose password is right."""
        assert isinstance(given, LoginPassword), mechanism
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password.decode() == PASSWORD, handled=False)


@contextlib.contextmanager
def mail_server(*, tls: str = "", authority: trustme.CA | None = None, port: int = 0) -> Iterator[Mailbox]:
    """Run a mail server; ``tls``: ``starttls`` or ``ssl``, and then it also wants a password."""
    mailbox = Mailbox(port or free_port())
    more: dict[str, Any] = {}
    if tls:
        assert authority is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(context)
        secured = {"ssl_context": context} if tls == "ssl" else {"tls_context": context, "require_starttls": True}
        # With TLS from the start aiosmtpd does not know that it speaks it.
        wants = {"auth_require_tls": False} if tls == "ssl" else {"auth_required": True}
        more = {"authenticator": mailbox.login, **secured, **wants}
    server = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **more)
    server.start()
    try:
        yield mailbox
    finally:
        server.stop()


@contextlib.contextmanager
def silent_server() -> Iterator[tuple[int, list[socket.socket]]]:
    """Run a server that takes connections and never says a word; give its port and the connections."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        kept: list[socket.socket] = []

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(listening.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield int(listening.getsockname()[1]), kept
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)
        for one in kept:
            one.close()


@dataclass
class Hook:
    """What a webhook got; it answers with ``status``."""

    port: int = 0
    got: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200


@contextlib.contextmanager
def webhook() -> Iterator[Hook]:
    """Run a webhook that keeps the JSON it gets."""
    hook = Hook()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if hook.status == 200:
                hook.got.append({**json.loads(body), "path": self.path})
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
