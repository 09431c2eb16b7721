"""The page and the table as files: when they are written, whole, for whom, and that nothing in them is a stranger's."""

from __future__ import annotations

import contextlib
import os
import random
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import TABLE
from chorus_outbox.core.outage import Health
from chorus_outbox.core.overview import Overview, Situation, overview
from chorus_outbox.core.overview_rows import Band, row
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.words import catalogue
from chorus_outbox.edge.dashboard import show as show_module
from chorus_outbox.edge.dashboard.page import FIRST, FIRST_OF_OTHERS, render
from chorus_outbox.edge.dashboard.show import AFRESH, TABLE_EVERY, Dashboard, KeptRows, Site, Table
from chorus_outbox.edge.dashboard.writing import write
from chorus_outbox.edge.ledger.reader import reading
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.ports import Outlook
from page_reading import Parsed
from seeded_ledger import NOW, SUPPLIER, fill, invoices

WORDS = catalogue("fr")
PLACES = {name: f"{name}/" for name in ("outbox", "processing", "sent", "failed")}
SITUATION = Situation(NOW, NOW.date(), SUPPLIER)


@dataclass
class Books:
    """A ledger of which only the stamp matters."""

    entries: list[Entry] = field(default_factory=list)
    at: int = 1
    ends: date | None = None
    looks: int = 0

    def stamp(self) -> int:
        return self.at

    def counts(self) -> Mapping[str, int]:
        return {}

    def password_ends(self) -> date | None:
        return self.ends

    def shown(self, limit: int) -> Iterator[Entry]:
        self.looks += 1
        return iter(self.entries[:limit])

    def changed(self, after: int, limit: int) -> list[Entry]:
        self.looks += 1
        return self.entries[: limit * (after < 0)]

    def all(self) -> Iterator[Entry]:
        self.looks += 1
        return iter(self.entries)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "tableau-de-bord.html", PLACES, WORDS, SUPPLIER, sandbox=False)


def dashboard(site: Site, books: Books) -> Dashboard:
    return Dashboard(site, lambda: contextlib.nullcontext(books))


def outlook(minutes: float = 0.0, **changes: Any) -> Outlook:
    return Outlook(NOW + timedelta(minutes=minutes), **changes)


def page(count: int = 12, **changes: Any) -> str:
    """Return a page with so many invoices."""
    return render(whole(count, **changes), WORDS).decode()


def whole(count: int, **changes: Any) -> Overview:
    rows = [r for e in invoices(count) if (r := row(e, WORDS, PLACES))]
    return overview(replace(SITUATION, **changes), rows, {})


# --- when --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "change", "written"),
    [
        pytest.param(1, {}, False, id="nothing new"),
        pytest.param(1, {"looked_at": NOW}, False, id="only looked again"),
        pytest.param(1, {"unavailable": "mount"}, True, id="the outbox is away"),
        pytest.param(1, {"health": Health(Problem("outage.unreachable"))}, True, id="an outage"),
        pytest.param(1, {"ending": True}, True, id="the end"),
        pytest.param(AFRESH / timedelta(minutes=1), {}, True, id="five minutes later"),
        pytest.param(-30, {}, True, id="the clock was put back"),
    ],
)
def test_the_page_is_written_when_something_changed(
    site: Site, minutes: float, change: dict[str, Any], written: bool
) -> None:
    """Or when it grows old: a reader must see that the program lives. Nothing is read to find that nothing changed."""
    books = Books()
    show = dashboard(site, books)
    show.show(outlook())
    site.file.unlink()
    show.show(outlook(minutes, **change))
    assert site.file.exists() is written
    assert books.looks == 1 + written


def test_the_page_follows_the_ledger_and_the_password(site: Site) -> None:
    """A step of any invoice, or what Chorus Pro said of the password."""
    books = Books()
    show = dashboard(site, books)
    show.show(outlook())
    books.at = 2
    show.show(outlook(0.1))
    books.ends = date(2026, 12, 1)
    show.show(outlook(0.2))
    assert books.looks == 3


