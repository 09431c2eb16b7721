"""The section ``notify``: who is told by message, and of what; and where the secrets for it come from.

A way to reach people is a mail address (with the mail server of the section) or an Apprise address (Teams, Slack, ntfy,
webhooks...), which holds a secret and so never stands in the configuration itself. Nothing is sent here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, BeforeValidator, Field, SecretStr, model_validator

from . import config_secrets
from .config_fields import STRICT, Flag, PathText, Pause, Text

SMTP_PASSWORD = config_secrets.Place(
    "the password of the mail server",
    "notify",
    "smtp_password",
    "smtp-password",
    "CHORUS_OUTBOX_SMTP_PASSWORD",
)
URLS = config_secrets.Place(
    "the list of Apprise addresses", "notify", "urls", "notify-urls", "CHORUS_OUTBOX_NOTIFY_URLS"
)
URLS_MAX = 20
_NOT_ASCII = "notify: the mail server's user and password must have letters without accents (as many servers want it)"
_PORTS = {"insecure": 25, "starttls": 587, "ssl": 465}
_ADDRESS = re.compile(r"[^\s@<>,;:\"\\()]{1,64}@[^\s@<>,;:\"\\()]{1,255}")
_SECRET_PART = re.compile(r"[^/?&=@:,#+]{8,}")


def _mail_address(text: Any) -> str:
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text.strip()) or not text.isprintable():
        raise ValueError("must be a mail address such as compta@example.org")
    return text.strip()


def _addresses(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


def _digest(text: Any) -> str:
    if not re.fullmatch(r"never|([01]?[0-9]|2[0-3]):[0-5][0-9]", str(text)):
        raise ValueError("must be a time of day (French time) such as 18:00, or never")
    return str(text)


def _smtp(text: Any) -> str:
    """Check a mail server; it is never quoted, as it may hold a password."""
    wanted = "must be smtp://server, smtp://server:port or smtps://server"
    try:
        parts = urlsplit(str(text).strip())
        good = parts.scheme in ("smtp", "smtps") and parts.hostname and parts.port != 0
    except ValueError:
        good = None
    if not good or parts.password or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(wanted + "; the password stands in a file of its own (smtp_password_file)")
    return str(text).strip()


class Notify(BaseModel):
    """Who is told by message, and of what."""

    model_config = STRICT
    to: Annotated[tuple[Annotated[str, BeforeValidator(_mail_address)], ...], BeforeValidator(_addresses)] = ()
    sender: Annotated[str, BeforeValidator(_mail_address)] | None = Field(default=None, alias="from")
    smtp: Annotated[str, BeforeValidator(_smtp)] | None = None
    smtp_user: Text | None = None
    smtp_password_file: PathText | None = None
    urls_file: PathText | None = None
    failures: Flag = True
    returns: Flag = True
    outages: Flag = True
    digest: Annotated[str, BeforeValidator(_digest)] = "18:00"
    outage_after_seconds: Pause = 300

    @model_validator(mode="after")
    def _whole(self) -> Notify:
        if self.to and not self.smtp:
            raise ValueError("to: needs the mail server, in the key smtp (smtp://server)")
        if self.smtp and not self.to:
            raise ValueError("smtp: needs somebody to write to, in the key to")
        return self

    @property
    def user(self) -> str | None:
        """The account on the mail server."""
        return self.smtp_user or unquote((urlsplit(self.smtp or "").username) or "") or None

    @property
    def digest_time(self) -> time | None:
        """When the digest leaves, French time."""
        hour, _, minute = self.digest.partition(":")
        return None if self.digest == "never" else time(int(hour), int(minute))


@dataclass(frozen=True)
class Channel:
    """One way to reach people.

    Args:
        key: Stands for it in the ledger, and tells nothing of it.
        label: For the log, without secrets.
        target: What the child that delivers needs (``edge/notify/post.py``).

    """

    key: str
    label: str
    target: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Reached:
    """All ways to reach people, or why they can't be used; ``secrets`` are what no log may show."""

    channels: tuple[Channel, ...] = ()
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    secrets: tuple[SecretStr, ...] = ()


def reached(notify: Notify, base: Path, environ: Mapping[str, str]) -> Reached:
    """Return the ways to reach people. ``base``: the folder that relative paths start from."""
    found = []
    if notify.user:
        found.append(config_secrets.find(SMTP_PASSWORD, _under(base, notify.smtp_password_file), environ))
    password = found[0].secret.get_secret_value() if found and found[0].secret else ""
    odd = [_NOT_ASCII] if not (password + (notify.user or "")).isascii() else []
    mails = tuple(_mail(notify, to, password) for to in notify.to)
    lines, listed = _listed(_under(base, notify.urls_file), environ)
    if listed:
        found.append(listed)
    wrong = tuple(_wrong(lines))
    urls = {url: number for number, url in reversed(lines)}
    services = (
        [Channel(_key(url), _label(url, number), {"url": url}) for url, number in urls.items()] if not wrong else []
    )
    secrets = dict.fromkeys(part for text in (password, *urls) for part in _parts(text))
    return Reached(
        (*mails, *reversed(services)),
        (*(f.problem for f in found if f.problem), *odd, *wrong),
        tuple(f.warning for f in found if f.warning),
        tuple(map(SecretStr, secrets)),
    )


def _under(base: Path, path: Path | None) -> Path | None:
    return base / path if path else None


def _mail(notify: Notify, to: str, password: str) -> Channel:
    """Return an address. With an account the connection is always encrypted: a password never travels in clear."""
    parts = urlsplit(notify.smtp or "")
    mode: Literal["ssl", "starttls", "insecure"]
    mode = "ssl" if parts.scheme == "smtps" else "starttls" if notify.user else "insecure"
    user = notify.user or ""
    sender = notify.sender or (user if _ADDRESS.fullmatch(user) else notify.to[0])
    mail = {
        "host": parts.hostname,
        "port": parts.port or _PORTS[mode],
        "mode": mode,
        "to": to,
        "sender": f"chorus-outbox <{sender}>",
        "user": user,
        "password": password,
    }
    return Channel(_key(f"mail:{to}"), f"mail:{to}", {"mail": mail})


def _label(url: str, number: int) -> str:
    return f"{url.partition('://')[0]} (line {number})"


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _listed(file: Path | None, environ: Mapping[str, str]) -> tuple[list[tuple[int, str]], config_secrets.Found | None]:
    """Return the lines of the list of addresses, numbered, without comments; nothing when there is no list."""
    found = config_secrets.find(URLS, file, environ, lines=True)
    if found.secret is None:
        return [], found if file or found.given else None
    lines = enumerate(found.secret.get_secret_value().splitlines(), 1)
    return [(n, line.strip()) for n, line in lines if line.strip() and not line.strip().startswith("#")], found


def _wrong(lines: Sequence[tuple[int, str]]) -> Iterator[str]:
    """Say which lines are no addresses, without quoting one."""
    for number, url in lines:
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*://\S.*", url) or not url.isprintable():
            yield f"notify.urls_file: line {number} is no Apprise address (service://...); see github.com/caronc/apprise/wiki"
    if len(lines) > URLS_MAX:
        yield f"notify.urls_file: has more than {URLS_MAX} addresses"


def _parts(text: str) -> Iterator[str]:
    """Yield a secret address, and each part of it that may be a secret of its own."""
    if "://" not in text:
        yield from (text,) * bool(text)
        return
    yield text
    rest = text.partition("://")[2]
    for part in _SECRET_PART.findall(rest):
        if part != urlsplit(text).hostname:
            yield from {part, unquote(part)}
