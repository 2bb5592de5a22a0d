"""The http port: a flow's request to a public address, tried again on failures.

Addresses are resolved here and private ones refused, so that an author (or a caller's digits in a URL)
cannot reach what stands behind the firewall; redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import logging
import socket
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import gevent
import orjson
from gevent.threadpool import ThreadPool

from switch_app.core import orders as o
from switch_app.core import signals as s

log = logging.getLogger(__name__)

ORDERS = (o.CallHttp,)
THREADS = 8
LARGEST = 1024 * 1024


class Refusal(Exception):
    """The request may not be made. Its text is for the log: it names no address, which may hold secrets."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason  # facts.RequestFailed


class HttpPort:
    """Requests run in native threads; the result is a signal. allow_private is for tests alone."""

    def __init__(self, take: Callable[[str, Any], object], allow_private: bool = False) -> None:
        self._take, self._allow_private = take, allow_private
        self._pool: ThreadPool | None = None

    def carry_out(self, stream: str, order: Any) -> None:
        gevent.spawn(self._run, stream, order)

    def _run(self, stream: str, order: o.CallHttp) -> None:
        if self._pool is None:  # a pool without work is false
            self._pool = ThreadPool(THREADS)
        result = self._pool.apply(self._tries, (order,))
        self._take(stream, result)

    def _tries(self, order: o.CallHttp) -> s.HttpReturned:
        failure = s.HttpReturned(order.ref, "failed")
        for _ in range(1 + max(0, order.retries)):
            try:
                status, body = request(order, self._allow_private)
            except Refusal as refusal:
                log.warning("http step refused: %s", refusal)
                return s.HttpReturned(order.ref, "refused", reason=refusal.reason)
            except TimeoutError:
                failure = s.HttpReturned(order.ref, "timed_out", reason="timed_out")
            except (OSError, http.client.HTTPException, ValueError) as error:
                failure = s.HttpReturned(order.ref, "failed", reason=reason_of(error))
            else:
                if status < 500:
                    return s.HttpReturned(order.ref, "done", status, body)
                failure = s.HttpReturned(order.ref, "failed", status, body)
        return failure


REASONS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits
    (socket.gaierror, "unknown_host"),
    (ConnectionRefusedError, "connection_refused"),
    (ssl.SSLError, "tls"),
    (http.client.InvalidURL, "bad_request"),
    (http.client.HTTPException, "bad_answer"),
    (ConnectionError, "bad_answer"),  # it broke off
    (OSError, "unreachable"),
    (json.JSONDecodeError, "bad_answer"),
)


class TooLarge(ValueError):
    """The answer is."""


def reason_of(error: Exception) -> str:
    """A word for it (facts.RequestFailed): its own text may hold the address or what was sent."""
    if isinstance(error, TooLarge):
        return "too_large"
    return next((reason for kind, reason in REASONS if isinstance(error, kind)), "bad_request")


def request(order: o.CallHttp, allow_private: bool = False) -> tuple[int, Any]:
    """One try. Raises Refusal, TimeoutError, OSError, HTTPException, ValueError."""
    parts = urlsplit(order.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal("bad_request", "not an http address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = resolve(parts.hostname, port, allow_private)
    connection = _connection(parts.scheme, parts.hostname, address, port, order.timeout_s)
    try:
        body, headers = _body(order)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(order.method, target, body, headers)
        answer = connection.getresponse()
        return answer.status, _read(answer)
    finally:
        connection.close()


def resolve(host: str, port: int, allow_private: bool = False) -> str:
    """An address of the host that may be called. Raises Refusal, OSError."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    for address in sorted(found):
        parsed = ipaddress.ip_address(address.partition("%")[0])
        mapped = getattr(parsed, "ipv4_mapped", None)
        if not allow_private and not (mapped or parsed).is_global:
            raise Refusal("private_address", f"{host} is at {address}, which is not a public address")
    return sorted(found)[0]


def _connection(
    scheme: str, host: str, address: str, port: int, timeout_s: float
) -> http.client.HTTPConnection:
    """To the address that was checked, whatever the name resolves to a moment later."""
    if scheme == "http":
        connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
        connection.sock = socket.create_connection((address, port), timeout_s)
        return connection
    context = ssl.create_default_context()
    secure = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
    plain = socket.create_connection((address, port), timeout_s)
    secure.sock = context.wrap_socket(plain, server_hostname=host)
    return secure


def _body(order: o.CallHttp) -> tuple[bytes | None, dict[str, str]]:
    headers = {str(name): str(value) for name, value in order.headers.items()}
    if order.body is None:
        return None, headers
    return json.dumps(order.body).encode(), {"Content-Type": "application/json", **headers}


def _read(answer: http.client.HTTPResponse) -> Any:
    """JSON must be what the journal can keep and give back: no NaN, no half of a surrogate pair."""
    raw = answer.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise TooLarge
    text = raw.decode("utf-8", "replace")
    if "json" in (answer.getheader("Content-Type") or ""):
        return orjson.loads(text)
    return text
