"""How answers are written: JSON bodies, pages, dates, the usual first two properties."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from .codes import Code
from .model import Body

PARIS = ZoneInfo("Europe/Paris")  # dates and hours of answers that show no offset (api.md 5.6)
DEFAULT_PAGE = 10  # rows (api.md 2.14, 10)
JSON = "application/json;charset=utf-8"
Row = TypeVar("Row")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def as_json(body: Body, status: int = 200) -> Answer:
    """Return the JSON answer; decimals are written as numbers."""
    return Answer(status, json.dumps(body, ensure_ascii=False, default=_plain).encode(), {"Content-Type": JSON})


def _plain(value: Any) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"not for JSON: {value!r}")


def said(code: Code, **more: Any) -> Body:
    """Return a body that starts with ``codeRetour`` and ``libelle``."""
    return {"codeRetour": code.number, "libelle": code.label, **more}


def day(moment: datetime) -> str:
    """Write ``YYYY-MM-DD``, in Paris."""
    return moment.astimezone(PARIS).strftime("%Y-%m-%d")


def minute(moment: datetime) -> str:
    """Write ``YYYY-MM-DD HH:MM``, in Paris (histories, completer)."""
    return moment.astimezone(PARIS).strftime("%Y-%m-%d %H:%M")


def instant(moment: datetime) -> str:
    """Write ISO 8601 with its offset, in Paris (reports of flows)."""
    return moment.astimezone(PARIS).isoformat(timespec="seconds")


def page(rows: Sequence[Row], asked: Body, suffix: str = "", asked_suffix: str = "") -> tuple[list[Row], Body]:
    """Cut one page out of the rows.

    Args:
        rows: All of them, in order.
        asked: The request's pagination block; ten rows of page 1 when it says nothing.
        suffix: What the names of the answer's block end with (``HistoStatut``).
        asked_suffix: What the names of the request's block end with (``ListeHistoStatut``).

    Returns:
        The rows of the page, and the answer's block.

    """
    size = max(1, asked.get(f"nbResultatsParPage{asked_suffix}", DEFAULT_PAGE))
    number = max(1, asked.get(f"pageResultatDemandee{asked_suffix}", 1))
    block = {
        f"pageCourante{suffix}": number,
        f"pages{suffix}": -(-len(rows) // size),
        f"nbResultatsParPage{suffix}": size,
        f"total{suffix}": len(rows),
    }
    return list(rows[(number - 1) * size : number * size]), block
