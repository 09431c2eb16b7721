"""The mistakes that people really make in a sidecar: each is named, with its line, and what to write instead works."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core import yamltext
from chorus_outbox.core.fields import Enclosure
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.core.words import catalogue, render

WORDS = [catalogue("fr"), catalogue("en")]


@pytest.fixture(params=["C", "Python"])
def any_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with both of PyYAML's parsers: each complains in its own words."""
    if request.param == "Python":
        monkeypatch.setattr(yamltext, "_LOADER", yaml.SafeLoader)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML without libyaml")


MISTAKES: dict[str, tuple[str, str, int, str]] = {
    # name: text, code, line, what to write there
    "tab": ("siret: 1\n\tservice: A\n", "sidecar.tab", 2, "service: A"),
    "tab after spaces": ("siret: 1\n \tservice: A\n", "sidecar.tab", 2, "service: A"),
    "no space, one line": ("siret:22220001600327\n", "sidecar.no_space", 1, "siret: 22220001600327"),
    "no space, first line": ("siret:222\nservice: A\n", "sidecar.no_space", 1, "siret: 222"),
    "no space, middle line": ("siret: 222\nservice:A\nnumero: B\n", "sidecar.no_space", 2, "service: A"),
    "no space, last line": ("siret: 222\nservice:A\n", "sidecar.no_space", 2, "service: A"),
    "no space, all lines": ("siret:222\nservice:A\n", "sidecar.no_space", 1, "siret: 222"),
    "no space, words": ("code service:A\nsiret: 1\n", "sidecar.no_space", 1, "code service: A"),
    "colon": ("siret: 1\ncommentaire: Lot 2: toiture\n", "sidecar.colon", 2, 'commentaire: "Lot 2: toiture"'),
    "colon at the end": ("commentaire: voir ici:\n", "sidecar.colon", 1, 'commentaire: "voir ici:"'),
    "colon and quotes": ('commentaire: Lot "2": toit\n', "sidecar.colon", 1, 'commentaire: "Lot \\"2\\": toit"'),
    "quote never closed": ("commentaire: 'pas fini\nsiret: 1\n", "sidecar.quote", 1, 'commentaire: "pas fini"'),
    "double quote never closed": ('siret: 1\ncommentaire: "pas fini\n', "sidecar.quote", 2, 'commentaire: "pas fini"'),
    "quote closed by another line": ("commentaire: 'a\nnumero: l'eau\n", "sidecar.quote", 1, 'commentaire: "a"'),
    "text after a quote": ('numero: "FA" 12\n', "sidecar.quote", 1, 'numero: "FA\\" 12"'),
    "apostrophe in quotes": ("commentaire: 'l'eau'\n", "sidecar.quote", 1, 'commentaire: "l\'eau"'),
    "curly quotes and colon": ("commentaire: “Lot 2: toit”\n", "sidecar.curly_quotes", 1, 'commentaire: "Lot 2: toit"'),
    "curly quotes": ("numero: “FA-1”\n", "sidecar.curly_quotes", 1, 'numero: "FA-1"'),
    "guillemets": ("siret: 1\nservice: « COLLEGE »\n", "sidecar.curly_quotes", 2, 'service: "COLLEGE"'),
    "folder of Windows": ('commentaire: "C:\\dossier\\x"\n', "sidecar.backslash", 1, 'commentaire: "C:/dossier/x"'),
    "bracket": ("siret: 1\ncommentaire: [urgent\n", "sidecar.bracket", 2, 'commentaire: "[urgent"'),
    "brace": ("lignes_tva: {taux: 20\nsiret: 1\n", "sidecar.bracket", 1, 'lignes_tva: "{taux: 20"'),
    "at sign": ("commentaire: @compta\n", "sidecar.special", 1, 'commentaire: "@compta"'),
    "per cent": ("commentaire: %20\n", "sidecar.special", 1, 'commentaire: "%20"'),
    "indented": ("siret: 1\n  service: A\n", "sidecar.indent", 2, "service: A"),
    "indented after a comment": ("siret: 1\n# ici\n service: A\n", "sidecar.indent", 3, "service: A"),
    "no colon": ("siret: 1\nservice A\nnumero: 2\n", "sidecar.syntax", 2, ""),
}


