"""Secrets: random, the owner's alone, made once."""

from __future__ import annotations

import os
import stat

import pytest

from switch_app import secrets_store
from switch_app.secrets_store import SecretsError, ensure, load


def test_they_are_made_once_and_for_the_owner_alone(tmp_path):
    path = tmp_path / "var" / "secrets.json"
    made = ensure(path, ["1001", "1002"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure(path, ["1001"]) == made == load(path)


def test_an_agent_that_comes_later_gets_its_own_and_the_others_keep_theirs(tmp_path):
    path = tmp_path / "secrets.json"
    first = ensure(path, ["1001"])
    then = ensure(path, ["1002"])
    assert then.agents["1001"] == first.agents["1001"] and then.flask_key == first.flask_key
    assert then.agents["1002"].sip_password != then.agents["1001"].sip_password
    assert load(path) == then


def test_whom_the_admin_adds_has_an_account_and_no_pin_that_would_not_work(tmp_path):
    path = tmp_path / "secrets.json"
    ensure(path, ["1001"])
    found = ensure(path, ["1001", "1050"], pins=False)
    assert len(found.agents["1001"].pin) == 6
    assert (len(found.agents["1050"].sip_password), found.agents["1050"].pin) == (20, "")


def test_no_two_copies_share_anything(tmp_path):
    numbers = secrets_store.SAMPLE_AGENTS + secrets_store.DEMO_AGENTS
    a, b = ensure(tmp_path / "a.json", numbers), ensure(tmp_path / "b.json", numbers)
    words = [
        word
        for each in (a, b)
        for word in (each.admin_password, each.esl_password, each.flask_key,
                     *(agent.sip_password for agent in each.agents.values()))
    ]  # fmt: skip
    assert len(set(words)) == len(words) == 2 * (3 + 40)
    assert min(map(len, words)) >= 16
    pins = [agent.pin for agent in (*a.agents.values(), *b.agents.values())]
    assert {len(pin) for pin in pins} == {6} and len(set(pins)) > 75


def test_pins_have_no_shape_that_people_try_first(monkeypatch):
    drawn = iter([111111, 123456, 987654, 901234, 271828])
    monkeypatch.setattr(secrets_store.secrets, "randbelow", lambda limit: next(drawn))
    assert secrets_store._pin() == "271828"


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "secrets.json"
    made = ensure(path, ["1001"])

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretsError, match="No space left on device. Remedy"):
        ensure(path, ["1002"])
    assert load(path) == made


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"agents": 1}', '{"agents": {}, "what": 1}'])
def test_damage_is_told_and_not_mended_by_new_ones(tmp_path, text):
    path = tmp_path / "secrets.json"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SecretsError, match="is damaged. Remedy"):
        ensure(path, ["1001"])
    assert path.read_text() == text
