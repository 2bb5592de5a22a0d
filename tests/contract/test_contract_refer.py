"""The transfer key of a phone in a talk (REFER): an agent's may, a caller's only ends the talk. And calls that are
to take the place of others (Replaces, RFC 3891), of which none does."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest
from contract_application import Application
from contract_moves import believe, hears, ring, talk, they_talk
from contract_worlds import AGENT_HZ, World
from softswitch_sip import Raw

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Phase


@pytest.fixture(autouse=True)
def _with_phones(world: World) -> None:
    if not world.audible:
        pytest.skip("no transfer keys without SIP")


@pytest.mark.parametrize("target", ["4000", "1002", "nonsense", "*11"])
def test_by_a_caller_ends_the_talk(world: World, app: Application, target: str) -> None:
    """The agent's leg becomes no contact and rings no colleague; the caller is where callers are after a talk."""
    colleague = world.agent("1002", answer_after_s=0.0)
    rung = len(colleague.seen("incoming"))
    caller, agent, leg, other = talk(world, app)
    they_talk(world, caller, agent)
    caller.transfer(target)
    app.wait(s.LegEnded, leg=other)
    agent.wait_until(lambda phone: not phone.in_call, 2, "the agent's phone is idle")
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")
    app.quiet()
    assert {each.leg for each in app.seen(s.CallArrived)} == {leg}
    assert len(colleague.seen("incoming")) == rung


def test_by_an_agent_to_a_colleague(world: World, app: Application) -> None:
    """The two talk; the agent is free."""
    colleague = world.agent("1002", answer_after_s=0.0)
    caller, agent, leg, other = talk(world, app)
    agent.hush()
    agent.transfer("1002")
    app.wait(s.LegEnded, leg=other)
    agent.wait_until(lambda phone: not phone.in_call, 2, "the agent's phone is idle")
    colleague.wait_for("confirmed")
    time.sleep(0.3)
    hears(world, caller, AGENT_HZ)
    assert not [each for each in app.seen(s.LegEnded) if each.leg == leg]


def test_by_an_agent_to_a_number_of_ours(world: World, app: Application) -> None:
    """The caller is in the application again, as another arrival of the same contact."""
    caller, agent, leg, other = talk(world, app)
    agent.transfer("4000")
    app.wait(s.LegEnded, leg=other)
    app.until(lambda: len(app.seen(s.CallArrived)) == 2, "the caller is back")
    assert {each.leg for each in app.seen(s.CallArrived)} == {leg}
    assert caller.in_call


# --- in the place of a call -----------------------------------------------------------------------------


@pytest.fixture
def strange(world: World) -> Iterator[Callable[[], Raw]]:
    """Makes callers' phones out of sockets."""
    made: list[Raw] = []

    def make() -> Raw:
        made.append(Raw(world.sip_port))
        return made[-1]

    yield make
    world.clear()
    for each in made:
        each.close()


def raw_talk(world: World, app: Application, phone: Raw, contact: str) -> tuple[str, str]:
    """The phone of sockets talks with an agent: both legs."""
    world.agent(contact, answer_after_s=0.0)
    phone.say(phone.request("INVITE", "4000", phone.sdp()))
    leg = app.arrived()
    phone.learn(phone.hear(r"^SIP/2.0 200"))
    phone.ack("4000")
    other = ring(app, contact)
    app.wait(s.LegAnswered, leg=other)
    app.order(o.Join("join", leg, other, ""))
    app.wait(s.Joined)
    return leg, other


def talks_with(world: World, leg: str) -> str:
    return world.api("uuid_getvar", f"{leg} bridge_uuid").strip()


def test_by_a_caller_with_two_calls_joins_no_agents(world: World, app: Application, strange: Callable[[], Raw]) -> None:
    """REFER with Replaces: either nothing happens, or both talks are over; each leg's end is told, or is back."""
    one, two = strange(), strange()
    talks = [raw_talk(world, app, one, "1001"), raw_talk(world, app, two, "1002")]
    named = f"{two.call_id}%3Bto-tag%3D{two.to_tag}%3Bfrom-tag%3D{two.tag}"
    one.say(one.request("REFER", "4000", refer_to=f"<sip:4000@127.0.0.1?Replaces={named}>"))
    if one.hear(r"^SIP/2.0 [2-6]").startswith("SIP/2.0 603"):
        assert [talks_with(world, other) for _, other in talks] == [leg for leg, _ in talks]
        return
    for leg, other in talks:
        app.wait(s.LegEnded, leg=other)
        app.until(
            lambda leg=leg: app.seen(s.LegEnded, leg=leg) or len(app.seen(s.CallArrived, leg=leg)) > 1, "the caller"
        )


def test_by_a_caller_makes_nobody_dial(world: World, app: Application, strange: Callable[[], Raw]) -> None:
    """REFER with Replaces of no call of ours: FreeSWITCH would dial any address, and any dial string, that it names."""
    one, far = strange(), strange()
    leg, other = raw_talk(world, app, one, "1001")
    for user in ("x", "x@127.0.0.1,error/USER_BUSY,sofia/hotline/sip:y"):
        target = f"<sip:{user}@127.0.0.1:{far.port}?Replaces=nobody%3Bto-tag%3D1%3Bfrom-tag%3D2>"
        one.say(one.request("REFER", "4000", refer_to=target))
        answer = one.hear(r"^SIP/2.0 [2-6]")
        assert answer.startswith(("SIP/2.0 603", "SIP/2.0 202", "SIP/2.0 400"))
        if answer.startswith("SIP/2.0 202"):
            assert "403 Forbidden" in one.hear(r"^NOTIFY[\s\S]*SIP/2.0 [2-6]")
    assert far.silent(0.3)
    assert (talks_with(world, leg), talks_with(world, other)) == (other, leg)
    assert not app.seen(s.LegEnded)


@pytest.mark.parametrize("named", ["the caller's call", "the caller's call, shared", "the agent's call", "a leg"])
def test_a_stranger_takes_nobody_over(
    world: World, app: Application, strange: Callable[[], Raw], named: str
) -> None:
    """An INVITE that knows a Call-ID, or a leg's: the talk goes on. The new call is one like others, or over."""
    one, two = strange(), strange()
    leg, other = raw_talk(world, app, one, "1001")
    believe(app, leg, Phase.TALKING, other)
    theirs = world.api("uuid_getvar", f"{other} sip_call_id").strip()
    replaces = {
        "the agent's call": f"{theirs};to-tag=1;from-tag=2",
        "a leg": f"{leg};to-tag=1;from-tag=2;a-leg=true",
    }.get(named, f"{one.call_id};to-tag={one.to_tag};from-tag={one.tag}")
    shared = {"call_info": "<sip:x>;appearance-index=1"} if "shared" in named else {}
    two.say(two.request("INVITE", "4000", two.sdp(), user="13800000002", replaces=replaces, **shared))
    two.hear(r"^SIP/2.0 100")
    app.until(lambda: len(app.seen(s.CallArrived)) > 1 or told_last(two), "it is answered, or a call of its own")
    app.look(3)
    known = {each.leg for each in app.seen(s.CallArrived)}
    app.until(lambda: set(world.legs()) == {other, *known}, "nobody else is there")
    assert (talks_with(world, leg), talks_with(world, other)) == (other, leg)
    assert not app.seen(s.LegEnded)


def told_last(phone: Raw) -> bool:
    """Whether the INVITE of this phone has its final answer."""
    with contextlib.suppress(AssertionError):
        return bool(phone.hear(r"^SIP/2.0 [2-6]\d\d", 0.01))
    return False
