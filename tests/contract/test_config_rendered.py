"""The rendered configuration: what outsiders can reach, and what keeps their calls safe."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from switch_app.softswitch.dialplan.routes import load_dialplan
from switch_app.switches.config import Plan, Trunk, inbound_pattern, render_dialplan, render_freeswitch

ROOT = Path(__file__).resolve().parents[2]
TRUNK = Trunk("carrier", "sip.example.com", password='p"<&')
PLAN = Plan("127.0.0.1", {"1001": "secret"}, ("127.0.0.1:8084",), ("4000", "4001"), trunks=(TRUNK,))


def test_everything_is_well_formed_and_for_its_owner_alone(tmp_path: Path) -> None:
    render_freeswitch(PLAN, ROOT, tmp_path)
    files = list(tmp_path.rglob("*.xml"))
    assert len(files) >= 8
    for file in files:
        ElementTree.parse(file)
        assert file.stat().st_mode & 0o077 == 0, file


@pytest.mark.parametrize(
    ("dialled", "let_in"),
    [("4000", True), ("5555", True), ("1001", False), ("*11", False), ("0123abc", False), ("4", False)],
)
def test_outsiders_reach_numbers_and_nothing_else(dialled: str, let_in: bool) -> None:
    assert bool(re.match(inbound_pattern(PLAN), dialled)) is let_in


def application_of(folder: Path, context: str, dialled: str, caller: str) -> str:
    """The first application that the rendered dialplan finds: where a call goes."""
    fields = {"destination_number": dialled, "caller_id_number": caller}
    route = load_dialplan(folder / "dialplan", {}).hunt(context, lambda name: fields.get(name, ""))
    if route is None:
        return "nothing"
    contexts = [word for each in route.actions for word in each.data.split() if word.startswith("hotline_context=")]
    return contexts[0] if contexts else f"{route.actions[0].application} {route.actions[0].data}"


@pytest.mark.parametrize(
    ("context", "dialled", "caller", "goes"),
    [
        ("inbound", "4000", "13800000001", "hotline_context=inbound"),
        ("inbound", "4000", "1001", "hotline_context=inbound"),
        ("inbound", "4711", "13800000001", "hotline_context=inbound"),
        ("inbound", "4711", "1001", "respond 407"),
        ("inbound", "*11", "1001", "respond 407"),
        ("agents", "*11", "1001", "hotline_context=agents"),
        ("agents", "*99", "1001", "hotline_context=agents"),
        ("agents", "4711", "1001", "hotline_context=agents"),
        ("agents", "4000", "1001", "hotline_context=inbound"),
        ("agents", "013800000001", "1001", "set hangup_after_bridge=true"),
        ("agents", "${x} y=1", "1001", "nothing"),
    ],
)
def test_who_gets_where(tmp_path: Path, context: str, dialled: str, caller: str, goes: str) -> None:
    render_dialplan(PLAN, ROOT, tmp_path)
    assert application_of(tmp_path, context, dialled, caller) == goes


def test_a_way_out_that_failed_is_not_spoken_of_as_an_unknown_code(tmp_path: Path) -> None:
    render_dialplan(PLAN, ROOT, tmp_path)
    fields = {"destination_number": "013800000001"}
    route = load_dialplan(tmp_path / "dialplan", {}).hunt("agents", lambda name: fields.get(name, ""))
    assert route and [each.application for each in route.actions][-1] == "bridge"


def test_without_a_default_only_the_named_numbers() -> None:
    named = Plan("127.0.0.1", {"1001": "s"}, ("127.0.0.1:1",), ("4000",), takes_any=False)
    assert re.match(inbound_pattern(named), "4000") and not re.match(inbound_pattern(named), "4002")


def test_no_way_out_of_the_context_for_outsiders(tmp_path: Path) -> None:
    render_dialplan(PLAN, ROOT, tmp_path)
    text = (tmp_path / "dialplan" / "inbound.xml").read_text()
    assert "bridge" not in text and "gateway" not in text
    assert "force_transfer_context=inbound" in text, "a REFER must not lead out (switch_ivr.c)"


def test_a_refer_of_the_other_side_of_a_way_out_leads_nowhere(tmp_path: Path) -> None:
    render_dialplan(PLAN, ROOT, tmp_path)
    fields = {"destination_number": "013800000001"}
    route = load_dialplan(tmp_path / "dialplan", {}).hunt("agents", lambda name: fields.get(name, ""))
    assert route and "force_transfer_context=closed" in [each.data for each in route.actions]
    assert application_of(tmp_path, "closed", "013800000001", "") == "hangup NORMAL_CLEARING"


@pytest.mark.parametrize("word", ["socket_resume=true", "max_session_transfers=1000000", "interaction_id=${uuid}"])
def test_a_call_survives_the_application(tmp_path: Path, word: str) -> None:
    render_dialplan(PLAN, ROOT, tmp_path)
    assert word in (tmp_path / "dialplan" / "inbound.xml").read_text()
    route = load_dialplan(tmp_path / "dialplan", {})
    ways = {}
    for name in ("recover", "away"):
        found = route.hunt("recover", lambda field, name=name: name if field == "destination_number" else "")
        assert found
        ways[name] = [(each.application, each.data) for each in found.actions]
    assert [each[0] for each in ways["recover"]] == ["set", "socket", "transfer"], "whoever is there comes first"
    assert ways["recover"][-1][1] == "away XML recover"
    assert [each[0] for each in ways["away"]] == ["hash", "answer", "playback", "transfer"]
    assert ways["away"][-1][1] == "recover XML recover", "round and round, with music in between"


def test_no_digit_reaches_freeswitch_s_log(tmp_path: Path) -> None:
    """RECV DTMF is written at info (switch_channel.c)."""
    render_freeswitch(PLAN, ROOT, tmp_path)
    core = (tmp_path / "autoload_configs" / "core.conf.xml").read_text()
    assert "info" not in core.replace("informational", "")
