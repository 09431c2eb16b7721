"""Seeded bugs outside of functions: tables, limits, sets and defaults, one changed at a time.

mutmut 3 changes only the insides of functions, and the life cycle is a table. Each number is changed, each text, each
element of a table or set left out; then the tests are run: first those of the module, then all. Works in a copy only.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

Change = tuple[ast.expr, str]  # what stands in the source, and what takes its place


def run(
    place: Path, modules: Sequence[str], tests: Sequence[str]
) -> tuple[list[tuple[str, str, str]], Mapping[str, Counter[str]]]:
    """Try every change; return the survivors (where, was, became) and module -> outcome -> how many."""
    jobs = [(module, node, text) for module in modules for node, text in changes(_source(place, module))]
    with ThreadPoolExecutor(2) as pool:
        killed = list(pool.map(lambda job: _is_killed(place, *job, tests), jobs))
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
        for node in _walk(statement.value):
            yield from _changes_of(node)


def _outside(body: Sequence[ast.stmt]) -> Iterator[ast.Assign | ast.AnnAssign]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            yield from _outside(statement.body)
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            yield statement


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
        case ast.Set(elts=parts):
            for i in range(len(parts)):
                yield node, "{" + ", ".join(ast.unparse(p) for p in parts[:i] + parts[i + 1 :]) + "}"


def _is_killed(place: Path, module: str, node: ast.expr, text: str, tests: Sequence[str]) -> bool:
    own = [t for t in tests if Path(module).stem in t]
    return any(_fails(place, module, node, text, chosen) for chosen in (own, tests) if chosen)


def _fails(place: Path, module: str, node: ast.expr, text: str, tests: Sequence[str]) -> bool:
    """Run tests over the package with one module read in its changed form."""
    source = _source(place, module)
    changed = _with(source, node, text)
    there = [t for t in tests if (place / t).exists()]
    command = [sys.executable, "-c", _RUN, str(place / "src/chorus_outbox" / module), changed, "-x", "-q", *there]
    done = subprocess.run(command, cwd=place, capture_output=True, check=False)
    return done.returncode != 0


# A loader of one file's text in place of the file: several changes can be tried at once, and nothing is ever written.
_RUN = """
import sys
from importlib.machinery import SourceFileLoader
import pytest
path, text = sys.argv[1:3]
read = SourceFileLoader.get_code
def get_code(self, name):
    return compile(text, path, "exec") if self.path == path else read(self, name)
SourceFileLoader.get_code = get_code
sys.dont_write_bytecode = True
sys.path.insert(0, "src")
sys.exit(pytest.main(sys.argv[3:]))
"""


def _source(place: Path, module: str) -> str:
    return (place / "src/chorus_outbox" / module).read_text(encoding="utf-8")


def _with(source: str, node: ast.expr, text: str) -> str:
    data, lines = source.encode(), source.encode().splitlines(keepends=True)
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    start = sum(map(len, lines[: node.lineno - 1])) + node.col_offset
    end = sum(map(len, lines[: node.end_lineno - 1])) + node.end_col_offset
    return (data[:start] + text.encode() + data[end:]).decode()
