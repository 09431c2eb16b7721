"""Stop a process at its system calls, all its threads and children included, and kill it there or let the call fail.

What ``strace -f -e inject=`` does, with one count over all threads and with the speed of a seccomp filter (only the
calls of interest stop). A call is stopped before it is executed. Linux on x86-64, no rights needed. Knows nothing of
invoices.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import signal
import struct
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import crash_calls as calls

_LIBC = ctypes.CDLL(None, use_errno=True)
_LIBC.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_LIBC.ptrace.restype = ctypes.c_long
_SEIZE, _CONT, _PEEKUSER, _POKEUSER, _GETEVENTMSG = 0x4206, 7, 3, 6, 0x4201
_OPTIONS = 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000  # fork, vfork, clone, exec, seccomp; killed with the tracer
_EVENT_SECCOMP = 7
_ORIG_RAX, _RAX, _RDX, _RSI = 15 * 8, 10 * 8, 12 * 8, 13 * 8  # user_regs_struct
_WALL = 0x40000000
_ALLOW, _TRACE = 0x7FFF0000, 0x7FF00000


@dataclass(frozen=True)
class Fault:
    """What happens at a stop.

    Args:
        at: The how-maniest call (1, 2, ...) of those below.
        call: Only calls of that name; "": all that are counted.
        path: Only calls on a path that holds this text (those whose second argument is the path, as ``*at`` calls).
        errno: The call fails with it; 0: the process that makes the call is killed.
        for_ever: So does every counted call after it.

    """

    at: int
    call: str = ""
    path: str = ""
    errno: int = 0
    for_ever: bool = False


@dataclass(frozen=True)
class Plan:
    """What to stop at and what to do there.

    Args:
        faults: What happens where.
        kinds: Which kinds of calls are counted (``calls.kind``).
        disk: Count instead what a disk may refuse to the first process: ``sick`` (any call) or ``full``.

    """

    faults: Sequence[Fault] = ()
    kinds: Collection[str] = ("changing", "talking")
    disk: str = ""


@dataclass
class Traced:
    """How a traced run went: the exit code (negative: the signal), what was hit, how many calls were counted."""

    code: int = 0
    hits: list[str] = field(default_factory=list)
    counted: int = 0
    in_child: bool = False
    timed_out: bool = False


@functools.cache
def unable() -> str:
    """Return why this machine can't be used for it, or ""."""
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        return "needs Linux on x86-64"
    try:
        run(lambda: 0, Plan())
    except OSError as e:
        return f"may not trace its own children: {e}"
    return ""


def run(work: Callable[[], int], plan: Plan, timeout_seconds: float = 60) -> Traced:
    """Fork, let the child do the work while it is traced, and return how it went; nothing of it is left running.

    Must be called by a process with a single thread and no other children.
    """
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        _be_traced(ready, work, plan)
    os.close(ready)
    if _ptrace(_SEIZE, child, 0, _OPTIONS) != 0:
        code = ctypes.get_errno()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(go)
        raise OSError(code, os.strerror(code))
    os.write(go, b"g")
    os.close(go)
    return _Tracer(child, plan).follow(timeout_seconds)


def run_plain(work: Callable[[], int], timeout_seconds: float = 60) -> Traced:
    """Fork and let the child do the work, untraced."""
    child = os.fork()
    if child == 0:
        _work(work)
    result = Traced()
    with _deadline(timeout_seconds):
        try:
            _, status = os.waitpid(child, 0)
        except TimeoutError:
            result.timed_out = True
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
    result.code = os.waitstatus_to_exitcode(status)
    return result


