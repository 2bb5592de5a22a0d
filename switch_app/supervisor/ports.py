"""Which addresses are free: asked before anything is started, so that nothing is half started."""

from __future__ import annotations

import errno
import socket
from collections.abc import Collection

from ..core.errors import Refused
from ..settings_values import Address

KINDS = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}


def require_free(address: Address, kind: str, variable: str) -> None:
    """Raise Refused, with the remedy, unless `address` can be listened on. kind: udp | tcp."""
    problem = _problem(address, kind)
    if not problem:
        return
    if problem.errno == errno.EADDRINUSE:
        free = _next_free(address, kind)
        raise Refused(
            "port_busy",
            f"{address} ({kind}) is taken by another program. Remedy: stop that, or "
            f"set {variable} to a free one, e.g. {variable}={free}",
        )
    if problem.errno == errno.EACCES:
        raise Refused(
            "port_forbidden",
            f"{address} ({kind}) may not be listened on by this user. Remedy: "
            f"set {variable} to a port above 1023",
        )
    raise Refused(
        "no_such_address",
        f"{address} ({kind}) can't be listened on: {problem.strerror}. Remedy: "
        f"set {variable} to an address of this machine",
    )


def choose(host: str, kind: str, variable: str, kept: Collection[int] = ()) -> Address:
    """A free port on `host` that is none of `kept`. kind: udp | tcp. Raises Refused."""
    try:
        while True:
            with socket.socket(socket.AF_INET, KINDS[kind]) as probe:
                probe.bind((host, 0))
                found = Address(host, probe.getsockname()[1])
            if found.port not in kept:
                return found
    except OSError as error:
        raise Refused(
            "no_such_address",
            f"{host} can't be listened on: {error.strerror}. Remedy: set "
            f"{variable} to an address of this machine",
        ) from error


def _problem(address: Address, kind: str) -> OSError | None:
    try:
        with socket.socket(socket.AF_INET, KINDS[kind]) as probe:
            if kind == "tcp":  # a port that waits out old connections can be listened on
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            if kind == "tcp":
                probe.listen(1)
    except OSError as error:
        return error
    return None


def _next_free(address: Address, kind: str) -> Address:
    for port in range(address.port + 2, min(address.port + 200, 65535), 2):
        candidate = Address(address.host, port)
        if _problem(candidate, kind) is None:
            return candidate
    return Address(address.host, 0)
