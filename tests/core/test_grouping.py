"""Which files belong to which invoice when sidecars claim some of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chorus_outbox.core.claimed import claims_of, filed_suffix, spellings, unsafe
from chorus_outbox.core.grouping import Denied, Group, group
from chorus_outbox.core.names import kind_of
from chorus_outbox.core.settling import Signature, settle

LONG = "é" * 120 + ".pdf"


@pytest.mark.parametrize(
    ("claims", "names", "groups", "lone"),
    [
        pytest.param(
            {"F.yaml": ("bon.pdf", "photo.jpg")},
            ("bon.pdf", "F.pdf", "F.yaml", "photo.jpg", "F_PJ1.png"),
            {"F.pdf": Group("F.pdf", ("F.yaml",), ("F_PJ1.png",), ("bon.pdf", "photo.jpg"))},
            (),
            id="claimed, whatever its kind",
        ),
        pytest.param(
            {"F.yaml": ("Bon  1.PDF",)},
            ("bon 1.pdf", "F.pdf", "F.yaml"),
            {"F.pdf": Group("F.pdf", ("F.yaml",), (), ("bon 1.pdf",))},
            (),
            id="capitals and spaces",
        ),
        pytest.param(
            {"F.yaml": ("bon.pdf",)}, ("bon.pdf", "F.yaml"), {}, ("bon.pdf",), id="its invoice is not there yet"
        ),
        pytest.param(
            {"x/F.yaml": ("bon.pdf",)},
            ("bon.pdf", "x/F.pdf", "x/F.yaml"),
            {"bon.pdf": Group("bon.pdf"), "x/F.pdf": Group("x/F.pdf", ("x/F.yaml",))},
            (),
            id="never from another folder",
        ),
        pytest.param(
            {"F.yaml": ("bon.pdf",), "G.yaml": ("bon.pdf",)},
            ("bon.pdf", "F.pdf", "F.yaml", "G.pdf", "G.yaml"),
            {
                "F.pdf": Group("F.pdf", ("F.yaml",), denied=(Denied("bon.pdf", "shared", "G.yaml"),)),
                "G.pdf": Group("G.pdf", ("G.yaml",), denied=(Denied("bon.pdf", "shared", "F.yaml"),)),
            },
            ("bon.pdf",),
            id="claimed by two",
        ),
        pytest.param(
            {"F.yaml": ("bon.pdf",), "F.yml": ("bon.pdf",)},
            ("bon.pdf", "F.pdf", "F.yaml", "F.yml"),
            {"F.pdf": Group("F.pdf", ("F.yaml", "F.yml"), (), ("bon.pdf",))},
            (),
            id="two sidecars of one invoice",
        ),
        pytest.param(
            {"F.yaml": ("G_PJ1.pdf",)},
            ("F.pdf", "F.yaml", "G.pdf", "G_PJ1.pdf"),
            {
                "F.pdf": Group("F.pdf", ("F.yaml",), denied=(Denied("G_PJ1.pdf", "shared", "G.pdf"),)),
                "G.pdf": Group("G.pdf", denied=(Denied("G_PJ1.pdf", "shared", "F.yaml"),)),
            },
            ("G_PJ1.pdf",),
            id="named for another",
        ),
        pytest.param(
            {"F.yaml": ("F_PJ1.pdf",)},
            ("F.pdf", "F.yaml", "F_PJ1.pdf"),
            {"F.pdf": Group("F.pdf", ("F.yaml",), ("F_PJ1.pdf",))},
            (),
            id="its own by name as well",
        ),
        pytest.param(
            {"F.yaml": ("F.pdf", "G.pdf", "H.pdf")},
            ("F.pdf", "F.yaml", "G.pdf", "G.yaml", "H.pdf", "H_PJ1.png"),
            {
                "F.pdf": Group(
                    "F.pdf",
                    ("F.yaml",),
                    denied=(Denied("F.pdf", "itself"), Denied("G.pdf", "invoice"), Denied("H.pdf", "invoice")),
                ),
                "G.pdf": Group("G.pdf", ("G.yaml",)),
                "H.pdf": Group("H.pdf", (), ("H_PJ1.png",)),
            },
            (),
            id="invoices",
        ),
        pytest.param(
            {"F.yaml": ("bon.pdf",)},
            ("F.pdf", "F.yaml", "F - bon.pdf", "x/bon.pdf"),
            {"F.pdf": Group("F.pdf", ("F.yaml",), (), ("F - bon.pdf",)), "x/bon.pdf": Group("x/bon.pdf")},
            (),
            id="as it was filed",
        ),
        pytest.param(
            {"F.yaml": ("bon.pdf", "Photo.jpg")},
            ("F.pdf", "F.yaml", "F - bon.pdf", "bon.pdf", "photo.jpg", "PHOTO.JPG"),
            {
                "F.pdf": Group(
                    "F.pdf",
                    ("F.yaml",),
                    (),
                    ("F - bon.pdf", "photo.jpg"),
                    (Denied("bon.pdf", "double", "F - bon.pdf"), Denied("PHOTO.JPG", "double", "photo.jpg")),
                )
            },
            ("bon.pdf", "PHOTO.JPG"),
            id="two for one name",
        ),
        pytest.param(
            {"F.yaml": ("bon.pdf",), "G.yaml": ("bon.pdf",)},
            ("F.pdf", "F.yaml", "F - bon.pdf", "G.pdf", "G.yaml", "bon.pdf"),
            {
                "F.pdf": Group("F.pdf", ("F.yaml",), (), ("F - bon.pdf",)),
                "G.pdf": Group("G.pdf", ("G.yaml",), (), ("bon.pdf",)),
            },
            (),
            id="as it was filed, beside another's",
        ),
        pytest.param(
            {"F (2).yaml": ("F_PJ1.pdf",)},
            ("F (2).pdf", "F (2).yaml", "F (2)_PJ1.pdf"),
            {"F (2).pdf": Group("F (2).pdf", ("F (2).yaml",), ("F (2)_PJ1.pdf",))},
            (),
            id="numbered with its invoice",
        ),
    ],
)
def test_claimed_files(
    claims: dict[str, tuple[str, ...]], names: tuple[str, ...], groups: dict[str, Group], lone: tuple[str, ...]
) -> None:
    """A claimed file goes with its claimant alone, is no group of its own, and is denied where it can't."""
    found, _, lone_attachments = group(names, claims)
    assert found == groups
    assert lone_attachments == lone


