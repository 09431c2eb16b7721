"""What Chorus Pro takes as an attachment, and what each is called there."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.attachments import (
    ALL_MAX,
    EXTENSIONS,
    ONE_MAX,
    Attachment,
    awaited_by,
    designation,
    gather,
    members,
    over_limits,
    type_of,
    upload_names,
)
from chorus_outbox.core.decide import Hold, Policy, Refuse, on_reading
from chorus_outbox.core.entry import Entry, Member
from chorus_outbox.core.fields import Enclosure, show
from chorus_outbox.core.grouping import Group
from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.problem import Problem
from chorus_outbox.simulator import enums

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
TYPES = {"RIB": "Relevé d'identité bancaire", "BL": "Bon de livraison", "X9": "Autre document", "X10": "Autres"}


def said(file: str, type_: str = "", label: str = "") -> Attachment:
    return Attachment(file, Enclosure(file, type_, label))


def test_the_extensions_are_those_of_the_portal() -> None:
    """Our list is the simulator's, written twice from api.md 5.1."""
    assert {e.upper() for e in EXTENSIONS} == set(enums.EXTENSIONS)


@pytest.mark.parametrize(
    ("name", "size", "code"),
    [
        ("a.pdf", ONE_MAX, None),
        ("a.PDF", 1, None),
        ("a.tar.gz", 1, None),
        ("a.pdf", ONE_MAX + 1, "attachment.too_big"),
        ("a.pdf", 0, "attachment.empty"),
        ("a.exe", 1, "attachment.extension"),
        ("a", 1, "attachment.extension"),
    ],
)
def test_one_attachment(name: str, size: int, code: str | None) -> None:
    """Its kind, and under 10 MB: the last byte decides."""
    assert [p.code for p in over_limits([said(name)], {name: size}, 1)] == ([code] if code else [])


def test_all_together() -> None:
    """The PDF counts: at 120 MB they are taken, with one byte more they are not."""
    many = [said(f"{n}.png") for n in range(12)]
    sizes = {one.name: 9_000_000 for one in many}
    left = ALL_MAX - sum(sizes.values())
    assert over_limits(many, sizes, left) == ()
    assert [p.code for p in over_limits(many, sizes, left + 1)] == ["attachments.too_big"]


@pytest.mark.parametrize(
    ("one", "code"),
    [
        pytest.param(said("a.pdf", "RIB"), "RIB", id="code"),
        pytest.param(said("a.pdf", "releve d'identite BANCAIRE"), "RIB", id="label without accents"),
        pytest.param(said("a.pdf", "bon-de-livraison"), "BL", id="label with dashes"),
        pytest.param(said("rib.pdf"), "RIB", id="called so"),
        pytest.param(said("bon_de_livraison.pdf"), "BL", id="called like a label"),
        pytest.param(said("a.pdf", "", "Bon de livraison"), "BL", id="designated so"),
        pytest.param(said("rib de l'agence.pdf"), "X9", id="only nearly: other"),
        pytest.param(said("photo.jpg"), "X9", id="other, the first of them"),
    ],
)
def test_its_type(one: Attachment, code: str) -> None:
    """What was said, else what it is called, else "other": of the list, never of our own."""
    assert type_of(one, TYPES) == code


def test_a_type_that_is_not_listed() -> None:
    """It is refused with what is allowed; without "other", the first stands for what was not said."""
    problem = type_of(said("a.pdf", "BON_DE_COMMANDE"), TYPES)
    texts = {"name": "a.pdf", "value": "BON_DE_COMMANDE", "allowed": "RIB, BL, X9, X10"}
    assert problem == Problem("attachment.type", texts)
    assert type_of(said("photo.jpg"), {"A": "Un", "B": "Deux"}) == "A"


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (said("F1_PJ1.pdf"), "F1 PJ1"),
        (said("bon.pdf", "", "Bon, signé"), "Bon, signé"),
        (said("x" * 120 + ".pdf"), "x" * 100),
        (said("_.pdf"), "-"),
    ],
)
def test_designation(one: Attachment, text: str) -> None:
    """What was said, else its own name made readable; at most 100 characters, never none."""
    assert designation(one) == text