@pytest.mark.parametrize(
    ("rows", "at_once"),
    [
        pytest.param(5000, 500, id="all fit"),
        pytest.param(25, 500, id="the oldest done are left out"),
        pytest.param(5000, 2, id="many at once"),
    ],
)
def test_what_is_kept_is_what_the_ledger_says(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int, at_once: int
) -> None:
    """Only what has changed is read again, and the page shows the same as if everything were."""
    monkeypatch.setattr(show_module, "ROWS", rows)
    monkeypatch.setattr(show_module, "AT_ONCE", at_once)
    path, chance = tmp_path / "ledger.db", random.Random(1)  # noqa: S311 - the same steps each time
    fill(path, 40)
    ledger, kept = SqliteLedger(path), KeptRows(site)
    for number in range(25):
        for _ in range(chance.randrange(4)):
            entry = chance.choice(ledger.entries())
            events = [event for state, event in TABLE if state is entry.state]
            if events:
                ledger.note(entry.id, chance.choice(events), NOW)
        if number % 5 == 0:
            ledger.admit(f"n{number}.pdf", f"n{number}.pdf", "sig", NOW)
        with reading(path, "login") as reader:
            now = {r.id: r for r in kept.now(reader)}
            afresh = {r.id: r for r in KeptRows(site).now(reader)}
        still_open = {i for i, r in afresh.items() if r.band not in (Band.SENT, Band.PAID)}
        assert {i: r for i, r in now.items() if i in afresh} == {i: r for i, r in afresh.items() if i in now}
        assert still_open <= set(now)
        assert len(now) <= max(rows, len(still_open))
        assert rows < 40 or set(now) == set(afresh)
    ledger.close()


def test_what_could_not_be_written_is_tried_again(site: Site, tmp_path: Path) -> None:
    """At the very next call, whatever has changed or not."""
    away = replace(site, file=tmp_path / "away" / "page.html")
    show = dashboard(away, Books())
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            show.show(outlook())
    away.file.parent.mkdir()
    show.show(outlook())
    assert away.file.exists()


def test_the_table_is_written_once_a_minute_and_only_for_news(site: Site) -> None:
    """And at the end at once."""
    books = Books(entries=list(invoices(3)))
    show = Table(site, lambda: contextlib.nullcontext(books))
    show.show(outlook())
    file = site.file.with_name("suivi.csv")
    assert len(file.read_bytes().splitlines()) == 4
    books.at = 2
    show.show(outlook(0.5))
    assert books.looks == 1
    show.show(outlook(TABLE_EVERY / timedelta(minutes=1)))
    assert books.looks == 2
    books.at = 3
    show.show(outlook(1.5))
    assert books.looks == 2
    show.show(outlook(1.6, ending=True))
    assert books.looks == 3
    show.show(outlook(9))
    assert books.looks == 3


# --- files -------------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """Whoever has the old one open keeps it; the share's group may read the new one; nothing else is left behind."""
    path = tmp_path / "page.html"
    path.write_text("old")
    before = os.umask(0o077)
    with path.open() as reader:
        write(path, [b"ne", b"w"])
        assert reader.read() == "old"
    os.umask(before)
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert os.listdir(tmp_path) == ["page.html"]  # noqa: PTH208 - names only


def test_what_fails_half_way_leaves_the_old_file(tmp_path: Path) -> None:
    """No half page, no litter."""

    def pieces() -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    path = tmp_path / "page.html"
    path.write_text("old")
    with pytest.raises(OSError, match="No space"):
        write(path, pieces())
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["page.html"]  # noqa: PTH208


