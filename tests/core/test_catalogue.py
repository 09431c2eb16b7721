"""The translations: complete, in step with the English texts, compiled; found by gettext's own means."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po
from catalogue import compiled, files, in_step, messages, text_of

from chorus_outbox.core.words import catalogue
from chorus_outbox.core.words.texts import ENGLISH
from chorus_outbox.core.words.translation import LANGUAGES

FILES = [pytest.param(path, id=path.parent.parent.name) for path in files()]


def read(path: Path) -> Catalog:
    return read_po(io.BytesIO(path.read_bytes()), locale=path.parent.parent.name)


def test_every_language_but_the_source_has_its_file() -> None:
    """A configuration may name no language that nobody has translated."""
    assert {path.parent.parent.name for path in files()} | {ENGLISH.language} == set(LANGUAGES)


@pytest.mark.parametrize("path", FILES)
def test_the_translations_are_in_step(path: Path) -> None:
    """`make catalogue` would change nothing: each English text has its translation, none is doubtful or left over."""
    assert text_of(in_step(read(path))) == path.read_bytes()
    assert [m.context for m in read(path) if m.id and (m.fuzzy or not m.string)] == []


@pytest.mark.parametrize("path", FILES)
def test_the_compiled_catalogue_is_the_one_that_is_read(path: Path) -> None:
    """The .mo file beside the translations is made from them."""
    assert path.with_suffix(".mo").read_bytes() == compiled(path.read_bytes(), path.parent.parent.name)


@pytest.mark.parametrize("path", FILES)
def test_a_translation_speaks_of_the_same_things(path: Path) -> None:
    """No translation drops or invents a place to be filled in."""

    def places(text: object) -> set[str]:
        return set(re.findall(r"\{\w+\}", str(text)))

    assert [m.context for m in read(path) if m.id and places(m.id) != places(m.string)] == []


def test_a_changed_text_asks_for_its_translation_again() -> None:
    """When an English text changes, its old translation is kept but marked; a new text waits for one; an old one goes."""
    place, text = next(iter(messages().items()))
    old = Catalog("fr", fuzzy=False)
    old.add("What it said before.", "Ce que cela disait.", context=place)
    old.add("Gone.", "Parti.", context="no.such.place")
    new = {m.context: m for m in in_step(old) if m.id}
    assert (new[place].id, new[place].string, new[place].fuzzy) == (text, "Ce que cela disait.", True)
    assert set(new) == set(messages())
    assert sum(not m.string for m in new.values()) == len(new) - 1


def test_french_and_english_differ() -> None:
    """The compiled French is really read: it is not the English that gettext falls back on."""
    assert catalogue("fr").problems["file.empty"].what == "Le fichier est vide : il ne contient rien."
    assert catalogue("en") == ENGLISH
