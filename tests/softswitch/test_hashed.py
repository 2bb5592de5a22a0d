"""The application and command `hash` as mod_hash.c has them, as far as the dialplan needs them."""

from __future__ import annotations

import pytest

from switch_app.softswitch import hashed


def test_texts_are_kept_by_realm_and_key() -> None:
    texts: dict[str, str] = {}
    assert hashed.carry_out(texts, "insert/calls/leg/a/b|c") == "+OK\n"
    assert hashed.carry_out(texts, "INSERT/other/leg/d") == "+OK\n"
    assert hashed.carry_out(texts, "select/calls/leg") == "a/b|c"
    assert hashed.dump(texts, "calls") == "D/calls_leg/a/b|c\n"
    assert hashed.dump(texts, "") == "D/calls_leg/a/b|c\nD/other_leg/d\n"
    assert hashed.carry_out(texts, "delete/calls/leg") == "+OK\n"
    assert hashed.carry_out(texts, "delete/calls/leg") == "-ERR Not found\n"
    assert hashed.carry_out(texts, "select/calls/leg") == ""


@pytest.mark.parametrize("args", ["", "insert", "insert/calls/leg", "delete/calls", "empty/calls/leg/x"])
def test_other_deeds_are_none(args: str) -> None:
    texts = {"calls_leg": "kept"}
    assert hashed.carry_out(texts, args) is None
    assert texts == {"calls_leg": "kept"}
