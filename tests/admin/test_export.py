"""The list of interactions as a file for spreadsheets: the same rows, and nothing in it that runs."""

from __future__ import annotations

import csv
import io
import re

import pytest
from furnished import Entry
from visiting import Centre

from crm_lite.admin import csv_text
from crm_lite.store.projector import Projector
from crm_lite.store.queries.interactions import every_interaction, interaction_rows

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u3000=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201")


def table(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff") and text.count("\ufeff") == 1
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def ids(text: str) -> list[str]:
    return re.findall(r'href="/interactions/([^"?]+)"', text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert csv_text.cell(text) == f"'{text}"
    [[read]] = csv.reader(io.StringIO("".join(csv_text.lines([[text]])).removeprefix("\ufeff"), newline=""))
    assert read == f"'{text}"


def test_numbers_stay_numbers_and_what_is_harmless_stays_as_it_is() -> None:
    row = [-1.5, 0, None, "12000000001", 'a "quoted", 好\nline', "a=b", "\0x"]
    assert "".join(csv_text.lines([row])) == '\ufeff"-1.5","0","","12000000001","a ""quoted"", 好\nline","a=b","x"\r\n'


@pytest.mark.parametrize("query", ["", "?outcome=abandoned", "?queue=billing&agent=1003", "?text=周", "?direction=internal"])
def test_it_has_what_the_list_has_on_all_its_pages(centre: Centre, query: str) -> None:
    browser = centre.of("supervisor").speak("en")
    listed: list[str] = []
    for page in range(1, 4):
        listed += ids(browser.page(f"/interactions{query}{'&' if query else '?'}page={page}"))
    answer = browser.get(f"/interactions.csv{query}")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r"attachment; filename=interactions-\d{8}-\d{6}\.csv", answer.headers["Content-Disposition"])
    assert [row["ID"] for row in table(answer.text)] == listed
    assert f'href="/interactions.csv{query}"'.replace("&", "&amp;").replace("周", "%E5%91%A8") in browser.page(f"/interactions{query}")


def test_a_line_tells_all_in_the_persons_language(centre: Centre) -> None:
    row = table(centre.of("admin").speak("zh").get("/interactions.csv?text=i-1").text)[0]
    assert (row["编号"], row["客户"], row["等级"], row["队列"], row["结果"]) == ("i-1", "林晓燕", "金卡", "账单查询", "已接听")
    assert (row["等待（秒）"], row["通话（秒）"], row["小结"]) == ("11.8", "122.0", "已解决")
    assert row["显示名"] == "'=1+1<script>alert(1)</script>"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["开始 (Asia/Shanghai)"])
    lasting = table(centre.of("admin").speak("en").get("/interactions.csv?text=i-2").text)[0]
    assert (lasting["Outcome"], lasting["Ended (Asia/Shanghai)"], lasting["Waited (s)"], lasting["Talked (s)"]) == ("In progress", "", "2.0", "")


def test_it_is_sent_while_it_is_read_and_none_comes_twice_when_calls_begin_meanwhile(centre: Centre) -> None:
    before = [row["id"] for row in interaction_rows(centre.db, 1000)]
    found = every_interaction(centre.db, block=7)
    taken = [next(found)["id"] for _ in range(10)]
    opened = {"interaction": "new", "channel": "voice", "direction": "inbound", "leg": "l", "ani": "", "name": "",
              "dnis": "4000", "flow": "main", "version": "1"}  # fmt: skip
    Projector(centre.db).apply([Entry(10_000, "interaction:new", 4e9, "InteractionOpened", opened)])
    assert taken + [row["id"] for row in found] == before
    answer = centre.of("admin").get("/interactions.csv")
    assert answer.is_streamed and answer.content_length is None


def test_who_took_the_callers_numbers_is_on_record(centre: Centre) -> None:
    centre.of("supervisor").get("/interactions.csv?outcome=answered")
    page = centre.of("admin").speak("en").page("/audit")
    assert "Interactions exported" in page and "Outcome: <bdi>Answered</bdi>" in page and "lena" in page
