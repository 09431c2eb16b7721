"""English: what is said of an invoice that came back, and of its correction."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {}
