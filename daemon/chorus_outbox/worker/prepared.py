"""What is ready to be sent: the one call that must not be repeated blindly, with all that comes before it done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.problem import Problem


@dataclass(frozen=True)
class Prepared:
    """A deposit or a correction, one call before it leaves.

    Args:
        call: Makes that call.
        changes: What the preparation brought, for the ledger.
        problems: What it found; one that stops keeps the call from being made.
        words: What is sent, in a person's words, where it is no deposit.

    """

    call: Callable[[], Receipt]
    changes: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    words: str = ""
