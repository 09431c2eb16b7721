"""Inputs without coverage guidance: seeds changed at random, for Pythons without atheris and for the short test.

The n-th input of a target is always the same. Finds less in the same time than atheris; better than nothing.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")
_BYTES = (
    b"\0",
    b"\xff",
    b"\n",
    b" ",
    b'"',
    b"'",
    b"{",
    b"[",
    b":",
    b"-",
    b"0",
    b"9",
    b",",
    b"\xc2\xa0",
    b"\xed\xa0\x80",
)


def seeds(target: str) -> list[bytes]:
    """Return a target's hand-made inputs, by name of their files."""
    return [path.read_bytes() for path in sorted((CORPUS / target).iterdir())]


def tokens(target: str) -> list[bytes]:
    """Return the words of a target's dictionary (libFuzzer's format: one quoted word a line)."""
    path = CORPUS / f"{target}.dict"
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    return [ast.literal_eval("b" + line) for line in lines if line.startswith('"')]


def inputs(target: str, count: int, longest: int) -> Iterator[bytes]:
    """Yield the seeds as they are, then changed ones, ``count`` in all."""
    known, words = seeds(target), [*tokens(target), *_BYTES]
    yield from known[:count]
    chance = random.Random(target)  # noqa: S311 - reproducible on purpose
    for _ in range(count - len(known)):
        yield _changed(chance, known, words)[:longest]


def _changed(chance: random.Random, known: list[bytes], words: list[bytes]) -> bytes:
    data = chance.choice(known)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        at = chance.randint(0, len(data))
        end = min(len(data), at + chance.choice((0, 1, 1, 2, 4, 16, 64)))
        match chance.randrange(5):
            case 0:  # a word in place of some bytes, or between two
                data = data[:at] + chance.choice(words) + data[end:]
            case 1:  # some bytes again
                data = data[:end] + data[at:end] * chance.choice((1, 2, 50)) + data[end:]
            case 2:  # some bytes less
                data = data[:at] + data[end:]
            case 3:  # the end of another one
                other = chance.choice(known)
                data = data[:at] + other[chance.randint(0, len(other)) :]
            case _:  # other bytes
                data = data[:at] + chance.randbytes(end - at) + data[end:]
    return data
