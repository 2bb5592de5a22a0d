"""Dialplan XML, variables in arguments, dial strings, subscriptions, settings, log lines, the loop."""

from __future__ import annotations

import logging
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch_app.softswitch.call.dialstring import DialStringError, parse, separate
from switch_app.softswitch.config import ConfigError, from_mapping
from switch_app.softswitch.control.connection import Connection
from switch_app.softswitch.control.events import Bus, Event
from switch_app.softswitch.control.subscription import Subscription
from switch_app.softswitch.dialplan.directory import load_users
from switch_app.softswitch.dialplan.expand import expand
from switch_app.softswitch.dialplan.preprocess import load_globals
from switch_app.softswitch.dialplan.routes import Dialplan, load_dialplan
from switch_app.softswitch.log import OneLine, Throttled
from switch_app.softswitch.loop import Loop
from switch_app.softswitch.tasks import Future, Task, first, sleep
from switch_app.softswitch.truth import is_true

# --- ${variables} --------------------------------------------------------------------------------------

KNOWN = {"a": "one", "b": "${a}", "n": "0123456789", "which": "a"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain", "plain"), ("x${a}y", "xoney"), ("${b}", "${a}"), ("${missing}", ""), ("${${which}}", "one"), ("${n:3}", "3456789"),
        ("${n:0:3}", "012"), ("${n:-4}", "6789"), ("${n:2:-1}", "2345678"), ("${a", "${a"), ("$a ${}", "$a "), ("${up(x${a})}", "XONE"), ("${nope(1)}", "?"),
    ],
)  # fmt: skip
def test_expansion(text: str, wanted: str) -> None:
    api = lambda name, args: args.upper() + "\n" if name == "up" else "?"  # noqa: E731
    assert expand(text, KNOWN.get, api) == wanted


@given(st.text(alphabet="${}a:b()1-", max_size=60))
def test_any_text_is_expanded(text: str) -> None:
    expand(text, KNOWN.get, lambda _, args: args)


# --- dialplan ------------------------------------------------------------------------------------------

PLAN = """<include><context name="c">
 <extension name="first" continue="true"><condition field="destination_number" expression="^1(\\d)(\\d)$">
   <action application="set" data="x=$1-$2"/><anti-action application="set" data="not=1"/></condition></extension>
 <extension name="both"><condition field="destination_number" expression="^1"/>
   <condition field="caller_id_number" expression="^9" break="never"><action application="nine"/></condition>
   <condition field="${lang}" expression="^zh$"><action application="zh" data="$0"/><anti-action application="en"/></condition></extension>
 <extension name="inline"><condition field="destination_number" expression="^2$"><action application="set" data="k=v" inline="true"/></condition>
   <condition field="${k}" expression="^v$"><action application="seen"/></condition></extension>
 <extension name="any"><condition regex="any"><regex field="destination_number" expression="^3$"/><regex field="caller_id_number" expression="^3$"/>
   <action application="three"/></condition></extension>
 <extension name="bad"><condition field="destination_number" expression="(((("><action application="no"/></condition></extension>
 <extension name="global"><condition field="destination_number" expression="^4$"><action application="say" data="$${greeting} &amp; ${x}"/></condition></extension>
</context></include>"""


@pytest.fixture
def plan(tmp_path: Path) -> Dialplan:
    (tmp_path / "plan.xml").write_text(PLAN)
    (tmp_path / "broken.xml").write_text("<include><context name=")
    (tmp_path / "bomb.xml").write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><include>&a;</include>')
    return load_dialplan(tmp_path, {"greeting": "a<b"})


def hunt(plan: Dialplan, **fields: str) -> list[tuple[str, str]]:
    variables: dict[str, str] = {}

    def inline(_: str, data: str) -> None:
        name, _, value = data.partition("=")
        variables[name] = value

    route = plan.hunt("c", lambda name: fields.get(name, variables.get(name)), inline)
    return [(action.application, action.data) for action in route.actions] if route else []


def test_hunting(plan: Dialplan) -> None:
    assert hunt(plan, destination_number="123") == [("set", "x=2-3"), ("en", "")]
    assert hunt(plan, destination_number="123", caller_id_number="99", lang="zh") == [
        ("set", "x=2-3"),
        ("nine", ""),
        ("zh", "zh"),
    ]
    assert hunt(plan, destination_number="2") == [("set", "not=1"), ("seen", "")]
    assert hunt(plan, destination_number="x", caller_id_number="3")[-1] == ("three", "")
    assert hunt(plan, destination_number="4")[-1] == ("say", "a<b & ${x}")
    assert plan.hunt("other", {}.get) is None