NAMES = st.sampled_from(
    [f"{stem}{end}" for stem in ("F", "G", "bon") for end in (".pdf", ".yaml", "_PJ1.pdf", " - bon.pdf")]
    + ["photo.jpg"]
)


@settings(max_examples=400, deadline=None)
@example(["F.pdf", "F.yaml", "bon.pdf", "bon_PJ1.pdf"], {"F.yaml": ("bon.pdf", "bon_PJ1.pdf")})
@given(
    st.sets(NAMES).map(sorted),
    st.dictionaries(st.sampled_from(["F.yaml", "G.yaml", "bon.yaml"]), st.lists(NAMES, max_size=4).map(tuple)),
)
def test_every_file_has_one_place(names: list[str], claims: dict[str, tuple[str, ...]]) -> None:
    """Each file of ours is in one group at most, and what is in none is told; a claimed bare PDF is never an invoice."""
    claims = {s: tuple(n for n in typed if not unsafe(n)) for s, typed in claims.items() if s in names}
    groups, lone_sidecars, lone_attachments = group(names, claims)
    placed = [name for files in groups.values() for name in files.members] + [*lone_sidecars, *lone_attachments]
    assert len(placed) == len(set(placed))
    assert {n for n in names if kind_of(n) != "other"} <= set(placed)
    for typed in claims.values():
        assert not [n for n in typed if n in groups and groups[n].is_bare]


