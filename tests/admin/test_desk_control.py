"""R43: the desk and the pages of supervisors control calls through the switch."""

from __future__ import annotations

import pytest
from call_server import floor
from visiting import Centre


def test_an_agent_in_a_talk_passes_the_customer_on(centre: Centre) -> None:
    centre.calls.answers |= {"pass_on": {"facts": []}}
    browser = centre.of("agent").speak("en")
    text = browser.page("/desk")
    assert 'action="/desk/pass-on"' in text and '<option value="billing">Billing</option>' in text
    answer = browser.post("/desk/pass-on", interaction="i-talk", queue="billing")
    assert answer.status_code == 303
    assert centre.calls.told[-1] == ("pass_on", {"interaction": "i-talk", "agent": "1001", "queue": "billing"})
    assert "The customer now waits in: Billing." in browser.page("/desk")


@pytest.mark.parametrize("state", ["wrap_up", "offered", "ready", "logged_out"])
def test_who_does_not_talk_is_offered_no_control(centre: Centre, state: str) -> None:
    told = floor()
    told["agents"][0]["state"] = state
    centre.calls.answers["floor"] = told
    text = centre.of("agent").page("/desk")
    assert "/desk/pass-on" not in text and "/desk/hang-up" not in text


def test_a_queue_that_is_none_never_reaches_the_call_server(centre: Centre) -> None:
    answer = centre.of("agent").post("/desk/pass-on", interaction="i-talk", queue="nowhere")
    assert answer.status_code == 400 and not centre.calls.told


def test_an_agent_ends_the_own_talk(centre: Centre) -> None:
    centre.calls.answers |= {"hangup": {"facts": []}}
    assert centre.of("agent").post("/desk/hang-up", interaction="i-talk").status_code == 303
    assert centre.calls.told[-1] == ("hangup", {"interaction": "i-talk", "agent": "1001", "by": "otto"})


def test_a_call_that_is_over_meanwhile_is_told_in_words(centre: Centre) -> None:
    centre.calls.answers |= {"hangup": ("not_your_call", ""), "pass_on": ("not_your_call", "")}
    browser = centre.of("agent").speak("en")
    for path in ("/desk/hang-up", "/desk/pass-on"):
        answer = browser.post(path, interaction="i-talk", queue="sales")
        assert answer.status_code == 409 and "you are not in this call now" in answer.text


def test_a_supervisor_ends_a_call_in_progress_and_the_audit_log_says_so(centre: Centre) -> None:
    centre.calls.answers |= {"hangup": {"facts": []}}
    boss = centre.of("supervisor").speak("en")
    assert "End this call" in boss.page("/interactions/i-2")
    assert "End this call" not in boss.page("/interactions/i-1")  # over
    assert boss.post("/interactions/i-2/hang-up").status_code == 303
    assert centre.calls.told[-1] == ("hangup", {"interaction": "i-2", "by": "lena"})
    assert "Call ended" in centre.of("admin").speak("en").page("/audit")


def test_an_agent_cannot_end_the_calls_of_others(centre: Centre) -> None:
    assert centre.of("agent").post("/interactions/m-00/hang-up").status_code == 403
    assert not centre.calls.told