class _Tracer:
    """The state of one traced run."""

    def __init__(self, main: int, plan: Plan) -> None:
        self._main = main
        self._plan = plan
        self._tasks = {main}
        self._processes = {main: main}  # task -> its process
        self._seen = [0] * len(plan.faults)
        self._result = Traced()

    def follow(self, timeout_seconds: float) -> Traced:
        with _deadline(timeout_seconds):
            try:
                self._until_ended()
            except TimeoutError:
                self._result.timed_out = True
        self._clear()
        return self._result

    def _until_ended(self) -> None:
        while True:
            task, status = os.waitpid(-1, _WALL)
            if os.WIFSTOPPED(status):
                self._stopped(task, status)
            else:
                self._tasks.discard(task)
                if task == self._main:
                    self._result.code = os.waitstatus_to_exitcode(status)
                    return

    def _stopped(self, task: int, status: int) -> None:
        event, number = status >> 16, os.WSTOPSIG(status)
        self._tasks.add(task)
        if event == _EVENT_SECCOMP and not self._call(task):
            return
        deliver = 0 if event else number
        _ptrace(_CONT, task, 0, deliver)

    def _call(self, task: int) -> bool:
        """Deal with a call; False when the process was killed at it."""
        number = _peek(task, _ORIG_RAX)
        if not self._counts(task, number):
            return True
        name = calls.name(number)
        self._result.counted += 1
        for n, fault in enumerate(self._plan.faults):
            if fault.call not in ("", name) or (fault.path and fault.path not in _path(task)):
                continue
            self._seen[n] += 1
            if self._seen[n] == fault.at or (fault.for_ever and self._seen[n] > fault.at):
                return self._hit(task, name, fault)
        return True

    def _counts(self, task: int, number: int) -> bool:
        flags = _peek(task, _RDX) if number == calls.OPENAT else 0
        if disk := self._plan.disk:
            return calls.may_fail(number, flags, disk) and self._process(task) == self._main
        return calls.kind(number, flags) in self._plan.kinds

    def _hit(self, task: int, name: str, fault: Fault) -> bool:
        result = self._result
        result.hits.append(name)
        result.in_child = self._process(task) != self._main
        if fault.errno:
            _ptrace(_POKEUSER, task, _ORIG_RAX, ctypes.c_ulong(-1).value)
            _ptrace(_POKEUSER, task, _RAX, ctypes.c_ulong(-fault.errno).value)
            return True
        os.kill(self._process(task), signal.SIGKILL)
        return False

    def _process(self, task: int) -> int:
        """Return the process of a task: looked up once, for it never changes."""
        if task not in self._processes:
            text = Path(f"/proc/{task}/status").read_text("ascii", "replace")
            self._processes[task] = int(text.split("Tgid:")[1].split()[0])
        return self._processes[task]

    def _clear(self) -> None:
        """End what is left, and reap it: a child just forked is first heard of here, when it stops."""
        left = set(self._tasks)
        with suppress(ChildProcessError):
            while True:
                for task in left:
                    with suppress(ProcessLookupError):
                        os.kill(task, signal.SIGKILL)
                task, status = os.waitpid(-1, _WALL)
                left = {task} if os.WIFSTOPPED(status) else set()


def _be_traced(ready: int, work: Callable[[], int], plan: Plan) -> None:
    os.read(ready, 1)  # until the tracer holds us
    os.close(ready)
    everything = "other" in plan.kinds
    numbers = sorted(calls.DISK if plan.disk else [] if everything else {*calls.CHANGING, *calls.TALKING})
    _filter(numbers)
    _work(work)


def _work(work: Callable[[], int]) -> None:
    code = 70
    try:
        code = work()
    finally:
        os._exit(code)


def _filter(numbers: Sequence[int]) -> None:
    """Let only these calls stop (all, when there are none): a classic BPF program over the call's number."""
    tests = [(0x15, len(numbers) - i, 0, number) for i, number in enumerate(numbers)]
    lines = [(0x20, 0, 0, 0), *tests, *([(0x06, 0, 0, _ALLOW)] if tests else []), (0x06, 0, 0, _TRACE)]
    code = b"".join(struct.pack("HBBI", *line) for line in lines)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(lines), ctypes.addressof(buffer)), 16)
    zero = ctypes.c_ulong(0)
    assert _LIBC.prctl(38, ctypes.c_ulong(1), zero, zero, zero) == 0  # no new privileges
    assert _LIBC.prctl(22, ctypes.c_ulong(2), ctypes.byref(program), zero, zero) == 0  # seccomp filter


def _ptrace(request: int, task: int, address: int, data: int) -> int:
    ctypes.set_errno(0)
    value: int = _LIBC.ptrace(request, task, address, data)
    return value


def _peek(task: int, offset: int) -> int:
    return _ptrace(_PEEKUSER, task, offset, 0)


def _path(task: int) -> str:
    with Path(f"/proc/{task}/mem").open("rb", buffering=0) as memory:
        memory.seek(_peek(task, _RSI))
        return memory.read(4096).split(b"\0")[0].decode("utf-8", "replace")


@contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise ``TimeoutError`` in the block when it takes longer; whatever timer there was is put back."""

    def late(*_: object) -> None:
        raise TimeoutError

    handler, timer = signal.signal(signal.SIGALRM, late), signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)
