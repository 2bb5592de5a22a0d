"""Every hang-up cause of FreeSWITCH (1.11.2, switch_types.h, SWITCH_CAUSE_...) has its neutral reason."""

from __future__ import annotations

import pytest

from switch_app.esl.message import Event
from switch_app.switches.causes import CAUSE_OF_REASON, REASON_OF_CAUSE, cause_of, reason_of, reason_of_phone
from switch_app.switches.events import leg_ended

REASONS = set(
    "normal busy no_answer rejected unreachable no_route congestion cancelled switch_lost failed".split()
)
EXPECTED = {
    "normal": """NORMAL_CLEARING NORMAL_UNSPECIFIED SUCCESS BLIND_TRANSFER ATTENDED_TRANSFER ALLOTTED_TIMEOUT
        PICKED_OFF""",
    "busy": "USER_BUSY BUSY_EVERYWHERE",
    "no_answer": "NO_USER_RESPONSE NO_ANSWER PROGRESS_TIMEOUT NO_PICKUP",
    "rejected": """CALL_REJECTED DECLINE UNWANTED REJECT_ALL OUTGOING_CALL_BARRED INCOMING_CALL_BARRED
        REQUESTED_CHAN_UNAVAIL""",
    "unreachable": """SUBSCRIBER_ABSENT USER_NOT_REGISTERED DESTINATION_OUT_OF_ORDER NETWORK_OUT_OF_ORDER
        NORMAL_TEMPORARY_FAILURE RECOVERY_ON_TIMER_EXPIRE GATEWAY_DOWN MEDIA_TIMEOUT SERVICE_UNAVAILABLE""",
    "no_route": """UNALLOCATED_NUMBER NO_ROUTE_TRANSIT_NET NO_ROUTE_DESTINATION NUMBER_CHANGED INVALID_NUMBER_FORMAT
        CHAN_NOT_IMPLEMENTED INVALID_GATEWAY INVALID_URL INVALID_PROFILE DOES_NOT_EXIST_ANYWHERE""",
    "congestion": "NORMAL_CIRCUIT_CONGESTION SWITCH_CONGESTION FACILITY_REJECTED PRE_EMPTED",
    "cancelled": "ORIGINATOR_CANCEL LOSE_RACE MANAGER_REQUEST",
    "switch_lost": "CRASH SYSTEM_SHUTDOWN",
    "failed": """NONE CHANNEL_UNACCEPTABLE CALL_AWARDED_DELIVERED REDIRECTION_TO_NEW_DESTINATION EXCHANGE_ROUTING_ERROR
        RESPONSE_TO_STATUS_ENQUIRY ACCESS_INFO_DISCARDED FACILITY_NOT_SUBSCRIBED BEARERCAPABILITY_NOTAUTH
        BEARERCAPABILITY_NOTAVAIL BEARERCAPABILITY_NOTIMPL FACILITY_NOT_IMPLEMENTED SERVICE_NOT_IMPLEMENTED
        INVALID_CALL_REFERENCE INCOMPATIBLE_DESTINATION INVALID_MSG_UNSPECIFIED MANDATORY_IE_MISSING
        MESSAGE_TYPE_NONEXIST WRONG_MESSAGE IE_NONEXIST INVALID_IE_CONTENTS WRONG_CALL_STATE
        MANDATORY_IE_LENGTH_ERROR PROTOCOL_ERROR INTERWORKING USER_CHALLENGE SRTP_READ_ERROR BOWOUT NOT_ACCEPTABLE
        NO_IDENTITY BAD_IDENTITY_INFO UNSUPPORTED_CERTIFICATE INVALID_IDENTITY STALE_DATE""",
}
CAUSES = {cause: reason for reason, causes in EXPECTED.items() for cause in causes.split()}


def test_all_82_causes_of_switch_types_h_are_here():
    assert len(CAUSES) == 82


