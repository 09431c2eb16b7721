"""Which names are ours, how they are compared, shown and made."""

from __future__ import annotations

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.names import (
    NAME_MAX,
    attachment_of,
    display,
    free_name,
    is_skipped_folder,
    kind_of,
    pair_key,
    split,
)

any_name = st.binary(min_size=1, max_size=300).map(lambda raw: os.fsdecode(raw.replace(b"/", b"_")))

KINDS = {
    "pdf": ["FA-1.pdf", "FA-1.PDF", "Mairie/FA-1.pdf", "é.pdf", "e\u0301.pdf", "a\nb.pdf", "l\udce9.pdf", "_PJ1.pdf"],
    "sidecar": ["FA-1.yaml", "FA-1.yml", "FA-1.YML", "Mairie/FA-1.yaml", "defaults.yaml", "A_PJ1.yaml"],
    "attachment-candidate": ["FA-1_PJ1.pdf", "FA-1_pj12.JPG", "x/FA-1_PJ2.docx"],
    "temporary": [
        ".pdf",
        ".FA-1.pdf.AuX6j5",
        "._FA-1.pdf",
        ".nfs00001.pdf",
        ".~lock.FA-1.pdf#",
        "~$FA-1.pdf",
        "~WRL0001.pdf",
        "~syncthing~FA.pdf",
        "#FA-1.pdf#",
        "FA-1.pdf.part",
        "FA-1.pdf.filepart",
        "FA-1.pdf.CRDOWNLOAD",
        "FA-1.pdf.!ut",
        "FA-1.pdf.tmp",
        "FA-1.pdf~",
        "FA-1.~tmp~",
        "Thumbs.db",
        "DESKTOP.INI",
        "Icon\r",
        "sub/.DS_Store",
    ],
    "reserved": [".outbox-id", "sub/.outbox-1.tmp", "_defaults.yaml", "sub/_Defaults.YML", "FA-1.log", "FA-1_PJ1.log"],
    "other": ["FA-1.docx", "FA-1", "pdf", "FA-1.pdf ", "FA-1.pdf.zip", "photo.jpg", "FA-1_PJ1", "a.pdf/readme.txt"],
}


@pytest.mark.parametrize(
    ("name", "kind"), [pytest.param(n, k, id=f"{k}-{n!a}") for k, names in KINDS.items() for n in names]
)
def test_kind(name: str, kind: str) -> None:
    """The name alone says what a file is; programs' temporary names win over every extension."""
    assert kind_of(name) == kind


@given(any_name)
def test_kind_is_the_same_in_both_unicode_forms(name: str) -> None:
    """A Mac's decomposed name is of the same kind as a PC's composed one."""
    assert kind_of(unicodedata.normalize("NFD", name)) == kind_of(unicodedata.normalize("NFC", name))


@pytest.mark.parametrize(
    ("name", "skipped"),
    [
        pytest.param("@eaDir", True, id="synology"),
        pytest.param("Mairie/#Recycle", True, id="bin-below"),
        pytest.param("System Volume Information", True, id="windows"),
        pytest.param("$RECYCLE.BIN", True, id="windows-bin"),
        pytest.param(".stversions", True, id="dot"),
        pytest.param("lost+found", True, id="ext4"),
        pytest.param("Mairie de Saint-Brieuc", False, id="recipient"),
        pytest.param("@eaDir du service", False, id="only-begins-alike"),
    ],
)
def test_skipped_folders(name: str, skipped: bool) -> None:
    """Folders of file servers and systems are skipped, people's are not."""
    assert is_skipped_folder(name) is skipped


