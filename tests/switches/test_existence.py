"""Rows that outlive their legs, and legs without a row: what the switch says of a single leg counts."""

from __future__ import annotations

from switch_app.switches.existence import ASKED, DOUBTED, Existence


class Switch:
    """Answers `uuid_exists`; `asked`: about which legs, in order."""

    def __init__(self, *legs: str) -> None:
        self.legs, self.asked = set(legs), list[str]()
        self.answers = {True: "true", False: "false"}

    def api(self, name: str, args: str = "", timeout_s: float = 5.0) -> str:
        assert name == "uuid_exists"
        self.asked.append(args)
        return self.answers[args in self.legs]


def rows(*legs: str) -> dict[str, str]:
    return dict.fromkeys(legs, "row")


def test_a_row_that_outlived_its_leg_counts_for_nothing():
    switch = Switch("lives")
    existence = Existence(switch)
    for _ in range(3):
        assert existence.living(rows("lives", "dead"), ["lives", "dead"]) == rows("lives")
    assert switch.asked.count("dead") == 1, "once over, over"


def test_a_leg_without_a_row_lives_when_the_switch_says_so():
    existence = Existence(Switch("hidden"))
    existence.living({}, ["hidden"])
    assert not existence.is_over("hidden") and existence.is_over("none")


def test_what_is_not_an_answer_ends_nothing():
    """-ERR, or an empty line: unknown."""
    switch = Switch()
    switch.answers[False] = "-ERR uuid_exists Command not found!\n"
    existence = Existence(switch)
    assert existence.living(rows("a"), ["a"]) == rows("a")
    assert not existence.is_over("a")


def test_all_have_their_turn_some_in_each_look():
    """Of more talks than are asked about in a look, each one is reached, and the next round is in the same order."""
    legs = [f"leg{number:03}" for number in range(3 * DOUBTED)]
    switch = Switch(*legs)
    existence = Existence(switch)
    for look in range(6):
        existence.living(rows(*legs), legs)
        assert len(switch.asked) == (look + 1) * DOUBTED
    assert switch.asked == legs * 2
    existence.living(rows("new", *legs), [*legs, "new"])
    assert switch.asked[6 * DOUBTED] == "new", "who was never asked about comes first"


def test_a_look_asks_a_bounded_number():
    switch = Switch()
    existence = Existence(switch)
    existence.living({}, [])
    over = [existence.is_over(f"leg{number}") for number in range(2 * ASKED)]
    assert len(switch.asked) == ASKED == over.count(True)
    existence.living({}, [])
    assert existence.is_over("the last one"), "the next look goes on"


def test_another_switch_begins_anew():
    switch = Switch()
    existence = Existence(switch)
    assert existence.living(rows("a"), ["a"]) == {}
    existence.forget()
    switch.legs.add("a")
    assert existence.living(rows("a"), ["a"]) == rows("a")
