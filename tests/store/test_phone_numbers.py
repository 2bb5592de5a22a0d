from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_lite.store.phone_numbers import TAIL, best, normalise, same, tail

COUNTRIES = st.sampled_from(["86", "1", "44", "852"])
NATIONAL = st.from_regex(r"[1-9][0-9]{8,10}", fullmatch=True)


def written(country: str, national: str) -> list[str]:
    """The ways in which trunks and people write one number."""
    return [
        f"+{country}{national}",
        f"00{country}{national}",
        f"{country}{national}",
        f"0{national}",
        national,
        f"+{country} {national[:3]}-{national[3:]}",
        f"({national[:3]}) {national[3:6]}.{national[6:]}",
        f"sip:{national}@gateway.example;user=phone",
        f"tel:+{country}{national}",
    ]


@given(COUNTRIES, NATIONAL)
def test_a_number_is_found_however_it_is_written(country: str, national: str) -> None:
    kept = normalise(f"+{country}{national}")
    for presented in written(country, national):
        assert tail(presented) == tail(kept), presented
        assert best(presented, [(kept, 1)]) == 1, presented


@given(NATIONAL)
def test_normalising_again_changes_nothing(national: str) -> None:
    once = normalise(national)
    assert once == f"+86{national}"
    assert normalise(once) == once


@given(NATIONAL, NATIONAL)
def test_different_numbers_never_meet_unless_one_ends_the_other(one: str, other: str) -> None:
    kept = normalise(one)
    if not kept.endswith(other):
        assert not same(kept, other)
        assert not same(kept, f"+86{other}")


@given(st.text(max_size=200))
def test_any_text_is_no_number_or_a_possible_one(text: str) -> None:
    number = normalise(text)
    assert number == "" or (number[0] == "+" and number[1:].isascii() and number[1:].isdigit())
    assert len(tail(text)) in (0, TAIL)
    assert best(text, []) is None


@given(st.text(st.sampled_from("0123456789"), max_size=TAIL - 1))
def test_extensions_match_nobody(short: str) -> None:
    assert not same(f"+8657155{short}", short)


def test_a_shared_number_is_nobodys() -> None:
    kept = [("+8657155501003", 1), ("+861055501003", 2)]
    assert best("55501003", kept) is None
    assert best("057155501003", kept) == 1
    assert best("+861055501003", kept) == 2


def test_one_customer_with_the_same_number_twice_is_found() -> None:
    assert best("12000000001", [("+8612000000001", 3), ("+8612000000001", 3)]) == 3


def test_a_foreign_number_is_not_taken_for_a_national_one() -> None:
    assert best("+112000000001", [("+8612000000001", 1)]) is None


@pytest.mark.parametrize(
    "bad", ["", "abc", "123", "+", "+1234567890123456", "１２０００００００００１", "anonymous"]
)
def test_what_is_no_number_is_empty(bad: str) -> None:
    assert normalise(bad) in ("", "+86123")
    if bad != "123":
        assert normalise(bad) == ""
