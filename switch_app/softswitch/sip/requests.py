"""Requests outside a dialog: who may register, call in, or only be told that we are here."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

from ..dialplan.directory import User
from ..log import Throttled
from .digest import Digest, Verdict, a1_hash, fields_of
from .identity import caller_of
from .message import ALLOW, header, texts_of, user_of
from .ratelimit import RateLimit
from .registrar import Registrar

log = logging.getLogger("softswitch.sip")
_noisy = Throttled(log)
_OF_DIALOGS = ("BYE", "INFO", "PRACK", "UPDATE")


class Calls(Protocol):
    """Who takes the INVITEs that were let in."""

    def user(self, name: str) -> User | None: ...
    def is_inbound(self, fields: Callable[[str], str | None]) -> bool: ...
    def accept(self, request: Any, user: User | None) -> Any: ...


class Requests:
    """sippy's request callback. Digest for everything but an INVITE to a number of the inbound context."""

    def __init__(self, calls: Calls, registrar: Registrar, realm: str, rate: float, burst: int) -> None:
        self._calls, self._registrar = calls, registrar
        self._digest = Digest(realm)
        self._limit = RateLimit(rate, burst)

    def __call__(self, request: Any, _transaction: Any) -> Any:
        method = request.getMethod()
        if method in ("ACK", "CANCEL"):
            return None
        tag = request.getHFBody("to").getTag()
        if method in _OF_DIALOGS or (tag and method not in ("INVITE", "REGISTER")):
            return request.genResponse(481, "Call/Transaction Does Not Exist"), None, None
        if method == "NOTIFY":  # phones keep their way through a NAT open so
            return request.genResponse(200, "OK"), None, None
        act = {"REGISTER": self._register, "INVITE": self._invite, "OPTIONS": self._options}.get(method)
        if act is None:
            answer = request.genResponse(405, "Method Not Allowed")
            answer.appendHeader(header("allow", ALLOW))
            return answer, None, None
        return act(request)

    def _options(self, request: Any) -> Any:
        answer = request.genResponse(200, "OK")
        answer.appendHeader(header("allow", ALLOW))
        answer.appendHeader(header("accept", "application/sdp"))
        return answer, None, None

    def _register(self, request: Any) -> Any:
        user, refusal = self._authenticate(request, "authorization", 401)
        if user is None:
            return refusal, None, None
        if user_of(request.getHFBody("to").getUrl()) != user.id:
            return request.genResponse(403, "Forbidden"), None, None
        return self._registrar.register(request, user.id, request.getSource()), None, None

    def _invite(self, request: Any) -> Any:
        if request.getHFBody("to").getTag():
            return request.genResponse(481, "Call/Transaction Does Not Exist"), None, None
        wanted = [option.strip() for text in texts_of(request, "require") for option in text.split(",")]
        if any(wanted):  # RFC 3261, 8.2.2.3: 100rel, timer ... the caller tries again without
            answer = request.genResponse(420, "Bad Extension")
            answer.appendHeader(header("unsupported", ", ".join(filter(None, wanted))))
            return answer, None, None
        if request.getHFs("proxy-authorization") or request.getHFs("authorization"):
            name = "proxy-authorization" if request.getHFs("proxy-authorization") else "authorization"
            user, refusal = self._authenticate(request, name, 407)
            return self._calls.accept(request, user) if user else (refusal, None, None)
        if self._calls.is_inbound(_fields(request)):
            source = request.getSource()[0]
            if not self._limit.allows(source):
                _noisy.warning("inbound calls from %s: too many", source)
                answer = request.genResponse(503, "Maximum Calls In Progress")
                answer.appendHeader(header("retry-after", "5"))
                return answer, None, None
            return self._calls.accept(request, None)
        return self._challenge(request, 407), None, None

    def _authenticate(self, request: Any, name: str, code: int) -> tuple[User | None, Any]:
        """The user, or the answer that refuses."""
        given = [fields_of(text) for text in texts_of(request, name)]
        # A proxy on the way may have asked too; a phone answers for all realms (RFC 3261, 22.3).
        fields = next((each for each in given if each.get("realm") == self._digest.realm), {})
        if "response" not in fields:
            return None, self._challenge(request, code)
        user = self._calls.user(fields.get("username", ""))
        verdict = self._digest.check(fields, request.getMethod(), self._a1(user))
        if verdict is Verdict.ACCEPTED and user:
            return user, None
        if verdict is Verdict.STALE:
            return None, self._challenge(request, code, stale=True)
        source = request.getSource()[0]
        _noisy.warning(
            "SIP auth failure (%s) for %.64r from %s", request.getMethod(), fields.get("username", ""), source
        )
        return None, request.genResponse(403, "Forbidden")

    def _a1(self, user: User | None) -> str | None:
        if user is None:
            return None
        if user.params.get("a1-hash"):
            return user.params["a1-hash"]
        password = user.params.get("password")
        return a1_hash(user.id, self._digest.realm, password) if password else None

    def _challenge(self, request: Any, code: int, stale: bool = False) -> Any:
        phrase, name = {
            401: ("Unauthorized", "www-authenticate"),
            407: ("Proxy Authentication Required", "proxy-authenticate"),
        }[code]
        answer = request.genResponse(code, phrase)
        answer.appendHeader(header(name, self._digest.challenge(stale)))
        return answer


def _fields(request: Any) -> Callable[[str], str | None]:
    """What a dialplan condition may look at before there is a channel."""
    number, name = caller_of(request)
    known = {
        "destination_number": user_of(request.getRURI()),
        "caller_id_number": number,
        "caller_id_name": name,
        "network_addr": str(request.getSource()[0]),
    }
    return known.get
