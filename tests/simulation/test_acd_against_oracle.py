"""The indexed floor decides exactly as a brute-force one: facts, words to the interactions, and whys.

HOTLINE_ORACLE_EVENTS=1000000 runs the long version.
"""

from __future__ import annotations

import os

import pytest
from random_floor import RandomFloor

from switch_app.core.acd import why

EVENTS = int(os.environ.get("HOTLINE_ORACLE_EVENTS", "20000"))
EVENTS_A_RUN = 1000


@pytest.mark.parametrize("batch", range(4))
def test_every_decision_equals_the_oracle_s(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if batch == 3:  # the short form of the why, which is for big floors
        monkeypatch.setattr(why, "WHOLE", 5)
        monkeypatch.setattr(why, "NAMED", 3)
    runs = max(1, EVENTS // EVENTS_A_RUN // 4)
    for seed in range(batch * runs, (batch + 1) * runs):
        run = RandomFloor(seed)
        for _ in range(EVENTS_A_RUN):
            run.step()
        run.finish()
