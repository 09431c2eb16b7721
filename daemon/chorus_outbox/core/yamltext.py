"""Strict YAML for files that people write (sidecars, folder defaults, the configuration): all text stays as typed.

YAML itself turns ``0123`` into 83, ``NO`` into false and ``12:30`` into 750 (engineering.md 7.1); here no scalar is
ever given a type. What only programs write (anchors, aliases, tags, merge keys, several documents) is refused, and so
is what would lose data in silence (a key given twice). Which keys exist and what they mean is not known here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml import events

from .problem import Problem
from .yamlmistakes import foreign, mistake, unspaced

BYTES_MAX = 64 * 1024
DEPTH_MAX = 6  # levels below the top
ITEMS_MAX = 2000  # keys, values and lists together

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# YAML 1.1 section 5.1; checked here because an escape ("\0") gets past the parser, and for the line number.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ODD_SPACE = "\u00a0\u202f\u2007"
_ODD_INDENT = re.compile(f"(?m)^[ {_ODD_SPACE}]+")
_ODD_COLON = re.compile(f"(?m)^([ -]*[^\\s:#'\"][^:\n]*):[{_ODD_SPACE}\t]")
_BRACES = re.compile(r"\{[^{}\n]*\}")
_NOTHING = ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class Node:
    """A value as typed, and the line (from 1) where it, or the key it belongs to, begins.

    ``value`` is the text; None when nothing was given (or ``~``, ``null`` without quotes); a list or a dict of nodes.
    ``quoted``: whether a text stood in (straight) quotes.
    """

    value: str | list[Node] | dict[str, Node] | None
    line: int
    quoted: bool = False


class YamlProblem(Exception):  # noqa: N818 - it carries a Problem, and says so
    """The file can't be read; ``problem`` (a ``sidecar.*`` code, with its ``line``) says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code, dict(problem.params))
        self.problem = problem


def read_yaml(data: bytes, *, limit: int = BYTES_MAX) -> tuple[dict[str, Node], str]:
    """Read a file of ``key: value`` lines.

    Args:
        data: The whole file: UTF-8 (BOM or not), UTF-16 with BOM, or cp1252.
        limit: The most bytes accepted.

    Returns:
        Key as typed -> node (empty for an empty file), and the encoding: ``utf-8``, ``utf-16-le``, ``utf-16-be``,
        or ``cp1252``, which is a guess worth telling.

    Raises:
        YamlProblem: At the first thing that makes the file unreadable.

    """
    if len(data) > limit:
        raise YamlProblem(Problem("sidecar.too_big", {"size": str(len(data)), "limit": str(limit)}))
    if other := foreign(data):
        raise YamlProblem(other)
    text, encoding = _decode(data)
    if odd := _UNPRINTABLE.search(text):
        raise _unprintable(_line_at(text, odd.start()))
    text = _plain_spaces(text)
    try:
        return _Builder(text).document(), encoding
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # the pure-Python parser on a wild "\U..." escape
        raise YamlProblem(mistake(_BREAK.split(text), 0, str(error))) from error


