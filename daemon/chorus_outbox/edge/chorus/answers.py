"""What an answer of PISTE or Chorus Pro means: the one place where failures are told apart.

For a deposit (``once=True``) only what certainly did not arrive may be tried again; all that is unclear is in doubt
(api.md 6, engineering.md 5.3, reliability.md 3). Every other call is harmless when repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from chorus_outbox.core.problem import Problem
from chorus_outbox.core.refusals import TOO_BIG, refused
from chorus_outbox.errors import FaultyError, InDoubtError, RefusedError, RemoteError, UnavailableError

NO_RESULT = 20000  # codeRetour of a search without result (api.md 6.2)
LONGEST_RETRY_AFTER = 3600.0  # seconds
LABEL_MAX = 500  # characters of a refusal's text that are kept
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Read a Retry-After header (seconds or HTTP date) as seconds from now, at most an hour; None when it is neither."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER)
    try:
        then = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):  # the last of an hour with eighty digits
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, min(LONGEST_RETRY_AFTER, (then - now).total_seconds()))


def on_exception(error: Exception, *, complete: bool, once: bool) -> RemoteError:
    """Translate an exception of the HTTP client. ``complete``: the whole body had been handed over."""
    detail = type(error).__name__
    if isinstance(error, NEVER_SENT) or (once and not complete):
        return UnavailableError(Problem("outage.unreachable", {"detail": detail}))
    if once:
        return InDoubtError(Problem("doubt.no_answer", {"detail": detail}))
    return UnavailableError(Problem("outage.unreachable", {"detail": detail}))


def read_answer(response: httpx.Response, content: bytes, *, once: bool, path: str = "") -> Mapping[str, Any]:
    """Return the JSON object of an accepted call (``codeRetour`` 0, or a search without result).

    ``path`` is what was called: a 403 says which API is forbidden, and codes are numbered by each service.

    Raises:
        RemoteError: One of its four kinds.

    """
    status = response.status_code
    body = json_object(content)
    code = _code(body)
    if status in (401, 403, 429) or (status == 400 and "www-authenticate" in response.headers):  # noqa: PLR2004
        raise gateway(response, path)
    if status == 413:  # noqa: PLR2004
        raise _refused(path, TOO_BIG, "")
    if body is not None and code not in (None, 0) and status < 500:  # noqa: PLR2004
        if code == NO_RESULT and not once:
            return body
        raise _refused(path, str(code), str(body.get("libelle") or ""))
    if status == 200 and body is not None and (code == 0 or not once):  # noqa: PLR2004
        if code is None and body.get("codeRetour") is not None:  # neither a yes nor a no
            raise FaultyError(Problem("outage.maintenance", {"status": "200"}))
        return body
    if 400 <= status < 500 and status not in (404, 408, 425):  # noqa: PLR2004
        raise _refused(path, f"HTTP {status}", _words(body))
    raise _unclear(status, once=once)


def gateway(response: httpx.Response, path: str = "") -> UnavailableError:
    """Translate an answer of the gateway, which stands before Chorus Pro: nothing has arrived there."""
    detail = response.headers.get("www-authenticate", "")[:LABEL_MAX]
    match response.status_code:
        case 403:
            api = path.removeprefix("/cpro/").partition("/")[0]  # PISTE gives rights by API (api.md 1.4, 1.5)
            return UnavailableError(Problem("outage.forbidden", {"api": api} if api else {}))
        case 429:
            seconds = retry_after(response.headers.get("retry-after"), datetime.now(UTC))
            return UnavailableError(Problem("outage.quota", {"seconds": f"{seconds or 0:.0f}"}), seconds)
        case _:
            return UnavailableError(Problem("outage.technical_account", {"detail": detail}))


def _unclear(status: int, *, once: bool) -> RemoteError:
    if once:
        return InDoubtError(Problem("doubt.no_answer", {"detail": f"HTTP {status}"}))
    if status in (502, 503, 504, 200):  # 200: a page instead of an answer
        return UnavailableError(Problem("outage.maintenance", {"status": str(status)}))
    if status in (301, 302, 303, 307, 308, 404):
        return UnavailableError(Problem("outage.wrong_route", {"status": str(status)}))
    return FaultyError(Problem("outage.maintenance", {"status": str(status)}))


def _refused(path: str, code: str, label: str) -> RefusedError:
    label = label[:LABEL_MAX]
    return RefusedError(refused(path, code, label), code, label)


def _words(body: Mapping[str, Any] | None) -> str:
    return str((body or {}).get("libelle") or (body or {}).get("error_description") or "")


def json_object(content: bytes) -> Mapping[str, Any] | None:
    """Read a JSON object, None when it is none. No text in it holds a lone surrogate: the ledger could not keep it."""
    try:
        body = _sound(json.loads(content))
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _sound(value: Any) -> Any:
    match value:
        case str() if not value.isascii():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_sound(key): _sound(part) for key, part in value.items()}
        case list():
            return [_sound(part) for part in value]
        case _:
            return value


def _code(body: Mapping[str, Any] | None) -> int | None:
    """Return codeRetour as a number, None when there is none that can be read as one."""
    value = (body or {}).get("codeRetour")
    try:
        return None if value is None or isinstance(value, bool | float) else int(value)
    except (TypeError, ValueError):
        return None
