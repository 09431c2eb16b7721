"""The text of ``NAME.log``: what happened, who refused, what to do now, then all that stands behind it.

The first three lines stand in ``loghead.py``. It holds no sentence of its own (``words/``), and does not know where the
file is written.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from .fields import FIELDS
from .loghead import causes, head, short_name, shown_at_most, status_text
from .problem import Problem, Weight
from .story import SITUATIONS, Happening, Known, Situation, Sourced, Story
from .words import Words, fill, moment_text, plain, render, source_text, time_text, value_text

_OTHER_BREAKS = dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), " ")
WIDTH = 110  # characters of a line of a long text
FULL_MAX = 10_000  # characters: more than anything that the program keeps
_INDENT = "   "  # nothing of a stranger's stands at the beginning of a line, where the headings are
_FULL = {"comment": "full_comment", "label": "full_label", "known": "full_known", "allowed": "full_known"}


def log_text(story: Story, words: Words) -> str:
    """Return the text of the log, lines ending in a line feed."""
    sections = (head(story, words), *_sections(story, words))
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def brief(story: Story, words: Words) -> list[str]:
    """Return what a message says of it, in the words of its log: the result, what to do, each point to correct."""
    result, _, remedy = head(story, words)[:3]
    return [result, remedy, *_numbered(story, words)]


def encode_log(text: str) -> bytes:
    """Encode a text for people (log, pre-filled sidecar) so that Windows Notepad shows it right: UTF-8, BOM, CRLF.

    Whatever is invisible but a line break becomes U+FFFD or a space, lone surrogates included.
    """
    text = text.replace("\r\n", "\n").translate(_OTHER_BREAKS)
    safe = "".join(c if c.isprintable() or c in "\n\xa0\u202f" else "\ufffd" for c in text)
    return safe.replace("\n", "\r\n").encode("utf-8-sig")


def _sections(story: Story, words: Words) -> list[list[str]]:
    told = (
        ("problems", _numbered(story, words)),
        *_in_full(story),
        ("notes", [" ".join(render(words, p)) for p in story.problems if p.weight is Weight.NOTE]),
        ("understood", _understood(story, words)),
        ("timeline", [line for event in story.events for line in _happened(words, event)]),
        ("proof", _proof(story, words)),
    )
    return [[words.report[heading], *lines] for heading, lines in told if lines]


def _numbered(story: Story, words: Words) -> list[str]:
    found = causes(story)
    lines = []
    for number, problem in enumerate(found, 1):
        what, do = render(words, problem)
        lines += [f"{number}. {what}", fill(words.report["fix"], {"do": do})]
    return lines if len(found) > 1 else []


def _in_full(story: Story) -> list[tuple[str, list[str]]]:
    """Return what was too long for the lines above, in full: the customer's reason first of all."""
    found: dict[str, list[str]] = {}
    for name, text in _long_texts(causes(story), shown_at_most(story)):
        found.setdefault(_FULL.get(name, "full"), []).append(text)
    if short_name(story.file) != plain(story.file):
        found.setdefault("full", []).append(story.file)
    headings = dict.fromkeys((*_FULL.values(), "full"))
    texts = ((heading, dict.fromkeys(found.get(heading, ()))) for heading in headings)
    return [(heading, [line for text in once for line in _paragraphs(text)]) for heading, once in texts]


def _long_texts(problems: list[Problem], shown: int) -> Iterator[tuple[str, str]]:
    for problem in problems:
        for name, text in problem.params.items():
            if len(plain(text, FULL_MAX)) > shown or (name in ("comment", "label") and len(text.splitlines()) > 1):
                yield name, text


def _paragraphs(text: str) -> list[str]:
    """Return a long text of a stranger's in lines that can't be taken for ours; its own paragraphs stay."""
    plained = (plain(part, FULL_MAX) for part in text.splitlines())
    return [
        line
        for part in plained
        if part
        for line in textwrap.wrap(part, WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
    ]


def _understood(story: Story, words: Words) -> list[str]:
    devise = story.fields.get("devise")
    currency = str(devise.value) if devise else "EUR"
    lines = []
    for name in FIELDS:
        if known := story.fields.get(name):
            value = value_text(words, name, known.value, currency)
            texts = {"label": words.fields[name], "value": value, "source": source_text(words, known.source)}
            lines.append(fill(words.report["value"], texts))
        if name == "siret" and story.recipient_name:
            texts = {"label": words.report["recipient"], "value": plain(story.recipient_name)}
            lines.append(fill(words.report["item"], texts))
    return lines or [words.report["nothing"]]


def _happened(words: Words, event: Happening) -> list[str]:
    """Return one line, or several when a long reason belongs to it."""
    line = f"{time_text(words, event.at)} - {_happening(words, event)}"
    return textwrap.wrap(line, WIDTH, subsequent_indent=_INDENT) if len(line) > 2 * WIDTH else [line]


def _happening(words: Words, event: Happening) -> str:
    texts = {name: plain(text, FULL_MAX) for name, text in event.params.items()}
    if "status" in texts:
        texts |= {"status": status_text(words, texts["status"]), "when": moment_text(words, texts.get("when", ""))}
    return fill(words.events.get(event.code, plain(event.code)), texts)


def _proof(story: Story, words: Words) -> list[str]:
    receipt = story.receipt
    if receipt is None:
        return []
    values = {
        "chorus_id": str(receipt.chorus_id),
        "deposit_date": moment_text(words, receipt.deposit_date),
        "status": status_text(words, receipt.status),
        "certificate": plain(receipt.certificate),
        "flow": plain(story.flow),
        "sha256": story.sha256,
        "original_sha256": "" if story.original_sha256 == story.sha256 else story.original_sha256,
    }
    item = words.report["item"]
    lines = [fill(item, {"label": words.report[name], "value": v}) for name, v in values.items() if v]
    return lines + [
        fill(item, {"label": fill(words.report["attachment_sha256"], {"name": plain(name)}), "value": sha256})
        for name, sha256 in story.attachments.items()
        if sha256
    ]


__all__ = ["SITUATIONS", "Happening", "Known", "Situation", "Sourced", "Story", "encode_log", "log_text"]
