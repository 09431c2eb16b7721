"""Chorus Pro in memory: its recipients, its drafts and deposits, and its faults on demand.

``edge/test_chorus_contract.py`` runs it and the real client (against the simulator) through one suite.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from chorus_outbox.core.analysis import Analysis
from chorus_outbox.core.decide import PARIS, Found
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.preflight import Recipient, Service
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.refusals import SUBMIT, refused
from chorus_outbox.edge.chorus.fields import deposit, with_files
from chorus_outbox.errors import FaultyError, InDoubtError, RefusedError, RemoteError, UnavailableError
from chorus_outbox.ports_chorus import Attached, Upload
from chorus_outbox.simulator import start
from chorus_outbox.simulator.codes import INVENTED
from chorus_outbox.simulator.model import Structure
from world_effects import Effects, Faults

SUPPLIERS = {start.SUPPLIER_SIRET: start.SUPPLIER_ID, start.SECOND_SUPPLIER_SIRET: start.SECOND_SUPPLIER_ID}
DOUBLE = INVENTED["duplicate"].label  # AIFE's own words


@dataclass(frozen=True)
class Fault:
    """What goes wrong in one call.

    ``kind``: ``not_arrived``, ``faulty``, ``refused``; for ``submit`` also ``doubt_lost`` (no answer, no effect),
    ``doubt_arrived`` (no answer, but the effect), ``late_effect`` (no answer, the effect comes after ``seconds``),
    ``search_lag`` (no answer, the effect shows in searches after ``seconds``) and ``bug`` (an unexpected ``OSError``).
    """

    kind: str
    seconds: float = 0
    retry_after: float | None = None


@dataclass(frozen=True)
class Deposit:
    """An accepted invoice; ``entry_id`` is the ledger's entry that was being sent."""

    chorus_id: int
    supplier: int
    payload: Mapping[str, Any]
    content: bytes
    at: datetime
    shows_at: datetime
    entry_id: int | None = None
    flow: str | None = None
    attachments: tuple[bytes, ...] = ()

    @property
    def key(self) -> tuple[int, str, str]:
        return self.supplier, self.payload["numeroFactureSaisi"], self.payload["dateFacture"][:4]


