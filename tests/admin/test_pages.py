"""Every page, for every role, in both languages: whole, without anything inline, with its headers."""

from __future__ import annotations

import csv
import logging
import re
from html.parser import HTMLParser
from typing import Any

import furnished
import pytest
from call_server import floor
from furnished import Entry
from visiting import Centre

from crm_lite.admin.access import ADMINS, EVERYBODY, LEADERS, STRANGERS
from crm_lite.admin.interactions.story import text_of
from crm_lite.store.projector import Projector

PAGES = {
    "/account": EVERYBODY,
    "/agents": LEADERS,
    "/agents/1001": LEADERS,
    "/agents/new": LEADERS,
    "/audit": ADMINS,
    "/customers": EVERYBODY,
    "/customers/3": EVERYBODY,
    "/customers/3/edit": LEADERS,
    "/customers/new": LEADERS,
    "/desk": {"agent"},
    "/flows": LEADERS,
    "/flows/main": LEADERS,
    "/flows/graph.css": LEADERS,
    "/health": LEADERS,
    "/health.json": STRANGERS,
    "/interactions": EVERYBODY,
    "/interactions.csv": LEADERS,
    "/interactions/i-1": LEADERS,
    "/interactions/i-1?all=1": LEADERS,
    furnished.RECORDING: LEADERS,
    "/interactions/m-00": EVERYBODY,
    "/login": STRANGERS,
    "/numbers": LEADERS,
    "/queues": LEADERS,
    "/users": ADMINS,
    "/users/1": ADMINS,
    "/users/new": ADMINS,
    "/wallboard": LEADERS,
}
# These depend on what is asked for, and are tested elsewhere.
ELSEWHERE = {"static", "login.home", "wallboard.events", "desk.events", "flows.listen"}


