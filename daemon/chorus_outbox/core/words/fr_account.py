"""French: what is said of the account and its credentials."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {}
