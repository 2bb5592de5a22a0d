"""Compares what the switch holds with what we believe; events are hints, this is the truth.

An error of `show channels` means unknown, never none (with -nosql FreeSWITCH answers -ERR).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.interaction.state import Offer

from .arrival import moment
from .control_line import ControlLine
from .existence import Existence
from .voice import RECOVER, VoiceSwitch

log = logging.getLogger(__name__)

EVERY_S = 5.0
LAG_S = 2.0  # `show channels` reads a database that FreeSWITCH writes in batches; 0.2 s were seen
IN_QUEUE = (Phase.WAITING, Phase.RINGING, Phase.JOINING)


@dataclass(frozen=True, slots=True)
class Channel:
    """A row of `show channels as json`."""

    leg: str
    callstate: str  # RINGING | EARLY | ACTIVE | HELD | UNHELD | DOWN ...
    intrudes: bool = False  # its INVITE names a call to replace, and has led it past the dialplan


def read_channels(text: str) -> dict[str, Channel] | None:
    """Channels by leg, or None when the switch could not say (-ERR, cut text)."""
    try:
        found = json.loads(text)
        rows = found.get("rows", []) if found["row_count"] else []
        return {row["uuid"]: Channel(row["uuid"], row.get("callstate", ""), _intrudes(row)) for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _intrudes(row: Mapping[str, str]) -> bool:
    """As FreeSWITCH does with Replaces (sofia.c, sofia_handle_sip_i_invite_replaces)."""
    return row.get("dialplan") == "inline" and row.get("dest", "").startswith("answer,")


class Reconciler:
    """`look()` now and then, and at once when the control line is up again.

    A difference counts only when two looks in a row see it, and for LAG_S: `show channels` lags behind the
    events, and a line that is up again may bring two looks at once.
    """

    def __init__(
        self,
        line: ControlLine,
        voice: VoiceSwitch,
        take: Callable[[str, Any], object],
        interactions: Mapping[str, Interaction],
        lag_s: float = LAG_S,
        now: Callable[[], float] = monotonic,
        recorded_s: Callable[[str], float] = lambda path: 0.0,
    ) -> None:
        """recorded_s: how much a recording that has ended holds, 0.0 if that is not known."""
        self._line, self._voice, self._take, self._interactions = line, voice, take, interactions
        self._existence = Existence(line)
        self._lag_s, self._clock = lag_s, now
        self._now = 0.0
        self._before: dict[tuple[str, str], float] = {}  # (what, leg) of the last look: since when
        self._suspects: dict[tuple[str, str], float] = {}  # of this one
        self._core = ""
        self._seen_at = self._alive_at = 0.0  # when the process before this one was last alive
        self._recorded_s = recorded_s
        self.on_core: Callable[[str], object] = lambda core: None  # a switch was met for the first time

    def look(self) -> None:
        """One comparison. Raises ConnectionError, TimeoutError when the switch does not answer."""
        if self._restarted():
            return
        rows = read_channels(self._line.api("show", "channels as json"))
        if rows is None:
            log.warning("the switch could not list its channels: nothing is concluded from that")
            return
        channels = self._existence.living(rows, self._doubted())
        self._now, self._before, self._suspects = self._clock(), self._suspects, {}
        for stream, state in list(self._interactions.items()):
            self._compare(stream, state, channels)
        self._transfers(channels)
        self._strays(channels)
        self._untold(channels)

    def _restarted(self) -> bool:
        """A new Core-UUID: the switch died meanwhile, and with it every leg."""
        core = self._line.api("global_getvar", "core_uuid").strip()
        if not core or core.startswith("-ERR"):
            return False
        known, self._core = self._core, core
        seen_at, self._seen_at = self._seen_at, 0.0
        if core != known:
            self.on_core(core)
        if not known or known == core:
            return False
        fresh = set(self._voice.callers)  # in our socket: they came after it
        lost = [stream for stream, state in self._interactions.items() if state.leg not in fresh]
        if lost:
            log.error("the switch has started anew: %d calls are lost", len(lost))
        for stream in lost:
            self._take(stream, s.SwitchLost(seen_at))
        self._voice.forget()
        self._existence.forget()
        return True

    def remember_core(self, core: str, seen_at: float) -> None:
        """The Core-UUID of before our own restart, so that a switch that died meanwhile is noticed."""
        self._core = core
        self._seen_at = self._alive_at = seen_at

    def _doubted(self) -> Iterator[str]:
        """Legs of which no socket tells that they are there."""
        for state in self._interactions.values():
            if state.leg_up and state.leg not in self._voice.callers:
                yield state.leg
            if state.offer is not None:
                yield state.offer.leg
        for other, _, _ in self._voice.transfers.ringing():
            yield other

    def _is_gone(self, leg: str) -> bool:
        """A leg without a row, for long enough, and the switch says so when asked."""
        return self._lasts("gone", leg) and self._existence.is_over(leg)

    def _compare(self, stream: str, state: Interaction, channels: Mapping[str, Channel]) -> None:
        offer = state.offer
        if state.leg_up and state.leg not in channels and self._is_gone(state.leg):
            ended = s.LegEnded(state.leg, "normal", "RECONCILED", at=self._hung_up_at(state))
            self._voice.end(state.leg, ended, stream)
            return
        if state.leg_up:
            self._voice.streams.setdefault(state.leg, stream)
        if offer is None:
            self._ownerless(state, channels)
            return
        if offer.leg not in channels:
            if self._is_gone(offer.leg) and not self._talked(state, offer, channels):
                talked = state.phase is Phase.TALKING
                reason, at = ("normal", self._parted_at(state.leg)) if talked else ("failed", 0.0)
                self._voice.end(offer.leg, s.LegEnded(offer.leg, reason, "RECONCILED", at=at), stream)
            return
        self._voice.streams.setdefault(offer.leg, stream)
        if state.phase is Phase.TALKING:
            self._hold(stream, offer, channels[offer.leg].callstate == "HELD")
        elif state.phase is Phase.RINGING and channels[offer.leg].callstate == "ACTIVE":
            if self._lasts("answered", offer.leg):
                self._take(stream, s.LegAnswered(offer.leg))
        elif state.phase is Phase.JOINING:
            partner = self._partner(state.leg)
            join = o.Join(offer.join_ref, state.leg, offer.leg, offer.recording)
            if partner == offer.leg:
                self._voice.met(state.leg, (stream, join))
            elif self._lasts("joining", offer.leg):
                self._voice.not_met(state.leg, stream, join, "not bridged")

    def _talked(self, state: Interaction, offer: Offer, channels: Mapping[str, Channel]) -> bool:
        """A join of which we know nothing has come true, and the talk is over: the caller, on the way back,
        brings along what there was."""
        if state.phase is not Phase.JOINING or state.leg not in channels:
            return False
        return self._line.api("uuid_getvar", f"{state.leg} last_bridge_to").strip() == offer.leg

    def _parted_at(self, leg: str) -> float:
        """When the talk of this caller ended: the recover extension has written it down."""
        return moment(self._line.api("uuid_getvar", f"{leg} hotline_parted_at").strip())

    def _hung_up_at(self, state: Interaction) -> float:
        """When a caller hung up in a talk: its recording, which began with it, ends there; while the process
        before this one lived, that would have been told. 0.0: not known."""
        offer = state.offer
        if state.phase is not Phase.TALKING or offer is None or offer.connected_at is None:
            return 0.0
        recorded_s = self._recorded_s(offer.recording) if offer.recording else 0.0
        return max(offer.connected_at + recorded_s, self._alive_at) if recorded_s else 0.0

    def _hold(self, stream: str, offer: Offer, held: bool) -> None:
        """Whether the agent has the caller on hold, should its event have been lost."""
        known = offer.held_at is not None
        if held != known and self._lasts("held" if held else "resumed", offer.leg):
            self._take(stream, s.LegHeld(offer.leg) if held else s.LegResumed(offer.leg))

    def _ownerless(self, state: Interaction, channels: Mapping[str, Channel]) -> None:
        """A caller that should be in our socket and is not: endless tone, park, a zombie (survival.md). Not
        one who talks elsewhere."""
        held = state.phase in (Phase.FLOW, Phase.PARTED, *IN_QUEUE)
        lost = held and state.leg in channels and state.leg not in self._voice.callers
        if not lost or not self._lasts("ownerless", state.leg) or self._existence.is_over(state.leg):
            return
        if not state.transferred or self._partner(state.leg) not in channels:
            log.warning("%s has no owner: sent to the recover extension", state.leg)
            self._line.api("uuid_transfer", f"{state.leg} {RECOVER.replace(':', ' ')}")

    def _transfers(self, channels: Mapping[str, Channel]) -> None:
        """What the control line did not tell of a transfer: its failure, its answer, or its talk."""
        for other, stream, order in self._voice.transfers.ringing():
            if other not in channels:
                if self._is_gone(other):
                    self._voice.end(other, s.LegEnded(other, "failed", "RECONCILED"), stream)
            elif not self._awaited(stream, order.ref):
                if self._lasts("unawaited", other):
                    self._line.api("uuid_kill", f"{other} NORMAL_CLEARING")
            elif channels[other].callstate == "ACTIVE":
                if self._partner(order.leg) == other:
                    self._voice.met(order.leg)
                elif self._lasts("answered", other):
                    self._voice.other_side_answered(other)

    def _awaited(self, stream: str, ref: str) -> bool:
        """Whether the flow still waits for this transfer."""
        state = self._interactions.get(stream)
        wait = (state.session or {}).get("wait") if state else None
        return bool(wait) and wait.get("ref") == ref

    def _strays(self, channels: Mapping[str, Channel]) -> None:
        """Legs that we called (their ids are of version 8, core/ids.py) and that nobody wants any more; and
        calls that came past the dialplan: no interaction knows of them, and none is to."""
        wanted = {state.offer.leg for state in self._interactions.values() if state.offer}
        for leg, channel in channels.items():
            ours = len(leg) == 36 and leg[14] == "8"
            unwanted = ours and leg not in wanted and leg not in self._voice.transfers
            if not (unwanted or channel.intrudes) or not self._lasts("stray", leg):
                continue
            if not self._existence.is_over(leg) and not self._talks_with_caller(leg):
                log.warning("%s belongs to nobody: hung up", leg)
                self._line.api("uuid_kill", f"{leg} NORMAL_CLEARING")

    def _untold(self, channels: Mapping[str, Channel]) -> None:
        """Legs that are gone, and their interaction too, but nobody told of their end: it came while the line
        was down, or before the leg did."""
        for leg, stream in list(self._voice.streams.items()):
            known = leg in channels or leg in self._voice.callers or stream in self._interactions
            if not known and self._lasts("untold", leg):
                self._voice.streams.pop(leg, None)

    def _talks_with_caller(self, leg: str) -> bool:
        """The other side of a transfer that a process before this one made. Not an agent whom a join has met
        after it was given up: the caller waits, and others are rung for them."""
        partner = self._partner(leg)
        return any(
            state.leg_up and state.leg == partner and state.phase not in IN_QUEUE
            for state in self._interactions.values()
        )

    def _partner(self, leg: str) -> str:
        """The leg that it is bridged with; no leg's name when it is not."""
        return self._line.api("uuid_getvar", f"{leg} bridge_uuid").strip()

    def _lasts(self, what: str, leg: str) -> bool:
        """Whether the look before saw this too, and long enough ago."""
        since = self._before.get((what, leg), self._now)
        self._suspects[what, leg] = since
        return (what, leg) in self._before and self._now - since >= self._lag_s
