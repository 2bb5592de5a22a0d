"""Whatever comes in whatever order: a flow neither breaks, nor spins, nor loses its session in JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flow_line import LEG, Line
from hypothesis import given, settings
from hypothesis import strategies as st

from switch_app.core import facts as f
from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.flow.requests import ChangePresence, EnterQueue, QueueEnded
from switch_app.core.world import QueueFigures
from switch_app.flowfiles.book import Book

ROOT = Path(__file__).parents[2]
BOOK = Book(ROOT / "ivr_flows", ROOT / "conf", ROOT / "sounds")
BOOK.reload(logged=False)
FLOWS = BOOK.library.flows
CUSTOMER = {"number": "C1", "tier": "gold", "priority": 20, "language": "en", "accounts": [{"balance": -3}]}
DIGITS = st.text("0123456789*#", min_size=1, max_size=6)
MOVES = st.one_of(
    st.tuples(st.just("press"), DIGITS),
    st.tuples(st.just("end_play"), st.sampled_from(["done", "stopped", "failed"])),
    st.tuples(st.just("timer"), st.none()),
    st.tuples(st.just("answer"), st.booleans()),
    st.tuples(st.just("queue"), st.sampled_from(["answered", "timeout", "empty", "full", "left"])),
    st.tuples(st.just("again"), st.none()),
    st.tuples(st.just("stale"), st.none()),
    st.tuples(st.just("hang_up"), st.none()),
)


def result_of(line: Line, good: bool) -> Any:
    """A result of what the session waits for, or of something else."""
    ref = line.session.wait.get("ref") or "none"
    match line.session.wait.get("for"):
        case "lookup":
            return s.CustomerLookedUp(ref, "found" if good else "unknown", CUSTOMER if good else None)
        case "http":
            return s.HttpReturned(ref, "done" if good else "failed", 200, {"a": 1})
        case "pin_check":
            return s.PinChecked(ref, good, "1001" if good else "")
        case "presence":
            return s.PresenceAnswered(ref, good)
        case "record":
            return s.RecordEnded(ref, "done" if good else "failed", "x.wav", 3.0)
        case _:
            return s.TransferEnded(ref, "done" if good else "busy")


def move(line: Line, kind: str, value: Any) -> None:
    wait = line.session.wait
    line.now += 0.5
    match kind:
        case "press":
            line.press(value)
        case "end_play":
            line.tell(s.PlayEnded(wait.get("ref") or "none", value))
        case "timer":
            line.tell(s.TimerFired(wait.get("timer") or "none"))
        case "answer":
            line.tell(result_of(line, value))
        case "queue":
            line.tell(QueueEnded(value, "1"))
        case "again":
            line.again()
        case "stale":
            line.tell(s.PlayEnded("stale", "done"))
        case "hang_up":
            line.hang_up()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(FLOWS)), st.lists(MOVES, max_size=30), st.booleans(), st.sampled_from(["", "1001"])
)
def test_any_call_stays_in_order(name: str, moves: list[tuple[str, Any]], ready: bool, ani: str) -> None:
    queues = {"sales": QueueFigures(ready=int(ready))}
    flows = [flow for flow in FLOWS.values() if flow.name != name]
    line = Line(FLOWS[name], *flows, ani=ani, queues=queues, prompts=BOOK.prompts, calendars=BOOK.calendars)
    for kind, value in moves:
        move(line, kind, value)
        _is_sane(line)
    assert sum(isinstance(order, o.Answer) for order in line.orders) <= 1
    assert sum(isinstance(order, o.HangUp) for order in line.orders) <= 1
    assert len(line.told(f.FlowEnded)) == (1 if line.session.ended else 0)
    assert line.told(f.StepFailed) == [] or all(fact.to for fact in line.told(f.StepFailed))


def _is_sane(line: Line) -> None:
    session, wait = line.session, line.session.wait
    if session.ended:
        assert not wait and not session.typed and not session.secrets
        return
    assert wait, "a flow that has not ended waits for something"
    assert wait["timer"] or wait["for"] in ("queue", "transfer"), "every wait of ours has a deadline"
    assert len(session.typed) <= 64
    if session.gone:
        talk = (o.Play, o.HangUp, o.StopPlay, EnterQueue, o.TransferLeg)
        assert not any(isinstance(order, talk) for order in line.last.orders)
    for order in line.last.orders:
        assert getattr(order, "leg", LEG) == LEG
        assert not isinstance(order, ChangePresence) or order.contact == session.call["ani"]
