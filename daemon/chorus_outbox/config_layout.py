"""Where the program keeps its files: the shared folders, its own, and which places would get in each other's way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Places:
    """The shared folders, absolute."""

    outbox: Path
    processing: Path
    sent: Path
    failed: Path


def text_at(tree: dict[str, Any], *keys: str) -> str | None:
    """Return a text of the tree, or None when there is none (or something else) at that place."""
    value: Any = tree
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value.strip() or None if isinstance(value, str) else None


def layout_of(tree: dict[str, Any], base: Path) -> dict[str, Path]:
    """Return every folder and file that the program keeps for itself, absolute; empty without an outbox or a ledger."""
    outbox, ledger = text_at(tree, "folders", "outbox"), text_at(tree, "ledger")
    if outbox is None or ledger is None or "://" in ledger:
        return {}
    beside, store = (base / outbox).parent, (base / ledger).parent

    def place(default: Path, *keys: str) -> Path:
        text = text_at(tree, *keys)
        return base / text if text else default

    metrics = text_at(tree, "metrics_file")
    page = place(beside / "tableau-de-bord.html", "dashboard", "file")
    return {
        "folders.outbox": base / outbox,
        "folders.processing": place(beside / "processing", "folders", "processing"),
        "folders.sent": place(beside / "sent", "folders", "sent"),
        "folders.failed": place(beside / "failed", "folders", "failed"),
        "ledger": base / ledger,
        "spool": place(store / "spool", "spool"),
        "dashboard.file": page,
        "suivi.csv": page.parent / "suivi.csv",
        **({"metrics_file": base / metrics} if metrics else {}),
    }


def overlaps(layout: Mapping[str, Path]) -> Iterator[str]:
    """Say which places would get in each other's way: what lies in the outbox would be taken for an invoice."""
    real = {name: path.resolve() for name, path in layout.items()}
    names = list(real)
    for index, name in enumerate(names):
        for other in names[:index]:
            if real[name] == real[other]:
                yield f"{name}: must not be the same as {other}"
    real.pop("suivi.csv", None)  # it lies where the page does: said once
    if outbox := real.pop("folders.outbox", None):
        for name, path in real.items():
            if outbox in path.parents:
                yield f"{name}: must not lie inside the outbox"
            if path in outbox.parents:
                yield f"folders.outbox: must not lie inside {name}"