class Document(HTMLParser):
    """What a page is made of, and what of it a strict policy would not allow."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.inputs: list[dict[str, Any]] = []
        self.tokens = self.posts = 0
        self.headings: list[str] = []
        self.language = ""
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.inline += [f"{tag} {name}" for name in found if name.startswith("on") or name == "style"]
        self.inline += [tag] if tag == "style" or (tag == "script" and not found.get("src")) else []
        self.inline += [
            f"{tag} {value}" for value in found.values() if value and "javascript:" in value.lower()
        ]
        self.ids += [found["id"]] if found.get("id") else []
        if tag == "html":
            self.language = found.get("lang") or ""
        if tag == "label":
            self.labels.add(found.get("for") or "")
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden":
            self.inputs.append(found)
        if tag == "form" and (found.get("method") or "").lower() == "post":
            self.posts += 1
        if tag == "input" and found.get("name") == "csrf_token":
            self.tokens += 1
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)


@pytest.mark.parametrize("role", ["admin", "supervisor", "agent", "stranger"])
def test_who_sees_what(centre: Centre, role: str) -> None:
    browser = centre.browser() if role == "stranger" else centre.of(role)
    for path, allowed in PAGES.items():
        status = browser.get(path).status_code
        if role in allowed:
            assert status == 200, path
        elif role == "stranger":
            assert status == 303, path
        else:
            assert status in (403, 404), path


def test_the_table_above_is_whole(centre: Centre) -> None:
    named = set()
    for path in PAGES:
        with centre.app.test_request_context(path) as context:
            named.add(context.request.endpoint)
    getting = {rule.endpoint for rule in centre.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert getting - named - ELSEWHERE == set()


def test_every_view_names_its_roles(centre: Centre) -> None:
    views = {name: view for name, view in centre.app.view_functions.items() if name != "static"}
    assert [name for name, view in views.items() if not getattr(view, "allowed", None)] == []


def test_a_view_that_names_no_role_is_seen_by_nobody(centre: Centre) -> None:
    centre.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert centre.of("admin").get("/forgotten").status_code == 403


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ["admin", "agent"])
def test_pages_are_whole(centre: Centre, caplog: pytest.LogCaptureFixture, role: str, language: str) -> None:
    browser = centre.of(role).speak(language)
    caplog.set_level(logging.WARNING)
    for path, allowed in PAGES.items():
        if role not in allowed or path in ("/health.json", "/flows/graph.css", "/interactions.csv") or "recordings" in path:
            continue
        text = browser.page(path)
        page = Document(text)
        assert page.inline == [], path
        assert page.language.startswith(language), path
        assert len(page.ids) == len(set(page.ids)), (path, [i for i in page.ids if page.ids.count(i) > 1])
        assert page.tokens == page.posts > 0, path
        assert page.headings[0] == "h1", path
        assert page.headings.count("h1") == 1, path
        for each in page.inputs:
            assert each.get("aria-label") or each.get("id") in page.labels, (path, each)
    assert [record.message for record in caplog.records if "words" in record.message] == []


@pytest.mark.parametrize("role", ["admin", "agent"])
def test_pages_say_so_when_the_call_server_is_down(centre: Centre, role: str) -> None:
    centre.calls.close()
    (centre.folder / "control.sock").unlink()
    browser = centre.of(role).speak("en")
    said = set()
    for path, allowed in PAGES.items():
        if role in allowed and path not in ("/health.json", furnished.RECORDING):
            answer = browser.get(path)
            assert answer.status_code == 200, path
            if "Live state is not available" in answer.text:
                said.add(path)
    live = {"admin": {"/agents", "/flows", "/flows/main", "/health", "/numbers", "/queues", "/wallboard"},
            "agent": {"/desk"}}  # fmt: skip
    assert said == live[role]


def test_a_hung_call_server_costs_two_seconds_at_most_and_is_called_down(centre: Centre) -> None:
    centre.calls.close()
    centre.app.extensions["live"].control.timeout_s = 0.05
    assert "Live state is not available" in centre.of("admin").speak("en").page("/wallboard")


def test_health_for_monitoring(centre: Centre) -> None:
    looked_at = ("call_server", "switch", "journal", "crm", "flows", "disk")
    assert centre.browser().get("/health.json").json == {"ok": True, "checks": dict.fromkeys(looked_at, True)}
    centre.calls.answers["status"] = {**centre.calls.answers["status"], "alarms": {"journal": "disk full"}}
    answer = centre.browser().get("/health.json")
    assert (answer.status_code, answer.json["checks"]["journal"]) == (503, False)
    assert "disk full" not in answer.text
    assert "disk full" in centre.of("supervisor").page("/health")


def test_a_broken_flow_is_an_alarm_of_the_health(centre: Centre) -> None:
    said = "main.yml:3:8: error: there is no step no_start [unknown-step]"
    centre.calls.answers["status"] = {**centre.calls.answers["status"], "alarms": {"flows": said}}
    answer = centre.browser().get("/health.json")
    assert (answer.status_code, answer.json["checks"]["flows"]) == (503, False)
    page = centre.of("supervisor").page("/health")
    assert "流程与配置文件" in page and said in page


def test_every_answer_has_the_headers(centre: Centre) -> None:
    browser = centre.of("admin")
    for path in ("/wallboard", "/login", "/nowhere", "/static/hotline.css", furnished.RECORDING):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
    assert browser.get("/wallboard").headers["Cache-Control"] == "no-store"


def test_every_definition_card_is_opened_from_the_board(centre: Centre) -> None:
    page = centre.of("supervisor").page("/wallboard")
    cards = set(re.findall(r'id="(card-\w+)" popover', page))
    opens = set(re.findall(r'<button class="about" popovertarget="(card-\w+)"', page))
    assert len(cards) == 7 and opens == cards


def test_language_and_appearance_are_kept(centre: Centre) -> None:
    browser = centre.of("supervisor")
    assert "实时大屏" in browser.page("/wallboard")
    browser.speak("en")
    assert browser.post("/preferences", theme="dark", back="/queues").headers["Location"] == "/queues"
    text = browser.page("/queues")
    assert 'data-theme="dark"' in text
    assert 'lang="en"' in text
    browser.post("/preferences", theme="auto")
    assert "data-theme" not in browser.page("/queues")
    browser.post("/preferences", theme='"><script>', language="xx")
    assert "data-theme" not in browser.page("/queues")


def test_a_stranger_gets_the_browsers_language(centre: Centre) -> None:
    ask = centre.browser().get
    assert "Sign in" in ask("/login", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert "登录" in ask("/login", headers={"Accept-Language": "fr"}).text


def test_what_is_not_there_is_404_in_words(centre: Centre) -> None:
    browser = centre.of("admin").speak("en")
    for path in ("/nowhere", "/interactions/none", "/agents/9999", "/customers/999", "/users/99", "/flows/none",
                 "/customers/99999999999999", "/interactions/i-1/recordings/1"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "Page not found" in answer.text


def test_the_flow_page_shows_text_problems_and_graph(centre: Centre) -> None:
    from switch_app.cli.admin import _flow_of, _prompts

    config = centre.app.config["HOTLINE"]
    object.__setattr__(config, "flow_of", _flow_of)
    object.__setattr__(config, "prompts_of", lambda: _prompts(config.flows.parent / "sounds", 1))
    text = centre.of("supervisor").speak("en").page("/flows/main")
    page = Document(text)
    assert page.inline == []
    assert "step-main_menu" in page.ids
    assert 'href="#line-' in text
    assert text.count("no branch for no input") == 2  # in the list, and at its line
    assert ".flow" in centre.of("supervisor").page("/flows/graph.css")


def test_a_broken_queues_file_is_told(centre: Centre) -> None:
    conf = centre.folder / "conf"
    conf.mkdir()
    (conf / "queues.yml").write_text("sales: [")
    (conf / "numbers.yml").write_text("- just\n- a list\n")
    object.__setattr__(centre.app.config["HOTLINE"], "conf", conf)
    browser = centre.of("admin").speak("en")
    assert "can&#39;t be read" in browser.page("/queues")
    assert "can&#39;t be read" in browser.page("/numbers")
    assert "support" in browser.page("/interactions")


def test_a_queues_relaxation_is_told_in_words(centre: Centre) -> None:
    conf = centre.folder / "conf"
    conf.mkdir()
    relax = "relax: [{after_s: 60, needs: 'sales >= 2'}, {after_s: 90, needs: ''}]"
    (conf / "queues.yml").write_text(f"sales: {{{relax}}}\nodd: {{relax: {{a: 1}}}}\nodder: {{relax: 7}}\n")
    object.__setattr__(centre.app.config["HOTLINE"], "conf", conf)
    page = centre.of("admin").speak("en").page("/queues")
    assert "after 60 s: sales &gt;= 2" in page
    assert "after 90 s: only the queue&#39;s own needs" in page


def test_what_a_number_is_called_is_seen_beside_it(centre: Centre) -> None:
    """R5: the agent sees which campaign's number was dialled."""
    conf = centre.folder / "conf"
    conf.mkdir()
    numbers = "inbound: {4000: {flow: main, title: {zh: 春季活动, en: 'Spring <sale>'}}, 4001: main}\nagents: {}\n"
    (conf / "numbers.yml").write_text(numbers)
    object.__setattr__(centre.app.config["HOTLINE"], "conf", conf)
    assert "Spring &lt;sale&gt;" in centre.of("agent").speak("en").page("/desk")
    boss = centre.of("supervisor")
    assert "春季活动" in boss.page("/interactions/i-1") and "春季活动" in boss.page("/numbers")
    (conf / "numbers.yml").write_text("inbound: [1]\n")
    assert "春季活动" not in boss.page("/interactions/i-1")


