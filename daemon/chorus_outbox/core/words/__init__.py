"""The sentences people read: one catalogue a language, and how a problem becomes one of its sentences.

All texts stand in ``texts*.py`` (English) and ``locale/`` (translations, gettext); nothing else asks which language it
is. A problem never makes this module fail: a param that is missing shows as ``?``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Mapping

from chorus_outbox.core.fields import parse_amount
from chorus_outbox.core.problem import Problem

from .model import Sentence, Who, Words
from .shown import (
    LONGEST,
    amount_text,
    date_text,
    field_names_text,
    field_of,
    moment_text,
    plain,
    seconds_text,
    shortened,
    size_text,
    source_text,
    time_text,
    value_text,
)
from .texts import ENGLISH
from .translation import catalogue_of

_OPTIONAL = re.compile(r"\[([^][]*)\]")
CHANGES_MAX = 8  # of a recipient, told in one sentence
_PLACES = re.compile(r"\{(\w+)\}")
_DIGITS = re.compile(r"(?:\[0-9\]|\\d)\{([0-9]{1,2})(?:,([0-9]{1,2}))?\}")
_CADRE = re.compile(r"A[0-9]{1,2}_[A-Z_]+")
_MESSAGE_KEY = re.compile(r"[A-Z]{3}_MSG_[0-9._]+")


@functools.cache
def catalogue(language: str) -> Words:
    """Return the texts of a language (``fr``, ``en``).

    Raises:
        KeyError: When there is no such catalogue.

    """
    return catalogue_of(language, ENGLISH)


def render(words: Words, problem: Problem, longest: int = LONGEST) -> tuple[str, str]:
    """Return what is wrong and what to do now; each on one line, safe to show.

    When the problem knows its ``line`` (and ``file``), ``NOM.yaml, ligne 3 : `` comes first. No param is shown with more
    than ``longest`` characters.
    """
    sentence = words.problems[problem.code]
    texts = {name: shortened(text, longest) for name, text in _shown_params(words, problem).items()}
    what, place = fill(sentence.what, texts), _place(words, problem)
    if place and not what[1:2].isupper():  # SIRET and PISTE stay
        what = what[0].lower() + what[1:]
    return place + what, fill(sentence.do, texts)


def message(words: Words, problem: Problem) -> str:
    """Return both sentences on one line."""
    return " ".join(render(words, problem))


def fill(template: str, texts: Mapping[str, str]) -> str:
    """Put texts into a template: see ``Sentence``."""

    def kept(part: re.Match[str]) -> str:
        return part[1] if all(texts.get(name) for name in _PLACES.findall(part[1])) else ""

    return _PLACES.sub(lambda m: texts.get(m[1]) or "?", _OPTIONAL.sub(kept, template))


def _place(words: Words, problem: Problem) -> str:
    line, file = problem.params.get("line"), problem.params.get("file")
    if line and file:
        return words.report["file_and_line"].format(file=plain(file), line=plain(line))
    if line:
        return words.report["line"].format(line=plain(line))
    if file and problem.code.startswith("sidecar."):
        return words.report["file"].format(file=plain(file))
    return ""


def _shown_params(words: Words, problem: Problem) -> dict[str, str]:
    params = _with_key_beside_code(problem.params)
    texts = {name: _shown(words, problem, name, text) for name, text in params.items() if text}
    if name := field_of(problem):
        texts |= {"field": words.fields[name], "field_name": name}
    return texts


def _with_key_beside_code(params: Mapping[str, str]) -> Mapping[str, str]:
    """Return params in which a mere message key (``GDP_MSG_11.033``) stands with the code: nobody can read it."""
    key = params.get("label", "").strip()
    if not _MESSAGE_KEY.fullmatch(key):
        return params
    return {**params, "label": "", "code": ", ".join(text for text in (params.get("code"), key) if text)}


def _shown(words: Words, problem: Problem, name: str, text: str) -> str:
    if show := _SHOW.get(name):
        return show(words, text)
    if name in ("size", "limit") and problem.code.endswith("too_big"):
        return size_text(words, int(text)) if re.fullmatch(r"[0-9]{1,18}", text) else plain(text)
    if problem.code.startswith("totals."):
        amount = parse_amount(text)
        return plain(text) if amount is None else amount_text(words, amount, "")
    if name in ("value", "ours", "pdf", "chorus", "first", "second") and (about := field_of(problem)):
        return value_text(words, about, text, "")
    return plain(text)


def _status(words: Words, text: str) -> str:
    return words.statuses.get(text, plain(text))


def _kind(words: Words, text: str) -> str:
    return words.kinds.get(text, plain(text))


def _api(words: Words, text: str) -> str:
    del words
    return f"« {plain(text).capitalize()} »" if text.isalpha() else plain(text)


def _changes(words: Words, text: str) -> str:
    try:
        pairs = [(str(kind), str(service)) for kind, service in json.loads(text)]
    except (ValueError, TypeError):
        return plain(text)
    told = [fill(words.recipient.get(f"change.{kind}", kind), {"service": plain(service)}) for kind, service in pairs]
    more = [words.recipient["change.more"]] if len(told) > CHANGES_MAX else []
    return words.recipient["change.and"].join([*told[:CHANGES_MAX], *more])


def _seconds(words: Words, text: str) -> str:
    if text in ("0", "1"):  # nobody said how long, or it is over before this is read
        return ""
    return seconds_text(words, int(text)) if re.fullmatch(r"[0-9]{1,9}", text) else plain(text)


def _pattern(words: Words, text: str) -> str:
    """Show the usual shapes of engagement numbers in words; of another regular expression nothing, for nobody reads it."""
    shape = _DIGITS.fullmatch(text)
    if shape is None:
        return ""
    least, most = shape[1], shape[2] or shape[1]
    return fill(
        words.report["digits" if least == most else "digits_between"], {"count": least, "least": least, "most": most}
    )


def _cadre(words: Words, text: str) -> str:
    """Show a billing frame as people call it: ``A9``."""
    del words
    return plain(text.partition("_")[0] if _CADRE.fullmatch(text) else text)


_SHOW: Mapping[str, Callable[[Words, str], str]] = {
    "status": _status,
    "api": _api,
    "changes": _changes,
    "kind": _kind,
    "label": _status,
    "pattern": _pattern,
    "cadre": _cadre,
    "seconds": _seconds,
    "source": source_text,
    "first_source": source_text,
    "second_source": source_text,
    "when": moment_text,
    "until": moment_text,
    "today": moment_text,
    "lacks": field_names_text,
    "differs": field_names_text,
}

__all__ = [
    "LONGEST",
    "Sentence",
    "Who",
    "Words",
    "amount_text",
    "catalogue",
    "date_text",
    "field_of",
    "fill",
    "message",
    "moment_text",
    "plain",
    "render",
    "size_text",
    "source_text",
    "time_text",
    "value_text",
]
