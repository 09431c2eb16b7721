"""The HTTP server: an application around a world, run in the foreground or in a thread of a test."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from .auth import TOKEN_PATH
from .control import control
from .gateway import serve_request
from .world import World

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
_START_SECONDS = 10.0


class OpenHandedProtocol(H11Protocol):
    """uvicorn's own protocol, with the connection's transport in each request's ``state``: faults close it."""

    def connection_made(self, transport: Any) -> None:
        """Remember the transport; send small packets at once (asyncio leaves that out for a socket made by us: 40 ms)."""
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def create_app(world: World | None = None) -> Starlette:
    """Return the application; the faults that close connections need ``OpenHandedProtocol`` below it."""
    shared = world or World()

    async def chorus(request: Request) -> Response:
        return await serve_request(shared, request)

    async def controls(request: Request) -> Response:
        return await control(shared, request)

    return Starlette(
        routes=[
            Route("/_control/{name}", controls, methods=["GET", "POST"]),
            Route("/{path:path}", chorus, methods=_METHODS),
        ]
    )


def _server(world: World) -> uvicorn.Server:
    config = uvicorn.Config(
        create_app(world),
        http=OpenHandedProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="error",
        access_log=False,
        timeout_keep_alive=75,  # seconds; as most gateways, longer than a client's own idle limit
        timeout_graceful_shutdown=1,  # seconds
    )
    server = uvicorn.Server(config)
    world.stopping = lambda: server.should_exit
    return server


def serve(
    port: int,
    *,
    host: str = "127.0.0.1",
    ready: Callable[[int], None] | None = None,
    world: World | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. Prints nothing.

    Args:
        port: TCP port; 0 for any that is free.
        host: Address to listen on.
        ready: Called with the port once connections are accepted.
        world: The state; a new one when None.

    Raises:
        OSError: When the port can't be had.

    """
    listener = socket.create_server((host, port), backlog=128)
    if ready:
        ready(listener.getsockname()[1])
    with contextlib.suppress(KeyboardInterrupt):  # how uvicorn hands on a SIGINT after an orderly stop
        _server(world or World()).run(sockets=[listener])


@dataclass(frozen=True)
class RunningSimulator:
    """A simulator that is serving: ``url`` is the API's base, ``oauth_url`` the token route."""

    url: str
    world: World

    @property
    def oauth_url(self) -> str:
        """The whole address of the token route."""
        return self.url + TOKEN_PATH


@contextlib.contextmanager
def running(world: World | None = None) -> Iterator[RunningSimulator]:
    """Serve on a free port of the loopback, in a thread, until the block ends."""
    shared = world or World()
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    server = _server(shared)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        yield RunningSimulator(f"http://127.0.0.1:{listener.getsockname()[1]}", shared)
    finally:
        server.should_exit = True
        thread.join(_START_SECONDS)
        listener.close()
