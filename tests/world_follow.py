"""What follows a deposit, in memory: the history of invoices, corrections, flows, reference lists.

Belongs to ``world_chorus`` (the deposits are its); ``edge/test_chorus_contract.py`` runs both through one suite.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.flow import Blame, FlowReport
from chorus_outbox.core.followup import RETURNED, History, Passage
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.refusals import COMPLETE, RECYCLE, refused
from chorus_outbox.edge.chorus.fields import recycling
from chorus_outbox.errors import RefusedError
from chorus_outbox.ports_chorus import Attached
from chorus_outbox.simulator.codes import COMPLETE_STATE, INVENTED
from chorus_outbox.simulator.flow_xml import read_invoice
from chorus_outbox.simulator.lists import ATTACHMENT_TYPES, EXEMPTIONS
from world_chorus import SUPPLIERS, MemoryChorus, raise_fault
from world_folders import xml_in


class MemoryFollowUp:
    """The statuses of the deposits of a ``MemoryChorus``; the test is the recipient (``set_status``)."""

    def __init__(self, chorus: MemoryChorus) -> None:
        self.chorus = chorus
        self.steps: dict[int, list[Passage]] = {}
        self.corrections: list[tuple[str, int, Mapping[str, Any]]] = []  # what was taken, in order
        self.acknowledged: list[int] = []
        self.sending: Callable[[int], None] = lambda _: None

    def set_status(self, chorus_id: int, status: str, comment: str = "", at: str = "2026-11-24 10:00") -> None:
        """Act as the recipient."""
        self._steps(chorus_id).append(Passage(status, at, comment))

    def history(self, chorus_id: int) -> History:
        raise_fault(self.chorus.faults.take("history"))
        with self.chorus.effects.one("chorus.history"):
            steps = self._steps(chorus_id)
        return History(steps[-1].status, tuple(steps))

    def recycling(self, invoice: Invoice, cleared: Collection[str]) -> Mapping[str, Any]:
        return recycling(invoice, cleared)

    def recycle(self, chorus_id: int, payload: Mapping[str, Any]) -> Receipt:
        return self._correct("recycle", chorus_id, payload, "A_RECYCLER", "DEPOSEE")

    def complete(self, chorus_id: int, comment: str, attachments: Sequence[Attached]) -> Receipt:
        given = {"comment": comment, "attachments": tuple(attachments)}
        return self._correct("complete", chorus_id, given, "SUSPENDUE", "COMPLETEE")

    def acknowledge(self, chorus_id: int) -> None:
        raise_fault(self.chorus.faults.take("acknowledge"))
        with self.chorus.effects.one("chorus.acknowledge"):
            self._must_be(chorus_id, "REJETEE")
            self.acknowledged.append(chorus_id)

    def _correct(self, call: str, chorus_id: int, given: Mapping[str, Any], state: str, then: str) -> Receipt:
        self.sending(chorus_id)
        fault = self.chorus.faults.take(call)
        if fault is not None and fault.kind != "doubt_arrived":
            raise_fault(fault)
        with self.chorus.effects.one(f"chorus.{call}"):
            self._must_be(chorus_id, state)
            self.corrections.append((call, chorus_id, given))
            self.set_status(chorus_id, then)
        raise_fault(fault)
        return Receipt(chorus_id, then)

    def _must_be(self, chorus_id: int, status: str) -> None:
        now = self._steps(chorus_id)[-1].status
        if now != status:
            number, label = COMPLETE_STATE if status == "SUSPENDUE" else INVENTED["invoice_state"]
            code, said = str(number), label.format(status=now)
            raise RefusedError(refused(COMPLETE if status == "SUSPENDUE" else RECYCLE, code, said), code, said)

    def status(self, chorus_id: int) -> str:
        """Return where an invoice stands, without asking the portal."""
        return self._steps(chorus_id)[-1].status

    def came_back(self, chorus_id: int) -> bool:
        """Tell whether its recipient has sent it back, be it for a while."""
        return any(step.status in RETURNED for step in self._steps(chorus_id))

    def _steps(self, chorus_id: int) -> list[Passage]:
        return self.steps.setdefault(chorus_id, [Passage("DEPOSEE", "2026-11-24 09:00")])


RECEIVED = FlowReport("IN_RECU")


@dataclass
class MemoryFlow:
    """A flow on its way: its bytes, the ledger's entry, when it is integrated by itself, and what is reported."""

    content: bytes
    entry_id: int | None
    due: datetime
    lag: float
    report: FlowReport = RECEIVED
    decided: bool = False


