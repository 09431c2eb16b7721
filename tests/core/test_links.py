"""Where a browser finds a file, seen from the page."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

import hypothesis.strategies as st
import pytest
from hypothesis import given

from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.links import address, encoded, links

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PLACES = {name: f"{name}/" for name in ("outbox", "processing", "sent", "failed")}
NAMES = (
    st.binary(min_size=1, max_size=255)
    .map(os.fsdecode)
    .filter(lambda n: "/" not in n and "\0" not in n and n not in (".", ".."))
)


def entry(state: State, folder: str, **changes: Any) -> Entry:
    return Entry(1, "F1.pdf", changes.pop("origin", "F1.pdf"), state, folder, NOW, NOW, **{"stem": "F1", **changes})


@pytest.mark.parametrize(
    ("page", "folder", "expected"),
    [
        pytest.param("/srv/factures", "/srv/factures/failed", "failed/", id="beside it"),
        pytest.param("/srv/factures", "/srv/factures", "./", id="the same"),
        pytest.param("/srv/factures/pages", "/srv/factures/failed", "../failed/", id="one up"),
        pytest.param(
            "/srv/factures", "/srv/autre/à suivre", "../autre/%C3%A0%20suivre/", id="another tree of one share"
        ),
        pytest.param("/srv/factures", "/mnt/nas/échecs", "file:///mnt/nas/%C3%A9checs/", id="nothing in common"),
    ],
)
def test_a_folder_is_found_from_the_page(page: str, folder: str, expected: str) -> None:
    """Relative, so that it holds under whatever letter a share is mounted; else an address of this machine."""
    assert address(PurePosixPath(page), PurePosixPath(folder)) == expected


@given(st.lists(NAMES, min_size=1, max_size=4), st.lists(NAMES, min_size=1, max_size=4), NAMES)
def test_a_browser_comes_to_the_very_bytes(page: list[str], folder: list[str], name: str) -> None:
    """What a browser makes of page and link (RFC 3986) is the file's path, byte by byte, surrogate escapes included."""
    here, there = PurePosixPath("/", *page), PurePosixPath("/", *folder)
    link = address(here, there) + encoded(name)
    reached = urlsplit(urljoin(f"file://{encoded(str(here))}/tableau.html", link))
    assert (reached.scheme, reached.netloc, reached.query, reached.fragment) == ("file", "", "", "")
    assert unquote_to_bytes(reached.path) == os.fsencode(str(there / name))


@pytest.mark.parametrize("name", ["javascript:alert(1)", "a:b", "//evil.example/x", "?x", "#x", "%2e%2e", "a&b", '"'])
def test_a_name_is_never_more_than_a_name(name: str) -> None:
    """No name becomes a scheme, a host, a query or an attribute."""
    link = encoded(name)
    assert not urlsplit(link).scheme
    assert not set(link) & set(":?#&\"'<>")


@pytest.mark.parametrize(
    ("invoice", "pdf", "log"),
    [
        pytest.param(entry(State.SENT, "sent/2026/11"), "sent/2026/11/F1.pdf", "sent/2026/11/F1.log", id="sent"),
        pytest.param(
            entry(State.FAILED, "failed", stem="F1 (2)"),
            "failed/F1%20%282%29.pdf",
            "failed/F1%20%282%29.log",
            id="collision",
        ),
        pytest.param(
            entry(State.SEEN, "outbox", stem="", origin="a b/ç.pdf"), "outbox/a%20b/%C3%A7.pdf", "", id="in the outbox"
        ),
        pytest.param(entry(State.SENDING, "processing"), "processing/F1.pdf", "", id="no log while it is being sent"),
        pytest.param(entry(State.IN_DOUBT, "processing"), "processing/F1.pdf", "processing/F1.log", id="in doubt"),
        pytest.param(entry(State.ACCEPTED, "processing", to_folder="sent/2026/11"), "", "", id="being moved"),
        pytest.param(entry(State.SENT, "ailleurs"), "", "", id="where no browser comes"),
        pytest.param(
            entry(State.SENT, "sent/2026/11", members=(Member("pdf", "F1.PDF", ".PDF"),)),
            "sent/2026/11/F1.PDF",
            "sent/2026/11/F1.log",
            id="capitals",
        ),
    ],
)
def test_links_lead_to_where_the_files_are(invoice: Entry, pdf: str, log: str) -> None:
    """And there is none where nobody could be led."""
    assert links(invoice, PLACES) == (pdf, log)
