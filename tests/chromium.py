"""A real headless Chromium with Debian's driver, started by the test that needs one.

with browsing(tmp_path / "profile") as browser: browser.get(path.as_uri())
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

DRIVER = shutil.which("chromedriver")  # ours to find: selenium would download one
BROWSER = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    not (DRIVER and BROWSER), reason="needs Debian's chromium and chromium-driver (make packages)"
)
QUIET = (
    *("--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--lang=fr", "--force-device-scale-factor=1"),
)


@contextlib.contextmanager
def browsing(profile: Path) -> Iterator[webdriver.Chrome]:
    """Run a browser with a new profile; its console is kept for ``get_log("browser")``."""
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER or ""
    for argument in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        media(browser)
        yield browser
    finally:
        browser.quit()


def resize(browser: webdriver.Chrome, width: int, height: int, *, phone: bool = False) -> None:
    """Give the page this many CSS pixels, with or without the habits of a phone."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def media(browser: webdriver.Chrome, *, scheme: str = "light") -> None:
    """Set what the reader prefers: light or dark, and always nothing that moves (or a click comes while it scrolls)."""
    wanted = {"prefers-color-scheme": scheme, "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in wanted.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def complaints(browser: webdriver.Chrome) -> list[str]:
    """Return what stands on the console since the last call: errors, and what the page's policy forbade."""
    found: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    return [line["message"] for line in found]
