"""Which function answers which path (behind ``/cpro``). All are POST, but for the health check (api.md 2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import annuaire, corrections, files, flows, invoices_api, lists, structures, submit
from .model import Account, Body
from .world import World

HEALTH_PATH = "/transverses/v1/health-check"
HANDLERS: Mapping[str, Callable[[World, Account, Body], Body]] = {
    "/transverses/v1/recuperer/structures/actives/fournisseur": structures.own_structures,
    "/transverses/v1/recuperer/coordbanc/valides": structures.bank_accounts,
    "/transverses/v1/recuperer/typespj": lists.attachment_types,
    "/transverses/v1/recuperer/tauxtva": lists.vat_rates,
    "/transverses/v1/recuperer/motifs/exonerationtva": lists.exemptions,
    "/transverses/v1/telecharger/annuaire/destinataire": annuaire.download,
    "/engagementsJuridiques/v1/rechercher": annuaire.search_engagements,
    "/transverses/v1/ajouter/fichier": files.add_file,
    "/transverses/v1/consulterCR": flows.short_report,
    "/transverses/v1/consulterCRDetaille": flows.report,
    "/utilisateurs/v1/monCompte/recuperer/rattachements": structures.attachments,
    "/structures/v1/rechercher": structures.search,
    "/structures/v1/consulter": structures.consult,
    "/structures/v1/rechercher/services": structures.search_services,
    "/structures/v1/consulter/service": structures.consult_service,
    "/factures/v1/deposer/pdf": files.deposit_pdf,
    "/factures/v1/soumettre": submit.submit,
    "/factures/v1/deposer/flux": flows.deposit_flow,
    "/factures/v1/rechercher/fournisseur": invoices_api.search,
    "/factures/v1/consulter/historique": invoices_api.history,
    "/factures/v1/consulter/fournisseur": invoices_api.consult,
    "/factures/v1/completer": corrections.complete,
    "/factures/v1/recycler": corrections.recycle,
    "/factures/v1/traiterRejet": corrections.acknowledge,
    "/factures/v1/telecharger/groupe": invoices_api.download,
}
