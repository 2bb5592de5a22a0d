"""The flows' own tests run fast, and a test that should fail does, at its place in the file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from switch_app.core.flow.scenario import Scenario
from switch_app.flowfiles.book import Book
from switch_app.flowfiles.flow_file import build_flow, source_of
from switch_app.flowfiles.flow_tests import failures, surroundings_of
from switch_app.flowfiles.simulate import run_interactive

ROOT = Path(__file__).parents[2]
BOOK = Book(ROOT / "ivr_flows", ROOT / "conf", ROOT / "sounds")
BOOK.reload(logged=False)
FLOWS = BOOK.library.flows


@pytest.mark.parametrize("name", FLOWS)
def test_the_samples_pass_their_own_tests(name: str) -> None:
    assert FLOWS[name].tests
    assert [str(each) for each in failures(FLOWS[name], surroundings_of(BOOK))] == []


def test_they_take_milliseconds() -> None:
    around = surroundings_of(BOOK)
    begun = time.process_time()
    count = sum(len(flow.tests) + 0 * len(list(failures(flow, around))) for flow in FLOWS.values())
    assert (time.process_time() - begun) / count < 0.05


FLOW = """\
flow: test
start: menu
steps:
  menu: {type: menu, say: main_menu, choices: {1: sales, 2: bye}, no_input: bye, save: key}
  sales: {type: queue, queue: sales, timeout: bye}
  bye: {type: hangup, say: goodbye}
tests:
  - name: it
    script:
      - hear: main_menu
      - %s
    expect: %s
"""
GOOD = ("press: 1", "{queue: sales, outcome: waiting}")


@pytest.mark.parametrize(
    "move, expect, place, words",
    [
        ("hear: goodbye_", "{}", (11, 9), "goodbye_ was not said, but: no_input, main_menu"),
        ("hear: welcome", "{}", (11, 9), "then the call was completed"),
        ("queue: answered", "{}", (11, 9), "in no queue, but at the call was completed"),
        ("press: 1", "{queue: support}", (12, 21), "queue is sales, not support"),
        ("press: 1", "{outcome: completed}", (12, 23), "outcome is waiting, not completed"),
        ("press: 2", "{steps: [menu, sales]}", (12, 14), "step sales did not come"),
        ("press: 2", "{not_steps: [bye]}", (12, 14), "entered all the same: bye"),
        ("press: 2", "{not_steps: [sale]}", (12, 14), "there is no step sale; did you mean sales?"),
        ("press: 2", "{prompts: [goodbye, main_menu]}", (12, 14), "prompt main_menu did not come"),
        ("press: 2", "{vars: {key: 3}}", (12, 14), "key is '2', not 3"),
        ("press: 1", "{priority: 5}", (12, 24), "priority is 0, not 5"),
        ("press: 1", "{presence: ready, language: en}", (12, 41), "language is zh, not en"),
        ("hang_up: true", "{outcome: completed}", (12, 23), "outcome is hung_up, not completed"),
    ],
)
def test_a_failing_test_fails_at_its_place(
    move: str, expect: str, place: tuple[int, int], words: str
) -> None:
    flow, problems = build_flow(source_of(FLOW % (move, expect), "test.yml"), {})
    assert flow, problems
    found = list(failures(flow, surroundings_of(BOOK)))
    assert any((p.line, p.column) == place and words in p.message for p in found), [str(p) for p in found]
    assert all(p.rule == "test-failed" for p in found)


def test_a_passing_test_passes() -> None:
    flow, problems = build_flow(source_of(FLOW % GOOD, "test.yml"), {})
    assert flow, problems
    assert list(failures(flow, surroundings_of(BOOK))) == []


def typed(flow: str, *lines: str) -> list[str]:
    """What the terminal shows for typed lines."""
    shown: list[str] = []
    left = iter(lines)
    scenario = Scenario(name="by hand")
    run_interactive(FLOWS[flow], scenario, surroundings_of(BOOK), lambda: next(left, None), shown.append)
    return shown


def test_a_call_by_typed_keys() -> None:
    shown = typed("main", "2", "", "x", "1", "", "full", "h")
    assert any(line.endswith(">> Calls may be recorded to help us improve our service.") for line in shown)
    assert any("keys 0-9" in line for line in shown)
    assert any("waits in sales (priority 0, english >= 3, out with 1 2)" in line for line in shown)
    assert shown[-1].endswith("-- hung_up")


def test_without_more_lines_time_passes_to_the_end_or_the_queue() -> None:
    assert typed("main")[-1].endswith("-- waiting")
    assert typed("agent_ready")[-1].endswith("-- completed")


@pytest.mark.parametrize(
    "wrong, place, words",
    [
        ("at: tomorrow", (9, 9), "a local time such as 2026-11-23T10:00"),
        ("at: 2026-11-23T10:00+08:00", (9, 9), "a local time such as"),
        ("queues: {sales: {redy: 1}}", (9, 22), "unknown field redy"),
        ("queues: {sales: {ready: many}}", (9, 29), "ready"),
        ("greetings: {main: {txt: 1}}", (9, 24), "unknown field txt"),
        ("http: [{status: abc}]", (9, 21), "status"),
        ("http: [{staus: 200}]", (9, 13), "unknown field staus"),
        ("message_s: -1", (9, 16), "message_s"),
    ],
)
def test_a_test_of_the_wrong_form_is_a_problem_of_the_file(
    wrong: str, place: tuple[int, int], words: str
) -> None:
    text = (FLOW % GOOD).replace("    script:", f"    {wrong}\n    script:")
    flow, problems = build_flow(source_of(text, "test.yml"), {})
    assert flow is None
    assert [(p.line, p.column, words in p.message) for p in problems] == [(*place, True)]


def test_texts_and_greetings_are_heard_as_their_words() -> None:
    text = """
flow: test
start: news
steps:
  news: {type: greeting, slot: main, next: hello}
  hello: {type: play, say: [{text: {zh: "您好 {{ caller }}", en: "Hello {{ caller }}"}}], next: end}
tests:
  - name: it
    caller: 7
    language: en
    greetings: {main: {text: {en: We are closed}}}
    script:
      - hear: We are closed
      - hear: Hello 7
      - hear: Hello 8
"""
    flow, problems = build_flow(source_of(text, "test.yml"), {})
    assert flow, problems
    [found] = failures(flow, surroundings_of(BOOK))
    assert found.line == 15 and "Hello 8 was not said, but: nothing" in found.message


def test_a_step_that_failed_is_named_as_the_cause() -> None:
    text = """\
flow: test
start: first
steps:
  first: {type: set, compute: {share: "1 / number(caller)"}, next: second}
  second: {type: hangup, say: goodbye}
tests:
  - name: it
    caller: x
    script: [hear: goodbye]
"""
    flow, problems = build_flow(source_of(text, "test.yml"), {})
    assert flow, problems
    [found] = failures(flow, surroundings_of(BOOK))
    assert found.message.endswith("; test:first failed: 1 / number(caller): division by zero")
