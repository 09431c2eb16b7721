"""What the commands print for programs: one documented shape each, and nothing else on standard output."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus_outbox.simulator.chaos import Rule
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, Site, invoice_pdf

TO = "22220001600434"
NEVER = CONFIG.replace("settle_seconds: 1", "settle_seconds: 1, resend_after_doubt: never")
PAGE = (Path(__file__).parents[1] / "docs" / "terminal.md").read_text("utf-8")
SHAPES = {name: json.loads(text) for name, text in re.findall(r"```json (\w+)\n(.*?)```", PAGE, re.DOTALL)}
ROW = set(SHAPES["status"][0])


def keys(value: object) -> object:
    """Return the shape of a JSON value: the names in it, of a list those of its first item."""
    if isinstance(value, dict):
        return {name: keys(inside) for name, inside in value.items()}
    return [keys(item) for item in value[:1]] if isinstance(value, list) else None


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give a site with one invoice in doubt, one sent, two refused."""
    with running(World()) as server:
        made = Site(tmp_path_factory.mktemp("json"), server, NEVER)
        server.world.rules.append(Rule("soumettre", "drop"))
        made.drop(f"D1_{TO}.pdf", invoice_pdf("D1"))
        assert made.once() == 1
        made.drop(f"S1_{TO}.pdf", invoice_pdf("S1"))
        made.drop("R1.pdf", invoice_pdf("R1"))
        made.drop("R2.pdf", invoice_pdf("R2"), "siret: 44306184100047")
        assert made.once() == 1
        yield made


def told(site: Site, *words: str, code: int = 0) -> Any:
    """Run a command with --json; return what it printed."""
    done = site.program(*words, "--json", "--config", str(site.config))
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def test_status(site: Site) -> None:
    """All, the oldest first; a number, a file name or states choose; a limit keeps the newest."""
    rows = told(site, "status")
    assert next(row["file"] for row in rows) == f"D1_{TO}.pdf"
    assert {frozenset(row) for row in rows} == {frozenset(ROW)}
    assert told(site, "status", "S1") == [r for r in rows if r["number"] == "S1"]
    assert told(site, "status", "R1.pdf") == told(site, "status", "R1") == [r for r in rows if r["number"] == "R1"]
    assert [r["number"] for r in told(site, "status", "--state", "sent", "--state", "in_doubt")] == ["D1", "S1"]
    assert told(site, "status", "--limit", "2") == rows[-2:]
    assert told(site, "status", "--limit", "0") == rows
    assert told(site, "status", "nobody", code=1) == []
    assert told(site, "status", "S1", "--state", "failed", code=1) == []


def test_why(site: Site) -> None:
    """The row of status, with recipient, fields, problems and events."""
    (story,) = told(site, "why", "S1")
    assert set(story) == ROW | set(SHAPES["why"][0])
    assert story["fields"]["siret"] == {"value": TO, "source": "file name"}
    assert [e["event"] for e in story["events"]][:3] == ["seen", "understood", "begun"]
    (refused,) = told(site, "why", "R2")
    assert keys([refused["events"], refused["problems"]]) == keys([SHAPES["why"][0][n] for n in ("events", "problems")])
    assert [p["code"] for p in refused["problems"]] == ["recipient.unknown"]
    assert told(site, "why", "nobody", code=1) == []


def test_check(site: Site) -> None:
    """The exit code, and each finding: where, about what, how bad, in words."""
    found = told(site, "check")
    assert found["exit_code"] == 0
    assert keys(found) == keys(SHAPES["check"])
    known = {(f["group"], f["matter"], f["mark"]) for f in found["findings"]}
    assert {("here", "folder.sent", "ok"), ("there", "attached", "ok"), ("there", "password", "ok")} <= known
    (site.root / "failed").rename(site.root / "gone")
    try:
        broken = told(site, "check", "--offline", code=78)
    finally:
        (site.root / "gone").rename(site.root / "failed")
    assert ("folder.failed", "fail") in {(f["matter"], f["mark"]) for f in broken["findings"]}


