"""What people get wrong in a file of ``name: value`` lines: a parser's complaint -> the mistake, its line, how to write it.

The parser says where it gave up, which is often a line or two after the mistake, and in words for programmers. Here the
text itself is looked at: most mistakes show in the line alone. It corrects nothing: ``fixed`` is for a person to copy.
Which names exist is not known here, nor any sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .problem import Problem

SHOWN = 100  # characters of a line that are quoted
_KEY = r"[^\W\d][^:\"'{}\[\],#]{0,40}?"  # a name as people type it: letters, accents, spaces
_ENTRY = re.compile(rf"(?P<lead>[ -]*)(?P<key>{_KEY})\s*:(?:\s+(?P<value>.*))?")
_NO_SPACE = re.compile(rf"[ -]*(?P<key>{_KEY})\s*:(?P<value>[^\s:/].*)")
_CURLY = "“”„«»‟‹›"
_SPECIAL = "@`%|>?"
_FOREIGN: Sequence[tuple[bytes, str]] = (  # how other kinds of files begin -> ``kinds`` of the texts
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "office"),  # .docx, .xlsx, .odt, .zip
    (b"\xd0\xcf\x11\xe0", "office"),  # .doc, .xls
    (b"{\\rtf", "office"),
    (b"<!doctype", "web"),
    (b"<html", "web"),
    (b"<?xml", "web"),
    (b"\x89png", "image"),
    (b"\xff\xd8\xff", "image"),
)


def foreign(data: bytes) -> Problem | None:
    """Say that a file is of another kind altogether, by its first bytes; None when it may be a text."""
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    kind = next((kind for mark, kind in _FOREIGN if start.startswith(mark.lower())), None)
    return Problem("sidecar.other_file", {"kind": kind}) if kind else None


def mistake(lines: Sequence[str], at: int, why: str, opened: int | None = None) -> Problem:
    """Return the mistake that made a parser give up.

    Args:
        lines: The text.
        at: Index of the line where it gave up.
        why: Its own words, for what nothing else explains.
        opened: Index of the line where what it was reading began, or None.

    """
    at = min(at, len(lines) - 1)
    opened = at if opened is None else min(opened, at)
    near = [i for i in dict.fromkeys((at, opened, *range(at - 1, opened - 1, -1))) if 0 <= i < len(lines)]
    for index in near:
        if found := _in_line(lines, index):
            return _told(found[0], lines, index, found[1])
    for index in range(at + 1):  # an earlier line that swallowed those after it
        if found := _unspaced(lines[index]) or _unclosed(lines[index]):
            return _told(found[0], lines, index, found[1])
    if "escape" in why:
        return _told("sidecar.backslash", lines, at, _requoted(lines[at].replace("\\", "/")))
    if "cannot start any token" in why:
        return _told("sidecar.special", lines, at, _requoted(lines[at]))
    bare = (
        i
        for i in range(at, opened - 1, -1)
        if re.match(r"[^\s#-]", lines[i]) and not _ENTRY.fullmatch(lines[i].rstrip())
    )
    return _told("sidecar.syntax", lines, next(bare, at), "")


def unspaced(lines: Sequence[str]) -> Problem | None:
    """Say that a space is missing after a colon, of a file without a single ``name: value``; None when none is."""
    for index, line in enumerate(lines):
        if found := _unspaced(line):
            return _told(found[0], lines, index, found[1])
    return None


def _told(code: str, lines: Sequence[str], index: int, fixed: str) -> Problem:
    return Problem(code, {"line": str(index + 1), "text": _quoted(lines[index]), "fixed": _quoted(fixed)})


def _quoted(line: str) -> str:
    text = line.strip()
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _in_line(lines: Sequence[str], index: int) -> tuple[str, str] | None:
    line = lines[index]
    if re.match(r"[ ]*\t", line):
        return "sidecar.tab", line.strip()
    return _unspaced(line) or _wrong_value(line) or _indented(lines, index)


def _unspaced(line: str) -> tuple[str, str] | None:
    found = _NO_SPACE.fullmatch(line.rstrip())
    return ("sidecar.no_space", f"{found['key'].strip()}: {found['value']}") if found else None


def _unclosed(line: str) -> tuple[str, str] | None:
    """Say that a value's quotes do not come in pairs; anything else is no reason to look at an earlier line."""
    found = _wrong_value(line)
    return found if found and found[0] == "sidecar.quote" else None


def _wrong_value(line: str) -> tuple[str, str] | None:
    entry = _ENTRY.fullmatch(line.rstrip())
    value = (entry["value"] or "").strip() if entry else ""
    if not entry or not value:
        return None
    fixed = _requoted(line)
    if value[0] in _CURLY:
        return "sidecar.curly_quotes", fixed
    if value[0] in "'\"":
        return _wrong_quotes(value, fixed)
    if value[0] in "[{":
        return (
            ("sidecar.bracket", fixed)
            if value.count("[") != value.count("]") or value.count("{") != value.count("}")
            else None
        )
    if value[0] in _SPECIAL:
        return "sidecar.special", fixed
    return ("sidecar.colon", fixed) if re.search(r":(?:\s|$)", value) else None


def _wrong_quotes(value: str, fixed: str) -> tuple[str, str] | None:
    mark = value[0]
    inner = value[1:].partition(" #")[0].rstrip()
    if mark == '"' and re.search(r'\\[^\\"/abefnrtv0xuUNLP_ \t]|\\[xuU](?![0-9a-fA-F]{2})', inner):
        return "sidecar.backslash", fixed.replace("\\\\", "/")
    plain = inner.replace("''", "") if mark == "'" else re.sub(r"\\.", "", inner)
    return None if plain.endswith(mark) and plain.count(mark) == 1 else ("sidecar.quote", fixed)


def _indented(lines: Sequence[str], index: int) -> tuple[str, str] | None:
    """Say that a line stands further to the right than those it belongs to."""
    line = lines[index]
    before = next(
        (other for other in reversed(lines[:index]) if other.strip() and not other.lstrip().startswith("#")), ""
    )
    wrong = line[:1] == " " and _ENTRY.fullmatch(line.rstrip()) and not before.rstrip().endswith(":")
    return ("sidecar.indent", line.strip()) if wrong else None


def _requoted(line: str) -> str:
    """Return a line with its value in straight quotes, those that were there taken away."""
    key, _, value = line.strip().partition(":")
    bare = value.strip().strip(f"'\"{_CURLY}").strip().replace("\\", "\\\\").replace('"', '\\"')
    return f'{key.strip()}: "{bare}"'
