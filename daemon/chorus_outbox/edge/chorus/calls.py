"""How often each family of calls was made, with which outcome and how long it took. Safe from several threads.

Only closed sets of names: nothing of an invoice, a recipient or an address is in them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chorus_outbox.core.measures import CALL, Histogram
from chorus_outbox.errors import InDoubtError, RefusedError, RemoteError, UnavailableError

TOKEN = "token"  # noqa: S105 - the name of a family of calls
FAMILIES: Mapping[str, str] = {  # end of the path -> family
    "/soumettre": "deposit",
    "/deposer/flux": "deposit_flow",
    "/recycler": "correction",
    "/completer": "correction",
    "/traiterRejet": "correction",
    "/deposer/pdf": "upload",
    "/ajouter/fichier": "upload",
    "/rechercher/fournisseur": "search",
    "/consulterCRDetaille": "flow_report",
    "/consulter/historique": "status",
    "/annuaire/destinataire": "directory",
    "/health-check": "account",
    "/monCompte/recuperer/rattachements": "account",
    "/recuperer/structures/actives/fournisseur": "account",
    "/recuperer/coordbanc/valides": "account",
}
OTHER = "lookup"  # recipients, services, engagements, lists of codes
ENDPOINTS = (TOKEN, *dict.fromkeys(FAMILIES.values()), OTHER)
REASONS: Mapping[str, str] = {  # problem of an UnavailableError -> outcome
    "outage.quota": "quota",
    "outage.maintenance": "maintenance",
    "outage.unreachable": "unreachable",
    "outage.wrong_route": "wrong_route",
    "outage.forbidden": "forbidden",
    **dict.fromkeys(("outage.piste_credentials", "outage.technical_account"), "credentials"),
}
OUTCOMES = ("ok", "refused", *dict.fromkeys(REASONS.values()), "fault", "doubt")


def family(path: str) -> str:
    """Return the family of a path."""
    return next((name for end, name in FAMILIES.items() if path.endswith(end)), OTHER)


def outcome(error: RemoteError | None) -> str:
    """Return how a call ended: ``refused`` is Chorus Pro's no to what was asked, ``doubt`` a lost answer."""
    match error:
        case None:
            return "ok"
        case RefusedError():
            return "refused"
        case InDoubtError():
            return "doubt"
        case UnavailableError():
            return REASONS.get(error.problem.code, "fault")
        case _:
            return "fault"


class Calls:
    """Counts calls, from the start of the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = {(e, o): 0 for e in ENDPOINTS for o in OUTCOMES}
        self._seconds = {e: Histogram(CALL) for e in ENDPOINTS}

    @contextmanager
    def counting(self, endpoint: str) -> Iterator[None]:
        """Count what is done inside as one call that ends by its ``RemoteError``, or well."""
        began = time.monotonic()
        error: RemoteError | None = None
        try:
            yield
        except RemoteError as e:
            error = e
            raise
        finally:
            self._count(endpoint, outcome(error), time.monotonic() - began)

    def _count(self, endpoint: str, how: str, seconds: float) -> None:
        with self._lock:
            self._counts[endpoint, how] += 1
            self._seconds[endpoint] = self._seconds[endpoint].plus(seconds)

    def so_far(self) -> tuple[Mapping[tuple[str, str], int], Mapping[str, Histogram]]:
        """Return how often each family ended in each way, and how long its calls took."""
        with self._lock:
            return dict(self._counts), dict(self._seconds)
