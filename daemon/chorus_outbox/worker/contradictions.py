"""Chorus Pro's analysis of an uploaded PDF against what is to be deposited; the PDF is read again only to decide a doubt."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from chorus_outbox.core.analysis import Analysis, differences, told
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.problem import Problem

from .parts import Parts


def of(parts: Parts, entry: Entry, pdf: Path, analysis: Analysis) -> tuple[Problem, ...]:
    """Return what the analysis read otherwise, each as a problem or a warning."""
    found = differences(entry, analysis)
    return told(found, parts.settings.rules.mismatch, _text(parts, pdf)) if found else ()


def _text(parts: Parts, pdf: Path) -> str:
    with suppress(OSError):  # without its text nothing is borne out, which is the strict side
        facts = parts.pdf.read(pdf)
        return facts.text if isinstance(facts, PdfFacts) else ""
    return ""
