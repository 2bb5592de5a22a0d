"""Time that does not go back, and named timers: moved, stopped, and each fired once."""

from __future__ import annotations

import time

import gevent
import pytest

from switch_app.runtime.clock import LATE_S, READING_S, READINGS, SET_BACK_S, Timers, WallClock


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


def test_what_happened_during_a_standstill_is_heard_before_a_timer(
    timers: Timers, fired: list[tuple[str, str]]
) -> None:
    """It is read when the process goes on, and so are the answers that it asks for then: here a key."""
    timers.start("a", "no key", time.monotonic() + 0.01)
    time.sleep(0.01 + 2 * LATE_S)
    gevent.spawn_later(0.02, timers.stop, "a", "no key")
    until_empty(timers)
    assert not fired


def test_a_process_that_is_always_late_still_fires(timers: Timers, fired: list[tuple[str, str]]) -> None:
    timers.start("a", "x", time.monotonic() + 0.01)
    for _ in range(READINGS + 1):
        assert not fired
        time.sleep(READING_S + 1.2 * LATE_S)
        gevent.sleep(0.001)
    until_empty(timers)
    assert fired == [("a", "x")]


def test_stopped_timers_never_fire(timers: Timers, fired: list[tuple[str, str]]) -> None:
    now = time.monotonic()
    for stream, name in (("a", "x"), ("a", "y"), ("b", "x"), ("b", "z")):
        timers.start(stream, name, now)
    timers.stop("b", "z")
    timers.stop("b", "never started")
    timers.stop("a", "x")
    timers.stop("a", "y")
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


class Machine:
    """The two clocks of a machine, in its hands."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000.0, 50.0
        self.clock = WallClock("UTC", wall=lambda: self.wall, steady=lambda: self.steady)

    def passes(self, seconds: float, set_by: float = 0.0) -> float:
        self.steady += seconds
        self.wall += seconds + set_by
        return self.clock.now()


def test_a_clock_that_is_set_back_a_little_is_waited_for() -> None:
    machine = Machine()
    assert machine.passes(10) == 1_000_010
    assert machine.passes(0, set_by=-60) == 1_000_010
    assert machine.passes(10) == pytest.approx(1_000_019)
    assert machine.passes(1000) == machine.wall == 1_000_960  # it has caught up
    assert machine.passes(10) == 1_000_970


def test_a_clock_that_is_set_forward_or_to_another_date_is_followed() -> None:
    machine = Machine()
    assert machine.passes(1, set_by=3600) == 1_003_601
    assert machine.passes(1, set_by=-SET_BACK_S - 1) == machine.wall
    assert machine.passes(1) == machine.wall
