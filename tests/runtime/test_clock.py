"""Named timers: moved, stopped, forgotten, and each fired once."""

from __future__ import annotations

import time

import gevent
import pytest

from switch_app.runtime.clock import Timers


@pytest.fixture
def fired() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def timers(fired: list[tuple[str, str]]) -> Timers:
    return Timers(time.monotonic, lambda stream, name: fired.append((stream, name)))


def until_empty(timers: Timers) -> None:
    with gevent.Timeout(2):
        while len(timers):
            gevent.sleep(0.001)
    gevent.sleep(0.001)  # what fired runs


def test_timers_fire_in_their_order_and_once(timers: Timers, fired: list[tuple[str, str]]) -> None:
    now = time.monotonic()
    for name, in_s in (("late", 0.02), ("early", 0.01), ("overdue", -5.0)):
        timers.start("a", name, now + in_s)
    assert len(timers) == 3 and not fired
    until_empty(timers)
    assert [name for _, name in fired] == ["overdue", "early", "late"]


def test_a_timer_started_again_is_moved(timers: Timers, fired: list[tuple[str, str]]) -> None:
    now = time.monotonic()
    timers.start("a", "x", now + 3600)
    timers.start("a", "x", now)
    until_empty(timers)
    assert fired == [("a", "x")]


def test_stopped_and_forgotten_timers_never_fire(timers: Timers, fired: list[tuple[str, str]]) -> None:
    now = time.monotonic()
    for stream, name in (("a", "x"), ("a", "y"), ("b", "x"), ("b", "z")):
        timers.start(stream, name, now)
    timers.stop("b", "z")
    timers.stop("b", "never started")
    timers.forget("a")
    until_empty(timers)
    assert fired == [("b", "x")]


def test_what_fires_may_start_its_timer_again() -> None:
    fired: list[str] = []

    def fire(stream: str, name: str) -> None:
        fired.append(name)
        if len(fired) < 3:
            timers.start(stream, name, time.monotonic())

    timers = Timers(time.monotonic, fire)
    timers.start("a", "again", time.monotonic())
    with gevent.Timeout(2):
        while len(fired) < 3:
            gevent.sleep(0.001)
    assert len(timers) == 0
