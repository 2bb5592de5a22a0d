"""Trunks: FreeSWITCH's gateway XML, and our registration there (RFC 3261, 10.2)."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sippy.SipAddress import SipAddress
from sippy.SipURL import SipURL

from ..dialplan.preprocess import Globals, read_tree
from ..loop import Loop, Timer
from ..truth import is_true
from .dialog import Dialog, new_tag
from .digest import credentials
from .guard import numeric
from .message import header, text_of, texts_of
from .outbound import Target
from .stack import Stack

log = logging.getLogger("softswitch.gateway")
_RETRY_S = 30.0


@dataclass(frozen=True)
class GatewayParams:
    """The params of `<gateway name="...">`."""

    name: str
    values: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        return self.values.get(name) or default


def load_gateways(folder: Path, variables: Globals) -> list[GatewayParams]:
    """All gateways of gateways/**/*.xml."""
    found = []
    for path in sorted(folder.rglob("*.xml")):
        root = read_tree(path, variables)
        for element in root.iter("gateway") if root is not None else ():
            name = element.get("name", "")
            values = {each.get("name", ""): each.get("value", "") for each in element.iter("param")}
            if name and (values.get("proxy") or values.get("realm")):
                found.append(GatewayParams(name, values))
            else:
                log.error("%s: a gateway needs a name and a proxy", path)
    return found


class Gateway:
    """Registers where `register` is true; usable once its address is known and the registration stands."""

    def __init__(self, loop: Loop, stack: Stack, params: GatewayParams, domain: str) -> None:
        self.params, self._loop, self._stack, self._domain = params, loop, stack, domain
        proxy = params.get("proxy") or params.get("realm")
        host, _, port = proxy.removeprefix("sip:").partition(";")[0].partition(":")
        self._host, self._port = host, int(port) if port.isdecimal() else 5060
        self.address: tuple[str, int] | None = (host, self._port) if numeric(host) else None
        self.wants_registration = is_true(params.get("register", "true"))
        self.state = "TRYING" if self.wants_registration else "NOREG"
        self._dialog: Dialog | None = None
        self._timer: Timer | None = None
        self._tried = False
        self._stopped = False
        if self.address is None:
            self._resolve()
        elif self.wants_registration:
            loop.soon(self._register)

    @property
    def usable(self) -> bool:
        return self.address is not None and (self.state in ("NOREG", "REGED") or not self.wants_registration)

    def target(self, number: str) -> Target:
        """Where and as whom to call `number` through this trunk."""
        assert self.address
        params = self.params
        caller = params.get("from-user") or params.get("username")
        return Target(
            f"sip:{number}@{self._host}:{self._port}",
            self.address,
            number,
            {"sip_gateway_name": params.name},
            user=params.get("auth-username") or params.get("username"),
            password=params.get("password"),
            caller_user="" if is_true(params.get("caller-id-in-from")) else caller,
            domain=params.get("from-domain") or self._host,
        )

    def stop(self) -> None:
        """Unregister and forget."""
        self._stopped = True
        if self._timer:
            self._timer.cancel()
        if self.state == "REGED":
            self._send(0)

    # -- name resolution: in a thread, for it blocks ------------------------------------------
    def _resolve(self) -> None:
        left, right = socket.socketpair()
        left.setblocking(False)

        def look_up() -> None:
            try:
                found = socket.getaddrinfo(self._host, self._port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
            except OSError:
                found = ""
            right.sendall(str(found).encode() or b"-")
            right.close()

        def done() -> None:
            address = left.recv(64).decode()
            self._loop.forget(left.fileno())
            left.close()
            if numeric(address):
                self.address = (address, self._port)
                if self.wants_registration and not self._stopped:
                    self._register()
            elif not self._stopped:
                log.warning("gateway %s: %s has no address", self.params.name, self._host)
                self._timer = self._loop.later(_RETRY_S, self._resolve)

        self._loop.read(left.fileno(), done)
        threading.Thread(target=look_up, daemon=True).start()

    # -- registration -------------------------------------------------------------------------
    def _register(self) -> None:
        if not self._stopped:
            self._tried = False
            self._send(self._expires())

    def _expires(self) -> int:
        wanted = self.params.get("expire-seconds", "3600")
        return int(wanted) if wanted.isdecimal() and 0 < len(wanted) < 7 else 3600

    def _send(self, expires: int, *extra: Any) -> None:
        assert self.address
        if self._dialog is None:
            user = self.params.get("username")
            url = SipURL(username=user, host=self.params.get("realm") or self._host, port=None)
            local = SipAddress(url=url, hadbrace=True)
            local.setParam("tag", new_tag())
            remote = SipAddress(url=url.getCopy(), hadbrace=True)
            registrar = SipURL(host=self._host, port=self._port)
            self._dialog = Dialog(
                self._stack, secrets.token_hex(16), local, remote, registrar, self.address, self.params.name
            )
        headers = (header("expires", str(expires)), *extra)
        request = self._dialog.request("REGISTER", headers=headers)
        request.setTarget((self.address, "udp"))
        self._uri = str(request.getRURI())
        on_response: Callable[[Any, Any], None] = lambda response, _: self._response(response, expires)  # noqa: E731
        self._stack.send(request, on_response)

    def _response(self, response: Any, expires: int) -> None:
        code, phrase = response.getSCode()
        if code < 200:
            return
        if code in (401, 407) and not self._tried:
            self._tried = True
            asked, given = {
                401: ("www-authenticate", "authorization"),
                407: ("proxy-authenticate", "proxy-authorization"),
            }[code]
            user = self.params.get("auth-username") or self.params.get("username")
            value = credentials(
                texts_of(response, asked), user, self.params.get("password"), "REGISTER", self._uri
            )
            if value:
                self._loop.soon(self._send, expires, header(given, value))
                return
        if self._stopped:
            return
        if 200 <= code < 300:
            if self.state != "REGED":
                log.info("gateway %s registered", self.params.name)
            self.state = "REGED"
            self._timer = self._loop.later(max(10.0, self._granted(response) * 0.8), self._register)
        else:
            log.warning("gateway %s: registration failed: %s %s", self.params.name, code, phrase)
            self.state = "FAIL_WAIT"
            self._timer = self._loop.later(_RETRY_S, self._register)

    def _granted(self, response: Any) -> int:
        for each in response.getHFBodys("contact"):
            stated = each.getUri().params.get("expires")
            if stated and stated.isdecimal() and len(stated) < 8:
                return int(stated)
        stated = text_of(response, "expires") or ""
        return int(stated) if stated.isdecimal() and len(stated) < 8 else self._expires()
