"""System calls of Linux on x86-64 that the rigs stop at, by number. Knows names and kinds, stops nothing.

``CHANGING`` changes a file, a folder, a lock on them or the set of processes; ``TALKING`` is said or heard on a socket.
What is in neither (reads, waits, memory) changes nothing that outlives the process: the state before and after it is
the same, and the boundary is that of the next call in these sets. ``--every`` stops there too.
"""

from __future__ import annotations

import os

CHANGING = {
    1: "write",
    18: "pwrite64",
    20: "writev",
    73: "flock",
    74: "fsync",
    75: "fdatasync",
    76: "truncate",
    77: "ftruncate",
    82: "rename",
    83: "mkdir",
    84: "rmdir",
    85: "creat",
    86: "link",
    87: "unlink",
    88: "symlink",
    90: "chmod",
    91: "fchmod",
    92: "chown",
    93: "fchown",
    257: "openat",  # counted among these when it may create or write
    258: "mkdirat",
    263: "unlinkat",
    264: "renameat",
    265: "linkat",
    266: "symlinkat",
    268: "fchmodat",
    280: "utimensat",
    285: "fallocate",
    316: "renameat2",
    56: "clone",
    57: "fork",
    58: "vfork",
    59: "execve",
    62: "kill",
    231: "exit_group",
    435: "clone3",
}
TALKING = {
    41: "socket",
    42: "connect",
    44: "sendto",
    45: "recvfrom",
    46: "sendmsg",
    47: "recvmsg",
    48: "shutdown",
    53: "socketpair",
}
READING = {
    0: "read",
    4: "stat",
    5: "fstat",
    6: "lstat",
    17: "pread64",
    21: "access",
    72: "fcntl",
    137: "statfs",
    138: "fstatfs",
    217: "getdents64",
    262: "newfstatat",
    267: "readlinkat",
    332: "statx",
    439: "faccessat2",
}
OTHERS = {
    **READING,
    2: "open",
    3: "close",
    7: "poll",
    8: "lseek",
    9: "mmap",
    10: "mprotect",
    11: "munmap",
    12: "brk",
    13: "rt_sigaction",
    14: "rt_sigprocmask",
    16: "ioctl",
    24: "sched_yield",
    25: "mremap",
    28: "madvise",
    39: "getpid",
    51: "getsockname",
    52: "getpeername",
    54: "setsockopt",
    55: "getsockopt",
    60: "exit",
    61: "wait4",
    79: "getcwd",
    97: "getrlimit",
    102: "getuid",
    157: "prctl",
    186: "gettid",
    202: "futex",
    204: "sched_getaffinity",
    228: "clock_gettime",
    230: "clock_nanosleep",
    232: "epoll_wait",
    254: "inotify_add_watch",
    270: "pselect6",
    271: "ppoll",
    273: "set_robust_list",
    281: "epoll_pwait",
    290: "eventfd2",
    291: "epoll_create1",
    293: "pipe2",
    294: "inotify_init1",
    302: "prlimit64",
    318: "getrandom",
    334: "rseq",
}
NAMES = {**OTHERS, **TALKING, **CHANGING}
DISK = frozenset({*CHANGING, *READING} - {56, 57, 58, 59, 62, 231, 435})
"""The calls that a sick disk may refuse."""
SPACE = frozenset({1, 18, 20, 74, 75, 77, 82, 83, 86, 257, 258, 264, 265, 285, 316})
"""The calls that a full disk may refuse (``openat``: when it creates)."""
OPENAT = 257
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def kind(number: int, flags: int) -> str:
    """Return ``changing``, ``talking`` or ``other``; ``flags`` are those of an ``openat``."""
    if number == OPENAT and not flags & WRITES:
        return "other"
    return "changing" if number in CHANGING else "talking" if number in TALKING else "other"


def may_fail(number: int, flags: int, disk: str) -> bool:
    """Tell whether a ``sick`` or a ``full`` disk may refuse the call."""
    if disk == "full":
        return number in SPACE and (number != OPENAT or bool(flags & os.O_CREAT))
    return number in DISK


def name(number: int) -> str:
    """Return the call's name, or its number."""
    return NAMES.get(number, f"call {number}")
