"""What the sidecars in the outbox claim, read once for each content: so that a claimed file is no invoice of its own.

Decides nothing (``core/claimed.py``, ``core/grouping.py``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress

from chorus_outbox.core.claimed import Claims, claims_of
from chorus_outbox.core.names import kind_of
from chorus_outbox.core.settling import ChangedError, Signature
from chorus_outbox.errors import OutboxUnavailableError

from .parts import SIDECAR_MAX, Parts

SECONDS = 5.0  # spent at most on reading in one look: the loop must answer systemd meanwhile


class ClaimReader:
    """Remembers what each sidecar claims, as long as its signature stays."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._known: dict[str, tuple[Signature, tuple[str, ...]]] = {}

    def of(self, present: Mapping[str, Signature]) -> tuple[Claims, Collection[str]]:
        """Return what is claimed by the sidecars that are there, and those that there was no time to read yet.

        One that can't be read claims nothing; it is tried again in the next look.
        """
        sidecars = {name: signature for name, signature in present.items() if kind_of(name) == "sidecar"}
        self._known = {n: known for n, known in self._known.items() if sidecars.get(n) == known[0]}
        until = self._parts.clock.monotonic() + SECONDS
        unread = []
        for name in sidecars.keys() - self._known.keys():
            if self._parts.clock.monotonic() > until:
                unread.append(name)
            else:
                self._read(name, sidecars[name])
        return {name: names for name, (_, names) in sorted(self._known.items()) if names}, unread

    def _read(self, name: str, signature: Signature) -> None:
        with suppress(OSError, ChangedError, OutboxUnavailableError):
            data = self._parts.folders.read(name, SIDECAR_MAX, signature)
            self._known[name] = (signature, claims_of(data, name))
