"""The audit log is in words: which field, what it was, what it is now."""

from __future__ import annotations

import re
import time
from html import unescape

import pytest
from visiting import Centre

from crm_lite.store.audit import write_audit

AGENT = {"name": "Chen J.", "email": "cj@example.org", "skill-0": "sales", "level-0": "9", "skill-1": "english",
         "level-1": "", "skill-2": "mandarin", "level-2": "", "skill-3": "support", "level-3": ""}  # fmt: skip
CUSTOMER = {"name": "周建国", "tier": "gold", "language": "en", "note": "a; note: b → c", "numbers": "12000000003",
            "account-0": "88010003", "balance-0": "320.45", "currency-0": "CNY"}  # fmt: skip


def details(page: str) -> list[str]:
    cells = re.findall(r'<td data-label="(?:详情|Details)"[^>]*>(.*?)</td>', page, re.DOTALL)
    return [unescape(re.sub(r"<[^>]*>", "", re.sub(r"<br>", "|", cell))) for cell in cells]


CHEN = "陈静 Chen Jing → Chen J.|{}1001@hotline.example → cj@example.org|{}|{}english 4, mandarin 10, sales 8, support 3 → sales 9"
ZHOU = "{}|{}|{}a; note: b → c|{}+8612000000003, +8657155501003 → +8612000000003|{}88010003 320.45 CNY, 88020003 -55.00 CNY → 88010003 320.45 CNY"
TOLD = {
    "zh": (
        "姓名：" + CHEN.format("邮箱：", "启用：是 → 否", "技能："),
        ZHOU.format("等级：银卡 → 金卡", "语言：中文 → 英语", "备注：", "电话：", "账户："),
    ),
    "en": (
        "Name: " + CHEN.format("E-mail: ", "Active: Yes → No", "Skills: "),
        ZHOU.format("Tier: Silver → Gold", "Language: Chinese → English", "Note: ", "Phones: ", "Accounts: "),
    ),
}


@pytest.mark.parametrize("tongue", TOLD)
def test_changes_are_told_in_words(centre: Centre, tongue: str) -> None:
    agent, customer = TOLD[tongue]
    browser = centre.of("admin").speak(tongue)
    assert browser.post("/agents/1001", **AGENT).status_code == 303
    assert browser.post("/customers/3/edit", **CUSTOMER).status_code == 303
    assert details(browser.page("/audit"))[:2] == [customer, agent]
    assert details(browser.page("/agents/1001"))[0] == agent
    assert details(browser.page("/customers/3"))[0] == customer


def test_what_is_made_tells_what_it_has(centre: Centre) -> None:
    browser = centre.of("admin").speak("en")
    user = {"login": "mia", "name": "", "role": "agent", "agent": "1002", "active": "1", "password": "long enough!"}
    browser.post("/users/new", **user)
    assert details(browser.page("/audit"))[0] == "User name: mia|Role: Agent|Agent: 1002|Active: Yes"
    id = re.findall(r'href="/users/(\d+)">mia', browser.page("/users"))[0]
    browser.post(f"/users/{id}", **{**user, "agent": "1003", "password": "another long one"})
    assert details(browser.page("/audit"))[0] == "Agent: 1002 → 1003|Password: a new one"


def test_an_export_and_a_greeting_are_told_in_words(centre: Centre) -> None:
    browser = centre.of("admin").speak("zh")
    browser.get("/interactions.csv?outcome=answered&queue=sales&text=%E5%91%A8&direction=inbound").close()
    assert details(browser.page("/audit"))[0] == "搜索：周|结果：已接听|队列：销售咨询|方向：呼入"
    until = time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 100_000))
    browser.post("/flows/greeting", slot="emergency", text_zh="台风", text_en="Typhoon", until=until, prompt="")
    assert details(browser.page("/audit"))[0] == f"截止：{until.replace('T', ' ')}|中文文字：台风|英文文字：Typhoon"


def test_lines_of_before_are_shown_as_they_were_written(centre: Centre) -> None:
    centre.db.write(write_audit, "lena", "agent.edited", "1002", "name: a <b> → b; active: True → False")
    browser = centre.of("admin").speak("en")
    assert details(browser.page("/audit"))[0] == "name: a <b> → b; active: True → False"
    centre.db.write(write_audit, "lena", "x", "1", [("odd", {"a": 1}, [1, 2]), ("tier", 3, None), ("accounts", 7, "x")])
    assert details(browser.page("/audit"))[0].startswith("odd: ")
