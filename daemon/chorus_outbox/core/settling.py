"""From earlier and present sightings of files: which belong together, and which nobody writes any more.

It reads no folder and no clock: signatures and the time are passed in. Quiet is necessary, not sufficient: whether a
writer still holds a file (``edge/outbox.py``) and whether a PDF is whole are asked elsewhere, and nothing here judges
two sidecars of one PDF. Rules: engineering.md 2.2; reliability.md T25.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .names import DEFAULTS_NAMES, attachment_of, kind_of, pair_key, split

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
class Group:
    """The files of one invoice, names relative to the outbox, all in one folder.

    Args:
        pdf: The invoice itself.
        sidecars: None or one; two or more are a mistake that another rule explains.
        attachments: ``NAME_PJ1.ext``... by rank. Those that a sidecar names are not known here.

    """

    pdf: str
    sidecars: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """All its files, the PDF first."""
        return (self.pdf, *self.attachments, *self.sidecars)


@dataclass(frozen=True)
class Settled:
    """What one look at the outbox says. Times are seconds of the monotonic clock that was passed in.

    Args:
        sightings: What the next look needs.
        groups: Every PDF's group, by the PDF's name.
        ready: Groups nobody writes any more, the longest unchanged first.
        waiting: PDF -> when its group's quiet ends if nothing changes.
        lone_sidecars: Sidecar without PDF -> since when it is unchanged.
        lone_attachments: ``NAME_PJ1.ext`` without its ``NAME.pdf`` -> since when it is unchanged.
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
) -> Settled:
    """Compare this look with the ones before.

    A group is ready when each of its files has kept its signature for ``quiet_seconds`` in at least two looks; so
    nothing found at start is taken at once. While something that may belong to it is ``unreadable``, it waits: a
    sidecar that a sick share did not show for a moment is not a sidecar that is missing.
    """
    sightings = {name: _sighted(previous.get(name), name, signature, now) for name, signature in present.items()}
    groups, lone_sidecars, lone_attachments = group(present)
    blind = _blind(groups, unreadable)
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


def _blind(groups: Mapping[str, Group], unreadable: Collection[str]) -> set[str]:
    """Return the PDFs of which a companion, a folder on their way or its defaults could not be looked at."""
    if not unreadable:
        return set()
    known, away = group([*groups, *unreadable])[0], set(unreadable)
    out = {pdf for pdf in groups if away.intersection(known[pdf].members)}
    for name in unreadable:
        folder, _, _ = split(name)
        above = folder if pair_key(name.rpartition("/")[2]) in DEFAULTS_NAMES else name
        out |= {pdf for pdf in groups if above == "" or pdf.startswith(above + "/")}
    return out


def _sighted(before: Sighting | None, name: str, signature: Signature, now: float) -> Sighting:
    if before is None or before.signature != signature:
        return Sighting(name, signature, now, 1)
    return before if before.looks >= LOOKS else before._replace(looks=before.looks + 1)


def group(names: Iterable[str]) -> tuple[dict[str, Group], tuple[str, ...], tuple[str, ...]]:
    """Return every PDF's group, then the sidecars and the attachments that belong to none.

    Files belong together when they lie in one folder and their stems are equal after NFC and casefold. Where that fits
    several PDFs (``É.pdf`` written in two ways) the one spelled alike has it, else each of them.
    """
    pdfs: dict[tuple[str, str], list[str]] = {}
    companions: list[_Companion] = []
    for name in names:
        kind = kind_of(name)
        folder, stem, _ = split(name)
        if kind == "pdf":
            pdfs.setdefault((folder, pair_key(stem)), []).append(name)
        elif kind == "sidecar":
            companions.append(_Companion(name, stem, None))
        elif kind == "attachment-candidate" and (owner := attachment_of(stem)):
            companions.append(_Companion(name, *owner))
    belonging: dict[str, list[_Companion]] = {pdf: [] for found in pdfs.values() for pdf in found}
    lone: list[_Companion] = []
    for companion in companions:
        owners = _owners(pdfs, companion)
        for pdf in owners:
            belonging[pdf].append(companion)
        if not owners:
            lone.append(companion)
    return {pdf: Group(pdf, *_apart(found)) if found else Group(pdf) for pdf, found in belonging.items()}, *_apart(lone)


class _Companion(NamedTuple):
    name: str
    stem: str  # of its invoice
    rank: int | None  # of an attachment; None: a sidecar


def _owners(pdfs: Mapping[tuple[str, str], list[str]], companion: _Companion) -> list[str]:
    fitting = pdfs.get((split(companion.name)[0], pair_key(companion.stem)), [])
    return [pdf for pdf in fitting if split(pdf)[1] == companion.stem] or fitting


def _apart(companions: list[_Companion]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sidecars by name, and the attachments by rank."""
    sidecars = sorted(each.name for each in companions if each.rank is None)
    attachments = sorted((each.rank, each.name) for each in companions if each.rank is not None)
    return tuple(sidecars), tuple(name for _, name in attachments)
