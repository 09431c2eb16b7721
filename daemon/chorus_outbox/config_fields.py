"""The kinds of values that a configuration has: each from the text that was typed, or a refusal in words.

Which keys have them stands in ``config_model.py``.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ConfigDict, Field

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


Flag = Annotated[bool, BeforeValidator(_flag)]
Text = Annotated[str, BeforeValidator(_text)]
PathText = Annotated[Path, BeforeValidator(_path)]
SiretText = Annotated[str, BeforeValidator(_siret)]
Address = Annotated[str, BeforeValidator(_address)]
Pause = Annotated[float, BeforeValidator(_number), Field(ge=0, le=7 * 86_400)]  # seconds
Period = Annotated[float, BeforeValidator(_number), Field(ge=1, le=7 * 86_400)]  # seconds
CadreText = Annotated[str, BeforeValidator(_cadre)]
Regex = Annotated[str, BeforeValidator(_regex)]
Number = BeforeValidator(_number)
Whole = BeforeValidator(_whole)
LedgerPath = Annotated[Path, BeforeValidator(_ledger)]
