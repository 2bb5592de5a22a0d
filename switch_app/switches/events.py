"""Events of the control line -> signals."""

from __future__ import annotations

from switch_app.core import signals as s
from switch_app.esl.message import Event

from .causes import reason_of, reason_of_phone

# Of an originate: the switch is paused, or over its limits (switch_core_session.c, outgoing_channel).
NO_CHANNEL = "DESTINATION_OUT_OF_ORDER"
CUT = "uri-failure"  # of a recording: it could not be written to its end (switch_ivr_async.c)
SUBSCRIBED = (
    "CHANNEL_BRIDGE",
    "CHANNEL_HANGUP",
    "CHANNEL_HOLD",  # by the phone of its Unique-ID (switch_channel_mark_hold)
    "CHANNEL_UNHOLD",
    "RECORD_STOP",
    "BACKGROUND_JOB",
    "HEARTBEAT",
    "CUSTOM",
    "sofia::unregister",
    "sofia::expire",
)


def leg_ended(event: Event) -> s.LegEnded:
    """CHANNEL_HANGUP, and who did it.

    When the phone hung up, sip_hangup_disposition is set only after this event, but sip_term_cause before
    it (sofia.c, sofia_handle_sip_i_bye); neither is there when the hang-up is our own.
    """
    cause = event.get("Hangup-Cause", "")
    disposition = event.get("variable_sip_hangup_disposition", "")
    theirs = disposition.startswith("recv_") or bool(event.get("variable_sip_term_cause", ""))
    party = "agent" if event.get("variable_hotline_leg", "") == "agent" else "caller"
    by = party if theirs and not disposition.startswith("send_") else "application"
    reason = _reason_of_agents(event, cause) if party == "agent" else reason_of(cause)
    return s.LegEnded(event.get("Unique-ID", ""), reason, cause, by)


def _reason_of_agents(event: Event, cause: str) -> str:
    """sip_reply_host is set by what comes from the network alone (sofia.c, sofia_handle_sip_r_invite);
    sip_term_status also by a status that sofia itself makes up."""
    heard = bool(event.get("variable_sip_reply_host", ""))
    status = event.get("variable_sip_term_status", "")
    refused = heard and status.isascii() and status.isdigit() and int(status) >= 300
    return reason_of_phone(cause, refused, heard)


def originate_failed(leg: str, text: str) -> s.LegEnded | None:
    """The result of a bgapi originate: `+OK uuid` says nothing new, `-ERR CAUSE` is the end.

    Where there was a channel, its hang-up is told first; that there was none says nothing of the phone.
    """
    if not text.startswith("-ERR"):
        return None
    cause = text[4:].split()[0] if text[4:].split() else ""
    return s.LegEnded(leg, "congestion" if cause == NO_CHANNEL else reason_of(cause), cause, "unknown")


def recording_ended(event: Event, relative: str) -> s.RecordingEnded | s.RecordingFailed:
    """RECORD_STOP. A recording of no length is none: its file could not be written."""
    leg = event.get("Unique-ID", "")
    if event.get("variable_record_ms", "") == "0":
        return s.RecordingFailed(leg, relative, "nothing could be written")
    cut = event.get("Record-Completion-Cause", "") == CUT
    return s.RecordingEnded(leg, relative, recorded_s(event), cut)


def recorded_s(event: Event) -> float:
    """The length, from variable record_ms (switch_ivr_async.c); unknown is 0."""
    length_ms = event.get("variable_record_ms", "0")
    return int(length_ms) / 1000 if length_ms.isascii() and length_ms.isdigit() else 0.0
