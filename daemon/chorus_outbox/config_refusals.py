"""How a refused configuration is worded: what pydantic found, in an administrator's words, with place and line."""

from __future__ import annotations

import difflib
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from .config_model import Settings

Lines = dict[tuple[str, ...], int]
"""Keys on the way to a value -> line in the file, from 1."""


def validated(tree: dict[str, Any], lines: Lines) -> tuple[Settings | None, list[str]]:
    """Return the settings, or None with a sentence for each refusal: its place, and what is allowed there."""
    try:
        return Settings.model_validate(tree), []
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return None, [_sentence(e["type"], e["msg"], tuple(str(p) for p in e["loc"]), lines) for e in found]


def _sentence(kind: str, message: str, loc: tuple[str, ...], lines: Lines) -> str:
    match kind:
        case "missing":
            said = "is missing"
        case "extra_forbidden":
            said = "is not a known key" + did_you_mean(loc[-1], _known_keys(loc[:-1]))
        case "model_type" | "dict_type":
            said = "must be a section of `key: value` lines"
        case "tuple_type":
            said = "must be a list"
        case _:
            said = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{where(loc, lines)}: {said}"


def where(loc: tuple[str, ...], lines: Lines) -> str:
    """Return a place as ``pickup.quiet_seconds (line 12)``."""
    line = lines.get(loc)
    return ".".join(loc) + (f" (line {line})" if line else "")


def _known_keys(loc: tuple[str, ...]) -> list[str]:
    """Return the keys that a section may have."""
    model: type[BaseModel] = Settings
    for name in loc:
        if name in model.model_fields:
            annotation = model.model_fields[name].annotation
            inner = [annotation, *get_args(annotation)]
            model = next((a for a in inner if isinstance(a, type) and issubclass(a, BaseModel)), model)
    return [about.alias or name for name, about in model.model_fields.items()]


def did_you_mean(key: str, known: list[str]) -> str:
    """Return the end of a sentence about an unknown key."""
    near = difflib.get_close_matches(key.lower(), known, n=1)
    return f" (did you mean {near[0]}?)" if near else f"; known are: {', '.join(known)}"
