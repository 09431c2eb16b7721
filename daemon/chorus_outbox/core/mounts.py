"""What kind of file system a folder stands on, read from texts of ``/proc``; the reading itself is done elsewhere.

Matters twice: no event tells what another computer does on a shared file system, and a lease granted there does not
prove that nobody writes (engineering.md 1.3 and 2.2).
"""

from __future__ import annotations

import re

# Only what is known to keep its files to this computer; anything else (nfs4, cifs, smb3, 9p, fuse.*) may be shared.
LOCAL = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "bcachefs"}
    | {"tmpfs", "ramfs", "overlay", "vfat", "exfat", "ntfs3"}
)
_MOUNT_ID = re.compile(r"^mnt_id:\s*([0-9]+)$", re.MULTILINE)


def file_system_of(fdinfo: str, mountinfo: str) -> str:
    """Return the type of file system of an open file, such as ``ext4`` or ``nfs4``; "" when it can't be told.

    By mount id, not by device number: btrfs sub-volumes and overlays show other numbers in ``stat``.

    Args:
        fdinfo: Content of ``/proc/self/fdinfo/<fd>``.
        mountinfo: Content of ``/proc/self/mountinfo`` (proc(5): id first, type just after the lone hyphen).

    """
    found = _MOUNT_ID.search(fdinfo)
    if found is None:
        return ""
    for line in mountinfo.splitlines():
        mount_id, _, rest = line.partition(" ")
        if mount_id == found[1]:
            return rest.partition(" - ")[2].partition(" ")[0]
    return ""


def is_local(file_system: str) -> bool:
    """Tell whether no other computer can write there."""
    return file_system in LOCAL