@pytest.mark.parametrize(
    ("stem", "owner"),
    [
        pytest.param("FA-1_PJ1", ("FA-1", 1), id="plain"),
        pytest.param("FA_1_pj02", ("FA_1", 2), id="lower-case-and-zero"),
        pytest.param("FA-1_PJ1_PJ2", ("FA-1_PJ1", 2), id="last-one-counts"),
        pytest.param("a\nb_PJ1", ("a\nb", 1), id="newline"),
        pytest.param("FA-1_PJ", None, id="no-rank"),
        pytest.param("FA-1_PJ1234", None, id="too-many-digits"),
        pytest.param("FA-1_PJ\u0661", None, id="arabic-digit"),
        pytest.param("FA-1 PJ1", None, id="no-underscore"),
        pytest.param("_PJ1", None, id="nothing-before"),
    ],
)
def test_attachment_of(stem: str, owner: tuple[str, int] | None) -> None:
    """``NAME_PJ1`` belongs to ``NAME``."""
    assert attachment_of(stem) == owner


@given(any_name)
def test_split_loses_nothing(name: str) -> None:
    """Folder, stem and suffix put together again are the name."""
    folder, stem, suffix = split(f"sub/{name}")
    assert (folder, stem + suffix) == ("sub", name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("Facture_\u00e9t\u00e9", "Facture_e\u0301te\u0301", id="nfd"),
        pytest.param("FACTURE", "facture", id="case"),
        pytest.param("STRASSE", "straße", id="casefold"),
    ],
)
def test_pair_key(one: str, other: str) -> None:
    """Stems that people read as the same have the same key."""
    assert pair_key(one) == pair_key(other)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Facture n° 12 été.pdf", "Facture n° 12 été.pdf", id="ordinary"),
        pytest.param("a\u202fb\u00a0c.pdf", "a\u202fb\u00a0c.pdf", id="french-spaces"),
        pytest.param("latin1_\udce9.pdf", r"latin1_\xe9.pdf", id="no-utf8"),
        pytest.param("a\nb\x1b[2J.pdf", r"a\x0ab\x1b[2J.pdf", id="newline-and-escape"),
        pytest.param("fdp.\u202eFA.pdf", r"fdp.\u202eFA.pdf", id="direction-override"),
        pytest.param("a\u2028b", r"a\u2028b", id="line-separator"),
        pytest.param("a\x85b\x7f", r"a\x85b\x7f", id="c1-and-delete"),
    ],
)
def test_display(name: str, shown: str) -> None:
    """Names are shown as they are, except for what could not be seen or would do something."""
    assert display(name) == shown


@given(any_name | st.text())
def test_display_is_safe(name: str) -> None:
    """Whatever the name: what is shown can be encoded, stays on its line and holds nothing invisible."""
    shown = display(name)
    assert shown.encode().decode() == shown
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_free_name_counts_up() -> None:
    """A stem is taken as soon as one of its files is there; the next number that is wholly free is used."""
    there = {"FA.pdf", "FA (2).log", "FA (4).pdf"}
    assert free_name("FB", (".pdf", ".log"), there.__contains__) == "FB"
    assert free_name("FA", (".pdf", ".log"), there.__contains__) == "FA (3)"


@given(any_name, st.integers(0, 12))
def test_free_name_fits(stem: str, taken: int) -> None:
    """The result is free and every name has at most 255 bytes, cut between characters; short stems stay whole."""
    suffixes = (".pdf", "_PJ1.jpeg")
    seen: list[str] = []

    def is_taken(name: str) -> bool:
        seen.append(name)
        return len({split(each)[1].removesuffix("_PJ1") for each in seen}) <= taken

    found = free_name(stem, suffixes, is_taken)
    assert all(len(os.fsencode(found + suffix)) <= NAME_MAX for suffix in suffixes)
    base = found.removesuffix(f" ({taken + 1})") if taken else found
    assert stem.startswith(base)
    assert base == stem or len(os.fsencode(stem)) > NAME_MAX - len("_PJ1.jpeg (13)")


def test_free_name_with_impossible_suffix_ends() -> None:
    """A suffix longer than any name does not hang the program."""
    assert free_name("FA", ("." + "x" * 300,), lambda _: False) == ""
