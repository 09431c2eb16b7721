"""What kind of file system a file is on."""

from __future__ import annotations

import pytest

from chorus_outbox.core.mounts import file_system_of, is_local

MOUNTINFO = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
28 27 0:25 / /srv/partage\\040compta rw,relatime shared:12 master:3 - cifs //nas/compta rw,vers=3.1.1
127 27 0:26 / /srv/nfs rw - nfs4 nas:/export rw
"""


def fdinfo(mount_id: int) -> str:
    return f"pos:\t0\nflags:\t02100000\nmnt_id:\t{mount_id}\nino:\t2\n"


@pytest.mark.parametrize(
    ("mount_id", "file_system"),
    [
        pytest.param(27, "ext4", id="local"),
        pytest.param(28, "cifs", id="optional-fields"),
        pytest.param(127, "nfs4", id="id-not-a-prefix"),
        pytest.param(7, "", id="unknown-mount"),
    ],
)
def test_file_system(mount_id: int, file_system: str) -> None:
    """The type is read from the line with exactly that mount id."""
    assert file_system_of(fdinfo(mount_id), MOUNTINFO) == file_system


@pytest.mark.parametrize("garbage", ["", "mnt_id:\tx\n", "pos:\t0\n"])
def test_no_mount_id(garbage: str) -> None:
    """Without a mount id nothing is guessed."""
    assert file_system_of(garbage, MOUNTINFO) == ""


@pytest.mark.parametrize(
    ("file_system", "local"),
    [("ext4", True), ("xfs", True), ("btrfs", True), ("tmpfs", True), ("overlay", True)]
    + [(shared, False) for shared in ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuseblk", "ceph", "")],
)
def test_is_local(file_system: str, local: bool) -> None:
    """What may be shared with other computers, or is not known, does not count as local."""
    assert is_local(file_system) is local
