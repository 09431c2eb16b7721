from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus_outbox.core import yamltext
from chorus_outbox.core.yamltext import Node, YamlProblem, read_yaml


def plain(node: Node) -> object:
    match node.value:
        case list(nodes):
            return [plain(n) for n in nodes]
        case dict(entries):
            return {key: plain(n) for key, n in entries.items()}
        case text:
            return text


def read(text: str | bytes) -> dict[str, object]:
    data = text.encode() if isinstance(text, str) else text
    return {key: plain(node) for key, node in read_yaml(data)[0].items()}


@pytest.fixture(params=["C", "Python"])
def any_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a test with both of PyYAML's parsers: not every machine has the C one."""
    if request.param == "Python":
        monkeypatch.setattr(yamltext, "_LOADER", yaml.SafeLoader)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML without libyaml")


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(
    "text",
    [
        "01234567012345", "0123", "-0123", "07_7", "NO", "off", "yes", "12:30", "1:30:45", "1.10", "1e5", ".inf",
        "2026-11-23", "20261123", "0x1F", "=", "1_000", "+0123",
    ],
)  # fmt: skip
def test_text_stays_as_typed(text: str) -> None:
    """No scalar is turned into a number, a boolean, a date or a time."""
    assert read(f"a: {text}\n") == {"a": text}


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"], ids=["empty", "tilde", "null", "Null", "NULL"])
def test_nothing_given_is_none(text: str) -> None:
    """A key without a value is None; the same word in quotes is text."""
    assert read(f"a: {text}\nb: '{text}'\n") == {"a": None, "b": text}


@pytest.mark.usefixtures("any_parser")
@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        pytest.param("a: 1\nb: &x 2\n", "sidecar.anchor", 2, id="anchor"),
        pytest.param("a: 1\nb: *x\n", "sidecar.anchor", 2, id="alias"),
        pytest.param("a: 1\n<<: {b: 2}\n", "sidecar.anchor", 2, id="merge key"),
        pytest.param("a: 1\n\nb: !!python/object/apply:os.system [id]\n", "sidecar.tag", 3, id="tag"),
        pytest.param("a: ! 1\n", "sidecar.tag", 1, id="bare tag"),
        pytest.param("a: 1\n---\nb: 2\n", "sidecar.documents", 2, id="second document"),
        pytest.param("a: 1\nb: 2\r\na: 3\n", "sidecar.duplicate_key", 3, id="key given twice"),
        pytest.param("l:\n  - {a: 1, a: 2}\n", "sidecar.duplicate_key", 2, id="nested key given twice"),
        pytest.param("a: [[[[[[[1]]]]]]]\n", "sidecar.depth", 1, id="too deep"),
        pytest.param("- 1\n", "sidecar.not_mapping", 1, id="list"),
        pytest.param("siret:123\n", "sidecar.no_space", 1, id="no space after the colon"),
        pytest.param("a: [" + "1, " * 2001 + "]\n", "sidecar.depth", 1, id="too many items"),
        pytest.param("a:\n\tb: 1\n", "sidecar.tab", 2, id="tab"),
        pytest.param("a: 1\nb: c: d\n", "sidecar.colon", 2, id="unquoted colon"),
        pytest.param("a: 1\nb: 'x\nc: 1\nd: 2\n", "sidecar.quote", 2, id="quote never closed"),
        pytest.param("a: 1\nb: x\x01y\n", "sidecar.control", 2, id="control character"),
        pytest.param('a: 1\nb: "\\0"\n', "sidecar.control", 2, id="NUL by escape"),
        pytest.param("? [a]\n: 1\n", "sidecar.syntax", 1, id="list as key"),
        pytest.param("a: 1\n'': 2\n", "sidecar.syntax", 2, id="empty key"),
    ],
)
def test_refused_with_the_line(text: str, code: str, line: int) -> None:
    """What is refused is refused with its code and the line to look at."""
    with pytest.raises(YamlProblem) as caught:
        read(text)
    assert (caught.value.problem.code, caught.value.problem.params.get("line")) == (code, str(line))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        pytest.param("é: à".encode(), "utf-8", id="UTF-8"),
        pytest.param("é: à".encode("utf-8-sig"), "utf-8", id="UTF-8 with BOM"),
        pytest.param("\ufeff\ufeffé: à".encode(), "utf-8", id="two BOMs"),
        pytest.param(b"\xff\xfe" + "é: à".encode("utf-16-le"), "utf-16-le", id="UTF-16 LE"),
        pytest.param(b"\xfe\xff" + "é: à".encode("utf-16-be"), "utf-16-be", id="UTF-16 BE"),
        pytest.param("é: à".encode("cp1252"), "cp1252", id="cp1252"),
        pytest.param("é: à".encode("cp1252") + b"\0\x1a", "cp1252", id="cp1252, NUL and Ctrl-Z at the end"),
        pytest.param("é: à\r\n".encode() + b"\x1a", "utf-8", id="Ctrl-Z at the end"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    """All encodings of an office are read, and the one that was found is told."""
    entries, found = read_yaml(data)
    assert (entries["é"].value, found) == ("à", encoding)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("a: 1\nb: 2\n".encode("utf-16-le"), id="UTF-16 LE without BOM"),
        pytest.param("a: é\n".encode("utf-16-be"), id="UTF-16 BE without BOM"),
        pytest.param("a: 1\n".encode("utf-32"), id="UTF-32"),
        pytest.param(b"\xff\xfe\xff", id="cut UTF-16"),
        pytest.param(b"\xef\xbb\xbfa: \xe9", id="cp1252 after a UTF-8 BOM"),
        pytest.param(b"a: \x81\xe9", id="no cp1252 either"),
        pytest.param(b"a: \xe9\0b", id="binary"),
    ],
)
def test_unknown_encodings_are_refused(data: bytes) -> None:
    """What can't be decoded for certain is refused, never guessed."""
    with pytest.raises(YamlProblem) as caught:
        read_yaml(data)
    assert caught.value.problem.code == "sidecar.encoding"
    assert caught.value.problem.params["line"] == "1"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("siret:\u00a0123\nservice: A\n", id="after a key's colon"),
        pytest.param("siret:\u202f123\nservice: A\n", id="narrow"),
        pytest.param("siret:\u00a0\u00a0123\nservice:\u00a0A\n", id="several"),
        pytest.param("siret: 123\n\u00a0\nservice: A\n", id="a line of nothing else"),
    ],
)
def test_no_break_spaces_count_as_spaces(text: str) -> None:
    """A no-break space where YAML wants a space does not make one string of the whole file."""
    assert {key: str(value).strip("\u00a0") for key, value in read(text).items()} == {"siret": "123", "service": "A"}


