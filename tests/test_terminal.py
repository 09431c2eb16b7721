"""What the commands print: in a real terminal of several widths, in a pipe, and as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chorus_outbox.commands.coloured import Coloured
from chorus_outbox.commands.terminal import Cell, Column, json_text, print_json_list, shown
from chorus_outbox.core.entry import Receipt
from chorus_outbox.core.lifecycle import Event
from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf
from pseudo_terminal import COLOUR, OF_THE_TERMINAL, in_terminal, plain_lines

TO = "22220001600434"  # requires nothing
SENT = f"T1_{TO}.pdf"
HOSTILE = "[red]<b>\x1b[31m\u202efdp.exe\n; rm -rf ~.pdf"
NO_TEXT = os.fsdecode(b"caf\xe9.pdf")
LONG = "é" * 125 + ".pdf"  # 254 bytes
STRANGERS = (HOSTILE, NO_TEXT, LONG)
UNSEEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

Said = tuple[int, bytes]


@dataclass
class Desk:
    """A site where one invoice was sent and four were refused, and somebody who looks at it."""

    site: Site
    known: dict[tuple[object, ...], Said] = field(default_factory=dict)

    def config(self, language: str) -> tuple[str, str]:
        """Return the option that names a configuration in that language."""
        path = self.site.config.with_name(f"{language}.yaml")
        path.write_text(self.site.config.read_text("utf-8") + f"language: {language}\n", "utf-8")
        return "--config", str(path)

    def look(self, *words: str, width: int = 80, language: str = "fr", more: Mapping[str, str] | None = None) -> Said:
        """Run a command in a terminal; the same one only once."""
        key = (words, width, language, *(more or {}).items())
        if key not in self.known:
            command = self.site.command(*words, *self.config(language))
            self.known[key] = in_terminal(command, self.site.environ, width, **(more or {}))
        return self.known[key]

    def pipe(
        self, *words: str, language: str = "fr", more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in a pipe."""
        environ = {k: v for k, v in self.site.environ.items() if k not in OF_THE_TERMINAL} | dict(more or {})
        command = self.site.command(*words, *self.config(language))
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running(World()) as server:
        site = Site(tmp_path_factory.mktemp("terminal"), server, CONFIG)
        site.drop(SENT, invoice_pdf("T1"))
        site.drop("inconnu.pdf", invoice_pdf("T2"), "siret: 44306184100047")
        for number, name in enumerate(STRANGERS):
            site.drop(name, invoice_pdf(f"S{number}"))
        assert site.once() == 1
        yield Desk(site)


def refused(desk: Desk) -> list[str]:
    """Return the paths of the PDFs in failed/."""
    return [str(path) for path in sorted((desk.site.root / "failed").glob("*.pdf"))]


COMMANDS: dict[str, Callable[[Desk], tuple[str, ...]]] = {
    "status": lambda _: ("status",),
    "why": lambda _: ("why", "T1"),
    "check": lambda _: ("check", "--offline"),
    "recipient": lambda _: ("recipient", "cotes-armor"),
    "inspect": lambda desk: ("inspect", "--offline", *refused(desk)),
}
SAYS = {  # a phrase of each language
    "status": ("N° de facture", "Number"),
    "why": ("CE QUI S'EST PASSÉ", "WHAT HAPPENED"),
    "check": ("Cette machine", "This machine"),
    "recipient": ("Peut recevoir des factures.", "Can receive invoices."),
    "inspect": ("Seraient envoyées : 1 sur 4.", "Would be sent: 1 of 4."),
}


@pytest.mark.parametrize(
    ("command", "width"),
    [*((command, width) for command in COMMANDS for width in (40, 80)), ("status", 200), ("inspect", 200)],
)
def test_every_line_fits_the_terminal(desk: Desk, command: str, width: int) -> None:
    """Whatever its width, nothing is cut off: long texts are wrapped, and a table that would not fit becomes blocks."""
    _, sent = desk.look(*COMMANDS[command](desk), width=width)
    lines = plain_lines(sent)
    assert [line for line in lines if cell_len(line) > width] == []
    assert "…" not in "".join(lines)
    joined = "".join("".join(lines).split())
    wanted = {"status": "44306184100047", "why": "PREUVEDEL'ENVOI", "inspect": "4430618410004"}.get(command, "")
    assert wanted in joined
    assert "é" * 20 in joined or command not in ("status", "inspect")


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("command", COMMANDS)
def test_both_languages(desk: Desk, command: str, language: str) -> None:
    """Headings, states and sentences are those of the configured language; colours stand for what they mean."""
    _, sent = desk.look(*COMMANDS[command](desk), language=language)
    said, not_said = SAYS[command][:: 1 if language == "fr" else -1]
    told = " ".join(" ".join(plain_lines(sent)).split())
    assert said in told
    assert not_said not in told
    assert COLOUR.search(sent)


