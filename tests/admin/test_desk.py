"""The desk keeps what an agent writes, and shows whom it is about until the wrap-up is over."""

from __future__ import annotations

import re
import threading
import time
from typing import Any

import pytest
from call_server import floor
from furnished import Entry
from visiting import Centre

from crm_lite.store.projector import Projector

NOTE = "客户要求回电 <b>"


def wrapping_up(id: str) -> dict[str, Any]:
    """The floor when agent 1001 writes down what came of a call that has ended."""
    told = floor()
    told["agents"][0].update(state="wrap_up", interaction=id, until=told["agents"][0]["since"] + 400.0)
    return {**told, "calls": []}


def form_of(text: str) -> str:
    found = re.search(r'<form[^>]*id="disposition".*?</form>', text, re.S)
    assert found
    return found[0]


def test_during_the_wrap_up_the_customer_is_still_there(centre: Centre) -> None:
    centre.calls.answers["floor"] = wrapping_up("m-00")
    text = centre.of("agent").speak("en").page("/desk")
    assert "The call that has ended" in text
    assert "周建国" in text
    assert "12000000003" in text
    assert re.search(r"ends in \d+:\d\d", text)
    assert 'data-interaction="m-00"' in form_of(text)


def test_the_call_at_hand_is_not_among_the_last_ones(centre: Centre) -> None:
    browser = centre.of("agent")
    assert "/interactions/m-40" in last_ones(browser.page("/customers/3"))
    centre.calls.answers["floor"] = wrapping_up("m-40")
    rows = last_ones(browser.page("/desk"))
    assert "/interactions/m-40" not in rows
    assert rows.count("<tr>") == 1 + 4


def last_ones(text: str) -> str:
    return text[text.index("最近联络") :].split("</table>")[0]


@pytest.mark.parametrize(
    ("answer", "status"), [(("unknown_interaction", "gone"), 409), (("brand_new", "<i>never heard of</i>"), 409)]
)
def test_a_disposition_that_is_refused_stays_in_the_form(
    centre: Centre, answer: tuple[str, str], status: int
) -> None:
    centre.calls.answers["disposition"] = answer
    sent = centre.of("agent").post("/desk/disposition", interaction="i-talk", code="follow_up", note=NOTE)
    assert sent.status_code == status
    assert "没有保存" in sent.text
    kept(sent.text)


def test_a_disposition_while_the_call_server_is_down_stays_in_the_form(centre: Centre) -> None:
    browser = centre.of("agent")
    mine = re.search(r"/interactions/(m-\d+)", browser.page("/interactions"))
    assert mine
    centre.calls.close()
    (centre.folder / "control.sock").unlink()
    sent = browser.post("/desk/disposition", interaction=mine[1], code="follow_up", note=NOTE)
    assert sent.status_code == 503
    assert "没有保存" in sent.text
    kept(sent.text)


@pytest.mark.parametrize(("code", "note"), [("", NOTE), ("nonsense", NOTE), ("solved", "x" * 4001)])
def test_a_mistake_in_a_disposition_is_marked_and_loses_nothing(centre: Centre, code: str, note: str) -> None:
    sent = centre.of("agent").post("/desk/disposition", interaction="i-talk", code=code, note=note)
    assert sent.status_code == 422
    assert 'class="mistake"' in sent.text
    assert note.replace("<", "&lt;").replace(">", "&gt;") in form_of(sent.text)


def kept(text: str) -> None:
    form = form_of(text)
    assert "客户要求回电 &lt;b&gt;</textarea>" in form
    assert re.search(r'value="follow_up" required checked', form)
    assert 'data-fresh="0"' in form


def test_an_earlier_call_of_ones_own_can_be_turned_back_to(centre: Centre) -> None:
    browser = centre.of("agent")
    mine = re.findall(r"/interactions/(m-\d+)", browser.page("/interactions"))
    assert len(mine) > 1
    assert f'data-interaction="{mine[-1]}"' in form_of(browser.page(f"/desk?about={mine[-1]}"))
    for other in ("i-1", "none", "' OR 1=1"):
        assert 'data-interaction="i-talk"' in form_of(browser.page(f"/desk?about={other}"))


def test_the_page_after_a_save_tells_the_tab_once_what_was_saved(centre: Centre) -> None:
    browser = centre.of("agent")
    assert browser.post("/desk/disposition", interaction="i-talk", code="solved", note=NOTE).status_code == 303
    assert 'data-saved="i-talk"' in browser.page("/desk")
    assert 'data-saved=""' in browser.page("/desk")


def test_the_page_after_a_save_waits_for_the_rows(centre: Centre) -> None:
    def written() -> None:
        deadline = time.monotonic() + 5
        while not centre.calls.told and time.monotonic() < deadline:
            time.sleep(0.005)  # the projector's turn comes after the call server's
        data = {"agent": "1001", "code": "solved", "note": NOTE}
        entry = Entry(9000, f"interaction:{mine[1]}", time.time(), "DispositionSet", data)
        Projector(centre.db).apply([entry])

    browser = centre.of("agent")
    mine = re.search(r"/interactions/(m-\d+)", browser.page("/interactions"))
    assert mine
    late = threading.Thread(target=written)
    late.start()
    answer = browser.post("/desk/disposition", interaction=mine[1], code="solved", note=NOTE)
    saved = form_of(browser.page(f"/desk?about={mine[1]}"))
    late.join()
    assert answer.status_code == 303
    assert re.search(r'value="solved" required checked', saved)
    assert "客户要求回电" in saved
