"""What lies beside a PDF that is inspected: its sidecars, its attachments, the defaults of the folders. Reads only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chorus_outbox.core.claimed import claims_of
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.grouping import Group, group
from chorus_outbox.core.names import DEFAULTS_NAMES, kind_of, pair_key, split
from chorus_outbox.core.reading import Material
from chorus_outbox.core.settling import Signature
from chorus_outbox.edge.folders.outbox import signature_of, strangeness

SMALL = 64 * 1024 + 1  # bytes read of a sidecar: one more than is allowed, so that the reader can say so


@dataclass(frozen=True)
class Beside:
    """The files that would go with a PDF where it lies: as ``worker.admission.Candidate``, by names without folder."""

    group: Group
    present: Mapping[str, Signature]
    strange: Mapping[str, str]


def look(path: Path) -> Beside:
    """Return what belongs to a PDF; what another sidecar of the folder claims as well is not looked at."""
    present, strange = {}, {}
    for entry in os.scandir(path.absolute().parent):
        status = entry.stat(follow_symlinks=False)
        if kind := strangeness(status):
            strange[entry.name] = kind
        else:
            present[entry.name] = signature_of(status)
    present[path.name] = signature_of(path.stat())  # a person may well inspect a link
    key = pair_key(path.stem)
    own = [n for n in present if kind_of(n) == "sidecar" and pair_key(split(n)[1]) == key]
    claims = {name: claims_of(start_of(path.absolute().with_name(name)), name) for name in own}
    groups, _, _ = group(present, claims)
    return Beside(groups.get(path.name, Group(path.name)), present, strange)


def material(path: Path, outbox: Path, facts: PdfFacts, files: Group) -> Material:
    """Return what is read of a PDF where it lies."""
    sidecars = tuple((name, start_of(path.absolute().with_name(name))) for name in files.sidecars)
    bare = Material(path.stem, (), facts, sidecars, attachments=files.attachments)
    folder = path.absolute().parent
    with contextlib.suppress(ValueError):
        below = folder.relative_to(outbox.absolute()).parts
        return replace(bare, folders=below, defaults=_defaults(outbox, below))
    return replace(bare, defaults=_defaults(folder, ()))


def _defaults(root: Path, below: Sequence[str]) -> tuple[tuple[str, bytes], ...]:
    found = []
    for depth in range(len(below) + 1):
        for name in DEFAULTS_NAMES:
            path = root.joinpath(*below[:depth], name)
            if path.is_file():
                found.append((name, start_of(path)))
    return tuple(found)


def start_of(path: Path) -> bytes:
    """Return the beginning of a small file."""
    with path.open("rb") as f:
        return f.read(SMALL)
