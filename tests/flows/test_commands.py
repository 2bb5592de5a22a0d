"""hotline check and hotline simulate, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from switch_app.cli.check import command as check
from switch_app.cli.simulate import command as simulate

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
    result = run(check, str(Path(__file__).parents[2] / "ivr_flows/main.yml"), broken=True)
    assert (result.exit_code, "unknown-step" in result.output) == (0, False)


def test_a_call_by_keys(run) -> None:
    result = run(simulate, "main", "--keys", "1 . 1 . h")
    assert result.exit_code == 0
    assert "waits in sales" in result.output
    assert result.output.splitlines()[-1].endswith("-- hung_up")


def test_one_of_a_flow_s_tests_by_hand(run) -> None:
    result = run(simulate, "main", "--test", "the balance, then the operator", "--keys", "14 . . 0 .")
    assert "balance = 320.45" in result.output
    assert run(simulate, "main", "--test", "none such").exit_code == 1
    assert "there are: agent_log_in" in run(simulate, "mian").output
