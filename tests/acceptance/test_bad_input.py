"""Callers who do what nobody expects: each has a defined, logged outcome."""

from __future__ import annotations

import random
from pathlib import Path

import audio
import pytest
from centre import Centre, until
from rawsip import RawCaller
from talks import agent_at_work, dial_code, hear, take, wait_state, waiting

MOMENTS_S = (0.0, 0.05, 0.3, 1.0, 2.2, 4.0)
IDENTITIES = {
    "quotes": b'"Robert\\"); DROP TABLE interactions;--" <sip:1380001@x>',
    "apostrophe": b"\"O'Brien & <b>Sons</b>\" <sip:1380002@x>",
    "template": b'"${hangup_cause} {originate_timeout=1} [x=y]" <sip:1380003@x>',
    "escaped newline": b'"a%0AUnique-ID: forged%0D%0AReply-Text: +OK" <sip:1380004@x>',
    "folded header": b'"two\r\n lines" <sip:1380005@x>',
    "right to left": '"\u202eoof\u202c عربي עברית" <sip:1380006@x>'.encode(),
    "invalid UTF-8": b'"\xff\xfe\xc3\x28" <sip:1380007@x>',
    "Chinese": '"张三（客户）" <sip:1380008@x>'.encode(),
    "emoji": '"👨‍👩‍👧 \U0001f4a9" <sip:1380009@x>'.encode(),
    "controls": b'"\x01\x02\x1b[31mred\x07" <sip:1380010@x>',
    "8 KB": b'"' + b"A" * 8000 + b'" <sip:1380011@x>',
    "long number": b"<sip:" + b"9" * 500 + b"@x>",
    "no number": b"<sip:x.example>",
    "anonymous": b'"Anonymous" <sip:anonymous@anonymous.invalid>',
    "encoded user": b"<sip:%3Cscript%3E%27%0A@x>",
    "tel": b"<tel:+8613800000001>",
    "parameters": b"<sip:1380012;phone-context=+86;x=%00@x;user=phone>",
    "empty name": b'"" <sip:1380013@x>',
    "comma": b'"a,b;c" <sip:1380014,1@x>',
    "traversal": b"<sip:..%2F..%2Fetc%2Fpasswd@x>",
}


def opened(centre: Centre) -> int:
    return len(centre.ask("interactions", "--limit", "1000"))


def all_closed(centre: Centre) -> bool:
    return all(each["closed_at"] for each in centre.ask("interactions", "--limit", "1000"))


@pytest.mark.parametrize("name", IDENTITIES)
def test_caller_ids(centre: Centre, name: str) -> None:
    """Served, or refused by the switch with a 4xx when it is no SIP; never half a call."""
    before = opened(centre)
    with RawCaller(centre.sip, IDENTITIES[name]) as caller:
        caller.invite()
        code = caller.wait_answer()
        assert code == 200 or 400 <= code < 500 or (code == 0 and name in ("8 KB", "no number")), code
        if code == 200:
            assert caller.hears()
    until(lambda: opened(centre) == before + (code == 200), 5, "one interaction", 0.2)
    until(lambda: all_closed(centre), 10, "it is closed", 0.2)
    centre.hotline("interactions")  # a terminal survives it
    assert "\x1b" not in centre.hotline("interactions") and "\x1b" not in centre.logs(1000)


def test_a_strange_caller_id_reaches_the_agent_s_phone(centre: Centre) -> None:
    agent = agent_at_work(centre, "1001")
    with RawCaller(centre.sip, b'"x\\",{y=z}\' ${uuid} " <sip:1380020@x>', "4100") as caller:
        caller.invite()
        assert caller.wait_answer() == 200
        caller.press("1")
        assert "1380020" in take(agent)
        wait_state(centre, "1001", "talking")
        assert caller.hears()
        agent.hangup()
        assert caller.wait_gone(15)


@pytest.mark.parametrize("moment_s", MOMENTS_S)
def test_hang_up_at_any_moment(centre: Centre, moment_s: float) -> None:
    rng = random.Random(moment_s)
    number = f"139{rng.randrange(10**8):08d}"
    with RawCaller(centre.sip, b"<sip:%s@x>" % number.encode()) as caller:
        caller.invite()
        if moment_s:
            caller.wait_answer()
            caller.press("1")
            caller.heard(moment_s / 2)
            caller.press("1")
            caller.heard(moment_s / 2)
        elif not caller.wait_answer(0.01):
            caller.cancel()
    until(lambda: all_closed(centre), 15, "every interaction is closed", 0.2)
    assert waiting(centre) == []


def test_200_digits(centre: Centre) -> None:
    """As fast as they come, in a prompt, in the queue."""
    with RawCaller(centre.sip, b"<sip:1380030@x>") as caller:
        caller.invite()
        assert caller.wait_answer() == 200
        for n in range(200):
            caller.press("0123456789*#"[n % 12], pause_s=0.01)
        caller.heard(1.0)
    until(lambda: all_closed(centre), 15, "closed", 0.2)


def test_an_unknown_number_is_answered_politely_and_reaches_the_operator(centre: Centre, tmp_path: Path) -> None:
    agent = agent_at_work(centre, "1001")
    caller = centre.caller("13800000201")
    caller.call("4711")
    caller.wait_for("confirmed")
    assert not audio.is_silent(hear(caller, tmp_path / "sorry.wav", 2))
    assert "13800000201" in take(agent, 30)
    wait_state(centre, "1001", "talking")
    agent.hangup()
    history = centre.closed("13800000201", 15)
    assert history["queue"] == "operator" and history["to"] == "4711"


def test_a_caller_reaches_no_extension_and_no_code(centre: Centre) -> None:
    phone = agent_at_work(centre, "1001")
    phone.skip()
    for target in ("1001", "*11", "*12", "recover"):
        with RawCaller(centre.sip, b"<sip:1001@x>", target) as caller:
            caller.invite()
            code = caller.wait_answer(3)
            if code == 200:
                caller.heard(1.0)
    assert not phone.seen("incoming")
    assert centre.agent_state("1001")["state"] == "ready"


@pytest.mark.parametrize("dialled", ["*99", "4711"])
def test_what_leads_nowhere_from_an_agents_phone(centre: Centre, dialled: str) -> None:
    """A word and the end: no customer, no queue."""
    dial_code(centre.agent("1001"), dialled)
    history = centre.closed("1001")
    assert (history["direction"], history["outcome"], history["to"]) == ("internal", "completed", dialled)
    assert history["queue"] is None
