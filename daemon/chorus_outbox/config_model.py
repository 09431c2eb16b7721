"""The shape of the configuration: every key, its type, its bounds and its default (design.md 7).

Every value arrives as the text that was typed (``core/yamltext.py``); the kinds of values stand in
``config_fields.py``. Secrets, paths relative to the file and what depends on several keys are settled in ``config.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from .config_fields import (
    STRICT,
    Address,
    CadreText,
    Flag,
    LedgerPath,
    Number,
    PathText,
    Pause,
    Period,
    Regex,
    SiretText,
    Text,
    Whole,
)
from .config_notify import Notify
from .core.filename import DEFAULT_PATTERNS, check_patterns


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
    engagement_pattern: Regex | None = None
    cadre: CadreText | None = None
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
    parallel: Annotated[int, Whole, Field(ge=1, le=64)] = 4
    requests_per_second: Annotated[float, Number, Field(gt=0, le=100)] = 5
    timeout_seconds: Annotated[float, Number, Field(ge=1, le=3600)] = 120
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
    format: Literal["text", "json"] = "text"  # on standard error; the file is always JSON
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
    ledger: LedgerPath
    spool: PathText | None = None
    language: Literal["fr", "en"] = "fr"
    defaults: dict[str, Any] = {}
    filename_patterns: Annotated[tuple[Text, ...], AfterValidator(_patterns)] = DEFAULT_PATTERNS
    recipients: Annotated[dict[str, Recipient], AfterValidator(_aliases)] = {}
    pickup: Pickup = Pickup()
    sending: Sending = Sending()
    follow_up: FollowUp = FollowUp()
    notify: Notify = Notify()
    dashboard: Dashboard = Dashboard()
    metrics_file: PathText | None = None
    log: Log = Log()
