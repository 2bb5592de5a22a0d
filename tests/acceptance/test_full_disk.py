"""A full disk: calls go on, nothing that happened is lost, and everybody is told."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from centre import Centre, until
from talks import CALLER_HZ, agent_at_work, assert_talk, caller_in_queue, facts, take, wait_state

UNLIMITED = resource.RLIM_INFINITY


@contextmanager
def full(pid: int) -> Iterator[None]:
    """No file of this process grows any more, as on a full disk."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (UNLIMITED, hard))


def problems(centre: Centre) -> str:
    return " ".join(centre.status()["health"]["problems"])


def test_the_call_server_s_disk_is_full(centre: Centre, tmp_path: Path) -> None:
    """A talk begins and ends meanwhile; its facts wait in memory and are written when there is room."""
    centre.forgive("journal cannot be written|takes no rows")
    agent = agent_at_work(centre, "1001")
    with full(centre.pid("serve")):
        caller = centre.caller("13800000501")
        caller.play_tone(CALLER_HZ)
        caller.call("4100")
        caller.wait_for("confirmed")
        caller.digits("1")
        take(agent)
        wait_state(centre, "1001", "talking")
        assert_talk(caller, agent, tmp_path)
        until(lambda: "journal" in problems(centre), 5, lambda: f"a problem in the status; {centre.status()['health']}")
        caller.hangup()
        agent.wait_for("disconnected")
        wait_state(centre, "1001", "ready")  # nobody is stuck
    until(lambda: not problems(centre), 10, lambda: f"all is well again; {problems(centre)}")
    history = centre.closed("13800000501")
    assert history["outcome"] == "answered" and history["agent"] == "1001"
    assert len(facts(history, "AgentConnected")) == 1
    assert centre.floor()["calls"] == []
    assert centre.status()["health"]["call_server"]["journal_lost"] == 0


@pytest.mark.parametrize("switch", ["embedded"], indirect=True)  # a FreeSWITCH dies of the signal SIGXFSZ
def test_the_switch_s_disk_is_full(centre: Centre, tmp_path: Path) -> None:
    """The talk goes on without its recording, and the record says so."""
    centre.forgive("recording|RECORD|cannot be written")
    agent = agent_at_work(centre, "1001")
    with full(centre.pid("softswitch")):
        caller = caller_in_queue(centre, "13800000511")
        take(agent)
        wait_state(centre, "1001", "talking")
        assert_talk(caller, agent, tmp_path)
        caller.hangup()
        history = centre.closed("13800000511")
    assert history["outcome"] == "answered" and history["talk_s"] > 1
    assert history["recording"] is None and facts(history, "RecordingLost")
    wait_state(centre, "1001", "ready")
