"""The floors of the house: who may import whom (style.md 2)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "daemon" / "chorus_outbox"
MODULES = sorted(p.relative_to(ROOT) for p in ROOT.rglob("*.py"))

# floor -> what it may import of our own; "errors" and "__version__" are for everybody
MAY: dict[str, set[str]] = {
    "core": {"core"},
    "ports": {"core", "errors"},
    "errors": {"core"},
    "edge": {"core", "ports", "errors"},
    "worker": {"core", "ports", "errors"},
    "config": {"core", "errors", "config"},
    "logs": {"logs"},
    "connection": {"core", "ports", "errors", "edge", "config"},
    "ownership": {"core", "errors", "edge", "config"},
    "showing": {"core", "ports", "errors", "edge", "worker", "config"},
    "service": {
        *("core", "ports", "errors", "edge", "worker", "config"),
        *("connection", "logs", "ownership", "showing"),
    },
    "simulator": {"core", "simulator", "errors"},
    "commands": {
        "commands",
        "core",
        "ports",
        "errors",
        "edge",
        "worker",
        "config",
        "connection",
        "logs",
        "ownership",
        "service",
        "showing",
        "simulator",
    },
    "cli": {"cli", "errors", "config", "service", "commands", "edge"},
    "__main__": {"cli"},
    "__init__": set(),
}
FORBIDDEN_IN_CORE = {"os", "io", "socket", "time", "random", "secrets", "subprocess", "threading", "sqlite3", "httpx"}


def imports(path: Path) -> set[str]:
    """Return the absolute dotted names that a module imports."""
    package = ["chorus_outbox", *path.with_suffix("").parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return found


def floor(path: Path) -> str:
    """Return the floor of a module of ours."""
    first = path.parts[0].removesuffix(".py")
    return next((name for name in ("config", "cli", "ports", "logs") if first.startswith(name)), first)


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_from_the_floors_below(path: Path) -> None:
    """No import goes up, and no edge package imports another."""
    for name in imports(path):
        if not name.startswith("chorus_outbox."):
            continue
        target = name.split(".")[1]
        if target == "__version__":
            continue
        target = next((name for name in ("config", "cli", "ports", "logs") if target.startswith(name)), target)
        if floor(path) == "edge" and target == "edge":
            assert path.parts[1].removesuffix(".py") == name.split(".")[2], f"{path} imports another edge: {name}"
        elif floor(path) == "worker" and target == "worker":
            continue
        else:
            assert target in MAY[floor(path)], f"{path} ({floor(path)}) must not import {name}"


@pytest.mark.parametrize("path", [p for p in MODULES if p.parts[0] == "core"], ids=str)
def test_the_core_touches_nothing(path: Path) -> None:
    """The core imports nothing that could touch a disk, a socket, the clock or chance."""
    assert not {name.partition(".")[0] for name in imports(path)} & FORBIDDEN_IN_CORE


def test_there_is_no_package_named_daemon() -> None:
    """``daemon`` on the package index belongs to somebody else; ours is a source root."""
    assert not (ROOT.parent / "__init__.py").exists()
