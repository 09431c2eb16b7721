"""The short form of the fuzz rig: its seeds and some hundred changed ones, and proof that it notices a broken reader."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fuzz_blind import CORPUS, inputs, seeds, tokens
from fuzz_checks import Broken, answer_holds, problems_hold
from fuzz_targets import TARGETS, Target

from chorus_outbox.core.problem import Problem

SHORT = {"invoice": 60, "pdftext": 60, "pdf": 12}  # the others: 300
QUICK = [name for name in TARGETS if name != "pdf"]


@pytest.mark.parametrize("name", QUICK)
def test_readers_keep_their_promises(name: str) -> None:
    """Whatever the bytes: no undocumented exception, no odd text, no unknown problem, nothing slow."""
    target = TARGETS[name]
    for data in inputs(name, SHORT.get(name, 300), target.longest):
        target.timed(data)


def test_the_pdf_child_always_answers() -> None:
    """In a process of its own, for its limits stay with the process: damaged PDFs give facts or a known problem."""
    code = "from fuzz_targets import *; from fuzz_blind import *; t = TARGETS['pdf']; "
    code += f"[t.run(d) for d in inputs('pdf', {SHORT['pdf']}, t.longest)]"
    rigs = Path(__file__).parent / "rigs"
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], cwd=rigs, check=True, timeout=60)


@pytest.mark.parametrize("name", TARGETS)
def test_each_target_has_small_seeds_and_a_dictionary(name: str) -> None:
    """Hand-made, small, and within the length that is tried; the dictionary can be read."""
    assert len(seeds(name)) >= 5
    assert all(len(seed) <= TARGETS[name].longest for seed in seeds(name))
    assert tokens(name)
    assert {path.name for path in CORPUS.iterdir()} == {n for t in TARGETS for n in (t, f"{t}.dict")}


def test_the_whole_run_makes_a_million_executions() -> None:
    """What the rig promises."""
    assert sum(target.executions for target in TARGETS.values()) >= 1_000_000


def test_inputs_are_the_same_each_time() -> None:
    """A finding without atheris can be found again."""
    assert list(inputs("token", 50, 1000)) == list(inputs("token", 50, 1000))


def test_slowness_is_noticed() -> None:
    """A reader that takes too long is a finding."""
    slow = replace(TARGETS["token"], seconds=-1)
    with pytest.raises(Broken, match="CPU time"):
        slow.timed(b"\0{}")


def test_an_exception_is_noticed() -> None:
    """A reader that raises what it does not document is a finding."""

    def reader(data: bytes) -> None:
        data.decode("ascii")

    with pytest.raises(UnicodeDecodeError):
        Target(reader, 1, 1).timed(b"\xff")


def test_odd_texts_are_noticed() -> None:
    """A lone surrogate anywhere in an answer, and a param that is no text, are findings."""
    with pytest.raises(Broken, match="surrogate"):
        answer_holds({"a": [{"b": "\ud800"}]})
    with pytest.raises(Broken, match="texts"):
        problems_hold([Problem("siret.format", {"value": 5})])  # type: ignore[dict-item]  # wrong on purpose
