"""Play a flow's own test: its script move by move, then what must have come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ... import facts as f
from ... import orders as o
from ..model import Flow, did_you_mean
from ..requests import ChangePresence, EnterQueue
from ..scenario import Expected, Move, Scenario
from ..steps.base import Path
from .call import SimulatedCall, Surroundings
from .voice import Heard

BETWEEN_KEYS_S = 0.1
PATIENCE_S = 600.0  # virtual


@dataclass(slots=True)
class Played:
    """How a test went. failures: where in the test's document, and what was wrong."""

    scenario: Scenario
    call: SimulatedCall
    failures: list[tuple[Path, str]] = field(default_factory=list)


def play_scenario(flow: Flow, scenario: Scenario, surroundings: Surroundings) -> Played:
    """Play one test. Takes milliseconds."""
    call = SimulatedCall(flow, scenario, surroundings)
    failures = list(_failures(call, scenario))
    return Played(scenario, call, [(path, wrong + _cause(call)) for path, wrong in failures])


def _failures(call: SimulatedCall, scenario: Scenario) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """(where in the test, what was wrong); a script ends at its first move that can't be made."""
    cursor = 0
    for at, move in enumerate(scenario.script):
        if call.ended is not None and move.hear is None:
            yield ("script", at), f"the call had ended by then ({call.ended})"
            return
        cursor, wrong = _make(call, move, cursor)
        if wrong:
            yield ("script", at), wrong
            return
    call.run(lambda: call.waiting_queue() is not None, PATIENCE_S)
    for name, wrong in _unmet(call, scenario.expect):
        yield ("expect", name), wrong


def _cause(call: SimulatedCall) -> str:
    """The first step that failed, which the rest may follow from."""
    failed = next((fact for fact in call.facts if isinstance(fact, f.StepFailed)), None)
    return f"; {failed.flow}:{failed.step} failed: {failed.problem}" if failed else ""


def _make(call: SimulatedCall, move: Move, cursor: int) -> tuple[int, str]:
    """Make one move; where in the heard prompts we are now, and what was wrong."""
    if move.hear is not None:
        return _hear(call, move.hear, cursor)
    if move.press is not None:
        for digit in move.press:
            call.run(lambda: False, BETWEEN_KEYS_S)
            call.press(digit)
    elif move.silence is not None:
        call.run(lambda: False, move.silence)
    elif move.queue is not None:
        if not call.run(lambda: call.waiting_queue() is not None, PATIENCE_S):
            return cursor, f"the caller is in no queue, but at {_whereabouts(call)}"
        call.end_queue(move.queue)
    else:
        call.hang_up()
    return cursor, ""


def _hear(call: SimulatedCall, wanted: str, cursor: int) -> tuple[int, str]:
    """A prompt's name, or the words of a text."""

    def is_it(each: Heard) -> bool:
        return each.name == wanted or bool(each.text) and _line(each.text) == _line(wanted)

    if call.run(lambda: any(map(is_it, call.heard[cursor:])), PATIENCE_S):
        return next(at for at in range(cursor, len(call.heard)) if is_it(call.heard[at])) + 1, ""
    instead = ", ".join(_said(each) for each in call.heard[cursor:]) or "nothing"
    return cursor, f"{wanted} was not said, but: {instead}; then {_whereabouts(call)}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _said(each: Heard) -> str:
    return f"“{each.text}”" if each.name == "text" else each.name


def _whereabouts(call: SimulatedCall) -> str:
    return f"the call was {call.ended}" if call.ended else f"{call.session.flow}:{call.session.step}"


def _unmet(call: SimulatedCall, expected: Expected) -> Iterator[tuple[str, str]]:
    came = _outcome(call)
    for name in expected.model_fields_set:
        wanted = getattr(expected, name)
        check = _CHECKS.get(name)
        if check:
            wrong = check(call, wanted)
        else:
            wrong = "" if came.get(name) == wanted else f"{name} is {came.get(name)}, not {wanted}"
        if wrong:
            yield name, wrong


def _outcome(call: SimulatedCall) -> dict[str, Any]:
    queue = _last(call, EnterQueue)
    transfer, presence = _last(call, o.TransferLeg), _last(call, ChangePresence)
    voicemail = next((fact for fact in reversed(call.facts) if isinstance(fact, f.VoicemailLeft)), None)
    return {
        "language": call.session.language,
        "queue": queue and queue.queue,
        "needs": queue and queue.needs,
        "priority": queue and queue.priority,
        "transferred_to": transfer and transfer.to,
        "presence": presence and presence.state,
        "reason": presence and presence.reason,
        "voicemail": voicemail and voicemail.box,
        "outcome": call.ended or "waiting",
    }


def _last(call: SimulatedCall, kind: type) -> Any:
    return next((request for request in reversed(call.requests) if isinstance(request, kind)), None)


def steps_entered(call: SimulatedCall) -> list[str]:
    """The names of the steps, in order."""
    return [fact.step for fact in call.facts if isinstance(fact, f.StepEntered)]


def _in_order(kind: str, wanted: tuple[str, ...], came: list[str]) -> str:
    rest = iter(came)
    missing = next((name for name in wanted if name not in rest), None)
    return f"{kind} {missing} did not come (in this order); there were: {', '.join(came)}" if missing else ""


def _steps(call: SimulatedCall, wanted: tuple[str, ...]) -> str:
    return _in_order("step", wanted, steps_entered(call))


def _prompts(call: SimulatedCall, wanted: tuple[str, ...]) -> str:
    return _in_order("prompt", wanted, [each.name for each in call.heard])


def _not_steps(call: SimulatedCall, unwanted: tuple[str, ...]) -> str:
    known = {step for flow in call.surroundings.flows.values() for step in flow.steps}
    for name in unwanted:
        if name not in known:  # it would be kept out for ever, whatever the flow does
            return f"there is no step {name}; {did_you_mean(name, sorted(known))}".rstrip("; ")
    came = sorted(set(unwanted) & set(steps_entered(call)))
    return f"entered all the same: {', '.join(came)}" if came else ""


def _vars(call: SimulatedCall, wanted: dict[str, Any]) -> str:
    kept = {**call.session.vars, **dict.fromkeys(call.session.secrets, "secret")}
    wrong = {name: kept.get(name) for name, value in wanted.items() if str(kept.get(name)) != str(value)}
    return "; ".join(f"{name} is {value!r}, not {wanted[name]!r}" for name, value in wrong.items())


_CHECKS: dict[str, Callable[[SimulatedCall, Any], str]] = {
    "steps": _steps,
    "prompts": _prompts,
    "not_steps": _not_steps,
    "vars": _vars,
}
