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
