"""A call that we make (UAC): INVITE, its answers, CANCEL."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from sippy.SipAddress import SipAddress
from sippy.SipRoute import SipRoute
from sippy.SipURL import SipURL

from ..loop import Timer
from ..media.g711 import Law
from ..media.stream import Stream
from .causes import NUMBER, from_sip
from .dialog import Dialog, new_tag
from .digest import credentials
from .leg import Leg, Owner
from .message import ALLOW, header, quoted, sdp_of, texts_of, url_user
from .sdp import SdpError, parse
from .stack import Stack
from .transport import Address


@dataclass(frozen=True)
class Target:
    """One address. `number` is what was dialled; `variables` are set on the leg; `routes`: Call."""

    uri: str
    peer: tuple[str, int]
    number: str
    variables: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    caller_user: str = ""
    domain: str = ""
    routes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """Whom to call and as whom. target: the request's address; peer: where it is sent; routes: the proxies on
    the way, the nearest first."""

    target: str
    peer: Address
    caller_number: str
    caller_name: str = ""
    domain: str = ""
    user: str = ""
    password: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    laws: tuple[Law, ...] = ("PCMU", "PCMA")
    patience_s: float = 5.0
    routes: tuple[str, ...] = ()


class OutboundLeg(Leg):
    """`patience_s`: how long a phone may say nothing at all (UDP: it is gone)."""

    def __init__(self, stack: Stack, stream: Stream, owner: Owner, call: Call) -> None:
        super().__init__(stack, stream, owner)
        self.call = call
        number = url_user(call.caller_number)
        local_url = SipURL(username=number or "anonymous", host=call.domain or stack.address[0], port=None)
        local = SipAddress(name=quoted(call.caller_name), url=local_url, hadbrace=True)
        local.setParam("tag", new_tag())
        target = SipURL(call.target)
        remote_url = SipURL(username=target.username, host=target.host, port=target.port)
        remote = SipAddress(url=remote_url, hadbrace=True)
        call_id = secrets.token_hex(16)
        self.dialog = Dialog(stack, call_id, local, remote, target, call.peer, number)
        hops = [SipAddress(url=SipURL(each), hadbrace=True) for each in call.routes]
        self.dialog.routes = [SipRoute(address=each) for each in hops]
        self._challenged = self._cancelling = False
        self._provisional = False
        self._timer: Timer | None = None
        self._transaction: Any = None
        self.register()

    def start(self) -> None:
        self._timer = self.stack.loop.later(self.call.patience_s, self._unheard)
        self._invite()

    def _invite(self, *extra: Any) -> None:
        assert self.dialog
        headers = [header("allow", ALLOW), *(header(n, v) for n, v in self.call.headers.items()), *extra]
        request = self.dialog.request("INVITE", self.session.offer(self.call.laws), headers=tuple(headers))
        # The phone may sit behind NAT: its registration's source counts, not its contact.
        request.setTarget((self.call.peer, "udp"))
        self._uri = str(request.getRURI())
        self._transaction = self.stack.send(request, self._response)

    # -- answers ------------------------------------------------------------------------------
    def _response(self, response: Any, transaction: Any) -> None:
        code, phrase = response.getSCode()
        if getattr(response, "source", None):  # the transaction layer makes up a 408 of its own
            self.owner.leg_heard(response.getSource()[0])
        if not self._provisional:
            self._provisional = True
            if self._timer:
                self._timer.cancel()
        if code < 200:
            self._progress(response, code)
        elif code < 300:
            self._success(response, transaction)
        elif code in (401, 407) and not self._challenged and self.call.password and not self._cancelling:
            self._answer_challenge(response, code)
        elif not self.over:
            cause = "ORIGINATOR_CANCEL" if self._cancelling else from_sip(code)
            self.end(cause, code)
        else:
            self.release()

    def _progress(self, response: Any, code: int) -> None:
        if code == 100 or self.over:
            return
        self._learn(response)
        description = sdp_of(response)
        media = False
        if description:
            try:
                self.apply(parse(description))
                media = True
            except SdpError:
                pass
        self.owner.leg_progress(code, media)

    def _success(self, response: Any, transaction: Any) -> None:
        assert self.dialog
        self._learn(response)
        # sippy would send the ACK to the contact's address; behind NAT that is the wrong one.
        transaction.uack = True
        self.stack.loop.soon(self._acknowledge, transaction)
        if self._cancelling or self.over:
            self.stack.loop.soon(self._late_bye)
            return
        self.answered = True
        description = sdp_of(response)
        try:
            if description or not self.has_media:  # some gateways answer in their 183 alone
                self.apply(parse(description or ""))
        except SdpError:
            self.stack.loop.soon(self._unusable)
            return
        self.owner.leg_answered()

    def _acknowledge(self, transaction: Any) -> None:
        assert self.dialog
        transaction.ack_rAddr = (self.dialog.peer, "udp")
        self.stack.manager.sendACK(transaction)

    def _late_bye(self) -> None:
        """The phone answered while our CANCEL was on its way."""
        self.bye("ORIGINATOR_CANCEL", 487)

    def _unusable(self) -> None:
        self.bye("INCOMPATIBLE_DESTINATION", 88)
        self.owner.leg_ended("INCOMPATIBLE_DESTINATION", 488)

    def _learn(self, response: Any) -> None:
        assert self.dialog
        tag = response.getHFBody("to").getTag()
        if tag:
            self.dialog.remote.setParam("tag", tag)
        self.dialog.learn(response, reverse_routes=True)
        self.dialog.source = response.getSource()

    def _answer_challenge(self, response: Any, code: int) -> None:
        self._challenged = True
        asked, given = {
            401: ("www-authenticate", "authorization"),
            407: ("proxy-authenticate", "proxy-authorization"),
        }[code]
        value = credentials(
            texts_of(response, asked), self.call.user, self.call.password, "INVITE", self._uri
        )
        if not value:
            self.end("CALL_REJECTED", code)
            return
        self.stack.loop.soon(self._invite, header(given, value))

    # -- giving up ----------------------------------------------------------------------------
    def _unheard(self) -> None:
        if not self.over and not self._provisional:
            self._cancelling = True
            self.stack.manager.cancelTransaction(self._transaction)
            self.end("RECOVERY_ON_TIMER_EXPIRE", 408)

    def unreachable(self) -> None:
        """ICMP: nobody listens there."""
        if not self.over and not self._provisional:
            self._cancelling = True
            self.end("NORMAL_TEMPORARY_FAILURE", 503)

    def hangup(self, cause: str) -> None:
        if self.over:
            return
        if self.answered:
            self.bye(cause, NUMBER[cause])
            return
        if self._timer:
            self._timer.cancel()
        self._cancelling = True
        reason = None
        if cause == "LOSE_RACE":
            reason = [header("reason", 'SIP;cause=200;text="Call completed elsewhere"')]
        self.stack.manager.cancelTransaction(self._transaction, extra_headers=reason)
        self.over = True
