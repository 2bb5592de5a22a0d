"""Which reply belongs to which command, and what no switch says."""

from __future__ import annotations

import pytest

from switch_app.esl import commands, replies
from switch_app.esl.conversation import Conversation, Said, State
from switch_app.esl.errors import LocalWireError, RemoteWireError
from switch_app.esl.message import Frame
from switch_app.esl.wire import FrameReader


def frame(raw: bytes) -> Frame:
    [one] = FrameReader().feed(raw)
    return one


OK = frame(replies.command_reply("+OK"))
OUTPUT = frame(replies.api_response("UP"))
EVENT = frame(replies.event({"Event-Name": "DTMF"}))


def test_replies_come_in_the_order_of_the_commands() -> None:
    talk: Conversation[str] = Conversation(outbound=True)
    for token, command in (("a", commands.linger()), ("b", commands.api("status")), ("c", commands.api("x"))):
        talk.asked(command, token)
    assert talk.received(EVENT) == (Said.EVENT, None)
    assert talk.received(OK) == (Said.REPLY, "a")
    assert talk.received(OUTPUT) == (Said.REPLY, "b")
    assert talk.received(OK) == (Said.REPLY, "c")  # a refused api command: permission denied
    assert talk.unanswered == 0


def test_an_inbound_connection_says_nothing_before_it_is_asked() -> None:
    talk: Conversation[str] = Conversation(outbound=False)
    with pytest.raises(LocalWireError):
        talk.asked(commands.auth("x"), "a")
    assert talk.received(frame(replies.auth_request())) == (Said.GREETED, None)
    talk.asked(commands.auth("x"), "a")
    assert talk.received(OK) == (Said.REPLY, "a")


def test_lingering_goes_on_until_the_good_bye() -> None:
    talk: Conversation[str] = Conversation(outbound=True)
    talk.asked(commands.api("status"), "late")
    assert talk.received(frame(replies.linger_notice("x", "y"))) == (Said.LINGERS, None)
    assert talk.state is State.LINGERING
    assert talk.received(EVENT) == (Said.EVENT, None)
    assert talk.received(frame(replies.disconnect_notice("x"))) == (Said.ENDED, None)
    assert talk.close() == ["late"]
    with pytest.raises(LocalWireError):
        talk.asked(commands.exit_(), "a")


@pytest.mark.parametrize(
    "outbound, raw",
    [
        (True, replies.auth_request()),
        (True, replies.rude_rejection()),
        (True, replies.command_reply("+OK")),
        (True, replies.api_response("x")),
        (True, b"Content-Type: text/plain\n\n"),
        (False, replies.command_reply("+OK")),
        (False, replies.event({"Event-Name": "DTMF"})),
        (False, replies.linger_notice("x", "y")),
    ],
)
def test_what_is_not_foreseen_breaks_the_wire(outbound: bool, raw: bytes) -> None:
    with pytest.raises(RemoteWireError):
        Conversation(outbound).received(frame(raw))


def test_an_output_answers_no_other_command() -> None:
    talk: Conversation[str] = Conversation(outbound=True)
    talk.asked(commands.linger(), "a")
    with pytest.raises(RemoteWireError):
        talk.received(OUTPUT)