@pytest.mark.parametrize("colours", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["colours", "NO_COLOR", "dumb"])
@pytest.mark.parametrize("command", ["status", "inspect"])
def test_names_from_strangers_do_nothing_to_the_terminal(desk: Desk, command: str, colours: dict[str, str]) -> None:
    """Escape sequences, overrides of the direction and odd bytes are shown, not sent; brackets are no markup."""
    _, sent = desk.look(*COMMANDS[command](desk), more=colours)
    assert (b"\x1b" in sent) == (not colours)
    text = COLOUR.sub(b"", sent).decode().replace("\r\n", "\n")
    assert UNSEEN.findall(text) == []
    joined = "".join(text.split())
    assert "[red]<b>" in joined
    assert "\\x1b[31m\\u202e" in joined


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_gets_plain_lines(desk: Desk, command: str) -> None:
    """Neither colour nor box nor wrapped line, nor anything invisible."""
    done = desk.pipe(*COMMANDS[command](desk))
    assert UNSEEN.findall(done.stdout.replace("\t", " ")) == []
    assert not set("│─┌└━╭") & set(done.stdout)
    if command == "inspect":
        assert "à 20 % : 20,00 (fichier .yaml)" in done.stdout


def test_status_in_a_pipe_can_be_cut(desk: Desk) -> None:
    """A line an invoice, as many cells in each, separated by tabs; what only people need is on standard error."""
    done = desk.pipe("status")
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert {len(row) for row in rows} == {9}
    assert len(rows) == 1 + 2 + len(STRANGERS)
    (sent,) = [row for row in rows if row[0] == SENT]
    assert sent[1:5] == ["T1", TO, "DEP COTES-D'ARMOR BUDGET ANNEXE", "envoyée"]
    assert "Factures : 5 (envoyée : 1, non envoyée : 4)" in done.stderr


def test_colours_can_be_forced_in_a_pipe(desk: Desk) -> None:
    """FORCE_COLOR makes a terminal of any output, as rich has it."""
    assert "\x1b[" in desk.pipe("status", more={"FORCE_COLOR": "1"}).stdout


def test_an_output_without_accents_stops_nothing(desk: Desk) -> None:
    """Where the encoding is ASCII, what it has not is escaped; JSON stays JSON."""
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    assert "envoy\\xe9e" in desk.pipe("status", more=ascii_only).stdout
    told = json.loads(desk.pipe("status", "--json", more=ascii_only).stdout)
    assert "é" * 125 + ".pdf" in [row["file"] for row in told]
    code, sent = desk.look("status", more=ascii_only)
    assert code == 0
    assert sent.isascii()


