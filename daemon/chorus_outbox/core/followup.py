"""What Chorus Pro tells of an invoice after its deposit. Values only, so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """One line of an invoice's history at Chorus Pro: a status, when it was reached (as sent), and why (or "")."""

    status: str
    at: str = ""
    comment: str = ""


@dataclass(frozen=True)
class History:
    """Where an invoice stands at Chorus Pro (``consulter/historique``, api.md 2.15).

    Args:
        status: The current status; one that this program does not know is kept as it is.
        passages: How it got there, oldest first; may be empty, and need not end with ``status``.

    """

    status: str
    passages: tuple[Passage, ...] = ()
