"""`hotline run` with FreeSWITCH: where to call, whether it answers, and `ready` when it does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from event_socket import EventSocket
from starting import ROOT, free_port

from switch_app import secrets_store


@pytest.fixture
def centre(start, environment, tmp_path):
    """Settings of a copy on FreeSWITCH, and `begin()`: its process."""
    environment |= {
        "HOTLINE_SWITCH": "freeswitch",
        "HOTLINE_CALL_SERVER": f"127.0.0.1:{free_port()}",
        "HOTLINE_FREESWITCH_ADDRESS": f"127.0.0.1:{free_port()}",
    }
    return lambda: start("-m", "switch_app", "run", env=environment, cwd=ROOT)


def lines_until(process, word: str) -> list[str]:
    lines = []
    while not lines or word not in lines[-1]:
        line = process.stdout.readline()
        assert line, "\n".join(lines) + process.stderr.read()
        lines.append(line.rstrip("\n"))
    return lines


def status(start, environment) -> dict:
    out, _ = start("-m", "switch_app", "status", "--json", env=environment, cwd=ROOT).communicate(timeout=20)
    return json.loads(out)


def test_it_names_the_numbers_says_that_nobody_answers_and_is_ready_when_somebody_does(centre, environment, start):
    process = centre()
    address = environment["HOTLINE_FREESWITCH_ADDRESS"]
    lines = lines_until(process, "does not answer")
    assert any(f"sip:4000@{environment['HOTLINE_SIP']}" in line for line in lines) and "ready" not in lines
    assert f"FreeSWITCH at {address} does not answer (Connection refused)" in lines[-1] and "Remedy: " in lines[-1]
    health = status(start, environment)["health"]
    assert not health["ok"] and lines[-1].removeprefix("hotline: ") in " ".join(health["problems"])
    password = secrets_store.load(Path(environment["HOTLINE_VAR"]) / "secrets.json").esl_password
    with EventSocket(int(address.rpartition(":")[2]), password):
        assert lines_until(process, "ready") == ["ready"]
        assert status(start, environment)["health"]["ok"]
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize(("password", "told"), [("another", "refuses the password"), (None, "denies us")])
def test_one_that_does_not_let_us_in_is_told_apart(centre, environment, password, told):
    port = int(environment.get("HOTLINE_FREESWITCH_ADDRESS", ":0").rpartition(":")[2])
    with EventSocket(port, password):
        process = centre()
        [line] = [line for line in lines_until(process, "Remedy: ") if "Remedy: " in line]
        assert told in line and f"127.0.0.1:{port}" in line
        process.terminate()
        assert process.wait(10) == 0


def test_a_signal_ends_the_wait(centre):
    process = centre()
    lines_until(process, "does not answer")
    process.terminate()
    assert process.wait(10) == 0 and process.stdout.read() == ""
