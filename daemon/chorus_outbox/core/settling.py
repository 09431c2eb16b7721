"""From earlier and present sightings of files: which groups of them nobody writes any more.

It reads no folder and no clock: signatures and the time are passed in; which files belong together is ``grouping.py``'s.
Quiet is necessary, not sufficient: whether a
writer still holds a file (``edge/outbox.py``) and whether a PDF is whole are asked elsewhere, and nothing here judges
two sidecars of one PDF. Rules: engineering.md 2.2; reliability.md T25.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .claimed import Claims
from .grouping import NO_CLAIMS, Group, group
from .names import DEFAULTS_NAMES, pair_key, split

LOOKS = 2  # a file must have been seen unchanged in as many looks
BLIND_PAUSE = 1.0  # seconds before a group of which something could not be looked at is looked at again


class ChangedError(Exception):
    """A file is no longer the one that was settled on: leave it and look again."""


class Signature(NamedTuple):
    """What differs as soon as somebody writes to a file, restores its time, or puts another in its place.

    A tuple and no dataclass: a hundred thousand are made in one look. ``ctime_ns`` catches copies that end by setting
    an old ``mtime_ns`` and writers that set the size first. Times are the file server's: compared for equality only.
    """

    device: int
    inode: int
    size: int  # bytes
    mtime_ns: int
    ctime_ns: int


class Sighting(NamedTuple):
    """A file as last seen: since when (seconds, our monotonic clock) it is unchanged, and in how many looks (2: or more)."""

    name: str
    signature: Signature
    since: float
    looks: int


@dataclass(frozen=True)
class Settled:
    """What one look at the outbox says. Times are seconds of the monotonic clock that was passed in.

    Args:
        sightings: What the next look needs.
        groups: Every PDF's group, by the PDF's name.
        ready: Groups nobody writes any more, the longest unchanged first.
        waiting: PDF -> when its group's quiet ends if nothing changes.
        lone_sidecars: Sidecar without PDF -> since when it is unchanged.
        lone_attachments: ``NAME_PJ1.ext`` without its ``NAME.pdf``, or claimed by a sidecar without it -> the same.
        empty: File of 0 bytes -> since when; its group is neither ready nor waiting.

    """

    sightings: Mapping[str, Sighting]
    groups: Mapping[str, Group]
    ready: tuple[Group, ...]
    waiting: Mapping[str, float]
    lone_sidecars: Mapping[str, float]
    lone_attachments: Mapping[str, float]
    empty: Mapping[str, float]


def settle(
    previous: Mapping[str, Sighting],
    present: Mapping[str, Signature],
    now: float,
    quiet_seconds: float,
    unreadable: Collection[str] = (),
    *,
    claims: Claims = NO_CLAIMS,
    unread: Collection[str] = (),
) -> Settled:
    """Compare this look with the ones before.

    ``present`` may hold any file; what is neither of a known kind nor claimed is passed over. ``unread`` are sidecars of
    which it is not known yet what they claim: what they could claim waits.

    A group is ready when each of its files has kept its signature for ``quiet_seconds`` in at least two looks; so
    nothing found at start is taken at once. While something that may belong to it is ``unreadable``, it waits: a
    sidecar that a sick share did not show for a moment is not a sidecar that is missing.
    """
    sightings = {name: _sighted(previous.get(name), name, signature, now) for name, signature in present.items()}
    groups, lone_sidecars, lone_attachments = group(present, claims)
    blind = _blind(groups, present, claims, unreadable) | _unclear(groups, unread)
    ready: list[tuple[float, str]] = []
    waiting: dict[str, float] = {}
    for pdf, files in groups.items():
        seen = [sightings[name] for name in files.members]
        since = max(sighting.since for sighting in seen)
        if any(sighting.signature.size == 0 for sighting in seen):
            continue
        if pdf in blind:
            waiting[pdf] = max(since + quiet_seconds, now + BLIND_PAUSE)
        elif now - since >= quiet_seconds and all(sighting.looks >= LOOKS for sighting in seen):
            ready.append((since, pdf))
        else:
            waiting[pdf] = since + quiet_seconds
    return Settled(
        sightings=sightings,
        groups=groups,
        ready=tuple(groups[pdf] for _, pdf in sorted(ready)),
        waiting=waiting,
        lone_sidecars={name: sightings[name].since for name in lone_sidecars},
        lone_attachments={name: sightings[name].since for name in lone_attachments},
        empty={name: seen.since for name, seen in sightings.items() if seen.signature.size == 0},
    )


def _unclear(groups: Mapping[str, Group], unread: Collection[str]) -> set[str]:
    """Return the PDFs that a sidecar might claim which is not read yet, and those whose own it is."""
    if not unread:
        return set()
    folders, away = {split(name)[0] for name in unread}, set(unread)
    return {
        pdf
        for pdf, files in groups.items()
        if away.intersection(files.sidecars) or (files.is_bare and split(pdf)[0] in folders)
    }


def _blind(
    groups: Mapping[str, Group], present: Collection[str], claims: Claims, unreadable: Collection[str]
) -> set[str]:
    """Return the PDFs of which a companion, a folder on their way or its defaults could not be looked at."""
    if not unreadable:
        return set()
    known, away = group([*present, *unreadable], claims)[0], set(unreadable)
    out = {pdf for pdf in groups if pdf in known and away.intersection(known[pdf].members)}
    for name in unreadable:
        folder, _, _ = split(name)
        above = folder if pair_key(name.rpartition("/")[2]) in DEFAULTS_NAMES else name
        out |= {pdf for pdf in groups if above == "" or pdf.startswith(above + "/")}
    return out


def _sighted(before: Sighting | None, name: str, signature: Signature, now: float) -> Sighting:
    if before is None or before.signature != signature:
        return Sighting(name, signature, now, 1)
    return before if before.looks >= LOOKS else before._replace(looks=before.looks + 1)


__all__ = ["ChangedError", "Group", "Settled", "Sighting", "Signature", "group", "settle"]
