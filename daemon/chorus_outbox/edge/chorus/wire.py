"""One call to Chorus Pro: token, headers, pace, deadline, the answer read with a limit. Knows no endpoint.

The only module that sends requests. Redirects are never followed, nothing is taken from the environment (no proxy,
no .netrc), TLS is verified against the system's store or certifi, and no header or body is ever logged.
"""

from __future__ import annotations

import base64
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certifi
import httpx

from chorus_outbox import __version__
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import InDoubtError, RemoteError, UnavailableError

from .answers import on_exception, read_answer
from .body import Body
from .calls import Calls, family
from .download import Download
from .limits import read_within
from .oauth import Token
from .pace import Pace

TRIES_AFTER_401 = 2  # PISTE answers 401 to good tokens in bursts (api.md 1.4)
PAUSE_AFTER_401 = 1.0  # seconds, doubling
KEEP_IDLE = 5.0  # seconds a connection may be idle and still be used: a stale one is a false doubt


@dataclass(frozen=True)
class Account:
    """Addresses and credentials. Never shown: ``repr`` holds no secret."""

    oauth_url: str
    api_url: str
    client_id: str
    client_secret: str
    login: str
    password: str

    def __repr__(self) -> str:
        return f"Account({self.api_url}, {self.login})"


class Wire:
    """Calls to one account, from any thread.

    Args:
        account: Where to and as whom.
        timeout: Seconds that one call may take in all.
        pace: Gives each request its turn.
        sleep: Waits that many seconds.
        explain: Says more of a refusal of the technical account, from what is known of it.

    ``calls`` counts every request, those for tokens too.
    """

    def __init__(
        self,
        account: Account,
        timeout: float,
        pace: Pace,
        sleep: Callable[[float], None],
        explain: Callable[[Problem], Problem] = lambda problem: problem,
    ) -> None:
        self._account = account
        self._timeout = timeout
        self._pace = pace
        self._sleep = sleep
        self._explain = explain
        self.calls = Calls()
        self._client = httpx.Client(
            verify=_trusted(),
            timeout=httpx.Timeout(timeout, connect=min(10.0, timeout)),
            limits=httpx.Limits(max_connections=None, keepalive_expiry=KEEP_IDLE),
            headers={"User-Agent": f"chorus-outbox/{__version__}"},
            follow_redirects=False,
            trust_env=False,
        )
        credentials = (account.client_id, account.client_secret)
        self._token = Token(self._client, account.oauth_url, credentials, sleep, timeout, calls=self.calls)
        login = f"{account.login}:{account.password}".encode()
        self._cpro_account = base64.b64encode(login).decode("ascii")

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def credentials_accepted_by(self, oauth_url: str) -> bool:
        """Tell whether another token address takes this account's PISTE credentials; asked once."""
        return self._token.accepted_by(oauth_url)

    def call(self, path: str, fields: Mapping[str, Any], *, once: bool = False) -> Mapping[str, Any]:
        """POST a JSON object and return the answer's. ``once``: the call must not be repeated when unclear.

        Raises:
            RemoteError: One of its four kinds.

        """
        return self._call("POST", path, fields, None, once=once)

    def upload(
        self, path: str, fields: Mapping[str, Any], field: str, file: Path, *, once: bool = False
    ) -> Mapping[str, Any]:
        """POST a JSON object in which ``field`` holds a file in base64, streamed."""
        return self._call("POST", path, fields, (field, file), once=once)

    def download(self, path: str, into: Download) -> Mapping[str, Any]:
        """POST an empty object, put the file that the answer holds where it belongs, and return the rest."""
        return self._call("POST", path, {}, None, once=False, into=into)

    def get(self, path: str) -> Mapping[str, Any]:
        """GET a JSON object."""
        return self._call("GET", path, None, None, once=False)

    def _call(
        self,
        method: str,
        path: str,
        fields: Mapping[str, Any] | None,
        file: tuple[str, Path] | None,
        *,
        once: bool,
        into: Download | None = None,
    ) -> Mapping[str, Any]:
        for attempt in range(TRIES_AFTER_401 + 1):
            token = self._token.get()
            self._pace.take()
            body = Body(fields, file, time.monotonic() + self._timeout) if fields is not None else None
            try:
                with self.calls.counting(family(path)):
                    return self._send(method, path, token, body, once=once, into=into)
            except UnavailableError as e:
                if e.problem.code != "outage.technical_account":
                    raise
                if attempt == TRIES_AFTER_401:
                    raise UnavailableError(self._explain(e.problem)) from None
                self._token.refuse(token)
                self._sleep(PAUSE_AFTER_401 * 2**attempt)
        raise AssertionError("unreachable")

    def _send(
        self, method: str, path: str, token: str, body: Body | None, *, once: bool, into: Download | None
    ) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "cpro-account": self._cpro_account}
        headers["Accept"] = "application/json;charset=utf-8"
        if body is not None:
            headers |= {"Content-Type": "application/json;charset=utf-8", "Content-Length": str(len(body))}
        request = self._client.build_request(method, self._account.api_url + path, content=body, headers=headers)
        try:
            response = self._client.send(request, stream=True)
            content = into.read(response) if into else read_within(response, self._timeout)
        except httpx.HTTPError as e:
            complete = body is None or body.complete
            raise on_exception(e, complete=complete, once=once) from None  # the cause holds headers: no secrets
        return read_answer(response, content, once=once, path=path)


def _trusted() -> ssl.SSLContext:
    """Trust the system's certificates (a company may add its own) and Mozilla's list, which a bare container lacks."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def in_doubt(detail: str) -> RemoteError:
    """Return the error for an answer that accepts but lacks what an acceptance must hold."""
    return InDoubtError(Problem("doubt.no_answer", {"detail": detail}))