@pytest.fixture(scope="module")
def busy(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Give a site with 60 invoices sent, and before them two that an outage keeps and one that came back."""
    site = Site(tmp_path_factory.mktemp("busy"), desk.site.simulator, CONFIG)
    now = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
    with contextlib.closing(SqliteLedger(site.root / "state" / "ledger.db")) as ledger:
        ledger._db.execute("PRAGMA synchronous = OFF")
        for number in range(63):
            name = f"B{number:02}"
            entry = ledger.admit(f"{name}.pdf", f"{name}.pdf", "s", now)
            ledger.note(entry.id, Event.UNDERSTOOD, now, number=name, supplier="1", date=now.date())
            if number < 2:
                ledger.note(entry.id, Event.NOT_ARRIVED, now, problems=(Problem("outage.maintenance"),))
                continue
            ledger.note(entry.id, Event.BEGUN, now)
            ledger.note(entry.id, Event.ACCEPTED, now, receipt=Receipt(number, "DEPOSEE"))
            ledger.note(entry.id, Event.FILED, now, sent_at=now)
            if number == 2:
                ledger.note(entry.id, Event.CAME_BACK, now, receipt=Receipt(number, "A_RECYCLER"))
                ledger.note(entry.id, Event.FILED, now)
    return Desk(site)


def test_people_see_first_what_needs_something(busy: Desk) -> None:
    """However old it is; then the newest of the rest, and how many there are more."""
    _, sent = busy.look("status", width=120)
    lines = plain_lines(sent)
    assert lines[0] == "Factures : 63 (en attente : 2, envoyée : 60, non envoyée : 1)"
    assert lines[2].startswith("Envois suspendus. ")
    assert "maintenance" in lines[2]
    names = [line[:3] for line in lines if line.startswith("B")]
    assert names == ["B02", "B01", "B00", *(f"B{number:02}" for number in range(62, 12, -1))]
    (back,) = [line for line in lines if line.startswith("B02")]
    assert "revenue" in back
    assert lines[-1].startswith("Non affichées : 10.")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param(("--limit", "2"), ["B62", "B61"], id="limit"),
        pytest.param(("--state", "waiting", "--state", "failed"), ["B02", "B01", "B00"], id="states"),
        pytest.param(("--limit", "1", "--state", "waiting"), ["B01"], id="both"),
        pytest.param(("B07",), ["B07"], id="a number"),
        pytest.param(("B07.pdf",), ["B07"], id="a name"),
        pytest.param(("--limit", "0"), [f"B{number:02}" for number in range(62, -1, -1)], id="all"),
    ],
)
def test_what_is_asked_for_is_shown(busy: Desk, words: tuple[str, ...], names: list[str]) -> None:
    """States, a number or a name choose; a limit keeps the newest."""
    done = busy.pipe("status", *words)
    assert [line[:3] for line in done.stdout.splitlines()[1:]] == names
    assert done.returncode == 0


def test_whether_a_service_runs_is_told(busy: Desk) -> None:
    """As far as the ledger's lock tells."""
    assert "Aucun service ne tourne" in busy.pipe("status", "--limit", "1").stderr
    with contextlib.closing(SqliteLedger(busy.site.root / "state" / "ledger.db")):
        assert "Aucun service ne tourne" not in busy.pipe("status", "--limit", "1").stderr


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_a_table_of_anything_fits(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts of 4,000 characters, without a space or of wide characters, are wrapped; nothing of them is lost."""
    monkeypatch.setenv("COLUMNS", str(width))
    texts = ["x" * 4000, "mot " * 1000, "請求書" * 50, "[bold]a[/bold] :smile:", ""]
    columns = [Column("A", wide=True), Column("B"), Column("C", beneath=0)]
    out = Coloured(colours=False)
    out.table(columns, [[Cell(text, "fail"), Cell("b"), Cell(text)] for text in texts])
    out.table(columns, [[Cell("a"), Cell(text), Cell("c")] for text in texts])
    out.pairs([[Cell(text), Cell(text)] for text in texts], "{} {}".format, ["A", "B"])
    out.line("x" * 4000)
    told = capsys.readouterr().out
    assert [line for line in told.splitlines() if cell_len(line) > width] == []
    assert told.count("x") == 6 * 4000
    assert "[bold]a[/bold]:smile:" in "".join(told.split())


ANYTHING = st.text(st.characters() | st.sampled_from("\x00\x1b\x7f\x9b\u202e\u2066\u2028\udce9\r\n\t|\U000e0001"))


@given(ANYTHING)
def test_no_text_moves_a_cursor_or_breaks_a_line(text: str) -> None:
    """Whatever a text holds, what is printed of it is one line without anything invisible."""
    assert [c for c in shown(text) if not c.isprintable() and c not in "\xa0\u202f"] == []
    assert len(shown(text)) == len(text)


@given(st.recursive(ANYTHING | st.none() | st.integers(), lambda v: st.lists(v) | st.dictionaries(ANYTHING, v)))
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_says_everything_and_shows_nothing_odd(ascii_only: bool, value: object) -> None:
    """It reads back as it was, lone surrogates included; nothing invisible stands in it as it is."""
    text = json_text(value, ascii_only=ascii_only)
    assert json.loads(text) == value
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    text.encode("ascii" if ascii_only else "utf-8")


def test_a_list_is_printed_item_by_item(capsys: pytest.CaptureFixture[str]) -> None:
    """As one document, whatever its length."""
    for items in ([], [{"a": 1}], [{"a": "b\nc"}, {}, {"d": [1, 2]}]):
        print_json_list(iter(items))
        assert json.loads(capsys.readouterr().out) == items
