"""The real clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class RealClock:
    """Wall time for what is noted and told, monotonic time for what is waited for."""

    def now(self) -> datetime:
        """Return the time as aware UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that never jump."""
        return time.monotonic()
