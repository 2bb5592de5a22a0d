"""The whole centre in virtual time: everything dies at random moments, and the promises hold.

HOTLINE_SEEDS=100-199 scripts/test tests/simulation      more seeds of each kind; or 158, or 7,158
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from centre_breaks import BREAKS, Break, talk_is_lost_by_the_floor
from gevent.event import Event
from wide_flow import wide_flow

from switch_app.flowfiles.book import Book
from switch_app.runtime.journal import Batch, Journal
from switch_app.testing.centre_plan import Plan, Report
from switch_app.testing.faults import CALM, ROUGH, Faults
from switch_app.testing.simulated_centre import SimulatedCentre
from switch_app.testing.virtual_clock import START

ROOT = Path(__file__).resolve().parents[2]
CALLS = 150
WIDE = (("4100", wide_flow()),)

DEATHS = replace(CALM, application_dies_every_s=60.0, commit_s=0.3)
LINES = replace(ROUGH, line_drops_every_s=100.0, reload_every_s=300.0)
EVERYTHING = replace(
    LINES, application_dies_every_s=120.0, switch_dies_every_s=400.0, disk_refuses_every_s=300.0, commit_s=0.3
)
KINDS: dict[str, tuple[Faults, int]] = {  # what goes wrong, and the first seed
    "calm": (CALM, 1),
    "rough": (ROUGH, 11),
    "deaths": (DEATHS, 21),
    "lines": (LINES, 31),
    "switch": (replace(LINES, switch_dies_every_s=300.0), 41),
    "disk": (replace(ROUGH, disk_refuses_every_s=200.0, commit_s=0.3), 51),
    "everything": (EVERYTHING, 158),
}
EACH = 2  # seeds of each kind, unless HOTLINE_SEEDS says which


def seeds(first: int) -> list[int]:
    """Those of HOTLINE_SEEDS, else some from `first` on."""
    wanted = os.environ.get("HOTLINE_SEEDS", "")
    if not wanted:
        return list(range(first, first + EACH))
    spans = [part.split("-") for part in wanted.split(",")]
    return [seed for span in spans for seed in range(int(span[0]), int(span[-1]) + 1)]


@cache
def sample_book() -> Book:
    """The sample flows and queues, as shipped; a centre only adds its own flows to it."""
    book = Book(ROOT / "ivr_flows", ROOT / "conf", ROOT / "sounds")
    book.reload(logged=False)
    return book


def play(faults: Faults, seed: int, calls: int = CALLS) -> Report:
    return SimulatedCentre(Plan(faults=faults, flows=WIDE), seed, sample_book()).run(calls)


@pytest.mark.parametrize(
    ("kind", "seed"), [(kind, seed) for kind, (_, first) in KINDS.items() for seed in seeds(first)]
)
def test_the_promises_hold(kind: str, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    print(f"seed {seed}: HOTLINE_SEEDS={seed} scripts/test tests/simulation -k '{kind} and promises'")
    faults, _ = KINDS[kind]
    report = play(faults, seed)
    assert report.outcomes["answered"] and report.outcomes["abandoned"]
    assert report.outcomes["switch_lost"] == 0 or report.switch_deaths
    bugs = ("switch_app.runtime.turn", "switch_app.runtime.folding")  # circles, facts that do not fold
    assert not [each for each in caplog.records if each.name in bugs]


OTHER_CENTRES = {
    "crowded": Plan(agents=2, load=3.0, patience_s=600.0),
    "large": Plan(agents=40, load=1.2, talk_s=20.0),
    "closing": Plan(agents=4, begins_at=START + 7.7 * 3600),  # 17:42, and open until 18:00
    "midnight": Plan(agents=4, begins_at=START + 13.9 * 3600, talk_s=90.0),
}


@pytest.mark.parametrize(("plan", "seed"), [(name, seed) for name in OTHER_CENTRES for seed in seeds(61)])
def test_the_promises_hold_at_other_hours_and_sizes(plan: str, seed: int) -> None:
    centre = replace(OTHER_CENTRES[plan], faults=EVERYTHING, flows=WIDE)
    assert SimulatedCentre(centre, seed, sample_book()).run(CALLS).outcomes["abandoned"]


def test_all_that_can_happen_does() -> None:
    """A simulation in which nothing goes wrong proves nothing."""
    total = Report(0)
    for seed in range(3):
        report = play(EVERYTHING, seed)
        total.deaths += report.deaths
        total.switch_deaths += report.switch_deaths
        total.lost_batches += report.lost_batches
        total.outcomes += report.outcomes
        total.facts += report.facts
    assert total.deaths > 5 and total.switch_deaths and total.lost_batches
    assert set(total.outcomes) >= {"answered", "abandoned", "voicemail", "completed", "switch_lost"}
    often = (
        "InteractionResumed",
        "AgentMissed",
        "WorkOverflowed",
        "NeedsRelaxed",
        "CallTransferred",
        "CallHeld",
        "CallResumed",
        "OfferDeclined",
        "CustomerPassedOn",
        "HangUpOrdered",
    )
    assert not [kind for kind in often if not total.facts[kind]]


def test_the_same_seed_plays_the_same_centre() -> None:
    assert play(EVERYTHING, 5, calls=60) == play(EVERYTHING, 5, calls=60)


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.__name__)
def test_a_bug_is_caught(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a few centres that are whole without it."""
    broken(monkeypatch)
    with pytest.raises(AssertionError, match=BREAKS[broken]):
        for seed in range(70, 90):
            play(replace(DEATHS, play_fails=0.0), seed)


@pytest.mark.parametrize("faults", [CALM, DEATHS], ids=["calm", "deaths"])
def test_what_a_bug_has_parted_is_brought_together(faults: Faults, monkeypatch: pytest.MonkeyPatch) -> None:
    """The floor loses talks; each goes on, is put back, and at the end nobody and nothing is left behind."""
    talk_is_lost_by_the_floor(monkeypatch)
    total = Report(0)
    for seed in range(80, 84):
        centre = SimulatedCentre(Plan(faults=faults, flows=WIDE), seed, sample_book())
        centre.checks.lenient = True
        total.facts += centre.run(CALLS).facts
    assert total.facts["TalkRestored"] > 10 and total.facts["Mended"] >= total.facts["TalkRestored"]


# --- on the real journal -----------------------------------------------------------------------------------
class Settle:
    """Waits until the journal has committed all, and all that came of it."""

    def __init__(self, journal: Journal) -> None:
        self._journal, self._waits, self._asked = journal, False, 0

    def __call__(self) -> None:
        self._asked += 1
        if self._waits:  # a commit led to a turn: who waits outside waits for it too
            return
        self._waits = True
        seen = 0
        while seen != self._asked:
            seen, done = self._asked, Event()
            self._journal.append(Batch([], done.set))
            assert done.wait(timeout=20)
        self._waits = False


@contextmanager
def on_disk(path: Path) -> Iterator[Journal]:
    journal = Journal(path)
    journal.start()
    try:
        yield journal
    finally:
        journal.close()


def test_the_real_journal_brings_everything_back(tmp_path: Path) -> None:
    """SQLite, read again after each death."""
    plan = Plan(faults=replace(DEATHS, application_dies_every_s=30.0, commit_s=0.0), flows=WIDE)
    with on_disk(tmp_path / "journal.sqlite") as journal:
        report = SimulatedCentre(plan, 3, sample_book(), journal, Settle(journal)).run(60)
    assert report.deaths > 5 and report.outcomes["answered"]
    assert not journal.alarm and not journal.lost
