"""ivr_flows/README.md: the examples are those of the steps' docstrings, and all of them are valid.

After a change of a docstring: python tests/flows/test_readme.py
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from switch_app.core.flow.check import Around
from switch_app.core.flow.check.attributes import attributes
from switch_app.core.flow.check.braces import braces
from switch_app.core.flow.check.sense import sense
from switch_app.core.flow.check.words import words
from switch_app.core.flow.model import Flow, build
from switch_app.core.flow.steps import STEP_TYPES
from switch_app.flowfiles.flow_file import build_flow, source_of
from switch_app.flowfiles.yaml_nodes import read

README = Path(__file__).parents[2] / "ivr_flows/README.md"
MARK = "<!-- steps: from the docstrings in switch_app/core/flow/steps -->"


def parts_of(kind: str) -> tuple[str, str]:
    """(what it does, example) of a step type's docstring."""
    text = inspect.cleandoc(STEP_TYPES[kind].__doc__ or "")
    found = re.search(r"(.*?)\n*```yaml\n(.*?)```", text, re.DOTALL)
    assert found, kind
    return found[1].strip(), found[2]


def reference() -> str:
    sections = []
    for kind in STEP_TYPES:
        about, example = parts_of(kind)
        sections.append(f"### {kind}\n\n{about}\n\n```yaml\n{example}```\n")
    return "\n".join(sections)


def blamed(flow: Flow) -> list[str]:
    """What the rules say of an example that needs nothing around it."""
    return [str(each) for rule in (attributes, sense, braces, words) for each in rule(flow, Around())]


@pytest.mark.parametrize("kind", STEP_TYPES)
def test_the_example_of_a_step_is_valid(kind: str) -> None:
    steps = read(parts_of(kind)[1], kind).data
    flow, flaws = build({"flow": "example", "start": next(iter(steps)), "steps": steps})
    assert flow, flaws
    assert [step.type for step in flow.steps.values()] == [kind]
    assert blamed(flow) == []


def test_the_readme_has_them_all() -> None:
    assert README.read_text(encoding="utf-8").split(MARK)[1].strip() == reference().strip()


def test_the_other_examples_are_whole_flows() -> None:
    before = README.read_text(encoding="utf-8").split(MARK)[0]
    examples = re.findall(r"```yaml\n(.*?)```", before, re.DOTALL)
    assert examples
    for example in examples:
        flow, problems = build_flow(source_of(example, "README.md"), {})
        assert flow, problems
        assert blamed(flow) == []


if __name__ == "__main__":
    before = README.read_text(encoding="utf-8").split(MARK)[0]
    README.write_text(f"{before}{MARK}\n\n{reference()}", encoding="utf-8")
