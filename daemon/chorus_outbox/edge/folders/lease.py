"""Whether anybody still has a file open for writing: asked of the kernel, by a read lease given back at once."""

from __future__ import annotations

import fcntl
import signal
from pathlib import Path

from chorus_outbox.core.mounts import file_system_of, is_local


def writer_busy(fd: int) -> bool | None:
    """Tell whether any process has the file open for writing: True, False, or None when that can't be known.

    A read lease is refused while there is a writer (engineering.md 2.2). Granted, it proves something only where no
    other computer can write. It is given back at once: holding it would delay a writer.
    """
    try:
        # Whoever opens the file in between makes the kernel signal us; SIGIO, its choice, would end the process.
        fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None  # another owner and no CAP_LEASE, or a file system without leases
    return False if is_local(_file_system(fd)) else None


def _file_system(fd: int) -> str:
    try:
        fdinfo = Path(f"/proc/self/fdinfo/{fd}").read_text("ascii", "replace")
        return file_system_of(fdinfo, Path("/proc/self/mountinfo").read_text("utf-8", "replace"))
    except OSError:
        return ""
