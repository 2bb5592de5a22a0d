"""What the demo's callers and agents are going to do: data, drawn from a seed, bounded.

The keys are those of ivr_flows/main.yml: language (1 Chinese, 2 English), then the menu.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

KNOWN_NUMBERS = tuple(f"1200000000{n}" for n in range(1, 7))  # customers of the sample centre
SURE_WRAP_UP_S = 8.0  # the queues give 10 s
SURNAMES = ("Li Na", "Wang Jun", "Zhao Min", "Sun Yue", "Emma Clark", "David Lee", "Zhou Tao", "Wu Xia")

# weight, what it is, keys with the pause before each; "" = no key at all
PATHS: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (24, "sales", ("L", "1")),
    (26, "support", ("L", "2")),
    (16, "billing", ("L", "3")),
    (8, "self-service", ("L", "4")),
    (8, "operator", ("L", "0")),
    (6, "presses nothing", ()),
    (4, "a wrong key first", ("L", "9", "2")),
    (3, "many wrong keys", ("L", "9", "9", "9", "9")),
    (5, "hangs up in the menu", ("L", "hang up")),
)


@dataclass(frozen=True, slots=True)
class CallPlan:
    """keys: (pause in seconds, key or `hang up`). patience_s: from dialling to giving up unserved."""

    number: str
    name: str
    dial: str
    about: str
    keys: tuple[tuple[float, str], ...]
    patience_s: float
    talk_s: float
    caller_hangs_up: bool


@dataclass(frozen=True, slots=True)
class AgentManner:
    """How an agent is: seconds and shares of offers."""

    answers_in_s: float
    misses: float
    declines: float
    wrap_up_s: float
    calls_to_break: int
    break_s: float

    @property
    def code_after_wrap_up(self) -> str:
        """*15 ends a wrap-up; after one that may have ended by itself *12 says ready in any case."""
        return "*15" if self.wrap_up_s < SURE_WRAP_UP_S else "*12"


def draw_call(rng: random.Random, busy_numbers: set[str]) -> CallPlan:
    """The next caller. busy_numbers: who is on the phone already."""
    number, name = _who(rng, busy_numbers)
    _, about, keys = rng.choices(PATHS, weights=[path[0] for path in PATHS])[0]
    language = rng.choices("12", weights=(7, 3))[0]
    return CallPlan(
        number=number,
        name=name,
        dial=rng.choices(("4000", "4001", "4999"), weights=(85, 10, 5))[0],
        about=about,
        keys=tuple((rng.uniform(2.5, 7.0), language if key == "L" else key) for key in keys),
        patience_s=min(240.0, 25.0 + rng.expovariate(1 / 70)),
        talk_s=min(150.0, max(4.0, rng.lognormvariate(3.2, 0.6))),
        caller_hangs_up=rng.random() < 0.4,
    )


def draw_manner(rng: random.Random) -> AgentManner:
    return AgentManner(
        answers_in_s=rng.uniform(1.0, 4.0),
        misses=rng.uniform(0.0, 0.05),
        declines=rng.uniform(0.0, 0.06),
        wrap_up_s=rng.uniform(2.0, 12.0),
        calls_to_break=rng.randint(6, 15),
        break_s=rng.uniform(30.0, 120.0),
    )


def gap_s(rng: random.Random, calls_per_minute: float) -> float:
    """Until the next call: a Poisson stream."""
    return min(60.0, rng.expovariate(calls_per_minute / 60))


def _who(rng: random.Random, busy_numbers: set[str]) -> tuple[str, str]:
    known = [number for number in KNOWN_NUMBERS if number not in busy_numbers]
    if known and rng.random() < 0.35:
        return rng.choice(known), ""
    while True:
        number = f"120{rng.randrange(10**7, 10**8)}"
        if number not in busy_numbers:
            return number, rng.choice(SURNAMES)
