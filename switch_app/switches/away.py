"""Why the switch is not reached, as one line for people: what it means for calls, and the remedy."""

from __future__ import annotations

from .errors import PasswordRefused

EMBEDDED = "The supervisor starts it again; its log (softswitch.log) tells why it ended"
START = (
    "start it (`hotline freeswitch-config FOLDER` prints how), or set HOTLINE_FREESWITCH_ADDRESS to its "
    "event socket"
)
PASSWORD = (
    "write its configuration again (`hotline freeswitch-config FOLDER`) and restart it, or name a file with "
    "its password in HOTLINE_FREESWITCH_PASSWORD_FILE"
)
DENIED = "refused"  # text/rude-rejection, in the transport's word
LET_IN = "let this machine's address through apply-inbound-acl of its event_socket.conf.xml"


def away(switch: str, address: str, failure: Exception | None) -> str:
    """switch: embedded | freeswitch. failure: of the control line's last attempt, None before the first."""
    reason = str(failure or "not tried yet").removeprefix(f"{address}: ")
    if switch == "embedded":
        return f"the embedded switch at {address} does not answer ({reason}). {EMBEDDED}"
    if isinstance(failure, PasswordRefused):
        says, remedy = "refuses the password of its event socket", PASSWORD
    elif reason == DENIED:
        says, remedy = "denies us", LET_IN
    else:
        says, remedy = f"does not answer ({reason})", START
    return f"FreeSWITCH at {address} {says}: callers get no answer, or music and no agent. Remedy: {remedy}"
