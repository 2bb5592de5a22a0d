"""Runs flows: from a signal to the next wait. Pure; the session handed in is never changed.

The interaction core stores `Turnout.session` in a SessionMoved and carries the orders out. A caller is
never dropped by an author's mistake: a step that fails goes to the nearest on_error, and from there to
the operator queue (fallback.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import facts as f
from .. import signals as s
from ..world import World
from .fallback import BUILT_IN, FALLBACK, VERSION
from .fault import CallerGone, StepFault
from .model import Flow
from .requests import QueueEnded
from .session import Session
from .steps.base import END, Step
from .turn import Turn

MOST_STEPS = 100  # in one turn: more is a loop without a wait
MOST_VISITS = 100  # of one step in one call
MOST_ERRORS = 3  # then on_error is no longer trusted
MOST_TYPED = 64  # digits of type-ahead
AFTERLIFE_S = 10.0  # for a result that still counts after the caller hung up
DIGITS = frozenset("0123456789*#ABCD")

Refs = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Turnout:
    """What came of a turn. ended: None while the flow waits, else completed | failed | hung_up."""

    session: Session
    facts: list[Any] = field(default_factory=list)
    orders: list[Any] = field(default_factory=list)
    ended: str | None = None


def begin(version: str, leg: str, call: Mapping[str, Any], world: World, now: float, refs: Refs) -> Turnout:
    """Start a flow for a caller. call: interaction, ani, dnis, name; language where the number has one."""
    session = Session(leg=leg, call={k: v for k, v in call.items() if k != "language"}, version=version)
    turn = Turn(session, world, now, refs)
    flow = _flow(world, version)
    wanted = str(call.get("language", ""))
    session.language = wanted or (flow.languages[0] if flow else "zh")
    if flow is None:
        return _run(turn, _fail(turn, f"the flow version {version} is not loaded", trust=False))
    turn.flow, session.flow = flow, flow.name
    turn.facts += [f.FlowStarted(flow.name, version), f.LanguageChosen(session.language)]
    return _run(turn, flow.start)


def resume(session: Session, signal: Any, world: World, now: float, refs: Refs) -> Turnout:
    """Go on with a signal; one that nobody waits for changes nothing."""
    turn = _turn(session, world, now, refs)
    if session.ended:
        return _still(turn)
    if isinstance(signal, s.LegEnded):
        return _hung_up(turn) if signal.leg == session.leg else _still(turn)
    if isinstance(signal, s.DigitPressed) and not _typed(turn, signal):
        return _still(turn)
    if not _concerns(turn, signal):
        return _still(turn)
    if isinstance(signal, s.PlayEnded) and signal.result == "failed":
        problem = f"could not be played: {signal.detail}"[:500]
        turn.facts.append(f.StepFailed(session.flow, session.step, problem, session.step))
    return _step(turn, lambda step: step.resume(turn, signal))


def again(session: Session, world: World, now: float, refs: Refs) -> Turnout:
    """Enter the current step anew: the caller came back after the application had died."""
    turn = _turn(session, world, now, refs)
    if session.ended:
        return _still(turn)
    turn.session.wait, turn.session.digits, turn.session.typed = {}, "", ""
    return _step(turn, lambda step: step.enter(turn))


def rescue(session: Session, problem: str, world: World, now: float, refs: Refs) -> Turnout:
    """Hand the caller to the operator queue, whatever the flow was doing (after a bug)."""
    turn = _turn(session, world, now, refs)
    return _run(turn, _fail(turn, problem, trust=False))


# --- the loop ----------------------------------------------------------------------------------------
def _turn(session: Session, world: World, now: float, refs: Refs) -> Turn:
    turn = Turn(session.copy(), world, now, refs)
    turn.flow = _flow(world, session.version)
    return turn


def _flow(world: World, version: str) -> Flow | None:
    return BUILT_IN.get(version) or world.flows.get(version)


def _step(turn: Turn, act: Callable[[Step], str | None]) -> Turnout:
    """Let the current step act, then go on from there."""
    step = turn.flow.steps.get(turn.session.step) if turn.flow else None
    if step is None:
        return _run(turn, _fail(turn, "the step is in no flow that is loaded", trust=False))
    try:
        target = act(step)
    except CallerGone:
        return _end(turn)
    except StepFault as fault:
        target = _fail(turn, str(fault))
    return _run(turn, target)


def _run(turn: Turn, target: str | None) -> Turnout:
    steps = 0
    while target is not None:
        target = _back(turn) if target == END else target
        if target is None:
            return _end(turn)
        steps += 1
        if steps > MOST_STEPS:
            steps, target = 0, _fail(turn, f"{MOST_STEPS} steps without a wait")
        try:
            target = _enter(turn, target)
        except CallerGone:
            return _end(turn)
        except StepFault as fault:
            target = _fail(turn, str(fault))
    return Turnout(turn.session, turn.facts, turn.orders)


def _enter(turn: Turn, name: str) -> str | None:
    assert turn.flow
    step = turn.flow.steps.get(name)
    if step is None:
        raise StepFault(f"there is no step {name}")
    session = turn.session
    turn.stop_waiting()
    session.step = name
    turn.facts.append(f.StepEntered(session.flow, name, step.type))
    visits = session.visits[turn.place()] = session.visits.get(turn.place(), 0) + 1
    if visits > MOST_VISITS:
        session.visits.clear()
        return _fail(turn, f"the step was entered {MOST_VISITS} times", trust=False)
    return step.enter(turn)


def _back(turn: Turn) -> str | None:
    """From a flow's end to the flow that called it; None at the outermost."""
    session = turn.session
    while session.stack:
        frame = session.stack.pop()
        _move(turn, frame)
        if frame["next"] != END:
            return frame["next"]
    return None


