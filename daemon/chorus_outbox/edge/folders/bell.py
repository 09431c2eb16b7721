"""The doorbell: rings when something may have happened in the outbox, so that nobody waits for the next scan.

It never says what happened and is never needed: events get lost, and on a shared file system there are none of what
other computers do (engineering.md 1.3). The scan is the truth. It decides nothing about files.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.inotify import InotifyObserver
from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

from chorus_outbox.core.mounts import file_system_of, is_local

# No opened, modified or closed-without-writing: the daemon's own reading would ring the bell.
_EVENTS: list[type[FileSystemEvent]] = [
    FileCreatedEvent,
    FileMovedEvent,
    FileClosedEvent,
    DirCreatedEvent,
    DirMovedEvent,
]
_OVERFLOW_LOGGER = logging.getLogger("watchdog.observers.inotify_c")
_log = logging.getLogger(__name__)

# Each file that we move out of the outbox would keep all later events back for half a second, in case its new name
# follows (performance.md 0, finding 3). Which file it was does not matter to a bell.
if hasattr(InotifyMoveEventGrouper, "delay"):
    InotifyMoveEventGrouper.delay = 0


class Bell:
    """Watches one directory and all below it, from construction to ``close``.

    Args:
        directory: The outbox.
        ring: Called from another thread for anything that may matter, often many times; it should only set a flag.

    Attributes:
        scan_only: Nothing is watched; only scans find files.
        reason: Why, in words; "" while watching.

    """

    def __init__(self, directory: Path, ring: Callable[[], None]) -> None:
        self.reason = ""
        self._directory = directory
        self._handler = _Ringer(ring)
        self._identity: tuple[int, int] | None = None
        self._shared = False
        self._observer: InotifyObserver | None = None
        _OVERFLOW_LOGGER.setLevel(logging.WARNING)  # the warning must come, its events in detail must not
        _OVERFLOW_LOGGER.addHandler(self._handler.on_overflow)
        self._start()

    @property
    def scan_only(self) -> bool:
        """Tell whether nothing is watched."""
        return self._observer is None

    def healthy(self) -> bool:
        """Tell whether it is as good as it can be: all its threads live and the directory is still the one watched.

        False means that ``restart`` may help: the directory was replaced or mounted over, or watching failed before.
        """
        if self._identity is None or self._identity != _identity(self._directory):
            return False
        if self._observer is None:
            return self._shared
        threads = [self._observer, *self._observer.emitters, self._observer._inotify_fd]  # noqa: SLF001 (no other way to see that it died)
        return len(threads) > 2 and all(thread.is_alive() for thread in threads)  # noqa: PLR2004

    def restart(self) -> None:
        """Watch the directory that is there now, whatever happened to the one before."""
        self._stop()
        self._start()

    def close(self) -> None:
        """Stop watching; the bell does not ring any more. Not to be called from ``ring``."""
        _OVERFLOW_LOGGER.removeHandler(self._handler.on_overflow)
        self._stop()

    def _start(self) -> None:
        try:
            self._identity, file_system = _examine(self._directory)
        except OSError as error:
            self._identity, self._shared = None, False
            self.reason = f"{self._directory}: {error.strerror}"
            return
        self._shared = not is_local(file_system)
        if self._shared:
            self.reason = f"{file_system or 'unknown'}: other computers may write there, and no event would tell"
            return
        try:
            self._observer = _observe(self._directory, self._handler)
            self.reason = ""
        except OSError as error:  # fs.inotify.max_user_watches or max_user_instances
            self.reason = error.strerror or str(error)

    def _stop(self) -> None:
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None


class _Ringer(FileSystemEventHandler):
    """What watchdog calls. It must never raise: that would silently end watchdog's thread (its issue 793)."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring = ring
        self.on_overflow = _OnOverflow(self)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Ring, whatever it was."""
        del event
        self.ring()

    def ring(self) -> None:
        """Ring; a failure is logged."""
        try:
            self._ring()
        except Exception:  # noqa: BLE001 (whatever it is, it must not reach watchdog)
            _log.exception("the bell's callback failed")


class _OnOverflow(logging.Handler):
    """Rings when watchdog warns that the kernel dropped events: its only sign of it."""

    def __init__(self, ringer: _Ringer) -> None:
        super().__init__(logging.WARNING)
        self._ringer = ringer

    def emit(self, record: logging.LogRecord) -> None:
        """Ring."""
        del record
        self._ringer.ring()


def _observe(directory: Path, handler: FileSystemEventHandler) -> InotifyObserver:
    observer = InotifyObserver()  # not `Observer`, which may be one that polls
    try:
        observer.schedule(handler, str(directory), recursive=True, event_filter=_EVENTS)
        observer.start()
    except BaseException:
        observer.stop()
        raise
    return observer


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        status = directory.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _examine(directory: Path) -> tuple[tuple[int, int], str]:
    """Return identity and type of file system; OSError when it can't be read, which watchdog would not say."""
    fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        fdinfo = Path(f"/proc/self/fdinfo/{fd}").read_text("ascii", "replace")
        file_system = file_system_of(fdinfo, Path("/proc/self/mountinfo").read_text("utf-8", "replace"))
        return (status.st_dev, status.st_ino), file_system
    finally:
        os.close(fd)
