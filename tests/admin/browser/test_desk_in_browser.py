"""The desk in a browser: the call pops up, what is written is kept, buttons do what they say or tell why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from call_server import call, floor
from surfing import Surfed, Visitor

NOTE = "Wants a call back <b>“tomorrow”</b> 明天"
KEPT = "Object.values(sessionStorage).join()"
CALLER = "#pop .caller"


def doing(state: str, interaction: str = "", **about: Any) -> dict[str, Any]:
    """The floor when agent 1001 is in this state, with this call."""
    told = floor()
    told["agents"][0].update(state=state, interaction=interaction)
    told["calls"] = [call(interaction, "1001", told["agents"][0]["since"]) | about] if interaction else []
    return told


@pytest.fixture
def at_desk(visit: Callable[..., Visitor], surfed: Surfed, expect: Any) -> Callable[[str], Visitor]:
    """Agent 1001 at the desk, whose form is about this interaction."""

    def opened(interaction: str = "i-talk", language: str = "en") -> Visitor:
        visitor = visit("agent", language)
        visitor.go("/desk")
        expect(visitor.page.locator("#disposition")).to_have_attribute("data-interaction", interaction)
        return visitor

    return opened


def test_the_call_pops_up_and_goes(visit: Callable[..., Visitor], surfed: Surfed, expect: Any) -> None:
    surfed.calls.answers["floor"] = doing("ready")
    page = visit("agent").go("/desk")
    expect(page.locator("#pop")).to_contain_text("No call now.")
    surfed.calls.answers["floor"] = doing("offered", "i-new", ani="+447700900123", customer=None, collected={})
    expect(page.locator("#pop.ringing .caller")).to_have_text("Not a known customer")
    expect(page.locator("#pop")).to_contain_text("+447700900123")
    expect(page.locator("#disposition")).to_have_attribute("data-interaction", "i-new")  # the form turned to it
    surfed.calls.answers["floor"] = doing("talking", "i-new", ani="+447700900123")
    expect(page.locator(CALLER)).to_contain_text("周建国")
    expect(page.locator("#pop")).to_contain_text("88010003")
    expect(page.get_by_role("button", name="End the call")).to_be_visible()
    surfed.calls.answers["floor"] = doing("ready")
    expect(page.locator("#pop")).to_contain_text("No call now.")
    expect(page.locator(".presence .badge")).to_have_text("Ready")


def test_a_new_call_does_not_take_the_note_that_somebody_writes(
    at_desk: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    surfed.calls.answers["floor"] = doing("wrap_up", "m-00")
    desk = at_desk("m-00").page
    desk.locator("#f-note").press_sequentially("about Zhou")
    surfed.calls.answers["floor"] = doing("offered", "i-new", customer=None)
    expect(desk.locator("#newer")).to_be_visible()
    expect(desk.locator("#f-note")).to_have_value("about Zhou")
    expect(desk.locator("#f-note")).to_be_focused()
    desk.get_by_role("link", name="Turn to the newer call").click()
    expect(desk.locator("#f-note")).to_have_value("")
    expect(desk.locator("#older")).to_be_visible()
    desk.get_by_role("link", name="Turn back to it").click()
    expect(desk.locator("#disposition")).to_have_attribute("data-interaction", "m-00")
    expect(desk.locator("#f-note")).to_have_value("about Zhou")


def test_a_note_of_a_call_that_was_declined_is_shown_once_more(
    at_desk: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    surfed.calls.answers["floor"] = doing("offered", "i-new", customer=None)
    desk = at_desk("i-new").page
    desk.fill("#f-note", NOTE)
    surfed.calls.answers["floor"] = doing("ready")
    expect(desk.locator("#pop")).to_contain_text("No call now.")
    desk.goto("/desk")
    desk.get_by_role("link", name="Turn back to it").click()
    expect(desk.locator("#taken")).to_contain_text(NOTE)
    expect(desk.locator("#older")).to_be_hidden()
    desk.reload()
    expect(desk.locator("#taken")).to_be_hidden()
    assert NOTE not in desk.evaluate(KEPT)


def test_a_note_outlives_a_reload_a_change_of_language_and_the_login(
    at_desk: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    visitor = at_desk()
    page = visitor.page
    page.fill("#f-note", NOTE)
    page.get_by_text("Follow-up", exact=True).click()

    def there() -> None:
        expect(page.locator("#f-note")).to_have_value(NOTE)
        expect(page.locator("#code-follow_up")).to_be_checked()

    page.reload()
    there()
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("button", name="保存")).to_be_visible()
    there()
    surfed.end_logins("agent")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".note.warn")).to_contain_text("没有保存")
    visitor.enter("agent")
    expect(page).to_have_url(f"{surfed.pages.address}/desk")
    there()
    assert surfed.calls.told == []
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".note.good")).to_have_text("已保存。")
    told = {"interaction": "i-talk", "agent": "1001", "code": "follow_up", "note": NOTE}
    assert surfed.calls.told == [("disposition", told)]
    assert page.evaluate(KEPT) == ""


def test_the_next_agent_in_the_same_tab_sees_no_note(
    at_desk: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    page = at_desk().page
    page.fill("#f-note", NOTE)
    page.get_by_role("button", name="Sign out").click()
    surfed.cookies.clear()
    for field, typed in (("#f-login", "1003"), ("#f-secret", "210035")):
        page.fill(field, typed)
    page.press("#f-secret", "Enter")
    expect(page.locator("#f-note")).to_be_visible()
    assert NOTE not in page.content() and page.input_value("#f-note") != NOTE


@pytest.mark.parametrize(
    ("language", "answer", "words"),
    [
        ("en", None, "The call server does not answer; nothing was saved."),
        ("zh", ("unknown_interaction", ""), "小结没有保存：没有此联络"),
    ],
    ids=["down", "refused"],
)
def test_a_disposition_that_is_not_saved_says_why_and_stays(
    visit: Callable[..., Visitor], surfed: Surfed, expect: Any, language: str, answer: Any, words: str
) -> None:
    page = visit("agent", language).another("/desk?about=m-00")
    page.fill("#f-note", NOTE)
    page.click("label[for=code-sale]")
    surfed.calls.answers["disposition"] = answer
    if answer is None:
        surfed.gone()
    page.locator("#disposition button").click()
    expect(page.locator(".note.bad[role=alert]")).to_contain_text(words)
    expect(page.locator("#f-note")).to_have_value(NOTE)
    expect(page.locator("#code-sale")).to_be_checked()


def test_buttons_control_the_call(at_desk: Callable[..., Visitor], surfed: Surfed, expect: Any) -> None:
    desk = at_desk().page
    surfed.calls.answers |= {"pass_on": {"facts": []}, "hangup": {"facts": []}}
    desk.select_option("#onward", "billing")
    desk.get_by_role("button", name="Pass on").click()
    expect(desk.locator(".note.good")).to_have_text("The customer now waits in: Billing.")
    desk.get_by_role("button", name="End the call").click()
    expect(desk.locator(".note.good")).to_have_count(0)
    desk.get_by_role("button", name="Lunch").click()
    expect(desk.locator(CALLER)).to_contain_text("周建国")
    assert surfed.calls.told == [
        ("pass_on", {"interaction": "i-talk", "agent": "1001", "queue": "billing"}),
        ("hangup", {"interaction": "i-talk", "agent": "1001", "by": "otto"}),
        ("presence", {"agent": "1001", "state": "not_ready", "reason": "lunch", "contact": ""}),
    ]


@pytest.mark.parametrize(
    ("language", "down", "names", "words"),
    [
        ("en", False, ("Pass on", "End the call"), "The system refused: you are not in this call now."),
        ("zh", True, ("转接", "只接一通"), "呼叫服务器没有应答"),
    ],
    ids=["refused", "down"],
)
def test_what_is_not_done_is_told_in_words_and_leads_back(
    visit: Callable[..., Visitor], surfed: Surfed, expect: Any,
    language: str, down: bool, names: tuple[str, ...], words: str,
) -> None:  # fmt: skip
    visitor, refusal = visit("agent", language), ("not_your_call", "")
    surfed.calls.answers |= {"pass_on": refusal, "hangup": refusal}
    pages = {name: visitor.another("/desk?about=m-00") for name in names}
    if down:
        surfed.gone()
    for name, page in pages.items():
        page.fill("#f-note", NOTE)
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("main")).to_contain_text(words)
        page.locator("main a.button").first.click()
        expect(page.locator("#f-note")).to_have_value(NOTE)
