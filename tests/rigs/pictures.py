"""Draws the pictures of the dashboard anew: ``make pictures``. Needs Debian's chromium and chromium-driver.

Made-up invoices of a made-up supplier (``seeded_ledger``), drawn by the program, photographed by a real Chromium.
"""

from __future__ import annotations

import base64
import io
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from selenium.webdriver import Chrome

from chorus_outbox.core.words import catalogue
from chorus_outbox.edge.dashboard.show import Dashboard, Site
from chorus_outbox.edge.ledger.reader import reading
from chorus_outbox.ports import Outlook
from chromium import BROWSER, DRIVER, browsing, resize
from seeded_ledger import NOW, SUPPLIER, fill

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
PLACES = {name: f"{name}/" for name in ("outbox", "processing", "sent", "failed")}
Take = Callable[[Chrome], bytes]


def page(folder: Path, count: int) -> str:
    """Write the page of so many invoices and return its address."""
    ledger = folder / f"{count}.db"
    if not ledger.exists():
        fill(ledger, count)
    site = Site(folder / f"{count}.html", PLACES, catalogue("fr"), SUPPLIER, sandbox=False)
    Dashboard(site, partial(reading, ledger, "TECH")).show(Outlook(NOW, looked_at=NOW))
    return site.file.as_uri()


def screen(width: int, height: int, *, phone: bool = False) -> Take:
    """Return what photographs the page in a window of that size (CSS pixels)."""

    def take(browser: Chrome) -> bytes:
        resize(browser, width, height, phone=phone)
        browser.refresh()
        browser.execute_script("document.getElementById('old').hidden = true")  # by our clock it is a page of long ago
        taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        return base64.b64decode(taken["data"])

    return take


def paper(browser: Chrome) -> bytes:
    """Photograph the page as it is printed, on the width of a sheet of A4 across."""
    resize(browser, 1040, 735)  # A4 landscape less its margins, at 96 dots an inch
    browser.refresh()
    browser.execute_script("document.getElementById('old').hidden = true; dispatchEvent(new Event('beforeprint'))")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    return base64.b64decode(taken["data"])


PICTURES: dict[str, tuple[int, Take]] = {
    "tableau-de-bord-vide": (0, screen(1280, 420)),
    "tableau-de-bord-12-factures": (12, screen(1280, 2640)),
    "tableau-de-bord-5000-factures": (5000, screen(1280, 1100)),
    "tableau-de-bord-telephone": (12, screen(390, 1600, phone=True)),
    "tableau-de-bord-impression": (12, paper),
}


def smaller(png: bytes) -> bytes:
    """Return the picture with 256 colours: a page has few, and a repository keeps every version."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    """Draw them all."""
    if not (BROWSER and DRIVER):
        print("chromium and chromedriver are needed: `make packages` as root")
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, browsing(Path(temporary, "profile")) as browser:
        browser.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
        for name, (count, take) in PICTURES.items():
            browser.get(page(Path(temporary), count))
            data = smaller(take(browser))
            (FOLDER / f"{name}.png").write_bytes(data)
            print(f"{name}.png: {len(data) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
