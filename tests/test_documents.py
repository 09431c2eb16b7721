"""What the documents say is so: links, commands, configuration, sidecars, codes; and both languages say the same."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import click
import doc_pictures
import pytest
import yaml
from reference_answers import EXITS
from reference_config import keys

from chorus_outbox import cli
from chorus_outbox.config import load
from chorus_outbox.config_model import Settings
from chorus_outbox.core.fields import BY_NAME
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import CODES
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.core.words import catalogue
from chorus_outbox.logs import EVENTS
from documents import ROOT, Block, Page, page, pages

MINIMAL: dict[str, Any] = {
    "environment": "sandbox",
    "piste": {"client_id": "0123-45"},
    "account": {"login": "TECH_1_1@cpro.fr"},
    "supplier": {"siret": "22220001600327"},
    "folders": {"outbox": "shared/outbox"},
    "ledger": "state/ledger.db",
}
SECRETS = {"CHORUS_OUTBOX_CLIENT_SECRET": "x", "CHORUS_OUTBOX_PASSWORD": "y"}
PROGRAM = re.compile(
    r"(?:/\S*/)?chorus-outbox(-main)?"
)  # -main: the script of the administrator's page, with its --config
FILE_ENDINGS = (
    "py",
    "md",
    "yaml",
    "yml",
    "pdf",
    "log",
    "html",
    "csv",
    "db",
    "png",
    "txt",
    "toml",
    "po",
    "mo",
    "prom",
    "json",
)
ALL = list(pages())
PAGES = [pytest.param(p, id=p.name) for p in ALL]
CHECK_LINES = (  # keys of ``Words.check`` that `check` may print, each with its row on the administrator's pages
    *("configuration", "folder", "state", "flux", "health", "attached", "attached_other", "book_supplier"),
    *("rights", "directory", "invoices", "own_service", "bank_account", "password"),
)


@pytest.mark.parametrize("one", PAGES)
def test_every_link_and_picture_leads_somewhere(one: Page) -> None:
    """Files are there, and anchors are headings of the file."""
    for target in one.links():
        name, _, anchor = target.partition("#")
        path = (one.path.parent / name).resolve() if name else one.path
        assert path.exists(), target
        if anchor:
            there = [_slug(text) for _, text in Page(path, path.read_text("utf-8")).headings()]
            assert anchor in there, target


def _slug(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("one", PAGES)
def test_every_command_is_one_of_the_program(one: Page) -> None:
    """In blocks a command is complete; between backticks it may lack its arguments, never have an unknown option."""
    for block in one.blocks("sh"):
        for line in block.text.replace("\\\n", " ").splitlines():
            _understood(line, whole=True)
    for text in one.inline():
        if PROGRAM.match(text) and "NOM" not in text:
            _understood(text, whole=False)


def _understood(line: str, *, whole: bool) -> None:
    words = shlex.split(line, comments=True)
    for at, word in enumerate(words):
        name = PROGRAM.fullmatch(word)
        given = words[at + 1 :]
        if name and given and given[0] in cli.group.commands:
            _parsed(cli.group.commands[given[0]], given[1:], line, whole=whole, configured=bool(name[1]))
            return
        if name and given and given[0].startswith("--"):
            cli.group.make_parser(click.Context(cli.group)).parse_args(given[:1])
            return
    assert not re.match(r"chorus-outbox(-main)? [a-z]", line), f"no such command: {line}"


def _parsed(command: click.Command, given: list[str], line: str, *, whole: bool, configured: bool) -> None:
    """Parse, and see that nothing required is missing; no path is looked at."""
    ends = next((n for n, word in enumerate(given) if word in ("&&", "||", "|", ";", ">")), len(given))
    options, rest, _ = command.make_parser(click.Context(command)).parse_args(given[:ends])
    assert rest == [], line
    if whole:
        done = {"config_path"} if configured else set()
        needed = {p.name for p in command.params if p.required and p.name} - done
        assert needed <= {name for name, value in options.items() if value is not None and value != ()}, line


@pytest.mark.parametrize("one", [pytest.param(p, id=p.name) for p in ALL if p.blocks("yaml")])
def test_every_yaml_can_be_used(one: Page, tmp_path: Path) -> None:
    """A block is a sidecar, read without any problem, or (part of) a configuration that loads."""
    for block in one.blocks("yaml"):
        tree = yaml.load(block.text, Loader=yaml.BaseLoader)  # noqa: S506 - texts only, our own files
        if set(tree) <= set(Settings.model_fields):
            _loads(block, tree, tmp_path)
        else:
            draft = read_sidecar(block.text.encode(), "F.yaml")
            assert draft.problems == (), block.text
            assert draft.values


def _loads(block: Block, tree: dict[str, Any], directory: Path) -> None:
    path = directory / "config.yaml"
    path.write_text(block.text + "".join(f"{k}: {v}\n" for k, v in MINIMAL.items() if k not in tree), "utf-8")
    load(path, SECRETS)


@pytest.mark.parametrize("one", PAGES)
def test_every_line_of_a_sidecar_between_backticks_is_read(one: Page) -> None:
    """`type: avoir` and the like, with a value."""
    for text in one.inline():
        key, colon, value = text.partition(": ")
        if colon and value and key in BY_NAME and "..." not in value:
            assert read_sidecar(f"{text}\n".encode(), "F.yaml").problems == (), text


@pytest.mark.parametrize("one", PAGES)
def test_every_code_between_backticks_exists(one: Page) -> None:
    """Problem codes, log events and configuration keys, by the family that they seem to be of."""
    known = {*CODES, *EVENTS, *(key for key, _ in keys())}
    families = {name.partition(".")[0] for name in known if "." in name}
    for text in one.inline():
        family, dot, rest = text.partition(".")
        if dot and re.fullmatch(r"[a-z_]+\.[a-z_.]+", text) and family in families and rest not in FILE_ENDINGS:
            assert text in known or _is_function(family, rest), text


def _is_function(module: str, name: str) -> bool:
    """Tell whether one of our modules has a function of that name: `service.run`."""
    found = (ROOT / "daemon").rglob(f"{module}.py")
    return any(re.search(rf"^def {name}\b", path.read_text("utf-8"), re.MULTILINE) for path in found)


@pytest.mark.parametrize("one", PAGES)
def test_every_state_and_exit_code_that_is_named_exists(one: Page) -> None:
    """In both languages: the words state or exit code, then what is named."""
    for state in re.findall(r"\b(?:state|état) `(\w+)`", one.prose):
        assert state in {s.value for s in State}
    for code in re.findall(r"\b(?:exit code|code de sortie) ([0-9]+)", one.prose, re.IGNORECASE):
        assert int(code) in EXITS


# --- the administrator's pages ---------------------------------------------------------------------------------------

ADMINISTRATOR = {"en": page("en/administrator.md"), "fr": page("fr/administrateur.md")}
LANGUAGES = [pytest.param(language, id=language) for language in ADMINISTRATOR]


def test_both_languages_have_the_same_structure() -> None:
    """Headings, tables with their rows, steps and blocks of code stand in the same order."""
    english, french = ADMINISTRATOR["en"], ADMINISTRATOR["fr"]
    assert [(level, _number(text)) for level, text in english.headings()][1:] == [
        (level, _number(text)) for level, text in french.headings()
    ][1:]
    assert english.tables() == french.tables()
    assert english.blocks() == french.blocks()
    for marks in (r"^\* ", r"^[0-9]+\. "):
        assert len(re.findall(marks, english.prose, re.MULTILINE)) == len(re.findall(marks, french.prose, re.MULTILINE))


def _number(heading: str) -> str:
    return heading.partition(" ")[0]


def test_both_languages_name_the_same_things() -> None:
    """Codes, keys, commands and paths between backticks are the same, but for words of the page's own language."""
    own = {"NAME.log": "NOM.log", "chorus-outbox@NAME": "chorus-outbox@NOM", "ok": "bien", "warn": "attention"}
    own |= {"FAIL": "À FAIRE", "/var/lib/chorus-outbox/NAME": "/var/lib/chorus-outbox/NOM"}
    english = sorted(own.get(text, text) for text in ADMINISTRATOR["en"].inline())
    assert english == sorted(ADMINISTRATOR["fr"].inline())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_check_is_explained(language: str) -> None:
    """The table of the first check has a row that begins like each line that `check` prints."""
    told = ADMINISTRATOR[language].text
    for key in CHECK_LINES:
        begins = re.split(r"[\[{(:.\"«“]", catalogue(language).check[key])[0].strip()
        assert f"\n| {begins}" in told, f"{key}: {begins}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outage_doubt_and_wait_has_its_row(language: str) -> None:
    """Whatever keeps an invoice waiting is a symptom that an administrator may look for."""
    symptoms = ADMINISTRATOR[language].text.partition("## 13.")[2]
    rows = re.findall(r"^\| (.*?) \|", symptoms, re.MULTILINE)[2:]
    assert len(rows) >= 25
    wanted = {code for code in CODES if code.startswith(("outage.", "doubt.", "wait."))}
    assert wanted - set(re.findall(r"`([a-z_.]+)`", " ".join(rows))) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_symptom_quotes_is_said_by_the_program(language: str) -> None:
    """The words between quotes beside an exit code stand in the code."""
    rows = re.findall(r"^\| (?:exit code|code de sortie) (.*?) \|", ADMINISTRATOR[language].text, re.MULTILINE)
    quoted = [part for row in rows for text in re.findall(r"[\"«] ?(.+?) ?[\"»]", row) for part in text.split(" ... ")]
    told = "".join(path.read_text("utf-8") for path in (ROOT / "daemon" / "chorus_outbox").rglob("*.py"))
    assert len(quoted) >= 5
    assert [text for text in quoted if text not in told] == []


