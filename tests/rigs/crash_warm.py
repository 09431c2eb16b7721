"""What a forked run need not do again: read the certificates, start a Python for the PDF child.

The PDF child is forked from the run instead of started by it; from its socket on it is the same program. Runs that
are ``cold`` start it as in life.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import time
from contextlib import suppress
from typing import cast

from chorus_outbox.edge import pdf, pdf_child
from chorus_outbox.edge.chorus import wire

_CONTEXT: list[ssl.SSLContext] = []


def load() -> None:
    """Do it once, in the process that forks."""
    _CONTEXT.append(wire._trusted())


def use() -> None:
    """Use it, in a forked run."""
    wire._trusted = lambda: _CONTEXT[0]
    pdf._Child.start = _start  # type: ignore[method-assign]


def _start() -> pdf._Child:
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.dup2(theirs.fileno(), 0)
        os.closerange(3, 1024)
        with suppress(BaseException):
            pdf_child.main()
        os._exit(0)
    theirs.close()
    return pdf._Child(cast("subprocess.Popen[bytes]", _Process(child)), ours)


class _Process:
    """As much of ``Popen`` as ``edge/pdf.py`` uses."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._code: int | None = None

    def poll(self) -> int | None:
        if self._code is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        ends = time.monotonic() + (timeout or 60)
        while (code := self.poll()) is None:
            if time.monotonic() > ends:
                raise subprocess.TimeoutExpired("pdf child", timeout or 60)
            time.sleep(0.0005)
        return code

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self._pid, signal.SIGKILL)
