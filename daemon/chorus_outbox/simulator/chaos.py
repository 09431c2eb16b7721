"""Faults on demand: which rule concerns a request, and what becomes of its answer.

A rule names a route by the end of its path (``soumettre``, ``deposer/pdf``, ``oauth/token``), or all of them by
``*``; it is used ``times`` times (None: for ever). One request meets at most one rule, the first that fits, and any
number of ``search_lag`` rules beside it. ``hang``, ``maintenance``, ``html200``, ``status``, ``refuse``, ``quota``,
``unauthorized`` and ``invalid_client`` happen before the request has any effect, or with ``after`` once it has had it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .answers import Answer, as_json, said
from .codes import Code

KINDS = {
    "answer_lost": "the request is processed, then the connection is closed without any answer",
    "drop": "the connection is closed before the request is read",
    "hang": "`seconds` pass before the request is processed (`after`: before it is answered)",
    "maintenance": "HTTP 503 and a page in HTML",
    "html200": "HTTP 200 and a page in HTML",
    "status": "HTTP `status` and an empty body",
    "refuse": "HTTP `status` with `code` as codeRetour and `label` as libelle: a refusal in any words",
    "quota": "HTTP 429 with Retry-After: `retry_after` seconds",
    "unauthorized": "HTTP 401 although the token is good",
    "invalid_client": "HTTP 400 invalid_client although the credentials are good (token route only)",
    "slow": "the answer comes in small pieces, over `seconds`",
    "truncated_json": "only the first half of the answer's body comes",
    "late_effect": "no answer, and the request is processed only `seconds` later (soumettre, deposer/flux)",
    "search_lag": "what the request creates is hidden from rechercher/fournisseur for `seconds` (soumettre)",
}
_NEEDS_EFFECT = ("answer_lost", "slow", "truncated_json")
_REPLACES = ("maintenance", "html200", "status", "refuse", "quota", "unauthorized", "invalid_client")
_PAGE = (
    "<!DOCTYPE html><html lang=fr><title>Maintenance</title><h1>Site en maintenance</h1><p>Veuillez réessayer.</html>"
)
_TICK = 0.05  # seconds between two looks at whether the server stops


@dataclass
class Rule:
    """A fault to commit.

    Args:
        path: End of the route's path, or ``*``.
        kind: A key of ``KINDS``.
        times: How often; None for ever.
        after: Let the request have its effect first.
        seconds: Duration, for the kinds that last.
        status: For ``status`` and ``refuse``.
        retry_after: Seconds, for ``quota``; None: no such header.
        code: For ``refuse``.
        label: For ``refuse``.
        reset: For ``answer_lost`` and ``drop``: break the connection (RST) rather than end it (FIN).

    Raises:
        ValueError: When the kind is unknown.

    """

    path: str
    kind: str
    times: int | None = 1
    after: bool = False
    seconds: float = 30
    status: int = 500
    retry_after: int | None = 30
    reset: bool = False
    code: int = 20900
    label: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind {self.kind!r}; known: {', '.join(KINDS)}")

    def concerns(self, path: str) -> bool:
        """Tell whether the rule fits a request to that path."""
        if self.kind == "invalid_client" and not path.endswith("/token"):
            return False
        if self.kind == "unauthorized" and path.endswith("/token"):
            return False
        if self.kind == "late_effect" and not path.endswith(("/soumettre", "/deposer/flux")):
            return False
        if self.kind == "search_lag" and not path.endswith("/soumettre"):
            return False
        return self.path == "*" or path.endswith(self.path)

    @property
    def spares_effect(self) -> bool:
        """Tell whether the request is not processed at all."""
        return self.kind == "drop" or (self.kind in _REPLACES and not self.after)


def take(rules: list[Rule], path: str) -> tuple[Rule | None, float]:
    """Return the fault for a request and the search lag (seconds) of what it creates; used-up rules are removed."""
    live = [r for r in rules if r.times != 0 and r.concerns(path)]
    lags = [r for r in live if r.kind == "search_lag"]
    first = next((r for r in live if r.kind != "search_lag"), None)
    for rule in [*lags, *([first] if first else [])]:
        if rule.times is not None:
            rule.times -= 1
    rules[:] = [r for r in rules if r.times != 0]
    return first, max((r.seconds for r in lags), default=0)


def replacement(rule: Rule, unauthorized: Answer, invalid_client: Answer) -> Answer | None:
    """Return the answer that the fault gives instead of the real one, or None when it gives the real one."""
    html = {"Content-Type": "text/html; charset=utf-8"}
    match rule.kind:
        case "maintenance":
            return Answer(503, _PAGE.encode(), html)
        case "html200":
            return Answer(200, _PAGE.encode(), html)
        case "status":
            return Answer(rule.status)
        case "refuse":
            return as_json(said(Code(rule.code, rule.label)), rule.status)
        case "quota":
            return Answer(429, headers={} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)})
        case "unauthorized":
            return unauthorized
        case "invalid_client":
            return invalid_client
        case _:
            return None


async def pause(seconds: float, stopping: Callable[[], bool]) -> None:
    """Wait, but not longer than the server runs."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not stopping() and (left := end - loop.time()) > 0:  # noqa: ASYNC110 - uvicorn's stop is a flag
        await asyncio.sleep(min(_TICK, left))


class NoAnswer(Response):
    """Closes the connection without a byte of answer; needs the transport that ``server.py`` puts in the scope."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        """Close, then wait until the connection is gone: uvicorn would answer 500 otherwise."""
        transport: Any = scope["state"]["transport"]
        if self.reset:
            transport.abort()
        else:
            transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass


def respond(answer: Answer, rule: Rule | None, stopping: Callable[[], bool]) -> Response:
    """Return what goes over the wire."""
    headers = dict(answer.headers)
    if rule is None or rule.kind not in ("answer_lost", "late_effect", "truncated_json", "slow"):
        return Response(answer.body, answer.status, headers)
    if rule.kind in ("answer_lost", "late_effect"):
        return NoAnswer(reset=rule.reset)
    if rule.kind == "truncated_json":
        return Response(answer.body[: len(answer.body) // 2], answer.status, headers)
    headers["Content-Length"] = str(len(answer.body))
    return StreamingResponse(_drip(answer.body, rule.seconds, stopping), answer.status, headers)


async def _drip(body: bytes, seconds: float, stopping: Callable[[], bool]) -> AsyncIterator[bytes]:
    pieces = 20
    size = max(1, -(-len(body) // pieces))
    for start in range(0, len(body), size):
        await pause(seconds / pieces, stopping)
        yield body[start : start + size]
