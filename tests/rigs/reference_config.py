"""The reference's table of configuration keys: types, bounds and defaults by pydantic, meanings by the example's comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.functional_validators import AfterValidator, BeforeValidator
from reference_markdown import code, one_of, table, word
from reference_texts import TYPES, Both

from chorus_outbox.config_model import Settings
from chorus_outbox.config_text import example_text

EXAMPLE_KEY = re.compile(r"( *)#?([A-Za-z_][A-Za-z0-9_-]*):(?: |$)")
BETWEEN = " / "  # French / English, in the comments of the example
LISTS = ("_patterns", "_addresses")  # what reads a whole list
ANY_NAME = "NAME"  # stands for the recipients' own names


def meanings() -> Mapping[str, Both]:
    """Return what the comment above each key of the example says, by dotted name."""
    found: dict[str, Both] = {}
    place: list[tuple[int, str]] = []
    said: list[str] = []
    for line in example_text().splitlines():
        if re.match(r" *# ", line):
            said.append(line.strip().removeprefix("#").strip())
            continue
        if key := EXAMPLE_KEY.match(line):
            depth = len(key[1])
            place = [p for p in place if p[0] < depth] + [(depth, key[2])]
            french, _, english = " ".join(said).partition(BETWEEN)
            found[_dotted([name for _, name in place])] = english.strip(), french.strip()
        said = []
    return found


def _dotted(names: list[str]) -> str:
    book = names[0] == "recipients" and len(names) > 1
    return ".".join(["recipients", ANY_NAME, *names[2:]] if book else names)


def keys() -> Iterator[tuple[str, FieldInfo]]:
    """Yield every key with what pydantic knows of it, sections before what stands in them."""
    yield from _keys_of(Settings, "")


def _keys_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for field, about in model.model_fields.items():
        name = about.alias or field
        yield f"{prefix}{name}", about
        parts = list(_parts(about.annotation))
        inner = next((p for p in parts if isinstance(p, type) and issubclass(p, BaseModel)), None)
        if inner:
            own = f"{ANY_NAME}." if dict in parts else ""
            yield from _keys_of(inner, f"{prefix}{name}.{own}")


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield every type and every mark that an annotation is made of, outermost first."""
    yield get_origin(annotation) or annotation
    for part in get_args(annotation):
        if not isinstance(part, str):
            yield from _parts(part)
    yield from getattr(annotation, "__metadata__", ())


def configuration(language: str) -> str:
    """Return the table of every configuration key."""
    known = meanings()
    rows = ((code(k), _type(k, a, language), _default(a, language), one_of(known[k], language)) for k, a in keys())
    return table("configuration", rows, language)


def _type(key: str, about: FieldInfo, language: str) -> str:
    parts = [*_parts(about.annotation), *about.metadata]
    parts += [mark for part in parts for mark in getattr(part, "metadata", ())]  # Field(...) inside Annotated
    named, bounds = _named(key, parts, language), _bounds(parts, language)
    return f"{named}, {bounds}" if bounds else named


def _named(key: str, parts: Sequence[Any], language: str) -> str:
    choices = next((get_args(p) for p in _literals(key)), ())
    if choices:
        return ", ".join(map(str, choices))
    readers = [p.func.__name__ for p in parts if isinstance(p, BeforeValidator | AfterValidator)]
    if named := [name for name in readers if name in TYPES]:
        told = one_of(TYPES[named[-1]], language)
        several = (tuple in parts or list in parts) and named[-1] not in LISTS
        return word("list_of", language, told) if several else told
    if readers:
        raise KeyError(f"reference_texts.TYPES has no words for {readers[0]} (configuration key {key})")
    if any(isinstance(p, type) and issubclass(p, BaseModel) for p in parts):
        return word("section", language)
    plain = next(p.__name__ for p in parts if isinstance(p, type))
    return one_of(TYPES[plain], language)


def _literals(key: str) -> Iterator[Any]:
    """Yield the ``Literal`` that a key must be, if it must."""
    annotation = dict(keys())[key].annotation
    options = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    yield from (option for option in options if get_origin(option) is Literal)


def _bounds(parts: Sequence[Any], language: str) -> str:
    low = next((p.ge for p in parts if isinstance(p, Ge)), None)
    above = next((p.gt for p in parts if isinstance(p, Gt)), None)
    high = next((p.le for p in parts if isinstance(p, Le)), None)
    if low is not None:
        return word("from", language, low, high)
    return "" if above is None else word("above", language, above, high)


def _default(about: FieldInfo, language: str) -> str:
    value = about.default
    if about.is_required():
        return word("always", language)
    match value:
        case None:
            return word("none", language)
        case bool():
            return code(str(value).lower())
        case tuple():
            return "<br>".join(code(text) for text in value)
        case BaseModel() | dict():
            return ""
        case _:
            return code(str(value))
