"""Have PDFs looked into by child processes: started when needed, kept warm, replaced when they fail, let go when idle.

A PDF from a shared folder is hostile until proved otherwise, so this process never parses one: it hands an open
descriptor to a child (``pdf_child.py``) and reads back facts. Whatever a PDF does to the child (memory, CPU time,
silence, a crash, nonsense) is a ``Problem``, never an exception. Exceptions here are this machine's: ``OSError``.
This module knows no rule on invoices but one: it does not break a signature.

A child holds nothing worth keeping: it starts with an almost empty environment, in its own session (Ctrl-C in a
terminal leaves it to finish), and ends when its socket closes: with this process, however that one ends, or after the
PDF in hand (at most 10 s of CPU). Not by PR_SET_PDEATHSIG, which fires when the *thread* that started it ends.
"""

from __future__ import annotations

import base64
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.problem import Problem

COMMAND = (sys.executable, "-I", "-m", "chorus_outbox.edge.pdf_child")
ANSWER_MAX = 12 * 2**20  # bytes: 5 MiB of XML as base64, 200,000 characters of text, names
GROWTH = 4  # a copy takes at most so many times the original's bytes, plus ROOM
ROOM = 2**20  # bytes


class _NoAnswerError(Exception):
    """The child did not answer. ``again``: it was killed from outside (a person, the kernel short of memory)."""

    def __init__(self, detail: str, *, again: bool = False) -> None:
        super().__init__(detail)
        self.again = again


