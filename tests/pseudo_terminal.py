"""The program in a real terminal: a pseudo-terminal of some width, and what it was sent.

code, sent = in_terminal(site.command("status"), site.environ, width=80)
assert plain_lines(sent)[0].startswith("Factures")
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence

OF_THE_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "LINES", "COLORTERM")
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")
CURSOR = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


def in_terminal(command: Sequence[str], environ: Mapping[str, str], width: int = 80, **more: str) -> tuple[int, bytes]:
    """Run a command with all its streams in a terminal; return its exit code and all that it wrote."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    kept = {k: v for k, v in environ.items() if k not in OF_THE_TERMINAL}
    known = {**kept, "TERM": "xterm-256color", **more}
    with subprocess.Popen(command, env=known, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        sent = b""
        with contextlib.suppress(OSError):  # the other side is closed: that is the end here
            while data := os.read(ours, 65536):
                sent += data
        os.close(ours)
    return process.returncode, sent


def plain_lines(sent: bytes) -> list[str]:
    """Return the lines as they stand in the terminal, without colours."""
    return COLOUR.sub(b"", sent).decode().replace("\r\n", "\n").splitlines()
