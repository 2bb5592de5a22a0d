"""Whatever a caller, a customer or a file puts into a text stays text."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import furnished
import pytest
from call_server import floor
from visiting import Centre

from crm_lite.store.projector import Projector
from crm_lite.store.tables import Customer, Interaction

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe\u2066",
    "a\r\nSet-Cookie: x=y",
    "\ud800\udfff\0",
    "x" * 8192,
    "%s%n{0}{name}{__class__}",
]


class Marks(HTMLParser):
    """Finds what would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        if tag == "script" and not (found.get("src") or "").startswith("/static/"):
            self.bad.append("script")
        self.bad += [name for name in found if name.startswith("on")]
        self.bad += [f"{name}={value}" for name, value in found.items()
                     if name in ("href", "src", "action") and (value or "").strip().lower().startswith("javascript")]  # fmt: skip


def interaction(centre: Centre, text: str) -> None:
    def entry(position: int, kind: str, **data: Any) -> furnished.Entry:
        return furnished.Entry(position, "interaction:bad", time.time(), kind, data)

    customer = {"id": 1, "number": text, "name": text, "tier": text}
    why = {"chosen": text, "choice": text, "needs": text, "candidates": [{"agent": text, text: 1}],
           "passed": [{"agent": text, "because": text}, {"agent": "1", "because": "skill", "lacks": [{"skill": text, "has": None}]}],
           "counts": {text: 1}, "whole": False}  # fmt: skip
    Projector(centre.db).apply([
        entry(900, "InteractionOpened", interaction="bad", channel=text, direction=text, leg=text, ani=text, name=text,
              dnis=text, flow=text, version=text),
        entry(901, "CustomerIdentified", customer=customer, by=text),
        entry(902, "QueueEntered", queue=text, needs=text, priority=1, waiting_since=0.0),
        entry(903, "WorkOffered", interaction="bad", offer=text, agent=text, contact=text, queue=text, ring_s=1.0, why=why),
        entry(904, text[:60], anything=text),
        entry(905, "VariableSet", name=text, value={"deep": [text]}),
        entry(906, "RecordingKept", path=text, what=text, duration_s=1.0),
        entry(907, "DispositionSet", agent=text, code=text, note=text),
        entry(908, "InteractionClosed", outcome=text, reason=text, wait_s=0.0, talk_s=0.0),
    ])  # fmt: skip


@pytest.mark.parametrize("text", XSS)
def test_a_hostile_interaction_is_shown_as_text(centre: Centre, text: str) -> None:
    interaction(centre, text)
    for language in ("zh", "en"):
        browser = centre.of("admin").speak(language)
        for path in ("/interactions", "/interactions/bad", "/interactions/bad?all=1"):
            page = browser.page(path)
            assert Marks(page).bad == [], path
            assert "49" not in page or "{{ 7*7 }}" in page or text != "{{ 7*7 }}{% raw %}"


@pytest.mark.parametrize("text", [text for text in XSS if "\ud800" not in text])
def test_a_hostile_floor_is_shown_as_text(centre: Centre, text: str) -> None:
    live = floor()
    for queue in live["queues"]:
        queue.update(name=text, title={"zh": text, "en": text})
    for agent in live["agents"]:
        agent.update(name=text, reason=text, state="not_ready" if agent["agent"] == "1001" else text)
    for item in live["waiting"]:
        item.update(ani=text, queue=text, interaction=text)
    for call in live["calls"]:
        call.update(ani=text, name=text, queue=text, language=text, collected={text: text, "list": [text]})
    centre.calls.answers["floor"] = live
    problem = {
        "rule": text,
        "message": text,
        "file": text,
        "line": 1,
        "column": 1,
        "hint": text,
        "severity": text,
    }
    centre.calls.answers["flows"] = {
        "flows": [{"name": "main", "version": text, "file": text, "title": {"zh": text, "en": text}}], "problems": [problem]
    }  # fmt: skip
    centre.calls.answers["status"] = {"up_s": 1, text: text, "alarms": {text: text}}
    for path in ("/wallboard", "/agents", "/queues", "/flows", "/numbers", "/health"):
        assert Marks(centre.of("admin").page(path)).bad == [], path
    assert Marks(centre.of("agent").page("/desk")).bad == []