STEMS = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=70)


@given(st.lists(STEMS, max_size=8), st.sampled_from(["FA-1.pdf", "piece.pdf", "-.pdf"]))
def test_names_at_chorus_pro(stems: list[str], taken: str) -> None:
    """Whatever they are called: 50 characters that it takes, the ending kept, no two alike, none like the invoice's."""
    files = [said(f"{stem}.{end}") for stem in stems for end in ("pdf", "JPEG")]
    names = upload_names(files, taken)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{1,50}", name) for name in names)
    assert [name.rpartition(".")[2] for name in names] == [one.suffix[1:] for one in files]
    assert len({name.casefold() for name in (*names, taken)}) == len(files) + 1


def test_files_of_one_suffix_stay_two() -> None:
    """Names that differ in capitals only, or in how an accent is written, are filed under different names."""
    group = Group("F.pdf", ("F.yaml",), ("F_PJ1.pdf", "f_PJ1.pdf"), ("e\u0301.pdf", "\u00e9.pdf"))
    suffixes = [m.suffix for m in members(group)]
    assert len({s.casefold() for s in suffixes}) == len(suffixes) == 6
    assert suffixes[:3] == [".pdf", "_PJ1.pdf", "_PJ1 (2).pdf"]


def test_a_link_that_is_named_for_the_invoice() -> None:
    """It was meant to go with it, so the invoice does not leave without it; another's is no concern."""
    strange = {"x/F_PJ1.jpg": "link", "x/G_PJ1.jpg": "link", "F_PJ2.jpg": "pipe"}
    _, problems = gather(Group("x/F.pdf"), (), strange)
    assert problems == (Problem("attachment.unsafe", {"name": "F_PJ1.jpg", "kind": "link"}),)


LATE = (Problem("attachment.missing", {"name": "bon.pdf"}),)


@pytest.mark.parametrize(
    ("problems", "seconds", "waits"),
    [
        pytest.param(LATE, 119, "wait.attachment", id="it may still come"),
        pytest.param(LATE, 120, None, id="it did not come"),
        pytest.param((*LATE, Problem("missing.field", {"field": "siret"})), 0, None, id="the sidecar lacks more"),
        pytest.param((*LATE, Problem("attachment.extension", {"name": "a.exe"})), 0, None, id="all else is final"),
    ],
)
def test_a_missing_attachment_is_waited_for(problems: tuple[Problem, ...], seconds: int, waits: str | None) -> None:
    """As long as for a sidecar, when nothing else is wrong."""
    policy = Policy(sidecar_wait=120, incomplete_wait=900, settle=60, resend=True)
    outcome = on_reading(problems, NOW, NOW + timedelta(seconds=seconds), sidecar=True, policy=policy)
    assert isinstance(outcome, Hold if waits else Refuse)
    assert not isinstance(outcome, Hold) or outcome.problem.code == waits


FAILED = Entry(
    1,
    "F.pdf",
    "x/F.pdf",
    State.FAILED,
    "failed",
    NOW,
    NOW,
    stem="F (2)",
    members=(
        Member("pdf", "x/F.pdf", ".pdf"),
        Member("attachment", "x/there.pdf", " - there.pdf"),
        Member("sidecar", "x/F.yaml", ".yaml"),
    ),
    fields={"pieces_jointes": (show((Enclosure("there.pdf"), Enclosure("late, too.pdf"))), "sidecar")},
)


@pytest.mark.parametrize(
    ("name", "awaited"),
    [
        pytest.param("x/late, too.pdf", True, id="announced in vain"),
        pytest.param("F (2) - there.pdf", True, id="carried back before its invoice"),
        pytest.param("x/there.pdf", False, id="it has one of that name"),
        pytest.param("late, too.pdf", False, id="another folder"),
        pytest.param("x/F.pdf", False, id="the invoice itself"),
    ],
)
def test_what_an_invoice_in_failed_awaits(name: str, awaited: bool) -> None:
    """Such a PDF is no invoice of its own."""
    assert awaited_by(FAILED, name) is awaited
    assert not awaited_by(replace(FAILED, members=(), fields={}), name)
