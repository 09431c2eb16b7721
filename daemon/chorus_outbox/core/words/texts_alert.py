"""Texts: the messages that are sent to people (alerts, daily digest)."""

from __future__ import annotations

from collections.abc import Mapping

ALERT: Mapping[str, str] = {}