def test_no_break_spaces_in_lists() -> None:
    """No-break spaces in nested entries, in braces and as indentation, count as spaces too."""
    text = "a:\n\u00a0\u00a0- x:\u00a01\nb: [{taux:\u00a020, base:\u00a01}]\n"
    assert read(text) == {"a": [{"x": "1"}], "b": [{"taux": "20", "base": "1"}]}


def test_no_break_space_inside_a_value_stays() -> None:
    """A value keeps its own no-break spaces: French puts one before a colon."""
    assert read("a: Objet\u00a0:\u00a0eau\n") == {"a": "Objet\u00a0:\u00a0eau"}


def test_lines_are_those_of_the_keys() -> None:
    """A node knows the line of its key, from 1, whatever the line ends."""
    entries, _ = read_yaml(b"# head\r\na: 1\r\n\r\nb:\r\n  2\r\nc: [x,\r\n  y]\r\n")
    assert {key: node.line for key, node in entries.items()} == {"a": 2, "b": 4, "c": 6}
    assert isinstance(entries["c"].value, list)
    assert [node.line for node in entries["c"].value] == [6, 7]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\n\n", "\ufeff"])
def test_empty_files_have_no_entries(text: str) -> None:
    """An empty file is read as no entries at all."""
    assert read(text) == {}


def test_too_big() -> None:
    """A file over the limit is refused unread."""
    with pytest.raises(YamlProblem) as caught:
        read_yaml(b"a: 1\n", limit=4)
    assert caught.value.problem.code == "sidecar.too_big"
    assert caught.value.problem.params["limit"] == "4"


@pytest.mark.parametrize("depth", [500, 20_000, 64_000])
def test_a_tower_of_brackets_is_harmless(depth: int) -> None:
    """Very deep nesting, which kills other readers, is refused at once."""
    with pytest.raises(YamlProblem) as caught:
        read_yaml(b"a: " + b"[" * depth)
    assert caught.value.problem.code == "sidecar.depth"


@pytest.mark.usefixtures("any_parser")
def test_a_lone_surrogate_by_escape() -> None:
    """Refused with its line; the two parsers see it at different moments."""
    with pytest.raises(YamlProblem) as caught:
        read('a: 1\nb: "\\ud800"\n')
    assert caught.value.problem.code in ("sidecar.control", "sidecar.backslash")
    assert caught.value.problem.params["line"] == "2"


TEXTS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=40)


@given(st.dictionaries(TEXTS.filter(lambda t: t not in ("", "<<")), TEXTS, max_size=5))
@settings(deadline=None)
def test_any_text_survives_in_quotes(entries: dict[str, str]) -> None:
    """Whatever is written in quotes is read back exactly."""
    printable = {
        key: value
        for key, value in entries.items()
        if not any(c in "\ufffe\uffff\ufeff\u2028\u2029" or ord(c) % 0x10000 >= 0xFFFE for c in key + value)
    }
    lines = [f"'{k.replace(chr(39), chr(39) * 2)}': '{v.replace(chr(39), chr(39) * 2)}'" for k, v in printable.items()]
    assert read("\n".join(lines)) == printable


@given(st.one_of(st.binary(max_size=200), st.text("ab:-[]{}&*!#'\"\n\t ,?|>%@\u00a0\\0", max_size=80).map(str.encode)))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No bytes make the reader fail in any other way than with a problem, and no lone surrogate comes out."""
    try:
        shown = str(read_yaml(data)[0])
    except YamlProblem as refused:
        shown = str(refused.problem.params)
    shown.encode()
