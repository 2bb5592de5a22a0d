"""What the switch has noted of callers while nobody was there, whatever strangers put into it."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from switch_app.core.signals import CallerNeverReached
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

    def note(self, leg: str, ani: str = "13800000001", context: str = "inbound") -> None:
        """As the dialplan does it."""
        values = dict(zip(FIELDS, (context, "4000", "1795468425557847", "1795468433900000", ani), strict=True))
        argument = NOTE_AWAY.replace("${uuid}", leg)
        for variable, value in values.items():
            argument = argument.replace(variable, value)
        assert hashed.carry_out(self.texts, argument) == "+OK\n"

    def api(self, name: str, args: str) -> str:
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
