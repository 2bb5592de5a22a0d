"""A call that comes in (UAS): from the INVITE to the answer or the refusal."""

from __future__ import annotations

from typing import Any

from ..media.stream import Stream
from .causes import NUMBER, REASON, to_sip
from .dialog import Dialog, new_tag
from .leg import Leg, Owner
from .message import ALLOW, clean, header, make_body, sdp_of, user_of
from .sdp import Media, SdpError, parse
from .stack import Stack


class InboundLeg(Leg):
    """Raises SdpError when the offer has nothing for us."""

    def __init__(self, stack: Stack, stream: Stream, owner: Owner, request: Any) -> None:
        super().__init__(stack, stream, owner)
        self._invite = request
        offer = sdp_of(request)
        self._offer: Media | None = parse(offer) if offer else None
        to = request.getHFBody("to").getUri().getCopy()
        to.setParam("tag", new_tag())
        self.dialog = Dialog(
            stack,
            str(request.getHFBody("call-id")),
            to,
            request.getHFBody("from").getUri().getCopy(),
            request.getHFBody("from").getUrl().getCopy(),
            request.getSource(),
            user_of(request.getRURI()),
        )
        self.dialog.learn(request, reverse_routes=False)
        self.dialog.remote_sequence = request.getHFBody("cseq").getCSeqNum()
        if self._offer:
            self._law = self.apply(self._offer)
            self.has_media = False  # nothing is sent before 183 or 200
        self.register()

    def began_with(self, request: Any) -> bool:
        """Is this our INVITE again, forked by a proxy (RFC 3261, 8.2.2.2)? Its Call-ID is ours."""
        assert self.dialog
        ours, theirs = (each.getHFBody("cseq").getCSeqNum() for each in (self._invite, request))
        return bool(ours == theirs and self.dialog.remote_tag == request.getHFBody("from").getTag())

    # -- answers to the INVITE ----------------------------------------------------------------
    def ring(self) -> None:
        if not self.answered and not self.over and not self.has_media:
            self._respond(180, "Ringing")

    def early_media(self) -> bool:
        """183 with SDP; False when the caller made no offer (audio only after the answer then)."""
        if self.has_media:
            return True
        if not self._offer or self.over:
            return False
        self.has_media = True
        self._respond(183, "Session Progress", self.session.answer(self._offer, self._law))
        return True

    def answer(self) -> None:
        if self.answered or self.over:
            return
        self.answered = True
        if self._offer:
            self.has_media = True
            body = self.session.answer(self._offer, self._law)
        else:
            body, self._late_offer = self.session.offer(), True
        self._respond(200, "OK", body, self._confirmed)

    def refuse(self, cause: str) -> None:
        code, phrase = to_sip(cause)
        self._respond(
            code, phrase, headers=(header("reason", f'Q.850;cause={NUMBER[cause]};text="{cause}"'),)
        )
        self.release()

    def respond(self, code: int, phrase: str = "") -> None:
        """Refuse with this very answer."""
        self._respond(code, clean(phrase) or REASON.get(code, "Refused"))
        self.release()

    def hangup(self, cause: str) -> None:
        if self.over:
            return
        if self.answered:
            self.bye(cause, NUMBER[cause])
        else:
            self.refuse(cause)

    def _respond(self, code: int, phrase: str, body: str = "", on_ack: Any = None, headers: Any = ()) -> None:
        assert self.dialog
        response = self._invite.genResponse(code, phrase)
        response.getHFBody("to").setTag(self.dialog.local_tag)
        if code < 300:
            response.appendHeader(header("contact", str(self.dialog.contact)))
            response.appendHeader(header("allow", ALLOW))
        response.appendHeaders(list(headers))
        if body:
            response.setBody(make_body(body))
        self.stack.answer(response, on_ack)

    # -- the end of the INVITE transaction ----------------------------------------------------
    def _confirmed(self, request: Any) -> None:
        if self._late_offer and not self.has_media:
            description = sdp_of(request)
            try:
                if not description:
                    raise SdpError("no answer in ACK")
                self.apply(parse(description))
            except SdpError:
                self.bye("INCOMPATIBLE_DESTINATION", 88)
                self.owner.leg_ended("INCOMPATIBLE_DESTINATION", 488)
                return
        self.owner.leg_confirmed()

    def cancelled(self, *_: Any) -> None:
        """CANCEL; sippy has answered 487 already."""
        if not self.answered:
            self.end("ORIGINATOR_CANCEL", 487)

    def never_confirmed(self) -> None:
        """No ACK for our 200 in 32 s (RFC 3261, 13.3.1.4)."""
        if self.answered and not self.over:
            self.bye("RECOVERY_ON_TIMER_EXPIRE", 102)
            self.owner.leg_ended("RECOVERY_ON_TIMER_EXPIRE", 408)