class MemoryFlows:
    """Flows: each becomes an invoice by itself, ``seconds`` after it has arrived, unless the test decides.

    ``decide`` is about a flow that is there; what stands in ``verdicts`` is about the next ones. The faults of
    ``deposit`` (``flow``) are those of ``submit``.
    """

    def __init__(self, chorus: MemoryChorus) -> None:
        self.chorus = chorus
        self.seconds = 100.0
        self.flows: dict[str, MemoryFlow] = {}
        self.verdicts: deque[FlowReport] = deque()
        chorus.tickers.append(self.tick)

    def deposit(self, pdf: Path, name: str) -> str:
        content = self.chorus.read(pdf)
        fault = self.chorus.faults.take("flow")
        entry_id = self.chorus.sending({"numeroFactureSaisi": name.removesuffix(".pdf")})
        if fault is not None and fault.kind == "bug":
            raise OSError("nobody expected this")
        if fault is not None and fault.kind not in ("doubt_arrived", "late_effect", "search_lag"):
            raise_fault(fault)
        seconds = fault.seconds if fault else 0.0
        late, lag = (seconds, 0.0) if fault and fault.kind == "late_effect" else (0.0, seconds)
        with self.chorus.effects.one("chorus.flow"):
            flow = f"CPP{len(self.flows) + 1:022d}"
            due = self.chorus.now() + timedelta(seconds=self.seconds + late)
            self.flows[flow] = MemoryFlow(content, entry_id, due, lag)
        raise_fault(fault)
        return flow

    def report(self, flow: str) -> FlowReport:
        raise_fault(self.chorus.faults.take("report"))
        self.tick()
        return self.flows[flow].report

    def decide(self, flow: str, state: str, *errors: str | Blame) -> None:
        """Let Chorus Pro come to a result: an integrated flow makes its invoice unless an error is about it."""
        blames = tuple(Blame("", e) if isinstance(e, str) else e for e in errors)
        self._end(self.flows[flow], flow, FlowReport(state, (), blames))

    def verdict(self, state: str, *errors: str) -> None:
        """Decide about the next flow that would be integrated."""
        self.verdicts.append(FlowReport(state, (), tuple(Blame("", e) for e in errors)))

    def tick(self) -> None:
        """Let the flows come to their end that are due."""
        for number, flow in self.flows.items():
            if not flow.decided and flow.due <= self.chorus.now():
                self._end(flow, number, self.verdicts.popleft() if self.verdicts else FlowReport("IN_INTEGRE"))

    def _end(self, flow: MemoryFlow, number: str, report: FlowReport) -> None:
        flow.decided = True
        flow.report = report
        if report.state not in ("IN_INTEGRE", "IN_INTEGRE_PARTIEL") or any(not e.number for e in report.errors):
            return
        siret, body = _invoice(flow.content)
        body["fournisseur"] = {"idFournisseur": SUPPLIERS[siret]}
        attachment_id = -len(self.chorus.deposits) - 1
        self.chorus.files[attachment_id] = flow.content
        try:
            self.chorus.accept(body, attachment_id, flow.entry_id, flow.lag, flow=number)
        except RefusedError as e:
            flow.report = FlowReport("IN_REJETE", (), (Blame(body["numeroFactureSaisi"], e.label),))


def _invoice(content: bytes) -> tuple[str, dict[str, Any]]:
    xml = xml_in(content)
    assert xml is not None, "only a Factur-X goes as a flow"
    read = read_invoice(xml)
    assert read is not None
    return read


class MemoryLists:
    """The simulator's lists."""

    def __init__(self, chorus: MemoryChorus) -> None:
        self.chorus = chorus

    def attachment_types(self) -> Mapping[str, str]:
        raise_fault(self.chorus.faults.take("lists"))
        return ATTACHMENT_TYPES

    def exemption_reasons(self) -> Mapping[str, str]:
        raise_fault(self.chorus.faults.take("lists"))
        return EXEMPTIONS