@pytest.mark.parametrize("cause", CAUSES)
def test_the_reason_of_a_cause(cause: str):
    assert reason_of(cause) == CAUSES[cause]


@pytest.mark.parametrize("cause", ["", "BRAND_NEW_CAUSE", "normal_clearing"])
def test_what_nobody_knows_has_failed(cause: str):
    assert reason_of(cause) == "failed"


def test_the_table_names_nothing_that_freeswitch_never_says():
    assert set(REASON_OF_CAUSE) <= set(CAUSES)
    assert set(REASON_OF_CAUSE.values()) <= REASONS


def test_what_we_send_is_a_cause_and_means_what_was_ordered():
    assert {reason: reason_of(cause) for reason, cause in CAUSE_OF_REASON.items() if reason != "failed"} == {
        reason: reason for reason in CAUSE_OF_REASON if reason != "failed"
    }
    assert set(CAUSE_OF_REASON.values()) <= set(CAUSES)
    assert cause_of("anything else") == "NORMAL_CLEARING"


@pytest.mark.parametrize(
    ("cause", "refused", "silent", "heard"),
    [
        ("NORMAL_TEMPORARY_FAILURE", "rejected", "unreachable", "unreachable"),
        ("RECOVERY_ON_TIMER_EXPIRE", "rejected", "unreachable", "unreachable"),
        ("SERVICE_UNAVAILABLE", "rejected", "unreachable", "unreachable"),
        ("NO_ANSWER", "no_answer", "unreachable", "no_answer"),
        ("USER_BUSY", "busy", "busy", "busy"),
        ("UNALLOCATED_NUMBER", "no_route", "no_route", "no_route"),
        ("ORIGINATOR_CANCEL", "cancelled", "cancelled", "cancelled"),
    ],
)
def test_a_phone_that_answers_is_there_and_one_that_is_silent_is_not(
    cause: str, refused: str, silent: str, heard: str
) -> None:
    assert reason_of_phone(cause, refused=True, heard=True) == refused
    assert reason_of_phone(cause, refused=False, heard=False) == silent
    assert reason_of_phone(cause, refused=False, heard=True) == heard


SEEN = {  # what was seen of FreeSWITCH 1.11.2: (sip_term_status, sip_reply_host, cause) -> reason
    "503 by the phone": ("503", "10.0.0.9", "NORMAL_TEMPORARY_FAILURE", "rejected"),
    "503 made up on an ICMP error": ("503", "", "NORMAL_TEMPORARY_FAILURE", "unreachable"),
    "408 by the phone": ("408", "10.0.0.9", "RECOVERY_ON_TIMER_EXPIRE", "rejected"),
    "408 made up when nothing comes": ("408", "", "RECOVERY_ON_TIMER_EXPIRE", "unreachable"),
    "rang to the end of the time": ("", "10.0.0.9", "NO_ANSWER", "no_answer"),
    "never said a word": ("", "", "NO_ANSWER", "unreachable"),
    "no audio in the talk": ("", "10.0.0.9", "MEDIA_TIMEOUT", "unreachable"),
    "nonsense": ("5\u0663", "10.0.0.9", "NORMAL_TEMPORARY_FAILURE", "unreachable"),
}


@pytest.mark.parametrize("what", SEEN)
@pytest.mark.parametrize("party", ["agent", "transfer"])
def test_the_end_of_a_leg_of_ours(what: str, party: str) -> None:
    """Of a transfer the cause alone counts: a provider's 503 speaks of its line, not of a phone."""
    status, host, cause, reason = SEEN[what]
    given = {"Hangup-Cause": cause, "Unique-ID": "leg", "variable_hotline_leg": party,
             "variable_sip_term_status": status, "variable_sip_reply_host": host}  # fmt: skip
    known = {name: value for name, value in given.items() if value}
    event = Event(b"", {"Event-Name": "CHANNEL_HANGUP", **known})
    assert leg_ended(event).reason == (reason if party == "agent" else reason_of(cause))
