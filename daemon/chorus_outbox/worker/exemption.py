"""The one question about VAT that is asked of Chorus Pro: the code of an exempt invoice's reason. Only such one asks."""

from __future__ import annotations

from chorus_outbox.core.claims import Value
from chorus_outbox.core.draft import Source
from chorus_outbox.core.exemption import with_listed_reason
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError
from chorus_outbox.ports_chorus import Lists


def declared(lists: Lists, understood: Understood) -> tuple[Invoice, tuple[Problem, ...]]:
    """Return an understood invoice as it is declared, and what is to be said of its reason.

    Raises:
        RemoteError: The list could not be had: as with every question before a deposit, the file waits.

    """
    invoice = understood.invoice
    assert invoice is not None
    if invoice.vat_regime != "EXONERATION":
        return invoice, ()
    reasons = lists.exemption_reasons()
    if not reasons:
        raise FaultyError(Problem("outage.maintenance", {"status": "200"}))
    typed = any(_typed(understood.fields.get(name)) for name in ("motif_exoneration", "regime_tva"))
    return with_listed_reason(invoice, reasons, typed=typed)


def _typed(value: Value | None) -> bool:
    return value is not None and value.source not in (Source.FACTURX, Source.PDF_TEXT)
