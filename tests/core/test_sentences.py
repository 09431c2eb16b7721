"""Reads every sentence in both languages, as far as a machine can: the rest is for a person (``make sentences``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

import pytest
from sentences import example, heads, story

from chorus_outbox.core.problem import CODES, Problem, Weight
from chorus_outbox.core.report import log_text
from chorus_outbox.core.words import Sentence, Words, catalogue, render

FR, EN = catalogue("fr"), catalogue("en")
BOTH = [pytest.param(FR, id="fr"), pytest.param(EN, id="en")]
LONGEST = 420  # characters of both sentences of a problem, with ordinary params: six lines of a letter
HOSTILE = "\u202e<script>{line}[{x}]\n\x1b[31m\"'; =cmd|' /C calc'!A0 \ud800"
FREE_OF_RULES = ("fields", "decimal", "thousands", "units.")  # places of mere words and marks


def texts(words: Words) -> Iterator[tuple[str, str]]:
    """Yield each text of a language with its place."""
    for part in fields(words):
        value = getattr(words, part.name)
        for key, text in value.items() if isinstance(value, dict) else ():
            sentence = {"what": text.what, "do": text.do} if isinstance(text, Sentence) else {"": text}
            for end, one in sentence.items():
                yield f"{part.name}.{key}.{end}".rstrip("."), one


def bare(text: str) -> str:
    """Return a template without its params and marks: what a reader sees of it in any case."""
    return re.sub(r"\{\w+\}", "X", text).replace("[", "").replace("]", "")


@pytest.mark.parametrize("words", BOTH)
@pytest.mark.parametrize("code", CODES)
def test_sentences_are_short(words: Words, code: str) -> None:
    """What is wrong and what to do fit into a few lines."""
    assert len(" ".join(render(words, example(code)))) <= LONGEST


@pytest.mark.parametrize("words", BOTH)
@pytest.mark.parametrize("code", CODES)
def test_hostile_params_leave_no_mark_of_a_template(words: Words, code: str) -> None:
    """Whatever stands in the params, each sentence is one printable line in which every place was filled."""
    sentence = words.problems[code]
    names = re.findall(r"\{(\w+)\}", f"{sentence.what} {sentence.do}")
    problem = Problem(code, dict.fromkeys((*names, "file", "line"), HOSTILE))
    for text in render(words, problem):
        assert text.isprintable()
        assert not set(re.findall(r"\{(\w+)\}", text)) - {"line", "x"}  # those two are the stranger's own
        assert re.search(r"[.»”]$", text)


@pytest.mark.parametrize("words", BOTH)
def test_no_two_problems_are_told_alike(words: Words) -> None:
    """Two problems with one sentence would be one problem."""
    whats: dict[str, str] = {}
    for code, sentence in words.problems.items():
        assert whats.setdefault(sentence.what, code) == code


IMPERATIVE = re.compile(r"(?:Ne (?:l[ae] )?\w|N'\w|[A-ZÉ])\w*ez\b")
BEFORE_IT = re.compile(r"(?:Si|S'il|À la ligne|Sous|Pour) .*?, (?=\w)")


@pytest.mark.parametrize("code", CODES)
def test_french_remedies_say_what_to_do(code: str) -> None:
    """The remedy begins with what to do (perhaps after the case or the place), or says that there is nothing to do."""
    do = re.sub(r"^\[[^]]*\]", "", FR.problems[code].do)
    if not do.startswith(("Rien", "Il n'y a rien à faire")):
        rest = BEFORE_IT.sub("", do, count=1) if BEFORE_IT.match(do) else do
        assert IMPERATIVE.match(rest[0].upper() + rest[1:]), do


VERBS = [
    "Add",
    "Allow",
    "Ask",
    "Begin",
    "Check",
    "Choose",
    "Close",
    "Compare",
    "Copy",
    "Correct",
    "Delete",
    "Deposit",
    "Do",
    "Drop",
    "Fill",
    "Give",
    "Issue",
    "Keep",
    "Look",
    "Make",
    "Mark",
    "Name",
    "Nothing",
    "Open",
    "Press",
    "Put",
    "Remove",
    "Rename",
    "Replace",
    "Save",
    "Set",
    "Shorten",
    "Show",
    "Simply",
    "Sign",
    "Take",
    "Tell",
    "Use",
    "Wait",
    "Write",
]


@pytest.mark.parametrize("code", CODES)
def test_english_remedies_say_what_to_do(code: str) -> None:
    """The same in English."""
    do = re.sub(r"^\[[^]]*\]", "", EN.problems[code].do)
    if not do.startswith("There is nothing to do"):
        rest = re.sub(r"^(?:If|On the line|Under|To) .*?, (?=\w)", "", do) if re.match(r"If|On|Under|To ", do) else do
        assert re.split(r"\W", rest[0].upper() + rest[1:])[0] in VERBS, do


def test_french_typography() -> None:
    """A plain space before : ; ! ? and inside « », none before , and . ; straight quotes only around what is to be typed.

    What is to be typed (« siret: 123 ») has its colon as the file wants it.
    """
    for place, template in texts(FR):
        if place.startswith(FREE_OF_RULES):
            continue
        text = bare(template)
        outside = re.sub(r"« [^»]* »|\w+: \"[^\"]*\"|numero: FA-2026-001", "« X »", text)
        assert not re.search(r"[^\s][:;!?](?=\s|$)", outside), (place, text)
        assert not re.search(r"\s[,.](?!yaml|pdf|prom)", outside), (place, text)
        assert not re.search(r"«(?! )|(?<! )»", text), (place, text)
        assert not re.search("[\u00a0\u202f“”…]|\\.\\.\\.", text), (place, text)
        assert not re.search(r"\S  +\S", outside), (place, text)
        assert '"' not in outside, (place, text)


FRENCH_WORDS = [
    "facture",
    "avoir",
    "fichier",
    "dossier",
    "ligne",
    "le",
    "les",
    "des",
    "une",
    "est",
    "dans",
    "pour",
    "avec",
    "vous",
    "votre",
    "pas",
    "sur",
    "que",
]


def test_english_is_english() -> None:
    """No French word stands in English but between quotes or brackets: names of fields, of screens, of statuses."""
    for place, template in texts(EN):
        text = re.sub(r"“[^”]*”|\([^)]*\)|`[^`]*`", "", bare(template))
        words = re.findall(r"[^\W\d_]+", text.lower())
        assert not set(words) & set(FRENCH_WORDS), (place, template)
        assert text.isascii() or not re.search("[à-ÿ]", text), (place, template)


ENGLISH_WORDS = [
    "the",
    "and",
    "not",
    "with",
    "your",
    "this",
    "that",
    "invoice",
    "file",
    "missing",
    "wrong",
    "please",
    "check",
    "error",
    "failed",
    "line",
    "value",
]


def test_french_is_french_everywhere() -> None:
    """No English word stands in French but between quotes: names of folders and settings."""
    for place, template in texts(FR):
        text = re.sub(r"« [^»]* »|\([^)]*\)|« [^»]*$", "", bare(template))
        assert not set(re.findall(r"[^\W\d_]+", text.lower())) & set(ENGLISH_WORDS), (place, template)


JARGON = r"\b(?:hash|json|http|https|url|sql|scalar|mapping|token|timeout|exception|null|utf-16|regex|stack|endpoint|spool|payload)\b"


@pytest.mark.parametrize("words", BOTH)
def test_problems_hold_no_jargon_and_no_command(words: Words) -> None:
    """Nobody who reads a log opens a terminal; what programs talk about stands in brackets at the end."""
    for code, sentence in words.problems.items():
        told = bare(f"{sentence.what} {sentence.do}")
        assert not re.search(JARGON, told, re.IGNORECASE), (code, told)
        assert not re.search(
            r"chorus-outbox|terminal|sudo|systemctl|\s--\w|`|(?<!\.)\byaml\b(?!\.)", told, re.IGNORECASE
        ), (
            code,
            told,
        )
        for technical in re.findall(r"\{(?:code|detail)\}.*", sentence.what):
            assert re.fullmatch(r"\{\w+\}\)\]\.", technical), (code, sentence.what)


@pytest.mark.parametrize("words", BOTH)
def test_what_the_administrator_must_do_is_sent_to_them(words: Words) -> None:
    """Credentials, addresses and disks are nothing that a clerk can set right."""
    addressed = re.compile(r"administrateur|gestionnaire principal|administrator|principal manager")
    for code in CODES:
        if code.startswith(("password.", "outage.")):
            do = words.problems[code].do
            assert addressed.search(do) or do.startswith(("Rien", "Nothing")), code


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_log_begins_with_three_lines(language: str) -> None:
    """Result, who refused (or to whom), what to do: whatever the problem, in this order, and nothing else."""
    words = catalogue(language)
    labels = [words.report["who"].partition("{")[0], words.report["do"].partition("{")[0]]
    for code, weight in CODES.items():
        lines = log_text(story(code), words).split("\n")
        assert lines[3] == "", code
        if weight is not Weight.NOTE:
            assert [line.startswith(label) for line, label in zip(lines[1:3], labels, strict=True)] == [True, True], (
                code
            )
        asked = re.sub(r"Vouliez-vous écrire « [^»]* » \?|mean “[^”]*”\?", "", "".join(lines[:3]))
        assert "?" not in asked, code


def test_the_reader_is_given_everything() -> None:
    """``make sentences`` prints each code once in each language."""
    for language in ("fr", "en"):
        assert [text.split("\n")[0] for text in heads(language)] == [f"--- {code}" for code in CODES]
