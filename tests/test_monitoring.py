"""docs/monitoring: the rules and the dashboard speak of metrics that there are, and the rules do what they promise."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from chorus_outbox.core.lifecycle import State
from chorus_outbox.core.measures import DELIVERY, Histogram, Standing, Tally
from chorus_outbox.core.outage import Health
from chorus_outbox.core.problem import Problem
from chorus_outbox.edge.chorus.calls import ENDPOINTS, OUTCOMES, Calls
from chorus_outbox.edge.metrics import EVERY, HELP, PREFIX, About, Metrics, text, write
from chorus_outbox.ports import Measured, Outlook

DOCS = Path(__file__).parents[1] / "docs" / "monitoring"
NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
ABOUT = About("main", "production", NOW)
OUT = Outlook(
    NOW,
    Health(Problem("outage.quota"), since=NOW - timedelta(minutes=5)),
    looked_at=NOW,
    measured=Measured(*Calls().so_far(), {"page": 2}),
)
STANDING = Standing(
    Tally(9, {"sent": 3}, NOW, Histogram(DELIVERY).plus(10).plus(11)),
    {State.WAITING: NOW - timedelta(hours=2)},
    date(2027, 1, 31),
)

needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed (Debian: prometheus)"
)


def families() -> dict[str, tuple[str, str, set[str]]]:
    """Return what the program writes: name -> its type, its help, and the names of its samples."""
    found = {}
    for family in text_string_to_metric_families(text(ABOUT, OUT, STANDING).decode()):
        name = family.name + ("_total" if family.type == "counter" else "")
        found[name] = (family.type, family.documentation, {sample.name for sample in family.samples})
    return found


def queries() -> Iterator[tuple[str, str]]:
    """Yield each expression of the rules and of the dashboard, with where it stands."""
    for group in yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    board = json.loads((DOCS / "grafana-dashboard.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in board["templating"]["list"][1:]:
        yield variable["name"], variable["query"]["query"]
    for note in board["annotations"]["list"]:
        yield note["name"], note["expr"]


@pytest.mark.parametrize(("place", "expr"), list(queries()))
def test_a_query_speaks_of_what_there_is(place: str, expr: str) -> None:
    """Every metric, state, endpoint and outcome that is named is one that the program writes."""
    del place
    samples = {name for _, _, names in families().values() for name in names}
    named = set(re.findall(r"\bchorus_outbox_\w+", expr))
    assert named
    assert named <= samples
    known = {"state": {s.value for s in State}, "endpoint": set(ENDPOINTS), "outcome": set(OUTCOMES)}
    for label, values in re.findall(r'\b(state|endpoint|outcome)[!=~]+"([^"]*)"', expr):
        assert set(values.split("|")) <= known[label]


@needs_promtool
@pytest.mark.parametrize(
    "words", [("check", "rules", "alerts.yml"), ("test", "rules", "alerts_test.yml")], ids=" ".join
)
def test_the_real_promtool_takes_the_rules(words: tuple[str, ...]) -> None:
    """They are well formed, and each alert comes when its example says, and not before."""
    done = subprocess.run(["promtool", *words], cwd=DOCS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_has_its_example() -> None:
    """A rule that is never seen to fire, or never seen quiet, proves nothing."""
    rules = {r["alert"] for g in yaml.safe_load((DOCS / "alerts.yml").read_text("utf-8"))["groups"] for r in g["rules"]}
    tried = yaml.safe_load((DOCS / "alerts_test.yml").read_text("utf-8"))["tests"]
    cases = [case for one in tried for case in one["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == rules
    assert {case["alertname"] for case in cases if not case.get("exp_alerts")} == rules


def test_the_page_lists_every_metric() -> None:
    """Name, type and help text of docs/monitoring/README.md are those that are written."""
    page = (DOCS / "README.md").read_text("utf-8").partition("<!-- metrics:")[2].partition("<!-- end")[0]
    rows = dict(re.findall(r"(?m)^\| `(\w+)` \| (.+) \|$", page))
    assert rows == {name: f"{kind} | {told}" for name, (kind, told, _) in families().items()}
    assert {name.removeprefix(PREFIX) for name in rows} == set(HELP)


@needs_promtool
@pytest.mark.parametrize(
    "outlook", [OUT, Outlook(NOW), replace(OUT, unavailable="gone")], ids=["full", "first", "away"]
)
def test_the_real_promtool_finds_nothing_to_say(outlook: Outlook) -> None:
    """Names, units, types and help texts are as Prometheus wants them, whatever is known."""
    said = text(ABOUT, outlook, STANDING)
    done = subprocess.run(["promtool", "check", "metrics"], input=said, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_is_written_is_what_is_known() -> None:
    """Buckets add up, the password ends with its last day in France, every state has its number."""
    said = {
        (
            sample.name.removeprefix(PREFIX),
            *(v for k, v in sorted(sample.labels.items()) if k != "outbox"),
        ): sample.value
        for family in text_string_to_metric_families(text(ABOUT, OUT, STANDING).decode())
        for sample in family.samples
    }
    expected = {
        ("invoices", "sent"): 3,
        ("invoices", "failed"): 0,
        ("oldest_invoice_age_seconds", "waiting"): 7200,
        ("oldest_invoice_age_seconds", "failed"): 0,
        ("delivery_seconds_bucket", "10.0"): 1,
        ("delivery_seconds_bucket", "30.0"): 2,
        ("delivery_seconds_bucket", "+Inf"): 2,
        ("delivery_seconds_sum",): 21,
        ("outage",): 1,
        ("display_failures_total", "page"): 2,
        ("password_expiry_timestamp_seconds",): datetime(2027, 1, 31, 23, tzinfo=UTC).timestamp(),
    }
    assert {key: said[key] for key in expected} == expected


def test_a_clock_set_back_makes_no_negative_age() -> None:
    """An age is never below zero."""
    early = text(ABOUT, replace(OUT, at=NOW - timedelta(days=1)), STANDING).decode()
    assert 'chorus_outbox_oldest_invoice_age_seconds{outbox="main",state="waiting"} 0.0' in early


def test_it_is_written_seldom_and_at_the_end(tmp_path: Path) -> None:
    """Every fifteen seconds at most; at the end in any case, and after the clock was set back."""
    file = tmp_path / "x.prom"
    metrics = Metrics(file, ABOUT, lambda: STANDING)

    def written(outlook: Outlook) -> bool:
        file.unlink(missing_ok=True)
        metrics.show(outlook)
        return file.exists()

    assert written(OUT)
    assert not written(replace(OUT, at=NOW + EVERY / 2))
    assert written(replace(OUT, at=NOW + EVERY))
    assert not written(replace(OUT, at=NOW + 1.5 * EVERY))
    assert written(replace(OUT, at=NOW + 1.6 * EVERY, ending=True))
    assert written(replace(OUT, at=NOW - timedelta(hours=1)))


def test_the_half_file_follows_no_link_and_is_left_for_nobody(tmp_path: Path) -> None:
    """What a killed daemon left, or a link put there by somebody, is replaced; nothing is written through it."""
    (tmp_path / "theirs").write_text("untouched")
    (tmp_path / ".x.prom.new").symlink_to(tmp_path / "theirs")
    write(tmp_path / "x.prom", b"a 1\n")
    assert (tmp_path / "theirs").read_text() == "untouched"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["theirs", "x.prom"]
    assert stat.S_IMODE((tmp_path / "x.prom").stat().st_mode) == 0o644
