"""docs/logs.md names every event with its levels and keys, as the code says them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from chorus_outbox import logs
from chorus_outbox.worker.parts import LOGGED
from test_logs import LEVELS, ROOT

PAGE = ROOT.parents[1] / "docs" / "logs.md"
OF_AN_INVOICE = {"file", "number", "step", "reason", "chorus_id", "status"}  # ``parts.note`` and ``parts.say``


def rows() -> dict[str, tuple[set[str], set[str], set[str]]]:
    """Return of each event in the page: its levels, the keys that it always has, and those that it may have."""
    found = {}
    for event, levels, keys in re.findall(r"(?m)^\| `([a-z_.]+)` \| ([^|]*) \| ?([^|]*) \|", PAGE.read_text("utf-8")):
        always, _, perhaps = keys.partition("[")
        named, possible = (set(re.findall(r"`(\w+)`", text)) for text in (always, perhaps))
        found[event] = (set(re.findall(r"\w+", levels)), named, possible)
    return found


def said() -> Iterator[tuple[str, str, set[str], bool]]:
    """Yield each log call in the source: its event, level, keys, and whether it has keys that only running it shows."""
    for event in {*LOGGED.values(), "invoice.status"}:
        yield event, "info", set(), True
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            event = str(node.args[0].value)
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if event in logs.EVENTS and (name in LEVELS or name in ("_say_once", "say")):
                level = name if name in LEVELS else "warning"
                keys = {keyword.arg for keyword in node.keywords if keyword.arg}
                yield event, level, keys, len(keys) < len(node.keywords)


PAGE_ROWS = rows()
SAID = list(said())


def test_the_page_names_every_event() -> None:
    """Each of the closed set once, and no other."""
    assert set(PAGE_ROWS) == logs.EVENTS


@pytest.mark.parametrize("event", sorted(logs.EVENTS))
def test_levels_and_keys_are_those_of_the_code(event: str) -> None:
    """What is said without fail stands without brackets; what is said at another level is named with that level."""
    levels, always, perhaps = PAGE_ROWS[event]
    calls = [(level, keys, more) for name, level, keys, more in SAID if name == event]
    assert {level for level, _, _ in calls} <= levels
    assert all(keys <= always | perhaps for _, keys, _ in calls)
    if not any(more for _, _, more in calls):
        assert set.intersection(*(keys for _, keys, _ in calls)) == always
        assert set.union(*(keys for _, keys, _ in calls)) == always | perhaps
    if event in LOGGED.values():
        assert perhaps >= OF_AN_INVOICE
