"""What the console asks the call server, and how it shows the answer."""

from __future__ import annotations

import json
import os
import re
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starting import ROOT

from switch_app.cli.agents import command as agents
from switch_app.cli.interactions import lasting
from switch_app.cli.presence import command as presence
from switch_app.core.acd.presence import refusal
from switch_app.runtime.commands import REFUSALS

AGENT = {"name": "李伟 Li Wei", "reason": "", "contact": "", "interaction": "", "until": None, "after_call": ""}
FLOOR = {
    "agents": [
        {**AGENT, "agent": "1001", "state": "ready", "since": 1795423593.4},
        {**AGENT, "agent": "1002", "state": "logged_out", "since": 0.0},
    ]
}


def test_a_reader_that_has_enough_ends_a_command_without_a_word():
    command = f"{sys.executable} -m switch_app config --json | head -1; {sys.executable} -m switch_app flows schema | true"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[\n", "")


def hotline(*arguments: str, **more) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "switch_app", *arguments]
    return subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, check=False, **more)


def test_output_that_finds_no_room_is_told_in_one_line():
    with open("/dev/full", "wb") as full:
        done = hotline("config", stdout=full)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1 and b"No space left on device" in done.stderr


def test_a_terminal_that_knows_no_chinese_gets_the_rest():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = hotline("simulate", "main", "--keys", "2 h", stdout=subprocess.PIPE, env=environment)
    assert (done.returncode, done.stderr) == (0, b"") and b"Welcome to customer service" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("nosuch", "there is no flow nosuch; there are: "),
        ("main --at 25:99", "--at: a local time such as"),
        ("main --test nosuch", "main has no test 'nosuch'"),
        ("main --language fr", "main speaks zh, en, not fr"),
    ],
)
def test_what_cannot_be_simulated_is_a_mistake(arguments, told):
    done = hotline("simulate", *arguments.split(), stdout=subprocess.PIPE)
    assert (done.returncode, done.stdout) == (2, b"") and told in done.stderr.decode()


class Console:
    """`hotline` beside a control socket that answers with the floor, or with `facts`."""

    def __init__(self, var: Path) -> None:
        self.asked: list[dict[str, object]] = []
        self.facts: list[dict[str, object]] = []  # what a presence makes
        self._var = var
        console = self

        class Answers(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    request = json.loads(line)
                    console.asked.append(request)
                    data = {"facts": console.facts} if request["command"] == "presence" else FLOOR
                    self.wfile.write(json.dumps({"id": request["id"], "ok": True, "data": data}).encode() + b"\n")

        (var / "run").mkdir(parents=True)
        self.server = socketserver.ThreadingUnixStreamServer(str(var / "run" / "control.sock"), Answers)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def run(self, command: object, *arguments: str) -> Result:
        result = CliRunner().invoke(command, arguments, env={"HOTLINE_VAR": str(self._var)})  # type: ignore[arg-type]
        assert result.exit_code == 0, result.output
        return result


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path / "var")
    yield made
    made.server.shutdown()
    made.server.server_close()


def test_people_see_since_when_as_a_moment_and_nothing_for_never(console: Console) -> None:
    _, first, second = console.run(agents).output.splitlines()
    assert first.split()[-3:] == ["2026-11-23T08:46:33Z", "-", "-"]
    assert second.split()[-3:] == ["-", "-", "-"]


def test_programs_get_what_the_call_server_said_with_moments_as_everywhere(console: Console) -> None:
    first, second = FLOOR["agents"]
    told = json.loads(console.run(agents, "--json").output)
    assert told == [{**first, "since": "2026-11-23T08:46:33.400Z"}, {**second, "since": None}]


def test_a_presence_from_the_console_is_a_supervisors(console: Console) -> None:
    console.run(presence, "1001", "not_ready", "--reason", "lunch")
    asked, *_ = console.asked
    assert asked["args"] == {"agent": "1001", "state": "not_ready", "reason": "lunch", "by": "supervisor"}


def changed(agent: str, state: str, **more: object) -> dict[str, object]:
    return {"kind": "PresenceChanged", "data": {"agent": agent, "state": state, "reason": "", **more}}


def test_who_is_logged_in_without_a_phone_named_has_the_own_one(console: Console) -> None:
    console.run(presence, "1001", "logged_in")
    assert console.asked[0]["args"]["contact"] == "1001"  # type: ignore[index]


WHY = {"kind": "WorkOffered", "data": {"agent": "1001", "why": {"candidates": [{"agent": "1001", "idle_s": 1.0}]}}}


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ([changed("1001", "not_ready", reason="lunch")], "1001: not_ready (lunch)"),
        ([changed("1001", "ready"), WHY, changed("1001", "offered", interaction="i-1")], "1001: offered i-1"),
        ([changed("1002", "logged_out", reason="phone_taken"), changed("1001", "ready")],
         "1001: ready; 1002: logged_out (phone_taken)"),
        ([{"kind": "PresencePlanned", "data": {"agent": "1001", "state": "not_ready", "reason": "lunch"}}],
         "1001: not_ready (lunch) after the call"),
        ([], "1001: ready already"),
    ],
)  # fmt: skip
def test_a_presence_is_told_in_one_line(console: Console, facts: list[dict[str, object]], line: str) -> None:
    console.facts = facts
    assert console.run(presence, "1001", "ready").output == f"{line}\n"
    assert json.loads(console.run(presence, "1001", "ready", "--json").output) == {"facts": facts}


@pytest.mark.parametrize(
    ("agent", "state", "line"),
    [("1002", "logged_out", "1002: logged_out already"),
     ("1001", "logged_in", "1001: ready as before: nothing had to change")],
)  # fmt: skip
def test_what_was_so_already_is_told_in_words(console: Console, agent: str, state: str, line: str) -> None:
    assert console.run(presence, agent, state).output == f"{line}\n"


def test_each_refusal_of_a_presence_has_words_with_a_remedy() -> None:
    told = re.search(r"stable:\s+([\w| ]+)\.", refusal.__doc__ or "")
    assert told and set(told[1].split(" | ")) - {"unknown_state"} == set(REFUSALS)  # click has words for that one
    assert [reason for reason, words in REFUSALS.items() if "Remedy: " not in words] == []


def test_what_a_lasting_call_has_not_yet_is_a_dash() -> None:
    row = {"customer": None, "closed_at": None, "wait_s": 2.0, "talk_s": 0.0, "hold_s": 0.0}
    assert lasting(row) == {**row, "talk_s": None, "hold_s": None}
    assert lasting({**row, "closed_at": "2026-11-23T09:00:00.000Z"})["talk_s"] == 0.0
