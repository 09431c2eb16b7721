"""Delivers one message by a child process (``child.py``), within a time limit. Knows no rule on when or what.

The child has an almost empty environment (what leads through a proxy or to the machine's certificates is left to it),
a session of its own, and is killed when its time is up: what it had delivered by then counts. A child that outlives
this process ends by itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

COMMAND = (sys.executable, "-I", "-m", "chorus_outbox.edge.notify.child")
SECONDS = 60.0
_KEPT = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
_LATE = "no answer in time"


def post(targets: Sequence[Mapping[str, Any]], subject: str, body: str, seconds: float = SECONDS) -> list[str | None]:
    """Deliver a message; return for each target None when it took it, else why not (which may be "").

    Args:
        targets: ``{"url": ...}`` (Apprise's) or ``{"mail": {host, port, mode, sender, to, user, password}}``, each.
        subject: One line.
        body: Plain text; "" delivers nothing and only sees whether the targets are understood.
        seconds: For all of it.

    Raises:
        OSError: No child can be started.

    """
    wanted = json.dumps({"targets": list(targets), "subject": subject, "body": body}).encode()
    with subprocess.Popen(  # noqa: S603 - our own module
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd="/",
        start_new_session=True,
    ) as child:
        try:
            said, _ = child.communicate(wanted, seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            said, _ = child.communicate()
        except BaseException:
            child.kill()
            raise
    return _answers(said, len(targets), _LATE if child.returncode else "")


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in (*_KEPT, *map(str.lower, _KEPT)) if name in os.environ}
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **kept}


def _answers(said: bytes, count: int, missing: str) -> list[str | None]:
    answers: list[str | None] = [missing] * count
    for line in said.splitlines():
        with suppress(ValueError, KeyError, IndexError, TypeError):
            told = json.loads(line)
            answers[told["target"]] = None if told["ok"] is True else str(told["detail"])
    return answers
