"""What the switch has noted of callers while nobody was there, whatever strangers put into it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switch_app.core.signals import CallerNeverReached
from switch_app.esl.message import Event
from switch_app.softswitch import hashed
from switch_app.switches.missed_calls import FIELDS, NOTE_AWAY, REALM, MissedCalls, read_legs, read_note

LEG = "6c9d3f0e-0001-4a2b-9c3d-5e6f70819203"
OTHER = "6c9d3f0e-0002-4a2b-9c3d-5e6f70819203"


def numbers(context: str, dnis: str) -> tuple[str, str, str]:
    return f"{context}-{dnis}", "v1", "zh"


class Line:
    """The control line's `api` before a switch with these texts and legs."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.legs: set[str] = set()
        self.down = False
        self.on_select: Callable[[], object] = lambda: None

    def note(self, leg: str, ani: str = "13800000001", context: str = "inbound") -> None:
        """As the dialplan does it."""
        values = dict(zip(FIELDS, (context, "4000", "1795468425557847", "1795468433900000", ani), strict=True))
        argument = NOTE_AWAY.replace("${uuid}", leg)
        for variable, value in values.items():
            argument = argument.replace(variable, value)
        assert hashed.carry_out(self.texts, argument) == "+OK\n"

    def api(self, name: str, args: str) -> str:
        if self.down:
            raise ConnectionError("the control line is down")
        if args.startswith("select/"):
            self.on_select()
        if name == "uuid_exists":
            return "true" if args in self.legs else "false"
        if name == "hash_dump":
            return hashed.dump(self.texts, args.removeprefix("db ")) or "-ERR no reply\n"
        return hashed.carry_out(self.texts, args) or "-ERR no reply\n"


def watched(line: Line, here: tuple[str, ...] = ()) -> tuple[MissedCalls, list[tuple[str, Any]]]:
    told: list[tuple[str, Any]] = []
    return MissedCalls(line, set(here), lambda *each: told.append(each), numbers), told  # type: ignore[arg-type]


def test_who_is_gone_is_told_once_and_then_forgotten() -> None:
    line = Line()
    line.note(LEG)
    missed, told = watched(line)
    missed.look()
    signal = CallerNeverReached(
        LEG, LEG, "13800000001", "4000", "inbound-4000", "v1", 1795468425.557847, 1795468433.9
    )
    assert told == [(f"interaction:{LEG}", signal)]
    assert line.texts, "a process that dies now tells it again"
    missed.look()
    missed.look()
    assert not line.texts and len(told) == 1


def test_who_is_there_still_is_not_told() -> None:
    line = Line()
    line.note(LEG)
    line.note(OTHER)
    line.legs = {LEG, OTHER}
    missed, told = watched(line, here=(OTHER,))
    missed.look()
    assert not told
    assert list(line.texts) == [f"{REALM}_{LEG}"], "the one in our socket is known"


def test_an_agents_own_call_is_not_counted() -> None:
    line = Line()
    line.note(LEG, context="agents")
    missed, told = watched(line)
    missed.look()
    missed.look()
    assert not told and not line.texts


def test_a_switch_without_notes_says_so_in_its_own_way() -> None:
    missed, told = watched(Line())
    missed.look()
    assert not told
    assert read_legs("-ERR hash_dump Command not found!\n") == []
    assert read_note(LEG, "-ERR no reply") is None


def hangup(leg: str, **other: str) -> Event:
    headers = {
        "Event-Name": "CHANNEL_HANGUP",
        "Event-Date-Timestamp": "1795468433900000",
        "Unique-ID": leg,
        "Call-Direction": "inbound",
        "Caller-Channel-Created-Time": "1795468425557847",
        "Caller-Caller-ID-Number": "13800000001",
        "variable_interaction_id": leg,
        "variable_hotline_context": "inbound",
        "variable_hotline_dnis": "4000",
        **other,
    }
    return Event("".join(f"{name}: {quote(value)}\n" for name, value in headers.items()).encode() + b"\n")


def test_who_gave_up_before_we_looked_is_told_a_look_later() -> None:
    """By then the connection would have been read, if there were one."""
    missed, told = watched(Line())
    missed.gone(hangup(LEG, variable_interaction_id=OTHER))
    missed.look()
    assert told == []
    missed.look()
    missed.look()
    signal = CallerNeverReached(
        OTHER, LEG, "13800000001", "4000", "inbound-4000", "v1", 1795468425.557847, 1795468433.9
    )
    assert told == [(f"interaction:{OTHER}", signal)]


@pytest.mark.parametrize("early", [False, True])
def test_who_is_noted_and_heard_of_is_told_once(early: bool) -> None:
    """The event may come while the note is being read, or before."""
    line = Line()
    missed, told = watched(line)
    line.note(LEG)
    if early:
        missed.gone(hangup(LEG))
    else:
        line.on_select = lambda: missed.gone(hangup(LEG))
    for _ in range(4):
        missed.look()
    assert len(told) == 1 and not line.texts


@pytest.mark.parametrize(
    "other",
    [
        {"Call-Direction": "outbound"},
        {"variable_interaction_id": ""},
        {"variable_interaction_id": "x/../y"},
        {"variable_hotline_context": "agents"},
        {"variable_hotline_context": ""},
    ],
)
def test_whose_end_says_nothing_of_a_caller(other: dict[str, str]) -> None:
    """A phone that we called, an INVITE that was refused before our part of the dialplan, an agent's own call."""
    missed, told = watched(Line())
    missed.gone(hangup(LEG, **other))
    for _ in range(3):
        missed.look()
    assert told == []


def test_a_look_that_fails_forgets_nobody() -> None:
    line = Line()
    missed, told = watched(line)
    missed.gone(hangup(LEG))
    missed.look()
    line.down = True
    with pytest.raises(ConnectionError):
        missed.look()
    line.down = False
    missed.look()
    assert len(told) == 1


@given(st.text(max_size=80))
@example(f"1\nD/{REALM}_{OTHER}/inbound|4000|1|2|forged")
@example("1|2|3|4|5|6/7'8\\n")
def test_a_number_is_nothing_but_a_number(ani: str) -> None:
    """It forges no other caller, and no part of its own note."""
    line = Line()
    line.note(LEG, ani)
    missed, told = watched(line)
    missed.look()
    ((stream, signal),) = told
    assert stream == f"interaction:{LEG}"
    assert (signal.dnis, signal.flow, signal.gone_at) == ("4000", "inbound-4000", 1795468433.9)
    assert len(signal.ani) <= 64 and not any(unicodedata.category(char) == "Cc" for char in signal.ani)
