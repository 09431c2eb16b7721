"""What must hold of everything that the readers return, whatever they were given. Raises ``Broken`` where it does not.

The same checks serve every target of ``fuzz.py`` and its short form in ``test_rig_fuzz.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from chorus_outbox.core.draft import Draft
from chorus_outbox.core.fields import FIELDS, FieldValue, restore, show
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.prefilled import prefilled_sidecar
from chorus_outbox.core.problem import CODES, Problem, Weight
from chorus_outbox.core.report import Happening, Story, encode_log, log_text
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.core.words import Words, catalogue, render

LANGUAGES = tuple(catalogue(language) for language in ("fr", "en"))
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LEDGER_MAX = 2**63  # SQLite's integers end here
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNREADABLE = ("encoding", "syntax", "anchor", "tag", "documents", "depth", "not_mapping", "too_big", "duplicate_key")


class Broken(Exception):  # noqa: N818 - what is broken is a promise
    """A promise that does not hold; the message says which."""


def must(holds: object, promise: str) -> None:
    """Raise when a promise does not hold."""
    if not holds:
        raise Broken(promise)


def text_holds(text: str) -> None:
    """Check that a text can be written anywhere: no lone surrogate."""
    must(not _SURROGATE.search(text), f"no lone surrogate: {text[:80]!r}")


def line_holds(text: str) -> None:
    """Check that a text for people is one printable line."""
    must(text, "a sentence is not empty")
    must(all(c.isprintable() for c in text), f"a sentence is one printable line: {text[:200]!r}")


def problems_hold(problems: Iterable[Problem]) -> None:
    """Check that codes are known, params are texts, and there is a sentence in both languages."""
    for problem in problems:
        must(problem.code in CODES, f"a known code: {problem.code}")
        must(all(isinstance(text, str) for text in problem.params.values()), f"params are texts: {problem}")
        for words in LANGUAGES:
            for sentence in render(words, problem):
                line_holds(sentence)


def value_holds(name: str, value: FieldValue) -> None:
    """Check that a value can be kept: the ledger's text gives it back, and nothing in it is odd."""
    if isinstance(value, Decimal):
        must(value.is_finite(), f"a finite amount: {name} = {value}")
    written = show(value)
    text_holds(written)
    must(restore(name, written) == value, f"restored as it was: {name} = {value!r} -> {written!r}")


def draft_holds(draft: Draft) -> None:
    """Check what one source says."""
    problems_hold(draft.problems)
    for name, value in draft.values.items():
        must(name in FIELDS, f"a known field: {name}")
        value_holds(name, value)


def understood_holds(understood: Understood, file: str, words: Words) -> None:
    """Check what all sources say together, and all that people get to read of it in one language."""
    problems_hold(understood.problems)
    for name, known in understood.fields.items():
        value_holds(name, known.value)
    failed = any(p.weight in (Weight.STOP, Weight.LACK) for p in understood.problems)
    must(failed == (understood.invoice is None), "an invoice exactly when nothing stops it")
    story = Story(
        file, "failed", understood.problems, understood.fields, (Happening(NOW, "refused", {"detail": file}),)
    )
    log = encode_log(log_text(story, words))
    must(log.decode("utf-8-sig").count("\r\n") >= 3, "a log has its three lines")
    again = read_sidecar(
        encode_log(prefilled_sidecar(file, understood.fields, understood.problems, words)), "again.yaml"
    )
    draft_holds(again)
    odd = [p for p in again.problems if p.code.removeprefix("sidecar.") in _UNREADABLE]
    must(not odd, f"the pre-filled sidecar is readable: {odd}")
    _values_come_back(understood, again)


def _values_come_back(understood: Understood, again: Draft) -> None:
    """Check that dates and amounts stand in the pre-filled sidecar as they were understood."""
    for name, known in understood.fields.items():
        value = again.values.get(name)
        if isinstance(known.value, date | Decimal):
            must(value == known.value, f"pre-filled as understood: {name} = {known.value!r}, not {value!r}")


def answer_holds(value: Any) -> None:
    """Check that no text anywhere in an answer of Chorus Pro is odd."""
    match value:
        case str():
            text_holds(value)
        case Mapping():
            for key, part in value.items():
                text_holds(key)
                answer_holds(part)
        case list() | tuple():
            for part in value:
                answer_holds(part)
        case _:
            pass


def row_holds(row: Any) -> None:
    """Check that the fields of a receipt, a search's row, a service or an analysis can be kept."""
    for name, value in vars(row).items() if row is not None else ():
        if isinstance(value, str):
            text_holds(value)
        if isinstance(value, int):
            must(-LEDGER_MAX <= value < LEDGER_MAX, f"a number that the ledger can hold: {name} = {value}")
        if isinstance(value, Decimal):
            must(value.is_finite(), f"a finite amount: {name} = {value}")
