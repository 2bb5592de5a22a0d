"""What people change: rows, audit lines, and what is passed to the call server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from call_server import floor
from visiting import Centre

from crm_lite.store.audit import audit_lines
from crm_lite.store.edits.agents import agent
from crm_lite.store.queries import check_pin, find_customer, roster
from crm_lite.store.queries.customers import customer
from crm_lite.store.tables import User

AGENT = {"name": "Chen J.", "email": "cj@example.org", "active": "1", "skill-0": "sales", "level-0": "9"}
CUSTOMER = {
    "name": "Neu & Co", "tier": "gold", "language": "en", "note": "a\nb", "numbers": "0571 8888 1234\n+44 20 7946 0000",
    "account-0": "99010001", "balance-0": "12.5", "currency-0": "usd", "account-1": "99010002", "balance-1": "-0.07",
    "currency-1": "",
}  # fmt: skip


def audited(centre: Centre) -> list[tuple[str, str, str]]:
    return [(line["who"], line["what"], line["subject"]) for line in audit_lines(centre.db, 3)]


def test_an_agent_is_edited_with_an_audit_line(centre: Centre) -> None:
    browser = centre.of("supervisor")
    assert browser.post("/agents/1001", **AGENT, **{"skill-1": "english", "level-1": ""}).status_code == 303
    assert agent(centre.db, "1001") == {
        "number": "1001", "name": "Chen J.", "email": "cj@example.org", "active": True, "skills": {"sales": 9}
    }  # fmt: skip
    line = audit_lines(centre.db, 1)[0]
    assert (line["who"], line["what"], line["subject"]) == ("lena", "agent.edited", "1001")
    assert ["skills", "english 4, mandarin 10, sales 8, support 3", "sales 9"] in line["changes"]
    assert "Chen J." in browser.page("/agents/1001")
    before = audited(centre)
    browser.post("/agents/1001", **AGENT)
    assert audited(centre) == before  # nothing changed, nothing to tell


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 101), ("email", "nobody"), ("level-0", "11"), ("level-0", "0"), ("level-0", "x"),
     ("level-0", "1e1"), ("skill-0", "bil ling"), ("skill-0", "a'b"), ("skill-0", "x" * 51), ("skill-0", ""),
     ("skill-7", "billing"), ("level-7", "3")],
)  # fmt: skip
def test_an_agent_is_not_saved_with_a_mistake(centre: Centre, field: str, value: str) -> None:
    before = agent(centre.db, "1001")
    answer = centre.of("admin").post("/agents/1001", **{**AGENT, field: value})
    assert answer.status_code == 422
    assert 'class="mistake"' in answer.text
    assert agent(centre.db, "1001") == before


def test_a_new_agent_and_a_number_that_is_taken(centre: Centre) -> None:
    browser = centre.of("admin")
    assert browser.post("/agents/new", **AGENT, number="1201").status_code == 303
    assert roster(centre.db)[-1] == {"agent": "1201", "name": "Chen J.", "skills": {"sales": 9}}
    assert browser.post("/agents/new", **AGENT, number="1201").status_code == 422
    assert browser.post("/agents/new", **AGENT, number="12 01; x").status_code == 422


def test_a_new_pin_is_told_once_and_holds(centre: Centre) -> None:
    browser = centre.of("supervisor")
    made = browser.post("/agents/1002/pin")
    assert made.status_code == 303
    pin = re.search(r"\b(\d{6})\b", browser.page(made.headers["Location"]))
    assert pin
    assert check_pin(centre.db, "1002", pin[1])
    assert pin[1] not in browser.page("/agents/1002")
    assert audited(centre)[0] == ("lena", "agent.pin", "1002")
    assert pin[1] not in str(audit_lines(centre.db, 5))


def test_loading_the_page_of_a_new_pin_again_makes_no_other(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    path = browser.post("/agents/1002/pin").headers["Location"]
    assert "shown already" in centre.of("admin").speak("en").page(path)  # somebody else's link
    pin = re.search(r"New PIN: (\d{6})", browser.page(path))
    assert pin
    assert path.split("?")[0] == "/agents/1002" and pin[1] not in path
    again = browser.page(path)
    assert "shown already" in again and pin[1] not in again
    assert check_pin(centre.db, "1002", pin[1])
    assert [line[1] for line in audited(centre)].count("agent.pin") == 1


def test_a_supervisor_changes_a_presence(centre: Centre) -> None:
    browser = centre.of("supervisor")
    assert browser.post("/agents/1002/presence", state="logged_out").status_code == 303
    assert centre.calls.told == [
        ("presence", {"agent": "1002", "state": "logged_out", "reason": "", "by": "lena"})
    ]
    assert browser.post("/agents/1002/presence", state="talking").status_code == 400


def test_a_customer_is_made_and_found(centre: Centre) -> None:
    browser = centre.of("supervisor")
    answer = browser.post("/customers/new", **CUSTOMER)
    assert answer.status_code == 303
    found = find_customer(centre.db, "number", "057188881234")
    assert found is not None
    assert answer.headers["Location"] == f"/customers/{found['id']}"
    assert (found["name"], found["tier"], found["language"], found["note"]) == (
        "Neu & Co",
        "gold",
        "en",
        "a\nb",
    )
    assert found["numbers"] == ["+8657188881234", "+442079460000"]
    assert [(a["number"], a["balance_minor"], a["currency"]) for a in found["accounts"]] == [
        ("99010001", 1250, "USD"), ("99010002", -7, "CNY")
    ]  # fmt: skip
    assert audited(centre)[0] == ("lena", "customer.created", found["number"])
    assert "Neu &amp; Co" in browser.page(answer.headers["Location"])


def test_a_customer_is_edited_and_what_is_left_out_is_gone(centre: Centre) -> None:
    browser = centre.of("admin")
    page = browser.page("/customers/3/edit")
    assert 'value="-55.00"' in page
    assert browser.post("/customers/3/edit", **{**CUSTOMER, "account-0": ""}).status_code == 303
    found = customer(centre.db, 3)
    assert found is not None
    assert [account["number"] for account in found["accounts"]] == ["99010002"]
    assert find_customer(centre.db, "number", "12000000003") is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("tier", "platinum"), ("language", "xx"), ("numbers", "12"), ("numbers", "+123456789012345678"),
     ("account-0", "12"), ("account-0", "88010001"), ("account-0", "99010002"), ("balance-0", "1,5"),
     ("balance-0", "NaN"), ("balance-0", "1e9"), ("currency-0", "€"), ("note", "x" * 4001)],
)  # fmt: skip
def test_a_customer_is_not_saved_with_a_mistake(centre: Centre, field: str, value: str) -> None:
    before = customer(centre.db, 3)
    answer = centre.of("admin").post("/customers/3/edit", **{**CUSTOMER, field: value})
    assert answer.status_code == 422
    assert 'class="mistake"' in answer.text
    assert customer(centre.db, 3) == before


@pytest.mark.parametrize("text", ["周建", "C10003", "12000000003", "+86 120 0000 0003", "000-0003", "5715", "88020003", "zhou", "zjg", "000-0099", "guo zhou"])
def test_customers_are_searched(centre: Centre, text: str) -> None:
    found = "周建国" in centre.of("agent").get("/customers", query_string={"text": text}).text
    assert found == (text != "000-0099")


def test_users_are_made_and_changed(centre: Centre) -> None:
    browser = centre.of("admin")
    form = {
        "login": "mia",
        "name": "Mia",
        "role": "supervisor",
        "agent": "",
        "active": "1",
        "password": "long enough!",
    }
    assert browser.post("/users/new", **form).status_code == 303
    assert centre.browser().enter("mia", "long enough!").status_code == 303
    assert browser.post("/users/new", **form).status_code == 422
    id = centre.db.read(lambda: User.get(User.login == "mia").id)
    assert browser.post(f"/users/{id}", **{**form, "active": "", "password": ""}).status_code == 303
    assert centre.browser().enter("mia", "long enough!").status_code == 401
    details = str(audit_lines(centre.db, 5))
    assert "user.created" in details
    assert "long enough!" not in details
    assert "argon2" not in details


@pytest.mark.parametrize(
    ("field", "value"),
    [("login", ""), ("login", "1001"), ("login", "a b"), ("login", "lena"), ("role", "root"), ("password", "short"),
     ("agent", "x")],
)  # fmt: skip
def test_a_user_is_not_made_with_a_mistake(centre: Centre, field: str, value: str) -> None:
    form = {
        "login": "mia",
        "name": "",
        "role": "supervisor",
        "agent": "",
        "active": "1",
        "password": "long enough!",
    }
    assert centre.of("admin").post("/users/new", **{**form, field: value}).status_code == 422
    assert centre.browser().enter("mia", "long enough!").status_code == 401


@pytest.mark.parametrize(
    "change", [{"active": ""}, {"role": "supervisor"}, {"role": "agent", "agent": "1001"}]
)
def test_one_admin_remains(centre: Centre, change: dict[str, str]) -> None:
    browser = centre.of("admin")
    form = {"login": "admin", "name": "A", "role": "admin", "agent": "", "active": "1", "password": ""}
    assert browser.post("/users/1", **{**form, **change}).status_code == 422
    assert browser.get("/users").status_code == 200


def told(centre: Centre, command: str) -> list[dict[str, Any]]:
    return [args for name, args in centre.calls.told if name == command]


def test_the_greeting_is_put_up_and_taken_down(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    form = {"action": "set", "slot": "main", "prompt": "emergency_greeting", "text_zh": "系统维护", "text_en": "",
            "until": "2099-01-01T08:00"}  # fmt: skip
    assert browser.post("/flows/greeting", **form).status_code == 303
    assert told(centre, "greeting")[0] == {
        "action": "set", "slot": "main", "prompt": "emergency_greeting", "text": {"zh": "系统维护", "en": ""},
        "until": 4070908800.0, "by": "lena", "recordings": {},
    }  # fmt: skip
    assert "In force until 2099-01-01 08:00" in browser.page("/flows")
    assert audited(centre)[0] == ("lena", "greeting.set", "main")
    assert browser.post("/flows/greeting", action="clear", slot="main").status_code == 303
    assert "In force until" not in browser.page("/flows")
    assert audited(centre)[0] == ("lena", "greeting.cleared", "main")


@pytest.mark.parametrize(
    ("field", "value"),
    [("until", ""), ("until", "2001-01-01T00:00"), ("until", "9999-99-99"), ("slot", "Main!"), ("slot", ""),
     ("prompt", "../x"), ("text_zh", "x" * 501)],
)  # fmt: skip
def test_a_greeting_with_a_mistake_is_not_put_up(centre: Centre, field: str, value: str) -> None:
    form = {
        "action": "set",
        "slot": "main",
        "prompt": "p",
        "text_zh": "",
        "text_en": "",
        "until": "2099-01-01T08:00",
    }
    answer = centre.of("admin").post("/flows/greeting", **{**form, field: value})
    assert answer.status_code == 422
    assert [args for args in told(centre, "greeting") if args["action"] != "show"] == []


def test_flows_are_reloaded(centre: Centre) -> None:
    assert centre.of("admin").post("/flows/reload").status_code == 303
    assert told(centre, "reload") == [{}]
    assert audited(centre)[0] == ("admin", "flows.reloaded", "")


@pytest.mark.parametrize(
    ("form", "args"),
    [
        ({"state": "ready"}, {"state": "ready", "reason": "", "contact": ""}),
        ({"state": "not_ready", "reason": "lunch"}, {"state": "not_ready", "reason": "lunch", "contact": ""}),
        ({"state": "logged_in"}, {"state": "logged_in", "reason": "", "contact": "1001"}),
        ({"state": "logged_in", "contact": "1007"}, {"state": "logged_in", "reason": "", "contact": "1007"}),
        ({"state": "wrap_up_done"}, {"state": "wrap_up_done", "reason": "", "contact": ""}),
    ],
)  # fmt: skip
def test_the_desk_changes_ones_own_presence(
    centre: Centre, form: dict[str, str], args: dict[str, str]
) -> None:
    assert centre.of("agent").post("/desk/presence", **form, agent="1009").status_code == 303
    assert told(centre, "presence") == [{"agent": "1001", **args}]


@pytest.mark.parametrize(
    "form",
    [{}, {"state": "talking"}, {"state": "ready", "reason": "x"}, {"state": "logged_in", "contact": "a;b"}],
)
def test_the_desk_asks_for_no_nonsense(centre: Centre, form: dict[str, str]) -> None:
    assert centre.of("agent").post("/desk/presence", **form).status_code == 400
    assert told(centre, "presence") == []


def test_a_refusal_is_told_in_words(centre: Centre) -> None:
    centre.calls.answers["presence"] = ("busy_now", "agent 1001 has a call")
    answer = centre.of("agent").speak("en").post("/desk/presence", state="logged_out")
    assert answer.status_code == 409
    assert "the agent or the phone has a call" in answer.text
    centre.calls.answers["presence"] = ("brand_new", "<b>never heard of</b>")
    assert "&lt;b&gt;never heard of" in centre.of("agent").post("/desk/presence", state="ready").text


def test_a_change_while_the_call_server_is_down_says_that_nothing_was_done(centre: Centre) -> None:
    browser = centre.of("agent").speak("en")
    centre.calls.close()
    (centre.folder / "control.sock").unlink()
    answer = browser.post("/desk/presence", state="ready")
    assert answer.status_code == 503
    assert "Nothing was done" in answer.text


def test_the_desk_pops_the_call_with_what_is_known(centre: Centre) -> None:
    text = centre.of("agent").speak("en").page("/desk")
    for part in (
        "周建国",
        "12000000003",
        "88010003",
        "320.45 CNY",
        "Technical support",
        "menu_key",
        "Answered",
    ):
        assert part in text
    assert "_tries" not in text
    assert 'data-interaction="i-talk"' in text


def test_a_disposition_is_set_for_ones_own_call_only(centre: Centre) -> None:
    browser = centre.of("agent")
    assert (
        browser.post("/desk/disposition", interaction="i-talk", code="solved", note="好").status_code == 303
    )
    assert told(centre, "disposition") == [
        {"interaction": "i-talk", "agent": "1001", "code": "solved", "note": "好"}
    ]
    for id in ("i-1", "none", "' OR 1=1"):
        assert browser.post("/desk/disposition", interaction=id, code="solved", note="").status_code == 403
    assert browser.post("/desk/disposition", interaction="i-talk", code="x", note="").status_code == 422
    assert len(told(centre, "disposition")) == 1


def test_without_a_call_the_form_is_about_the_last_one(centre: Centre) -> None:
    centre.calls.answers["floor"] = {**floor(), "agents": [], "calls": []}
    text = centre.of("agent").page("/desk")
    assert 'data-interaction="m-00"' in text or 'data-interaction="m-' in text


@pytest.mark.parametrize("path", ["/desk", "/desk/events"])
def test_a_desk_is_for_people_who_take_calls(centre: Centre, path: str) -> None:
    assert centre.of("admin").get(path).status_code == 403


def test_a_user_is_given_no_agent_that_there_is_not(centre: Centre) -> None:
    """A slip in the number was saved, and its desk refused whatever was pressed."""
    admin = centre.of("admin").speak("en")
    form = {"login": "vera", "name": "Vera", "role": "agent", "active": "1", "password": "long enough 1"}
    answer = admin.post("/users/new", agent="1999", **form)
    assert answer.status_code == 422 and "There is no such agent." in answer.text
    assert admin.post("/users/new", agent="1002", **form).status_code == 303
