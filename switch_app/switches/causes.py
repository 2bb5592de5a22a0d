"""The one table between hang-up causes and neutral reasons.

Causes are FreeSWITCH's (switch_types.h, after ITU-T Q.850). What the table does not name is `failed`.
"""

from __future__ import annotations

REASON_OF_CAUSE = {
    "NORMAL_CLEARING": "normal",
    "NORMAL_UNSPECIFIED": "normal",
    "SUCCESS": "normal",
    "PICKED_OFF": "normal",
    "ALLOTTED_TIMEOUT": "normal",
    "BLIND_TRANSFER": "normal",
    "ATTENDED_TRANSFER": "normal",
    "USER_BUSY": "busy",
    "BUSY_EVERYWHERE": "busy",
    "NO_ANSWER": "no_answer",
    "NO_USER_RESPONSE": "no_answer",
    "NO_PICKUP": "no_answer",
    "PROGRESS_TIMEOUT": "no_answer",
    "CALL_REJECTED": "rejected",
    "DECLINE": "rejected",
    "UNWANTED": "rejected",
    "REJECT_ALL": "rejected",
    "REQUESTED_CHAN_UNAVAIL": "rejected",  # a phone that forwards its calls (outbound_redirect_fatal)
    "OUTGOING_CALL_BARRED": "rejected",
    "INCOMING_CALL_BARRED": "rejected",
    "USER_NOT_REGISTERED": "unreachable",
    "SUBSCRIBER_ABSENT": "unreachable",
    "NETWORK_OUT_OF_ORDER": "unreachable",
    "DESTINATION_OUT_OF_ORDER": "unreachable",
    "RECOVERY_ON_TIMER_EXPIRE": "unreachable",
    "NORMAL_TEMPORARY_FAILURE": "unreachable",
    "SERVICE_UNAVAILABLE": "unreachable",
    "GATEWAY_DOWN": "unreachable",
    "MEDIA_TIMEOUT": "unreachable",
    "NO_ROUTE_DESTINATION": "no_route",
    "NO_ROUTE_TRANSIT_NET": "no_route",
    "UNALLOCATED_NUMBER": "no_route",
    "NUMBER_CHANGED": "no_route",
    "DOES_NOT_EXIST_ANYWHERE": "no_route",
    "INVALID_NUMBER_FORMAT": "no_route",
    "INVALID_GATEWAY": "no_route",
    "INVALID_PROFILE": "no_route",
    "INVALID_URL": "no_route",
    "CHAN_NOT_IMPLEMENTED": "no_route",
    "NORMAL_CIRCUIT_CONGESTION": "congestion",
    "SWITCH_CONGESTION": "congestion",
    "FACILITY_REJECTED": "congestion",
    "PRE_EMPTED": "congestion",
    "ORIGINATOR_CANCEL": "cancelled",
    "LOSE_RACE": "cancelled",
    "MANAGER_REQUEST": "cancelled",
    "CRASH": "switch_lost",
    "SYSTEM_SHUTDOWN": "switch_lost",
}

CAUSE_OF_REASON = {
    "normal": "NORMAL_CLEARING",
    "busy": "USER_BUSY",
    "rejected": "CALL_REJECTED",
    "no_route": "UNALLOCATED_NUMBER",
    "cancelled": "ORIGINATOR_CANCEL",
    "failed": "NORMAL_TEMPORARY_FAILURE",
}


# A registered phone that was called. Whoever sends a final response is there, however it refuses (503 of do
# not disturb, 500, 408 ...); a phone that has never said a word in all the time of ringing is not. FreeSWITCH
# gives the same causes to both: sofia makes a 503 of its own on an ICMP error and a 408 when nothing comes.
OF_AN_ANSWER = {"unreachable": "rejected"}
OF_SILENCE = {"no_answer": "unreachable"}


def reason_of(cause: str) -> str:
    """The neutral reason of a hang-up cause."""
    return REASON_OF_CAUSE.get(cause, "failed")


def reason_of_phone(cause: str, refused: bool, heard: bool) -> str:
    """The reason why an agent's phone did not take a call. refused: by a final response of its own, 300 and
    up; heard: any response came from it."""
    reason = reason_of(cause)
    if refused:
        return OF_AN_ANSWER.get(reason, reason)
    return reason if heard else OF_SILENCE.get(reason, reason)


def cause_of(reason: str) -> str:
    """The hang-up cause to send for a neutral reason."""
    return CAUSE_OF_REASON.get(reason, "NORMAL_CLEARING")
