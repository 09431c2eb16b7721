"""Mutation testing of the modules that decide about sending: every seeded bug is killed by a test, or explained.

    python tests/rigs/mutants.py                 all of it, in a copy of the tree; exit 1 at an unexplained survivor
    python tests/rigs/mutants.py --only tables   what stands outside of functions only (tables, limits, defaults)

mutmut changes the insides of functions; ``mutants_tables.py`` changes what stands outside of them, which mutmut leaves
alone. Neither ever writes into this checkout. Survivors are known by what they change, not by a number, so that the
explanations in ``mutants_explained.toml`` stay true while the modules grow.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mutants_tables

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("mutants_explained.toml")
GROUPS = {  # modules -> the tests that are theirs: whoever changes a module must be stopped here, not by a lucky whole run
    ("core/lifecycle.py", "core/decide.py", "core/outage.py", "core/identity.py"): (
        *("tests/core/test_lifecycle.py", "tests/core/test_decide.py", "tests/core/test_decide_edges.py"),
        *("tests/core/test_outage.py", "tests/core/test_identity.py", "tests/core/test_analysis.py"),
        "tests/core/test_attachment_rules.py",
    ),
    # Not test_wire.py: sockets and seconds, which a busy machine turns into false kills.
    ("edge/chorus/answers.py", "edge/chorus/body.py"): ("tests/edge/test_answers_edges.py",),
    ("worker/deposit.py", "worker/uploads.py"): (
        *("tests/test_deposit_edges.py", "tests/test_deposits.py", "tests/test_enclosures.py"),
        *("tests/test_corrections.py", "tests/test_flows.py"),
    ),
}
KILLED = ("killed", "timeout", "segfault")
# The same examples for each mutant: whether it survives must not depend on luck. No shrinking: any failure will do.
SETTLED = """
from hypothesis import Phase, settings

PHASES = [Phase.explicit, Phase.generate]
settings.register_profile("mutants", max_examples=25, derandomize=True, database=None, deadline=None, phases=PHASES)
settings.load_profile("mutants")
"""


@dataclass(frozen=True)
class Survivor:
    """A change that no test noticed: where, the lines that were, and the lines that took their place."""

    where: str
    was: str
    became: str


def main() -> int:
    """Run it all and say what is new; 0 when every survivor is explained and every explanation still needed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", choices=("tables", "inside"), help="what stands outside, or inside of functions")
    options.add_argument("--module", help="the group of this module only, such as core/decide.py")
    options.add_argument("--keep", type=Path, help="work in this new folder and leave it there")
    given = options.parse_args()
    if importlib.util.find_spec("mutmut") is None:
        sys.exit("mutmut is not installed: pip install 'mutmut>=3.8,<4'")
    with tempfile.TemporaryDirectory(prefix="mutants-") as temporary:
        found: list[Survivor] = []
        for modules, tests in GROUPS.items():
            if given.module and given.module not in modules:
                continue
            place = (given.keep or Path(temporary)) / modules[0].replace("/", "-").removesuffix(".py")
            lay_out(place, modules, tests)
            found += run_group(place, modules, tests, given.only)
    return verdict(found, explanations(), whole=not (given.only or given.module))


def run_group(place: Path, modules: Sequence[str], tests: Sequence[str], only: str | None) -> list[Survivor]:
    """Seed bugs in some modules, outside and inside of functions, and print how many were killed."""
    found = []
    if only != "inside":
        outside, table = mutants_tables.run(place, modules, tests)
        print_table("outside of functions", table)
        found += [Survivor(*s) for s in outside]
    if only != "tables":
        inside, table = run_mutmut(place)
        print_table("inside of functions (mutmut)", table)
        found += inside
    return found


