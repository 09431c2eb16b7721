"""Hides secrets in whatever is about to be logged, in whatever form and wherever in a record they stand.

Known secrets are hidden in every form in which a library might show them (percent-encoded, base64, escaped); unknown
ones by what they look like, or by the key that they stand under. What is no plain value becomes text here, so that
nothing is turned into text later, unseen.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "***"
SECRET_KEY = re.compile(r"secret|password|passwd|token|authorization|cpro.account|credential", re.IGNORECASE)
SECRET_VALUE = re.compile(
    r"(?P<scheme>(?:Bearer|Basic)\s+)\S+"
    r"|(?P<key>(?:secret|passw(?:or)?d|token|api_?key)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',;]+"  # forms, addresses, JSON
    r"|(?P<user>://[^\s/@:]*:)[^\s/@]+(?=@)"  # an address with a password
    r"|eyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*",  # a JSON web token
    re.IGNORECASE,
)
SHORTEST = 6  # bytes: the base64 of less would be found everywhere
DEEPEST = 8  # containers in each other; a list may hold itself
OURS = ("_record", "_from_structlog")  # structlog's own, taken out before anything is written

Record = MutableMapping[str, Any]


def forms(secret: str) -> set[str]:
    """Return the ways in which a text may stand in another one."""
    data = secret.encode("utf-8", "surrogateescape")
    percent = {quote(secret, safe="", errors="surrogateescape"), quote(secret, errors="surrogateescape")}
    percent.add(quote_plus(secret, errors="surrogateescape"))
    escaped = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], html.escape(secret)}
    shown = {repr(secret)[1:-1], repr(data)[2:-1], data.decode("latin-1")}
    encoded = set(_in_base64(data)) if len(data) >= SHORTEST else set()
    encoded |= {quote(text, safe="") for text in encoded}
    return {secret, *percent, *escaped, *shown, *encoded}


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield what is the same in every base64 text that holds the data, at each of the three places it may begin."""
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(data)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + data).decode()[first:last]


def redactor(secrets: Sequence[str]) -> Callable[[Any, str, Record], Record]:
    """Return the processor that hides secrets: any number of known ones, and what looks like one."""
    texts = sorted({form for secret in secrets if secret for form in forms(secret)}, key=len, reverse=True)
    known = re.compile("|".join(map(_pattern, texts)) or "(?!)")

    def clean(text: str) -> str:
        return SECRET_VALUE.sub(_hidden, known.sub(HIDDEN, text))

    def hide(key: str, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if SECRET_KEY.search(key):
            return HIDDEN
        if depth < DEEPEST and isinstance(value, Mapping):
            return {clean(_text(k)): hide(_text(k), v, depth + 1) for k, v in value.items()}
        if depth < DEEPEST and isinstance(value, list | tuple | set | frozenset):
            return [hide(key, v, depth + 1) for v in value]
        text = _text(value)
        cleaned = clean(text)
        return value if type(value) in (int, float) and cleaned == text else cleaned

    def process(_: Any, __: str, record: Record) -> Record:
        for key in [k for k in record if k not in OURS]:
            value = record.pop(key)
            try:
                record[clean(_text(key))] = hide(_text(key), value, 0)
            except Exception:  # noqa: BLE001 - whatever a stranger's object does when it is looked at
                record[clean(_text(key))] = f"<{type(value).__name__}>"
        return record

    return process


def _pattern(text: str) -> str:
    """Return what finds a text; the digits of a percent-encoded one may be small letters too."""
    return re.sub("%([0-9A-F]{2})", r"%(?i:\1)", re.escape(text))


def _hidden(found: re.Match[str]) -> str:
    return (found["scheme"] or found["key"] or found["user"] or "") + HIDDEN


def _text(value: Any) -> str:
    """Return a value as text: of a subclass of ``str`` its characters, of a container nothing of what it holds."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return f"<{type(value).__name__}>"
    return str(value)
