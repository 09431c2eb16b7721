"""Factur-X deposited as a flow, and its report (api.md 2.12, 2.13, 7.5). Decides nothing."""

from __future__ import annotations

from pathlib import Path

from chorus_outbox.core.flow import FlowReport
from chorus_outbox.errors import RefusedError

from . import fields as cf
from .endpoints import FACTURES, TRANSVERSES
from .wire import Wire, in_doubt

SYNTAX = "IN_DP_E2_CII_FACTURX"


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
        technical = [cf.text(r.get("libelleErreur")) or "" for r in cf.rows(answer, "listeErreurTechnique")]
        joined = [cf.text(r.get("libelleErreurDP")) or "" for r in cf.rows(answer, "listeErreurDP")]
        errors = [part.strip() for text in joined for part in text.split("|") if part.strip()]
        return FlowReport(cf.text(answer.get("etatCourantDepotFlux")) or "", tuple(technical), tuple(errors))
