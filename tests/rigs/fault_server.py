"""The real simulator behind a place where faults are committed: which request meets which fault. Decides no outcome."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Iterator, Sequence

import httpx
import uvicorn
from fault_kinds import Fault
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chorus_outbox.simulator.answers import Answer
from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.gateway import serve_request
from chorus_outbox.simulator.server import OpenHandedProtocol
from chorus_outbox.simulator.world import World

UNRESOLVABLE = "nobody.invalid"  # RFC 2606: never a name of anybody
ELSEWHERE = "/elsewhere"  # only a redirect leads there
STOP_SECONDS = 10.0


class Plan:
    """Which requests fail, and how. Used from the client's threads and the server's.

    Args:
        marks: A request that a server's fault is to meet holds one of these; empty: all do.

    Attributes:
        met: How many requests failed on purpose.
        strays: Requests to paths that only a followed redirect leads to.

    """

    def __init__(self, marks: Sequence[bytes]) -> None:
        self._marks = marks
        self._lock = threading.Lock()
        self._coming: dict[str, tuple[deque[Fault], bool]] = {}
        self.met = 0
        self.strays = 0

    def expect(self, path: str, faults: Sequence[Fault], *, for_ever: bool = False) -> None:
        """Let the next requests to a path meet these faults, one each; ``for_ever``: the last one again and again."""
        self._coming[path] = (deque(faults), for_ever)

    def stop(self) -> None:
        """Let everything work from now on."""
        with self._lock:
            self._coming.clear()

    def take(self, path: str, raw: bytes, *, client: bool) -> Fault | None:
        """Return the fault of a request, or None."""
        with self._lock:
            coming, for_ever = self._coming.get(path, (deque[Fault](), False))
            if not coming or bool(coming[0].client) is not client:
                return None
            if not client and self._marks and not any(mark in raw for mark in self._marks):
                return None
            self.met += 1
            return coming[0] if for_ever and len(coming) == 1 else coming.popleft()


class FaultySimulator:
    """A server for every case of a process, each with a portal and a plan of its own.

    Attributes:
        url: Where it serves.
        world: The portal of the case that is being played.
        plan: Its faults.

    """

    def __init__(self, url: str, closed: int) -> None:
        self.url = url
        self.world, self.plan = World(), Plan(())
        self._closed = closed

    def renew(self, world: World, marks: Sequence[bytes]) -> None:
        """Begin a case: an untouched portal, no fault."""
        self.world, self.plan = world, Plan(marks)

    def lead_astray(self, request: httpx.Request) -> None:
        """Send a request that is to meet no server to where there is none (a hook of the real HTTP client)."""
        fault = self.plan.take(request.url.path, b"", client=True)
        if fault and fault.client == "closed":
            request.url = request.url.copy_with(port=self._closed)
        elif fault:
            request.url = request.url.copy_with(host=UNRESOLVABLE)

    async def answer(self, request: Request) -> Response:
        """Answer as the simulator does, or commit the fault that the plan wants."""
        world, plan, path, raw = self.world, self.plan, request.url.path, await request.body()
        plan.strays += path == ELSEWHERE
        fault = plan.take(path, raw, client=False)
        if fault and fault.forgets_tokens:
            world.tokens.clear()
        if fault and fault.late:
            world.rules.append(Rule(path, "late_effect", seconds=fault.late))
        if fault is None or fault.answer is None:
            return await serve_request(world, request)
        if not fault.effect:
            return fault.answer(Answer(200))
        real = await serve_request(world, request)
        headers = {k: v for k, v in real.headers.items() if k != "content-length"}
        return fault.answer(Answer(real.status_code, bytes(real.body), headers))


@contextlib.contextmanager
def serving() -> Iterator[FaultySimulator]:
    """Serve on a free port of the loopback, in a thread, until the block ends."""
    with socket.socket() as nobody:  # bound, not listening: its port stays closed as long as this socket is open
        nobody.bind(("127.0.0.1", 0))
        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        simulator = FaultySimulator(f"http://127.0.0.1:{listener.getsockname()[1]}", nobody.getsockname()[1])
        app = Starlette(routes=[Route("/{path:path}", simulator.answer, methods=["GET", "POST"])])
        config = uvicorn.Config(
            app, http=OpenHandedProtocol, ws="none", lifespan="off", loop="asyncio", log_config=None
        )
        config.access_log, config.timeout_graceful_shutdown = False, 1  # seconds
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="simulator", daemon=True)
        thread.start()
        try:
            yield simulator
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)
            listener.close()
