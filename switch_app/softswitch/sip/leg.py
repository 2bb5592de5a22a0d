"""One side of a call: an INVITE dialog with its audio. What the two directions have in common."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any, Protocol

from ..media.dtmf import DIGITS
from ..media.g711 import Law
from ..media.stream import Stream
from .dialog import Dialog
from .message import ALLOW, body_of, header, is_understood, make_body, not_understood, sdp_of
from .sdp import NOWHERE, Media, SdpError, Session, parse
from .stack import Stack

log = logging.getLogger("softswitch.sip")
_SIGNAL = re.compile(r"^\s*Signal\s*=\s*(\d{1,2}|[A-D*#])", re.I | re.M)
_DURATION = re.compile(r"^\s*Duration\s*=\s*(\d{1,5})", re.I | re.M)


class Owner(Protocol):
    """Whom a leg reports to: its channel."""

    def leg_heard(self, host: str) -> None: ...
    def leg_progress(self, code: int, has_media: bool) -> None: ...
    def leg_answered(self) -> None: ...
    def leg_confirmed(self) -> None: ...
    def leg_ended(self, cause: str, code: int) -> None: ...
    def leg_digit(self, digit: str, samples: int, source: str) -> None: ...
    def leg_held(self, held: bool) -> None: ...
    def leg_refer(
        self, target: Any, replaces: tuple[str, str, str] | None
    ) -> Callable[[], object] | None: ...


class Nobody:
    """The owner of a leg whose channel is gone."""

    def leg_heard(self, host: str) -> None: ...
    def leg_progress(self, code: int, has_media: bool) -> None: ...
    def leg_answered(self) -> None: ...
    def leg_confirmed(self) -> None: ...
    def leg_ended(self, cause: str, code: int) -> None: ...
    def leg_digit(self, digit: str, samples: int, source: str) -> None: ...
    def leg_held(self, held: bool) -> None: ...
    def leg_refer(
        self, target: Any, replaces: tuple[str, str, str] | None
    ) -> Callable[[], object] | None: ...


NOBODY = Nobody()


def _digit(signal: str) -> str:
    """`*` or its number 10, `#` or 11 ... (RFC 4733, 3.2; both are written); "" for what is no key."""
    if signal.isascii() and signal.isdigit():
        return DIGITS[int(signal)] if len(signal) < 3 and int(signal) < len(DIGITS) else ""
    return signal.upper() if len(signal) == 1 and signal.upper() in DIGITS else ""


class Leg:
    """Requests inside the dialog. The leg is `over` once nothing more is to be sent for it."""

    def __init__(self, stack: Stack, stream: Stream, owner: Owner) -> None:
        self.stack, self.stream = stack, stream
        self.owner: Owner = owner
        self.session = Session(stack.address[0], stream.rtp.port)
        self.dialog: Dialog | None = None
        self.answered = self.over = self.held = False
        self.listens = False  # by its own word it sends nothing (recvonly)
        self.has_media = False
        self._late_offer = False
        stream.without_events = self._send_digit
        stream.rtp.on_digit = lambda digit, samples: owner.leg_digit(digit, samples, "RTP")

    # -- media --------------------------------------------------------------------------------
    def apply(self, media: Media, chosen: Law | None = None) -> Law:
        """Talk to where the peer's description says; returns the law agreed on."""
        rtp = self.stream.rtp
        law = chosen or (rtp.law if self.has_media and rtp.law in media.laws else media.laws[0])
        rtp.law, rtp.event_type = law, media.event_type
        # RFC 3264, 5.1 and 6.1: each sends with the other one's number; some phones send with their own.
        numbers = (media.event_type, self.session.event_type)
        rtp.event_types = frozenset(number for number in numbers if number)
        assert self.dialog
        rtp.signals_from = self.dialog.source[0]
        if media.host != NOWHERE:  # else the old address is kept
            rtp.set_remote((media.host or self.dialog.source[0], media.port))
        rtp.may_send = media.direction in ("sendrecv", "recvonly") and not media.host.startswith("0.")
        self.has_media = True
        if self.listens != (media.direction == "recvonly"):
            self.listens = not self.listens
            rtp.wait_anew()
        if media.on_hold != self.held:
            self.held = media.on_hold
            rtp.wait_anew()
            self.owner.leg_held(self.held)
        return law

    # -- what sippy's transaction layer asks of a dialog --------------------------------------
    def isYours(self, request: Any) -> Leg | None:  # noqa: N802
        return self if self.dialog and self.dialog.owns(request) else None

    def recvRequest(self, request: Any, transaction: Any) -> Any:  # noqa: N802
        assert self.dialog
        if not self.dialog.in_order(request):
            return request.genResponse(500, "Server Internal Error"), None, None
        act = {
            "INVITE": self._reinvite,
            "UPDATE": self._update,
            "BYE": self._bye,
            "INFO": self._info,
            "REFER": self._refer,
            "OPTIONS": self._allow,
            "NOTIFY": self._fine,
            "MESSAGE": self._unsupported,
        }.get(request.getMethod(), self._unsupported)
        self.dialog.source = request.getSource()
        return act(request)

    def _fine(self, request: Any) -> Any:
        return request.genResponse(200, "OK"), None, None

    def _allow(self, request: Any) -> Any:
        answer = request.genResponse(200, "OK")
        answer.appendHeader(header("allow", ALLOW))
        return answer, None, None

    def _unsupported(self, request: Any) -> Any:
        answer = request.genResponse(405, "Method Not Allowed")
        answer.appendHeader(header("allow", ALLOW))
        return answer, None, None

    def _bye(self, request: Any) -> Any:
        self.stack.loop.soon(self.end, "NORMAL_CLEARING", 200)
        return request.genResponse(200, "OK"), None, None

    def _info(self, request: Any) -> Any:
        kind, text = body_of(request)
        digit, samples = "", 0
        if kind == "application/dtmf-relay":
            found, length = _SIGNAL.search(text), _DURATION.search(text)
            samples = int(length[1]) * 8 if length else 2000
            digit = _digit(found[1]) if found else ""
        elif kind == "application/dtmf":
            samples, digit = 2000, _digit(text.strip())
        if digit:
            self.owner.leg_digit(digit, samples, "INFO")
        return request.genResponse(200, "OK"), None, None

    def _send_digit(self, digit: str, samples: int) -> None:
        """As FreeSWITCH does for a phone without telephone events (switch_core_media.c, "switch to INFO")."""
        if self.answered and not self.over and self.dialog:
            text = f"Signal={digit}\r\nDuration={samples // 8}\r\n"
            self.dialog.send(self.dialog.request("INFO", text, "application/dtmf-relay"))

    def _reinvite(self, request: Any) -> Any:
        assert self.dialog
        if not self.answered:
            return self._too_early(request)
        if not is_understood(request):
            return not_understood(request), None, None
        offer = sdp_of(request)
        if request.getHFs("contact"):
            self.dialog.target = request.getHFBody("contact").getUrl().getCopy()
        answer = request.genResponse(200, "OK")
        try:
            description = self.session.answer(media := parse(offer), self.apply(media)) if offer else None
        except SdpError as error:
            log.info("offer refused: %s", error)
            return request.genResponse(488, "Not Acceptable Here"), None, None
        # RFC 3261, 14.2: an INVITE without offer gets ours in the answer and its answer in the ACK.
        answer.setBody(make_body(description or self.session.offer((self.stream.rtp.law,))))
        answer.appendHeader(header("contact", str(self.dialog.contact)))
        self.stack.answer(answer, None if offer else self._ack_with_answer)
        return None

    def _ack_with_answer(self, request: Any) -> None:
        description = sdp_of(request)
        if description and not self.over:
            try:
                self.apply(parse(description))
            except SdpError as error:
                log.info("answer in ACK not understood: %s", error)

    def _too_early(self, request: Any) -> Any:
        """An offer while another is open (RFC 3261, 14.2; RFC 3311, 5.2)."""
        answer = request.genResponse(500, "Server Internal Error")
        answer.appendHeader(header("retry-after", "1"))
        return answer, None, None

    def _update(self, request: Any) -> Any:
        if not is_understood(request):
            return not_understood(request), None, None
        offer = sdp_of(request)
        if offer and not self.has_media:
            return self._too_early(request)
        answer = request.genResponse(200, "OK")
        if offer:
            try:
                media = parse(offer)
                answer.setBody(make_body(self.session.answer(media, self.apply(media))))
            except SdpError:
                return request.genResponse(488, "Not Acceptable Here"), None, None
        assert self.dialog
        answer.appendHeader(header("contact", str(self.dialog.contact)))
        return answer, None, None

    def _refer(self, request: Any) -> Any:
        try:
            (found,) = request.getHFBodys("refer-to")
            url = found.getUrl()
        except Exception:  # noqa: BLE001 (none, several, or whatever sippy makes of a stranger's text)
            return request.genResponse(400, "Bad Refer-To"), None, None
        replaces = None
        for name, value in (url.headers or {}).items():
            if name.lower() == "replaces":
                call_id, *params = value.split(";")
                tags = dict(each.partition("=")[::2] for each in params)
                replaces = (call_id, tags.get("to-tag", ""), tags.get("from-tag", ""))
        transfer = self.owner.leg_refer(url, replaces)
        if transfer is None:
            return request.genResponse(603, "Decline"), None, None
        # After our 202, and before the BYE that ends this phone's part.
        self.stack.loop.soon(self.notify, "SIP/2.0 200 OK")
        self.stack.loop.soon(transfer)
        return request.genResponse(202, "Accepted"), None, None

    def notify(self, fragment: str) -> None:
        """Tell the phone how its REFER went (RFC 3515)."""
        if self.over or not self.dialog:
            return
        headers = (header("event", "refer"), header("subscription-state", "terminated;reason=noresource"))
        self.dialog.send(
            self.dialog.request("NOTIFY", fragment + "\r\n", "message/sipfrag;version=2.0", headers)
        )

    # -- ending -------------------------------------------------------------------------------
    def register(self) -> None:
        """From now on requests of this dialog come to us."""
        assert self.dialog
        self.stack.manager.regConsumer(self, self.dialog.call_id)
        self._registered = True

    _registered = False

    def end(self, cause: str, code: int) -> None:
        """The other side is gone: report it once and let the dialog go."""
        if not self.over:
            self.release()
            self.owner.leg_ended(cause, code)

    def release(self) -> None:
        self.over = True
        if self._registered and self.dialog:
            self._registered = False
            # Late retransmissions still find the transaction; new requests get 481.
            try:
                self.stack.manager.unregConsumer(self, self.dialog.call_id)
            except (IndexError, KeyError):
                log.debug("dialog was not registered")

    def bye(self, cause: str, number: int) -> None:
        assert self.dialog
        reason = header("reason", f'Q.850;cause={number};text="{cause}"')
        self.dialog.send(self.dialog.request("BYE", headers=(reason,)))
        self.release()