def test_the_rule_and_the_service_level_of_a_tier_are_told(centre: Centre) -> None:
    conf = centre.folder / "conf"
    conf.mkdir()
    tiers = "tiers: {gold: {choice: best-skill, service_level_s: 10}, glod: {service_level_s: 5}, odd: 3}"
    (conf / "queues.yml").write_text(f"sales: {{{tiers}}}\nodder: {{tiers: [1]}}\n")
    object.__setattr__(centre.app.config["HOTLINE"], "conf", conf)
    browser = centre.of("admin").speak("en")
    page = " ".join(browser.page("/queues").split())
    assert "Gold: Agent choice best skill; Service level T (s) 10" in page
    assert 'glod <span class="bad">(there is no such tier)</span>: Service level T (s) 5' in page
    assert "Gold 50.0 % ≤10 s" in " ".join(browser.page("/wallboard").split())


def test_who_was_never_logged_in_was_not_logged_out_for_years(centre: Centre) -> None:
    page = centre.of("admin").speak("en").page("/interactions/i-1")
    assert "Not ready (Lunch) for 25:10" in page
    assert re.search(r">\s*Logged out\s*<", page)


def test_what_a_lasting_call_has_not_had_yet_is_a_dash(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    listed = browser.page("/interactions?text=i-2")
    assert re.findall(r'<td [^>]*class="num right">([^<]*)</td>', listed) == ["0:02", "–"]
    assert re.findall(r"<dt>(?:Waited|Talked)</dt><dd class=\"num\">([^<]*)</dd>", browser.page("/interactions/i-2")) == ["0:02", "–"]


def test_who_was_in_no_queue_did_not_wait_no_time_and_who_met_nobody_did_not_talk_none(centre: Centre) -> None:
    told = {"interaction": "self", "channel": "voice", "direction": "inbound", "leg": "l", "ani": "1", "name": "",
            "dnis": "4000", "flow": "main", "version": "1"}  # fmt: skip
    closed = {"outcome": "completed", "reason": "", "wait_s": 0.0, "talk_s": 0.0}
    waited = {"queue": "sales", "needs": "", "priority": 0, "waiting_since": 4e9}
    for id, facts in (("self", []), ("left", [("QueueEntered", waited)])):
        facts = [("InteractionOpened", {**told, "interaction": id}), *facts, ("InteractionClosed", closed)]
        place = 10_000 if id == "self" else 10_010
        entries = [Entry(place + n, f"interaction:{id}", 4e9, kind, data) for n, (kind, data) in enumerate(facts)]
        Projector(centre.db).apply(entries)
    browser = centre.of("supervisor").speak("en")
    for id, shown in (("self", ["–", "–"]), ("left", ["0:00", "–"])):
        page = browser.page(f"/interactions/{id}")
        assert re.findall(r"<dt>(?:Waited|Talked)</dt><dd class=\"num\">([^<]*)</dd>", page) == shown
        (line,) = csv.DictReader(browser.get(f"/interactions.csv?text={id}").text.removeprefix("\ufeff").splitlines())
        assert [line["Waited (s)"], line["Talked (s)"]] == ["" if each == "–" else "0.0" for each in shown]


def test_a_file_without_numbers_says_so(centre: Centre) -> None:
    conf = centre.folder / "conf"
    conf.mkdir()
    (conf / "numbers.yml").write_text("{}\n")
    object.__setattr__(centre.app.config["HOTLINE"], "conf", conf)
    assert "Nothing here yet" in centre.of("admin").speak("en").page("/numbers")


def test_agents_own_calls_are_in_the_list_only_when_asked_for(centre: Centre) -> None:
    opened = {"interaction": "keypad", "channel": "voice", "direction": "internal", "leg": "l", "ani": "1001", "name": "",
              "dnis": "*12", "flow": "agent_ready", "version": "1"}  # fmt: skip
    Projector(centre.db).apply([Entry(10_000, "interaction:keypad", 4e9, "InteractionOpened", opened)])
    browser = centre.of("supervisor").speak("en")
    assert "/interactions/keypad" not in browser.page("/interactions")
    assert "/interactions/keypad" in browser.page("/interactions?direction=internal")


@pytest.mark.parametrize(("language", "word"), [("zh", "保持"), ("en", "On hold")])
def test_an_agent_on_hold_is_shown_and_counts_as_talking(centre: Centre, language: str, word: str) -> None:
    """On the wallboard, the agents' page and the own desk; the timeline tells of it too."""
    live = floor()
    talking = sum(agent["state"] == "talking" for agent in live["agents"])
    for agent in live["agents"]:
        if agent["agent"] in ("1001", "1003"):
            agent["state"] = "held"
    centre.calls.answers["floor"] = live
    board = centre.of("supervisor").speak(language).page("/wallboard")
    assert board.count('class="state-held"') == 2 and word in board
    assert re.search(rf'<div class="tile "><p class="figure num">{talking}</p>', board)
    agents = centre.of("supervisor").speak(language).page("/agents")
    assert f'<span class="badge state-held">{word}</span>' in agents
    own = centre.of("agent").speak(language).page("/desk")
    assert f'<span class="badge state-held">{word}</span>' in own


def test_a_hold_is_told_in_the_timeline(centre: Centre) -> None:
    for kind, data in (
        ("CallHeld", {"offer": "o", "agent": "1003"}),
        ("CallResumed", {"offer": "o", "agent": "1003", "hold_s": 65.0}),
        ("ConversationEnded", {"offer": "o", "agent": "1003", "talk_s": 120.0, "by": "caller", "hold_s": 65.0}),
    ):
        with centre.app.test_request_context():
            text = text_of(kind, data)
            assert text != kind and "{" not in text
            assert kind == "CallHeld" or "1:05" in text
