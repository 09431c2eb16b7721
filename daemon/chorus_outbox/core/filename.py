"""The grammar of file names: templates such as ``{numero}_{siret}_{engagement}`` -> what a name says.

The rules, in order:

1. A copy's suffix (``NAME (2)``) says nothing. A name that fits no template says nothing: ``scan`` is no number.
2. A ``{siret}`` is 14 digits. No other value but the number may hold a separator of its template.
3. ``__`` may stand for every ``_`` of a template; values may then hold a single ``_``.
4. First all templates are tried with no ``_`` in any value; only if none fits may the number alone hold ``_``.
5. The first template that fits decides which fields the name gives. Another one that gives the same fields with
   other values makes the name ambiguous: it is refused with both readings shown, never guessed.

Which file belongs to which stands in ``names.py`` (``pair_key`` and ``split_attachment`` are only handed on here);
whether the values are right is not asked.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from .draft import Draft, Source
from .fields import BY_NAME, FIELDS, SIDECAR_ONLY, FieldValue, Shape, read, show
from .names import attachment_of as split_attachment
from .names import pair_key
from .problem import Problem

DEFAULT_PATTERNS = (
    "{siret}_{service}_{engagement}_{numero}",
    "{siret}_{engagement}_{numero}",
    "{numero}_{siret}_{service}_{engagement}",
    "{numero}_{siret}_{engagement}",
    "{numero}_{siret}",
)

_FIELD = re.compile(r"\{(\w+)\}")
_COPY = re.compile(r"\s*\([0-9]{1,3}\)$")
_SURROGATE = re.compile("[\ud800-\udfff]")  # a name whose bytes are no UTF-8
_LISTS = (Shape.VAT_LINES, Shape.NAMES)
_DOUBLED = "\x1f"  # stands for `__` while matching; no file name of a share holds it

Reading = Mapping[str, FieldValue]


def read_filename(stem: str, patterns: Sequence[str] = DEFAULT_PATTERNS) -> Draft:
    """Read a file's name.

    Args:
        stem: The name without its extension.
        patterns: Templates, the first that fits deciding; ``check_patterns`` must have nothing to say of them.

    Returns:
        A draft: empty when no template fits, with ``filename.ambiguous`` when two do and disagree.

    """
    stem = _COPY.sub("", unicodedata.normalize("NFC", stem).strip())
    if _SURROGATE.search(stem) or _DOUBLED in stem:
        return Draft(Source.FILENAME)
    readings = _readings(stem, patterns)
    if not readings:
        return Draft(Source.FILENAME)
    first = readings[0]
    for other in readings[1:]:
        if other.keys() == first.keys() and other != first:
            both = {"first": _in_words(first), "second": _in_words(other)}
            return Draft(Source.FILENAME, problems=(Problem("filename.ambiguous", both),))
    return Draft(Source.FILENAME, first)


def check_patterns(patterns: Iterable[str]) -> list[str]:
    """Say, in English for the administrator, what is wrong with templates; an empty list when nothing is."""
    return [f"{pattern!r}: {why}" for pattern in patterns for why in _faults(pattern)]


def _readings(stem: str, patterns: Sequence[str]) -> list[Reading]:
    """Return the readings of all templates that fit, by the first of rules 3, 4 and 4 again that gives any."""
    if "__" in stem and "___" not in stem:  # `___`: which of the three is part of a value?
        doubled = stem.replace("__", _DOUBLED)
        if found := _fits(doubled, patterns, mark=_DOUBLED, free_number=False):
            return found
    strict = _fits(stem, patterns, mark="_", free_number=False)
    return strict or _fits(stem, patterns, mark="_", free_number=True)


def _fits(stem: str, patterns: Sequence[str], *, mark: str, free_number: bool) -> list[Reading]:
    readings = (_reading(stem, pattern, mark, free_number) for pattern in patterns)
    return [reading for reading in readings if reading]


def _reading(stem: str, pattern: str, mark: str, free_number: bool) -> Reading | None:
    """Return what a name says by one template, ``mark`` standing for its ``_``; None when it does not fit.

    There is never more than one way to cut a name: nothing but one value can hold a separator.
    """
    literals, names = _split(pattern)
    literals = [literal.replace("_", mark) for literal in literals]
    separators = {c for literal in literals for c in literal if not c.isalnum()} | {mark}
    parts = [re.escape(literals[0])]
    for name, literal in zip(names, literals[1:], strict=True):
        parts += [_value_pattern(name, mark, separators, free_number), re.escape(literal)]
    match = re.fullmatch("".join(parts), stem)
    if not match:
        return None
    values = {name: read(name, text) for name, text in zip(names, match.groups(), strict=True)}
    good = {name: value for name, value in values.items() if value and not isinstance(value, Problem)}
    return good if len(good) == len(values) else None


def _value_pattern(name: str, mark: str, separators: Iterable[str], free_number: bool) -> str:
    if FIELDS[name].shape is Shape.SIRET:
        return "([0-9]{14})"
    if name != "numero":
        return f"([^{re.escape(''.join(sorted(separators)))}]+)"
    return r"([\s\S]+)" if free_number else f"([^{mark}]+)"


def _split(pattern: str) -> tuple[list[str], list[str]]:
    """Return the literal texts of a template, and the canonical names of the fields between them."""
    parts = _FIELD.split(unicodedata.normalize("NFC", pattern))
    return parts[::2], [BY_NAME[name] for name in parts[1::2]]


def _faults(pattern: str) -> list[str]:
    given = _FIELD.findall(pattern)
    if unknown := [name for name in given if name not in BY_NAME]:
        return [f"unknown field {name!r}{_did_you_mean(name)}" for name in unknown]
    literals, names = _split(pattern)
    faults = []
    if not names:
        faults.append("it names no field, such as {numero}")
    if any(c in "{}" for literal in literals for c in literal):
        faults.append("a brace without its partner")
    if any("/" in literal or "\\" in literal for literal in literals):
        faults.append("a file name can't hold / or \\")
    faults += [f"field {name!r} occurs twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    faults += [f"field {name!r} is a list, it can't stand in a name" for name in names if FIELDS[name].shape in _LISTS]
    faults += [f"field {name!r} can stand in a sidecar only" for name in names if name in SIDECAR_ONLY]
    for left, right, literal in zip(names, names[1:], literals[1:-1], strict=False):
        if all(c.isalnum() for c in literal):
            faults.append(f"no separator between {left!r} and {right!r}")
    return faults


def _did_you_mean(name: str) -> str:
    near = difflib.get_close_matches(name.casefold(), BY_NAME, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _in_words(reading: Reading) -> str:
    return ", ".join(f"{name}={show(reading[name])}" for name in FIELDS if name in reading)


__all__ = ["DEFAULT_PATTERNS", "check_patterns", "pair_key", "read_filename", "split_attachment"]
