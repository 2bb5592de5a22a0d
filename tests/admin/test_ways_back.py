"""Ways back: a choice of language, an error and a mistake in a form leave a person where he or she was."""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

import pytest
from visiting import PEOPLE, Centre


@pytest.mark.parametrize("path", ["/interactions?text=1200&outcome=answered", "/customers?text=周&page=1", "/health"])
def test_a_choice_of_language_comes_back_to_what_was_asked_for(centre: Centre, path: str) -> None:
    browser = centre.of("supervisor")
    back = re.search(r'name="back" value="([^"]+)"', browser.page(path))
    assert back
    answer = browser.post("/preferences", language="en", back=html.unescape(back[1]))
    assert unquote(answer.headers["Location"]) == path


def test_a_choice_at_the_login_keeps_the_page_that_was_asked_for(centre: Centre) -> None:
    browser = centre.browser()
    asked = browser.get("/customers/1").headers["Location"]
    back = re.search(r'name="back" value="([^"]+)"', browser.page(asked))
    assert back
    assert browser.post("/preferences", language="en", back=html.unescape(back[1])).headers["Location"] == asked


@pytest.mark.parametrize("path", ["/agents/1001/presence", "/agents/new"])
def test_what_is_shown_after_a_form_leads_back_to_a_page(centre: Centre, path: str) -> None:
    browser = centre.of("supervisor")
    sent = browser.post(path, state="?", name="")
    assert sent.status_code in (400, 422)
    back = re.search(r'name="back" value="([^"]*)"', sent.text)
    assert back
    answer = browser.post("/preferences", language="en", back=html.unescape(back[1]))
    assert browser.get(answer.headers["Location"], follow_redirects=True).status_code == 200


def test_who_sends_a_form_after_the_login_has_ended_is_told_and_comes_back(centre: Centre) -> None:
    browser = centre.of("supervisor")
    form = re.search(r'name="csrf_token" value="([^"]+)"', browser.page("/agents/1001"))
    assert form
    browser.post("/logout")
    came = {"Referer": "http://localhost/agents/1001"}
    sent = browser.client.post("/agents/1001", data={"csrf_token": form[1], "name": "X"}, headers=came)
    door = sent.headers["Location"]
    assert "没有保存" in browser.page(door)
    to = re.search(r'name="to" value="([^"]+)"', browser.page(door))
    assert to
    assert browser.enter(*PEOPLE["supervisor"], to=to[1]).headers["Location"] == "/agents/1001"


@pytest.mark.parametrize("path", ["/nowhere", "/users", "/customers/999"])
def test_an_error_leads_back_to_where_one_came_from(centre: Centre, path: str) -> None:
    browser = centre.of("supervisor")
    here = browser.get(path, headers={"Referer": "http://localhost/interactions?text=1&page=2"})
    assert here.status_code in (403, 404)
    assert 'href="/interactions?text=1&amp;page=2"' in here.text
    for elsewhere in ("http://elsewhere.example/interactions", "", f"http://localhost{path}"):
        text = browser.get(path, headers={"Referer": elsewhere}).text
        assert "返回上一页" not in text
        assert "首页" in text


def test_after_a_change_of_presence_the_list_stands_at_that_agent(centre: Centre) -> None:
    browser = centre.of("supervisor")
    assert browser.post("/agents/1006/presence", state="ready").headers["Location"] == "/agents#agent-1006"
    assert 'id="agent-1006"' in browser.page("/agents")


def test_skills_with_a_mistake_are_shown_as_they_were_typed(centre: Centre) -> None:
    typed = {"skill-0": "sales", "level-0": "", "skill-1": "billing", "level-1": "99", "skill-2": "new", "level-2": ""}
    text = centre.of("admin").post("/agents/1001", name="Chen", active="1", **typed).text
    rows = re.findall(r'name="(?:skill|level)-\d" value="([^"]*)"', text)
    assert rows[:6] == ["sales", "", "billing", "99", "new", ""]


def test_a_form_without_its_token_leads_back_to_itself(centre: Centre) -> None:
    browser = centre.of("supervisor")
    came = {"Referer": "http://localhost/customers/new"}
    answer = browser.client.post("/customers/new", data={"csrf_token": "old", "name": "X"}, headers=came)
    assert answer.status_code == 400
    assert '<a class="button" href="/customers/new">' in answer.text
