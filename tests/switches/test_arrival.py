"""A connect reply becomes CallArrived, whatever strangers put into it."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from switch_app.switches.arrival import arrival, clean

LEG = "6c9d3f0e-0001-4a2b-9c3d-5e6f70819203"
USUAL = {
    "Unique-ID": LEG,
    "Caller-Caller-ID-Number": "13800000001",
    "Caller-Caller-ID-Name": "Ann",
    "Caller-Destination-Number": "4000",
    "Caller-Context": "inbound",
    "variable_interaction_id": LEG,
    "variable_hotline_context": "inbound",
    "variable_hotline_dnis": "4000",
    "variable_sip_user_agent": "a phone",
    "variable_sip_call_id": "abc",
}


def numbers(context: str, dnis: str) -> tuple[str, str, str]:
    return f"{context}-{dnis}", "v1", "zh"


def test_the_first_time():
    signal = arrival(USUAL, numbers)
    assert (signal.interaction, signal.leg, signal.ani, signal.name) == (LEG, LEG, "13800000001", "Ann")
    assert (signal.dnis, signal.context, signal.flow) == ("4000", "inbound", "inbound-4000")
    assert signal.headers == {"sip_user_agent": "a phone", "sip_call_id": "abc"}


def test_back_by_the_recover_extension():
    """Number and context of the first time are kept in variables; the dialplan's own are of the extension."""
    back = {**USUAL, "Caller-Destination-Number": "recover", "Caller-Context": "recover"}
    assert arrival(back, numbers) == arrival(USUAL, numbers)


def test_an_interaction_id_that_is_none_is_not_taken():
    for strange in ("", "../../etc", "a b", "x" * 65, "\n", "-a"):
        assert arrival({**USUAL, "variable_interaction_id": strange}, numbers).interaction == LEG


def test_an_agents_phone_is_who_its_digest_says():
    claims = {**USUAL, "variable_hotline_context": "agents", "variable_sip_auth_username": "1001"}
    assert arrival(claims, numbers).ani == "1001"
    assert arrival({**claims, "variable_hotline_context": "inbound"}, numbers).ani == "13800000001"


@given(st.text(), st.integers(1, 50))
def test_cleaned_text_is_short_and_quiet(text: str, limit: int):
    """No controls of either kind, nothing that turns a line of the wallboard round."""
    found = clean(text, limit)
    assert len(found) <= limit
    assert not any(unicodedata.category(char) == "Cc" for char in found)
    assert not any(unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
                   for char in found)  # fmt: skip
    assert clean(found, limit) == found


@given(st.dictionaries(st.sampled_from(sorted(USUAL)), st.text(max_size=300)))
def test_any_reply_is_taken(changes: dict[str, str]):
    signal = arrival({**USUAL, **changes}, numbers)
    assert len(signal.ani) <= 64 and len(signal.name) <= 128 and len(signal.dnis) <= 64
    assert all(len(value) <= 200 for value in signal.headers.values())