@pytest.mark.parametrize("text", [text for text in XSS if "\ud800" not in text])
def test_a_hostile_customer_is_shown_as_text(centre: Centre, text: str) -> None:
    form = {
        "name": text[:200],
        "tier": "gold",
        "language": "zh",
        "note": text[:4000],
        "numbers": "",
        "csrf": text,
    }
    browser = centre.of("admin")
    where = browser.post("/customers/new", **form).headers["Location"]
    for path in (where, f"{where}/edit", "/customers", f"/customers?text={quote(text[:90])}", "/audit"):
        assert Marks(browser.page(path)).bad == [], path


SQL = ["' OR '1'='1", "'; DROP TABLE interactions; --", '" OR ""="', "%' UNION SELECT password_hash FROM users --",
       "\\", "%", "_", "*", "[a-z]", "\0", "\udcff", "😀", "0x41", "1;1"]  # fmt: skip


@pytest.mark.parametrize("text", SQL)
def test_sql_in_a_search_finds_nothing_and_does_nothing(centre: Centre, text: str) -> None:
    browser = centre.of("admin")
    counts = centre.db.read(lambda: (Interaction.select().count(), Customer.select().count()))
    for path in ("/interactions", "/customers"):
        for field in ("text", "queue", "agent", "outcome", "direction", "day", "page"):
            asked = {field: text.encode("utf-8", "surrogatepass")}
            answer = browser.get(path, query_string=asked)
            assert answer.status_code == 200, (path, field)
            assert "argon2" not in answer.text
    assert browser.get("/interactions/" + quote(text, errors="surrogatepass")).status_code == 404
    assert centre.db.read(lambda: (Interaction.select().count(), Customer.select().count())) == counts
    assert "12000000004" not in browser.get("/interactions", query_string={"queue": "' OR '1'='1"}).text


@pytest.mark.parametrize("path", ["/flows/..%2f..%2fconf%2fhotline", "/flows/%2e%2e", "/flows/main.yml%00", "/flows/~root", "/static/../app.py",
                                  "/static/%2e%2e/%2e%2e/app.py"])  # fmt: skip
def test_no_file_outside_is_served(centre: Centre, path: str) -> None:
    assert centre.of("admin").get(path).status_code == 404


def test_a_flows_file_that_the_call_server_names_stays_in_the_folder(centre: Centre) -> None:
    flows = [{"name": "x", "version": "1", "file": "/etc/passwd", "title": {}},
             {"name": "y", "version": "1", "file": "../conf/hotline.yml", "title": {}}]  # fmt: skip
    centre.calls.answers["flows"] = {"flows": flows, "problems": []}
    browser = centre.of("admin")
    assert [browser.get(f"/flows/{name}").status_code for name in "xy"] == [404, 404]


@pytest.mark.parametrize(
    "path",
    [
        "../crm.db",
        "/etc/passwd",
        "crm.db",
        "recordings/../../x.wav",
        "secrets.json",
        "recordings/none.wav",
        "",
    ],
)
def test_only_sound_below_var_is_played(centre: Centre, path: str) -> None:
    (centre.folder.parent / "x.wav").write_bytes(b"RIFF")
    entry = furnished.Entry(
        950,
        "interaction:i-2",
        time.time(),
        "RecordingKept",
        {"path": path, "what": "conversation", "duration_s": 1.0},
    )
    Projector(centre.db).apply([entry])
    assert centre.of("admin").get("/interactions/i-2/recordings/950").status_code == 404


def test_a_form_that_is_too_large_is_refused(centre: Centre) -> None:
    assert centre.of("admin").post("/customers/new", note="x" * 300_000).status_code == 413


def test_an_agent_sees_the_own_interactions_only(centre: Centre) -> None:
    browser = centre.of("agent")
    assert browser.get("/interactions/i-1").status_code == 404
    assert browser.get(furnished.RECORDING).status_code == 404
    text = browser.get("/interactions?agent=1003").text
    assert "i-1" not in text
    assert 'href="/interactions/m-00"' in text
    assert browser.page("/interactions/m-00")


def test_a_reflected_search_is_text(centre: Centre) -> None:
    for text in XSS[:6]:
        page = (
            centre.of("admin")
            .get("/interactions", query_string={"text": text, "day": text, "outcome": text})
            .text
        )
        assert Marks(page).bad == []
    page = centre.browser().get("/login", query_string={"to": '"><script>alert(1)</script>'}).text
    assert Marks(page).bad == []
