"""Delivering a message by a child process, to real servers: what arrives, what is refused, what hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import trustme

from chorus_outbox.edge.notify.post import post
from mailbox_server import PASSWORD, Mailbox, free_port, mail_server, silent_server, wait_for, webhook

BODY = "Bonjour « été »\n- un :smile: et \\n et <b>&amp;</b>\nhttps://example.org/a.pdf file:///etc/passwd\n"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Give an authority that this machine trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return authority


def mail(port: int, mode: str = "insecure", **more: str) -> Mapping[str, Any]:
    known = {"host": "localhost", "sender": "chorus-outbox <moi@example.org>", "to": "compta@example.org"}
    return {"mail": {**known, "port": port, "mode": mode, **more}}


def test_a_message_arrives_as_it_was_written(mailbox: Mailbox) -> None:
    """Accents, escapes, emoji codes, HTML and addresses in the text stay text: one part, nothing fetched or attached."""
    assert post([mail(mailbox.port)], "[ESSAI] été : 3", BODY) == [None]
    (message,) = mailbox.messages
    assert message["Subject"] == "[ESSAI] été : 3"
    assert message.get_content_type() == "text/plain"
    assert not message.is_multipart()
    assert mailbox.text() == BODY


def test_a_line_break_in_a_subject_begins_no_header(mailbox: Mailbox) -> None:
    """Whatever a subject holds, it stays one header, and nobody else gets the message."""
    assert post([mail(mailbox.port)], "a\r\nBcc: evil@example.org\r\n\r\nb", "c") == [None]
    (message,) = mailbox.messages
    assert message["Bcc"] is None
    assert mailbox.receivers == ["compta@example.org"]
    assert mailbox.text().strip() == "c"


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_a_password_travels_encrypted(authority: trustme.CA, tls: str) -> None:
    """STARTTLS or TLS from the start, with a name and a password whose odd characters arrive as they are."""
    with mail_server(tls=tls, authority=authority) as mailbox:
        target = mail(mailbox.port, tls, user="compta@exa mple", password=PASSWORD)
        assert post([target], "x", "y") == [None]
        assert mailbox.logins == [("compta@exa mple", PASSWORD)]
        assert mailbox.encrypted == [True] if tls == "starttls" else mailbox.messages
        (refused,) = post([{"mail": {**target["mail"], "password": "wrong"}}], "x", "y")
        assert refused is not None
        assert "535" in refused
        assert "wrong" not in refused


@pytest.mark.parametrize("tls", ["starttls", "ssl"])
def test_a_server_that_can_not_prove_its_name_gets_nothing(tls: str) -> None:
    """A certificate of an unknown authority: no password, no message."""
    with mail_server(tls=tls, authority=trustme.CA()) as mailbox:
        (refused,) = post([mail(mailbox.port, tls, user="u", password=PASSWORD)], "x", "y")
        assert refused is not None
        assert "CERTIFICATE_VERIFY_FAILED" in refused
        assert (mailbox.logins, mailbox.messages) == ([], [])


def test_a_server_without_encryption_gets_no_password(mailbox: Mailbox) -> None:
    """With an account, a server that offers no STARTTLS is refused."""
    (refused,) = post([mail(mailbox.port, "starttls", user="u", password=PASSWORD)], "x", "y")
    assert refused is not None
    assert "STARTTLS" in refused
    assert (mailbox.logins, mailbox.messages) == ([], [])


def test_each_target_is_answered_for_by_itself(mailbox: Mailbox) -> None:
    """A refused address, a dead server, a webhook that fails, an address that nobody understands: the others get it."""
    mailbox.refused.add("parti@example.org")
    with webhook() as good, webhook() as bad:
        bad.status = 500
        answers = post(
            [
                mail(mailbox.port),
                mail(mailbox.port, to="parti@example.org"),
                mail(free_port()),
                {"url": f"json://127.0.0.1:{good.port}/h00k-of-ours"},
                {"url": f"json://127.0.0.1:{bad.port}/s3cret-path"},
                {"url": "nonsense://s3cret-token"},
            ],
            "sujet @everyone",
            "corps <!channel> [ici](http://evil.example)",
        )
        assert [answer is None for answer in answers] == [True, False, False, True, False, False]
        assert "s3cret" not in str(answers)
        (got,) = good.got
        assert (got["path"], got["title"]) == ("/h00k-of-ours", "sujet ＠everyone")
        assert got["message"] == "corps ‹!channel› [ici] (http://evil.example)"


def test_a_service_that_wants_html_gets_the_text_escaped(mailbox: Mailbox) -> None:
    """An Apprise address whose messages are HTML (mail, by default): lines stay lines, nothing in them becomes a tag."""
    url = f"mailto://127.0.0.1:{mailbox.port}?from=moi@example.org&to=compta@example.org"
    assert post([{"url": url}], "sujet", "un\n<b>deux</b> & trois") == [None]
    (message,) = mailbox.messages
    html = str(message.get_body(("html",)).get_content())  # type: ignore[union-attr]  # it has one, or the test fails
    assert "<b>" not in html
    assert "un<br/>" in html
    assert "&amp; trois" in html.replace("&nbsp;", " ")


def test_a_server_that_hangs_has_its_time_and_no_more(mailbox: Mailbox) -> None:
    """The child is killed at the limit; what was delivered by then counts."""
    with silent_server() as (port, _):
        began = time.monotonic()
        answers = post([mail(port), mail(mailbox.port)], "x", "y", seconds=4)
        assert time.monotonic() - began < 8
    assert answers == ["no answer in time", None]
    assert mailbox.subjects() == ["x"]


def test_without_a_text_nothing_is_sent(mailbox: Mailbox) -> None:
    """Only whether the targets are understood is said, and nobody is contacted."""
    assert post([mail(mailbox.port), {"url": "json://localhost"}, {"url": "json://"}], "x", "") == [
        None,
        None,
        "not understood by Apprise",
    ]
    assert mailbox.messages == []


def test_the_daemon_itself_never_loads_apprise() -> None:
    """Building all that the daemon shows, and delivering, loads nothing of Apprise into its own process."""
    code = "import sys; import chorus_outbox.showing, chorus_outbox.service; print('apprise' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "False\n"


def test_the_child_has_no_secret_in_its_command_or_environment(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What leads through a proxy is handed on; our own variables are not."""
    monkeypatch.setenv("CHORUS_OUTBOX_PASSWORD", "canary")
    seen: list[bytes] = []
    real = subprocess.Popen.communicate

    def look(child: subprocess.Popen[bytes], *args: Any, **kwargs: Any) -> Any:
        own = Path(f"/proc/{child.pid}")
        wait_for(lambda: b"notify.child" in (own / "cmdline").read_bytes() and bool((own / "environ").read_bytes()))
        seen.extend((own / what).read_bytes() for what in ("cmdline", "environ"))
        return real(child, *args, **kwargs)

    monkeypatch.setattr(subprocess.Popen, "communicate", look)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert post([mail(mailbox.port, user="", password="canary")], "x", "y") == [None]
    assert seen
    assert not any(b"canary" in text for text in seen)
    assert os.environ["HTTPS_PROXY"].encode() in seen[1]
