"""hotline check and hotline simulate, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from switch_app.cli.check import command as check
from switch_app.cli.simulate import command as simulate
from switch_app.core.errors import Refused

BROKEN = "flow: mine\nstart: first\nsteps:\n  first: {type: play, say: welcome, next: nowhere}\n"


@pytest.fixture
def run(tmp_path: Path) -> object:
    (tmp_path / "flows").mkdir()

    def made(command: object, *arguments: str, broken: bool = False) -> Result:
        where = {"HOTLINE_VAR": str(tmp_path / "var")}
        if broken:
            (tmp_path / "flows/mine.yml").write_text(BROKEN, encoding="utf-8")
            where["HOTLINE_FLOWS"] = str(tmp_path / "flows")
        return CliRunner().invoke(command, arguments, env=where)  # type: ignore[arg-type]

    return made


def test_the_samples_are_fine(run) -> None:
    result = run(check)
    assert result.exit_code == 0, result.output
    assert "main: an agent after 2 keys" in result.output
    assert "0 errors" in result.output.splitlines()[-1]


def test_a_mistake_is_said_with_its_place(run) -> None:
    result = run(check, broken=True)
    assert result.exit_code == 1
    assert "mine.yml:4:43: error: there is no step nowhere (one of first) [unknown-step]" in result.output


def test_problems_for_programs(run) -> None:
    found = json.loads(run(check, "--json", broken=True).output)
    assert {"rule": "unknown-step", "line": 4, "column": 43}.items() <= found[0].items()


def test_only_what_is_wrong_with_a_file(run) -> None:
    result = run(check, str(Path(__file__).parents[2] / "conf/queues.yml"), broken=True)
    assert (result.exit_code, "unknown-step" in result.output) == (0, False)


def test_a_call_by_keys(run) -> None:
    result = run(simulate, "main", "--keys", "1 . 1 . h")
    assert result.exit_code == 0
    assert "waits in sales" in result.output
    assert result.output.splitlines()[-1].endswith("-- hung_up")


def test_one_of_a_flow_s_tests_by_hand(run) -> None:
    result = run(simulate, "main", "--test", "the balance, then the operator", "--keys", "14 . . 0 .")
    assert "balance = 320.45" in result.output
    for arguments, said in ((("main", "--test", "none such"), "it has:"), (("mian",), "there are: agent_log_in")):
        refused = run(simulate, *arguments).exception  # exit code 2, tests/bootstrap/test_refusals.py
        assert isinstance(refused, Refused) and said in refused.message


SOUND = """\
flow: %s
languages: [zh, en]
start: who
steps:
  who: {type: subflow, flow: identify, next: done}
  done: {type: hangup, say: goodbye}
tests:
  - {name: it ends, script: [], expect: {outcome: %s}}
"""


def test_a_file_from_elsewhere_is_read_among_the_others(run, tmp_path: Path) -> None:
    draft = tmp_path / "draft.yml"
    draft.write_text(BROKEN.replace("flow: mine", "flow: main"), encoding="utf-8")
    result = run(check, str(draft))
    assert (result.exit_code, "duplicate-flow" in result.output) == (1, False)
    assert f"{draft}:4:43: error: there is no step nowhere" in result.output
    assert "main: no key leads to an agent at worst" in result.output
    draft.write_text("flow: [", encoding="utf-8")
    result = run(check, str(draft))
    assert (result.exit_code, "[yaml-syntax]" in result.output) == (1, True)


@pytest.mark.parametrize("name", ["main", "a_new_one"])
def test_a_draft_is_checked_with_what_it_enters_and_its_tests_are_run(run, tmp_path: Path, name: str) -> None:
    draft = tmp_path / "draft.yml"
    draft.write_text(SOUND % (name, "completed"), encoding="utf-8")
    result = run(check, str(draft))
    assert result.exit_code == 0, result.output
    assert ", 0 errors, " in result.output.splitlines()[-1]
    draft.write_text(SOUND % (name, "failed"), encoding="utf-8")
    result = run(check, str(draft))
    assert (result.exit_code, "[test-failed]" in result.output) == (1, True)


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("numbers.yml", 'inbound: {"4000": mian}\n', "unknown-flow"),
        ("queues.yml", "sales: {choice: wrong}\n", "unknown-choice"),
        ("calendars.yml", "office: {week: {mon: closed}}\n", "calendar-gap"),
        ("trunks.yml", "office: {proxi: a}\n", "unknown-field"),
        ("queues.yml", BROKEN.replace("flow: mine", "flow: queues"), "unknown-step"),
    ],
)
def test_a_file_of_conf_from_elsewhere_is_known_by_its_name(run, tmp_path: Path, name: str, text: str, rule: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    result = run(check, str(tmp_path / name))
    assert (result.exit_code, f"[{rule}]" in result.output) == (1, True), result.output


def test_what_cannot_be_read_is_refused_in_one_line(run, tmp_path: Path) -> None:
    for file in (tmp_path / "none.yml", tmp_path):
        result = run(check, str(file))
        assert isinstance(result.exception, Refused)  # exit code 2, tests/bootstrap/test_refusals.py
        assert str(file) in result.exception.message and "\n" not in result.exception.message


def test_one_is_not_many(run, tmp_path: Path) -> None:
    last = run(check, str(tmp_path / "flows/mine.yml"), broken=True).output.splitlines()[-1]
    assert last == "1 flow, 0 tests, 1 error, 0 warnings"


@pytest.mark.parametrize(
    "more, said",
    [
        (("--at", "nonsense"), "--at: a local time such as 2026-11-23T10:00 is wanted"),
        (("--language", "fr"), "main speaks zh, en, not fr"),
    ],
)
def test_a_call_that_cannot_be_is_refused_in_one_line(run, more: tuple[str, ...], said: str) -> None:
    refused = run(simulate, "main", *more).exception
    assert isinstance(refused, Refused) and refused.message == said


def test_a_draft_is_told_how_far_an_agent_is(run, tmp_path: Path) -> None:
    draft = tmp_path / "mine.yml"
    draft.write_text(BROKEN.replace("nowhere", "end"), encoding="utf-8")
    assert "mine: no key leads to an agent at worst (first)\n" in run(check, str(draft)).output
