"""What the looks at the outbox have shown so far: what is settled, what is left untouched, what can't be seen.

Starts no work and notes nothing; what settles is decided in ``core/settling.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

import structlog

from chorus_outbox.core.grouping import Group
from chorus_outbox.core.names import display, split
from chorus_outbox.core.settling import Settled, Sighting, settle
from chorus_outbox.errors import OutboxUnavailableError
from chorus_outbox.ports import Scan

from .candidate import Candidate
from .claims import ClaimReader
from .parts import Parts

log = structlog.get_logger("chorus_outbox")

NOTHING = Scan({}, {}, {}, {})


class OutboxView:
    """The outbox as the last look showed it.

    Attributes:
        again_at: Until when (monotonic seconds) another look must be made for what is still settling.
        looked_at: When the outbox was last seen (aware UTC), or None.
        unavailable: Why it can't be looked at, or "".

    """

    def __init__(self, parts: Parts) -> None:
        self.again_at = float("inf")
        self.looked_at: datetime | None = None
        self.unavailable = ""
        self._parts = parts
        self._scan = NOTHING
        self._sightings: Mapping[str, Sighting] = {}
        self._settled: Settled | None = None
        self._claims = ClaimReader(parts)
        self._said: set[str] = set()

    def look(self) -> list[Group]:
        """Look once, and return what may be taken now; nothing when the outbox can't be looked at, which is said once."""
        now = self._parts.clock.monotonic()
        self.again_at = float("inf")
        try:
            self._scan = self._parts.folders.scan()
        except OutboxUnavailableError as e:
            self._settled = None
            self.unavailable = str(e)
            self._say_once("outbox.unavailable", detail=str(e))
            return []
        self.unavailable, self.looked_at = "", self._parts.clock.now()
        self._said.discard("outbox.unavailable")
        claims, unread = self._claims.of(self._scan.present)
        present = {**self._scan.present, **self._scan.foreign} if claims else self._scan.present
        quiet, away = self._parts.settings.quiet, self._scan.unreadable
        settled = settle(self._sightings, present, now, quiet, away, claims=claims, unread=unread)
        self._settled, self._sightings = settled, settled.sightings
        self.again_at = min([self.again_at, *settled.waiting.values(), *([now] if unread else [])])
        self._tell_strangers(settled)
        return [*settled.ready, *self._empty_groups(settled)]

    @property
    def groups(self) -> Collection[str] | None:
        """The PDFs that lie there as invoices of their own; None when the outbox could not be looked at."""
        return self._settled.groups if self._settled else None

    @property
    def quiet(self) -> bool:
        """Whether nothing is still settling."""
        return self._settled is not None and not self._settled.waiting

    def changing(self, name: str) -> bool:
        """Tell whether something of that invoice has changed lately."""
        return self._settled is not None and name in self._settled.waiting

    def can_tell(self, name: str) -> bool:
        """Tell whether the last look could have seen that name: what a folder out of reach holds is not gone."""
        return not any(name == away or name.startswith(away + "/") for away in self._scan.unreadable)

    def candidate(self, group: Group) -> Candidate:
        """Return a group with what identified its files, and what speaks for its folder."""
        scan, folder = self._scan, split(group.pdf)[0]
        on_its_way = [n for n in scan.defaults if _is_above(split(n)[0], folder)]
        seen = {n: m[n] for m in (scan.present, scan.foreign) for n in group.members if n in m}
        defaults = {n: scan.defaults[n] for n in on_its_way}
        return Candidate(group, {**seen, **defaults}, tuple(sorted(on_its_way, key=len)), scan.strange)

    def _empty_groups(self, settled: Settled) -> Iterator[Group]:
        """Yield the groups whose empty file has waited long enough for its content."""
        old = self._parts.clock.monotonic() - self._parts.settings.policy.incomplete_wait
        for group in settled.groups.values():
            if any(settled.empty.get(m, old + 1) <= old for m in group.members):
                yield group

    def _tell_strangers(self, settled: Settled) -> None:
        """Say once what lies there and is left untouched."""
        for name, kind in self._scan.strange.items():
            self._say_once("outbox.untouched", file=display(name), kind=kind)
        claimed = {name for files in settled.groups.values() for name in files.named}
        for name in self._scan.foreign:
            if name not in claimed:
                self._say_once("outbox.untouched", file=display(name), kind="other")
        old = self._parts.clock.monotonic() - self._parts.settings.policy.sidecar_wait
        for alone in (settled.lone_sidecars, settled.lone_attachments):
            for name, since in alone.items():
                if since <= old:
                    self._say_once("outbox.alone", file=display(name))

    def _say_once(self, event: str, **texts: str) -> None:
        key = event + texts.get("file", "")
        if key not in self._said:
            self._said.add(key)
            log.warning(event, **texts)


def _is_above(folder: str, below: str) -> bool:
    return folder in ("", below) or below.startswith(folder + "/")
