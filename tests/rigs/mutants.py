"""Mutation testing of the modules that decide about sending: every seeded bug is killed by a test, or explained.

    python tests/rigs/mutants.py            all of it, in a copy of the tree; exit 1 when a survivor is not explained
    python tests/rigs/mutants.py --tables   only what stands outside of functions (tables, limits, defaults)

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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import mutants_tables

ROOT = Path(__file__).parents[2]
EXPLAINED = Path(__file__).with_name("mutants_explained.toml")
MODULES = (
    *("core/lifecycle.py", "core/decide.py", "core/outage.py", "core/identity.py"),
    *("edge/chorus/answers.py", "edge/chorus/body.py", "worker/deposit.py"),
)
TESTS = (
    *("tests/core/test_lifecycle.py", "tests/core/test_decide.py", "tests/core/test_decide_edges.py"),
    *("tests/core/test_outage.py", "tests/core/test_identity.py", "tests/core/test_identity_edges.py"),
    *("tests/core/test_analysis.py", "tests/edge/test_answers_edges.py", "tests/edge/test_wire.py"),
    *("tests/test_deposits.py", "tests/test_deposit_edges.py", "tests/test_histories.py"),
)
SKIPPED = "not (test_an_upload_that_is_not_read_ends or test_the_deadline_is_for_the_whole_answer)"  # 1 s a mutant each
KILLED = ("killed", "timeout", "segfault")
# The same examples for each mutant: whether it survives must not depend on luck. No shrinking: any failure will do.
SETTLED = """

from hypothesis import Phase, settings

settings.register_profile("mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
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
    options.add_argument("--tables", action="store_true", help="only what stands outside of functions")
    options.add_argument("--keep", type=Path, help="work in this new folder and leave it there")
    given = options.parse_args()
    if importlib.util.find_spec("mutmut") is None:
        sys.exit("mutmut is not installed: pip install 'mutmut>=3.8,<4'")
    with tempfile.TemporaryDirectory(prefix="mutants-") as temporary:
        place = given.keep or Path(temporary) / "tree"
        lay_out(place)
        survivors, table = mutants_tables.run(place, MODULES, TESTS)
        found = [Survivor(*s) for s in survivors]
        print_table("outside of functions", table)
        if not given.tables:
            inside, table = run_mutmut(place)
            print_table("inside functions (mutmut)", table)
            found += inside
    return verdict(found, explanations(), whole=not given.tables)


def lay_out(place: Path) -> None:
    """Copy package and tests; mutmut wants the package below ``src``."""
    for there, here in (("src/chorus_outbox", "daemon/chorus_outbox"), ("tests", "tests")):
        shutil.copytree(ROOT / here, place / there, ignore=shutil.ignore_patterns("__pycache__", "rigs"))
    conftest = place / "tests" / "conftest.py"
    conftest.write_text(conftest.read_text(encoding="utf-8") + SETTLED, encoding="utf-8")
    only = [f"src/chorus_outbox/{m}" for m in MODULES]
    tests = [t for t in TESTS if (place / t).exists()]
    (place / "pyproject.toml").write_text(
        f"""[tool.pytest.ini_options]
pythonpath = ["src", "tests", "tests/simulator"]
addopts = "-p no:cacheprovider -p no:xdist"
timeout = 60
[tool.mutmut]
source_paths = ["src"]
only_mutate = {json.dumps(only)}
pytest_add_cli_args_test_selection = {json.dumps(tests)}
pytest_add_cli_args = ["-k", {json.dumps(SKIPPED)}]
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
    listed = subprocess.run(
        [sys.executable, "-m", "mutmut", "results", "--all", "True"],
        **{"cwd": place, "capture_output": True, "text": True, "check": True},
    ).stdout
    table: dict[str, Counter[str]] = {}
    survivors = []
    for name, outcome in re.findall(r"^\s+(\S+): (.+)$", listed, re.MULTILINE):
        table.setdefault(_module_of(name), Counter())[outcome] += 1
        if outcome not in KILLED:
            survivors.append(_survivor(place, name))
    return survivors, table


def _module_of(name: str) -> str:
    dotted = re.sub(r"\.x[_ǁ].*", "", name).removeprefix("chorus_outbox.")
    return dotted.replace(".", "/") + ".py"


def _survivor(place: Path, name: str) -> Survivor:
    shown = subprocess.run(
        [sys.executable, "-m", "mutmut", "show", name],
        **{"cwd": place, "capture_output": True, "text": True, "check": True},
    ).stdout.splitlines()
    was = [line[1:].strip() for line in shown if re.match(r"-(?!--)", line)]
    became = [line[1:].strip() for line in shown if re.match(r"\+(?!\+\+)", line)]
    function = re.sub(r"__mutmut_.*", "", name.rpartition(".")[2]).removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
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
