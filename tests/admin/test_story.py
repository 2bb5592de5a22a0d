"""The timeline and the summary: what was nobody's fault is not in red, and who an agent is."""

from __future__ import annotations

import re
import time

import pytest
from furnished import Entry
from visiting import Centre

from crm_lite.store.projector import Projector
from switch_app.core.facts import RequestFailed


@pytest.mark.parametrize(("reason", "lines"), [("withdrawn", []), ("busy", ["trouble", "trouble"])])
def test_an_offer_that_ends_because_the_caller_left_is_no_trouble(
    centre: Centre, reason: str, lines: list[str]
) -> None:
    told = {"offer": "o-9", "agent": "1007", "reason": reason}
    entries = [
        Entry(9000, "interaction:i-2", time.time(), "AgentMissed", told),
        Entry(9001, "floor", time.time(), "OfferDeclined", {**told, "interaction": "i-2", "queue": "sales"}),
    ]
    Projector(centre.db).apply(entries)
    browser = centre.of("supervisor")
    assert re.findall(r'<li class="(trouble)"', browser.page("/interactions/i-2")) == lines
    assert "1007" in browser.page("/interactions/i-2?all=1")


REASONS = re.findall(r"\w+", re.sub(r"\([^)]*\)", "", (RequestFailed.__doc__ or "").split("reason:")[1]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_why_a_request_failed_is_on_the_timeline_in_words(centre: Centre, language: str) -> None:
    for place, reason in enumerate(REASONS):
        data = {"step": f"ask{place}", "host": "shop.example.com", "reason": reason, "status": 403}
        Projector(centre.db).apply([Entry(9000 + place, "interaction:i-2", time.time(), "RequestFailed", data)])
    text = centre.of("supervisor").speak(language).page("/interactions/i-2")
    lines = re.findall(r'<li class="trouble".*?</li>', text, re.DOTALL)
    told = [line for line in lines if "shop.example.com" in line]
    assert len(told) == len(REASONS) == 12 and "403" in told[REASONS.index("status")]
    shown = [re.sub(r"<[^>]*>|\{.*\}", "", line.split("<details")[0]) for line in told]
    assert [reason for reason, line in zip(REASONS, shown, strict=True) if "_" in line or "interactions." in line] == []


@pytest.mark.parametrize(("language", "words"), [("zh", "呼叫服务不在线"), ("en", "The call server was away")])
def test_a_caller_whom_nobody_reached_is_told_in_words(centre: Centre, language: str, words: str) -> None:
    Projector(centre.db).apply([Entry(9000, "interaction:i-2", time.time(), "CallMissed", {"waited_s": 75.2})])
    text = centre.of("supervisor").speak(language).page("/interactions/i-2")
    (line,) = re.findall(r'<li class="trouble".*?</li>', text, re.DOTALL)
    assert words in line and "1:15" in line


def test_the_summary_names_the_agent_and_the_offset(centre: Centre) -> None:
    text = centre.of("supervisor").page("/interactions/i-1")
    assert '<a href="/agents/1003">1003</a> <bdi>王芳 Wang Fang</bdi>' in text
    assert "UTC+8" in text.split("</dl>")[0]
    assert 'href="/agents/' not in centre.of("agent").page("/interactions/m-40")


def test_a_name_that_is_only_the_number_again_is_left_out(centre: Centre) -> None:
    for id, name in (("same", "12000000009"), ("other", "Zhou")):
        data = {"interaction": id, "channel": "voice", "direction": "inbound", "leg": id, "ani": "12000000009",
                "name": name, "dnis": "4000", "flow": "main", "version": "1"}  # fmt: skip
        entry = Entry(9000 + (id == "other"), f"interaction:{id}", time.time(), "InteractionOpened", data)
        Projector(centre.db).apply([entry])
    browser = centre.of("supervisor")
    assert ["显示名" in browser.page(f"/interactions/{id}") for id in ("same", "other")] == [False, True]
