"""Every form that asks the call server, with nobody there or one that says no: told in words, in both languages."""

from __future__ import annotations

import pytest
from visiting import Centre

FORMS = [
    ("agent", "/desk/presence", {"state": "ready"}),
    ("agent", "/desk/pass-on", {"interaction": "i-talk", "queue": "sales"}),
    ("agent", "/desk/hang-up", {"interaction": "i-talk"}),
    ("agent", "/desk/disposition", {"interaction": "m-00", "code": "solved", "note": "kept <here>"}),
    ("supervisor", "/agents/1001/presence", {"state": "logged_out"}),
    ("supervisor", "/interactions/i-2/hang-up", {}),
    ("supervisor", "/flows/reload", {}),
    ("supervisor", "/flows/greeting", {"slot": "main", "action": "clear"}),
    ("supervisor", "/flows/greeting", {"slot": "main", "until": "2031-01-02T03:04", "text_en": "Closed"}),
]
COMMANDS = ("presence", "pass_on", "hangup", "disposition", "reload", "greeting")
GONE = {"zh": "呼叫服务器没有应答", "en": "The call server does not answer"}
BUG = {"zh": "呼叫服务器内部错误，详见日志", "en": "an error in the call server; its log tells more"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "path", "form"), FORMS, ids=[path for _, path, _ in FORMS])
def test_nobody_there(centre: Centre, role: str, path: str, form: dict[str, str], language: str) -> None:
    browser = centre.of(role).speak(language)
    centre.calls.close()
    (centre.folder / "control.sock").unlink()
    answer = browser.post(path, **form)
    assert answer.status_code == 503
    assert GONE[language] in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("role", "path", "form"), FORMS, ids=[path for _, path, _ in FORMS])
def test_somebody_who_says_no(centre: Centre, role: str, path: str, form: dict[str, str], language: str) -> None:
    browser = centre.of(role).speak(language)
    centre.calls.answers |= dict.fromkeys(COMMANDS, ("internal_error", "KeyError: <b>"))
    answer = browser.post(path, **form)
    assert answer.status_code == 409
    assert BUG[language] in answer.text
    assert "<b>" not in answer.text
