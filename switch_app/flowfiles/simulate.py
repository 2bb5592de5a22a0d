"""A flow on the terminal: what is said appears as text, typed lines are keys; time passes as wanted.

A line of digits presses them. An empty line lets time pass until something happens. `h` hangs up;
in a queue `answered`, `timeout`, `empty` or `full` end the wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from switch_app.core import facts as f
from switch_app.core.flow.model import Flow
from switch_app.core.flow.requests import ChangePresence, EnterQueue
from switch_app.core.flow.scenario import Scenario
from switch_app.core.flow.simulation.call import SimulatedCall, Surroundings
from switch_app.core.orders import CallHttp, RecordMessage, TransferLeg

OUTCOMES = ("answered", "timeout", "empty", "full")
KEYS = frozenset("0123456789*#")
LONGEST_WAIT_S = 600.0

Write = Callable[[str], None]
Read = Callable[[], str | None]  # the next line, None at the end


def run_interactive(
    flow: Flow, scenario: Scenario, surroundings: Surroundings, read: Read, write: Write
) -> str:
    """Simulate a call by hand; how it ended: completed | failed | hung_up | waiting (no more lines)."""
    surroundings.flows = {**surroundings.flows, flow.version: flow}
    call = SimulatedCall(flow, scenario, surroundings)
    screen = _Screen(call, write)
    screen.show()
    while call.ended is None:
        line = read()
        if line is None:
            break
        _act(call, line.strip().lower(), write)
        screen.show()
    if call.waiting_queue() is None:
        call.run(lambda: call.ended is not None, LONGEST_WAIT_S)
    screen.show()
    write(f"{screen.clock()} -- {call.ended or 'waiting'}")
    return call.ended or "waiting"


def _act(call: SimulatedCall, line: str, write: Write) -> None:
    if line == "h":
        call.hang_up()
    elif line in OUTCOMES and call.waiting_queue():
        call.end_queue(line)
    elif line and set(line) <= KEYS:
        for digit in line:
            call.press(digit)
    elif line:
        more = f", {', '.join(OUTCOMES)}" if call.waiting_queue() else ""
        write(f"   keys 0-9 * #, empty = wait, h = hang up{more}")
    else:
        before = (len(call.heard), len(call.requests))
        call.run(lambda: (len(call.heard), len(call.requests)) != before, LONGEST_WAIT_S)


class _Screen:
    """Shows what is new since the last time."""

    def __init__(self, call: SimulatedCall, write: Write) -> None:
        self._call, self._write = call, write
        self._heard = self._requests = self._facts = 0

    def clock(self) -> str:
        seconds = int(self._call.now - self._call.start)
        return f"{seconds // 60:02}:{seconds % 60:02}"

    def show(self) -> None:
        call = self._call
        for line in (*self._new_facts(), *self._new_requests()):
            self._write(f"{self.clock()}    {line}")
        for each in call.heard[self._heard :]:
            self._write(f"{self.clock()} >> {each.text or each.name}")
        self._heard = len(call.heard)

    def _new_facts(self) -> Iterator[str]:
        new, self._facts = self._call.facts[self._facts :], len(self._call.facts)
        for fact in new:
            match fact:
                case f.StepEntered():
                    yield f"{fact.flow}:{fact.step} ({fact.type})"
                case f.StepFailed():
                    yield f"FAILED {fact.flow}:{fact.step}: {fact.problem} -> {fact.to}"
                case f.VariableSet():
                    yield f"{fact.name} = {fact.value}"
                case f.HoursDecided():
                    yield f"{fact.calendar} is {'open' if fact.open else 'closed'} ({fact.why})"

    def _new_requests(self) -> Iterator[str]:
        new, self._requests = self._call.requests[self._requests :], len(self._call.requests)
        for request in new:
            match request:
                case EnterQueue():
                    keys = f", out with {' '.join(request.leave_keys)}" if request.leave_keys else ""
                    wanted = request.needs or "anybody"
                    yield f"waits in {request.queue} (priority {request.priority}, {wanted}{keys})"
                case ChangePresence():
                    yield f"agent at {request.contact} wants {request.state} {request.reason}".rstrip()
                case CallHttp():
                    yield f"{request.method} {request.url}"
                case TransferLeg():
                    yield f"transfer to {request.to}"
                case RecordMessage():
                    yield f"records to {request.path}"
