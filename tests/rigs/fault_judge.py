"""Holds what was seen of a case against the table. Pure: plays nothing, knows no site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fault_cases import EVERYBODY, Case, Outcome
from fault_kinds import FAULTS
from fault_site import FIRST, OTHER, Seen
from fault_table import DOUBT, cell

from chorus_outbox.core.decide import TRIES_AFTER_DOUBT

STATES: Mapping[str, str] = {  # call -> where an invoice waits while this call fails
    **dict.fromkeys(("token", "account", "recipient", "rules", "services", "service", "types"), "seen"),
    **dict.fromkeys(("upload", "attach", "submit"), "waiting"),
    **dict.fromkeys(("search-arrived", "search-absent"), "in_doubt"),
}
FOLDERS = {"seen": "outbox", "waiting": "processing", "in_doubt": "processing", "sent": "sent", "failed": "failed"}
ONLY_THE_FIRST = (
    "service",
    "types",
    "attach",
    "search-arrived",
    "search-absent",
)  # calls that the second invoice does not need


@dataclass(frozen=True)
class Expected:
    """Where an invoice must be and why; ``deposits`` accepted by Chorus Pro."""

    state: str
    reasons: tuple[str, ...] = ()
    deposits: int = 0


SENT = Expected("sent", (), 1)


def at_the_end(case: Case) -> Expected:
    """Return what must have become of the first invoice once everything works again."""
    doubts = 0
    for fault in case.faults * (TRIES_AFTER_DOUBT if case.for_ever else 1):
        known = cell(case.call, fault)
        doubts += known.kind == "asks"
        if known.kind == "fails" or doubts == TRIES_AFTER_DOUBT:
            return Expected("failed", (known.code,))
        if known.kind in ("unharmed", "adopts"):
            return SENT
    return SENT


def while_it_lasts(case: Case) -> Expected:
    """Return where the first invoice must be while its call fails for ever."""
    known = cell(case.call, case.faults[0])
    if known.kind not in ("outage", "waits"):
        return at_the_end(case)
    state = STATES[case.call]
    return Expected(state, (DOUBT if state == "in_doubt" else known.code,), int(case.call == "search-arrived"))


def other_while_it_lasts(case: Case) -> Expected:
    """Return where the second invoice must be meanwhile: nothing blocks it but what is out of order for it as well."""
    fault = case.faults[0]
    everybody = case.call in EVERYBODY or (FAULTS[fault].client and case.call not in ONLY_THE_FIRST)
    known = cell(case.call, fault)
    return Expected(STATES[case.call], (known.code,)) if everybody and known.kind == "outage" else SENT


def mismatches(case: Case, seen: Outcome) -> Iterator[str]:
    """Yield in what a case did not end, or go, as it must."""
    yield from seen.wrong
    if not seen.ended:
        return
    if not seen.met:
        yield "the fault was never met"
    yield from _differs("in the end", at_the_end(case), seen.ended[FIRST])
    yield from _differs("the other, in the end", SENT, seen.ended[OTHER])
    if not case.for_ever:
        return
    yield from _differs("meanwhile", while_it_lasts(case), seen.lasting[FIRST])
    yield from _differs("the other, meanwhile", other_while_it_lasts(case), seen.lasting[OTHER])
    known = cell(case.call, case.faults[0])
    if set(seen.outages) != ({known.code} if known.kind == "outage" else set()):
        yield f"outages told: {seen.outages}"
    if case.call in EVERYBODY and len(seen.outages) > 1:
        yield f"told {len(seen.outages)} times as an outage"


def _differs(when: str, expected: Expected, seen: Seen) -> Iterator[str]:
    found = Expected(seen.state, seen.reasons, seen.deposits)
    if found != expected:
        yield f"{when}: {found}, not {expected}"
    if seen.folder != FOLDERS.get(seen.state):
        yield f"{when}: {seen.state}, and its PDF: {seen.folder}"
    if not seen.told:
        yield f"{when}: its log does not say why"
