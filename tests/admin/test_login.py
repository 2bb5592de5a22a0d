from __future__ import annotations

import time

import pytest
from furnished import PASSWORDS, PINS
from visiting import PEOPLE, Browser, Centre

from crm_lite.store.edits.agents import agent, new_pin, save_agent
from crm_lite.store.edits.users import change_password, save_user
from crm_lite.store.tables import Agent, Login, User


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


def test_a_login_ends_with_sign_out(centre: Centre) -> None:
    browser = centre.of("admin")
    assert browser.post("/logout").status_code == 303
    assert browser.get("/wallboard").status_code == 303


def who(browser: Browser) -> dict[str, str]:
    with browser.client.session_transaction() as session:
        return dict(session["who"])


def with_cookie(centre: Centre, kept: dict[str, str]) -> Browser:
    """Another browser with the same cookie."""
    browser = centre.browser()
    with browser.client.session_transaction() as session:
        session["who"] = kept
    return browser


def test_a_cookie_that_somebody_kept_ends_with_sign_out_and_the_other_logins_stay(centre: Centre) -> None:
    here, elsewhere = centre.of("admin"), centre.of("admin")
    stolen = with_cookie(centre, who(here))
    assert stolen.get("/wallboard").status_code == 200
    here.post("/logout")
    assert stolen.get("/wallboard").status_code == 303
    assert elsewhere.get("/wallboard").status_code == 200


def test_a_cookie_without_a_login_of_ours_logs_in_again(centre: Centre) -> None:
    kept = who(centre.of("admin"))
    of_before = {name: value for name, value in kept.items() if name != "id"}
    for wrong in (of_before, {**kept, "id": "x"}, {**kept, "id": ""}, {**kept, "login": "lena"}):
        assert with_cookie(centre, wrong).get("/wallboard").status_code == 303, wrong
    assert with_cookie(centre, kept).get("/wallboard").status_code == 200


def logins(centre: Centre) -> list[str]:
    return centre.db.read(lambda: sorted(row.login for row in Login.select()))


def test_the_token_of_a_login_is_not_in_the_database(centre: Centre) -> None:
    token = who(centre.of("admin"))["id"]
    assert len(token) == 32
    assert centre.db.read(lambda: [row.id for row in Login.select() if token in row.id]) == []


def test_entering_again_ends_the_login_of_before_and_those_that_ran_out(centre: Centre) -> None:
    centre.db.write(lambda: Login.create(id="old", login="otto", opened_at=0.0, ends_at=time.time() - 1))
    browser = centre.of("admin")
    assert logins(centre) == ["admin"]
    browser.enter(*PEOPLE["supervisor"])
    assert logins(centre) == ["lena"]


def test_a_login_that_is_used_lasts_and_one_that_ran_out_does_not(centre: Centre) -> None:
    browser, hours_12 = centre.of("admin"), 12 * 3600

    def left_s() -> float:
        return centre.db.read(lambda: Login.get().ends_at) - time.time()

    assert hours_12 - 60 < left_s() <= hours_12
    centre.db.write(lambda: Login.update(ends_at=time.time() + 60).execute())
    assert browser.get("/wallboard").status_code == 200
    assert left_s() > hours_12 - 60
    centre.db.write(lambda: Login.update(ends_at=time.time() - 1).execute())
    assert browser.get("/wallboard").status_code == 303


def test_rows_of_a_login_go_with_its_credentials(centre: Centre) -> None:
    for login, secret in (("1004", PINS["1004"]), PEOPLE["supervisor"], PEOPLE["agent"], PEOPLE["admin"]):
        centre.browser().enter(login, secret)
    new_pin(centre.db, "admin", "1004")
    assert logins(centre) == ["admin", "lena", "otto"]
    lena = centre.db.read(lambda: User.get(User.login == "lena"))
    change_password(centre.db, "admin", lena.id, "something else")
    assert logins(centre) == ["admin", "otto"]
    otto = centre.db.read(lambda: User.get(User.login == "otto"))
    save_user(centre.db, "admin", otto.id, {"login": "otto", "name": "Otto X"})
    assert logins(centre) == ["admin", "otto"]  # a new name is no reason
    save_user(centre.db, "admin", otto.id, {"login": "otto2"})
    assert logins(centre) == ["admin"]


def test_an_agent_who_left_has_no_login(centre: Centre) -> None:
    centre.browser().enter("1004", PINS["1004"])
    row = agent(centre.db, "1004")
    assert row and logins(centre) == ["1004"]
    save_agent(centre.db, "admin", "1004", {**row, "active": False}, row["skills"])
    assert logins(centre) == []


def test_an_agent_who_left_has_none_by_a_user_name_either(centre: Centre) -> None:
    """Supervisors see no users: otto went on reading every customer's page after his number was taken away."""
    otto, page = centre.of("agent"), "/customers/1"
    assert otto.get(page).status_code == 200
    row = {"name": "Otto", "email": "", "active": False}
    save_agent(centre.db, "lena", "1001", row, {})
    assert otto.get(page).status_code == 303
    assert centre.browser().enter(*PEOPLE["agent"]).status_code == 401
    save_user(centre.db, "admin", None, {"login": "mia", "role": "supervisor", "agent": "1002", "active": True}, "long enough 1")
    save_agent(centre.db, "lena", "1002", row, {})
    assert centre.browser().enter("mia", "long enough 1").status_code == 303  # who leads keeps the pages


def test_a_page_asks_once_more_by_the_key(centre: Centre) -> None:
    plan = "EXPLAIN QUERY PLAN SELECT * FROM logins WHERE id = ? AND ends_at > ?"
    steps = centre.db.read(lambda: centre.db.engine.execute_sql(plan, ("x", 0.0)).fetchall())
    assert [step for step in steps if "SEARCH" in step[3] and "INDEX" in step[3]] == steps and steps


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


def test_files_that_others_may_keep_carry_no_login(centre: Centre) -> None:
    """A cache on the way keeps them for a month, and would let in whomever it gives them to."""
    browser = centre.of("admin")
    answer = browser.get("/static/live.js")
    assert "public" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers and "Vary" not in answer.headers
    assert "Set-Cookie" in browser.get("/interactions").headers  # pages keep the login open


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
