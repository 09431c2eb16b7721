"""How the English texts become another language: gettext, each text found by its place.

The place (``problems.siret.format.what``) is the context of a message, the English text its id: a text that is changed
needs its translation looked at again, and two that happen to be alike stay two. ``make catalogue`` keeps the files of
``locale/`` in step. The only file that this package reads is its own catalogue, as an import would.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from enum import Enum
from pathlib import Path
from typing import Any

from .model import Sentence, Words

DOMAIN = "chorus_outbox"
LOCALE = Path(__file__).parents[2] / "locale"
LANGUAGES = ("fr", "en")

Translate = Callable[[str, str], str]
"""(place, English text) -> text."""


def catalogue_of(language: str, english: Words) -> Words:
    """Return all texts in a language.

    Raises:
        KeyError: When it is none of ``LANGUAGES``.

    """
    if language not in LANGUAGES:
        raise KeyError(language)
    source = language == english.language
    found = gettext.translation(DOMAIN, str(LOCALE), [language], fallback=source)
    return replace(translated(english, found.pgettext), language=language)


def translated(words: Words, translate: Translate) -> Words:
    """Return the same texts, each given to ``translate`` with its place."""
    parts = {f.name: getattr(words, f.name) for f in fields(words) if f.name != "language"}
    return replace(words, **{name: _translated(name, part, translate) for name, part in parts.items()})


def _translated(place: str, part: Any, translate: Translate) -> Any:
    match part:
        case str():
            return translate(place, part)
        case Sentence(what, do):
            return Sentence(translate(f"{place}.what", what), translate(f"{place}.do", do))
        case tuple():
            return tuple(translate(f"{place}.{number}", text) for number, text in enumerate(part))
        case Mapping():
            return {key: _translated(f"{place}.{_name(key)}", value, translate) for key, value in part.items()}
    raise TypeError(place)


def _name(key: object) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)
