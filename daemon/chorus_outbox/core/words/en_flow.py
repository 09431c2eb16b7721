"""English: what is said of a Factur-X deposited as a flow."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {}
