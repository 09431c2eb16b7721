"""The deposit of an invoice and its search, as the worker needs them. Decides nothing: answers become values of ``core``.

Bodies follow the worked example of the API reference (api.md 9). What is known of the account's own structures stands
in ``account``, of recipients in ``recipients``, how lists are read in ``paging``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from chorus_outbox.core.decide import DRAFTS, Found
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.preflight import Recipient
from chorus_outbox.ports_chorus import Attached, Upload

from . import fields as cf
from .account import OwnStructures
from .paging import FACTURES, PAGES_MAX, TRANSVERSES, every_row, nonsense, one_page
from .recipients import ask_recipient, download_directory
from .wire import Wire, in_doubt


class ChorusPro:
    """One technical account.

    Args:
        wire: Sends the calls.
        supplier_siret: The supplier among the account's structures; "" when the account has only one.
        bank_account: Id or name of that supplier's bank account to name in deposits, or None.

    ``account`` answers what concerns the account itself.
    """

    def __init__(self, wire: Wire, supplier_siret: str, bank_account: str | None = None) -> None:
        self._wire = wire
        self._bank_account = bank_account
        self.account = OwnStructures(wire, supplier_siret)

    def supplier_id(self, siret: str = "") -> int:
        """Return the id of a structure of this account: see ``OwnStructures.supplier_id``."""
        return self.account.supplier_id(siret)

    def recipient(self, siret: str, service: str | None) -> Recipient | None:
        """Return a recipient with its rules, all its services and the given service's own rule; None when unknown."""
        return ask_recipient(self._wire, siret, (service,) if service else ())

    def recipient_with_rules(self, siret: str) -> Recipient | None:
        """Return a recipient with the own rule of each active service: one call for each."""
        return ask_recipient(self._wire, siret, None)

    def download_directory(self, file: IO[bytes]) -> None:
        """Write the whole directory of public bodies, a ZIP, into a file."""
        download_directory(self._wire, file)

    def payload(self, invoice: Invoice, *, signed: bool) -> Mapping[str, Any]:
        """Return the deposit of an invoice, without its files."""
        supplier = str(invoice.supplier or "")
        supplier_id = self.supplier_id(supplier)
        configured = supplier in ("", self.account.supplier_siret)  # the configured bank account is that supplier's
        bank_account = invoice.bank_account or (self._bank_account if configured else None)
        return cf.deposit(
            invoice,
            supplier_id,
            signed=signed,
            service_id=self.account.service_id(supplier_id, invoice.supplier_service),
            bank_account=self.account.bank_account_id(supplier_id, bank_account),
        )

    def upload(self, pdf: Path, name: str, *, signed: bool) -> Upload:
        """Upload the main PDF by ``deposer/pdf``; its draft is harmless and was never sent."""
        fields = {"nomFichier": name, "formatDepot": "PDF_SIGNE_PADES" if signed else "PDF_NON_SIGNE"}
        answer = self._wire.upload(f"{FACTURES}/deposer/pdf", fields, "fichierFacture", pdf)
        return Upload(_attachment_id(answer), cf.analysis(answer))

    def attach(self, file: Path, name: str) -> int:
        """Upload another file by ``ajouter/fichier``; ``name`` has at most 50 characters."""
        extension = name.rpartition(".")[2]
        mime = MIME.get(extension.lower(), "application/octet-stream")
        fields = {"pieceJointeNom": name, "pieceJointeTypeMime": mime, "pieceJointeExtension": extension.upper()}
        return _attachment_id(self._wire.upload(f"{TRANSVERSES}/ajouter/fichier", fields, "pieceJointeFichier", file))

    def submit(self, payload: Mapping[str, Any], attachment_id: int, attached: Sequence[Attached] = ()) -> Receipt:
        """Deposit: the one call that is never repeated blindly."""
        answer = self._wire.call(f"{FACTURES}/soumettre", cf.with_files(payload, attachment_id, attached), once=True)
        receipt = cf.receipt(answer)
        ours = receipt and receipt.number.casefold() in ("", str(payload["numeroFactureSaisi"]).casefold())
        if not receipt or not ours or receipt.status in DRAFTS:
            raise in_doubt("identifiantFactureCPP, statutFacture")  # accepted, but not a deposit that can be proved
        return receipt

    def search(self, number: str, supplier: str) -> Sequence[Found]:
        """Return every invoice of a supplier of this account with that number, all pages read."""
        supplier_id = self.supplier_id(supplier)

        def ask(page: int) -> Mapping[str, Any]:
            body = {
                "idFournisseur": supplier_id,
                "numeroFacture": number,
                "rechercheFactureParFournisseur": one_page(page, 50, "DateDepot", "Descendant"),
            }
            answer = self._wire.call(f"{FACTURES}/rechercher/fournisseur", body)
            if any(cf.integer(r.get("identifiantFactureCPP")) is None for r in cf.rows(answer, "listeFactures")):
                raise nonsense()  # it might be ours
            return answer

        return [f for r in every_row(ask, "listeFactures", "identifiantFactureCPP") if (f := cf.found(r))]


MIME = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "xml": "text/xml"}


def _attachment_id(answer: Mapping[str, Any]) -> int:
    attachment_id = cf.integer(answer.get("pieceJointeId"))
    if attachment_id is None:
        raise nonsense()
    return attachment_id


__all__ = ["FACTURES", "PAGES_MAX", "TRANSVERSES", "ChorusPro", "every_row"]
