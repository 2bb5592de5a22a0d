"""TransferLeg to an extension: a talk elsewhere and back, or why not."""

from __future__ import annotations

from contract_application import Application
from contract_moves import MUSIC, PROMPT_HZ, call_in, hears, they_talk, tone
from contract_story import arrived, assert_story, ended, played, told
from contract_worlds import NOBODY, World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.ids import derived_uuid

BEGUN = told("TransferBegun", ref="t1", to="1001")
DONE = told("TransferEnded", ref="t1", result="done")


def other_leg(app: Application, ref: str = "t1") -> str:
    return derived_uuid(app.stream, ref, "transfer")


def transfer(app: Application, leg: str, to: str = "1001", ring_s: float = 5.0) -> None:
    """With music, which the caller hears until the other side answers."""
    app.order(o.Play("music", leg, MUSIC, endless=True), o.TransferLeg("t1", leg, to, ring_s=ring_s))


def test_done_when_the_other_side_hangs_up(world: World, app: Application) -> None:
    """The caller is back in the socket, and is served on: the transfer's result stands for the arrival."""
    agent = world.agent()
    caller, leg = call_in(world, app)
    transfer(app, leg)
    shown = str(agent.wait_for("incoming")["from"])
    assert "13800000001" in shown
    hears(world, caller, 1000)
    agent.answer()
    app.wait(s.TransferBegun)
    they_talk(world, caller, agent)
    agent.hangup()
    app.wait(s.TransferEnded)
    app.order(o.Play("p1", leg, tone(PROMPT_HZ, 60)))
    app.wait(s.PlayEnded)
    assert_story(
        app,
        [
            arrived(), played("music", "stopped"), BEGUN,
            {ended("other", by="caller"), DONE}, played("p1"),
        ],
        {"other": other_leg(app)},
    )  # fmt: skip


def test_the_caller_hangs_up_in_the_talk(world: World, app: Application) -> None:
    agent = world.agent(answer_after_s=0.0)
    caller, leg = call_in(world, app)
    transfer(app, leg)
    app.wait(s.TransferBegun)
    they_talk(world, caller, agent)
    caller.hangup()
    agent.wait_for("disconnected")
    app.until(lambda: len(app.seen(s.LegEnded)) == 2, "both ends")
    assert_story(
        app,
        [arrived(), played("music", "stopped"), BEGUN, {ended(), ended("other", by="application")}],
        {"other": other_leg(app)},
    )


def test_busy(world: World, app: Application) -> None:
    """The caller has not left the socket; the music goes on."""
    agent = world.agent(reject_with=486)
    caller, leg = call_in(world, app)
    transfer(app, leg)
    app.wait(s.TransferEnded)
    assert app.at(s.TransferEnded) - app.at(o.TransferLeg) < 1.0
    hears(world, caller, 1000)
    assert_story(app, [arrived(), told("TransferEnded", ref="t1", result="busy", detail="USER_BUSY")])
    agent.behave()


def test_no_answer(world: World, app: Application) -> None:
    agent = world.agent()
    caller, leg = call_in(world, app)
    transfer(app, leg, ring_s=world.ring_s)
    app.wait(s.TransferEnded)
    agent.wait_for("disconnected")
    assert_story(app, [arrived(), told("TransferEnded", ref="t1", result="no_answer", detail="NO_ANSWER")])


def test_not_registered(world: World, app: Application) -> None:
    caller, leg = call_in(world, app)
    transfer(app, leg, to=NOBODY)
    app.wait(s.TransferEnded)
    failed = told("TransferEnded", ref="t1", result="unreachable", detail="USER_NOT_REGISTERED")
    assert_story(app, [arrived(), failed])


def test_rejected(world: World, app: Application) -> None:
    world.agent(reject_with=603)
    caller, leg = call_in(world, app)
    transfer(app, leg)
    app.wait(s.TransferEnded)
    failed = told("TransferEnded", ref="t1", result="failed", detail="CALL_REJECTED")
    assert_story(app, [arrived(), failed])
    world.agent()


def test_the_caller_leaves_while_the_other_side_rings(world: World, app: Application) -> None:
    """The phone stops ringing soon: nobody is there to be talked to."""
    agent = world.agent()
    caller, leg = call_in(world, app)
    transfer(app, leg)
    agent.wait_for("incoming")
    caller.hangup()
    app.wait(s.LegEnded, leg=leg)
    agent.wait_for("disconnected", 2)
    app.wait(s.TransferEnded)
    assert_story(
        app,
        [arrived(), ended(), told("TransferEnded", ref="t1", result="failed", detail="ORIGINATOR_CANCEL")],
        {"other": other_leg(app)},
    )


def test_a_transfer_of_a_leg_that_is_gone_fails(world: World, app: Application) -> None:
    """No phone rings for it."""
    agent = world.agent()
    caller, leg = call_in(world, app)
    caller.hangup()
    app.wait(s.LegEnded)
    app.quiet()
    rung = len(agent.seen("incoming"))
    app.order(o.TransferLeg("t1", leg, "1001"))
    app.wait(s.TransferEnded)
    assert_story(app, [arrived(), ended(), told("TransferEnded", ref="t1", result="failed", detail="not in the socket")])
    assert len(agent.seen("incoming")) == rung
