"""Registrations that outlive the process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.softswitch.loop import Loop
from switch_app.softswitch.sip.kept import KeptBindings
from switch_app.softswitch.sip.registrar import Binding, Registrar


def binding(user: str = "1001", for_s: float = 60.0, contact: str = "sip:1001@10.0.0.9:5070") -> Binding:
    return Binding(user, contact, ("10.0.0.9", 5070), "call-1", 7, 'Phone "X"\u202e', 60, monotonic() + for_s)


def kept(path: Path, *bindings: Binding) -> KeptBindings:
    return KeptBindings(Loop(), path, lambda: list(bindings))


def test_what_is_saved_is_loaded_by_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "registrations.json"
    old = replace(binding(), path=("sip:10.0.0.1;lr", "sip:10.0.0.2;lr"))
    kept(path, old, binding("1002", -1.0)).save()
    (found,) = kept(path).load()
    assert abs(found.until - old.until) < 1.0
    found.until = old.until
    assert found == old
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_restored_phone_is_known_and_refreshes(tmp_path: Path) -> None:
    told: list[str] = []
    registrar = Registrar(Loop(), 30, 3600, lambda kind, binding: told.append(kind))
    registrar.restore([binding()])
    assert [each.contact for each in registrar.bindings("1001")] == ["sip:1001@10.0.0.9:5070"] and told == []


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "[1]", "[{}]", '[{"source": ["x", 1]}]', "null", "\xff"],
)
def test_a_broken_file_costs_a_line_in_the_log(tmp_path: Path, text: str) -> None:
    path = tmp_path / "registrations.json"
    path.write_text(text, encoding="latin-1")
    assert kept(path).load() == []


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["user", "contact", "source", "call_id", "cseq", "agent", "expires_s", "expires_at", "path", "x"]), inner)))  # fmt: skip
def test_any_json_is_read_or_left(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    assert kept(path).load() == []


def test_a_folder_that_is_not_there_ends_nothing(tmp_path: Path) -> None:
    kept(tmp_path / "no" / "registrations.json", binding()).save()


def test_many_changes_are_written_once(tmp_path: Path) -> None:
    loop, saved = Loop(), []
    keeper = KeptBindings(loop, tmp_path / "registrations.json", lambda: saved.append(1) or [binding()])
    for _ in range(100):
        keeper.changed()
    loop.later(0.5, loop.stop)
    loop.run()
    assert saved == [1]
