"""A SIP dialog (RFC 3261, 12): the numbers and addresses that keep two ends together."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from sippy.SipCallId import SipCallId
from sippy.SipFrom import SipFrom
from sippy.SipMaxForwards import SipMaxForwards
from sippy.SipRequest import SipRequest
from sippy.SipTo import SipTo

from .guard import numeric
from .message import contact, make_body
from .stack import AGENT, Stack
from .transport import Address


class Dialog:
    """`peer` is where requests go: first route, contact, or, behind NAT, where the peer speaks from."""

    def __init__(
        self, stack: Stack, call_id: str, local: Any, remote: Any, target: Any, peer: Address, user: str = ""
    ) -> None:
        """local, remote: SipAddress with their tags; target: the peer's SipURL; user: of our Contact."""
        self._stack = stack
        self.call_id = call_id
        self.local, self.remote = local, remote
        self.target = target
        self.routes: list[Any] = []
        self.source = peer
        self.contact = contact(user, stack.address)
        self._sequence = secrets.randbelow(10_000) + 1
        self.remote_sequence = -1

    @property
    def local_tag(self) -> str:
        return str(self.local.getParam("tag") or "")

    @property
    def remote_tag(self) -> str:
        return str(self.remote.getParam("tag") or "")

    @property
    def peer(self) -> Address:
        url = self.routes[0].getUrl() if self.routes else self.target
        host, port = url.getAddr()
        if not numeric(str(host)) or (not self.routes and host != self.source[0]):
            return self.source
        return str(host), int(port)

    def learn(self, message: Any, reverse_routes: bool) -> None:
        """Take target and route set from a request (caller) or an answer (callee; reversed)."""
        contacts = message.getHFs("contact")
        if contacts:
            self.target = message.getHFBody("contact").getUrl().getCopy()
        routes = [each.getCopy() for each in message.getHFBodys("record-route")]
        self.routes = routes[::-1] if reverse_routes else routes

    def request(
        self, method: str, body: str = "", kind: str = "application/sdp", headers: tuple[Any, ...] = ()
    ) -> Any:
        """Build the next request of this dialog."""
        self._sequence += 1
        request = SipRequest(
            method=method,
            ruri=self.target.getCopy(),
            fr0m=SipFrom(address=self.local.getCopy()),
            to=SipTo(address=self.remote.getCopy()),
            cseq=self._sequence,
            callid=SipCallId(self.call_id),
            maxforwards=SipMaxForwards(number=70),
            contact=self.contact.getCopy() if method not in ("BYE", "ACK", "CANCEL") else None,
            routes=[each.getCopy() for each in self.routes],
            target=(self.peer, "udp"),
            user_agent=AGENT,
        )
        if body:
            request.setBody(make_body(body, kind))
        request.appendHeaders(list(headers))
        return request

    def send(self, request: Any, on_response: Callable[[Any, Any], None] | None = None) -> Any:
        return self._stack.send(request, on_response)

    def owns(self, request: Any) -> bool:
        """Is this request of this dialog (by tags; the Call-ID was compared already)?"""
        tags = request.getHFBody("from").getTag(), request.getHFBody("to").getTag()
        return tags == (self.remote_tag, self.local_tag)

    def in_order(self, request: Any) -> bool:
        """False for a request that is older than the last (RFC 3261, 12.2.2)."""
        number = request.getHFBody("cseq").getCSeqNum()
        if number <= self.remote_sequence:
            return False
        self.remote_sequence = int(number)
        return True


def new_tag() -> str:
    return secrets.token_hex(8)
