"""From an endpoint's name to addresses to call: user/..., sofia/gateway/..., sofia/internal/..., error/..."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from sippy.SipURL import SipURL

from ..sip.causes import NUMBER
from ..sip.guard import numeric
from ..sip.message import url_user
from ..sip.outbound import Target

if TYPE_CHECKING:
    from ..switch import Switch


class NoEndpoint(Exception):
    """Nobody can be called there; `cause` says why."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


def resolve(switch: Switch, endpoint: str) -> list[Target]:
    """All addresses of an endpoint (a user may have several phones). Raises NoEndpoint."""
    kind, _, rest = endpoint.partition("/")
    if kind == "error":
        cause = rest.upper()
        raise NoEndpoint(cause if cause in NUMBER else "NORMAL_UNSPECIFIED")
    if kind == "user":
        return _user(switch, rest.partition("@")[0])
    if kind == "sofia":
        profile, _, where = rest.partition("/")
        if profile == "gateway":
            name, _, number = where.partition("/")
            return [_gateway(switch, name, number)]
        return [_address(switch, where)]
    raise NoEndpoint(
        "CHAN_NOT_IMPLEMENTED" if "CHAN_NOT_IMPLEMENTED" in NUMBER else "DESTINATION_OUT_OF_ORDER"
    )


def _user(switch: Switch, user: str) -> list[Target]:
    known = switch.users.get(user)
    if known is None:
        raise NoEndpoint("SUBSCRIBER_ABSENT")
    bindings = switch.registrar.bindings(user)
    if not bindings:
        raise NoEndpoint("USER_NOT_REGISTERED")
    domain = switch.config.domain
    variables = {**known.variables, "dialed_user": user, "dialed_domain": domain}
    variables |= {"presence_id": f"{user}@{domain}"}
    return [Target(each.contact, each.source, user, variables, routes=each.path) for each in bindings]


def _gateway(switch: Switch, name: str, number: str) -> Target:
    gateway = switch.gateways.get(name)
    if gateway is None:
        raise NoEndpoint("INVALID_GATEWAY")
    if not gateway.usable:
        raise NoEndpoint("GATEWAY_DOWN")
    dialled = url_user(number)
    if not dialled:
        raise NoEndpoint("INVALID_NUMBER_FORMAT")
    return gateway.target(dialled)


def _address(switch: Switch, where: str) -> Target:
    """`sip:user@host:port;fs_path=...`, `user@host`, or `user%domain` for a registered user."""
    if "%" in where and "@" not in where:
        return _user(switch, where.partition("%")[0])[0]
    try:
        url = SipURL(where if where.startswith("sip:") else f"sip:{where}")
        host, port = url.getAddr()
        for parameter in url.other:
            name, _, value = parameter.partition("=")
            if name == "fs_path":
                host, port = SipURL(unquote(value)).getAddr()
        url.other = [each for each in url.other if not each.startswith("fs_")]
    except (ValueError, IndexError, KeyError):
        raise NoEndpoint("INVALID_URL") from None
    if host == switch.config.domain and url.username:
        return _user(switch, url.username)[0]
    if not numeric(str(host)):
        raise NoEndpoint("NO_ROUTE_DESTINATION")
    return Target(str(url), (str(host), int(port)), str(url.username or ""))