def test_an_unread_sidecar_keeps_back_what_it_could_claim() -> None:
    """Until it is read, its own invoice and the bare PDFs of its folder wait; others and other folders do not."""
    files = ("F.pdf", "F.yaml", "bon.pdf", "G.pdf", "G.yaml", "x/H.pdf")
    present = {name: Signature(1, rank, 9, 1, 1) for rank, name in enumerate(files)}
    first = settle({}, present, 0, 0)
    second = settle(first.sightings, present, 1, 0, unread=["F.yaml"])
    assert {files.pdf for files in second.ready} == {"G.pdf", "x/H.pdf"}
    assert second.waiting.keys() == {"F.pdf", "bon.pdf"}


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        pytest.param("Pièces jointes: bon.pdf", ("bon.pdf",), id="accents in the key"),
        pytest.param('"pieces_join\\x74es": bon.pdf', ("bon.pdf",), id="key with an escape"),
        pytest.param("attachments: [a.pdf, {file: b.jpg, type: RIB}]", ("a.pdf", "b.jpg"), id="list"),
        pytest.param("pieces_jointes: [../a.pdf, /b.pdf, 'c:d.pdf', nul.pdf, ok.pdf]", ("ok.pdf",), id="unsafe"),
        pytest.param("siret: 1\npieces_jointes: bon.pdf\noops: 1", ("bon.pdf",), id="with another mistake"),
        pytest.param("pieces_jointes: [bon.pdf", (), id="unreadable"),
        pytest.param("siret: 1", (), id="nothing"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_a_sidecar_claims(text: str, claimed: tuple[str, ...], encoding: str) -> None:
    """Plain names only; one that can't be read claims nothing."""
    assert claims_of(text.encode(encoding), "F.yaml") == claimed


@pytest.mark.parametrize(
    ("name", "why"),
    [
        *(pytest.param(name, "path", id=name) for name in ("a/b.pdf", "a\\b.pdf", "..", "C:b.pdf")),
        pytest.param("a\nb.pdf", "path", id="control character"),
        *(pytest.param(name, "device", id=name) for name in ("NUL.pdf", "com1", "Lpt9.tar.gz", "con .pdf")),
        *(pytest.param(name, "temporary", id=name) for name in (".a.pdf", "~$a.docx", "a.pdf.part")),
        *(pytest.param(name, "reserved", id=name) for name in ("F.log", "_defaults.yaml")),
        pytest.param("G.yaml", "sidecar", id="sidecar"),
        *(pytest.param(name, "", id=name) for name in ("bon.pdf", "console.pdf", "bon du 3 mai.jpg", "a..b.pdf")),
    ],
)
def test_names_that_no_attachment_has(name: str, why: str) -> None:
    """Paths, devices of Windows, temporary files and our own are refused, each with its reason."""
    assert unsafe(name) == why


@pytest.mark.parametrize(
    ("base", "suffix"),
    [
        ("F_PJ1.jpg", "_PJ1.jpg"),
        ("f_pj2.JPG", "_pj2.JPG"),
        ("bon.pdf", " - bon.pdf"),
        ("F - bon.pdf", " - bon.pdf"),
        ("G_PJ1.jpg", " - G_PJ1.jpg"),
    ],
)
def test_the_name_it_is_filed_under(base: str, suffix: str) -> None:
    """It begins like its invoice wherever that goes, and its sidecar finds it there again."""
    assert filed_suffix("F", base) == suffix
    assert "F" + filed_suffix("F", base) in spellings("F", base) or base.lower().startswith("f")


def test_a_long_name_is_filed_and_found_again() -> None:
    """It is cut so that it fits beside its invoice's own; two that begin alike stay different."""
    suffix = filed_suffix("F", LONG)
    assert len(suffix.encode()) < 220
    assert spellings("F", LONG)[0] == "F" + suffix
    assert filed_suffix("F", "é" + LONG) != suffix
