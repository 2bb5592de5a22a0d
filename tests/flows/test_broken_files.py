"""Each rule of the linter has a broken file here, and what is said of it is stored beside it, word by word.

After a change of the words: python tests/flows/test_broken_files.py
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from switch_app.core.errors import FlowProblem
from switch_app.core.flow.check import Around, check_all
from switch_app.core.flow.prompts import Manifest
from switch_app.core.work import AgentProfile
from switch_app.flowfiles.calendars import load_calendars
from switch_app.flowfiles.library import load_all
from switch_app.flowfiles.manifest import load_manifest
from switch_app.flowfiles.numbers import load_numbers
from switch_app.flowfiles.queues import load_queues

ROOT = Path(__file__).parents[2]
BROKEN = Path(__file__).parent / "broken"
EXPECTED = BROKEN / "expected.txt"
CASES = sorted(path for path in BROKEN.iterdir() if path.suffix == ".yml" or path.is_dir())
AGENTS = (
    AgentProfile("1001", "A", {"sales": 8, "mandarin": 10, "english": 4}),
    AgentProfile("1002", "B", {"billing": 8, "english": 10}),
    AgentProfile("1003", "C", {"billing": 8, "support": 3, "mandarin": 10}),
)

CONF: dict[str, Callable[[Path], tuple[object, list[FlowProblem]]]] = {
    "numbers.yml": lambda path: load_numbers(path, {"main": None, "entry": None}),
    "queues.yml": load_queues,
    "calendars.yml": load_calendars,
}


def manifest() -> Manifest:
    return load_manifest(ROOT / "sounds")[0]


def around(flows: object) -> Around:
    queues, _ = load_queues(ROOT / "conf/queues.yml")
    calendars, _ = load_calendars(ROOT / "conf/calendars.yml")
    assert queues and calendars
    return Around(flows, manifest(), queues, AGENTS, frozenset(calendars), frozenset({"entry"}), trunks=frozenset({"office"}))  # type: ignore[arg-type]


def said_of(case: Path, folder: Path) -> list[str]:
    """The problems of one case, as they are printed, files named without their folder."""
    if case.name.startswith("conf"):
        problems = [
            problem
            for name, load in CONF.items()
            if (case / name).exists()
            for problem in load(case / name)[1]
        ]
    else:
        if case.is_dir():
            shutil.copytree(case, folder, dirs_exist_ok=True)
        else:
            shutil.copy(case, folder)
        library = load_all(folder, lambda flows: check_all(flows, around(flows)))
        problems = list(library.problems)
    return [re.sub(r"^\S*/", "", str(problem)) for problem in problems]


def stored() -> dict[str, list[str]]:
    cases: dict[str, list[str]] = {}
    for line in EXPECTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            cases[line.removeprefix("== ")] = []
        elif line:
            cases[list(cases)[-1]].append(line)
    return cases


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_is_said_of_a_broken_file(case: Path, tmp_path: Path) -> None:
    assert said_of(case, tmp_path) == stored()[case.name]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_is_named_for_its_rule(case: Path) -> None:
    if not case.name.startswith("conf"):
        rule = re.sub(r"(schema|secret-shown|unsayable|loop-without-wait)-.*", r"\1", case.stem)
        assert any(line.endswith(f"[{rule}]") for line in stored()[case.name])


def test_every_rule_has_a_case() -> None:
    shown = set(re.findall(r"\[([a-z-]+)\]$", EXPECTED.read_text(encoding="utf-8"), re.MULTILINE))
    assert shown == rules_in_the_source()


def rules_in_the_source() -> set[str]:
    """The first argument of FlowProblem, the second of Flaw, the third of problem, wherever they are made."""
    own = [*(ROOT / "switch_app/core/flow").rglob("*.py"), *(ROOT / "switch_app/flowfiles").glob("*.py")]
    found: set[str] = set()
    for path in own:
        if path.name in ("manifest.py", "trunks.py", "flow_tests.py"):
            continue
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'FlowProblem\(\s*"([a-z-]+)"', text))
        found |= set(re.findall(r'self\._problem\("([a-z-]+)"', text))
        found |= set(re.findall(r'return "(yaml-[a-z]+)"', text))
        found |= set(
            re.findall(
                r'Flaw\(\s*(?:\([^()]*\)|[\w.]+|\([^()]*\([^()]*\)[^()]*\)) *(?:\+ at)?(?:\[:-1\])?,\s*"([a-z-]+)"',
                text,
            )
        )
        found |= set(re.findall(r'problem\(\s*flow, (?:\([^()]*\)|\w+),\s*"([a-z-]+)"', text))
    return found


def test_problems_are_values() -> None:
    one = FlowProblem("unknown-step", "there is no step a", "f.yml", 3, 9, "did you mean b?")
    assert str(one) == "f.yml:3:9: error: there is no step a (did you mean b?) [unknown-step]"


if __name__ == "__main__":
    import tempfile

    lines = []
    for each in CASES:
        with tempfile.TemporaryDirectory() as made:
            lines += [f"== {each.name}", *said_of(each, Path(made)), ""]
    EXPECTED.write_text("\n".join(lines), encoding="utf-8")
