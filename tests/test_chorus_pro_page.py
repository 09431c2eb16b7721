"""The page that maps Chorus Pro's screens and statuses stays complete."""

from __future__ import annotations

import re
from pathlib import Path

from chorus_outbox.core.invoice import Cadre
from chorus_outbox.core.words import catalogue
from chorus_outbox.simulator.enums import ALL_CADRES, STATUSES

PAGE = (Path(__file__).parents[1] / "docs" / "chorus-pro.md").read_text("utf-8")
ROW = re.compile(r"^\| `([A-Z0-9_]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_every_status_has_its_row_in_the_words_of_the_log() -> None:
    """Each of the 57 statuses once, with the French that the logs show, and what program and person do."""
    rows = ROW.findall(PAGE)
    assert sorted(row[0] for row in rows) == sorted(STATUSES)
    words = catalogue("fr").statuses
    assert [row[1].strip() for row in rows] == [words[row[0]] for row in rows]


def test_every_cadre_is_sent_or_has_another_place_to_go() -> None:
    """The 25 frames: four are sent, of each other the page says where it is deposited."""
    told = PAGE.partition("## 5.")[2]
    elsewhere = {int(n) for n in re.findall(r"\(A([0-9]+)\)", told)}
    works = re.search(r"\(cadres ([^)]*)\)", told)
    assert works
    for first, last in re.findall(r"A([0-9]+)(?: to A([0-9]+))?", works[1]):
        elsewhere |= set(range(int(first), int(last or first) + 1))
    sent = {int(cadre.name[1:]) for cadre in Cadre}
    assert sent | elsewhere == {int(cadre.partition("_")[0][1:]) for cadre in ALL_CADRES}
    assert not sent & elsewhere
