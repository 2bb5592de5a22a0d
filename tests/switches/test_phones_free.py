"""When an agent's phone may be rung again after a call that the phone did not end itself."""

from __future__ import annotations

import pytest

from switch_app.switches.phones_free import FREE_S, LOOK_S, PhonesFree


class Phones(PhonesFree):
    def __init__(self) -> None:
        self.time, self.legs = 100.0, {"one"}
        super().__init__(lambda: self.legs, lambda: self.time)
        self.called("one", "1001")

    def over(self, leg: str, by_phone: bool = False) -> None:
        self.legs.discard(leg)
        self.ended(leg, by_phone)


def test_a_phone_that_was_never_called_may_be_rung() -> None:
    assert Phones().wait_s("1002") == 0.0


def test_not_before_the_end_of_its_last_leg_and_a_moment_more() -> None:
    phones = Phones()
    assert phones.wait_s("1001") == LOOK_S
    phones.over("one")
    assert phones.wait_s("1001") == pytest.approx(FREE_S)
    phones.time += 2 * FREE_S
    assert phones.wait_s("1001") == 0.0


def test_at_once_when_the_phone_itself_hung_up() -> None:
    phones = Phones()
    phones.over("one", by_phone=True)
    assert phones.wait_s("1001") == 0.0


def test_a_leg_whose_end_nobody_told_holds_nobody_up() -> None:
    """The reconciler forgets such legs, the next one takes its place, and nothing is kept of it."""
    phones = Phones()
    phones.legs.clear()
    assert phones.wait_s("1001") == 0.0
    phones.called("two", "1001")
    phones.over("one")
    assert phones.wait_s("1001") == 0.0
    phones.over("two")
    assert phones.wait_s("1001") == pytest.approx(FREE_S) and not phones._phones and not phones._last
