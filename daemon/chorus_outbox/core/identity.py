"""Whose outbox this is, and whether the ledger is the newest one: three witnesses compared. Touches nothing.

A ledger that was lost, or restored from an older copy, has forgotten deposits. It is noticed because spool and outbox
bear the same identity and a generation that only grows with each deposit begun (design.md 5.6, reliability.md 4.5).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Witness:
    """What ledger, spool or outbox says of itself.

    Args:
        instance: Random name of the ledger that it belongs to.
        generation: How many deposits had been begun when it was written.
        owner: Which computer and configuration, in words.

    """

    instance: str
    generation: int
    owner: str = ""


@dataclass(frozen=True)
class Sound:
    """Nothing was lost: go on as this instance."""

    instance: str


@dataclass(frozen=True)
class Behind:
    """The ledger was lost or is an older copy: go on as this instance and generation, and ask before sending."""

    instance: str
    generation: int


@dataclass(frozen=True)
class Foreign:
    """The outbox belongs to another daemon: its owner, in words."""

    owner: str


Verdict = Sound | Behind | Foreign


def judge(ledger: Witness | None, spool: Witness | None, outbox: Witness | None, owner: str, fresh: str) -> Verdict:
    """Compare the witnesses; None: it says nothing yet. ``fresh``: the name that a first ledger gets.

    An outbox marked by another ledger is foreign, unless the same computer and configuration marked it: then ledger
    and spool are what was lost.
    """
    ours = {w.instance for w in (ledger, spool) if w}
    if outbox and outbox.instance not in ours and outbox.owner != owner:
        return Foreign(outbox.owner)
    others = [w for w in (spool, outbox) if w]
    newest = max((w.generation for w in others), default=0)
    if ledger is None:
        return Behind(others[0].instance, newest) if others else Sound(fresh)
    if newest > ledger.generation or any(w.instance != ledger.instance for w in others):
        return Behind(ledger.instance, max(newest, ledger.generation))
    return Sound(ledger.instance)


def encode(witness: Witness) -> bytes:
    """Write a witness as one line."""
    return json.dumps(asdict(witness)).encode() + b"\n"


def decode(data: bytes) -> Witness | None:
    """Read a witness; None when it is none (a damaged one says nothing)."""
    try:
        value = json.loads(data)
        return Witness(str(value["instance"]), int(value["generation"]), str(value.get("owner", "")))
    except (ValueError, KeyError, TypeError):
        return None
