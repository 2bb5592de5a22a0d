"""When a loop that reads rests, and when it does not."""

from __future__ import annotations

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from switch_app.switches.pace import BURST_S, REST_S, SHARE, Pace

MOMENTS = st.lists(st.tuples(st.floats(0, 0.1), st.floats(0, 0.05)), max_size=60)


def rests(pace: Pace, looks: int, idle_s: float, reading_s: float, at: float = 100.0) -> list[float]:
    """After each of so many looks; a rest is a part of the idle time."""
    found = []
    for _ in range(looks):
        at += idle_s
        found.append(pace.rest_s(at, at + reading_s))
        at += reading_s
    return found


def test_a_quiet_loop_reads_each_event_at_once() -> None:
    assert set(rests(Pace(), 1000, 0.0101, 0.001)) == {0.0}


def test_a_few_calls_at_once_are_read_at_once() -> None:
    reading_s = BURST_S / 10
    assert set(rests(Pace(), 9, 0.0, reading_s)) == {0.0}


def test_a_busy_loop_rests_after_each_look() -> None:
    found = rests(Pace(), 1000, REST_S, REST_S * SHARE * 1.5)
    assert found[0] == 0.0 and set(found[100:]) == {REST_S}


def test_it_is_soon_forgotten() -> None:
    pace = Pace()
    assert rests(pace, 100, 0.0, 0.01)[-1] == REST_S
    assert pace.rest_s(200.0, 200.0001) == 0.0
    other = Pace()
    rests(other, 100, 0.0, 0.01, at=0.0)
    assert other.rest_s(1.0 + 2 * BURST_S / SHARE, 1.0 + 2 * BURST_S / SHARE + 0.0001) == 0.0


@given(MOMENTS)
def test_a_rest_is_short_and_only_for_those_beyond_their_share(looks: list[tuple[float, float]]) -> None:
    pace, never, at, read_s = Pace(), Pace(burst_s=inf), 0.0, 0.0
    for idle_s, reading_s in looks:
        at += idle_s
        read_s += reading_s
        rest_s = pace.rest_s(at, at + reading_s)
        assert rest_s in (0.0, REST_S)
        assert not rest_s or read_s > BURST_S * 0.999
        assert never.rest_s(at, at + reading_s) == 0.0
        at += reading_s
