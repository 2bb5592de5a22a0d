"""Details of the timeline are words in both languages, also those that the core writes in English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from visiting import Centre

from crm_lite.admin.interactions import remarks
from crm_lite.admin.interactions.story import text_of
from crm_lite.admin.tongue import language
from switch_app.core.flow.hours import Calendar, decide
from switch_app.core.flow.model import STEP_TYPES
from switch_app.core.interaction.state import Phase
from switch_app.core.signals import PresenceAsked
from switch_app.core.world import LocalTime

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "switch_app/core"
LATIN = re.compile(r"[A-Za-z]{3,}")


def told(centre: Centre, tongue: str, kind: str, **data: object) -> str:
    with centre.app.test_request_context(headers={"Accept-Language": tongue}):
        assert language() == tongue
        return text_of(kind, data)


def sources(*paths: str) -> str:
    return "\n".join(path.read_text("utf-8") for each in paths for path in sorted(CORE.glob(each)))


def filled(text: str) -> str:
    """A source's f-string with something in each place."""
    for place, value in ((r"\{why\}", "no_input"), (r"\{[\w.]*(?:outcome|found|state|value)\}", "waiting")):
        text = re.sub(place, value, text)
    return re.sub(r"\{[^{}]*![r]\}", "'?'", re.sub(r"\{[^{}!]*\}", "7", text))


FAULTS = [filled(text) for text in re.findall(r'StepFault\(f?"([^"]+)"\)', sources("flow/*.py", "flow/steps/*.py"))]
FALLBACKS = re.findall(r'TurnCrashed\(\*about, "([^"]+)"\)', sources("interaction/fallback.py"))
MENDED = [filled(text) for text in re.findall(r'(?:problem = |offer, )f"([^"]+)"', sources("agreement.py"))]
NEEDS = [filled(text) for text in re.findall(r'NeedsError\([^"]*?f?"([^"]+)"\)', sources("acd/needs.py"))]


@pytest.mark.parametrize(
    ("kind", "name", "texts", "fewest"),
    [("StepFailed", "problem", FAULTS, 9), ("TurnCrashed", "fallback", FALLBACKS, 4), ("Mended", "problem", MENDED, 4),
     ("NeedsIgnored", "problem", NEEDS, 6),
     ("RecordingLost", "detail", ["nothing could be written", "its end was not told, and there is no file of it"], 2)],
)  # fmt: skip
def test_what_the_core_remarks_has_words(
    centre: Centre, kind: str, name: str, texts: list[str], fewest: int
) -> None:
    assert len(set(texts)) >= fewest
    with centre.app.test_request_context(headers={"Accept-Language": "zh"}):
        left = [text for text in texts if remarks.remark(text) == text]
        assert left == []
    for text in texts:
        data = {"step": "1", "to": "2", "error": "3", "needs": "4", name: text}
        assert text not in told(centre, "zh", kind, **data)


def test_another_programs_words_stay_as_they_are(centre: Centre) -> None:
    text = "a + b: only numbers can be used here"
    assert text in told(centre, "zh", "StepFailed", step="s", problem=text, to="end")


@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_step_types_have_words(centre: Centre, tongue: str) -> None:
    assert len(STEP_TYPES) == 18
    said = {name: told(centre, tongue, "StepEntered", flow="f", step="s", type=name) for name in STEP_TYPES}
    assert len(set(said.values())) == 18
    assert tongue == "en" or [name for name, text in said.items() if name in text] == []


@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_why_a_calendar_was_open_is_in_words(centre: Centre, tongue: str) -> None:
    week = {1: ((540, 720), (780, 1080)), 2: ()}
    calendar = Calendar("office", week=week, dates={"2026-12-24": ((540, 720),)}, holidays=())
    days = {
        "星期一，09:00-12:00, 13:00-18:00": LocalTime("2026-11-23T10:00", "2026-11-23", 1, 600),
        "星期二，休息": LocalTime("2026-11-24T10:00", "2026-11-24", 2, 600),
        "2026-12-24 的特别安排，09:00-12:00": LocalTime("2026-12-24T10:00", "2026-12-24", 4, 600),
        "节假日：国庆节，休息": LocalTime("2026-10-01T10:00", "2026-10-01", 4, 600, holiday="国庆节"),
        "调休上班日，09:00-12:00, 13:00-18:00": LocalTime("2026-10-10T10:00", "2026-10-10", 6, 600, make_up_day=True),
    }
    for words, local in days.items():
        opening = decide(calendar, local)
        text = told(centre, tongue, "HoursDecided", calendar="office", open=opening.open, local="", why=opening.why)
        if tongue == "zh":
            assert words in text and not LATIN.search(text.replace("office", ""))
        else:
            assert "weekday" not in text and "make-up day:" not in text
    assert "as it is" in told(centre, tongue, "HoursDecided", calendar="c", open=True, local="", why="as it is")


def test_announcements_say_their_figure(centre: Centre) -> None:
    for kind in ("AnnouncementStarted", "AnnouncementPutOff", "CallerTold"):
        data = {"interaction": "i", "ref": "r", "position": 3, "estimate_s": 95.0}
        assert "排队位置 3" in told(centre, "zh", kind, what="position", **data)
        assert "estimated wait 1:35" in told(centre, "en", kind, what="wait", **data)
        assert told(centre, "en", kind, what="words", ref="r").endswith("first words of the wait")


@pytest.mark.parametrize("tongue", ["zh", "en"])
def test_states_and_wishes_have_words_and_reasons(centre: Centre, tongue: str) -> None:
    wishes = re.findall(r"\w+", (PresenceAsked.__doc__ or "").split("state:")[1].split(".")[0])
    assert {"ready", "logged_in", "wrap_up_done"} <= set(wishes)
    for state in wishes:
        assert "_" not in told(centre, tongue, "PresencePlanned", agent="7", state=state, reason="", by="agent"), state
    said = told(centre, tongue, "PresenceChanged", agent="7", state="not_ready", reason="lunch")
    assert said in ("座席 7：未就绪（午餐）", "Agent 7: Not ready (Lunch)")


def test_the_phases_have_words(centre: Centre) -> None:
    words = centre.app.extensions["words"]
    assert [phase.value for phase in Phase if f"interactions.phase.{phase.value}" not in words] == []


def test_nothing_asked_for_is_said(centre: Centre) -> None:
    entered = {"queue": "sales", "needs": "", "priority": 0}
    assert "任何座席" in told(centre, "zh", "QueueEntered", **entered)
    opened = {"ani": "", "dnis": "4000", "flow": "main"}
    assert told(centre, "en", "InteractionOpened", **opened).startswith("Anonymous called 4000")