def _move(turn: Turn, frame: Mapping[str, str]) -> None:
    turn.session.flow, turn.session.version, turn.session.step = (
        frame["flow"],
        frame["version"],
        frame["step"],
    )
    turn.flow = _flow(turn.world, frame["version"])


def _fail(turn: Turn, problem: str, trust: bool = True) -> str:
    """Where to go on after a failure: the nearest on_error outward, or the fallback."""
    session = turn.session
    session.errors += 1
    failed = (session.flow, session.step)
    turn.stop_waiting()
    session.typed = session.digits = ""
    if trust and session.errors <= MOST_ERRORS:
        while turn.flow and not turn.flow.on_error and session.stack:
            _move(turn, session.stack.pop())
        if turn.flow and turn.flow.on_error and (turn.flow.name, turn.flow.on_error) != failed:
            turn.facts.append(f.StepFailed(*failed, problem[:500], turn.flow.on_error))
            return turn.flow.on_error
    session.failed = True
    session.stack.clear()
    turn.flow, session.flow, session.version = FALLBACK, FALLBACK.name, VERSION
    turn.facts.append(f.StepFailed(*failed, problem[:500], f"{FALLBACK.name}:{FALLBACK.start}"))
    return FALLBACK.start


def _end(turn: Turn) -> Turnout:
    session = turn.session
    turn.stop_waiting()
    how = "hung_up" if session.gone else "failed" if session.failed else "completed"
    turn.hang_up()
    turn.facts.append(f.FlowEnded(how))
    session.typed = session.digits = ""
    session.secrets, session.ended = {}, how
    return Turnout(session, turn.facts, turn.orders, how)


def _still(turn: Turn) -> Turnout:
    return Turnout(turn.session, turn.facts, turn.orders)


# --- signals --------------------------------------------------------------------------------------------
def _typed(turn: Turn, signal: s.DigitPressed) -> bool:
    """Keep a digit as type-ahead; whether it counts."""
    session = turn.session
    if signal.leg != session.leg or signal.digit not in DIGITS or session.wait.get("deaf"):
        return False
    swallowed = signal.digit == session.swallow and turn.now <= session.swallow_until
    session.swallow = ""
    if swallowed or len(session.typed) >= MOST_TYPED:
        return False
    session.typed += signal.digit
    return True


def _concerns(turn: Turn, signal: Any) -> bool:
    """Whether the current wait is for this signal. A fired deadline is taken off the wait."""
    wait = turn.session.wait
    if not wait:
        return False
    if isinstance(signal, s.DigitPressed):
        return wait["for"] in ("digits", "say")
    if isinstance(signal, QueueEnded):
        return bool(wait["for"] == "queue")
    if isinstance(signal, s.TimerFired):
        due = bool(wait["timer"]) and signal.timer == wait["timer"]
        wait["timer"] = "" if due else wait["timer"]
        return due
    ref = getattr(signal, "ref", "")
    return bool(ref) and ref == wait["ref"]


def _hung_up(turn: Turn) -> Turnout:
    session = turn.session
    if session.gone:
        return _still(turn)
    session.gone = True
    step = turn.flow.steps.get(session.step) if turn.flow else None
    if step and session.wait and step.outlives_caller(session.wait):
        turn.limit(AFTERLIFE_S)
        return _still(turn)
    return _after_hang_up(turn)


def _after_hang_up(turn: Turn) -> Turnout:
    turn.stop_waiting()
    while turn.flow and not turn.flow.on_hangup and turn.session.stack:
        _move(turn, turn.session.stack.pop())
    turn.session.stack.clear()
    return _run(turn, turn.flow.on_hangup if turn.flow and turn.flow.on_hangup else END)
