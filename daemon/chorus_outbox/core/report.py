"""The text of ``NAME.log``: what happened, who refused, what to do now, then all that stands behind it.

The first three lines are always result, who refused, what to do; whoever reads no further knows enough. It holds no
sentence of its own (``words/``), and does not know where the file is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath
from typing import Literal, Protocol

from .draft import Source
from .entry import Receipt
from .fields import FIELDS, FieldValue
from .lifecycle import State
from .problem import Problem, Weight
from .refusers import refuser
from .words import Who, Words, fill, moment_text, plain, render, source_text, time_text, value_text

Situation = Literal["sent", "paid", "failed", "returned", "waiting", "in_doubt", "processing"]

SITUATIONS: Mapping[State, Situation] = {
    State.SEEN: "waiting",
    State.WITHDRAWN: "waiting",
    State.READY: "processing",
    State.SENDING: "processing",
    State.WAITING: "waiting",
    State.IN_DOUBT: "in_doubt",
    State.INTEGRATING: "processing",
    State.ACCEPTED: "sent",
    State.SENT: "sent",
    State.PAID: "paid",
    State.REFUSED: "failed",
    State.FAILED: "failed",
}
"""What people are told of each state; of what a recipient sent back: ``returned`` rather than ``failed``."""
_FILED, _TO_CORRECT = ("sent", "paid"), ("failed", "returned")

NOT_DROPPED_AGAIN = frozenset(
    f"returned.{kind}" for kind in ("validator", "other", "portal", "moved_on", "acknowledged")
)
_OTHER_BREAKS = dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), " ")


class Sourced(Protocol):
    """A value and where it comes from."""

    @property
    def value(self) -> FieldValue:
        """The value, or its text as the ledger keeps it (ISO date, plain decimal)."""

    @property
    def source(self) -> Source | str:
        """The source, or its text as the ledger keeps it."""


@dataclass(frozen=True)
class Known:
    """The simplest ``Sourced``."""

    value: FieldValue
    source: Source | str


@dataclass(frozen=True)
class Happening:
    """One line of the timeline.

    Args:
        at: Aware UTC.
        code: ``lifecycle.Event`` value, ``outage.started`` or ``outage.ended``; anything else is shown as it is.
        params: Texts for its sentence (``detail``; of a status: ``status``, ``when``, ``comment``).

    """

    at: datetime
    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """All that a log tells of one invoice.

    Args:
        file: Name of the PDF.
        state: See ``SITUATIONS``.
        problems: Why it is so, the first ones first; notes may be among them.
        fields: What was understood.
        events: The timeline, oldest first.
        receipt: Chorus Pro's answer, once there is one.
        sha256: Of the bytes sent.
        original_sha256: Of the file dropped, where it differs.
        recipient_name: As Chorus Pro gives it.
        sandbox: Whether all this was only a test.
        sidecar: Name of the sidecar beside the PDF; by default the one the program writes.
        flow: Number of the flow by which it was deposited, or "".
        sidecar_helps: Whether a sidecar can correct it: not a Factur-X sent as it is.
        return_to: The folder to put a corrected invoice back into.
        attachments: Name of each attachment -> SHA-256 of the bytes sent, "" of one that was not copied.

    """

    file: str
    state: Situation
    problems: tuple[Problem, ...] = ()
    fields: Mapping[str, Sourced] = field(default_factory=dict)
    events: tuple[Happening, ...] = ()
    receipt: Receipt | None = None
    sha256: str = ""
    original_sha256: str = ""
    recipient_name: str | None = None
    sandbox: bool = False
    sidecar: str = ""
    return_to: str = "outbox"
    flow: str = ""
    sidecar_helps: bool = True
    attachments: Mapping[str, str] = field(default_factory=dict)


def log_text(story: Story, words: Words) -> str:
    """Return the text of the log, lines ending in a line feed."""
    sections = (_head(story, words), *_sections(story, words))
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def brief(story: Story, words: Words) -> list[str]:
    """Return what a message says of it, in the words of its log: the result, what to do, each point to correct."""
    result, _, remedy = _head(story, words)[:3]
    return [result, remedy, *_numbered(story, words)]


def encode_log(text: str) -> bytes:
    """Encode a text for people (log, pre-filled sidecar) so that Windows Notepad shows it right: UTF-8, BOM, CRLF.

    Whatever is invisible but a line break becomes U+FFFD or a space, lone surrogates included.
    """
    text = text.replace("\r\n", "\n").translate(_OTHER_BREAKS)
    safe = "".join(c if c.isprintable() or c in "\n\xa0\u202f" else "\ufffd" for c in text)
    return safe.replace("\n", "\r\n").encode("utf-8-sig")


def _head(story: Story, words: Words) -> list[str]:
    """Return the three lines that everybody reads, and the warning of a test environment."""
    causes = _causes(story)
    names = {
        "file": plain(story.file),
        "sidecar": plain(story.sidecar or (PurePosixPath(story.file).stem + ".yaml") * story.sidecar_helps),
        "folder": plain(story.return_to),
        "attachments": ", ".join(map(plain, story.attachments)),
        "count": str(len(causes)),
    }
    lines = [
        _result(story, words, causes, names),
        _second(story, words, causes),
        fill(words.report["do"], {"do": _remedy(story, words, causes, names)}),
    ]
    return [*lines, words.report["sandbox"]] if story.sandbox else lines


def _causes(story: Story) -> list[Problem]:
    """Return the problems that explain the state (notes explain nothing)."""
    if story.state in _FILED:
        return []
    weights = (Weight.STOP, Weight.LACK) if story.state in _TO_CORRECT else (Weight.WAIT,)
    return [p for p in story.problems if p.weight in weights]


def _result(story: Story, words: Words, causes: list[Problem], names: Mapping[str, str]) -> str:
    if story.state in _TO_CORRECT and len(causes) != 1:
        several = "returned_several" if story.state == "returned" else "failed_several"
        return fill(words.report[several if causes else "failed_unknown"], names)
    what = render(words, causes[0])[0] if causes else ""
    receipt = story.receipt
    proof = {"chorus_id": str(receipt.chorus_id), "when": moment_text(words, receipt.deposit_date)} if receipt else {}
    status = _status(words, receipt.status) if receipt else ""
    return fill(words.report[story.state], {**names, **proof, "what": what, "status": status})


def _second(story: Story, words: Words, causes: list[Problem]) -> str:
    """Return who refused; of what was sent, to whom."""
    if story.state in _FILED and story.recipient_name:
        return fill(words.report["to"], {"name": plain(story.recipient_name)})
    return fill(words.report["who"], {"who": _who(story, words, causes)})


def _who(story: Story, words: Words, causes: list[Problem]) -> str:
    nobody = Who.PROGRAM if story.state in _TO_CORRECT else Who.NOBODY
    who = dict.fromkeys(refuser(p) for p in causes) or {nobody: None}
    return " ".join(words.who[w] for w in who)


def _remedy(story: Story, words: Words, causes: list[Problem], names: Mapping[str, str]) -> str:
    correct = story.state in _TO_CORRECT
    if story.state in _FILED:
        return words.report["do_sent"]
    if not causes:
        return words.report["do_unknown" if correct else "do_wait"]
    if correct and len(causes) > 1:
        return fill(words.report["do_several"], names)
    do = render(words, causes[0])[1]
    return f"{do} {fill(words.report['return'], names)}" if correct and _is_dropped_again(causes[0]) else do


def _is_dropped_again(problem: Problem) -> bool:
    """Tell whether the same file, corrected, is to be dropped again: not when the portal, or nobody, has to act."""
    return problem.code not in NOT_DROPPED_AGAIN


def _sections(story: Story, words: Words) -> list[list[str]]:
    told = (
        ("problems", _numbered(story, words)),
        ("notes", [" ".join(render(words, p)) for p in story.problems if p.weight is Weight.NOTE]),
        ("understood", _understood(story, words)),
        ("timeline", [f"{time_text(words, e.at)} - {_happening(words, e)}" for e in story.events]),
        ("proof", _proof(story, words)),
    )
    return [[words.report[heading], *lines] for heading, lines in told if lines]


def _numbered(story: Story, words: Words) -> list[str]:
    causes = _causes(story)
    lines = []
    for number, problem in enumerate(causes, 1):
        what, do = render(words, problem)
        lines += [f"{number}. {what}", fill(words.report["fix"], {"do": do})]
    return lines if len(causes) > 1 else []


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


def _happening(words: Words, event: Happening) -> str:
    texts = {name: plain(text) for name, text in event.params.items()}
    if "status" in texts:
        texts |= {"status": _status(words, texts["status"]), "when": moment_text(words, texts.get("when", ""))}
    return fill(words.events.get(event.code, plain(event.code)), texts)


def _status(words: Words, status: str) -> str:
    return words.statuses.get(status, plain(status))


def _proof(story: Story, words: Words) -> list[str]:
    receipt = story.receipt
    if receipt is None:
        return []
    values = {
        "chorus_id": str(receipt.chorus_id),
        "deposit_date": moment_text(words, receipt.deposit_date),
        "status": _status(words, receipt.status),
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
