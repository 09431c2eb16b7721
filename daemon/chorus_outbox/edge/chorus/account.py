"""What the technical account may act for: its structures, their bank accounts and services, and its password's end.

Whatever is asked here is about one structure of the account, named by its SIRET or its id: nothing is remembered for
one that would be used for another.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from typing import Any

from chorus_outbox.core.problem import Problem
from chorus_outbox.errors import FaultyError, RefusedError, RemoteError, UnavailableError

from . import fields as cf
from .paging import STRUCTURES, TRANSVERSES, UTILISATEURS, every_row, listed, no_such, one_page
from .recipients import services_of
from .wire import Wire

LOST: Mapping[str, str] = {  # statutRattachementStructure -> what to tell, the most hopeful first (api.md 2.3)
    "EN_COURS_DE_VALIDATION": "outage.attachment_pending",
    "DESACTIVEE": "outage.attachment_disabled",
    "REFUSEE": "outage.attachment_refused",
    "SUPPRIMEE": "outage.attachment_deleted",
}


class OwnStructures:
    """The structures of one technical account; safe to use from several threads.

    Args:
        wire: Sends the calls.
        supplier_siret: The supplier among the account's structures; "" when the account has only one.

    """

    def __init__(self, wire: Wire, supplier_siret: str) -> None:
        self._wire = wire
        self.supplier_siret = supplier_siret
        self._lock = threading.Lock()
        self._attached: Mapping[str, tuple[int, str]] = {}
        self._services: dict[int, Mapping[str, int]] = {}

    def health(self) -> str:
        """Ask whether the API is up and the technical account good; returns Chorus Pro's own words."""
        return cf.text(self._wire.get(f"{TRANSVERSES}/health-check").get("body")) or ""

    def suppliers(self) -> Mapping[str, tuple[int, str]]:
        """Return the account's active supplier structures: SIRET -> (id, name)."""
        answer = self._wire.call(f"{TRANSVERSES}/recuperer/structures/actives/fournisseur", {})
        out, given = {}, cf.rows(answer, "listeStructures")
        for row in given:
            siret = cf.text(row.get("identifiant")) or cf.text(row.get("identifiantStructure"))
            structure_id = cf.integer(row.get("idStructureCPP"))
            if siret and structure_id is not None:
                out[siret] = (structure_id, cf.text(row.get("designationStructure")) or "")
        if given and not out:
            raise UnavailableError(Problem("outage.maintenance", {"status": "200"}))
        return out

    def attachments(self) -> Mapping[str, str]:
        """Return what every attachment of the account has become: SIRET -> its status, as sent (api.md 2.3)."""

        def ask(page: int) -> Mapping[str, Any]:
            body = {"parametresRecherche": one_page(page, 50, "IdStructure")}
            return self._wire.call(f"{UTILISATEURS}/monCompte/recuperer/rattachements", body)

        found: dict[str, str] = {}
        order = ("VALIDEE", *LOST)
        for row in every_row(ask, "listeStructureRattachement", "idRattachementStructure"):
            siret, status = cf.text(row.get("identifiantStructure")), cf.text(row.get("statutRattachementStructure"))
            if siret and status and _rank(order, status) <= _rank(order, found.get(siret, "")):
                found[siret] = status  # an old attachment that was deleted does not hide the new one
        return found

    def supplier_id(self, siret: str = "", *, anew: bool = False) -> int:
        """Return the id of a structure of this account (the configured one by default).

        The structures are asked once (or ``anew``), and again as long as the one wanted is not attached: a new
        attachment is seen without restart.

        Raises:
            UnavailableError: The configured supplier is not attached: nothing can be sent.
            RefusedError: Another supplier, named by one invoice, is not.

        """
        wanted = siret or self.supplier_siret
        with self._lock:
            if anew or wanted not in self._attached:
                self._attached = self._own_structures()
            if wanted in self._attached:
                return self._attached[wanted][0]
            if not wanted and len(self._attached) == 1:
                return next(iter(self._attached.values()))[0]
        if wanted == self.supplier_siret:
            raise UnavailableError(Problem(self._why_not_attached(wanted), {"siret": wanted or "?"}))
        raise no_such("fournisseur", wanted, list(self._attached))

    def _own_structures(self) -> Mapping[str, tuple[int, str]]:
        try:
            return self.suppliers()
        except RefusedError as e:  # about the account, as the next: no invoice's fault
            detail = f"{e.code} {e.label}".strip()
            raise UnavailableError(Problem("outage.technical_account", {"detail": detail})) from None
        except FaultyError as e:
            raise UnavailableError(e.problem) from None

    def _why_not_attached(self, siret: str) -> str:
        try:
            return LOST.get(self.attachments().get(siret, ""), "outage.not_attached")
        except RemoteError:
            return "outage.not_attached"  # that much is certain; why is a kindness

    def password_ends(self) -> date | None:
        """Return the day on which the technical account's password ends; None when Chorus Pro does not say.

        The structures are asked anew: an attachment that was lost shows here, not only at the next deposit.
        """
        supplier_id = self.supplier_id(anew=True)
        answer = self._wire.call(f"{STRUCTURES}/consulter", {"idStructureCPP": supplier_id, "codeLangue": "fr"})
        general = answer.get("informationGenerales")
        return cf.day(general.get("dateExpirationMotPasseCompteTech")) if isinstance(general, dict) else None

    def bank_account_id(self, supplier_id: int, wanted: str | None) -> int | None:
        """Return the id of a structure's bank account given by id or by name; None without one.

        Raises:
            RefusedError: It has none such, or several of that name; the refusal lists them all.

        """
        if wanted is None:
            return None
        answer = self._wire.call(f"{TRANSVERSES}/recuperer/coordbanc/valides", {"idStructure": supplier_id})
        accounts = {
            i: cf.text(row.get("nomCoordonneeBancaire")) or ""
            for row in listed(answer, "listeCoordonneeBancaire")
            if (i := cf.integer(row.get("idCoordonneeBancaire"))) is not None
        }
        named = [i for i, name in accounts.items() if name.strip().casefold() == wanted.strip().casefold()]
        known = [f"{name} ({i})" if name else str(i) for i, name in accounts.items()]
        if len(named) > 1:
            texts = {"value": wanted, "allowed": ", ".join(sorted(known))}
            raise RefusedError(Problem("bank_account.ambiguous", texts), "", "")
        found = named or [i for i in accounts if str(i) == wanted.strip()]
        if not found:
            raise no_such("compte_bancaire", wanted, known)
        return found[0]

    def service_id(self, supplier_id: int, code: str | None) -> int | None:
        """Return the id of one of a structure's own services, asked once a structure; None without one."""
        if code is None:
            return None
        known = self._services.get(supplier_id, {})
        if code not in known:
            self._services[supplier_id] = known = {s.code: s.service_id for s in services_of(self._wire, supplier_id)}
        if code not in known:
            raise no_such("fournisseur_service", code, list(known))
        return known[code]


def _rank(order: tuple[str, ...], status: str) -> int:
    return order.index(status) if status in order else len(order)
