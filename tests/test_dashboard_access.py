"""The page for everybody: names for screen readers, the table as a table, headings in order, contrast by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome

from chorus_outbox.core.outage import Health
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.words import catalogue
from chorus_outbox.edge.dashboard.show import Dashboard, Site
from chorus_outbox.edge.ledger.account import keep_password_end
from chorus_outbox.edge.ledger.reader import reading
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.ports import Outlook
from chromium import browsing, media, needs_chromium, resize
from seeded_ledger import NOW, SUPPLIER, fill

pytestmark = needs_chromium
PLACES = {name: f"{name}/" for name in ("outbox", "processing", "sent", "failed")}
CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "checkbox"}
CONTRAST = """
const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const parts = c => c.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const back = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
const out = [];
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
  if (!own || !e.checkVisibility() || e.closest(".sr, .skip, script, template, select")) continue;
  const s = getComputedStyle(e), big = parseFloat(s.fontSize) >= 24 || (parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700);
  const [a, b] = [light(parts(s.color)), light(back(e))], ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < (big ? 3 : 4.5)) out.push([ratio.toFixed(2), e.tagName, e.className, e.textContent.trim().slice(0, 40)]);
}
return out;
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a page with every banner and every band."""
    folder: Path = tmp_path_factory.mktemp("page")
    fill(folder / "ledger.db", 80)
    ledger = SqliteLedger(folder / "ledger.db")
    keep_password_end(ledger, "TECH", date(2026, 12, 1), NOW)
    ledger.close()
    site = Site(folder / "tableau-de-bord.html", PLACES, catalogue("fr"), SUPPLIER, sandbox=True)
    out = Health(Problem("outage.unreachable"), since=NOW)
    look = Outlook(NOW, out, "mount gone", NOW, ending=True)
    Dashboard(site, partial(reading, folder / "ledger.db", "TECH")).show(look)
    return site.file.as_uri()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Chrome]:
    with browsing(tmp_path_factory.mktemp("profile")) as one:
        resize(one, 1280, 900)
        one.get(address)
        yield one


def accessible(browser: Chrome) -> list[tuple[str, str]]:
    """Return role and name of everything that a screen reader is told."""
    tree: dict[str, Any] = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})
    return [
        (node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree["nodes"] if not node["ignored"]
    ]


def test_every_control_has_a_name(browser: Chrome) -> None:
    """Links to files by the file's name, so that they are told apart when read out alone."""
    nodes = accessible(browser)
    assert [role for role, name in nodes if role in CONTROLS and not name.strip()] == []
    links = [name for role, name in nodes if role == "link" and name.startswith("Ouvrir")]
    assert len(links) == len(set(links)) > 50


@pytest.mark.parametrize("width", [1280, 390])
def test_the_table_is_a_table_however_it_is_laid_out(browser: Chrome, width: int) -> None:
    """Rows laid out as a grid, or as cards on a phone, keep their roles."""
    try:
        resize(browser, width, 900, phone=width < 500)
        roles = [role for role, _ in accessible(browser)]
        for role in ("table", "rowgroup", "row", "columnheader", "cell"):
            assert role in roles, role
        assert roles.count("row") > 50
    finally:
        resize(browser, 1280, 900)


def test_landmarks_and_headings(browser: Chrome) -> None:
    """One main part, a search, a navigation, a foot; headings step down one by one; the language is said."""
    roles = {role for role, _ in accessible(browser)}
    assert {"banner", "main", "navigation", "search", "contentinfo"} <= roles
    levels = browser.execute_script("return [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert browser.execute_script("return document.documentElement.lang") == "fr"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_the_contrast_of_wcag_aa(browser: Chrome, scheme: str) -> None:
    """4.5 to 1, large texts 3 to 1: computed from what Chromium really draws, by day and by night."""
    media(browser, scheme=scheme)
    assert browser.execute_script(CONTRAST) == []


def test_the_charts_say_their_values(browser: Chrome) -> None:
    """Bars are decoration: each line of the chart has its label and its amount as text."""
    rows = browser.execute_script("return [...document.querySelectorAll('.bars tbody tr')].map(r => r.innerText)")
    assert rows
    assert all("€" in row and "factures" in row for row in rows)
