"""What systemd is told, and what the unit promises to an administrator."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus_outbox.edge import systemd

FILES = Path(__file__).parents[2] / "systemd"
UNIT = FILES / "chorus-outbox@.service"

needs_analyze = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Listen as the service manager does, on a socket in the file system or on an abstract one."""
    address = str(tmp_path / "notify") if request.param == "path" else f"@chorus-outbox-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address.replace("@", "\0"))
        listening.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        yield listening


def test_states_arrive_in_one_message(manager: socket.socket) -> None:
    """States are sent as sd_notify(3) wants them, one a line, in one datagram; accents and numbers included."""
    assert systemd.notify(READY=1, STATUS="3 en attente, 1 à vérifier")
    assert manager.recv(4096).decode() == "READY=1\nSTATUS=3 en attente, 1 à vérifier"
    assert systemd.notify(STOPPING=1, EXTEND_TIMEOUT_USEC=30_000_000)
    assert manager.recv(4096) == b"STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000"


@pytest.mark.parametrize("breaker", ["\n", "\r\n", "\u2028", "\x85"])
def test_a_status_cannot_smuggle_a_state(manager: socket.socket, breaker: str) -> None:
    """A line break in a text (a file's name, say) does not begin another state; half a character does no harm."""
    assert systemd.notify(STATUS=f"facture{breaker}STOPPING=1 \ud83d.pdf")
    assert manager.recv(4096) == b"STATUS=facture STOPPING=1 ?.pdf"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="empty"),
        pytest.param("/nowhere/notify", id="gone"),
        pytest.param("@chorus-outbox-nobody", id="abstract, gone"),
        pytest.param("vsock:2:1234", id="vsock"),
        pytest.param("/" + "x" * 200, id="too long"),
    ],
)
def test_no_manager_is_no_error(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """A socket that is not there, or of another kind, is told by False and never raises."""
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not systemd.notify(WATCHDOG=1)


def test_outside_systemd_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started by hand, the daemon tells nobody."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert not systemd.notify(READY=1)


@pytest.mark.parametrize("manager", ["path"], indirect=True)
def test_a_full_socket_does_not_hold_up(manager: socket.socket) -> None:
    """A manager that no longer reads makes False, soon."""
    sent = [systemd.notify(STATUS="x" * 1000)]
    while sent[-1] and len(sent) < 10_000:
        sent.append(systemd.notify(STATUS="x" * 1000))
    assert not sent[-1]
    assert manager.recv(4096)


@pytest.mark.parametrize(
    ("microseconds", "pid", "seconds"),
    [
        pytest.param("60000000", "self", 30.0, id="for us"),
        pytest.param("60000000", None, 30.0, id="for whoever"),
        pytest.param("60000000", "1", None, id="for another process"),
        pytest.param(None, None, None, id="not watched"),
        pytest.param("0", None, None, id="switched off"),
        pytest.param("soon", None, None, id="no number"),
        pytest.param("60000000", "me", None, id="no process"),
    ],
)
def test_watchdog_seconds(
    monkeypatch: pytest.MonkeyPatch, microseconds: str | None, pid: str | None, seconds: float | None
) -> None:
    """The heartbeat is due at half the time systemd allows, where it is this process that is watched."""
    values = {"WATCHDOG_USEC": microseconds, "WATCHDOG_PID": str(os.getpid()) if pid == "self" else pid}
    for name, value in values.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert systemd.watchdog_seconds() == seconds


def settings(path: Path) -> dict[str, list[str]]:
    """Return the settings of a unit file: name -> values, in order."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        if m := re.fullmatch(r"([A-Za-z]+)=(.*)", line):
            found.setdefault(m[1], []).append(m[2])
    return found


def test_the_unit_keeps_its_promises() -> None:
    """The names that an administrator and the design count on stand in the unit."""
    unit = settings(UNIT)
    assert unit["Type"] == ["notify"]
    assert unit["User"] == ["chorus-outbox"]
    assert unit["ExecStart"] == ["/opt/chorus-outbox/bin/chorus-outbox run --config /etc/chorus-outbox/%i.yaml"]
    assert unit["LoadCredential"] == [
        "piste-client-secret:/etc/chorus-outbox/%i.piste-client-secret",
        "account-password:/etc/chorus-outbox/%i.account-password",
    ]
    assert unit["RestartPreventExitStatus"] == ["78 2"]
    assert unit["StateDirectory"] == ["chorus-outbox/%i"]
    assert unit["AmbientCapabilities"] == unit["CapabilityBoundingSet"] == ["CAP_LEASE"]
    assert "ExecReload" not in unit


def test_a_wrong_configuration_is_not_tried_for_ever() -> None:
    """The check before the start must not decide: systemd would restart after it, whatever its exit status."""
    (check,) = settings(UNIT)["ExecStartPre"]
    assert check.startswith("-/opt/chorus-outbox/bin/chorus-outbox check --offline ")


def test_memory_leaves_room_for_the_pdf_children() -> None:
    """The limit holds the daemon and two children that take all they may; the loss of a child does not stop the unit."""
    unit = settings(UNIT)
    assert unit["MemoryMax"] == ["2G"]
    assert unit["OOMPolicy"] == ["continue"]


@needs_analyze
def test_exposure_stays_low(tmp_path: Path) -> None:
    """The audit by systemd itself scores the unit at most 1.4 out of 10 (a plain service: 9.2)."""
    instance = shutil.copy(UNIT, tmp_path / "chorus-outbox@main.service")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=14", "--no-pager", str(instance)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


@needs_analyze
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """There is no unknown setting and no mistake in unit and target, as systemd reads them."""
    text = UNIT.read_text("utf-8").replace("/opt/chorus-outbox/bin/chorus-outbox", "/bin/true")
    (tmp_path / "chorus-outbox@main.service").write_text(text, "utf-8")
    shutil.copy(FILES / "chorus-outbox.target", tmp_path)
    command = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "chorus-outbox" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("systemd-sysusers") or not shutil.which("systemd-tmpfiles"),
    reason="only root may make users and folders, with systemd's tools",
)
def test_user_and_folders_are_made(tmp_path: Path) -> None:
    """In an empty system the two other files make the user and the folders; secrets become root's alone."""
    folder = tmp_path / "etc/chorus-outbox"
    folder.mkdir(parents=True)
    for name in ("main.yaml", "main.piste-client-secret", "main.account-password"):
        (folder / name).touch(0o644)
    for command in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        file = FILES / f"chorus-outbox.{command[0].removeprefix('systemd-')}.conf"
        subprocess.run([*command, f"--root={tmp_path}", str(file)], capture_output=True, timeout=30, check=True)
    assert "chorus-outbox:" in (tmp_path / "etc/passwd").read_text()
    modes = {path.name: path.stat().st_mode & 0o777 for path in [folder, *folder.iterdir()]}
    assert modes == {
        "chorus-outbox": 0o750,
        "main.yaml": 0o640,
        "main.piste-client-secret": 0o600,
        "main.account-password": 0o600,
    }
