"""From the switch, to an interaction: its calls, and what came of orders for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ..record import record as signal


@signal
class CallArrived:
    """A caller's leg entered the call server's socket, for the first time or again (`resumed`)."""

    interaction: str
    leg: str
    ani: str
    name: str
    dnis: str
    context: str  # dialplan context: inbound | agents
    flow: str  # the name of the flow that the number maps to
    version: str  # hash of the flow version in force
    language: str = ""  # the number's own, "" = the flow's first
    resumed: bool = False
    talked_with: str = ""  # the leg that this one was joined with last
    parted_at: float = 0.0  # when the last talk of this leg ended, as the switch saw it; 0: not known
    age_s: float = 0.0  # for how long the switch has had the leg
    headers: Mapping[str, str] = field(default_factory=dict)


@signal
class CallerNeverReached:
    """A caller came, or came back, and went while nobody listened in the socket; the switch has kept that.

    gone_at: when the caller was last seen there, the end is at most an interlude later.
    """

    interaction: str
    leg: str
    ani: str
    dnis: str
    flow: str
    version: str
    arrived_at: float
    gone_at: float


@signal
class LegRinging:
    leg: str


@signal
class LegAnswered:
    leg: str


@signal
class LegEnded:
    """The leg is gone: the one result of a call that failed, and the end of one that was up.

    reason (neutral): normal | busy | no_answer | rejected | unreachable | no_route | congestion
    | cancelled | switch_lost | failed. cause: the switch's own word, for the record.
    by: caller | agent | application | unknown. at: when, if that is known and this told late; 0: now.
    """

    leg: str
    reason: str
    cause: str = ""
    by: str = "unknown"
    at: float = 0.0


@signal
class DigitPressed:
    leg: str
    digit: str


@signal
class PlayEnded:
    """result: done | stopped | failed."""

    ref: str
    result: str
    detail: str = ""


@signal
class RecordEnded:
    """A caller's message was recorded (voicemail). result: done | failed."""

    ref: str
    result: str
    path: str = ""
    duration_s: float = 0.0


@signal
class Joined:
    ref: str
    leg: str
    other: str


@signal
class JoinFailed:
    ref: str
    reason: str


@signal
class TransferBegun:
    """The caller now talks with the other side."""

    ref: str
    to: str


@signal
class TransferEnded:
    """The transfer failed, or (done) the talk is over and the caller is back.

    result: done | busy | no_answer | unreachable | failed.
    """

    ref: str
    result: str
    detail: str = ""


@signal
class LegHeld:
    """The phone of this leg has put the other side on hold (re-INVITE sendonly, inactive or 0.0.0.0)."""

    leg: str


@signal
class LegResumed:
    """The phone of this leg has taken the other side back."""

    leg: str


@signal
class RecordingFailed:
    leg: str
    path: str
    detail: str = ""


@signal
class RecordingEnded:
    """The recording of a conversation is on disk. cut: not to its end, because the disk is full."""

    leg: str
    path: str
    duration_s: float
    cut: bool = False


@signal
class SwitchLost:
    """The switch itself is gone: every leg that it held has ended.

    seen_at: when this application was last alive beside it; 0: until now.
    """

    seen_at: float = 0.0
