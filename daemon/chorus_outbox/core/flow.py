"""What Chorus Pro reports of a Factur-X that was deposited as a flow. Values only, so far."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FlowReport:
    """The report of a flow (``consulterCRDetaille``, api.md 2.13).

    Args:
        state: ``etatCourantDepotFlux``, as sent; "" while the flow is not known yet.
        technical: What is wrong with the file, as sent.
        errors: What is wrong with the invoice, one message each (the answer joins them by ``|``).

    """

    state: str
    technical: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
