from __future__ import annotations

import time

import pytest
from furnished import PASSWORDS, PINS
from visiting import PEOPLE, Centre

from crm_lite.store.edits.agents import new_pin
from crm_lite.store.edits.users import change_password
from crm_lite.store.passwords import ALLOWED
from crm_lite.store.tables import Agent, Attempt, User


@pytest.mark.parametrize(
    ("role", "home"), [("admin", "/wallboard"), ("supervisor", "/wallboard"), ("agent", "/desk")]
)
def test_each_role_begins_at_its_page(centre: Centre, role: str, home: str) -> None:
    assert centre.of(role).get("/").headers["Location"] == home


@pytest.mark.parametrize(
    ("login", "secret"),
    [("admin", "wrong"), ("admin", ""), ("", ""), ("nobody", PASSWORDS["admin"]), ("ADMIN'--", "x"),
     ("1001", PINS["1002"]), ("admin", PASSWORDS["admin"] + " "), ("x" * 5000, "y" * 5000), ("\0", "\0")],
)  # fmt: skip
def test_what_does_not_belong_together_does_not_enter(centre: Centre, login: str, secret: str) -> None:
    browser = centre.browser()
    answer = browser.enter(login, secret)
    assert answer.status_code == 401
    assert PASSWORDS["admin"] not in answer.text
    assert browser.get("/interactions").status_code == 303


def test_an_agent_enters_with_number_and_pin(centre: Centre) -> None:
    browser = centre.browser()
    browser.enter("1004", PINS["1004"])
    assert "Alice Brown" in browser.page("/desk")
    assert browser.get("/wallboard").status_code == 403


def test_after_wrong_tries_the_right_password_waits_too(centre: Centre) -> None:
    browser = centre.browser()
    for _ in range(ALLOWED):
        assert browser.enter("admin", "wrong").status_code == 401
    assert browser.enter(*PEOPLE["admin"]).status_code == 401
    assert centre.browser().enter(*PEOPLE["supervisor"]).status_code == 303
    centre.db.write(lambda: Attempt.update(shut_until=time.time() - 1).execute())
    assert browser.enter(*PEOPLE["admin"]).status_code == 303


def test_pins_guessed_on_the_web_are_shut_by_phone_too(centre: Centre) -> None:
    from crm_lite.store.queries import check_pin

    browser = centre.browser()
    for _ in range(ALLOWED):
        browser.enter("1004", "000000")
    assert not check_pin(centre.db, "1004", PINS["1004"])


def test_many_logins_guessed_from_one_address_are_stopped(centre: Centre) -> None:
    browser = centre.browser()
    for number in range(30):
        browser.enter(f"user{number}", "wrong")
    assert browser.enter(*PEOPLE["supervisor"]).status_code == 401


def test_a_login_ends_with_sign_out(centre: Centre) -> None:
    browser = centre.of("admin")
    assert browser.post("/logout").status_code == 303
    assert browser.get("/wallboard").status_code == 303


def test_a_new_password_ends_the_other_logins(centre: Centre) -> None:
    here, there = centre.of("supervisor"), centre.of("supervisor")
    old, new = PASSWORDS["lena"], "a wholly new one"
    assert here.post("/account", old="wrong", new=new, again=new).status_code == 422
    assert here.post("/account", old=old, new=new, again="other").status_code == 422
    assert here.post("/account", old=old, new="short", again="short").status_code == 422
    assert here.post("/account", old=old, new=new, again=new).status_code == 303
    assert here.get("/wallboard").status_code == 200
    assert there.get("/wallboard").status_code == 303
    assert centre.browser().enter("lena", old).status_code == 401
    assert centre.browser().enter("lena", new).status_code == 303


def test_a_login_ends_when_its_credentials_change(centre: Centre) -> None:
    browser = centre.browser()
    browser.enter("1004", PINS["1004"])
    assert browser.get("/desk").status_code == 200
    new_pin(centre.db, "admin", "1004")
    assert browser.get("/desk").status_code == 303
    supervisor = centre.of("supervisor")
    user = centre.db.read(lambda: User.get(User.login == "lena").id)
    change_password(centre.db, "admin", user, "something else")
    assert supervisor.get("/wallboard").status_code == 303


def test_an_inactive_agent_or_user_is_out_at_once(centre: Centre) -> None:
    agent, supervisor = centre.browser(), centre.of("supervisor")
    agent.enter("1004", PINS["1004"])
    centre.db.write(lambda: Agent.update(active=False).where(Agent.number == "1004").execute())
    centre.db.write(lambda: User.update(active=False).where(User.login == "lena").execute())
    assert agent.get("/desk").status_code == 303
    assert supervisor.get("/wallboard").status_code == 303


def test_a_forged_session_is_nobodys(centre: Centre) -> None:
    browser = centre.browser()
    name = centre.app.config["SESSION_COOKIE_NAME"]
    browser.client.set_cookie(name, "eyJ3aG8iOnsibG9naW4iOiJhZG1pbiJ9fQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert browser.get("/wallboard").status_code == 303
    for kept in (
        {"login": "admin"},
        {"login": "admin", "stamp": "u1.99"},
        "admin",
        ["admin"],
        {"login": None},
    ):
        with browser.client.session_transaction() as session:
            session["who"] = kept
        assert browser.get("/wallboard").status_code == 303, kept


def test_nothing_of_a_strangers_session_stays(centre: Centre) -> None:
    browser = centre.browser()
    with browser.client.session_transaction() as session:
        session.update(planted="x", language="en")
    browser.enter(*PEOPLE["admin"])
    with browser.client.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "en"


def test_cookies_are_closed_to_scripts_and_named_for_the_copy(centre: Centre) -> None:
    cookie = centre.browser().enter(*PEOPLE["admin"]).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert cookie.startswith("hotline_")


@pytest.mark.parametrize(
    "to",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nX: y",
        "\t//evil",
    ],
)
def test_nobody_is_sent_to_another_site(centre: Centre, to: str) -> None:
    answer = centre.browser().enter(*PEOPLE["admin"], to=to)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_after_the_login_the_page_that_was_asked_for(centre: Centre) -> None:
    browser = centre.browser()
    asked = browser.get("/interactions?text=a%26b").headers["Location"]
    assert asked.startswith("/login?to=")
    assert (
        browser.enter(*PEOPLE["admin"], to="/interactions?text=a%26b").headers["Location"]
        == "/interactions?text=a%26b"
    )


def test_every_form_needs_its_token(centre: Centre) -> None:
    browser = centre.of("admin").speak("en")
    posting = [rule for rule in centre.app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(posting) > 10
    for rule in posting:
        path = rule.rule.replace("<number>", "1001").replace("<int:id>", "1")
        for form in ({}, {"csrf_token": "forged"}):
            answer = browser.client.post(path, data=form)
            assert answer.status_code == 400, rule
            assert "expired" in answer.text
    assert centre.calls.told == []
