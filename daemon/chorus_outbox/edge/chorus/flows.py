"""Factur-X deposited as a flow, and its report (api.md 2.12, 2.13, 7.5). Decides nothing.

``avecSignature`` is always false, for a signed PDF too: it is the only value that is documented (api.md 2.12) and that
any client is known to send; the signature (PAdES) stands inside the PDF, whose bytes are sent as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chorus_outbox.core.flow import Blame, FlowReport
from chorus_outbox.errors import RefusedError

from . import fields as cf
from .answers import LABEL_MAX
from .endpoints import FACTURES, TRANSVERSES
from .wire import Wire, in_doubt

SYNTAX = "IN_DP_E2_CII_FACTURX"
TOLD_MAX = 50  # messages of one report that are kept


class Flows:
    """One account's flows."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def deposit(self, pdf: Path, name: str) -> str:
        """Deposit a Factur-X PDF by ``deposer/flux``; never repeated blindly."""
        fields = {"nomFichier": name, "syntaxeFlux": SYNTAX, "avecSignature": False}
        answer = self._wire.upload(f"{FACTURES}/deposer/flux", fields, "fichierFlux", pdf, once=True)
        flow = cf.text(answer.get("numeroFluxDepot"))
        if flow is None:
            raise in_doubt("numeroFluxDepot")
        return flow

    def report(self, flow: str) -> FlowReport:
        """Ask what became of a flow; right after its deposit it may not be known (``state`` is then "")."""
        try:
            answer = self._wire.call(f"{TRANSVERSES}/consulterCRDetaille", {"numeroFluxDepot": flow})
        except RefusedError:
            return FlowReport("")  # codeRetour other than 0 for a while (api.md 2.13)
        technical = [t for r in cf.rows(answer, "listeErreurTechnique") if (t := cf.text(r.get("libelleErreur")))]
        errors = [b for r in cf.rows(answer, "listeErreurDP") for b in _blames(r)]
        told = tuple(t[:LABEL_MAX] for t in technical[:TOLD_MAX])
        return FlowReport(cf.text(answer.get("etatCourantDepotFlux")) or "", told, tuple(errors[:TOLD_MAX]))


def _blames(row: Mapping[str, Any]) -> list[Blame]:
    """Return one message each: Chorus Pro joins them by ``|`` (api.md 7.5)."""
    number, joined = row.get("numeroDP"), cf.text(row.get("libelleErreurDP")) or ""
    texts = [part.strip()[:LABEL_MAX] for part in joined.split("|") if part.strip()]
    return [Blame("" if number is None else str(number), text) for text in texts]
