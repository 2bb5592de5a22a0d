"""`hotline interactions`: customers' calls; the keypad calls of agents do not drown them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from story import Story, answered_call, opened

from crm_lite.store.database import Database
from crm_lite.store.projector import Projector
from switch_app.cli.interactions import command


@pytest.fixture
def var(db: Database, tmp_path: Path) -> Path:
    """One talk with a customer, and then more keypad calls than the list is long."""
    story = answered_call(Story())
    for n in range(25):
        story.add(f"interaction:k-{n}", opened(f"k-{n}", ani="1001", dnis="*12", direction="internal"))
    Projector(db).apply(story.entries)
    return tmp_path


def said(var: Path, *arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, env={"HOTLINE_VAR": str(var)})
    assert result.exit_code == 0, result.output
    return result.output


def test_keypad_calls_are_left_out(var: Path) -> None:
    assert [each["id"] for each in json.loads(said(var, "--json"))] == ["i-1"]
    assert "i-1" in said(var) and "k-24" not in said(var)


def test_they_are_there_when_asked_for(var: Path) -> None:
    found = json.loads(said(var, "--internal", "--limit", "100", "--json"))
    assert [each["id"] for each in found] == [*(f"k-{n}" for n in reversed(range(25))), "i-1"]
    assert {each["direction"] for each in found[:-1]} == {"internal"}


def test_one_that_is_named_is_shown_whatever_it_is(var: Path) -> None:
    assert json.loads(said(var, "k-3", "--json"))["direction"] == "internal"