def stopped(text: str) -> Problem:
    (problem,) = read_sidecar(text.encode(), "F.yaml").problems
    return problem


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_named_with_its_line_and_its_remedy(name: str) -> None:
    """One sentence, about the line where the mistake is, quoting it; no word of the parser in either language."""
    text, code, line, fixed = MISTAKES[name]
    problem = stopped(text)
    assert (problem.code, problem.params["line"]) == (code, str(line))
    assert problem.params.get("fixed", "") == fixed
    for words in WORDS:
        what, do = render(words, problem)
        assert what.startswith("F.yaml, l")
        assert " ".join(text.split("\n")[line - 1].split()) in what
        assert fixed in do
        assert not re.search(r"mapping|scalar|token|block|expected|found", what + do)


@pytest.mark.parametrize("name", [name for name, case in MISTAKES.items() if case[3]])
def test_what_it_says_to_write_can_be_read(name: str) -> None:
    """With that line written so, the mistake is gone (another may show: one is told at a time)."""
    text, code, line, fixed = MISTAKES[name]
    lines = text.split("\n")
    lines[line - 1] = fixed
    again = read_sidecar("\n".join(lines).encode(), "F.yaml").problems
    assert not any(p.code == code and p.params.get("line") == str(line) for p in again)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"%PDF-1.7\n%\xe2\xe3", "pdf", id="PDF"),
        pytest.param(b"PK\x03\x04\x14\0", "office", id="Excel"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1", "office", id="old Word"),
        pytest.param(rb"{\rtf1\ansi siret: 1}", "office", id="RTF"),
        pytest.param(b"\xef\xbb\xbf<!DOCTYPE html><p>siret: 1", "web", id="HTML"),
        pytest.param(b"\n<?xml version='1.0'?>", "web", id="XML"),
        pytest.param(b"\x89PNG\r\n\x1a\n", "image", id="PNG"),
    ],
)
def test_a_file_of_another_kind_is_called_by_its_kind(data: bytes, kind: str) -> None:
    """A .yaml that is really something else is not blamed for its syntax."""
    (problem,) = read_sidecar(data, "F.yaml").problems
    assert (problem.code, problem.params["kind"]) == ("sidecar.other_file", kind)
    assert render(WORDS[0], problem)[0].startswith("F.yaml : le fichier finit par .yaml, mais c'est un")


def test_a_glued_name_within_braces() -> None:
    """``{taux:20}`` has no parser's error: the whole is a name without a value."""
    draft = read_sidecar(b"lignes_tva:\n  - {taux:20, base: 100, montant: 20}\n", "F.yaml")
    assert next((p.code, p.params.get("fixed")) for p in draft.problems) == ("sidecar.no_space", "taux: 20")


def test_quotes_that_are_meant_stay() -> None:
    """A comment may be in French quotes, and a value may hold some."""
    draft = read_sidecar("commentaire: « urgent »\npieces_jointes: l’été.pdf\n".encode(), "F.yaml")
    assert draft.problems == ()
    assert draft.values == {"commentaire": "« urgent »", "pieces_jointes": (Enclosure("l’été.pdf"),)}


@given(st.text("siret:FA-1 \t'\"“”«»[]{}@#%\\|>?&*!\n-é\u202e\u00a0", max_size=60))
def test_any_text_is_read_or_explained(text: str) -> None:
    """Whatever is typed, what is told is one safe line that quotes no more than a line of it."""
    for problem in read_sidecar(text.encode(), "F.yaml").problems:
        assert all(part.isprintable() for words in WORDS for part in render(words, problem))
        assert len(problem.params.get("text", "")) <= 100
