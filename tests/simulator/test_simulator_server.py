"""The server itself: starts on a free port, says when it is ready, stops at once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import httpx
import pytest
from portal_client import FORM, Portal

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import running

PROGRAM = "from chorus_outbox.simulator.server import serve; serve(0, ready=lambda port: print(port, flush=True))"


def test_serve_in_a_process() -> None:
    """serve() tells its port, answers, prints nothing, and ends on SIGINT without a trace."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert httpx.post(f"http://127.0.0.1:{port}/api/oauth/token", data=FORM).status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_two_simulators_share_nothing() -> None:
    """Each running simulator has a port and a world of its own."""
    with running() as one, running() as two:
        assert one.url != two.url
        assert httpx.post(one.oauth_url, data=FORM).status_code == 200
        assert (len(one.world.tokens), len(two.world.tokens)) == (1, 0)


def test_port_is_free_after_the_end() -> None:
    """Nothing answers once the block has ended."""
    with running() as simulator:
        url = simulator.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_stops_at_once_while_a_request_hangs(caplog: pytest.LogCaptureFixture) -> None:
    """A request that would hang for a minute does not hold the server, nor make it complain."""
    with httpx.Client(timeout=30) as client:
        with running() as simulator:
            portal = Portal(simulator, client)
            simulator.world.rules.append(Rule("rechercher", "hang", seconds=60))
            waiting = threading.Thread(target=portal.send, args=("/structures/v1/rechercher", {}))
            waiting.start()
            while simulator.world.rules:
                time.sleep(0.01)
            started = time.monotonic()
        assert time.monotonic() - started < 3
        waiting.join(5)
        assert not waiting.is_alive()
        assert [r.getMessage() for r in caplog.records if r.name.startswith("uvicorn")] == []