def test_inspect_and_recipient(site: Site, tmp_path: Path) -> None:
    """As the page says, for a file with an attachment and something wrong, and for a recipient with a service."""
    path = tmp_path / "I1.pdf"
    path.write_bytes(invoice_pdf("I1"))
    path.with_suffix(".yaml").write_text("fournisseur: 1\npieces_jointes: bon.pdf\n", "utf-8")
    path.with_name("bon.pdf").write_bytes(invoice_pdf("I2"))
    (found,) = told(site, "inspect", str(path), "--offline", code=1)
    (shape,) = SHAPES["inspect"]
    assert keys({**found, "fields": None}) == keys({**shape, "fields": None})
    assert found["fields"]["ttc"] == {"value": "120.00", "source": "PDF text"}
    assert keys(told(site, "recipient", "cotes-armor")) == keys(SHAPES["recipient"])


def test_put_backup_and_directory(site: Site, tmp_path: Path) -> None:
    """Where the files are now; where the copy is, and its size; how many structures the directory has."""
    path = tmp_path / "note.pdf"
    path.write_bytes(invoice_pdf("P1"))
    assert [set(SHAPES[name]) for name in ("put", "backup")] == [{"files"}, {"path", "size"}]
    assert told(site, "put", str(path)) == {"files": [str(site.root / "outbox" / "note.pdf")]}
    (site.root / "outbox" / "note.pdf").unlink()
    target = tmp_path / "copy.db"
    assert told(site, "backup", str(target)) == {"path": str(target), "size": target.stat().st_size}
    made = told(site, "directory")
    assert set(made) == set(SHAPES["directory"])
    assert made["structures"] > 3
    assert Path(made["path"]).is_file()


def test_repairs(site: Site) -> None:
    """What was done, whether all is well, and the invoices as status shows them, after it."""
    looked = told(site, "reconcile", "--yes", code=1)
    assert set(looked) == set(SHAPES["repair"])
    assert (looked["command"], looked["ok"]) == ("reconcile", False)
    assert [(i["number"], i["state"]) for i in looked["invoices"]] == [("D1", "in_doubt")]
    assert set(looked["invoices"][0]) == ROW
    hurried = told(site, "retry", "D1", "--yes")
    assert (hurried["command"], hurried["ok"], hurried["invoices"][0]["state"]) == ("retry", True, "in_doubt")
    forgotten = told(site, "forget", "R1", "--yes")
    assert [(i["file"], i["state"]) for i in forgotten["invoices"]] == [("R1.pdf", "withdrawn")]
    settled = told(site, "resolve", "D1", "--not-arrived", "--yes")
    assert [(i["number"], i["state"]) for i in settled["invoices"]] == [("D1", "waiting")]
    done = site.program("retry", "R1", "--yes", "--json", "--config", str(site.config))
    assert (done.returncode, done.stdout) == (1, "")
    assert "R1" in done.stderr


def test_a_question_is_asked_beside_the_json(site: Site) -> None:
    """Without --yes the question is on standard error, so that standard output stays JSON."""
    command = site.command("retry", "R2", "--json", "--config", str(site.config))
    done = subprocess.run(command, env=site.environ, input="y\n", capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["invoices"][0]["file"] == "R2.pdf"
    assert "R2.pdf" in done.stderr
    assert (site.root / "outbox" / "R2.pdf").is_file()


def test_a_name_that_is_no_text(site: Site) -> None:
    """Bytes that are no UTF-8 may be typed as well as dropped."""
    done = site.program("why", os.fsdecode(b"caf\xe9.pdf"), "--config", str(site.config))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    site.drop(os.fsdecode(b"caf\xe9.pdf"), invoice_pdf("C1"))
    assert site.once() == 1
    assert [row["number"] for row in told(site, "status", os.fsdecode(b"caf\xe9.pdf"))] == ["C1"]
