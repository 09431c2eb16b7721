"""Texts: what the commands print in a terminal, headings of tables first."""

from __future__ import annotations

from collections.abc import Mapping

TERMINAL: Mapping[str, str] = {}
