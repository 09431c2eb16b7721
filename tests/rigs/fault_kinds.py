"""The faults: what becomes of one request. Knows the wire, nothing of what the program should make of it.

``NO_ROUTE`` ones happen at the client: its request is sent to a host name that nobody has, or to a closed port, so that
the real HTTP client fails by itself. All others are committed by the server, before the request has any effect, or
(``effect``) once the real simulator has processed it: then the answer is what is broken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chorus_outbox.simulator.answers import Answer, as_json
from chorus_outbox.simulator.auth import UNAUTHORIZED
from chorus_outbox.simulator.chaos import NoAnswer, Rule, respond

TOO_LONG = 9_000_000  # bytes of an answer: more than the program reads
REFUSAL = 20999  # an invented codeRetour: the list of the real ones is not public (api.md 6.2)
LABEL = "Refus inventé"
IDS = ("idStructureCPP", "idService", "pieceJointeId", "identifiantFactureCPP", "access_token")
PAGE = b"<!DOCTYPE html><html lang=fr><title>Maintenance</title><h1>Site en maintenance</h1></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
JSON = {"Content-Type": "application/json;charset=utf-8"}

Answering = Callable[[Answer], Response]


@dataclass(frozen=True)
class Fault:
    """One way to fail.

    Args:
        words: What happens, for the document.
        answer: Makes what goes over the wire of the real answer (an empty one when there was no effect).
        effect: The request is processed first.
        slow: The program notices only by its own time limit.
        client: Host to send the request to instead: ``unresolvable`` or ``closed``.
        late: Seconds after which the request is processed all the same, when the client has long been cut off.
        forgets_tokens: The tokens end just before the request is processed.

    """

    words: str
    answer: Answering | None = None
    effect: bool = False
    slow: bool = False
    client: str = ""
    late: float = 0.0
    forgets_tokens: bool = False


class Silence(Response):
    """Answers nothing until the client gives up."""

    async def __call__(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        """Wait for the end of the connection."""
        while (await receive())["type"] != "http.disconnect":
            pass


def _status(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Fault:
    return Fault(f"HTTP {status}", lambda _: Response(body, status, dict(headers or {})))


def _drip(real: Answer) -> Response:
    rule = Rule("*", "slow", seconds=10)
    return respond(real, rule, lambda: False)


def _long(_: Answer) -> Response:
    return Response(b'{"codeRetour": 0, "libelle": "' + b"x" * TOO_LONG + b'"}', 200, JSON)


def _half(real: Answer) -> Response:
    return Response(real.body[: len(real.body) // 2], real.status, dict(real.headers))


def _changed(words: str, change: Callable[[dict[str, Any]], Any]) -> Fault:
    def answer(real: Answer) -> Response:
        body = as_json(change(json.loads(real.body)), real.status)
        return Response(body.body, body.status, dict(body.headers))

    return Fault(words, answer, effect=True)


def _ids(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return the JSON with each id replaced; left out where the change gives None."""
    if isinstance(value, list):
        return [_ids(v, change) for v in value]
    if not isinstance(value, dict):
        return value
    changed = {k: change(v) if k in IDS else _ids(v, change) for k, v in value.items()}
    return {k: v for k, v in changed.items() if k not in IDS or v is not None}


def _lists(value: Any) -> Any:
    """Return the JSON with each list as an object."""
    if isinstance(value, dict):
        return {k: _lists(v) for k, v in value.items()}
    return {str(n): _lists(v) for n, v in enumerate(value)} if isinstance(value, list) else value


def _without_code(body: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in body.items() if k != "codeRetour"}


FAULTS: Mapping[str, Fault] = {
    "dns": Fault("the host name can't be resolved", client="unresolvable"),
    "refused": Fault("the connection is refused", client="closed"),
    "reset": Fault("the connection is reset, nothing is processed", lambda _: NoAnswer(reset=True)),
    "reset-after": Fault("the connection is reset once all is processed", lambda _: NoAnswer(reset=True), effect=True),
    "late": Fault("the connection is closed, all is processed a little later", effect=True, late=2.5),
    "hang": Fault("no answer, nothing is processed", lambda _: Silence(), slow=True),
    "hang-after": Fault("all is processed, no answer", lambda _: Silence(), effect=True, slow=True),
    "drip": Fault("all is processed, the answer drips", _drip, effect=True, slow=True),
    "301": _status(301, b"", {"Location": "/elsewhere"}),
    "401": Fault("HTTP 401", lambda _: Response(b"", 401, dict(UNAUTHORIZED.headers))),
    "403": _status(403),
    "404": _status(404),
    "413": _status(413),
    "429": _status(429, b"", {"Retry-After": "2"}),
    "500": _status(500),
    "502": _status(502),
    "503": _status(503, PAGE, HTML),
    "200-html": Fault("HTTP 200 and a page in HTML", lambda _: Response(PAGE, 200, HTML)),
    "truncated": Fault("all is processed, half of the JSON comes", _half, effect=True),
    "code-text": _changed("codeRetour as text", lambda body: body | {"codeRetour": str(body.get("codeRetour"))}),
    "code-absent": _changed("no codeRetour", _without_code),
    "code-float": _changed("codeRetour as 0.0", lambda body: body | {"codeRetour": float(body.get("codeRetour", 0))}),
    "id-text": _changed("ids as text", lambda body: _ids(body, str)),
    "id-absent": _changed("no ids", lambda body: _ids(body, lambda _: None)),
    "id-list": _changed("ids as lists", lambda body: _ids(body, lambda v: [v])),
    "lists": _changed("lists as objects", _lists),
    "code": Fault(
        "codeRetour is not 0", lambda _: Response(as_json({"codeRetour": REFUSAL, "libelle": LABEL}).body, 200, JSON)
    ),
    "expired": Fault("the token has just ended", forgets_tokens=True, effect=True),
    "too-long": Fault("all is processed, 9 MB come as an answer", _long, effect=True),
}