@dataclass
class _Child:
    """One child process and our end of its socket."""

    process: subprocess.Popen[bytes]
    link: socket.socket
    jobs: int = 0
    used: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls) -> _Child:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 - our own module
                    COMMAND,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},  # no secret of ours
                    cwd="/",
                    start_new_session=True,
                )
            except BaseException:
                ours.close()
                raise
        return cls(process, ours)

    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        self.link.close()
        self.process.kill()
        self.process.wait()

    def ask(self, request: Mapping[str, object], files: tuple[int, ...], timeout_seconds: float) -> Mapping[str, Any]:
        self.jobs += 1
        deadline = time.monotonic() + timeout_seconds
        try:
            self.link.settimeout(timeout_seconds)
            socket.send_fds(self.link, [json.dumps(request).encode() + b"\n"], files)
            answer = json.loads(self._receive(deadline))
        except TimeoutError:
            raise _NoAnswerError(f"> {timeout_seconds:g} s") from None
        except (ConnectionError, EOFError):
            raise self._died() from None
        except ValueError:
            raise _NoAnswerError("???") from None
        if not isinstance(answer, dict):
            raise _NoAnswerError("???")
        self.used = time.monotonic()
        return answer

    def _receive(self, deadline: float) -> bytearray:
        line = bytearray()
        while not line.endswith(b"\n"):
            self.link.settimeout(max(0.001, deadline - time.monotonic()))
            piece = self.link.recv(2**18)
            if not piece:
                raise EOFError
            line += piece
            if len(line) > ANSWER_MAX:
                raise ValueError("answer too long")
        return line

    def _died(self) -> _NoAnswerError:
        """Wait for the end of a child that has closed its socket, and say how it ended."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
        code = self.process.poll()
        if code is None or code >= 0:
            return _NoAnswerError(f"exit {code}")
        return _NoAnswerError(signal.Signals(-code).name, again=-code in (signal.SIGKILL, signal.SIGTERM))


class PdfChildren:
    """A few child processes that read PDFs; any number of threads may ask, so many as there are children are served.

    Args:
        size: How many children at most.
        timeout_seconds: For one PDF, the child's start included; the child that takes longer is killed.
        idle_seconds: After so long without work ``close_idle`` ends a child.
        recycle_after: A child is replaced after so many PDFs, so that nothing can pile up in it.

    """

    def __init__(
        self, size: int = 2, timeout_seconds: float = 20, idle_seconds: float = 60, recycle_after: int = 200
    ) -> None:
        self._size = size
        self._timeout_seconds = timeout_seconds
        self._idle_seconds = idle_seconds
        self._recycle_after = recycle_after
        self._closed = False
        # One place a child, empty at first. Last in, first out: a quiet day warms one child and lets the others go.
        self._places: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(size):
            self._places.put(None)

    def read(self, path: Path) -> PdfFacts | Problem:
        """Say what a PDF is and holds, or which ``file.*`` problem makes it unusable.

        Raises:
            OSError: When the file can't be opened, or no child can be started.
            RuntimeError: After ``close``.

        """
        source = _open(path)
        try:
            return _facts(self._ask({"do": "read"}, source))
        finally:
            os.close(source)

    def strip(self, source: Path, target: Path) -> Problem | None:
        """Write a copy without embedded files and Factur-X announcement, synced, at ``target`` (the folder is not).

        The copy is read again: pages and text must be the same, and no file be left. A signed PDF is refused, since
        the copy would no longer be. Where a problem is returned or an exception raised, ``target`` does not exist.

        Raises:
            FileExistsError: When ``target`` exists (it is then left alone).
            OSError: As ``read``, and when the copy can't be written (a full disk).
            RuntimeError: After ``close``.

        """
        before = self.read(source)
        if isinstance(before, Problem):
            return before
        if before.signed:
            return Problem("file.facturx_signed")
        original = _open(source)
        try:
            copy = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            try:
                problem = self._copy(original, copy) or self._compare(before, target)
            except BaseException:
                target.unlink()
                raise
            finally:
                os.close(copy)
        finally:
            os.close(original)
        if problem:
            target.unlink()
        return problem

    def _copy(self, original: int, copy: int) -> Problem | None:
        limit = os.fstat(original).st_size * GROWTH + ROOM
        answer = self._ask({"do": "strip", "limit": limit}, original, copy)
        if isinstance(answer, Problem):
            return answer
        os.fsync(copy)
        return _problem(answer)

    def _compare(self, before: PdfFacts, target: Path) -> Problem | None:
        after = self.read(target)
        if isinstance(after, Problem):
            return after
        if after != replace(before, facturx=None, embedded=()):
            return Problem("file.unreadable", {"detail": "Factur-X: copy != original"})
        return None

    def close_idle(self, now_monotonic: float) -> None:
        """End the children that have had nothing to do for ``idle_seconds``. ``now_monotonic`` as ``time.monotonic``."""
        free: list[_Child | None] = []
        with suppress(queue.Empty):
            while True:
                free.append(self._places.get_nowait())
        for child in reversed(free):  # back in their order
            if child and now_monotonic - child.used >= self._idle_seconds:
                child.close()
                self._places.put(None)
            else:
                self._places.put(child)

    def close(self) -> None:
        """End every child, after the work that is under way (at most ``timeout_seconds`` a PDF). May be repeated."""
        self._closed = True
        children = [self._places.get() for _ in range(self._size)]
        for child in children:
            if child:
                child.close()
            self._places.put(None)

    def _ask(self, request: Mapping[str, object], *files: int) -> Mapping[str, Any] | Problem:
        try:
            try:
                return self._ask_once(request, files)
            except _NoAnswerError as error:
                # Short of memory, the kernel may take a child whose PDF is innocent: it has a second chance.
                if not error.again:
                    raise
                return self._ask_once(request, files)
        except _NoAnswerError as error:
            return Problem("file.unreadable", {"detail": str(error)})

    def _ask_once(self, request: Mapping[str, object], files: tuple[int, ...]) -> Mapping[str, Any]:
        child, kept = self._places.get(), None
        try:
            if self._closed:
                raise RuntimeError("PdfChildren is closed")
            if child and not child.alive():
                child.close()
                child = None
            child = child or _Child.start()
            answer = child.ask(request, files, self._timeout_seconds)
            if isinstance(answer.get("errno"), int):  # the disk's fault, found by the child
                raise OSError(answer["errno"], os.strerror(answer["errno"]))
            # A PDF that could not be read may have left the child bloated.
            if answer.get("problem") != "file.unreadable" and child.jobs < self._recycle_after:
                kept = child
            return answer
        finally:
            if child and kept is None:
                child.close()
            self._places.put(kept)


def _open(path: Path) -> int:
    # A pipe in the file's place must not hold us up; the child then finds that it can't be read.
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)


def _problem(answer: Mapping[str, Any]) -> Problem | None:
    """Return the problem that an answer tells of, or None. An unknown code is the child's nonsense, not ours to raise."""
    code, detail = answer.get("problem"), answer.get("detail")
    if code is None:
        return None
    try:
        return Problem(code, {"detail": str(detail)} if detail else {})
    except (ValueError, TypeError):
        return Problem("file.unreadable", {"detail": "???"})


def _facts(answer: Mapping[str, Any] | Problem) -> PdfFacts | Problem:
    """Build the facts from an answer, believing nothing about its shape."""
    if isinstance(answer, Problem):
        return answer
    if problem := _problem(answer):
        return problem
    try:
        xml, names, pages, text = answer["facturx"], answer["embedded"], answer["pages"], answer["text"]
        embedded = tuple(map(str, names))
        content = None if xml is None else base64.b64decode(xml, validate=True)
        return PdfFacts(int(pages), answer["signed"] is True, content, embedded, str(text))
    except (KeyError, TypeError, ValueError):
        return Problem("file.unreadable", {"detail": "???"})
