"""Requests that come through a reverse proxy of ours: who asks, and whether it was by HTTPS.

X-Forwarded-For and X-Forwarded-Proto are taken from the named proxies alone: anybody can write them. Of the
addresses the last one counts that is no proxy of ours, for each proxy adds at the end whom it saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

Networks = Sequence[IPv4Network | IPv6Network]


class BehindProxies:
    """A WSGI application whose REMOTE_ADDR and url_scheme are the client's."""

    def __init__(self, app: Callable[..., Iterable[bytes]], proxies: Networks) -> None:
        self.app = app
        self.proxies = proxies

    def __call__(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if self._ours(environ.get("REMOTE_ADDR", "")):
            told = [each.strip() for each in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            environ["REMOTE_ADDR"] = self._client([environ["REMOTE_ADDR"], *reversed(told)])
            if environ.get("HTTP_X_FORWARDED_PROTO", "").strip().lower() == "https":
                environ["wsgi.url_scheme"] = "https"
        return self.app(environ, start)

    def _client(self, nearest_first: list[str]) -> str:
        client = nearest_first[0]
        for address in nearest_first[1:]:
            if not _is_address(address):
                break
            client = address
            if not self._ours(address):
                break
        return client

    def _ours(self, address: str) -> bool:
        if not _is_address(address):
            return False
        found = ip_address(address)
        found = getattr(found, "ipv4_mapped", None) or found
        return any(found in proxy for proxy in self.proxies)


class Sessions(SecureCookieSessionInterface):
    """Cookies that were made by HTTPS come back by HTTPS alone, and none goes with what caches may keep."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(super().get_cookie_secure(app) or request.is_secure)

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        return request.endpoint != "static" and super().should_set_cookie(app, session)


def install(app: Flask, proxies: Networks) -> None:
    """Believe these proxies; none: the connection's address is the client's."""
    app.session_interface = Sessions()
    if proxies:
        app.wsgi_app = BehindProxies(app.wsgi_app, proxies)  # type: ignore[method-assign]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