def test_a_trap_in_the_shared_folder_is_not_stepped_into(tmp_path: Path) -> None:
    """Somebody of the share's group lays a link under our temporary name, or in place of the page."""
    secret = tmp_path / "secret"
    secret.write_text("kept")
    for trap in (".page.html.tmp", "page.html"):
        (tmp_path / trap).unlink(missing_ok=True)
        (tmp_path / trap).symlink_to(secret)
        write(tmp_path / "page.html", [b"new"])
        assert secret.read_text() == "kept"
    assert (tmp_path / "page.html").read_bytes() == b"new"
    assert not (tmp_path / "page.html").is_symlink()


# --- what is in it -----------------------------------------------------------------------------------------------


def shape(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the tags and the names of their attributes, in order, but marks of where a line may break."""
    return [(tag, tuple(attributes)) for tag, attributes in Parsed(text).tags if tag != "wbr"]


def test_the_page_needs_nothing_else_and_may_do_nothing_else() -> None:
    """No address but of our own files, and a policy that allows exactly its own style and script."""
    parsed = Parsed(page(12, sandbox=True))
    assert {"link", "img", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in parsed.tags)
    assert not [a for _, a in parsed.tags if "src" in a or "style" in a or any(name.startswith("on") for name in a)]
    targets = [a["href"] for tag, a in parsed.tags if tag == "a"]
    assert all(t.startswith(("#", "sent/", "failed/", "processing/", "outbox/", "suivi.csv")) for t in targets)
    (policy,) = [a["content"] for _, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_what_needs_a_person_comes_first() -> None:
    """Bands in their order, counted; what each invoice asks for stands in its row."""
    text = page()
    places = [text.index(f'<tbody id="{band.value}"') for band in Band]
    assert places == sorted(places)
    assert re.search(r"<title>\(3\) ", text)
    needs = text[places[0] : places[1]]
    assert needs.count("<tr data-") == 3
    assert "exige un numéro d'engagement" in Parsed(needs).text
    assert "À faire\N{NO-BREAK SPACE}:" in needs


def test_how_things_are_is_said_on_top() -> None:
    """A test environment, an outage since when, an outbox away, the password, the end: each has its banner."""
    out = Health(Problem("outage.unreachable"), since=NOW)
    text = Parsed(
        page(0, sandbox=True, health=out, unavailable="mount <gone>", password_ends=date(2026, 12, 1), ended=True)
    ).text.replace("\N{NO-BREAK SPACE}", " ")
    for told in (
        "ENVIRONNEMENT D'ESSAI",
        "Chorus Pro ne répond pas pour le moment. Depuis le 25/11/2026 à 10:41. Rien à faire",
        "Le dossier de dépôt ne peut pas être lu : mount <gone>",
        "expire le 01/12/2026 (jours restants : 6)",
        "Le programme ne tourne pas : il s'est terminé le 25/11/2026 à 10:41.",
        "Aucune facture pour l'instant",
        "Rien à faire : aucune facture n'a besoin de vous.",
    ):
        assert told in text
    calm = Parsed(page(12, password_ends=date(2027, 6, 1), looked_at=NOW)).text
    assert "ENVIRONNEMENT" not in calm
    assert "encore 188 jours" in calm
    assert "dossier de dépôt regardé le 25/11/2026 à 10:41" in calm


def test_a_long_band_lies_ready_beside_the_table() -> None:
    """So that thousands open at once; what needs a person stands in the table, whoever has no script."""
    text = page(1000)
    table = text[text.index("<table id=") : text.index("</table>")]
    told = whole(1000)
    for band in Band:
        body = re.search(rf'<tbody id="{band.value}".*?</tbody>', table, re.DOTALL)
        rows = len(told.bands[band])
        assert body is not None
        assert body[0].count("<tr data-") == min(rows, FIRST.get(band, FIRST_OF_OTHERS))
    assert text.count("<tr data-") == 1000


def test_what_is_left_out_is_said_with_where_it_is() -> None:
    """A page of 5,000 with 100,000 invoices behind it points at the table."""
    text = Parsed(render(replace(whole(12), left_out=95_000), WORDS).decode()).text
    assert "ne sont pas sur cette page : 95 000. Pour les avoir toutes : suivi.csv" in text
    assert "Seules comptent celles de cette page." in text


CHARACTERS = st.characters() | st.sampled_from("<>&\"'/=`;\n\r\t\u2028\u202e\ud800\udcff{}%#")
HOSTILE = st.lists(CHARACTERS, max_size=300).map("".join) | st.sampled_from(
    [
        "</script><script>window.hacked=1</script>",
        '"><img src=x onerror="window.hacked=1">',
        "</template></table><svg onload=window.hacked=1>",
        "{{ 7 * 7 }}{% raw %}",
        "--><style>*{display:none}</style>",
        "&lt;b&gt;",
    ]
)


def on_disk(name: str) -> str:
    """Return a name as a disk may hold it and Python gives it back."""
    return os.fsdecode(name.encode("utf-8", "surrogatepass"))


@settings(max_examples=60, deadline=None)
@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
def test_no_strangers_text_becomes_markup(file: str, name: str, status: str, comment: str) -> None:
    """Whatever strangers call things: the tags and attributes of the page stay the same, none is added."""
    (harmless,) = [e for e in invoices(12) if e.chorus_status == "A_RECYCLER"]

    def drawn(file: str, name: str, status: str, comment: str) -> str:
        assert harmless.receipt is not None
        back = Problem("returned.recycle", {"status": "A_RECYCLER", "comment": comment, "name": name})
        nasty = replace(
            harmless,
            file=file,
            stem=on_disk(file),
            number=name,
            recipient_name=name,
            siret=name,
            problems=(back,),
            receipt=replace(harmless.receipt, status=status),
            fields={"devise": (comment, "x")},
        )
        told = row(nasty, WORDS, PLACES)
        assert told is not None
        return render(overview(replace(SITUATION, unavailable=comment), [told], {}), WORDS).decode()

    assert shape(drawn(f"x{file}", f"x{name}", f"x{status}", f"x{comment}")) == shape(drawn("x", "x", "x", "x"))


# --- from a real ledger ------------------------------------------------------------------------------------------


def test_what_is_open_is_always_there_and_the_newest_of_the_rest(tmp_path: Path) -> None:
    """However old the one that failed is: it is read before thousands that were paid."""
    fill(tmp_path / "ledger.db", 300)
    with reading(tmp_path / "ledger.db", "TECH") as reader:
        everything = list(reader.all())
        few = list(reader.shown(40))
        assert reader.counts() == {
            s: sum(e.state.value == s for e in everything) for s in {e.state.value for e in everything}
        }
        assert reader.password_ends() is None
    assert len(everything) == 300
    assert len({e.id for e in few}) == len(few) == 40
    done = [e for e in few if e.state.value in ("sent", "paid")]
    still_open = {e.id for e in everything} - {e.id for e in everything if e.state.value in ("sent", "paid")}
    assert still_open <= {e.id for e in few}
    newest = sorted((e.id for e in everything if e.id not in still_open), reverse=True)
    assert [e.id for e in done] == newest[: len(done)]


def test_more_open_invoices_than_the_page_holds(tmp_path: Path) -> None:
    """What needs a person comes before what waits by itself."""
    fill(tmp_path / "ledger.db", 12)
    with reading(tmp_path / "ledger.db", "TECH") as reader:
        assert [e.state.value for e in reader.shown(3)] == ["failed", "failed", "in_doubt"]


def test_the_language_is_the_configured_one() -> None:
    """English words, English amounts, the language said to screen readers."""
    words = catalogue("en")
    rows = [r for e in invoices(12) if (r := row(e, words, PLACES))]
    text = render(overview(SITUATION, rows, {}), words).decode()
    assert '<html lang="en">' in text
    assert "Needs you" in text
    assert "5,659.13" in text
