"""How far it is to an agent at worst: all that is said counts, words and silences too."""

from __future__ import annotations

import pytest
from flow_line import flow_of

from switch_app.core.flow.check import Around
from switch_app.core.flow.check.human import VALUE_S, Distance, distance_of
from switch_app.core.flow.durations import text_s
from switch_app.core.flow.prompts import Manifest, Sound

WORDS = "This is quite a long text that is spoken by a voice"
PROMPTS = Manifest(
    {
        name: {"en": Sound(f"en/{name}.wav", text)}
        for name, text in {"hello": "Hello", "you_entered": "You entered", "sure": "Are you sure?"}.items()
    }
)
COLLECT = "{type: collect, say: hello, save: a, digits: {max: 6}, confirm: %s, confirm_say: sure, next: q, no_input: q}"


@pytest.mark.parametrize(
    "step, keys, seconds",
    [
        ("{type: play, say: hello, next: q}", 0, text_s("Hello", "en")),
        (f"{{type: play, say: {{text: {{en: {WORDS}}}}}, next: q}}", 0, text_s(WORDS, "en")),
        ("{type: play, say: [{silence: 20000}, {silence: 500}], next: q}", 0, 20.5),
        ("{type: play, say: [{date: 2026-11-23}], next: q}", 0, VALUE_S["date"]),
        ('{type: transfer, to: "1001", say: hello, failed: q}', 0, text_s("Hello", "en")),
        ("{type: greeting, next: q}", 0, 0.3),
        (COLLECT % "false", 6, text_s("Hello", "en") + 6),
        (COLLECT % "true", 7, text_s("Hello", "en") + 7 + text_s("You entered", "en") + VALUE_S["digits"] + text_s("Are you sure?", "en")),
    ],
)  # fmt: skip
def test_what_is_said_takes_its_time(step: str, keys: int, seconds: float) -> None:
    steps = f"first: {step}\nq: {{type: queue, queue: sales, timeout: end}}"
    flow = flow_of(steps, "flow: test\nstart: first\nlanguages: [en]")
    worst = distance_of(flow, Around({"test": flow}, PROMPTS))
    # who says nothing waits for three rounds of the question; that is shorter here than to enter it
    assert worst.keys == keys
    assert worst.seconds == pytest.approx(min(seconds, _silent(step)))


def _silent(step: str) -> float:
    return 3 * (text_s("Hello", "en") + 5.0) + 2 * 0.3 if "collect" in step else 1000.0


def test_where_no_way_leads_to_an_agent_there_is_no_end() -> None:
    never = float("inf")
    assert distance_of(flow_of("first: {type: hangup}"), Around()) == Distance(never, never, ("first",))


def test_where_only_silence_leads_to_an_agent_no_key_is_needed() -> None:
    flow = flow_of("""
        first: {type: set, values: {tries: 0}, next: pin}
        pin: {type: collect, say: hello, save: pin, digits: 4, next: verify, no_input: q}
        verify: {type: http, url: "https://a.example.com/", ok: q, failed: wrong}
        wrong: {type: set, compute: {tries: tries + 1}, next: enough}
        enough: {type: branch, when: [{if: tries > 2, go: q}], else: pin}
        q: {type: queue, queue: sales, timeout: end}
    """)
    assert distance_of(flow, Around()) == Distance(0, 3 * (0.3 + 5.0) + 2 * 0.3)


def test_the_case_that_leads_to_no_agent_is_told() -> None:
    flow = flow_of("""
        first: {type: hours, calendar: office, open: sales, closed: message}
        sales: {type: menu, say: hello, choices: {1: q, 2: bye}, no_input: bye}
        message: {type: voicemail, box: b, next: bye}
        q: {type: queue, queue: sales, timeout: message}
        bye: {type: hangup}
    """)
    assert distance_of(flow, Around()).lost == ("first", "message", "bye")
