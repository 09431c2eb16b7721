"""The shape of the configuration: every key, its type, its bounds and its default (design.md 7).

Every value arrives as the text that was typed (``core/yamltext.py``). Secrets, paths relative to the file and what
depends on several keys are settled in ``config.py``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .core.filename import DEFAULT_PATTERNS, check_patterns
from .core.invoice import Cadre, check_siret

STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

_FLAGS = dict.fromkeys(("true", "yes", "oui", "on"), True) | dict.fromkeys(("false", "no", "non", "off"), False)


def _flag(text: Any) -> bool:
    try:
        return _FLAGS[str(text).lower()]
    except KeyError:
        raise ValueError("must be true or false (yes, no, oui, non, on, off do as well)") from None


def _number(text: Any) -> str:
    if not re.fullmatch(r"[0-9]{1,9}(?:[.,][0-9]{1,9})?", str(text)):
        raise ValueError("must be a number, such as 5 or 0.5")
    return str(text).replace(",", ".")


def _whole(text: Any) -> str:
    if not re.fullmatch(r"[0-9]{1,9}", str(text)):
        raise ValueError("must be a whole number")
    return str(text)


def _text(text: Any) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError("must be a single value")
    return text.strip()


def _path(text: Any) -> Path:
    path = _text(text)
    if path.startswith("~") or "\0" in path:
        raise ValueError("must be a path, absolute or relative to this file (~ is not known)")
    return Path(path)


def _ledger(text: Any) -> Path:
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", _text(text)):
        raise ValueError("must be the path of a file; PostgreSQL and other servers are not available in this version")
    return _path(text)


def _siret(text: Any) -> str:
    digits = re.sub(r"[ .]", "", _text(text))
    if problem := check_siret(digits):
        wrong = "these 14 digits are no SIRET, their check digits do not match"
        raise ValueError("must be 14 digits" if problem.code == "siret.format" else wrong)
    return digits


def _cadre(text: Any) -> str:
    wanted = _text(text).upper()
    for cadre in Cadre:
        if wanted in (cadre.name, cadre.value):
            return cadre.value
    raise ValueError("must be one of " + ", ".join(f"{c.name} ({c.value})" for c in Cadre))


def _regex(text: Any) -> str:
    try:
        re.compile(_text(text))
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return _text(text)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(text: Any) -> str:
    """Check an address; it is never quoted, as it may hold a password."""
    try:
        parts = urlsplit(_text(text))
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("must be an address such as https://api.piste.gouv.fr") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("must be an address such as https://api.piste.gouv.fr")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("must be a bare address, without user, password, ? or #")
    if parts.scheme == "http" and not _loopback(host):
        raise ValueError("must begin with https:// (http only to this machine itself: 127.0.0.1, ::1, localhost)")
    return _text(text).rstrip("/")


def _patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    if faults := check_patterns(patterns):
        raise ValueError("; ".join(faults))
    return patterns


def _aliases(recipients: Mapping[str, Recipient]) -> Mapping[str, Recipient]:
    if numbers := [alias for alias in recipients if re.fullmatch(r"[0-9 ]+", alias)]:
        raise ValueError(f"the name {numbers[0]} looks like a number; a name must have letters")
    folded = [alias.casefold() for alias in recipients]
    if twice := [alias for alias in recipients if folded.count(alias.casefold()) > 1]:
        raise ValueError("these names differ only in case: " + ", ".join(twice))
    return recipients


Flag = Annotated[bool, BeforeValidator(_flag)]
Text = Annotated[str, BeforeValidator(_text)]
PathText = Annotated[Path, BeforeValidator(_path)]
SiretText = Annotated[str, BeforeValidator(_siret)]
Address = Annotated[str, BeforeValidator(_address)]
Pause = Annotated[float, BeforeValidator(_number), Field(ge=0, le=7 * 86_400)]  # seconds
Period = Annotated[float, BeforeValidator(_number), Field(ge=1, le=7 * 86_400)]  # seconds


class Endpoints(BaseModel):
    """Addresses; by default those of the environment."""

    model_config = STRICT
    oauth: Address | None = None
    api: Address | None = None
    other_oauth: Address | None = None  # the other environment's tokens: `check` asks it about refused credentials


class Piste(BaseModel):
    """The PISTE application."""

    model_config = STRICT
    client_id: Text
    client_secret_file: PathText | None = None


class Account(BaseModel):
    """The technical account of Chorus Pro."""

    model_config = STRICT
    login: Text
    password_file: PathText | None = None


class Supplier(BaseModel):
    """Who sends the invoices."""

    model_config = STRICT
    siret: SiretText
    service: Text | None = None
    bank_account: Text | None = None


class Folders(BaseModel):
    """The shared folders; all but the outbox default to siblings of the outbox."""

    model_config = STRICT
    outbox: PathText
    processing: PathText | None = None
    sent: PathText | None = None
    failed: PathText | None = None


class Recipient(BaseModel):
    """An entry of the recipient book."""

    model_config = STRICT
    siret: SiretText
    service: Text | None = None
    engagement: Text | None = None
    engagement_pattern: Annotated[str, BeforeValidator(_regex)] | None = None
    cadre: Annotated[str, BeforeValidator(_cadre)] | None = None
    supplier: SiretText | None = None


class Pickup(BaseModel):
    """When a file is taken. Times in seconds."""

    model_config = STRICT
    quiet_seconds: Pause = 5
    rescan_seconds: Period = 30
    sidecar: Literal["optional", "required"] = "optional"
    sidecar_wait_seconds: Pause = 120
    incomplete_wait_seconds: Pause = 900
    mismatch: Literal["fail", "warn"] = "fail"


class Sending(BaseModel):
    """How invoices are sent. Times in seconds."""

    model_config = STRICT
    parallel: Annotated[int, BeforeValidator(_whole), Field(ge=1, le=64)] = 4
    requests_per_second: Annotated[float, BeforeValidator(_number), Field(gt=0, le=100)] = 5
    timeout_seconds: Annotated[float, BeforeValidator(_number), Field(ge=1, le=3600)] = 120
    facturx: Literal["strip", "flux", "refuse"] = "strip"
    settle_seconds: Pause = 60
    resend_after_doubt: Literal["after_search", "never"] = "after_search"


class FollowUp(BaseModel):
    """How often the status of a sent invoice is asked for. Times in seconds."""

    model_config = STRICT
    enabled: Flag = True
    first_seconds: Period = 300
    every_seconds: Period = 3600

    @model_validator(mode="after")
    def _widening(self) -> FollowUp:
        if self.every_seconds < self.first_seconds:
            raise ValueError("first_seconds must not be longer than every_seconds")
        return self


class Dashboard(BaseModel):
    """The page in the shared folder, and the table beside it."""

    model_config = STRICT
    enabled: Flag = True
    file: PathText | None = None


class Log(BaseModel):
    """The program's own log, for the administrator."""

    model_config = STRICT
    level: Literal["debug", "info", "warning", "error"] = "info"
    file: PathText | None = None


class Settings(BaseModel):
    """The whole file."""

    model_config = STRICT
    environment: Literal["production", "sandbox"]
    endpoints: Endpoints = Endpoints()
    piste: Piste
    account: Account
    supplier: Supplier
    folders: Folders
    ledger: Annotated[Path, BeforeValidator(_ledger)]
    spool: PathText | None = None
    language: Literal["fr", "en"] = "fr"
    defaults: dict[str, Any] = {}
    filename_patterns: Annotated[tuple[Text, ...], AfterValidator(_patterns)] = DEFAULT_PATTERNS
    recipients: Annotated[dict[str, Recipient], AfterValidator(_aliases)] = {}
    pickup: Pickup = Pickup()
    sending: Sending = Sending()
    follow_up: FollowUp = FollowUp()
    notify: dict[str, Any] = Field(default={}, repr=False)
    dashboard: Dashboard = Dashboard()
    metrics_file: PathText | None = None
    log: Log = Log()
