"""What holds for any flow: the check never breaks, and what it passes runs without a fault and comes to an end
or to an agent, as quickly as it says; a call goes on as it would have when its session came from the journal."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from flow_line import Line
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_flows import documents, text_of
from test_random_calls import MOVES, move

from switch_app.core import facts as f
from switch_app.core.flow.check import check_flow
from switch_app.core.flow.check.human import Way, _settle, _written_out, distance_of
from switch_app.core.flow.check.ways import known_exits
from switch_app.core.flow.model import Flow
from switch_app.core.flow.scenario import Scenario
from switch_app.core.flow.session import Session
from switch_app.core.flow.simulation.call import SimulatedCall, Surroundings
from switch_app.core.orders import TransferLeg
from switch_app.core.plain import to_json
from switch_app.core.world import QueueFigures
from switch_app.flowfiles.book import Book
from switch_app.flowfiles.flow_file import build_flow, source_of

ROOT = Path(__file__).parents[2]
BOOK = Book(ROOT / "ivr_flows", ROOT / "conf", ROOT / "sounds")
BOOK.voices = frozenset({"zh", "en"})
BOOK.reload(logged=False)
AROUND = BOOK.around({})
ANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
DEBRIS = "\n \t{}[]:\",'#&*!\0\x85\ufeff%0-\\~|>é😀"
ARITHMETIC = "only numbers can be used here"  # `n + 1` where n was set to a text: data, not form


def built(*documents: dict[str, Any]) -> dict[str, Flow] | None:
    """The flows, each knowing those before it; None if the check finds errors."""
    flows: dict[str, Flow] = {}
    for document in documents:
        links = {name: flow.version for name, flow in flows.items()}
        flow, problems = build_flow(source_of(text_of(document), "f.yml"), links)
        assert flow, problems
        flows[flow.name] = flow
    around = replace(AROUND, flows=flows)
    found = [problem for flow in flows.values() for problem in check_flow(flow, around)]
    return None if any(problem.severity == "error" for problem in found) else flows


@ANY
@given(documents(), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4), st.sampled_from(DEBRIS)), max_size=3))
def test_any_file_has_its_problems_within_it(document: Any, damage: list[tuple[float, int, str]]) -> None:
    text = text_of(document)
    for where, gone, put in damage:
        at = int(where * len(text))
        text = text[:at] + put + text[at + gone :]
    flow, problems = build_flow(source_of(text, "f.yml"), {})
    if flow:
        problems = check_flow(flow, replace(AROUND, flows={flow.name: flow}))
    lines = text.split("\n")
    for problem in problems:
        assert 1 <= problem.line <= len(lines) and 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert problem.message and "Input should" not in problem.message


@ANY
@given(documents("inner"), documents("one", "inner"), st.lists(MOVES, max_size=25))
def test_what_the_check_passes_has_no_faults(inner: Any, outer: Any, moves: list[tuple[str, Any]]) -> None:
    flows = built(inner, outer)
    assume(flows)
    line = _line(flows)
    for kind, value in moves:
        move(line, kind, "done" if value == "failed" else value)
    assert [fact for fact in line.told(f.StepFailed) if ARITHMETIC not in fact.problem] == []


@ANY
@given(documents("inner"), documents("one", "inner"), st.lists(MOVES, max_size=25))
def test_a_call_goes_on_from_its_journal(inner: Any, outer: Any, moves: list[tuple[str, Any]]) -> None:
    flows = built(inner, outer)
    assume(flows)
    line = _line(flows)
    for kind, value in moves:
        move(line, kind, "done" if value == "failed" else value)
        kept = json.loads(to_json(f.SessionMoved(line.session.to_plain())))["session"]
        back = Session.from_plain(kept)
        assert (back.wait, back.vars, back.step, back.stack, back.language) == (
            line.session.wait, line.session.vars, line.session.step, line.session.stack, line.session.language
        )  # fmt: skip
        if back.gone:
            break  # nobody comes back
        again = _line(flows)
        again.last = replace(line.last, session=back)
        place = (back.flow, back.step)
        again.again()
        after = again.session
        assert after.ended == back.ended if back.ended else after.wait, "it waits for something"
        assert back.ended or place in {(fact.flow, fact.step) for fact in line.told(f.StepEntered)}
        failed = again.told(f.StepFailed)
        assert [fact for fact in failed if ARITHMETIC not in fact.problem] == []


def _line(flows: dict[str, Flow]) -> Line:
    queues = {"sales": QueueFigures(ready=1)}
    around = {"prompts": BOOK.prompts, "calendars": BOOK.calendars, "voices": BOOK.voices}
    return Line(flows["one"], flows["inner"], queues=queues, **around)


CUSTOMER = {"number": "C", "tier": "gold", "priority": 3, "language": "en"}
NIGHT, DAY = "2026-11-22T03:00", "2026-11-23T10:00"


@ANY
@given(documents("inner"), documents("one", "inner"), st.sampled_from([NIGHT, DAY]), st.booleans(), st.booleans())
def test_an_agent_is_as_near_as_the_check_says(inner: Any, outer: Any, at: str, known: bool, web: bool) -> None:
    flows = built(inner, outer)
    assume(flows)
    worst = distance_of(flows["one"], replace(AROUND, flows=flows))
    assume(not math.isinf(worst.seconds))
    answers = ({"status": 200, "body": {"a": {"b": 7}}},) * 40 if web else ()
    customers = {"13800000000": CUSTOMER} if known else {}
    scenario = Scenario(name="it", at=at, customers=customers, http=answers)
    caller = _Caller(flows, scenario)
    caller.go_the_best_way()
    if caller.sane:
        assert caller.has_agent(), caller.call.ended
        assert caller.call.now - caller.call.start <= worst.seconds + 0.5


class _Caller:
    """Listens to all, then takes the way on which an agent is nearest by the check's own count.

    sane: no step failed, and no way through wrong keys was taken.
    """

    def __init__(self, flows: dict[str, Flow], scenario: Scenario) -> None:
        self._flows = {flow.version: flow for flow in flows.values()}
        self.call = SimulatedCall(flows["one"], scenario, Surroundings(self._flows, BOOK.prompts, BOOK.calendars))
        self._nodes = _written_out(flows["one"], replace(AROUND, flows=flows))
        self._seconds = _settle(self._nodes, lambda way: way.seconds)
        self.sane = True

    def has_agent(self) -> bool:
        return self.call.waiting_queue() is not None or any(isinstance(r, TransferLeg) for r in self.call.requests)

    def go_the_best_way(self) -> None:
        call = self.call
        while self.sane and call.ended is None and not self.has_agent():
            if any(isinstance(fact, f.StepFailed) for fact in call.facts):
                self.sane = False
            elif call.session.wait.get("for") == "digits" and not call._playing:
                self._answer()
            else:
                wait, playing = dict(call.session.wait), call._playing
                call.run(lambda w=wait, p=playing: (call.session.wait, call._playing) != (w, p), 1000.0)  # type: ignore[misc]

    def _answer(self) -> None:
        call, session = self.call, self.call.session
        step = self._flows[session.version].steps[session.step]
        ways = self._nodes[*(frame["step"] for frame in session.stack), session.step] or []
        exits = known_exits(self._flows[session.version], session.step)
        chosen = [(self._through(way), at) for at, way in enumerate(ways) if way.by in ("keys", "silence")]
        way, out = ways[min(chosen)[1]], exits[min(chosen)[1]]
        if session.wait["phase"] == "confirm":
            self._press("1")
        elif way.by == "silence":
            wait = dict(session.wait)
            call.run(lambda: call.session.wait != wait, 60.0)
        elif out.path == ("invalid",):
            self.sane = False
        else:
            self._press("1" * step.most if hasattr(step, "most") else out.label.split()[0])

    def _through(self, way: Way) -> float:
        return way.seconds + (self._seconds.get(way.to, math.inf) if way.to else math.inf)

    def _press(self, keys: str) -> None:
        for key in keys:
            self.call.run(lambda: False, 0.7)
            self.call.press(key)
