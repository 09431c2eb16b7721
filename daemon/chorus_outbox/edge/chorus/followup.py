"""After the deposit: history, and the three answers to an invoice that came back (api.md 2.15, 2.17). Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.followup import History, Passage
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError
from chorus_outbox.ports_chorus import Attached

from . import fields as cf
from .endpoints import FACTURES, PAGES_MAX
from .wire import Wire, in_doubt

_Key = tuple[str, int, str]
PAGE = 50  # rows asked for at once; the server may give fewer


class FollowUp:
    """One account's deposited invoices."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def history(self, chorus_id: int) -> History:
        """Return where an invoice stands, and all of its history."""
        rows: dict[_Key, Passage] = {}
        status, page = "", 1
        while page <= PAGES_MAX:
            answer = self._page(chorus_id, page)
            status = status or cf.text(answer.get("statutCourantCode")) or ""
            block = answer.get("historiquesDesStatuts")
            block = block if isinstance(block, dict) else {}
            listed = [(key, _passage(r)) for r in cf.rows(block, "histoStatut") if (key := _key(r)) not in rows]
            fresh = {key: passage for key, passage in listed if passage.status}
            rows |= fresh
            pages = cf.integer(block.get("pagesHistoStatut"))
            if not fresh or (pages is not None and page >= pages):
                break
            page += 1
        if not status:
            raise FaultyError(Problem("outage.maintenance", {"status": "200"}))
        order = list(rows)
        order.reverse()  # answers were seen newest first; no order is documented, and the dates have minutes only
        order.sort(key=lambda key: key[:2])
        return History(status, tuple(rows[key] for key in order))

    def _page(self, chorus_id: int, page: int) -> Mapping[str, Any]:
        asked = {
            "nbResultatsParPageListeHistoStatut": PAGE,
            "pageResultatDemandeeListeHistoStatut": page,
        }
        body = {"idFacture": chorus_id, "paramRechercheHistoStatuts": asked}
        answer = self._wire.call(f"{FACTURES}/consulter/historique", body)
        if cf.integer(answer.get("idFacture")) not in (chorus_id, None):
            raise FaultyError(Problem("outage.maintenance", {"status": "200"}))  # about another invoice
        return answer

    def recycling(self, invoice: Invoice, cleared: Collection[str]) -> Mapping[str, Any]:
        """Return the body that sends an invoice on to its corrected recipient."""
        return cf.recycling(invoice, cleared)

    def recycle(self, chorus_id: int, payload: Mapping[str, Any]) -> Receipt:
        """Send an invoice on to a corrected recipient: same number, same id."""
        body = {"identifiantFactureCPP": chorus_id, **payload}
        return self._corrected(chorus_id, self._wire.call(f"{FACTURES}/recycler", body, once=True), "DEPOSEE")

    def complete(self, chorus_id: int, comment: str, attachments: Sequence[Attached]) -> Receipt:
        """Add attachments and a comment to a suspended invoice."""
        body = cf.present(
            identifiantFactureCPP=chorus_id,
            commentaire=comment or None,
            pieceJointeComplementaire=cf.attachments(attachments) or None,
        )
        return self._corrected(chorus_id, self._wire.call(f"{FACTURES}/completer", body, once=True), "COMPLETEE")

    def _corrected(self, chorus_id: int, answer: Mapping[str, Any], usual: str) -> Receipt:
        """Read the answer to a correction; where it gives no status, the one that the reference says follows."""
        if cf.integer(answer.get("identifiantFactureCPP")) not in (chorus_id, None):
            raise in_doubt("identifiantFactureCPP")
        return Receipt(
            chorus_id,
            cf.text(answer.get("statutFacture")) or usual,
            cf.text(answer.get("dateDepot")) or "",
            "",
            cf.text(answer.get("numeroFacture")) or "",
        )

    def acknowledge(self, chorus_id: int) -> None:
        """Say that a rejection is dealt with."""
        body = {"listeDemandePaiement": [{"idDemandePaiement": chorus_id}]}
        self._wire.call(f"{FACTURES}/traiterRejet", body)


def _key(row: Mapping[str, Any]) -> _Key:
    """Return what tells a row from the others, and sorts them: its date, then its id, which grows."""
    passage = _passage(row)
    return passage.at, cf.integer(row.get("histoStatutId")) or 0, passage.status


def _passage(row: Mapping[str, Any]) -> Passage:
    return Passage(
        cf.text(row.get("histoStatutCode")) or "",
        cf.text(row.get("histoStatutDatePassage")) or "",
        cf.text(row.get("histoStatutCommentaire")) or "",
    )
