"""The section `notify`: who is told, refused kindly, and where its secrets come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chorus_outbox.config import Config, load
from chorus_outbox.errors import ConfigurationError

BASE = """\
environment: sandbox
piste: {client_id: 0123-45}
account: {login: TECH_1_1@cpro.fr}
supplier: {siret: 22220001600327}
folders: {outbox: shared/outbox}
ledger: state/ledger.db
notify: """
ENVIRON = {"CHORUS_OUTBOX_CLIENT_SECRET": "one-secret", "CHORUS_OUTBOX_PASSWORD": "another-secret"}


def loaded(folder: Path, notify: str, environ: Mapping[str, str] | None = None) -> Config:
    path = folder / "config.yaml"
    path.write_text(BASE + notify + "\n", "utf-8")
    return load(path, {**ENVIRON, **(environ or {})})


def mails(config: Config) -> list[dict[str, Any]]:
    return [dict(channel.target["mail"]) for channel in config.reached.channels]


@pytest.mark.parametrize("notify", ["", "{}", "{digest: never}"])
def test_nobody_is_told_by_default(tmp_path: Path, notify: str) -> None:
    """The section is optional; without anybody to tell it does nothing."""
    config = loaded(tmp_path, notify)
    assert (config.reached.channels, config.warnings) == ((), ())


@pytest.mark.parametrize(
    ("smtp", "mode", "port"),
    [
        pytest.param("smtp: smtp://relais.example.org", "insecure", 25, id="relay"),
        pytest.param("smtp: smtp://relais.example.org:2525", "insecure", 2525, id="relay, own port"),
        pytest.param("smtp: smtps://relais.example.org", "ssl", 465, id="TLS"),
        pytest.param("smtp: smtp://relais.example.org, smtp_user: u", "starttls", 587, id="account"),
        pytest.param("smtp: 'smtp://u@relais.example.org:25'", "starttls", 25, id="account in the address"),
        pytest.param("smtp: 'smtps://moi%40x.fr@relais.example.org'", "ssl", 465, id="account and TLS"),
    ],
)
def test_a_password_never_travels_in_clear(tmp_path: Path, smtp: str, mode: str, port: int) -> None:
    """With an account the connection is encrypted; without one a relay is taken as it is."""
    environ = {"CHORUS_OUTBOX_SMTP_PASSWORD": "mail-canary"}
    config = loaded(tmp_path, f"{{to: a@example.org, {smtp}}}", environ)
    (mail,) = mails(config)
    assert (mail["host"], mail["mode"], mail["port"]) == ("relais.example.org", mode, port)
    assert (mail["password"] == "mail-canary") is bool(mail["user"])
    assert "canary" not in f"{config!r}"


@pytest.mark.parametrize(
    ("more", "sender"),
    [
        pytest.param("", "chorus-outbox <a@example.org>", id="first receiver"),
        pytest.param(", smtp_user: moi@example.org", "chorus-outbox <moi@example.org>", id="account"),
        pytest.param(", smtp_user: moi@x.fr, from: toi@x.fr", "chorus-outbox <toi@x.fr>", id="given"),
    ],
)
def test_who_writes(tmp_path: Path, more: str, sender: str) -> None:
    """`from`, else the account if it is an address, else the first receiver."""
    config = loaded(
        tmp_path,
        f"{{to: [a@example.org, b@example.org], smtp: 'smtp://relais'{more}}}",
        {"CHORUS_OUTBOX_SMTP_PASSWORD": "x"},
    )
    assert [(m["to"], m["sender"]) for m in mails(config)] == [("a@example.org", sender), ("b@example.org", sender)]


def test_addresses_from_a_file(tmp_path: Path) -> None:
    """One a line, comments and doubles left out; named by their line; hidden in logs with all their parts."""
    secret = "# équipe\nslack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ\n\nntfy://u:pa%24%24w0rd@ntfy.example.org/sujet\n"
    (tmp_path / "urls").write_text(secret * 2, "utf-8")
    (tmp_path / "urls").chmod(0o600)
    config = loaded(tmp_path, "{urls_file: urls}")
    assert [channel.label for channel in config.reached.channels] == ["slack (line 2)", "ntfy (line 4)"]
    assert len({channel.key for channel in config.reached.channels}) == 2
    assert {"TIiajkdnlazkcOXrIdevi7FQ", "A1BRTD4JD", "pa%24%24w0rd", "pa$$w0rd"} <= set(config.secrets())
    assert "ntfy.example.org" not in config.secrets()
    assert config.warnings == ()
    (tmp_path / "urls").chmod(0o644)
    assert "every user of this machine can read" in loaded(tmp_path, "{urls_file: urls}").warnings[0]


def test_credentials_of_systemd(tmp_path: Path) -> None:
    """`smtp-password` and `notify-urls`, as for the other secrets; the list needs no key of its own."""
    (tmp_path / "smtp-password").write_text("mail-canary\n")
    (tmp_path / "notify-urls").write_text("json://localhost/canary-hook\n")
    config = loaded(tmp_path, "{to: a@b.fr, smtp: 'smtp://r', smtp_user: u}", {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert [channel.label for channel in config.reached.channels] == ["mail:a@b.fr", "json (line 1)"]
    assert {"mail-canary", "canary-hook"} <= set(config.secrets())


@pytest.mark.parametrize(
    ("notify", "said"),
    [
        pytest.param("{to: a@b.fr}", "notify (line 7): to: needs the mail server, in the key smtp", id="no server"),
        pytest.param("{smtp: 'smtp://r'}", "smtp: needs somebody to write to", id="no receiver"),
        pytest.param("{to: compta, smtp: 'smtp://r'}", "notify.to.0: must be a mail address such as", id="no address"),
        pytest.param("{to: 'a@b.fr, c@d.fr', smtp: 'smtp://r'}", "must be a mail address", id="two in one"),
        pytest.param("{to: \"a@b.fr\\nBcc: x@y.fr\", smtp: 'smtp://r'}", "must be a mail address", id="line break"),
        pytest.param("{to: a@b.fr, smtp: 'http://r'}", "must be smtp://server", id="scheme"),
        pytest.param(
            "{to: a@b.fr, smtp: 'smtp://u:canary@r'}", "the password stands in a file of its own", id="password"
        ),
        pytest.param("{to: a@b.fr, smtp: 'smtp://r:x'}", "must be smtp://server", id="port"),
        pytest.param("{to: a@b.fr, smtp: 'smtp://r', smtp_user: u}", "CHORUS_OUTBOX_SMTP_PASSWORD", id="no secret"),
        pytest.param("{frm: a@b.fr}", "notify.frm (line 7): is not a known key (did you mean from?)", id="key"),
        pytest.param("{smtp_password: canary}", "did you mean smtp_password_file?", id="secret"),
        pytest.param("{urls: 'json://canary'}", "did you mean urls_file?", id="secret list"),
        pytest.param("{digest: 25:00}", "must be a time of day (French time) such as 18:00, or never", id="time"),
        pytest.param("{urls_file: nowhere}", "notify.urls_file: can't read", id="no file"),
        pytest.param("{urls_file: config.yaml}", "notify.urls_file: line 1 is no Apprise address", id="no list"),
        pytest.param("{outage_after_seconds: soon}", "must be a number", id="number"),
    ],
)
def test_refusals(tmp_path: Path, notify: str, said: str) -> None:
    """Each with its place and what is allowed, and without what may be a secret."""
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, notify)
    text = "\n".join(refused.value.problems)
    assert said in text
    assert "canary" not in text


def test_a_password_that_no_mail_server_would_get(tmp_path: Path) -> None:
    """Python's SMTP knows ASCII only there: said before anything is tried, without quoting it."""
    with pytest.raises(ConfigurationError, match="letters without accents"):
        loaded(tmp_path, "{to: a@b.fr, smtp: 'smtp://r', smtp_user: u}", {"CHORUS_OUTBOX_SMTP_PASSWORD": "é"})
