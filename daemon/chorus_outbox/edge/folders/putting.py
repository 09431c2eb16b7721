"""The race-free deposit for programs: all files of an invoice appear whole, its sidecar last. Knows no configuration."""

from __future__ import annotations

import errno
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from chorus_outbox.core.names import kind_of, pair_key, split

from .moves import SHARED_MODE, lexists, publish, read_chunks, sync_folder, temporary_beside, write_whole

_PUT_ORDER = {"attachment-candidate": 0, "other": 0, "pdf": 1, "sidecar": 2}


def put(files: Sequence[Path], outbox: Path) -> list[Path]:
    """Copy the files of one invoice into the outbox so that none is ever seen half written; return their places.

    All are written under temporary names first; then they appear: attachments, then the PDF, the sidecar last (a PDF
    without a sidecar of its own among them is an attachment of the one that has it). When
    one can't, those that did are taken back, unless the daemon was quicker.

    Raises:
        FileExistsError: When a name is taken; nothing is overwritten.
        ValueError: When a name would be ignored there, or two files have the same.
        OSError: As the system says.

    """
    announced = {pair_key(split(file.name)[1]) for file in files if kind_of(file.name) == "sidecar"}
    ordered = sorted(files, key=lambda file: _rank(file.name, announced))
    targets = [outbox / file.name for file in ordered]
    for target in targets:
        if kind_of(target.name) not in _PUT_ORDER or targets.count(target) > 1:
            raise ValueError(f"no name for the outbox: {target.name!r}")
        if lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    triples = [(file, temporary_beside(target), target) for file, target in zip(ordered, targets, strict=True)]
    appeared: list[tuple[Path, os.stat_result]] = []
    try:
        for file, temporary, _ in triples:
            write_whole(temporary, read_chunks(file.resolve(strict=True)), SHARED_MODE)
        for _, temporary, target in triples:
            status = temporary.lstat()
            publish(temporary, target)
            appeared.append((target, status))
    except BaseException:
        for target, status in reversed(appeared):
            with suppress(OSError):
                if os.path.samestat(target.lstat(), status):
                    target.unlink()
        raise
    finally:
        for _, temporary, _ in triples:
            temporary.unlink(missing_ok=True)
    sync_folder(outbox)
    return targets


def _rank(name: str, announced: Collection[str]) -> int:
    kind = kind_of(name)
    attached = kind == "pdf" and announced and pair_key(split(name)[1]) not in announced
    return 0 if attached else _PUT_ORDER.get(kind, 0)
