"""The two stacked credentials (api.md 1): PISTE's token, and the technical account in the ``cpro-account`` header."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qs

from .answers import Answer, as_json
from .model import Account
from .world import World

TOKEN_PATH = "/api/oauth/token"  # noqa: S105 - an address
_MISSING = 'Bearer realm="DefaultRealm",error="invalid_request",error_description="Unable to find token in the message"'
_EXPIRED = 'Bearer realm="DefaultRealm",error="invalid_token"'  # invented: the real one was never published
_WRONG_LOGIN = 'Bearer realm="PISTE",error="Unauthorized",error_description="login or password incorrects"'
_SCOPES = ("openid", "openid resource.READ")


class GatewayError(Exception):
    """PISTE refuses before Chorus Pro sees anything; carries the whole answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


def oauth_error(error: str, description: str) -> Answer:
    """Return the OAuth endpoint's way to say no: HTTP 400."""
    return as_json({"error": error, "error_description": description}, 400)


INVALID_CLIENT = oauth_error("invalid_client", "Client authentication failed")
UNAUTHORIZED = Answer(401, headers={"WWW-Authenticate": _EXPIRED})


def give_token(world: World, headers: Mapping[str, str], raw: bytes) -> Answer:
    """Answer ``POST /api/oauth/token`` (api.md 1.2). A wrong secret and an unknown id get the same answer."""
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        return oauth_error("invalid_request", "form expected")
    form = {k: v[0] for k, v in parse_qs(raw.decode("latin-1"), keep_blank_values=True).items()}
    if form.get("grant_type") != "client_credentials":
        return oauth_error("unsupported_grant_type", "client_credentials expected")
    known = world.clients.get(form.get("client_id", ""))
    if known is None or known != form.get("client_secret"):
        return INVALID_CLIENT
    scope = form.get("scope", "openid")
    if scope not in _SCOPES:
        return oauth_error("invalid_scope", "openid expected")
    token, seconds = secrets.token_urlsafe(24), world.settings.token_seconds
    world.tokens[token] = world.now() + timedelta(seconds=seconds)
    body = {"access_token": token, "token_type": "Bearer", "expires_in": int(seconds), "scope": scope}
    return as_json(body)


def check_token(world: World, headers: Mapping[str, str]) -> None:
    """Check the Bearer token.

    Raises:
        GatewayError: 400 without a token, 401 with an unknown or expired one.

    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise GatewayError(Answer(400, headers={"WWW-Authenticate": _MISSING}))
    expires = world.tokens.get(token.strip())
    if expires is None or expires <= world.now():
        raise GatewayError(UNAUTHORIZED)


def find_account(world: World, headers: Mapping[str, str]) -> Account:
    """Return the technical account of the request.

    Raises:
        GatewayError: 401 when the header is missing, unreadable, or the login and password don't fit.

    """
    refusal = GatewayError(Answer(401, headers={"WWW-Authenticate": _WRONG_LOGIN}))
    try:
        login, _, password = base64.b64decode(headers.get("cpro-account", ""), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise refusal from None
    account = world.accounts.get(login)
    if account is None or account.password != password:
        raise refusal
    return account


def forbidden() -> GatewayError:
    """Return the refusal of an API that is not subscribed: HTTP 403, empty body (api.md 1.4)."""
    return GatewayError(Answer(403))


def without_secrets(path: str, raw: bytes) -> dict[str, str] | None:
    """Return the token request as the journal may show it; None when it is no token request."""
    if path != TOKEN_PATH:
        return None
    form = {k: v[0] for k, v in parse_qs(raw.decode("latin-1"), keep_blank_values=True).items()}
    return {k: "***" if "secret" in k else v for k, v in form.items()}


def masked(body: bytes) -> dict[str, object]:
    """Return the token answer as the journal may show it."""
    answer: dict[str, object] = json.loads(body)
    return {k: "***" if k == "access_token" else v for k, v in answer.items()}
