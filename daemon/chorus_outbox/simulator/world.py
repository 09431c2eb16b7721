"""The state of the simulated portal, and its clock. Decides nothing about requests.

Everything is in memory and belongs to one event loop; a test in the same process may read it, and call the methods
below, at any time. Time is ``clock()`` plus what ``advance`` has added; statuses that move on by themselves, late
effects and flows follow it each time ``tick`` is called (at every request).
"""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from . import start
from .answers import PARIS
from .chaos import Rule
from .model import Account, Body, Facture, Flow, Settings, Step, StoredFile, Structure

_JOURNAL_LENGTH = 20_000  # requests; the oldest fall out


def real_utc() -> datetime:
    """Return the real time (aware UTC)."""
    return datetime.now(UTC)


class World:
    """A simulated Chorus Pro.

    Args:
        clock: Returns the time (aware UTC).
        settings: The switches at the start and after each reset; the defaults when None.

    Attributes:
        clients: PISTE applications: client_id -> client_secret.
        accounts: Technical accounts by login.
        structures: Suppliers and recipients by ``idStructureCPP``; replace an entry to change a rule.
        files: Stored files by ``pieceJointeId``.
        invoices: Invoices and drafts by ``identifiantFactureCPP``.
        flows: Flows by ``numeroFluxDepot``.
        tokens: Access tokens -> when they expire.
        verdicts: What becomes of the next flows instead of their integration (``flows.decide``), first come first served.
        readings: What ``deposer/pdf`` will read in the next files (``ocr = "echo"``), first come first served.
        rules: The faults to commit (``chaos.py``).
        journal: Each request and its answer, base64 contents shortened (``gateway.py`` says the keys).
        stopping: Tells whether the server is about to stop: nothing hangs then.

    """

    def __init__(self, clock: Callable[[], datetime] = real_utc, settings: Settings | None = None) -> None:
        self.clock = clock
        self.stopping: Callable[[], bool] = lambda: False
        self._initial = settings or Settings()
        self.reset()

    def reset(self) -> None:
        """Return to the start data and the first settings."""
        self.settings = replace(self._initial)
        self.clients = {start.CLIENT_ID: start.CLIENT_SECRET}
        self.accounts: dict[str, Account] = {a.login: a for a in start.accounts()}
        self.structures: dict[int, Structure] = {s.id: s for s in start.structures()}
        self.files: dict[int, StoredFile] = {}
        self.invoices: dict[int, Facture] = {}
        self.flows: dict[str, Flow] = {}
        self.tokens: dict[str, datetime] = {}
        self.readings: deque[Body] = deque()
        self.verdicts: list[Body] = []
        self.rules: list[Rule] = []
        self.journal: deque[dict[str, Any]] = deque(maxlen=_JOURNAL_LENGTH)
        self._offset = timedelta()
        self._late: list[tuple[datetime, Callable[[], None]]] = []
        self._moving: dict[int, Facture] = {}
        self._file_ids = itertools.count(10321512)
        self._invoice_ids = itertools.count(81234567)
        self._flow_numbers = itertools.count(425903)
        self._generated = itertools.count(1)

    # time

    def now(self) -> datetime:
        """Return the world's time (aware UTC)."""
        return self.clock() + self._offset

    def today(self) -> date:
        """Return the world's day in Paris."""
        return self.now().astimezone(PARIS).date()

    def advance(self, seconds: float) -> None:
        """Move the clock forward and let what was due happen."""
        self._offset += timedelta(seconds=seconds)
        self.tick()

    def later(self, seconds: float, effect: Callable[[], None]) -> None:
        """Let ``effect`` happen once that many seconds have passed."""
        self._late.append((self.now() + timedelta(seconds=seconds), effect))

    def tick(self) -> None:
        """Let everything happen that is due by now."""
        now = self.now()
        due = sorted((late for late in self._late if late[0] <= now), key=lambda late: late[0])
        self._late = [late for late in self._late if late[0] > now]
        for _, effect in due:
            effect()
        for facture in list(self._moving.values()):
            while facture.plan and facture.plan[0].at <= now:
                facture.steps.append(facture.plan.pop(0))
            if not facture.plan:
                self._moving.pop(facture.id, None)
        for flow in list(self.flows.values()):
            while flow.plan and flow.plan[0].at <= now:
                flow.steps.append(flow.plan.pop(0))

    # looking things up

    def structure(self, siret: str) -> Structure | None:
        """Return the structure with that SIRET."""
        return next((s for s in self.structures.values() if s.siret == siret), None)

    def accepted(self) -> list[Facture]:
        """Return the invoices that were submitted (drafts left out), oldest first."""
        return [f for f in list(self.invoices.values()) if not f.draft]

    # changes

    def store(self, account: str, name: str, content: bytes, *, kind: str | None, facturx: bool) -> StoredFile:
        """Keep a file; ``kind`` is the ``formatDepot`` of ``deposer/pdf``, or None."""
        digest = hashlib.sha256(content).hexdigest()
        file = StoredFile(next(self._file_ids), account, name, content, digest, kind, facturx)
        self.files[file.id] = file
        return file

    def new_invoice(self, account: str, supplier: int, mode: str, body: Body, status: str) -> Facture:
        """Create an invoice or a draft in its first status."""
        step = Step(status, self.now())
        facture = Facture(next(self._invoice_ids), account, supplier, mode, body, [step], visible_from=step.at)
        self.invoices[facture.id] = facture
        return facture

    def generated_number(self) -> str:
        """Return the next number of ``SAISIE_API``: the year and a sequence, 20 digits (api.md 2.1)."""
        return f"{self.today().year}{next(self._generated):016d}"

    def flow_number(self) -> str:
        """Return the next ``numeroFluxDepot``, shaped like the one example known (api.md 2.12)."""
        return f"CPP0011117{next(self._flow_numbers):015d}"

    def certify(self, facture: Facture) -> None:
        """Give the invoice its deposit certificate: 32 bytes in base64, 44 characters (api.md 2.11)."""
        seal = f"{facture.id} {facture.number} {facture.deposited.isoformat()}".encode()
        facture.certificate = base64.b64encode(hashlib.sha256(seal).digest()).decode()

    def follow(self, facture: Facture, plan: list[Step]) -> None:
        """Let the invoice move through these statuses by itself."""
        facture.plan = plan
        self._moving[facture.id] = facture

    def set_status(self, reference: int | str, status: str, comment: str | None = None) -> Facture:
        """Put an invoice into a status; what was to come by itself is dropped.

        Args:
            reference: ``identifiantFactureCPP``, or the invoice number (the newest of several).
            status: Any status, known or not.
            comment: The recipient's reason.

        Raises:
            KeyError: When there is no such invoice.

        """
        every = list(self.invoices.values())
        found = [f for f in every if reference == f.id or (f.number == reference and not f.draft)]
        if not found:
            raise KeyError(reference)
        facture = found[-1]
        facture.plan = []
        facture.steps.append(Step(status, self.now(), comment))
        return facture
