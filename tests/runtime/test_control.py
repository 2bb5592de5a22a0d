"""Answers of the control socket: one line of JSON each, whatever a command gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from switch_app.core.errors import Refused
from switch_app.runtime.control import ControlServer


def answer(given: Any, request: bytes = b'{"id": 7, "command": "give"}') -> dict[str, Any]:
    def give() -> Any:
        if isinstance(given, Exception):
            raise given
        return given

    line = ControlServer(Path("unused"), {"give": give}).answer(request)
    assert b"\n" not in line
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize(
    "data",
    [
        {"agents": [{"name": "李\u2028\n", "since": 1_000_000.25, "until": None}], "ok": (1, True)},
        {"ani": "half of a pair \ud83d"},
        {"more than 64 bits": 2**70},
        {"by number": {1: "one"}},
    ],
)
def test_what_json_can_say_is_said(data: dict[str, Any]) -> None:
    assert answer(data) == {"id": 7, "ok": True, "data": json.loads(json.dumps(data))}


def test_what_is_refused_or_wrong_is_told_by_a_stable_id() -> None:
    assert answer(Refused("busy_now", "later"))["error"] == {"id": "busy_now", "message": "later"}
    assert answer({}, b'{"command": "take"}')["error"]["id"] == "unknown_command"
    assert answer({}, b"{")["error"]["id"] == "bad_request"
    assert answer({}, b'{"command": "give", "args": {"more": 1}}')["error"]["id"] == "bad_request"
    assert answer({"no json": object()})["error"]["id"] == "bad_request"
    assert answer(LookupError("a bug"))["error"]["id"] == "internal_error"


TAKEN: list[dict[str, Any]] = []


def take(agent: str, text: dict[str, str] | None = None, until: float | None = None) -> dict[str, Any]:
    TAKEN.append({"agent": agent, "text": text, "until": until})
    return {}


@pytest.mark.parametrize(
    "args",
    [
        '{"agent": 1001}',
        '{"agent": null}',
        '{"agent": ["1001"]}',
        '{"agent": "half of a pair \\ud83d"}',
        '{"agent": "1001", "text": {"zh": ["a"]}}',
        '{"agent": "1001", "text": []}',
        '{"agent": "1001", "until": "5"}',
        '{"agent": "1001", "until": NaN}',
        '{"agent": "1001", "until": 1e999}',
        '{"agent": "%s"}' % ("x" * 30_000),
        '{"agent": "1001", "more": 1}',
        "{}",
        "[1]",
    ],
)
def test_what_is_of_another_type_than_the_command_takes_is_a_bad_request(args: str) -> None:
    """A greeting with a list for its text stood in the journal, and no start of the call server came up."""
    TAKEN.clear()
    server = ControlServer(Path("unused"), {"take": take})
    told = json.loads(server.answer(b'{"command": "take", "args": %s}' % args.encode()))
    assert told["error"]["id"] == "bad_request", told
    assert TAKEN == [] and len(told["error"]["message"]) < 300
    assert json.loads(server.answer(b'{"command": "take", "args": {"agent": "1001", "until": 5}}'))["ok"]
    assert TAKEN == [{"agent": "1001", "text": None, "until": 5}]


@pytest.mark.parametrize("line", [b"[" * 100_000, b'{"a":' * 50_000, b'{"command": []}', b"null", b"\xff\xfe"])
def test_nonsense_is_a_bad_request(line: bytes) -> None:
    assert answer({}, line)["error"]["id"] == "bad_request"
