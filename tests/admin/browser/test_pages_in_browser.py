"""Every page in a browser: nothing breaks, nothing is asked of others, keys and ears suffice, both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from surfing import Surfed, Visitor

LEADERS = (
    "/wallboard", "/interactions", "/interactions/i-1?all=1", "/interactions/i-2", "/customers", "/customers/3",
    "/customers/3/edit", "/agents", "/agents/1001", "/queues", "/numbers", "/flows", "/flows/main", "/health",
    "/account", "/users", "/users/new", "/audit", "/nowhere",
)  # fmt: skip
AGENTS = ("/desk", "/interactions", "/customers", "/customers/3", "/users")
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
GROUND = "getComputedStyle(document.body).backgroundColor"
DARK, LIGHT = "rgb(18, 24, 23)", "rgb(244, 246, 246)"


@pytest.mark.parametrize(("role", "paths"), [("admin", LEADERS), ("agent", AGENTS)], ids=["admin", "agent"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_page_complains_or_is_wider_than_a_phone(
    visit: Callable[..., Visitor], role: str, paths: tuple[str, ...], language: str
) -> None:
    look = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark" if language == "zh" else "light"}
    page = visit(role, language, **look).page
    wider = []
    for path in paths:
        page.goto(path, wait_until="domcontentloaded")
        assert page.get_attribute("html", "lang") == {"en": "en", "zh": "zh-CN"}[language]
        if page.evaluate(WIDER) > 0:
            wider.append(path)
        assert page.evaluate(GROUND) == (DARK if language == "zh" else LIGHT)
    assert wider == []


def test_a_recording_is_played_from_where_one_wants(visit: Callable[..., Visitor], expect: Any) -> None:
    page = visit("supervisor").go("/interactions/i-1")
    expect(page.locator("audio")).to_have_js_property("duration", 2)
    page.evaluate(
        """async () => {
            const audio = document.querySelector("audio");
            const seeked = new Promise((done) => audio.addEventListener("seeked", done, { once: true }));
            audio.currentTime = 1.5;
            await seeked;
            const ended = new Promise((done) => audio.addEventListener("ended", done, { once: true }));
            audio.muted = true;
            await audio.play();
            await ended;
        }"""
    )
    expect(page.locator("audio")).to_have_js_property("error", None)


def test_keys_suffice(visit: Callable[..., Visitor], surfed: Surfed, expect: Any) -> None:
    """Sign in, skip the menu, sort a list, open an entry, write a disposition: no mouse."""
    visitor = visit()
    page, keys = visitor.page, visitor.page.keyboard
    page.goto("/login")
    expect(page.locator("#f-login")).to_be_focused()
    keys.type("otto")
    keys.press("Tab")
    keys.type("open sesame otto")
    keys.press("Enter")
    expect(page.locator("#disposition")).to_have_attribute("data-interaction", "i-talk")
    page.wait_for_load_state("load")
    keys.press("Tab")
    expect(page.locator(".skip")).to_be_in_viewport()
    keys.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.focus("#code-solved")
    keys.press("ArrowRight")
    expect(page.locator("#code-follow_up")).to_be_checked()
    keys.press("Tab")
    expect(page.locator("#f-note")).to_be_focused()
    keys.type("by keys alone")
    keys.press("Tab")
    keys.press("Enter")
    expect(page.locator(".note.good")).to_have_text("Saved.")
    assert surfed.calls.told[0][1]["note"] == "by keys alone"
    page.goto("/interactions")
    page.locator("th.by a", has_text="Waited").focus()
    keys.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Waited")
    page.locator("a.cover").first.focus()
    keys.press("Enter")
    expect(page.locator("#timeline")).to_be_visible()


def test_language_and_appearance_are_chosen_where_one_is(visit: Callable[..., Visitor], expect: Any) -> None:
    """And what stands in a form stays there."""
    visitor = visit("admin", color_scheme="light")
    page = visitor.go("/customers/3/edit")
    page.fill("#f-note", "half written")
    page.select_option("#f-tier", "gold")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    assert page.url.endswith("/customers/3/edit")
    expect(page.locator("#restored")).to_be_visible()
    expect(page.locator("#f-note")).to_have_value("half written")
    expect(page.locator("#f-tier")).to_have_value("gold")
    assert page.evaluate(GROUND) == LIGHT
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(GROUND) == DARK
    expect(page.locator("#f-note")).to_have_value("half written")
    page.get_by_role("button", name="EN").click()
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


BUTTONS = {  # page: the button of a form in which nothing is typed
    "/agents": ".row button[value=logged_out] >> nth=0",
    "/flows": "form[action='/flows/reload'] button",
    "/interactions/i-2": "form[action$=hang-up] button",
}
GREETING = {"#f-text_en": "Closed for snow", "#f-text_zh": "大雪停业", "#f-until": "2031-01-02T03:04"}
NOBODY = "The call server does not answer"


def test_forms_say_that_the_call_server_is_gone_and_lose_nothing(
    visit: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    visitor = visit("supervisor")
    pages = {path: visitor.another(path) for path in BUTTONS}
    page = visitor.go("/flows")
    surfed.gone()
    for path, button in BUTTONS.items():
        pages[path].locator(button).click()
        expect(pages[path].locator("h1")).to_have_text(NOBODY)
        pages[path].locator("main a.button").first.click()
        expect(pages[path]).to_have_url(surfed.pages.address + path)
    for field, text in GREETING.items():
        page.fill(field, text)
    page.locator("form[action='/flows/greeting'] button.main").click()
    expect(page.locator("h1")).to_have_text(NOBODY)
    page.locator("main a.button").first.click()  # where there is no form while nobody answers
    expect(page.locator("#f-until")).to_have_count(0)
    page.goto("/health")
    surfed.back()
    page.goto("/flows")
    for field, text in GREETING.items():
        expect(page.locator(field)).to_have_value(text)
    page.locator("form[action='/flows/reload'] button").click()  # another form of the page
    expect(page.locator(".note.warn, .note.good").first).to_be_visible()
    for field, text in GREETING.items():
        expect(page.locator(field)).to_have_value(text)
    page.locator("form[action='/flows/greeting'] button.main").click()
    expect(page.locator(".note.good")).to_be_visible()
    expect(page.locator("#f-text_en")).to_have_value("")
    assert page.evaluate("sessionStorage.length") == 0
    assert [command for command, _ in surfed.calls.told if command != "greeting"] == ["reload"]


def test_a_second_click_sends_nothing(visit: Callable[..., Visitor], surfed: Surfed, expect: Any) -> None:
    surfed.calls.answers["hangup"] = {"facts": []}
    page = visit("supervisor").go("/interactions/i-2")
    page.evaluate("const button = document.querySelector('form[action$=hang-up] button'); button.click(); button.click()")
    expect(page.locator(".note.good")).to_be_visible()
    assert len(surfed.calls.told) == 1


def test_a_new_pin_is_not_made_again_by_loading_the_page_again(visit: Callable[..., Visitor], expect: Any) -> None:
    page = visit("admin").go("/agents/1009")
    page.locator("summary").click()
    page.get_by_role("button", name="Make it now").click()
    expect(page.locator(".note.good")).to_contain_text(re.compile(r"New PIN: \d{6}"))
    page.reload()
    expect(page.locator(".note.warn:visible")).to_contain_text("was shown already")
    page.goto("/customers")
    page.go_back()
    expect(page.locator(".note.warn:visible")).to_contain_text("was shown already")
    page.goto("/audit")
    expect(page.locator("tbody tr", has_text="1009")).to_have_count(1)
