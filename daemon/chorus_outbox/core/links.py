"""Where a browser finds a file, seen from the page: relative addresses, so that they hold wherever a share is mounted.

Names are bytes to a browser: each is percent-encoded from what stands on the disk (surrogate escapes are its bytes).
Looks at no disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from .entry import Entry
from .lifecycle import State

_TOLD = frozenset({State.WAITING, State.IN_DOUBT, State.INTEGRATING, State.SENT, State.PAID, State.FAILED})
"""States in which a log lies beside the file (in the outbox there is none)."""


def encoded(path: str) -> str:
    """Return a path (with ``/``) as it may stand in an address; a colon is encoded: no name begins a scheme."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def address(page_folder: PurePosixPath, folder: PurePosixPath) -> str:
    """Return a folder's address, ending in ``/``, as seen from a page in another; both are absolute, without ``..``.

    Relative where the two have more than the root in common: they may then lie on one share, which readers see under
    another path. Else ``file:``, which is good on this machine only.
    """
    here, there = page_folder.parts, folder.parts
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    if common <= 1:
        return "file://" + encoded(str(folder)).rstrip("/") + "/"
    steps = [".."] * (len(here) - common) + list(there[common:])
    return "".join(encoded(step) + "/" for step in steps) or "./"


def links(entry: Entry, places: Mapping[str, str]) -> tuple[str, str]:
    """Return the addresses of an invoice's PDF and of its log; "" of what no browser can be led to.

    Args:
        entry: The invoice; while its files are being moved, nobody knows where they are.
        places: ``outbox``, ``processing``, ``sent``, ``failed`` -> address, ending in ``/``.

    """
    root, _, below = entry.folder.partition("/")
    if entry.to_folder or root not in places:
        return "", ""
    if root == "outbox":
        return places[root] + encoded(entry.origin), ""
    stem = places[root] + encoded(f"{below}/{entry.stem}" if below else entry.stem)
    pdf = next((m.suffix for m in entry.members if m.role == "pdf"), ".pdf")
    return stem + encoded(pdf), stem + ".log" if entry.state in _TOLD else ""
