"""The built wheel works without its sources."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from what is here, and unpack it as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    name = done.stdout.split()[-1]
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_it_holds_one_package_and_all_it_needs(unpacked: Path) -> None:
    """One import package, never `daemon`; the ledger's schema and the type marker are inside."""
    assert [p.name for p in unpacked.iterdir() if not p.name.endswith(".dist-info")] == ["chorus_outbox"]
    assert (unpacked / "chorus_outbox" / "edge" / "ledger" / "001_first.sql").is_file()
    assert (unpacked / "chorus_outbox" / "py.typed").is_file()
    dashboard = unpacked / "chorus_outbox" / "edge" / "dashboard"
    assert {p.name for p in dashboard.iterdir()} >= {"page.html.j2", "row.html.j2", "page.css", "page.js"}


def test_its_program_runs(unpacked: Path, tmp_path: Path) -> None:
    """`init` and `check --offline` work from the wheel alone."""
    run = "import sys; sys.path.insert(0, sys.argv.pop(1)); import chorus_outbox.cli as c; print(c.__file__); c.main()"
    command = [sys.executable, "-c", run, str(unpacked)]
    done = subprocess.run(
        [*command, "init", str(tmp_path / "site")], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert str(unpacked) in done.stdout
    config = tmp_path / "site" / "chorus-outbox.yaml"
    checked = subprocess.run(
        [*command, "check", "--offline", "--config", str(config)], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 78  # not filled in: said line by line, never a traceback
    assert "Traceback" not in checked.stderr
    assert "supplier.siret" in checked.stderr
