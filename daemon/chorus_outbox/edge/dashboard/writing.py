"""Files for people's eyes, written whole or not at all: whoever opens one sees the old or the new, never a half.

Nothing is synced: what a power cut takes is written again a moment later.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

MODE = 0o660  # as our logs: the share's group reads them


def write(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file piece by piece, replacing the one of that name at the end.

    Raises:
        OSError: The folder is away, full or read-only; the file of before stays.

    """
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.unlink(missing_ok=True)  # a crash left it, or it is somebody's trap: exclusive, so never written through
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    try:
        with open(fd, "wb") as file:  # noqa: PTH123 - of a descriptor
            os.fchmod(fd, MODE)  # the umask cut it
            file.writelines(pieces)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
