"""Texts: the dashboard and the table for spreadsheets beside it."""

from __future__ import annotations

from collections.abc import Mapping

PAGE: Mapping[str, str] = {}
