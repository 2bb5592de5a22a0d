"""Lists sorted by their headings: on the server, at addresses that can be kept, told to who cannot see."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from call_server import floor
from visiting import Browser, Centre

from crm_lite.store.edits.users import save_user
from crm_lite.store.tables import Agent, Interaction

HEADINGS = {
    "/interactions": ["opened", "from", "to", "customer", "queue", "agent", "outcome", "waited", "talked"],
    "/customers": ["number", "name", "tier", "language"],
    "/agents": ["number", "name", "state", "for", "phone"],
    "/numbers": ["number", "flow", "language"],
    "/users": ["login", "name", "role", "agent", "active"],
    "/wallboard": ["queue", "waiting", "longest_wait", "ready", "talking", "answered", "abandoned", "service_level"],
}


def headings(page: str) -> list[tuple[str, str]]:
    """(aria-sort, where the heading leads) of each column that sorts."""
    found = re.findall(r'<th scope="col" class="by[^"]*"(?: aria-sort="(\w+)")?><a href="([^"]*)"', page)
    return [(way, unescape(to)) for way, to in found]


def column(page: str, label: str) -> list[str]:
    cells = re.findall(rf'<td data-label="{label}"[^>]*>(.*?)</td>', page, re.DOTALL)
    return [re.sub(r"<[^>]*>", "", cell).strip() for cell in cells]


@pytest.mark.parametrize("path", HEADINGS)
def test_each_heading_sorts_and_turns_and_says_so(centre: Centre, path: str) -> None:
    browser = centre.of("admin").speak("en")
    count = len(HEADINGS[path]) * (browser.page(path).count("<thead>") if path == "/numbers" else 1)
    assert len(headings(browser.page(path))) == count
    for place, name in enumerate(HEADINGS[path]):
        first = headings(browser.page(path))[place]
        once = browser.page(first[1])
        way, turned = headings(once)[place]
        assert way in ("ascending", "descending"), name
        assert [each[0] for each in headings(once)].count(way) == count // len(HEADINGS[path])
        again, back = headings(browser.page(turned))[place]
        assert {way, again} == {"ascending", "descending"}
        assert back == first[1] or first[0]  # the third click is the first


@pytest.mark.parametrize("path", [*HEADINGS, "/queues"])
@pytest.mark.parametrize("sort", ["nonsense", "-", "--opened", "opened;drop", "-name'", "", "\0"])
def test_nonsense_is_the_lists_own_order(centre: Centre, path: str, sort: str) -> None:
    browser = centre.of("admin")
    answer = browser.get(path, query_string={"sort": sort})
    assert answer.status_code == 200
    assert headings(answer.text) == headings(browser.page(path))


def test_the_lists_own_order_has_one_address(centre: Centre) -> None:
    browser = centre.of("supervisor")
    opened = dict(zip(HEADINGS["/interactions"], headings(browser.page("/interactions?sort=waited")), strict=True))
    assert opened["opened"] == ("", "/interactions")
    assert opened["waited"] == ("ascending", "/interactions?sort=-waited")


def test_filters_and_paging_keep_the_order_and_a_new_order_begins_at_the_first_page(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    page = browser.page("/interactions?sort=-waited&page=1&direction=inbound")
    assert '<input type="hidden" name="sort" value="-waited">' in page
    (after,) = re.findall(r'rel="next" href="([^"]*)"', page)
    assert set(unescape(after).split("?")[1].split("&")) == {"page=2", "direction=inbound", "sort=-waited"}
    assert "Next page" in page and "Older" not in page
    second = browser.page(unescape(after))
    waits = column(page, "Waited") + column(second, "Waited")
    assert len(waits) == 62 and waits == sorted(waits, key=seconds, reverse=True)
    assert all("page=" not in to and "direction=inbound" in to for _, to in headings(second))
    assert "Older" in browser.page("/interactions")


def seconds(text: str) -> int:
    minutes, _, rest = text.partition(":")
    return int(minutes) * 60 + int(rest) if rest else 0


@pytest.mark.parametrize(("sort", "label"), [("from", "From"), ("queue", "Queue"), ("agent", "Agent")])
@pytest.mark.parametrize("way", ["", "-"])
def test_who_has_nothing_there_is_last_both_ways(centre: Centre, sort: str, label: str, way: str) -> None:
    browser = centre.of("supervisor").speak("en")
    pages = [browser.page(f"/interactions?sort={way}{sort}&page={page}") for page in (1, 2)]
    cells = [cell for page in pages for cell in column(page, label)]
    there = [cell for cell in cells if cell not in ("–", "Anonymous")]
    assert there and len(there) < len(cells) and cells[: len(there)] == there
    raw = centre.db.read(lambda: [getattr(row, {"from": "ani"}.get(sort, sort)) for row in Interaction.select()])
    assert len(there) == sum(bool(value) for value in raw)
    if sort != "queue":  # its titles are another thing than its names
        assert there == sorted(there, reverse=bool(way))


def test_among_equals_the_newest_is_first(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    rows = re.findall(r'href="/interactions/([\w-]+)">([\d: -]+)</a>', browser.page("/interactions?sort=to"))
    assert [at for _, at in rows] == sorted((at for _, at in rows), reverse=True)


def test_customers_stand_by_how_their_names_are_spelt(centre: Centre) -> None:
    browser = centre.of("agent").speak("en")
    names = ["Grace Miller", "何志强", "林晓燕", "O'Brien & Sons", "孙丽华", "周建国"]  # g h l o s z
    assert [unescape(name) for name in column(browser.page("/customers"), "Name")] == names
    assert [unescape(name) for name in column(browser.page("/customers?sort=-name"), "Name")] == names[::-1]
    tiers = column(browser.page("/customers?sort=-tier"), "Tier")
    assert tiers == ["Gold"] * 2 + ["Silver"] * 2 + ["Bronze"] * 2
    leader = centre.of("supervisor").speak("en")
    by_customer = column(leader.page("/interactions?sort=customer"), "Customer")
    assert by_customer[0].startswith("林晓燕") and by_customer[1].startswith("周建国") and column(leader.page("/interactions?sort=customer&page=2"), "Customer")[-1] == "–"


def test_agents_stand_by_state_and_by_its_time(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    states = column(browser.page("/agents?sort=state"), "State now")
    assert states[0] == "Talking" and states[-1] in ("Logged out", "–")
    times = [seconds(each) for each in column(browser.page("/agents?sort=-for"), "For") if each]
    assert len(times) > 3 and times == sorted(times, reverse=True)
    centre.db.write(lambda: Agent.create(number="999", name="阿明"))
    assert column(browser.page("/agents"), "Number")[0] == "999"
    assert column(browser.page("/agents?sort=name"), "Number")[:2] == ["999", "1004"]  # A Ming, Alice


def test_queues_and_numbers_begin_as_their_file_has_them(centre: Centre) -> None:
    browser = centre.of("supervisor").speak("en")
    names = re.findall(r'<span class="faint mono">(\w+)</span></h2>', browser.page("/queues"))
    assert names[:4] == ["sales", "support", "billing", "operator"]
    sorted_names = re.findall(r'<span class="faint mono">(\w+)</span></h2>', browser.page("/queues?sort=queue"))
    assert sorted_names == sorted(names) and sorted_names != names
    board = re.findall(r'<th scope="row"><bdi>([^<]+)</bdi>', browser.page("/wallboard?sort=-queue"))
    assert board == sorted(board, reverse=True)


def test_the_live_board_keeps_the_order(centre: Centre) -> None:
    browser = centre.of("supervisor")
    assert 'data-live="/wallboard/events?sort=-waiting"' in browser.page("/wallboard?sort=-waiting")
    stream = browser.get("/wallboard/events?sort=-waiting", buffered=False)
    told = "".join(next(stream.iter_encoded()).decode() for _ in range(2))
    stream.close()
    assert re.search(r'aria-sort="descending"><a href="/wallboard\?sort=waiting"', told)


def test_users_are_sorted(centre: Centre) -> None:
    save_user(centre.db, "admin", None, {"login": "Bea", "name": "", "role": "supervisor", "agent": None,
                                         "active": False}, "open sesame bea")  # fmt: skip
    browser = centre.of("admin").speak("en")
    assert column(browser.page("/users"), "User name") == ["admin", "Bea", "lena", "otto"]
    assert column(browser.page("/users?sort=name"), "User name")[-1] == "Bea"
    assert column(browser.page("/users?sort=-active"), "User name")[-1] == "Bea"


def test_the_headings_are_reached_on_a_phone(centre: Centre) -> None:
    """Lists turn into cards there: the headings that sort stay, none of them is a link that cannot be seen."""
    css = (Path(centre.app.static_folder or "") / "hotline.css").read_text("utf-8")
    narrow = css[css.index("@media (max-width: 40rem)") :]
    assert ".cards thead th:not(.by) { position: absolute" in narrow
    assert ".cards thead { display: block; }" in narrow


def test_an_agent_sorts_the_own_calls_alone(centre: Centre) -> None:
    browser: Browser = centre.of("agent").speak("en")
    page = browser.page("/interactions?sort=customer")
    assert set(column(page, "Agent")) == {"1001"}


def test_who_waits_longest_is_first_on_the_board_and_nobody_is_left_out_unsaid(centre: Centre) -> None:
    live = floor()
    one = live["waiting"][0]
    live["waiting"] = [{**one, "interaction": f"w-{place}", "wait_s": float(place)} for place in range(53)]
    centre.calls.answers["floor"] = live
    page = centre.of("supervisor").speak("en").page("/wallboard")
    shown = re.findall(r'href="/interactions/w-(\d+)"', page)
    assert shown == [str(place) for place in range(52, 2, -1)]
    assert "3 more are waiting" in page
