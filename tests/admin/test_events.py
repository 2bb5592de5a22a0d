"""Server-sent events: a part comes again when its mark has changed, and a silent stream is heard."""

from __future__ import annotations

from itertools import islice

import pytest
from visiting import Centre

from crm_lite.admin import events
from crm_lite.store.tables import Login


def test_a_changed_mark_is_rendered_at_once_and_an_unchanged_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVERY_S", 1e9)
    monkeypatch.setattr(events, "LOOK_S", 0.0)
    marks = iter(["ready", "ready", "offered", "offered", "talking"])
    now = {"mark": "", "rendered": 0}

    def mark() -> str:
        now["mark"] = next(marks, "over")
        return str(now["mark"])

    def render() -> str:
        now["rendered"] += 1
        return f"<p>{now['mark']}</p>"

    told = list(islice(events._events(render, mark), 5))
    parts = ["retry: 2000\n\n", *(f"event: part\ndata: <p>{name}</p>\n\n" for name in ("ready", "offered", "talking"))]
    assert told[:4] == parts
    assert now["rendered"] == 4  # "over" is the fourth


def test_a_stream_with_nothing_new_is_heard_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVERY_S", 0.0)
    monkeypatch.setattr(events, "ALIVE_S", 0.0)
    told = list(islice(events._events(lambda: "same", None), 4))
    assert told == ["retry: 2000\n\n", "event: part\ndata: same\n\n", *["event: alive\ndata: 1\n\n"] * 2]


def test_a_stream_ends_with_the_login(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVERY_S", "LOOK_S", "LOGIN_S", "ALIVE_S"):
        monkeypatch.setattr(events, name, 0.0)
    browser = centre.of("supervisor")
    stream = browser.get("/wallboard/events").iter_encoded()
    assert b"retry" in next(stream) and b"event: part" in next(stream) and next(stream)
    centre.db.write(lambda: Login.delete().execute())
    assert len(list(islice(stream, 10))) <= 1
