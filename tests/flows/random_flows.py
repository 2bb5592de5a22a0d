"""Flows as nobody would write them: steps of all types for callers, leading anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

PROMPTS = ("welcome", "goodbye", "main_menu", "hold_for_agent", "transferring")
KEY = st.sampled_from("0123456789*#")
CONDITIONS = st.sampled_from(
    """v1 == '1'|v2 > 3|tries > 2|customer.known|customer.tier == 'gold'|len(v1) > 2|queues.sales.waiting > 3
|now.minute > 600|language == 'zh'|not v1|number(v1) > 5|v1 in '123'|starts(caller, '138')|v2 != ''""".replace(
        "\n", ""
    ).split("|")
)
PARTS = st.sampled_from(
    [
        *PROMPTS,
        {"number": "{{ v1 }}"},
        {"number": "{{ now.minute }}"},
        {"digits": "{{ caller }}"},
        {"amount": "{{ v2 }}"},
        {"text": {"zh": "您好 {{ v1 }}", "en": "Hello {{ v1 }}"}},
        {"silence": 300},
        {"date": "{{ now.date }}"},
        {"time": "{{ now.time }}"},
    ]
)
SAY = st.sampled_from(PROMPTS) | st.lists(PARTS, min_size=1, max_size=3)
ASKING = {
    "retries": st.integers(0, 2),
    "barge_in": st.booleans(),
    "flush": st.booleans(),
    "first_digit_s": st.sampled_from([1, 2.5, 5]),
}
Draw = Callable[[st.SearchStrategy[Any]], Any]
Fields = dict[str, Any]  # name -> strategy


def _kinds(on: Any, back: Any) -> dict[str, tuple[Fields, Fields]]:
    """type -> (fields that it has, fields that it may have). on: targets further on; back: any."""
    asking = {**ASKING, "invalid": back}
    digits = st.sampled_from([1, 4, {"min": 1, "max": 3}, {"min": 2}])
    collect = {"say": SAY, "save": st.sampled_from(["v1", "v2"]), "digits": digits, "next": on, "no_input": on}
    languages = st.dictionaries(KEY, st.sampled_from(["zh", "en"]), min_size=1, max_size=2)
    values = st.sampled_from([{"tries": 0}, {"v1": "x{{ v2 }}"}, {"v2": 5}])
    computed = st.sampled_from([{"tries": "tries + 1"}, {"v2": "customer.priority"}, {"v1": "text(v2)"}])
    when = st.lists(st.fixed_dictionaries({"if": CONDITIONS, "go": on}), min_size=1, max_size=2)
    return {
        "play": ({"say": SAY, "next": on}, {"barge_in": st.booleans()}),
        "menu": (
            {"say": SAY, "choices": st.dictionaries(KEY, back, min_size=1, max_size=4), "no_input": on},
            {**asking, "save": st.just("v1")},
        ),
        "collect": (
            collect,
            {**asking, "confirm": st.booleans(), "secret": st.booleans(), "end_key": st.sampled_from(["#", "*", ""])},
        ),
        "language": ({"choices": languages, "next": on}, {**asking, "no_input": on, "skip_if_known": st.booleans()}),
        "hours": ({"calendar": st.just("office"), "open": on, "closed": on}, {"holiday": on}),
        "lookup": ({"found": on, "unknown": on}, {"late": on, "use_language": st.booleans(), "value": st.just("{{ v1 }}")}),
        "set": ({"next": on}, {"values": values, "compute": computed}),
        "branch": ({"when": when, "else": on}, {}),
        "http": (
            {"url": st.just("https://a.example.com/{{ v1 }}"), "save": st.just({"v2": "a.b"}), "ok": on, "failed": on},
            {"not_found": on, "say": SAY},
        ),
        "queue": (
            {"queue": st.just("sales"), "timeout": on},
            {"answered": on, "full": on, "say": SAY, "leave_keys": st.dictionaries(KEY, back, max_size=2)},
        ),
        "transfer": ({"to": st.just("1001"), "failed": on}, {"done": on, "busy": on, "say": SAY}),
        "voicemail": ({"box": st.just("b"), "next": on}, {"empty": on}),
        "greeting": ({"next": on}, {"shown": on}),
        "goto": ({"step": on}, {}),
        "hangup": ({}, {"say": SAY}),
    }  # fmt: skip


@st.composite
def documents(draw: Draw, name: str = "one", other: str = "") -> dict[str, Any]:
    """A flow's document; other: a flow that it may enter. Most ways lead on, as the check wants it."""
    names = [f"s{at}" for at in range(draw(st.integers(1, 7)))]
    steps: dict[str, Any] = {}
    for at, step in enumerate(names):
        back = st.sampled_from([*names, "end"])
        on = back if draw(st.integers(0, 9)) == 0 else st.sampled_from([*names[at + 1 :], "end"])
        kinds = _kinds(on, back)
        if other:
            kinds["subflow"] = ({"flow": st.just(other), "next": on}, {})
        kind = draw(st.sampled_from(sorted(kinds)))
        has, may = kinds[kind]
        chosen = {field: draw(of) for field, of in may.items() if draw(st.booleans())}
        steps[step] = {"type": kind, **{field: draw(of) for field, of in has.items()}, **chosen}
    steps["note"] = {"type": "set", "values": {"v1": "a", "v2": 1, "tries": 0}, "next": "end"}
    head = {"flow": name, "start": draw(st.sampled_from(names[:2])), "on_hangup": draw(st.sampled_from(["note", *names]))}
    return {**head, "steps": steps}


def text_of(document: Any) -> str:
    """The document as YAML of many lines (JSON is YAML)."""
    return json.dumps(document, ensure_ascii=False, indent=1)