def test_globals_and_users(tmp_path: Path) -> None:
    (tmp_path / "vars.xml").write_text(
        '<include><X-PRE-PROCESS cmd="set" data="a=1"/><X-PRE-PROCESS cmd="set" data="b=$${a}2$${domain}"/></include>'
    )
    known = load_globals(tmp_path / "vars.xml", {"domain": "d"})
    assert known == {"domain": "d", "a": "1", "b": "12d"}
    (tmp_path / "u.xml").write_text(
        '<domain name="d"><user id="1001"><params><param name="password" value="p$${a}"/></params>'
        '<variables><variable name="user_context" value="agents"/></variables></user><user id="1002"/><user/></domain>'
    )
    users = load_users(tmp_path, known)
    assert (users["1001"].params["password"], users["1001"].context, users["1002"].context) == (
        "p1",
        "agents",
        "default",
    )
    assert set(users) == {"1001", "1002"}


# --- dial strings --------------------------------------------------------------------------------------


def test_a_dial_string_with_everything() -> None:
    common, groups = parse("{a=1,b='x, y',c=it\\,s}{d=2}[leg=1]user/1,user/2|[leg='a b']sofia/gateway/t/3")
    assert common == {"a": "1", "b": "x, y", "c": "it,s", "d": "2"}
    assert [[(each.endpoint, each.variables) for each in group] for group in groups] == [
        [("user/1", {"leg": "1"}), ("user/2", {})],
        [("sofia/gateway/t/3", {"leg": "a b"})],
    ]
    assert parse("{^^:a=1,2:b=3}user/1")[0] == {"a": "1,2", "b": "3"}
    nested = parse("{api_on_answer='uuid_bridge A B',x=${y}}user/1")[0]
    assert nested == {"api_on_answer": "uuid_bridge A B", "x": "${y}"}


@pytest.mark.parametrize("text", ["", "{a=1", "{a=1}", ",|,", "[x]", "{" * 500, "x" * 9000])
def test_dial_strings_that_call_nobody(text: str) -> None:
    with pytest.raises(DialStringError):
        parse(text)


@given(st.text(alphabet="{}[]'\\,|=a/ ^:", max_size=80))
def test_any_dial_string_is_understood_or_refused(text: str) -> None:
    try:
        parse(text)
    except DialStringError:
        pass
    separate(text)


@pytest.mark.parametrize(
    ("text", "limit", "words"),
    [
        ("a b  c", 0, ["a", "b", "c"]), ("a 'b c' d", 0, ["a", "b c", "d"]), ("{x=1 2}user/1 &park()", 0, ["{x=1 2}user/1", "&park()"]),
        ("u name some value here", 3, ["u", "name", "some value here"]), ("", 0, []), ("a ''", 0, ["a", ""]), ("u v 'q r'", 3, ["u", "v", "q r"]),
        ("a=1 b='two words' c='", 0, ["a=1", "b=two words", "c='"]), ("u v it's", 3, ["u", "v", "it's"]), ("{n='a, b'}x y", 0, ["{n='a, b'}x", "y"]),
    ],
)  # fmt: skip
def test_words(text: str, limit: int, words: list[str]) -> None:
    assert separate(text, limit=limit) == words


def test_truth() -> None:
    assert [is_true(each) for each in ("true", "YES", "1", "-1", "on", "0", "false", "", None, "x")] == [
        True
    ] * 5 + [False] * 5


# --- subscriptions -------------------------------------------------------------------------------------


