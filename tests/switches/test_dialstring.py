"""Whatever a caller puts into name and number: nothing that originate acts on survives."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switch_app.softswitch.call.dialstring import parse
from switch_app.switches.dialstring import NAME_LIMIT, safe_number, safe_text, variables
from switch_app.testing.scripted_phone import variables_of

ACTED_ON = set("{}[]<>()^,;|'\"`\\$&%!\r\n\t\0")
HOSTILE = st.text(st.sampled_from("{}[]<>()^,;|'\"`\\$&%!=: ab1\n\r\t\0\u202e\u2066\x85\u2028😀王")) | st.text()


@given(HOSTILE)
@example("x',origination_uuid=1,y='")
@example("} &hangup() {")
@example("${system(id)}")
@example("\ud800")
def test_a_name_keeps_nothing_that_a_parser_acts_on(text: str):
    safe = safe_text(text)
    assert not set(safe) & ACTED_ON
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in safe)
    assert len(safe) <= NAME_LIMIT and safe == safe.strip()
    assert safe_text(safe) == safe


@given(HOSTILE)
def test_a_number_is_never_empty_and_fits_a_sip_user_part(text: str):
    assert re.fullmatch(r"[0-9A-Za-z+*#._-]{1,40}", safe_number(text))


@given(HOSTILE, HOSTILE, HOSTILE)
def test_originate_reads_back_what_was_meant_and_one_destination(number: str, name: str, other: str):
    """By two parsers of `{...}`: the embedded switch's, written after switch_event_create_brackets, and
    the double's."""
    values = {"a": safe_number(number), "b": safe_text(name), "c": safe_text(other)}
    brackets = variables(values)
    common, groups = parse(f"{brackets}user/1001")
    assert common == values
    assert [[each.endpoint for each in group] for group in groups] == [["user/1001"]]
    assert variables_of(f"{brackets}user/1001 &park()") == (values, "user/1001 &park()")


@given(st.text(min_size=1))
def test_unsafe_values_are_refused(text: str):
    """A caller that forgets safe_text is told, and nothing is sent."""
    if set(text) & ACTED_ON:
        with pytest.raises(ValueError):
            variables({"a": text})


@pytest.mark.parametrize("name", ["", "1a", "a b", "a=b", "a,b", "a'", "é"])
def test_names_of_variables_are_ours(name: str):
    with pytest.raises(ValueError):
        variables({name: "x"})


def test_ordinary_people_are_shown_as_they_are():
    assert safe_text("王小明 Ann-Marie O.") == "王小明 Ann-Marie O."
    assert safe_text("O'Brien, Ann") == "O Brien Ann"
    assert safe_number("+86 (138) 0000-0001") == "+861380000-0001"
    assert safe_number("王") == "anonymous"