def lay_out(place: Path, modules: Sequence[str], tests: Sequence[str]) -> None:
    """Copy package and tests; mutmut wants the package below ``src``."""
    for there, here in (("src/chorus_outbox", "daemon/chorus_outbox"), ("tests", "tests")):
        shutil.copytree(ROOT / here, place / there, ignore=shutil.ignore_patterns("__pycache__", "rigs"))
    (place / "tests" / "conftest.py").write_text(SETTLED, encoding="utf-8")  # the tests have none of their own
    only = [f"src/chorus_outbox/{m}" for m in modules]
    (place / "pyproject.toml").write_text(
        f"""[tool.pytest.ini_options]
pythonpath = ["src", "tests", "tests/simulator"]
addopts = "-p no:cacheprovider -p no:xdist"
timeout = 60
[tool.mutmut]
source_paths = ["src"]
only_mutate = {json.dumps(only)}
pytest_add_cli_args_test_selection = {json.dumps(tests)}
use_git_change_detection = false
timeout_constant = 10.0
""",
        encoding="utf-8",
    )


def run_mutmut(place: Path) -> tuple[list[Survivor], Mapping[str, Counter[str]]]:
    """Run mutmut in the copy; return the survivors, and module -> outcome -> how many."""
    done = subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=place, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"mutmut failed:\n{done.stdout.decode(errors='replace')[-3000:]}")
    listed = _output(place, "-m", "mutmut", "results", "--all", "True")
    table: dict[str, Counter[str]] = {}
    alive = []
    for name, outcome in re.findall(r"^\s+(\S+): (.+)$", listed, re.MULTILINE):
        table.setdefault(_module_of(name), Counter())[outcome] += 1
        if outcome not in KILLED:
            alive.append(name)
    shown = _output(place, "-c", _SHOW, *alive)
    return [_survivor(name, diff) for name, diff in zip(alive, json.loads(shown), strict=True)], table


def _output(place: Path, *arguments: str) -> str:
    """Return what a Python started in the copy prints."""
    return subprocess.run([sys.executable, *arguments], cwd=place, stdout=subprocess.PIPE, text=True, check=True).stdout


# As `mutmut show` does for one.
_SHOW = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
print(json.dumps([get_diff_for_mutant(name) for name in sys.argv[1:]]))
"""


def _module_of(name: str) -> str:
    dotted = re.sub(r"\.x[_ǁ].*", "", name).removeprefix("chorus_outbox.")
    return dotted.replace(".", "/") + ".py"


def _survivor(name: str, diff: str) -> Survivor:
    shown = diff.splitlines()
    was = [line[1:].strip() for line in shown if re.match(r"-(?!--)", line)]
    became = [line[1:].strip() for line in shown if re.match(r"\+(?!\+\+)", line)]
    function = (
        re.sub(r"__mutmut_.*", "", name.rpartition(".")[2]).removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
    )
    return Survivor(f"{_module_of(name)} {function}", " / ".join(was), " / ".join(became))


def explanations() -> Mapping[Survivor, str]:
    """Return the survivors that are known, each with the reason why no test can or need notice it."""
    listed = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")).get("mutant", [])
    return {Survivor(m["where"], m["was"], m["became"]): m["because"] for m in listed}


def verdict(found: Iterable[Survivor], known: Mapping[Survivor, str], *, whole: bool) -> int:
    """Print what is new, in the form of the list of explanations, and what is explained in vain."""
    found = list(found)
    new = [s for s in found if s not in known]
    idle = [s for s in known if s not in found] if whole else []
    for s in new:
        fields = {"where": s.where, "was": s.was, "became": s.became, "because": "?"}
        print("\n[[mutant]]", *(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items()), sep="\n")
    for s in idle:
        print(f"\nexplained, but killed or gone: {s.where}: {s.was} -> {s.became}")
    print(f"\n{len(found)} survivors: {len(found) - len(new)} explained, {len(new)} not; {len(idle)} idle explanations")
    return 1 if new or idle else 0


def print_table(title: str, table: Mapping[str, Counter[str]]) -> None:
    """Print module, mutants, killed, survived."""
    print(f"\n{title}\n| module | mutants | killed | survived |\n|---|---|---|---|")
    total: Counter[str] = sum(table.values(), Counter())
    for module, counts in [*sorted(table.items()), ("all", total)]:
        killed = sum(counts[outcome] for outcome in KILLED)
        print(f"| {module} | {counts.total()} | {killed} | {counts.total() - killed} |")


if __name__ == "__main__":
    sys.exit(main())
