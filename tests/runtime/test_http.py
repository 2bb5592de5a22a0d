"""The http port against a server on loopback: what comes back, and that a failure names no address."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gevent
import pytest

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.runtime import http
from switch_app.runtime.http import HttpPort

SECRET = "4711"


BODIES = {
    "wrong": b"{",
    "large": b"x" * (http.LARGEST + 1),
    "half": b'{"a": "\\ud800"}',
    "nan": b'{"a": NaN}',
    "huge": b'{"a": 1e999}',
}


class Answers(BaseHTTPRequestHandler):
    """/status/N answers with that status, /late not in time, /torn not at all, /large and /wrong with nonsense."""

    asked: list[str]

    def do_GET(self) -> None:
        kind, _, value = self.path.partition("?")[0].strip("/").partition("/")
        self.asked.append(kind)
        if kind == "late":
            self.server.over.wait(5)  # type: ignore[attr-defined]
        elif kind == "torn":
            return
        body = BODIES.get(kind, json.dumps({"a": 1}).encode())
        self.send_response(int(value or 200))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), type("Asked", (Answers,), {"asked": []}))
    made.over = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    made.over.set()  # type: ignore[attr-defined]
    made.shutdown()
    made.server_close()


@pytest.fixture
def ask(server: ThreadingHTTPServer) -> Callable[..., s.HttpReturned]:
    def asked(path: str, port: int = 0, private: bool = True, **more: object) -> s.HttpReturned:
        url = f"http://127.0.0.1:{port or server.server_port}{path}?pin={SECRET}"
        order = o.CallHttp("r", "GET", url, timeout_s=0.3, **{"retries": 0, **more})  # type: ignore[arg-type]
        return HttpPort(lambda *_: None, private)._tries(order)

    return asked


def test_an_answer_comes_with_its_status_whatever_that_is(ask: Callable[..., s.HttpReturned]) -> None:
    assert ask("/fine") == s.HttpReturned("r", "done", 200, {"a": 1})
    assert ask("/status/404") == s.HttpReturned("r", "done", 404, {"a": 1})


def test_only_a_server_in_trouble_is_asked_again(ask: Callable[..., s.HttpReturned], server: ThreadingHTTPServer) -> None:
    assert ask("/status/503", retries=2) == s.HttpReturned("r", "failed", 503, {"a": 1})
    assert ask("/status/403", retries=2).status == 403
    assert len(server.RequestHandlerClass.asked) == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "result", "reason"),
    [("/late", "timed_out", "timed_out"), ("/torn", "failed", "bad_answer"), ("/wrong", "failed", "bad_answer"),
     ("/half", "failed", "bad_answer"), ("/nan", "failed", "bad_answer"), ("/huge", "failed", "bad_answer"),
     ("/large", "failed", "too_large"), ("/a b", "failed", "bad_request")],
)  # fmt: skip
def test_no_answer_has_a_reason_and_nothing_of_the_address(
    ask: Callable[..., s.HttpReturned], path: str, result: str, reason: str
) -> None:
    assert ask(path) == s.HttpReturned("r", result, reason=reason)


def test_who_does_not_listen_refused(ask: Callable[..., s.HttpReturned]) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert ask("/", port=bound.getsockname()[1]) == s.HttpReturned("r", "failed", reason="connection_refused")


def test_a_header_that_cannot_be_sent_is_not_told(ask: Callable[..., s.HttpReturned]) -> None:
    assert ask("/", headers={"X": f"{SECRET}\x00\n"}) == s.HttpReturned("r", "failed", reason="bad_request")


def test_a_private_address_is_refused_and_the_log_keeps_the_secret(
    ask: Callable[..., s.HttpReturned], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert ask("/", private=False) == s.HttpReturned("r", "refused", reason="private_address")
        order = o.CallHttp("r", "GET", f"ftp://{SECRET}/")
        assert HttpPort(lambda *_: None)._tries(order) == s.HttpReturned("r", "refused", reason="bad_request")
    assert "127.0.0.1" in caplog.text and SECRET not in caplog.text


def test_requests_one_after_the_other_need_one_thread(server: ThreadingHTTPServer) -> None:
    told: list[s.HttpReturned] = []
    port = HttpPort(lambda _, result: told.append(result), allow_private=True)
    before = set(sys._current_frames())
    for number in range(1, 11):
        port.carry_out("interaction:1", o.CallHttp("r", "GET", f"http://127.0.0.1:{server.server_port}/fine"))
        with gevent.Timeout(5):
            while len(told) < number:
                gevent.sleep(0.002)
    assert len(set(sys._current_frames()) - before) == 1
