"""The wallboard in a browser: it follows the floor, tells what it has lost, and comes back by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from call_server import floor
from surfing import Surfed, Visitor

WAITING = ".tile:has(button[popovertarget=card-waiting]) .figure"
ALARM_MS = 6000  # live.js


def with_waiting(number: int) -> dict[str, Any]:
    live = floor()
    live["queues"][0]["waiting"] = number
    return live


def test_figures_change_while_somebody_reads_and_clicks(
    visit: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    page = visit("supervisor").go("/wallboard")
    expect(page.locator(WAITING)).to_have_text("4")
    page.click("button[popovertarget=card-service_level] >> nth=0")
    expect(page.locator("#card-service_level")).to_be_visible()
    heading = page.locator("th.by a", has_text="Waiting")
    heading.focus()
    surfed.calls.answers["floor"] = with_waiting(38)
    expect(page.locator(WAITING)).to_have_text("42")
    expect(page.locator("#card-service_level")).to_be_visible()
    expect(heading).to_be_focused()
    heading.press("Enter")
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Waiting")
    expect(page.locator("tbody th").first).to_have_text("Sales")


def test_a_call_server_that_is_gone_is_told_and_comes_back(
    visit: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    pages = [visit("supervisor", language).go("/wallboard") for language in ("en", "zh")]
    surfed.gone()
    for page, words in zip(pages, ("The call server does not answer", "呼叫服务器没有应答"), strict=True):
        expect(page.locator("[data-live]")).to_contain_text(words)
        expect(page.locator(WAITING)).to_have_count(0)
    surfed.back()
    for page in pages:
        expect(page.locator(WAITING)).to_have_text("4")
        expect(page.locator("#lost")).to_be_hidden()


def test_pages_that_lost_their_server_say_so_and_find_it_again(
    visit: Callable[..., Visitor], surfed: Surfed, expect: Any
) -> None:
    """And who was logged out meanwhile is asked to sign in, also beside the answer to a form."""
    page, ended = visit("supervisor").page, visit("agent")
    page.clock.install()
    page.goto("/wallboard")
    expect(page.locator(WAITING)).to_have_text("4")
    desk = ended.go("/desk?about=m-00")
    desk.fill("#f-note", "kept")
    desk.click("label[for=code-sale]")
    surfed.calls.answers["disposition"] = ("internal_error", "")
    desk.locator("#disposition button").click()
    expect(desk.locator(".note.bad[role=alert]")).to_contain_text("Nothing was saved")
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/wallboard/events")):
        surfed.pages.kill()
    expect(page.locator("#lost")).to_be_hidden()
    page.clock.fast_forward(ALARM_MS)
    expect(page.locator("#lost")).to_have_text(
        "The connection to the server is lost; what is below may be old. The page is connecting again."
    )
    surfed.calls.answers["floor"] = with_waiting(7)
    surfed.end_logins("agent")
    surfed.pages.start()
    expect(page.locator(WAITING)).to_have_text("11")
    expect(page.locator("#lost")).to_be_hidden()
    expect(desk.locator("#f-login")).to_be_visible()
    ended.complaints.clear()  # the door is no event stream, says the browser
    ended.enter("agent")
    expect(desk.locator("#f-note")).to_have_value("kept")