def test_the_page_for_clerks_speaks_of_what_is_there() -> None:
    """The first words of the reports, the folders, and the names of the fields are those of the program."""
    told = page("fr/comptable.md")
    words = catalogue("fr").report
    for key in ("sent", "paid", "waiting", "processing", "in_doubt", "failed", "returned"):
        assert f"\n| {words[key].partition(' :')[0]} |" in told.text
    assert len(re.findall(r"^\*\*[0-9]+\. ", told.text, re.MULTILINE)) == 12


@pytest.mark.parametrize("name", [t for t in page("fr/comptable.md").links() if t.endswith(".png")])
def test_a_picture_opens_at_once_from_a_share(name: str) -> None:
    """Every picture of the clerk's page is a PNG of less than 200 kB."""
    data = (page("fr/comptable.md").path.parent / name).read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 200_000


@pytest.mark.skipif(not shutil.which("chromium"), reason="needs Debian's package chromium (make packages)")
def test_a_picture_shows_all_of_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long log makes a high picture; nothing that a stranger wrote becomes markup."""
    monkeypatch.setattr(doc_pictures, "PICTURES", tmp_path)
    heights = []
    for lines in (5, 60):
        log = tmp_path / f"{lines}.log"
        log.write_text("<b>ENVOYÉE</b> : été & co\n" * lines, "utf-8-sig")
        shown = doc_pictures.notepad(log, doc_pictures.FIRST_LINES)
        assert "<b>ENVOYÉE" not in shown
        doc_pictures.picture(str(lines), shown)
        heights.append(int.from_bytes((tmp_path / f"{lines}.png").read_bytes()[20:24]))
    assert heights[1] - heights[0] > 55 * 20
