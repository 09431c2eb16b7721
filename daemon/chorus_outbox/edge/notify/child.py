"""The child process that delivers one message: reads it as JSON, says of each target whether it took it, and ends.

It alone imports Apprise (a second, 60 MB, two hundred services). Targets and text come by standard input, so that no
secret stands in a command line or an environment; no configuration, plug-in or cache is loaded from disk. Texts stay
texts: nothing in one becomes an attachment, an escape, an emoji or a mention. Decides nothing about when or whether.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import sys
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

SECONDS = 60  # then the child ends, even when nobody is left to end it
PATIENCE = 20.0  # seconds that a server may take for each answer
DETAIL_MAX = 300  # characters
_SAFE = str.maketrans({"<": "‹", ">": "›", "@": "＠"})


class _Ears(logging.Handler):
    """Keeps what Apprise says last of a failure in this thread: a warning; of mail, the server's own answer."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._heard = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text, but for debugging lines, which may quote addresses with their secrets."""
        text = record.getMessage()
        if record.levelno >= logging.WARNING or (self.mail and text.startswith("Socket Exception: ")):
            self._heard.text = text.removeprefix("Socket Exception: ")

    @property
    def text(self) -> str:
        """What was heard, on one line."""
        return " ".join(str(getattr(self._heard, "text", "")).split())[:DETAIL_MAX].rstrip(".")

    @property
    def mail(self) -> bool:
        """Whether this thread talks to a mail server."""
        return bool(getattr(self._heard, "mail", False))

    def begin(self, *, mail: bool) -> None:
        """Forget what was heard before."""
        self._heard.text, self._heard.mail = "", mail


def service(target: Mapping[str, Any]) -> Any:
    """Return Apprise with the service of one target, None when it does not understand it."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - heavy, and only this process has it

    asset = AppriseAsset(
        app_id="chorus-outbox",
        app_desc="chorus-outbox",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        interpret_escapes=False,
        interpret_emojis=False,
        pgp_autogen=False,
        pem_autogen=False,
    )
    found = Apprise.instantiate(_mail(target["mail"]) if "mail" in target else str(target["url"]), asset=asset)
    return Apprise([found], asset=asset) if found else None


def _mail(mail: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mail server and an address as Apprise's own parts; user and password it unquotes once more."""
    known = {
        "schema": "mailto",
        "format": "text",
        "cto": PATIENCE,
        "rto": PATIENCE,
        "verify": True,
        "host": mail["host"],
        "smtp_host": mail["host"],
        "port": mail["port"],
        "secure_mode": mail["mode"],
        "from_addr": mail["sender"],
        "targets": [mail["to"]],
        "headers": {"Auto-Submitted": "auto-generated"},
    }
    if user := mail.get("user"):
        known |= {"user": quote(user, safe=""), "password": quote(mail["password"], safe="")}
    return known


def _harmless(text: str) -> str:
    """Return a text without what chats that format their texts make a link, a mention or an alarm for everybody of."""
    return text.translate(_SAFE).replace("](", "] (")


def deliver(target: Mapping[str, Any], subject: str, body: str) -> tuple[bool, str]:
    """Deliver a message to one target, or only see whether it is understood (no ``body``); return also why not."""
    from apprise import NotifyFormat  # noqa: PLC0415 - as above

    mail = "mail" in target
    _EARS.begin(mail=mail)
    try:
        there = service(target)
        if there is None:
            return False, "not understood by Apprise"  # its own words would quote the whole address
        if not body:
            return True, ""
        text = body if mail else _harmless(body)
        line = " ".join(subject.split())
        title = line if mail else _harmless(line)
        done = there.notify(body=text, title=title, body_format=NotifyFormat.TEXT)
    except Exception as e:  # noqa: BLE001 - two hundred services: whatever one of them does is a failed delivery
        return False, type(e).__name__
    return bool(done), "" if done else _EARS.text.replace(str(target.get("url", "\0")), "…")


def main() -> None:
    """Deliver to all targets at once; a line of JSON for each as it is done."""
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the secrets
    wanted = json.load(sys.stdin)
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    logger.addHandler(_EARS)
    out = sys.stdout
    sys.stdout = sys.stderr  # whatever a service prints

    def one(number: int, target: Mapping[str, Any]) -> None:
        ok, detail = deliver(target, wanted["subject"], wanted["body"])
        out.write(json.dumps({"target": number, "ok": ok, "detail": detail}) + "\n")
        out.flush()

    service({"url": "json://localhost"})  # loads the services, once for all threads
    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(wanted["targets"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


_EARS = _Ears()

if __name__ == "__main__":
    main()