def _decode(data: bytes) -> tuple[str, str]:
    """Return the text, without BOM and without the NULs and Ctrl-Zs some programs leave at the end."""
    mark, encoding = next(((b, e) for b, e in _BOMS if data.startswith(b)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        if mark or b"\0" in data.rstrip(b"\0\x1a"):
            raise _not_text(data, len(mark) + error.start) from error
        text, encoding = _decode_cp1252(data), "cp1252"
    text = text.lstrip("\ufeff").rstrip("\0\x1a \t\r\n")
    if "\0" in text:  # UTF-16 or UTF-32 without BOM, or no text at all
        raise YamlProblem(Problem("sidecar.encoding", {"line": str(_line_at(text, text.index("\0")))}))
    return text, encoding


def _decode_cp1252(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:  # one of the five bytes that cp1252 leaves undefined
        raise _not_text(data, error.start) from error


def _not_text(data: bytes, position: int) -> YamlProblem:
    return YamlProblem(Problem("sidecar.encoding", {"line": str(data.count(b"\n", 0, position) + 1)}))


def _plain_spaces(text: str) -> str:
    """Return the text with plain spaces where YAML needs one: indentation, and after the colon of a key.

    A no-break space after a colon (Word, a Mac's Alt+Space) would turn the whole file into one string
    (engineering.md 7.2).
    """
    text = _ODD_INDENT.sub(lambda m: " " * len(m[0]), text)
    text = _ODD_COLON.sub(r"\1: ", text)
    return _BRACES.sub(lambda m: re.sub(f":[{_ODD_SPACE}]", ": ", m[0]), text)


def _line_at(text: str, position: int) -> int:
    return len(_BREAK.findall(text, 0, position)) + 1


def _unprintable(line: int) -> YamlProblem:
    return YamlProblem(Problem("sidecar.control", {"line": str(line)}))


def _explained(error: yaml.MarkedYAMLError, text: str) -> YamlProblem:
    """Name the mistake, and the line a person must look at: of a quote never closed, not the end of the file."""
    why = error.problem or "not YAML"
    opened, mark = error.context_mark, error.problem_mark
    lines = _BREAK.split(text)
    number = min(mark.line, len(lines) - 1) if mark else 0
    if "nesting depth" in why:  # the C parser's own limit, met while it looks ahead
        return YamlProblem(Problem("sidecar.depth", {"line": str(number + 1)}))
    return YamlProblem(mistake(lines, number, why, opened.line if opened else None))


class _Builder:
    """Builds nodes from the parser's events; the events are never recursive, and the depth here is limited."""

    def __init__(self, text: str) -> None:
        self._lines = _BREAK.split(text)
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
        self._items = 0

    def document(self) -> dict[str, Node]:
        """Return the one document's top mapping."""
        top: Node | None = None
        for event in self._events:
            if isinstance(event, events.DocumentStartEvent):
                if top:
                    raise _refused("sidecar.documents", event)
                top = self._node(next(self._events), 0)
        if top is None or top.value is None:
            return {}
        if not isinstance(top.value, dict):
            raise YamlProblem(unspaced(self._lines) or Problem("sidecar.not_mapping", {"line": str(top.line)}))
        return top.value

    def _node(self, event: Any, depth: int, line: int | None = None) -> Node:
        self._check(event, depth)
        line = line or _line_of(event)
        if isinstance(event, events.ScalarEvent):
            plain = not event.style  # '' by the C parser, None by the other
            return Node(None if plain and event.value in _NOTHING else event.value, line, not plain)
        if isinstance(event, events.SequenceStartEvent):
            return Node(self._list(depth + 1), line)
        return Node(self._dict(depth + 1), line)

    def _list(self, depth: int) -> list[Node]:
        found = []
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            found.append(self._node(event, depth))
        return found

    def _dict(self, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            self._check(event, depth)
            line = _line_of(event)
            if not isinstance(event, events.ScalarEvent) or not event.value:
                raise YamlProblem(mistake(self._lines, line - 1, "a key must be a word"))
            if event.value == "<<":
                raise _refused("sidecar.anchor", event)
            if event.value in found:
                raise _refused("sidecar.duplicate_key", event, key=event.value)
            found[event.value] = self._node(next(self._events), depth, line)
        return found

    def _check(self, event: Any, depth: int) -> None:
        self._items += 1
        if self._items > ITEMS_MAX:
            raise _refused("sidecar.depth", event)
        if depth > DEPTH_MAX:
            raise _refused("sidecar.depth", event)
        if event.anchor is not None:  # an alias carries the name of its anchor
            raise _refused("sidecar.anchor", event)
        if getattr(event, "tag", None) is not None:
            raise _refused("sidecar.tag", event)
        if isinstance(event, events.ScalarEvent) and _UNPRINTABLE.search(event.value):
            raise _unprintable(_line_of(event))


def _line_of(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _refused(code: str, event: Any, **params: str) -> YamlProblem:
    return YamlProblem(Problem(code, {"line": str(_line_of(event)), **params}))
