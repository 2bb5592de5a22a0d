"""The pages as they are served: a real server, real event streams, a clean end."""

from __future__ import annotations

import http.client
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing

import pytest
from call_server import floor
from serving import Served
from visiting import PEOPLE, Centre


@pytest.fixture
def served(centre: Centre) -> Iterator[tuple[Centre, int, subprocess.Popen[str]]]:
    pages = Served(centre.folder)
    yield centre, pages.port, pages.process
    pages.kill()


class Reader:
    """A browser's side of the wire, as plain HTTP."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def ask(self, method: str, path: str, body: str = "") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def enter(self, login: str, secret: str) -> None:
        page = self.ask("GET", "/login").read().decode()
        token = re.search(r'csrf_token" value="([^"]+)"', page)
        assert token
        answer = self.ask(
            "POST", "/login", f"csrf_token={token[1]}&login={login}&secret={secret.replace(' ', '+')}"
        )
        assert answer.status == 303


def part(answer: http.client.HTTPResponse) -> str:
    """The next event named `part`."""
    lines: list[str] = []
    while True:
        line = answer.readline().decode()
        assert line, "the stream ended"
        if line.startswith("data: "):
            lines.append(line.removeprefix("data: "))
        elif line == "\n" and lines:
            return "".join(lines)


def test_the_wallboard_follows_the_floor(served: tuple[Centre, int, subprocess.Popen[str]]) -> None:
    centre, port, _ = served
    readers = [Reader(port) for _ in range(3)]
    for reader in readers:
        reader.enter(*PEOPLE["admin"])
    streams = [reader.ask("GET", "/wallboard/events") for reader in readers]
    for stream in streams:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        assert '<p class="figure num">4</p>' in part(stream)
    assert readers[0].ask("GET", "/interactions").status == 200  # open streams keep nobody out
    live = floor()
    live["queues"][0]["waiting"] = 38
    centre.calls.answers["floor"] = live
    for stream in streams:
        text = part(stream)
        while '<p class="figure num">42</p>' not in text:
            text = part(stream)
    centre.calls.close()
    (centre.folder / "control.sock").unlink()
    while "无法读取实时状态" not in part(streams[0]):
        pass
    for stream in streams:
        stream.close()


def test_the_desk_follows_the_call(served: tuple[Centre, int, subprocess.Popen[str]]) -> None:
    centre, port, _ = served
    reader = Reader(port)
    reader.enter(*PEOPLE["agent"])
    with closing(reader.ask("GET", "/desk/events")) as stream:
        text = part(stream)
        assert 'data-interaction="i-talk"' in text
        live = floor()
        live["agents"][0].update(interaction="", state="ready")
        centre.calls.answers["floor"] = live
        while 'data-interaction=""' not in text:
            text = part(stream)
        assert "state-ready" in text


def test_a_stranger_gets_no_events(served: tuple[Centre, int, subprocess.Popen[str]]) -> None:
    _, port, _ = served
    assert Reader(port).ask("GET", "/wallboard/events").status == 303


def test_sigterm_ends_it_within_seconds_with_streams_open(
    served: tuple[Centre, int, subprocess.Popen[str]],
) -> None:
    _, port, process = served
    reader = Reader(port)
    reader.enter(*PEOPLE["supervisor"])
    with closing(reader.ask("GET", "/wallboard/events")) as stream:
        part(stream)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
