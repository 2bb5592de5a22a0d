"""Simulated callers and agents for `hotline run --demo`: real SIP phones, a steady stream of calls.

    demo.run("127.0.0.1:5060", {"1101": ("sip password", "pin"), ...}, print, seed=1)

Bounded: CALLER_LINES calls at once. It ends by SIGTERM or SIGINT; its phones end with it in any case.
"""

from __future__ import annotations

import random
import signal
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from . import voices
from .demo_people import DemoAgent, DemoCaller
from .demo_plans import CallPlan, draw_call, gap_s
from .phone import Phones
from .stage import Stage

CALLER_LINES = 16
AGENTS_AT_WORK = 14  # of the accounts; the others stay logged out
CALLS_PER_MINUTE = 11.0
BETWEEN_LOG_INS_S = 0.7
PAUSE_S = 1.0  # between two calls of a line
REGISTER_S = 60
PITCHES_HZ = (105, 130, 190, 220)


def run(
    server: str, agents: Mapping[str, tuple[str, str]], say: Callable[[str], None],
    ready: Callable[[], None] = lambda: None, seed: int = 1, calls_per_minute: float = CALLS_PER_MINUTE,
) -> None:  # fmt: skip
    """agents: number -> (SIP password, PIN); say takes lines for the log. Raises PhoneError (no pjsua2)."""
    stage = Stage(say)
    with tempfile.TemporaryDirectory(prefix="hotline-demo-") as folder, Phones(watch=stage.watch) as phones:
        demo = Demo(stage, phones, server, random.Random(seed), Path(folder), calls_per_minute)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stage.end)
        demo.begin(agents)
        ready()
        stage.run()


class Demo:
    """Who is on the phone, and the stream of calls."""

    def __init__(
        self, stage: Stage, phones: Phones, server: str, rng: random.Random, folder: Path, rate: float
    ) -> None:
        self._stage, self._phones, self._server, self._rng = stage, phones, server, rng
        self._voices = [voices.write(folder / f"{hz}.wav", hz, hz) for hz in PITCHES_HZ]
        self._per_minute = rate
        self._free: list[DemoCaller] = []
        self._calling: dict[str, DemoCaller] = {}

    def begin(self, agents: Mapping[str, tuple[str, str]]) -> None:
        """Agents log in one after the other; then the calls begin."""
        for place, number in enumerate(sorted(agents)[:AGENTS_AT_WORK]):
            password, pin = agents[number]
            phone = self._phones.phone(number, password, self._server, expires_s=REGISTER_S)
            own = random.Random(self._rng.random())
            agent = DemoAgent(self._stage, phone, (number, pin), own, self._served)
            agent.speak_with(self._voice())
            self._stage.after(place * BETWEEN_LOG_INS_S, agent.begin)
        for place in range(CALLER_LINES):
            phone = self._phones.caller(f"line-{place}", self._server)
            self._free.append(DemoCaller(self._stage, phone, self._voice(), self._done))
        self._stage.after(3.0, self._next_call)

    def _next_call(self) -> None:
        self._stage.after(gap_s(self._rng, self._per_minute), self._next_call)
        if self._free:
            plan = draw_call(self._rng, set(self._calling))
            caller = self._free.pop()
            self._calling[plan.number] = caller
            caller.begin(plan)

    def _served(self, number: str, agent: DemoAgent) -> None:
        if number in self._calling:
            self._calling[number].served(agent)

    def _done(self, caller: DemoCaller, plan: CallPlan) -> None:
        self._calling.pop(plan.number, None)
        self._stage.after(PAUSE_S, lambda: self._free.append(caller))

    def _voice(self) -> Path:
        return self._rng.choice(self._voices)
