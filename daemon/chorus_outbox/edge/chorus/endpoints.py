"""Chorus Pro's endpoints, as the worker needs them. Decides nothing: answers become values of ``core``.

Bodies follow the worked example of the API reference (api.md 9). Lists come ten at a time unless more are asked for,
and every page is read: an unread second page would be a false "not found" (reliability.md 0.4).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from chorus_outbox.core.decide import DRAFTS, Found
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.preflight import Recipient, Service
from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError, RefusedError, UnavailableError
from chorus_outbox.ports import Attached, Upload

from . import fields as cf
from .wire import Wire, in_doubt

FACTURES = "/cpro/factures/v1"
STRUCTURES = "/cpro/structures/v1"
TRANSVERSES = "/cpro/transverses/v1"
UTILISATEURS = "/cpro/utilisateurs/v1"
PAGES_MAX = 1000  # a search that claims more is broken


class ChorusPro:
    """One supplier's account.

    Args:
        wire: Sends the calls.
        supplier_siret: The supplier among the account's structures; "" when the account has only one.
        bank_account: Id or name of the bank account to name in deposits, or None.

    """

    def __init__(self, wire: Wire, supplier_siret: str, bank_account: str | None = None) -> None:
        self._wire = wire
        self._supplier_siret = supplier_siret
        self._bank_account = bank_account
        self._lock = threading.Lock()
        self._attached: Mapping[str, tuple[int, str]] = {}
        self._own_services: Mapping[str, int] = {}

    # --- the account ---------------------------------------------------------------------------------------------

    def health(self) -> str:
        """Ask whether the API is up and the technical account good; returns Chorus Pro's own words."""
        return cf.text(self._wire.get(f"{TRANSVERSES}/health-check").get("body")) or ""

    def suppliers(self) -> Mapping[str, tuple[int, str]]:
        """Return the account's active supplier structures: SIRET -> (id, name)."""
        answer = self._wire.call(f"{TRANSVERSES}/recuperer/structures/actives/fournisseur", {})
        out, listed = {}, cf.rows(answer, "listeStructures")
        for row in listed:
            siret = cf.text(row.get("identifiant")) or cf.text(row.get("identifiantStructure"))
            structure_id = cf.integer(row.get("idStructureCPP"))
            if siret and structure_id is not None:
                out[siret] = (structure_id, cf.text(row.get("designationStructure")) or "")
        if listed and not out:
            raise UnavailableError(Problem("outage.maintenance", {"status": "200"}))
        return out

    def supplier_id(self, siret: str = "") -> int:
        """Return the id of a structure of this account (the configured one by default).

        The structures are asked once, and again as long as the one wanted is not attached: a new attachment is seen
        without restart.

        Raises:
            UnavailableError: The configured supplier is not attached: nothing can be sent.
            RefusedError: Another supplier, named by one invoice, is not.

        """
        wanted = siret or self._supplier_siret
        with self._lock:
            if wanted not in self._attached:
                self._attached = self._own_structures()
            if wanted in self._attached:
                return self._attached[wanted][0]
            if not wanted and len(self._attached) == 1:
                return next(iter(self._attached.values()))[0]
        if wanted == self._supplier_siret:
            raise UnavailableError(Problem("outage.not_attached", {"siret": wanted or "?"}))
        raise _no_such("fournisseur", wanted, list(self._attached))

    def _own_structures(self) -> Mapping[str, tuple[int, str]]:
        try:
            return self.suppliers()
        except RefusedError as e:  # about the account, as the next: no invoice's fault
            detail = f"{e.code} {e.label}".strip()
            raise UnavailableError(Problem("outage.technical_account", {"detail": detail})) from None
        except FaultyError as e:
            raise UnavailableError(e.problem) from None

    def password_expiry(self) -> str | None:
        """Return the day on which the technical account's password ends, as Chorus Pro writes it, or None."""
        answer = self._wire.call(f"{STRUCTURES}/consulter", {"idStructureCPP": self.supplier_id(), "codeLangue": "fr"})
        general = answer.get("informationGenerales")
        return cf.text(general.get("dateExpirationMotPasseCompteTech")) if isinstance(general, dict) else None

    def _bank_account_id(self, supplier_id: int, wanted: str | None) -> int | None:
        """Return the id of a bank account given by id or by name; None without one."""
        if wanted is None:
            return None
        answer = self._wire.call(f"{TRANSVERSES}/recuperer/coordbanc/valides", {"idStructure": supplier_id})
        accounts = {
            cf.text(row.get("nomCoordonneeBancaire")) or "": cf.integer(row.get("idCoordonneeBancaire"))
            for row in cf.rows(answer, "listeCoordonneeBancaire")
        }
        known = accounts.get(wanted) or next((i for i in accounts.values() if str(i) == wanted), None)
        if known is None:
            raise _no_such("compte_bancaire", wanted, [name for name in accounts if name])
        return known

    def _own_service(self, supplier_id: int, code: str | None) -> int | None:
        """Return the id of one of the supplier's own services, asked once; None without one."""
        if code is None:
            return None
        if code not in self._own_services:
            self._own_services = {s.code: s.service_id for s in self._services(supplier_id, None)}
        if code not in self._own_services:
            raise _no_such("fournisseur_service", code, list(self._own_services))
        return self._own_services[code]

    # --- the recipient -------------------------------------------------------------------------------------------

    def recipient(self, siret: str, service: str | None) -> Recipient | None:
        """Return a recipient with its rules, all its services and the given service's own rule; None when unknown."""
        body = {
            "structure": {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"},
            "parametres": _page(1, 10, "IdentifiantStructure"),
            "restreindreStructuresPrivees": True,
        }
        answer = self._look_up("rechercher", body)
        listed = [r for r in _listed(answer, "listeStructures") if r.get("identifiantStructure") in (siret, None)]
        row = next((r for r in listed if r.get("statut") != "INACTIVE"), listed[0] if listed else None)
        if row is None:
            return None
        structure_id = cf.integer(row.get("idStructureCPP"))
        if structure_id is None:
            raise _nonsense()
        rules = self._rules(structure_id)
        return Recipient(
            siret=siret,
            name=cf.text(row.get("designationStructure")) or siret,
            active=row.get("statut") not in ("INACTIVE", "INACTIF"),
            structure_id=structure_id,
            needs_service=rules.get("codeServiceDoitEtreRenseigne") is True,
            needs_engagement=rules.get("numeroEJDoitEtreRenseigne") is True,
            needs_either=rules.get("gestionNumeroEJOuCodeService") is True,
            services=self._services(structure_id, service),
            payment_not_reported=rules.get("statutMiseEnPaiementNestPasRemonte") is True,
        )

    def _rules(self, structure_id: int) -> Mapping[str, Any]:
        answer = self._look_up("consulter", {"idStructureCPP": structure_id, "codeLangue": "fr"})
        rules = answer.get("parametres")
        return rules if isinstance(rules, dict) else {}

    def _services(self, structure_id: int, asked: str | None) -> tuple[Service, ...]:
        def ask(page: int) -> Mapping[str, Any]:
            parameters = _page(page, 500, "CodeService")
            body = {"idStructure": structure_id, "parametresRechercherServicesStructure": parameters}
            return self._look_up("rechercher/services", body)

        listed = [s for r in every_row(ask, "listeServices", "idService") if (s := cf.service(r))]
        return tuple(self._with_rule(structure_id, s) if s.code == asked and s.active else s for s in listed)

    def _with_rule(self, structure_id: int, service: Service) -> Service:
        body = {"idStructure": structure_id, "idService": service.service_id, "codeLangue": "fr"}
        rules = self._look_up("consulter/service", body).get("parametres")
        needed = isinstance(rules, dict) and rules.get("numeroEngagement") is True
        return Service(service.code, service.name, service.active, service.service_id, needed)

    def _look_up(self, route: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask the directory of structures; a bare HTTP 4xx there is no verdict on the invoice."""
        try:
            return self._wire.call(f"{STRUCTURES}/{route}", body)
        except RefusedError as e:
            if not e.code.startswith("HTTP "):
                raise
            raise FaultyError(Problem("outage.maintenance", {"status": e.code.removeprefix("HTTP ")})) from None

    # --- the deposit ---------------------------------------------------------------------------------------------

    def payload(self, invoice: Invoice, *, signed: bool) -> Mapping[str, Any]:
        """Return the deposit of an invoice, without its files."""
        supplier_id = self.supplier_id(str(invoice.supplier or ""))
        return cf.deposit(
            invoice,
            supplier_id,
            signed=signed,
            service_id=self._own_service(supplier_id, invoice.supplier_service),
            bank_account=self._bank_account_id(supplier_id, invoice.bank_account or self._bank_account),
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
                "rechercheFactureParFournisseur": _page(page, 50, "DateDepot", "Descendant"),
            }
            answer = self._wire.call(f"{FACTURES}/rechercher/fournisseur", body)
            if any(cf.integer(r.get("identifiantFactureCPP")) is None for r in cf.rows(answer, "listeFactures")):
                raise _nonsense()  # it might be ours
            return answer

        return [f for r in every_row(ask, "listeFactures", "identifiantFactureCPP") if (f := cf.found(r))]


MIME = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "xml": "text/xml"}


def _nonsense() -> FaultyError:
    """Return the error for an answer that says yes and lacks what it must hold."""
    return FaultyError(Problem("outage.maintenance", {"status": "200"}))


def _no_such(field: str, value: str, known: Sequence[str]) -> RefusedError:
    """Return the refusal of a value that is none of the account's own."""
    texts = {"field": field, "value": value, "allowed": ", ".join(sorted(known)) or "-"}
    return RefusedError(Problem("field.choice", texts), "", "")


def _page(page: int, size: int, column: str, direction: str = "Ascendant") -> dict[str, Any]:
    return {"nbResultatsParPage": size, "pageResultatDemandee": page, "triColonne": column, "triSens": direction}


def _attachment_id(answer: Mapping[str, Any]) -> int:
    attachment_id = cf.integer(answer.get("pieceJointeId"))
    if attachment_id is None:
        raise _nonsense()
    return attachment_id


def every_row(ask: Callable[[int], Mapping[str, Any]], name: str, key: str) -> Sequence[Mapping[str, Any]]:
    """Read a paged list to its end, whatever page size the server chose.

    Ends at the last page by the answer's own count; without a count, at the first page that brings nothing new.

    Raises:
        FaultyError: It is no list, or not complete (an announced page is empty): its "not found" would prove nothing.

    """
    seen: dict[int, Mapping[str, Any]] = {}
    for page in range(1, PAGES_MAX + 1):
        answer = ask(page)
        ids = {cf.integer(r.get(key)): r for r in _listed(answer, name)}
        fresh = {i: r for i, r in ids.items() if i is not None and i not in seen}
        seen |= fresh
        total = cf.pages(answer)
        if set(ids) == {None} or (not fresh and total is not None and max(page, total) > 1):
            break
        if not fresh or (total is not None and page >= total):
            return list(seen.values())
    raise _nonsense()


def _listed(answer: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows of a page; an answer that is no list of objects is a fault, never "nothing found"."""
    rows, value = cf.rows(answer, name), answer.get(name)
    is_list = value is None or isinstance(value, dict) or (isinstance(value, list) and len(rows) == len(value))
    if cf.integer(answer.get("codeRetour")) is None or not is_list:
        raise _nonsense()
    return rows
