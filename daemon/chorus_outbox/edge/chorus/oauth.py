"""The PISTE token: one for all threads, renewed before it ends, asked for again when valid credentials are refused.

PISTE answers 400 invalid_client to good credentials about once in ten (api.md 1.2): a few tries before saying so.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable

import httpx

from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import UnavailableError

from .answers import gateway, json_object, on_exception
from .calls import TOKEN, Calls
from .limits import read_within

TRIES = 5
FIRST_PAUSE = 0.5  # seconds, doubling
MARGIN = 60.0  # seconds before its end at which a token is renewed, or a tenth of its life when that is less
SHORTEST_LIFE = 1.0  # seconds


class Token:
    """Hands out the current token.

    Args:
        client: The HTTP client to ask with.
        url: The token address.
        credentials: Client id and secret.
        sleep: Waits that many seconds.
        timeout: Seconds that reading an answer may take in all.
        calls: Where each request for the account's own token is counted.

    """

    def __init__(
        self,
        client: httpx.Client,
        url: str,
        credentials: tuple[str, str],
        sleep: Callable[[float], None],
        timeout: float = 120,
        *,
        calls: Calls | None = None,
    ) -> None:
        self._client = client
        self._url = url
        self._credentials = credentials
        self._sleep = sleep
        self._timeout = timeout
        self._calls = calls or Calls()
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0

    def get(self) -> str:
        """Return a token that is good for a while yet; ``UnavailableError`` when PISTE gives none."""
        with self._lock:
            if not self._token or time.monotonic() >= self._ends:
                self._renew()
            return self._token

    def refuse(self, token: str) -> None:
        """Forget a token that was refused, unless another thread has renewed it meanwhile."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def accepted_by(self, url: str) -> bool:
        """Tell whether another token address takes the same credentials: one request, its token thrown away."""
        try:
            return self._ask(url).status_code == 200  # noqa: PLR2004
        except UnavailableError:
            return False

    def _renew(self) -> None:
        for attempt in range(TRIES):
            try:
                with self._calls.counting(TOKEN):
                    self._keep(self._ask(self._url))
            except UnavailableError as e:
                if e.problem.code != "outage.piste_credentials" or attempt + 1 == TRIES:
                    raise
                self._sleep(FIRST_PAUSE * 2**attempt)
            else:
                return

    def _ask(self, url: str) -> httpx.Response:
        """Return PISTE's answer, wholly read."""
        client_id, secret = self._credentials
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": "openid"}
        try:
            streamed = self._client.send(self._client.build_request("POST", url, data=form), stream=True)
            content = read_within(streamed, self._timeout)
        except httpx.HTTPError as e:
            raise on_exception(e, complete=False, once=False) from None  # the cause holds the request: no secrets
        kept = {name: value for name, value in streamed.headers.items() if name == "retry-after"}
        return httpx.Response(streamed.status_code, headers=kept, content=content)

    def _keep(self, response: httpx.Response) -> None:
        if response.status_code != 200:  # noqa: PLR2004
            raise _why_not(response)
        try:
            body = json_object(response.content) or {}
            token, life = body["access_token"], float(body.get("expires_in", 3600))
            good = re.fullmatch(r"[!-~]+", token) and math.isfinite(life)
        except (ValueError, KeyError, TypeError, OverflowError):
            good = None
        if not good:
            raise UnavailableError(Problem("outage.maintenance", {"status": "200"})) from None
        self._token = token
        self._ends = time.monotonic() + max(life - min(MARGIN, life / 10), SHORTEST_LIFE)


def _why_not(response: httpx.Response) -> UnavailableError:
    status = response.status_code
    if status in (400, 401):
        detail = str((json_object(response.content) or {}).get("error", ""))[:100]
        return UnavailableError(Problem("outage.piste_credentials", {"detail": detail or f"HTTP {status}"}))
    if status in (403, 429):
        return gateway(response)
    if status == 404 or 300 <= status < 400:  # noqa: PLR2004
        return UnavailableError(Problem("outage.wrong_route", {"status": str(status)}))
    return UnavailableError(Problem("outage.maintenance", {"status": str(status)}))