def test_events_filters_and_myevents() -> None:
    bus = Bus()
    wanted = Subscription(bus)
    answer = Event("CHANNEL_ANSWER", {"Unique-ID": "u1", "Call-Direction": "inbound"})
    custom = Event("CUSTOM", {"Event-Subclass": "sofia::register"})
    assert not wanted.wants(answer)
    assert wanted.add(["json", "channel_answer", "CUSTOM", "sofia::register"])
    assert wanted.format == "json"
    assert wanted.wants(answer) and wanted.wants(custom) and bus.wanted("CHANNEL_ANSWER")
    assert not wanted.wants(Event("CUSTOM", {"Event-Subclass": "other"}))
    wanted.add_filter("unique-id", "U1")
    wanted.add_filter("Unique-ID", "/^x/")
    assert wanted.wants(answer) and not wanted.wants(custom)
    wanted.add_filter("Call-Direction", "-inbound")
    assert not wanted.wants(answer)
    wanted.delete_filter("all", "")
    wanted.remove(["CHANNEL_ANSWER"])
    assert not wanted.wants(answer) and not bus.wanted("CHANNEL_ANSWER")
    wanted.my_events("u1")
    assert wanted.wants(answer) and not wanted.wants(Event("DTMF", {"Unique-ID": "u2"}))
    wanted.clear()
    assert not any(bus.wanted(name) for name in ("CHANNEL_ANSWER", "CUSTOM", "DTMF"))
    assert not wanted.add(["NOTHING"])
    everything = Subscription(bus)
    everything.add(["ALL"])
    everything.remove(["DTMF"])
    assert everything.wants(answer) and not everything.wants(Event("DTMF", {}))


# --- settings and log ----------------------------------------------------------------------------------


def test_settings_name_every_mistake() -> None:
    good = {"conf_dir": "/c", "sounds_dir": "/s", "run_dir": "/r", "esl_password": "x"}
    assert from_mapping(good).address == "127.0.0.1"
    with pytest.raises(ConfigError, match="sip_prot: unknown.*esl_port: expected int.*conf_dir: missing"):
        from_mapping(
            {"sip_prot": 1, "esl_port": "a", "sounds_dir": "/s", "run_dir": "/r", "esl_password": "x"}
        )
    with pytest.raises(ConfigError, match="no room"):
        from_mapping({**good, "rtp_low": 5000, "rtp_high": 5001})


def test_a_log_line_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord(
        "x", logging.INFO, "", 0, "name %s", ("a\r\nINFO forged\x1b[31m\u2028b",), None
    )
    line = OneLine("%(message)s").format(record)
    assert "\n" not in line and "\x1b" not in line and "\u2028" not in line
    throttled = Throttled(logging.getLogger("flood"), limit=3)
    for _ in range(1000):
        throttled.warning("again")
    assert len([each for each in caplog.records if each.name == "flood"]) <= 8


# --- loop and tasks ------------------------------------------------------------------------------------


def spin(loop: Loop, holds: object, seconds: float = 2.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        loop.turn()


def test_timers_come_in_order_and_can_be_cancelled_and_errors_end_nothing() -> None:
    loop, seen = Loop(), list[str]()
    loop.later(0.02, seen.append, "b")
    loop.later(0.01, seen.append, "a")
    loop.later(0.015, lambda: 1 / 0)
    cancelled = loop.later(0.005, seen.append, "x")
    cancelled.cancel()
    cancelled.cancel()
    loop.later(0.03, seen.append, "end")
    spin(loop, lambda: "end" in seen)
    assert seen == ["a", "b", "end"]


def test_ticks_keep_their_schedule_and_lost_ones_are_not_made_up_in_a_burst() -> None:
    loop, ticks = Loop(), list[float]()
    loop.on_tick(ticks.append)
    spin(loop, lambda: len(ticks) >= 10)
    assert 0.15 < ticks[9] - ticks[0] < 0.4
    time.sleep(0.3)  # a stall
    ticks.clear()
    spin(loop, lambda: len(ticks) >= 3)
    assert ticks[2] - ticks[0] > 0.015
    assert loop.late_ticks >= 5


def test_tasks_wait_for_futures() -> None:
    loop, seen = Loop(), list[object]()
    value: Future[int] = Future()

    async def work() -> str:
        seen.append(await value)
        await sleep(loop, 0.01)
        seen.append(await first(loop, Future(), timeout_s=0.01))
        return "over"

    task = Task(loop, work())
    loop.later(0.01, value.set, 7)
    loop.later(0.015, value.set, 8)
    spin(loop, lambda: task.finished.done)
    assert (seen, task.finished.value) == ([7, False], "over")

    async def broken() -> None:
        raise ValueError

    failed = Task(loop, broken(), "broken")
    spin(loop, lambda: failed.finished.done)
    assert failed.finished.value is None


def test_a_peer_that_does_not_read_is_cut_off() -> None:
    loop = Loop()
    ours, theirs = _tcp_pair()
    connection, closed = Connection(loop, ours), list[bool]()
    connection.on_close = lambda: closed.append(True)
    for _ in range(40):
        connection.send(b"x" * (1 << 20))
    assert connection.closed and closed == [True]
    theirs.close()


def _tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname())
        ours, _ = server.accept()
        return ours, theirs