class MemoryChorus:
    """One supplier account, from the simulator's start data.

    ``refuses_doubles`` off is a portal that takes a number twice: then only the program prevents it. ``sending`` tells
    which entry of the ledger is being sent at the moment of ``submit``; ``read`` gives the bytes of an uploaded file.
    """

    def __init__(
        self,
        effects: Effects | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        read: Callable[[Path], bytes] = Path.read_bytes,
    ) -> None:
        self.effects = effects or Effects()
        self.faults: Faults[Fault] = Faults()
        self.refuses_doubles = True
        self.analysis = Analysis()
        self.sending: Callable[[Mapping[str, Any]], int | None] = lambda _: None
        self.structures: dict[str, Structure] = {s.siret: s for s in start.structures() if s.public}
        self.files: dict[int, bytes] = {}
        self.drafts: dict[int, tuple[str, int, datetime]] = {}  # attachment -> number read, id, when
        self.attached: list[str] = []  # the name of each attachment uploaded, in order
        self.deposits: list[Deposit] = []
        self.refusals: list[RefusedError] = []  # of the next deposits that reach it
        self.submits: list[str] = []  # the number of each submit that reached the portal, refused or not
        self.forgotten: list[str] = []
        self.changed: dict[str, Problem] = {}  # SIRET -> what people have not been told yet
        self.engagements: dict[str, bool] = {}  # engagement number -> whether the State knows it
        self._now = self.now = now
        self.tickers: list[Callable[[], None]] = []  # what else moves on by itself
        self.read = read
        self._ids = itertools.count(1000)
        self._late: list[tuple[datetime, Mapping[str, Any], int, int | None]] = []

    # --- the ports -----------------------------------------------------------------------------------------------

    def recipient(self, siret: str, service: str | None) -> Recipient | None:
        self._fail("recipient")
        structure = self.structures.get(siret)
        return None if structure is None else _recipient(structure, service)

    def forget(self, siret: str) -> None:
        self.forgotten.append(siret)

    def news(self, siret: str) -> Problem | None:
        return self.changed.get(siret)

    def told(self, siret: str) -> None:
        self.changed.pop(siret, None)

    def engagement_known(self, number: str, supplier: str) -> bool | None:
        del supplier
        return self.engagements.get(number)

    def payload(self, invoice: Invoice, *, signed: bool) -> Mapping[str, Any]:
        siret = str(invoice.supplier or start.SUPPLIER_SIRET)
        return deposit(invoice, self._supplier_id(siret), signed=signed)

    def upload(self, pdf: Path, name: str, *, signed: bool) -> Upload:
        del signed
        self._fail("upload")
        content = self.read(pdf)
        with self.effects.one("chorus.upload"):
            attachment_id = next(self._ids)
            self.files[attachment_id] = content
            self.drafts[attachment_id] = (name.removesuffix(".pdf"), next(self._ids), self._now())
        return Upload(attachment_id, self.analysis)

    def attach(self, file: Path, name: str) -> int:
        self._fail("attach")
        content = self.read(file)
        with self.effects.one("chorus.attach"):
            attachment_id = next(self._ids)
            self.files[attachment_id] = content
            self.attached.append(name)
        return attachment_id

    def submit(self, payload: Mapping[str, Any], attachment_id: int, attached: Sequence[Attached] = ()) -> Receipt:
        payload = with_files(payload, attachment_id, attached)
        fault = self.faults.take("submit")
        if self.refusals:
            raise self.refusals.pop(0)
        entry_id = self.sending(payload)
        if fault is not None and fault.kind == "bug":
            raise OSError("nobody expected this")
        if fault is not None and fault.kind not in ("doubt_arrived", "late_effect", "search_lag"):
            raise _error(fault)
        late = fault is not None and fault.kind == "late_effect"
        lag = fault.seconds if fault else 0
        with self.effects.one("chorus.submit"):
            if late:
                self._late.append((self._now() + timedelta(seconds=lag), payload, attachment_id, entry_id))
            else:
                self.submits.append(payload["numeroFactureSaisi"])
                self.accept(payload, attachment_id, entry_id, lag)
        if fault is not None:
            raise _error(fault)
        taken = self.deposits[-1]
        return Receipt(taken.chorus_id, "DEPOSEE", _day(taken.at), "certificate", payload["numeroFactureSaisi"])

    def search(self, number: str, supplier: str) -> Sequence[Found]:
        self._fail("search")
        with self.effects.one("chorus.search"):
            self.tick()
        supplier_id, now = self._supplier_id(supplier), self._now()
        shown = [d for d in self.deposits if d.shows_at <= now and d.key[:2] == (supplier_id, number)]
        drafts = [
            Found(chorus_id, number, "INTERPRETEE_OCR", None, None, _day(at), None)
            for read, chorus_id, at in self.drafts.values()
            if read == number
        ]
        return [*drafts, *(_found(d, supplier) for d in shown)]

    # --- the portal's own life -----------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let late effects happen that are due; nobody hears when they are refused."""
        for tick in self.tickers:
            tick()
        due = [late for late in self._late if late[0] <= self._now()]
        self._late = [late for late in self._late if late not in due]
        for at, payload, attachment_id, entry_id in due:
            self.submits.append(payload["numeroFactureSaisi"])
            try:
                self.accept(payload, attachment_id, entry_id, 0, at)
            except RefusedError:
                continue

    def deposit_by_hand(self, payload: Mapping[str, Any]) -> Deposit:
        """Accept an invoice that somebody entered on the portal."""
        attachment_id = next(self._ids)
        self.files[attachment_id] = b""
        return self.accept(payload, attachment_id, None, 0)

    def accept(
        self,
        payload: Mapping[str, Any],
        attachment_id: int,
        entry_id: int | None,
        lag: float,
        at: datetime | None = None,
        *,
        flow: str | None = None,
    ) -> Deposit:
        """Make an invoice of an uploaded file; the file is then used."""
        at = at or self._now()
        supplier = payload["fournisseur"]["idFournisseur"]
        others = [one["pieceJointeComplementaireId"] for one in payload.get("pieceJointeComplementaire", [])]
        for one in (attachment_id, *others):
            if one not in self.files:
                raise _refused("file_unknown", id=one)
        content, more = self.files[attachment_id], tuple(self.files[one] for one in others)
        shows_at = at + timedelta(seconds=lag)
        new = Deposit(next(self._ids), supplier, payload, content, at, shows_at, entry_id, flow, more)
        if self.refuses_doubles and any(d.key == new.key for d in self.deposits):
            raise _refused("duplicate")
        for one in (attachment_id, *others):
            del self.files[one]  # a file belongs to one invoice
        self.drafts.pop(attachment_id, None)
        self.deposits.append(new)
        return new

    def _supplier_id(self, siret: str) -> int:
        if siret not in SUPPLIERS:
            texts = {"field": "fournisseur", "value": siret, "allowed": ", ".join(sorted(SUPPLIERS))}
            raise RefusedError(Problem("field.choice", texts), "", "")
        return SUPPLIERS[siret]

    def _fail(self, call: str) -> None:
        raise_fault(self.faults.take(call))


def raise_fault(fault: Fault | None) -> None:
    """Raise what a fault raises."""
    if fault is not None:
        raise _error(fault)


def _error(fault: Fault) -> RemoteError:
    match fault.kind:
        case "not_arrived":
            return UnavailableError(Problem("outage.unreachable", {"detail": "test"}), fault.retry_after)
        case "faulty":
            return FaultyError(Problem("outage.maintenance", {"status": "500"}))
        case "refused":
            return _refusal("20940", "Le montant TTC n'est pas la somme")
        case _:
            return InDoubtError(Problem("doubt.no_answer", {"detail": fault.kind}))


def _refused(key: str, **texts: object) -> RefusedError:
    code = INVENTED[key]
    return _refusal(str(code.number), code.label.format(**texts))


def _refusal(code: str, label: str) -> RefusedError:
    return RefusedError(refused(SUBMIT, code, label), code, label)


def _day(at: datetime) -> str:
    return at.astimezone(PARIS).date().isoformat()


def _found(one: Deposit, supplier: str) -> Found:
    total = Decimal(str(one.payload["montantTotal"]["montantTtcTotal"])).quantize(Decimal("0.01"))
    recipient = one.payload["destinataire"]["codeDestinataire"]
    number, day = one.payload["numeroFactureSaisi"], one.payload["dateFacture"]
    return Found(one.chorus_id, number, "DEPOSEE", recipient, day, _day(one.at), total, supplier, one.flow)


def _recipient(structure: Structure, asked: str | None) -> Recipient:
    services = (Service(s.code, s.name, s.active, s.id, None) for s in structure.services)
    needed = {s.code: s.needs_engagement for s in structure.services}
    return Recipient(
        siret=structure.siret,
        name=structure.name,
        active=structure.active,
        structure_id=structure.id,
        needs_service=structure.service_required,
        needs_engagement=structure.engagement_required,
        needs_either=structure.engagement_or_service,
        services=tuple(
            replace(s, needs_engagement=needed[s.code]) if s.code == asked and s.active else s for s in services
        ),
        payment_not_reported=not structure.payment_reported,
    )
