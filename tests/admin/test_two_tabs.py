"""Two people, or two tabs, with the same form open: nobody overwrites unseen what the other has saved."""

from __future__ import annotations

import re
from html import unescape

import pytest
from visiting import Browser, Centre

from crm_lite.store.edits.agents import agent
from crm_lite.store.queries.customers import customer

FORMS = {
    "/agents/1001": {"name": "{}", "email": "", "active": "1", "skill-0": "sales", "level-0": "8"},
    "/customers/3/edit": {"name": "{}", "tier": "gold", "language": "zh", "note": "", "numbers": "12000000003"},
    "/users/2": {"login": "lena", "name": "{}", "role": "supervisor", "agent": "", "active": "1", "password": ""},
}


def opened(browser: Browser, path: str, name: str) -> dict[str, str]:
    """What a tab sends that opened the form now."""
    (seen,) = re.findall(r'name="seen" value="(\w+)"', browser.page(path))
    return {key: value.format(name) for key, value in FORMS[path].items()} | {"seen": seen}


@pytest.mark.parametrize("path", FORMS)
def test_the_second_of_two_is_told_and_may_go_on(centre: Centre, path: str) -> None:
    one, other = centre.of("admin").speak("en"), centre.of("admin").speak("en")
    first, second = opened(one, path, "First"), opened(other, path, "Second")
    assert one.post(path, **first).status_code == 303
    answer = other.post(path, **second)
    assert answer.status_code == 422
    assert "Somebody has changed this" in answer.text and 'value="Second"' in answer.text
    fresh = re.findall(r'name="seen" value="(\w+)"', answer.text)[0]
    assert other.post(path, **{**second, "seen": fresh}).status_code == 303
    assert "Second" in unescape(one.page(path))


@pytest.mark.parametrize("path", FORMS)
def test_a_form_that_nobody_else_touched_is_saved_twice_from_anew(centre: Centre, path: str) -> None:
    browser = centre.of("admin")
    for name in ("First", "Second"):
        assert browser.post(path, **opened(browser, path, name)).status_code == 303
    assert browser.post(path, **{**opened(browser, path, "Third"), "seen": ""}).status_code == 422


def test_calls_that_come_meanwhile_are_no_change_of_the_customer(centre: Centre) -> None:
    from furnished import Entry

    from crm_lite.store.projector import Projector

    browser = centre.of("admin")
    form = opened(browser, "/customers/3/edit", "Zhou")
    data = {"customer": {"id": 3, "number": "C10003", "name": "x", "tier": "silver"}, "by": "number"}
    Projector(centre.db).apply([Entry(9000, "interaction:new", 4e9, "CustomerIdentified", data)])
    assert browser.post("/customers/3/edit", **form).status_code == 303
    kept = customer(centre.db, 3)
    assert kept and kept["name"] == "Zhou" and agent(centre.db, "1001")


def test_scripts_and_styles_have_new_addresses_after_an_upgrade(centre: Centre) -> None:
    page = centre.browser().page("/login")
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) > 2 and all(re.search(r"\?v=[0-9a-f]{12}$", each) for each in addresses)
    assert all(centre.browser().get(each).status_code == 200 for each in addresses)
