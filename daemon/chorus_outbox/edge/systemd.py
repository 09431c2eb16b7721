"""Tell systemd how the daemon is (sd_notify(3)), and learn how often it wants to hear. Nothing else of systemd.

Outside systemd every call does nothing. A service manager that has gone away is no reason to stop sending invoices:
nothing here raises.
"""

from __future__ import annotations

import os
import socket

SEND_SECONDS = 1  # a full socket must not hold up the loop that calls


def notify(**state: str | int) -> bool:
    """Send states such as ``READY=1``, ``STATUS="3 waiting"``, ``WATCHDOG=1``, ``STOPPING=1`` in one message.

    Returns:
        Whether the message was handed over; False outside systemd, and when its socket is gone or full.

    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address[:1] not in ("/", "@"):  # nothing, or a vsock: that is for virtual machines
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    # A line break in a status text would begin a state of its own.
    lines = (f"{name}={' '.join(str(value).splitlines())}" for name, value in state.items())
    message = "\n".join(lines).encode("utf-8", "replace")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.settimeout(SEND_SECONDS)
            link.connect(address)
            link.sendall(message)
    except (OSError, ValueError):
        return False
    return True


def watchdog_seconds() -> float | None:
    """Return how often to send ``WATCHDOG=1``: half of what systemd allows, or None when it does not watch us."""
    pid = os.environ.get("WATCHDOG_PID") or str(os.getpid())
    try:
        allowed = int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000
        return allowed / 2 if allowed > 0 and int(pid) == os.getpid() else None
    except ValueError:
        return None
