"""One request from its headers to its answer: gateway checks, shape, handler, journal, and the faults on demand.

The order of the checks: route (404), method (405), token (400, 401), subscription (403), technical account (401),
media type (415), size (413), JSON and shape (400), then the handler's own rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from . import auth, chaos
from .answers import Answer, as_json, said
from .checks import check, without_nulls
from .codes import MalformedError, RefusedError, refused
from .files import TooBigError
from .model import Account, Body
from .routes import HANDLERS, HEALTH_PATH
from .shapes import REQUIRED, SHAPES
from .world import World

PREFIX = "/cpro"
_BODY_LIMIT = {"/factures/v1/deposer/pdf": 14_000_000}  # bytes: 10 MB in base64, and the names around it
_ANY_BODY_LIMIT = 45_000_000  # bytes: an archive of 30 MB in base64
_HARD_LIMIT = 200_000_000  # bytes that are read and thrown away before a 413 is sent
_SHOWN = 60  # characters of a base64 content in the journal
_HEALTH = {
    "body": "L'API CPRO est actuellement disponible et fonctionnel.",
    "statusCodeValue": 200,
    "statusCode": "OK",
}


@dataclass(frozen=True)
class Call:
    """A request that was read: what the rest needs of it. ``raw`` is None when the body was too big."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes | None


async def serve_request(world: World, request: Request) -> Response:
    """Answer one request, or commit the fault that was asked for."""
    world.tick()
    rule, lag = chaos.take(world.rules, request.url.path)
    if rule and rule.kind == "drop":
        _note(world, Call(request.method, request.url.path, {}, b""), None, rule)
        return chaos.NoAnswer(reset=rule.reset)
    try:
        call = Call(request.method, request.url.path, dict(request.headers), await _read(request))
    except ClientDisconnect:
        return Response()
    if rule and rule.kind == "hang" and not rule.after:
        await chaos.pause(rule.seconds, world.stopping)
    instead = chaos.replacement(rule, auth.UNAUTHORIZED, auth.INVALID_CLIENT) if rule else None
    answer = instead if rule and rule.spares_effect and instead else _process(world, call, rule, lag)
    if instead:
        answer = instead
    _note(world, call, answer, rule)
    if rule and rule.kind == "hang" and rule.after:
        await chaos.pause(rule.seconds, world.stopping)
    return chaos.respond(answer, rule, world.stopping)


async def _read(request: Request) -> bytes | None:
    """Read the whole body: a client that is answered while it sends sees a broken pipe, not the answer."""
    limit = _BODY_LIMIT.get(request.url.path.removeprefix(PREFIX), _ANY_BODY_LIMIT)
    kept, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            kept.append(chunk)
        if size > _HARD_LIMIT:
            return None
    return b"".join(kept) if size <= limit else None


def _process(world: World, call: Call, rule: chaos.Rule | None, lag: float) -> Answer:
    """Do what the request asks; with ``late_effect``, note it for later."""
    if call.path == auth.TOKEN_PATH:
        return auth.give_token(world, call.headers, call.raw or b"") if call.method == "POST" else Answer(405)
    route = call.path.removeprefix(PREFIX)
    try:
        account = _pass_gateway(world, call, route)
        if route == HEALTH_PATH:
            return as_json(_HEALTH)
        body = _parse(call, route)
        effect = _effect(world, account, route, body, lag)
        if rule and rule.kind == "late_effect":
            world.later(rule.seconds, lambda: _quietly(effect))
            return as_json({})
        return as_json(effect())
    except auth.GatewayError as error:
        return error.answer
    except TooBigError:
        return Answer(413)
    except MalformedError as error:
        return as_json(said(error.code), error.status)
    except RefusedError as error:
        return as_json(said(error.code), world.settings.refusal_status)


def _pass_gateway(world: World, call: Call, route: str) -> Account:
    """Check everything that PISTE checks, and the technical account."""
    if not call.path.startswith(PREFIX) or (route not in HANDLERS and route != HEALTH_PATH):
        raise auth.GatewayError(Answer(404))
    if call.method != ("GET" if route == HEALTH_PATH else "POST"):
        raise auth.GatewayError(Answer(405))
    auth.check_token(world, call.headers)
    if route.split("/")[1] in world.settings.unsubscribed:
        raise auth.forbidden()
    account = auth.find_account(world, call.headers)
    media = call.headers.get("content-type", "").replace(" ", "").lower()
    if route != HEALTH_PATH and media not in ("application/json", "application/json;charset=utf-8"):
        raise auth.GatewayError(Answer(415))
    if call.raw is None:
        raise auth.GatewayError(Answer(413))
    return account


def _parse(call: Call, route: str) -> Body:
    """Return the body, its shape checked, its nulls out, its required values present."""
    try:
        body = without_nulls(json.loads((call.raw or b"").decode(), parse_float=Decimal, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        raise MalformedError("le corps n'est pas du JSON") from None
    check(SHAPES[route], body)
    for place in REQUIRED.get(route, ()):
        value: Any = body
        for name in place.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value is None or value in ("", []):
            raise refused("required", field=place)
    result: Body = body
    return result


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no JSON")


def _effect(world: World, account: Account, route: str, body: Body, lag: float) -> Callable[[], Body]:
    """Return the handler's call; with a search lag, what it creates is hidden for a while."""

    def run() -> Body:
        answer = HANDLERS[route](world, account, body)
        if lag and "identifiantFactureCPP" in answer:
            world.invoices[answer["identifiantFactureCPP"]].visible_from = world.now() + timedelta(seconds=lag)
        return answer

    return run


def _quietly(effect: Callable[[], Body]) -> None:
    """Let a late effect happen; if it is refused, nobody is there to be told."""
    try:
        effect()
    except (RefusedError, MalformedError, TooBigError):
        return


def _note(world: World, call: Call, answer: Answer | None, rule: chaos.Rule | None) -> None:
    """Write the journal: time, method, path, length (Content-Length), request, status, response, fault.

    ``status`` is what the client could see: None when the connection was closed.
    """
    token = call.path == auth.TOKEN_PATH
    unseen = answer is None or (rule is not None and rule.kind in ("answer_lost", "late_effect"))
    length = call.headers.get("content-length")
    raw = call.raw or b""
    world.journal.append(
        {
            "at": world.now().isoformat(),
            "method": call.method,
            "path": call.path,
            "length": int(length) if length and length.isdigit() else None,
            "request": auth.without_secrets(call.path, raw) if token else _readable(raw),
            "status": None if unseen or answer is None else answer.status,
            "response": _response(answer, token=token),
            "chaos": rule.kind if rule else None,
        }
    )


def _response(answer: Answer | None, *, token: bool) -> Any:
    if answer is None:
        return None
    return auth.masked(answer.body) if token and answer.status == 200 else _readable(answer.body)  # noqa: PLR2004


def _readable(raw: bytes) -> Any:
    """Return JSON with its long texts shortened; None when it is no JSON."""
    try:
        return _shortened(json.loads(raw))
    except (ValueError, RecursionError):
        return None


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _shortened(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_shortened(v) for v in value]
    long = isinstance(value, str) and len(value) > 10 * _SHOWN
    return f"{value[:_SHOWN]}... ({len(value)} characters)" if long else value
