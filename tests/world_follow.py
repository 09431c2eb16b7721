"""What follows a deposit, in memory: the history of invoices, corrections, flows, reference lists.

Belongs to ``world_chorus`` (the deposits are its); ``edge/test_chorus_contract.py`` runs both through one suite.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.flow import FlowReport
from chorus_outbox.core.followup import RETURNED, History, Passage
from chorus_outbox.core.invoice import Invoice
from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.chorus.fields import recycling
from chorus_outbox.errors import RefusedError
from chorus_outbox.ports import Attached
from chorus_outbox.simulator.codes import COMPLETE_STATE, INVENTED
from chorus_outbox.simulator.lists import ATTACHMENT_TYPES, EXEMPTIONS
from world_chorus import MemoryChorus, raise_fault


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
            texts = {"code": str(number), "label": label.format(status=now)}
            raise RefusedError(Problem("chorus.refused", texts), texts["code"], texts["label"])

    def status(self, chorus_id: int) -> str:
        """Return where an invoice stands, without asking the portal."""
        return self._steps(chorus_id)[-1].status

    def came_back(self, chorus_id: int) -> bool:
        """Tell whether its recipient has sent it back, be it for a while."""
        return any(step.status in RETURNED for step in self._steps(chorus_id))

    def _steps(self, chorus_id: int) -> list[Passage]:
        return self.steps.setdefault(chorus_id, [Passage("DEPOSEE", "2026-11-24 09:00")])


class MemoryFlows:
    """Flows that the test decides about (``reports``)."""

    def __init__(self, chorus: MemoryChorus) -> None:
        self.chorus = chorus
        self.flows: dict[str, bytes] = {}
        self.reports: dict[str, FlowReport] = {}

    def deposit(self, pdf: Path, name: str) -> str:
        del name
        fault = self.chorus.faults.take("flow")
        if fault is not None and fault.kind != "doubt_arrived":
            raise_fault(fault)
        with self.chorus.effects.one("chorus.flow"):
            flow = f"CPP{len(self.flows) + 1:022d}"
            self.flows[flow] = self.chorus.read(pdf)
            self.reports.setdefault(flow, FlowReport("IN_RECU"))
        raise_fault(fault)
        return flow

    def report(self, flow: str) -> FlowReport:
        raise_fault(self.chorus.faults.take("report"))
        return self.reports[flow]

    def decide(self, flow: str, state: str, *errors: str) -> None:
        """Let Chorus Pro come to a result."""
        self.reports[flow] = replace(self.reports[flow], state=state, errors=errors)


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
