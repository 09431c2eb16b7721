"""When a dropped file is left in peace by its writer, and which files belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus_outbox.core.settling import Group, Settled, Sighting, Signature, settle

QUIET = 5.0
PLAIN = Signature(device=1, inode=10, size=1000, mtime_ns=5, ctime_ns=6)


def files(*names: str) -> dict[str, Signature]:
    return {name: PLAIN._replace(inode=10 + i) for i, name in enumerate(names)}


@dataclass
class Folder:
    """Looks at a folder again and again, as the daemon does."""

    sightings: Mapping[str, Sighting] = field(default_factory=dict)

    def look(self, present: Mapping[str, Signature], now: float, quiet: float = QUIET) -> Settled:
        settled = settle(self.sightings, present, now, quiet)
        self.sightings = settled.sightings
        return settled


def settled(*names: str) -> Settled:
    """Return what a second look says long after the first."""
    folder = Folder()
    folder.look(files(*names), 0)
    return folder.look(files(*names), 100)


def test_never_at_the_first_look() -> None:
    """What is found at start is not taken at once, however old it is and even without any quiet time."""
    first = Folder().look(files("FA.pdf"), 1_000_000, quiet=0)
    assert first.ready == ()
    assert first.waiting == {"FA.pdf": 1_000_000}


def test_ready_after_the_quiet_time() -> None:
    """A file unchanged for the quiet time is ready, not before; until then it is told when that will be."""
    folder = Folder()
    folder.look(files("FA.pdf"), 100)
    early = folder.look(files("FA.pdf"), 104.9)
    assert (early.ready, early.waiting) == ((), {"FA.pdf": 105})
    late = folder.look(files("FA.pdf"), 105)
    assert (late.ready, late.waiting) == ((Group("FA.pdf"),), {})


@pytest.mark.parametrize(
    "change",
    [{"size": 1001}, {"mtime_ns": 7}, {"ctime_ns": 7}, {"inode": 11}, {"device": 2}],
    ids=["grows", "size-set-first-then-filled", "old-time-restored", "replaced", "other-file-system"],
)
def test_any_change_begins_anew(change: dict[str, int]) -> None:
    """Whatever changes in the signature, the quiet time begins anew and two more looks are needed."""
    folder = Folder()
    folder.look({"FA.pdf": PLAIN}, 0)
    folder.look({"FA.pdf": PLAIN}, 4)
    changed = {"FA.pdf": PLAIN._replace(**change)}
    assert folder.look(changed, 8).waiting == {"FA.pdf": 13}
    assert folder.look(changed, 12.9).ready == ()
    assert folder.look(changed, 13).ready == (Group("FA.pdf"),)


def test_gone_and_back_begins_anew() -> None:
    """A file that was away for one look (a share that blinked) is new."""
    folder = Folder()
    folder.look({"FA.pdf": PLAIN}, 0)
    folder.look({}, 4)
    assert folder.look({"FA.pdf": PLAIN}, 8).ready == ()


def test_the_youngest_member_counts() -> None:
    """A sidecar or an attachment that comes later makes its PDF wait for its own quiet time."""
    folder = Folder()
    folder.look(files("FA.pdf"), 0)
    assert folder.look(files("FA.pdf", "FA.yaml"), 4).waiting == {"FA.pdf": 9}
    assert folder.look(files("FA.pdf", "FA.yaml", "FA_PJ1.jpg"), 8).waiting == {"FA.pdf": 13}
    assert folder.look(files("FA.pdf", "FA.yaml", "FA_PJ1.jpg"), 13).ready == (
        Group("FA.pdf", ("FA.yaml",), ("FA_PJ1.jpg",)),
    )


@pytest.mark.parametrize(
    ("names", "group"),
    [
        pytest.param(("FA.pdf", "fa.YML"), Group("FA.pdf", ("fa.YML",)), id="case"),
        pytest.param(("\u00e9.pdf", "e\u0301.yaml"), Group("\u00e9.pdf", ("e\u0301.yaml",)), id="mac-and-pc"),
        pytest.param(("l\udce9.pdf", "l\udce9.yaml"), Group("l\udce9.pdf", ("l\udce9.yaml",)), id="no-utf8"),
        pytest.param(("a/FA.pdf", "a/FA.yaml"), Group("a/FA.pdf", ("a/FA.yaml",)), id="folder"),
        pytest.param(("a/FA.pdf", "FA.yaml", "b/FA.yaml"), Group("a/FA.pdf"), id="never-across-folders"),
        pytest.param(("FA.pdf", "FA.yml", "FA.yaml"), Group("FA.pdf", ("FA.yaml", "FA.yml")), id="two-sidecars-kept"),
        pytest.param(("FA.1.pdf", "FA.1.yaml", "FA.yaml"), Group("FA.1.pdf", ("FA.1.yaml",)), id="dots"),
        pytest.param(
            ("FA.pdf", "FA_PJ10.pdf", "fa_pj2.png", "FA_PJ1.jpg"),
            Group("FA.pdf", (), ("FA_PJ1.jpg", "fa_pj2.png", "FA_PJ10.pdf")),
            id="attachments-by-rank",
        ),
    ],
)
def test_what_belongs_together(names: tuple[str, ...], group: Group) -> None:
    """Same folder and same stem (NFC, casefold) make one invoice."""
    assert settled(*names).ready == (group,)


def test_twins_keep_their_own_sidecar() -> None:
    """Where a folder holds the same name in two Unicode forms, each has the sidecar that is spelled alike."""
    nfc, nfd = "\u00e9", "e\u0301"
    groups = settled(f"{nfc}.pdf", f"{nfd}.pdf", f"{nfd}.yaml").groups
    assert groups == {f"{nfc}.pdf": Group(f"{nfc}.pdf"), f"{nfd}.pdf": Group(f"{nfd}.pdf", (f"{nfd}.yaml",))}
    shared = settled("FA.pdf", "Fa.pdf", "fa.yaml").groups
    assert {group.sidecars for group in shared.values()} == {("fa.yaml",)}


def test_alone() -> None:
    """A sidecar or an attachment without its PDF is told with its age, and never taken for an invoice."""
    folder = Folder()
    folder.look(files("FA.yaml", "FB_PJ1.pdf"), 3)
    later = folder.look(files("FA.yaml", "FB_PJ1.pdf"), 100)
    assert (later.lone_sidecars, later.lone_attachments) == ({"FA.yaml": 3}, {"FB_PJ1.pdf": 3})
    assert (later.ready, later.waiting, later.groups) == ((), {}, {})


@pytest.mark.parametrize("empty", ["FA.pdf", "FA.yaml", "FA_PJ1.jpg"])
def test_empty_is_never_ready(empty: str) -> None:
    """An empty member keeps its invoice back for ever and is told with its age; its group can be looked up."""
    present = files("FA.pdf", "FA.yaml", "FA_PJ1.jpg")
    present[empty] = present[empty]._replace(size=0)
    folder = Folder()
    folder.look(present, 1)
    later = folder.look(present, 10_000)
    assert (later.ready, later.waiting, later.empty) == ((), {}, {empty: 1})
    assert later.groups["FA.pdf"].members == ("FA.pdf", "FA_PJ1.jpg", "FA.yaml")


@pytest.mark.parametrize(
    ("away", "waits"),
    [
        ("a/FA.yaml", {"a/FA.pdf"}),
        ("a/FA_PJ1.jpg", {"a/FA.pdf"}),
        ("a", {"a/FA.pdf", "a/b/FB.pdf"}),
        ("a/_defaults.yaml", {"a/FA.pdf", "a/b/FB.pdf"}),
        ("_defaults.yml", {"a/FA.pdf", "a/b/FB.pdf", "FC.pdf"}),
        ("a/FX.yaml", set()),
        ("a/FX.pdf", set()),
        ("FA.yaml", set()),
        ("c", set()),
    ],
)
def test_what_may_belong_to_it_and_cannot_be_looked_at_is_waited_for(away: str, waits: set[str]) -> None:
    """A sidecar that a sick share does not show for a moment is not missing: its PDF waits, the others do not."""
    names = ("a/FA.pdf", "a/b/FB.pdf", "FC.pdf")
    folder = Folder()
    folder.look(files(*names), 0)
    later = settle(folder.sightings, files(*names), 100, QUIET, [away])
    assert later.waiting == dict.fromkeys(waits, 101)
    assert {g.pdf for g in later.ready} == {*names} - waits
    assert {g.pdf for g in settle(later.sightings, files(*names), 102, QUIET).ready} == {*names}


def test_longest_unchanged_first() -> None:
    """What has waited longest is handled first."""
    folder = Folder()
    folder.look(files("B.pdf"), 0)
    folder.look(files("B.pdf", "A.pdf"), 1)
    assert [group.pdf for group in folder.look(files("B.pdf", "A.pdf"), 50).ready] == ["B.pdf", "A.pdf"]


@given(st.lists(st.tuples(st.floats(0.1, 8), st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_whole_histories(steps: list[tuple[float, bool, bool]]) -> None:
    """Over any history of looks and writes: ready exactly when both files were last seen to change long enough ago."""
    folder = Folder()
    present = files("FA.pdf", "FA.yaml")
    now, looks = 0.0, 0
    changed = 0.0
    for pause, pdf_written, sidecar_written in steps:
        now += pause
        for name, written in (("FA.pdf", pdf_written), ("FA.yaml", sidecar_written)):
            if written:
                present[name] = present[name]._replace(mtime_ns=present[name].mtime_ns + 1)
        if pdf_written or sidecar_written or looks == 0:
            changed, looks = now, 0
        looks += 1
        result = folder.look(present, now)
        assert bool(result.ready) is (looks >= 2 and now - changed >= QUIET)
        assert bool(result.ready) is not bool(result.waiting)


def test_a_hundred_thousand() -> None:
    """A backlog of a hundred thousand files is settled in one look; nothing is lost."""
    names = [f"{i % 10}/FA-{i}.pdf" for i in range(100_000)]
    folder = Folder()
    folder.look(dict.fromkeys(names, PLAIN), 0)
    assert len(folder.look(dict.fromkeys(names, PLAIN), 9).ready) == 100_000
