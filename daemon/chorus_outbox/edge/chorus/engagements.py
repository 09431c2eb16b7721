"""Whether the State has ordered under an engagement number (api.md 2.19): a kindness that may fail in silence.

The API knows only the State's engagements of which the asker is the beneficiary, few applications are subscribed to it,
and ``soumettre`` checks anyway (api.md 4.2): so nothing here ever raises, and no invoice ever waits for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from chorus_outbox.errors import RemoteError

from . import fields as cf
from .paging import ENGAGEMENTS
from .wire import Wire

ASK_AGAIN = 86_400.0  # seconds: an engagement is asked for at most once a day
AFTER_TROUBLE = 3600.0  # seconds without asking anything, once an answer could not be had


class Engagements:
    """The State's engagements to one account; safe to use from several threads.

    Args:
        wire: Sends the calls.
        supplier_id: Own SIRET -> its id at Chorus Pro.
        monotonic: Clock in seconds.

    """

    def __init__(self, wire: Wire, supplier_id: Callable[[str], int], monotonic: Callable[[], float]) -> None:
        self._wire = wire
        self._supplier_id = supplier_id
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._asked: dict[tuple[str, str], tuple[float, bool | None]] = {}
        self._not_before = 0.0

    def known(self, number: str, supplier: str) -> bool | None:
        """Tell whether the State knows an engagement to that supplier; None when nobody can say."""
        now = self._monotonic()
        with self._lock:  # one at a time: it is asked for rarely
            at, verdict = self._asked.get((number, supplier), (now - ASK_AGAIN, None))
            if now - at < ASK_AGAIN or now < self._not_before:
                return verdict
            try:
                verdict = self._ask(number, supplier)
            except RemoteError:
                verdict, self._not_before = None, now + AFTER_TROUBLE
            self._asked[number, supplier] = (now, verdict)
            return verdict

    def _ask(self, number: str, supplier: str) -> bool | None:
        body = {
            "structureReceptriceEngagementJuridique": str(self._supplier_id(supplier)),
            "numeroEngagementJuridique": number,
            "etatCourantEngagementJuridique": "COMMANDE",
        }
        answer = self._wire.call(f"{ENGAGEMENTS}/rechercher", body)
        if cf.integer(answer.get("codeRetour")) is None:
            return None
        return bool(cf.rows(answer, "listeEngagementJuridique"))
