"""Seeded bugs outside of functions: tables, limits, sets and defaults, one changed at a time.

mutmut 3 changes only the insides of functions, and the life cycle is a table. Each number is changed, each text, each
element of a table or set left out, each state in a table replaced; then the tests are run. Works in a copy only.
"""

from __future__ import annotations

import ast
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.machinery import SourceFileLoader
from multiprocessing import get_context
from pathlib import Path
from types import CodeType

import httpx  # noqa: F401 - slow to import: here, it is imported once for all changes
import hypothesis.strategies  # noqa: F401 - same
import pytest

Change = tuple[ast.expr, str]  # what stands in the source, and what takes its place


def run(
    place: Path, modules: Sequence[str], tests: Sequence[str]
) -> tuple[list[tuple[str, str, str]], Mapping[str, Counter[str]]]:
    """Try every change; return the survivors (where, was, became) and module -> outcome -> how many."""
    jobs = [(module, node, text) for module in modules for node, text in changes(_source(place, module))]
    tasks = [(place, module, _with(_source(place, module), node, text), tests) for module, node, text in jobs]
    with get_context("fork").Pool(2, maxtasksperchild=1) as pool:  # pytest is imported already, the package never
        killed = pool.starmap(_is_killed, tasks, chunksize=1)
    table: dict[str, Counter[str]] = {}
    survivors = []
    for (module, node, text), dead in zip(jobs, killed, strict=True):
        table.setdefault(module, Counter())["killed" if dead else "survived"] += 1
        if not dead:
            was = _source(place, module).splitlines()[node.lineno - 1].strip()
            survivors.append((f"{module} (table)", f"{was} : {ast.unparse(node)}", text))
    return survivors, table


def changes(source: str) -> Iterator[Change]:
    """Yield every change of a module's own and its classes' assignments; docstrings, names and types stay."""
    for statement in _outside(ast.parse(source).body):
        value = statement.value
        several = isinstance(value, ast.Tuple) and isinstance(statement, ast.Assign) and _unpacks(statement)
        for part in value.elts if several and isinstance(value, ast.Tuple) else [value]:
            for node in _walk(part):
                yield from _changes_of(node)


def _outside(body: Sequence[ast.stmt]) -> Iterator[ast.Assign | ast.AnnAssign]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _outside(statement.body)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            yield statement


def _unpacks(statement: ast.Assign) -> bool:
    """Tell whether it gives values to several names: none can be left out."""
    return isinstance(statement.targets[0], ast.Tuple)


def _walk(node: ast.expr | None) -> Iterator[ast.expr]:
    """Yield an expression and its parts, but not the keys of tables: a key changed is an entry left out."""
    if node is None:
        return
    yield node
    for part in node.values if isinstance(node, ast.Dict) else ast.iter_child_nodes(node):
        if isinstance(part, ast.expr):
            yield from _walk(part)


def _changes_of(node: ast.expr) -> Iterator[Change]:
    match node:
        case ast.Constant(value=bool(value)):
            yield node, str(not value)
        case ast.Constant(value=int() | float() as value):
            yield node, repr(value + 1)
        case ast.Constant(value=str(value)):
            yield node, repr(f"XX{value}")
        case ast.Constant(value=None):
            yield node, "0"
        case ast.Attribute(value=ast.Name(id="State"), attr=name):
            yield node, "State.SEEN" if name == "WITHDRAWN" else "State.WITHDRAWN"
        case ast.Dict(keys=keys, values=values):
            texts = [f"{ast.unparse(k) if k else '**'}: {ast.unparse(v)}" for k, v in zip(keys, values, strict=True)]
            for i in range(len(texts)):
                yield node, "{" + ", ".join(texts[:i] + texts[i + 1 :]) + "}"
        case ast.Set(elts=parts) | ast.Tuple(elts=parts):
            for i in range(len(parts)):
                texts = [ast.unparse(p) for p in parts[:i] + parts[i + 1 :]]
                yield (
                    node,
                    "{" + ", ".join(texts) + "}" if isinstance(node, ast.Set) else f"({', '.join([*texts, ''])})",
                )


def _is_killed(place: Path, module: str, changed: str, tests: Sequence[str]) -> bool:
    """Run the tests over one module's changed form; True when one fails. In a process of its own."""
    os.chdir(place)
    sys.path.insert(0, str(place / "src"))
    sys.dont_write_bytecode = True
    path, read = str(place / "src/chorus_outbox" / module), SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, name: str) -> CodeType | None:
        return compile(changed, path, "exec") if self.path == path else read(self, name)

    # Nothing is ever written, so that several can run at once.
    SourceFileLoader.get_code = get_code  # type: ignore[method-assign,assignment]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):  # noqa: PTH123
        return pytest.main(["-x", "-q", *tests]) != 0


def _source(place: Path, module: str) -> str:
    return (place / "src/chorus_outbox" / module).read_text(encoding="utf-8")


def _with(source: str, node: ast.expr, text: str) -> str:
    data, lines = source.encode(), source.encode().splitlines(keepends=True)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    return (data[:start] + text.encode() + data[end:]).decode()
