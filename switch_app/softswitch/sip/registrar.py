"""Which phones are where (RFC 3261, 10): each user's one binding to a contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import monotonic, time
from typing import Any

from ..loop import Loop
from .message import header, text_of

Address = tuple[str, int]


@dataclass
class Binding:
    """One phone. `source` is where its REGISTER came from: requests go there (NAT). `path`: the proxies that
    they must pass on their way (RFC 3327), the nearest first."""

    user: str
    contact: str
    source: Address
    call_id: str
    cseq: int
    agent: str
    expires_s: int
    until: float
    path: tuple[str, ...] = ()

    @property
    def expires_at(self) -> float:
        """Wall clock, for display only."""
        return time() + self.until - monotonic()


def _one_phone(wanted: list[tuple[Any, int]]) -> list[tuple[Any, int]]:
    """Of several contacts that a phone registers at once the first (sofia_reg.c), the others being the same
    phone over TCP or IPv6; and all that it takes back."""
    kept = [each for each in wanted if each[1] > 0][:1]
    return [each for each in wanted if each[1] == 0] + kept


class Registrar:
    """Reports `register`, `unregister` and `expire` of a binding to `report(kind, binding)`."""

    def __init__(self, loop: Loop, min_s: int, max_s: int, report: Callable[[str, Binding], None]) -> None:
        self._min_s, self._max_s, self._report = min_s, max_s, report
        self._users: dict[str, dict[str, Binding]] = {}
        loop.every(1.0, self._expire)

    def restore(self, bindings: Iterable[Binding]) -> None:
        """What a process before this one knew; nobody is told."""
        for binding in bindings:
            self._users.setdefault(binding.user, {})[binding.contact] = binding

    def bindings(self, user: str) -> list[Binding]:
        """The newest first."""
        return sorted(self._users.get(user, {}).values(), key=lambda each: -each.until)

    def all(self) -> list[Binding]:
        return [each for user in sorted(self._users) for each in self.bindings(user)]

    def register(self, request: Any, user: str, source: Address) -> Any:
        """Carry out an authenticated REGISTER; returns the answer."""
        try:
            contacts = request.getHFBodys("contact")
            if any(each.asterisk for each in contacts):
                return self._clear(request, user, len(contacts))
            wanted = [(each, self._lifetime(request, each)) for each in contacts]
            wanted = _one_phone(wanted)
            path = tuple(str(each.getUrl()) for each in request.getHFBodys("path"))
        except (ValueError, IndexError, KeyError, AttributeError, TypeError):
            return request.genResponse(400, "Bad Contact")
        if any(0 < seconds < self._min_s for _, seconds in wanted):
            answer = request.genResponse(423, "Interval Too Brief")
            answer.appendHeader(header("min-expires", str(self._min_s)))
            return answer
        known = self._users.setdefault(user, {})
        for each, seconds in wanted:
            if not self._bind(known, user, each, seconds, request, source, path):
                return request.genResponse(500, "Server Internal Error")
        if not known:
            del self._users[user]
        return self._answer(request, user)

    def _bind(
        self,
        known: dict[str, Binding],
        user: str,
        contact: Any,
        seconds: int,
        request: Any,
        source: Address,
        path: tuple[str, ...],
    ) -> bool:
        """False if the request is older than what we know (RFC 3261, 10.3 step 7)."""
        address = str(contact.getUrl())
        call_id, cseq = str(request.getHFBody("call-id")), request.getHFBody("cseq").getCSeqNum()
        old = known.get(address)
        if old and old.call_id == call_id and cseq <= old.cseq:
            return False
        if seconds == 0:
            if old:
                del known[address]
                self._report("unregister", old)
            return True
        agent = (text_of(request, "user-agent") or "")[:128]
        binding = Binding(user, address, source, call_id, cseq, agent, seconds, monotonic() + seconds, path)
        # One phone a user, the last that registered (FreeSWITCH without multiple-registrations): one that has
        # restarted comes with a new port, and a call to two phones has legs that nobody asked for.
        known.clear()
        known[address] = binding
        self._report("register", binding)
        return True

    def _lifetime(self, request: Any, contact: Any) -> int:
        stated = contact.getUri().params.get("expires")
        if stated is None:
            stated = text_of(request, "expires")
        seconds = int(stated) if stated and stated.isdecimal() and len(stated) < 11 else 3600
        return min(seconds, self._max_s)

    def _clear(self, request: Any, user: str, contacts: int) -> Any:
        if contacts != 1 or text_of(request, "expires") != "0":
            return request.genResponse(400, "Bad Wildcard")
        for binding in self._users.pop(user, {}).values():
            self._report("unregister", binding)
        return self._answer(request, user)

    def _answer(self, request: Any, user: str) -> Any:
        answer = request.genResponse(200, "OK")
        for each in request.getHFBodys("path"):
            answer.appendHeader(header("path", str(each)))
        for binding in self.bindings(user):
            left = max(1, round(binding.until - monotonic()))
            answer.appendHeader(header("contact", f"<{binding.contact}>;expires={left}"))
        return answer

    def _expire(self) -> None:
        now = monotonic()
        for user, known in list(self._users.items()):
            for address, binding in list(known.items()):
                if binding.until <= now:
                    del known[address]
                    self._report("expire", binding)
            if not known:
                del self._users[user]
