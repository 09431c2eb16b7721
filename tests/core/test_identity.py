"""Whose outbox it is, and whether the ledger is the newest: every way in which the three witnesses can differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.identity import Behind, Foreign, Sound, Verdict, Witness, decode, encode, judge

ME, OTHER = "host-a, main.yaml", "host-b, main.yaml"


def at(generation: int, instance: str = "a", owner: str = ME) -> Witness:
    return Witness(instance, generation, owner)


CASES: dict[str, tuple[Witness | None, Witness | None, Witness | None, Verdict]] = {
    "first start ever": (None, None, None, Sound("new")),
    "all agree": (at(7), at(7), at(7), Sound("a")),
    "crash between ledger and spool": (at(8), at(7), at(5), Sound("a")),
    "marker not written yet": (at(8), at(8), None, Sound("a")),
    "spool emptied": (at(8), None, at(8), Sound("a")),
    "ledger lost": (None, at(7), at(6), Behind("a", 7)),
    "ledger and spool lost": (None, None, at(6), Behind("a", 6)),
    "an older copy of the ledger": (at(4), at(7), at(6), Behind("a", 7)),
    "an older copy of ledger and spool": (at(4), at(4), at(6), Behind("a", 6)),
    "the ledger of another spool": (at(9), at(3, "b"), at(9), Behind("a", 9)),
    "another daemon's outbox": (at(3), at(3), at(9, "b", OTHER), Foreign(OTHER)),
    "a new daemon on a used outbox": (None, None, at(9, "b", OTHER), Foreign(OTHER)),
    "our outbox, marked before all was lost": (at(1), at(1), at(9, "b", ME), Behind("a", 9)),
}


@pytest.mark.parametrize("case", CASES)
def test_what_the_witnesses_prove(case: str) -> None:
    """A forgotten deposit is noticed whenever one witness remembers it; another's outbox is never taken."""
    ledger, spool, outbox, expected = CASES[case]
    assert judge(ledger, spool, outbox, ME, "new") == expected


@given(st.integers(0, 9), st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
def test_a_ledger_that_forgot_is_never_sound(ledger: int, spool: int | None, outbox: int | None) -> None:
    """Sound only when no other witness knows of more deposits than the ledger."""
    known = [g for g in (spool, outbox) if g is not None]
    verdict = judge(at(ledger), None if spool is None else at(spool), None if outbox is None else at(outbox), ME, "new")
    assert isinstance(verdict, Sound) == (max(known, default=0) <= ledger)


def test_a_witness_is_read_back() -> None:
    """What was written is read; anything else says nothing."""
    assert decode(encode(at(7))) == at(7)


@given(st.binary(max_size=200))
def test_a_damaged_witness_says_nothing(data: bytes) -> None:
    """No bytes make the reader fail."""
    assert decode(data) is None or data.startswith(b"{")
