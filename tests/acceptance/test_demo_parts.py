"""The demo's plans, voices and loop, without phones."""

from __future__ import annotations

import random
from pathlib import Path

import audio

from switch_app.core.work import QueueRule
from switch_app.phones import demo_plans, voices
from switch_app.phones.running import PhoneError
from switch_app.phones.stage import Stage


def test_the_same_seed_plans_the_same_calls() -> None:
    one, two = ([demo_plans.draw_call(random.Random(seed), set()) for _ in range(3)] for seed in (5, 5))
    assert one == two
    assert demo_plans.draw_call(random.Random(6), set()) != one[0]


def test_plans_are_bounded_and_take_every_path() -> None:
    rng, busy = random.Random(1), set(demo_plans.KNOWN_NUMBERS[:5])
    plans = [demo_plans.draw_call(rng, busy) for _ in range(1500)]
    assert {plan.about for plan in plans} == {about for _, about, _ in demo_plans.PATHS}
    assert {plan.dial for plan in plans} == {"4000", "4001", "4999"}
    assert all(4 <= plan.talk_s <= 150 and 25 <= plan.patience_s <= 240 for plan in plans)
    assert not busy & {plan.number for plan in plans}
    assert all(demo_plans.gap_s(rng, 10) <= 60 for _ in range(1000))


def test_agents_end_their_wrap_up_by_key_only_while_it_surely_lasts() -> None:
    """A late *15 would be refused; *12 is right in any case."""
    manners = [demo_plans.draw_manner(random.Random(seed)) for seed in range(300)]
    late = {manner.code_after_wrap_up for manner in manners if manner.wrap_up_s > QueueRule("any").wrap_up_s - 2}
    assert late == {"*12"}
    assert {manner.code_after_wrap_up for manner in manners} == {"*12", "*15"}


def test_voices_sound_like_speech_and_differ(tmp_path: Path) -> None:
    one, two = (audio.read(voices.write(tmp_path / f"{seed}.wav", seed, 130, 3.0)) for seed in (1, 2))
    assert one.rate_hz == 8000 and one.mono != two.mono
    assert -35 < audio.level_dbfs(one.mono) < -9
    assert max(one.mono) < 20000
    assert audio.loudest_tone(one.mono) == 0.0
    assert 1.0 < audio.sounding_s(one.mono) < one.duration_s - 0.2  # with breaths between


def test_deeds_come_in_the_order_in_which_they_are_due() -> None:
    stage, done = Stage(lambda _: None), []
    stage.after(0.03, lambda: done.append("c"))
    stage.after(0.0, lambda: done.append("a"))
    stage.after(0.01, lambda: done.append("b"))
    stage.after(0.04, stage.end)
    stage.after(0.05, lambda: done.append("after the end"))
    stage.run()
    assert done == ["a", "b", "c"]


def test_events_reach_their_line_and_a_failing_phone_stops_nothing() -> None:
    said: list[str] = []
    stage = Stage(said.append)
    heard: list[str] = []

    def ear(event: dict[str, str]) -> None:
        heard.append(event["event"])
        if event["event"] == "confirmed":
            raise PhoneError("the call is gone\nlog: ...")
        if event["event"] == "disconnected":
            stage.end()

    stage.on("1001", ear)
    for name in ("incoming", "confirmed", "disconnected"):
        stage.watch("1002", {"event": "not for us"})
        stage.watch("1001", {"event": name})
    stage.run()
    assert heard == ["incoming", "confirmed", "disconnected"]
    assert said == ["the call is gone"]
