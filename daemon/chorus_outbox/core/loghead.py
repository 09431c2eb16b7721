"""The first three lines of ``NAME.log``: result, who refused, what to do now. Whoever reads no further knows enough.

They stay three lines, and short: what strangers wrote is shown in part here, and in full further down (``report.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from .problem import Problem, Weight
from .refusers import refuser
from .story import Story
from .words import LONGEST, Who, Words, fill, moment_text, plain, render

QUOTED = 200  # characters of one param in the first lines
NAME_SHOWN = 80  # characters of a file's name there
NAMES_SHOWN = 3  # attachments named there

NOT_DROPPED_AGAIN = frozenset(
    (
        *(f"returned.{kind}" for kind in ("validator", "other", "routing", "portal", "moved_on", "acknowledged")),
        *("chorus.unknown_invoice", "chorus.not_suspended", "chorus.state", "duplicate.returned"),
    )
)
UNCHANGED = frozenset(
    ("chorus.not_taken", "chorus.malformed", "chorus.incident", "chorus.not_yours", "flow.not_processed")
)
"""What is to be dropped again as it is: nothing in it is to be corrected."""
_FILED, _TO_CORRECT = ("sent", "paid"), ("failed", "returned")
_TOLD_OF_FILED = ("followed.ended", "followed.silent")
_DEPOSITED = "DEPOSEE"


def head(story: Story, words: Words) -> list[str]:
    """Return the three lines that everybody reads, and the warning of a test environment."""
    found = causes(story)
    names = _names(story, words, found)
    lines = [
        _result(story, words, found, names),
        _second(story, words, found),
        fill(words.report["do"], {"do": _remedy(story, words, found, names)}),
    ]
    return [*lines, words.report["sandbox"]] if story.sandbox else lines


def causes(story: Story) -> list[Problem]:
    """Return the problems that explain the state (notes explain nothing)."""
    if story.state in _FILED or story.state == "withdrawn":
        return []
    weights = (Weight.STOP, Weight.LACK) if story.state in _TO_CORRECT else (Weight.WAIT,)
    return [p for p in story.problems if p.weight in weights]


def shown_at_most(story: Story) -> int:
    """Return how many characters of a param are shown where the causes are told first."""
    return QUOTED if len(causes(story)) == 1 else LONGEST


def short_name(name: str) -> str:
    """Return a file's name, its middle left out when it is long: how it begins and ends tells it from others."""
    shown = plain(name)
    return shown if len(shown) <= NAME_SHOWN else f"{shown[: NAME_SHOWN // 2]}…{shown[1 - NAME_SHOWN // 2 :]}"


def _names(story: Story, words: Words, found: list[Problem]) -> Mapping[str, str]:
    sidecar = story.sidecar or (PurePosixPath(story.file).stem + ".yaml") * story.sidecar_helps
    files = list(story.attachments)
    many = fill(words.report["attachments"], {"count": str(len(files))})
    return {
        "file": short_name(story.file),
        "sidecar": short_name(sidecar),
        "folder": short_name(story.return_to),
        "attachments": ", ".join(map(short_name, files)) if len(files) <= NAMES_SHOWN else many,
        "count": str(len(found)),
    }


def _result(story: Story, words: Words, found: list[Problem], names: Mapping[str, str]) -> str:
    if story.state in _TO_CORRECT and len(found) != 1:
        several = "returned_several" if story.state == "returned" else "failed_several"
        return fill(words.report[several if found else "failed_unknown"], names)
    what = render(words, found[0], QUOTED)[0] if found else ""
    receipt = story.receipt
    proof = {"chorus_id": str(receipt.chorus_id), "when": moment_text(words, receipt.deposit_date)} if receipt else {}
    status = status_text(words, receipt.status) if receipt and _says_more(story, receipt.status) else ""
    ended = story.state == "paid" and any(p.code == "followed.silent" for p in story.problems)
    return fill(words.report["ended" if ended else story.state], {**names, **proof, "what": what, "status": status})


def _says_more(story: Story, status: str) -> bool:
    return story.state == "paid" or status != _DEPOSITED


def status_text(words: Words, status: str) -> str:
    """Show a status of Chorus Pro; an unknown one as it is."""
    return words.statuses.get(status, plain(status, QUOTED))


def _second(story: Story, words: Words, found: list[Problem]) -> str:
    """Return who refused; of what was sent, to whom."""
    if story.state in _FILED and story.recipient_name:
        return fill(words.report["to"], {"name": plain(story.recipient_name, QUOTED)})
    return fill(words.report["who"], {"who": _who(story, words, found)})


def _who(story: Story, words: Words, found: list[Problem]) -> str:
    nobody = Who.PROGRAM if story.state in _TO_CORRECT else Who.NOBODY
    who = dict.fromkeys(refuser(p) for p in found) or {nobody: None}
    texts = dict(words.who)
    if story.state == "returned" and not any(p.code == "returned.routing" for p in found):
        # the customer has the invoice: only its correction was refused
        texts |= {w: words.report[f"correction_{w.name.lower()}"] for w in (Who.PROGRAM, Who.CHORUS)}
    return " ".join(texts[w] for w in who)


def _remedy(story: Story, words: Words, found: list[Problem], names: Mapping[str, str]) -> str:
    if story.state in _FILED:
        told = [p for p in story.problems if p.code in _TOLD_OF_FILED]
        return render(words, told[-1], QUOTED)[1] if told else words.report["do_sent"]
    if story.state == "withdrawn":
        return words.report["do_withdrawn"]
    correct = story.state in _TO_CORRECT
    if not found:
        return words.report["do_unknown" if correct else "do_wait"]
    if correct and len(found) > 1:
        return fill(words.report["do_several"], names)
    do = render(words, found[0], QUOTED)[1]
    if not correct or found[0].code in NOT_DROPPED_AGAIN:
        return do
    return f"{do} {fill(words.report['return_unchanged' if found[0].code in UNCHANGED else 'return'], names)}"
