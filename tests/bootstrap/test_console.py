"""What the console asks the call server, and how it shows the answer."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from switch_app.cli.agents import command as agents
from switch_app.cli.presence import command as presence

AGENT = {"name": "李伟 Li Wei", "reason": "", "contact": "", "interaction": "", "until": None, "after_call": ""}
FLOOR = {
    "agents": [
        {**AGENT, "agent": "1001", "state": "ready", "since": 1795423593.4},
        {**AGENT, "agent": "1002", "state": "logged_out", "since": 0.0},
    ]
}


class Console:
    """`hotline` beside a control socket that answers every command with the floor."""

    def __init__(self, var: Path) -> None:
        self.asked: list[dict[str, object]] = []
        self._var = var
        console = self

        class Answers(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    request = json.loads(line)
                    console.asked.append(request)
                    self.wfile.write(json.dumps({"id": request["id"], "ok": True, "data": FLOOR}).encode() + b"\n")

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


def test_programs_get_what_the_call_server_said(console: Console) -> None:
    assert json.loads(console.run(agents, "--json").output) == FLOOR["agents"]


def test_a_presence_from_the_console_is_a_supervisors(console: Console) -> None:
    console.run(presence, "1001", "not_ready", "--reason", "lunch")
    [asked] = console.asked
    assert asked["args"] == {"agent": "1001", "state": "not_ready", "reason": "lunch", "by": "supervisor"}
