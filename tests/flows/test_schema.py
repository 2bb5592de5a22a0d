"""The JSON schema for editors: what it says yes to, and no."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
from click.testing import CliRunner

from switch_app.cli import hotline
from switch_app.core.flow.schema import flow_schema
from switch_app.core.flow.steps import STEP_TYPES
from switch_app.flowfiles.yaml_nodes import read

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "tests" / "flows" / "broken"
# What only `hotline check` knows is no matter of form: names, ways, texts; the rest is.
OF_FORM = {"missing-field", "schema", "schema-dashes", "schema-names", "schema-range", "unknown-field", "unknown-type"}
VALIDATE: Callable[[Any], Any] = fastjsonschema.compile(flow_schema(), use_default=False)


def data(path: Path) -> Any:
    return read(path.read_text(encoding="utf-8"), str(path)).data


def fits(document: Any) -> bool:
    try:
        VALIDATE(document)
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


def flow(**step: Any) -> dict[str, Any]:
    return {"flow": "one", "start": "a", "steps": {"a": step}}


@pytest.mark.parametrize("path", sorted((ROOT / "ivr_flows").glob("*.yml")), ids=lambda path: path.stem)
def test_the_sample_flows_fit(path: Path) -> None:
    VALIDATE(data(path))


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yml")), ids=lambda path: path.stem)
def test_of_the_broken_ones_those_of_a_wrong_form_do_not_fit(path: Path) -> None:
    found = data(path) if path.stem not in ("unreadable", "yaml-size") else None
    if found is not None:
        # expressions, templates and addresses are texts to a schema
        assert fits(found) == (path.stem not in OF_FORM), path


@pytest.mark.parametrize(
    ("step", "right"),
    [
        ({"type": "hangup"}, True),
        ({"type": "hangup", "say": "goodbye"}, True),
        ({"type": "hangup", "say": ["goodbye", {"silence": 500}, {"text": {"zh": "好", "en": "fine"}}]}, True),
        ({"type": "hangup", "say": {"amount": "{{ balance }}"}}, True),
        ({"type": "hangup", "say": {"number": 12}}, True),  # a number may stand for a text
        ({"type": "hangup", "say": {"silence": 0}}, False),
        ({"type": "hangup", "say": {"prompt": "a", "silence": 5}}, False),  # one of them
        ({"type": "hangup", "say": {}}, False),
        ({"type": "hangup", "sai": "goodbye"}, False),
        ({"type": "play", "say": "a"}, False),  # without next
        ({"type": "play", "say": "a", "next": "Not A Name"}, False),
        ({"type": "plya", "say": "a", "next": "end"}, False),
        ({"say": "a", "next": "end"}, False),
        ({"type": "menu", "say": "m", "choices": {"1": "end", "#": "end"}}, True),
        ({"type": "menu", "say": "m", "choices": {}}, False),
        ({"type": "menu", "say": "m", "choices": {"x": "end"}}, False),
        ({"type": "menu", "say": "m", "choices": {"1": "end"}, "retries": 10}, False),
        ({"type": "branch", "when": [{"if": "true", "go": "end"}], "else": "end"}, True),
        ({"type": "branch", "when": [{"condition": "true", "go": "end"}], "else": "end"}, False),
        ({"type": "set", "values": {"a": [1, {"b": None}]}, "next": "end"}, True),
    ],
)
def test_a_step(step: dict[str, Any], right: bool) -> None:
    assert fits(flow(**step)) == right


def test_the_name_end_is_taken_and_a_flow_needs_its_fields() -> None:
    assert not fits({"flow": "one", "start": "a", "steps": {"end": {"type": "hangup"}}})
    whole = flow(type="hangup")
    assert fits(whole)
    assert not any(fits({name: value for name, value in whole.items() if name != left}) for left in whole)
    assert not fits({**whole, "on_eror": "a"})


def test_every_step_type_is_told_with_its_example() -> None:
    schema = flow_schema()
    step = schema["$defs"]["Step"]
    assert step["properties"]["type"]["enum"] == list(STEP_TYPES)
    for name, step_type in STEP_TYPES.items():
        told = schema["$defs"][step_type.__name__]["description"]
        assert f"type: {name}" in told


def test_the_command_prints_it() -> None:
    printed = CliRunner().invoke(hotline, ["flows", "schema"])
    assert printed.exit_code == 0 and json.loads(printed.output) == flow_schema()
