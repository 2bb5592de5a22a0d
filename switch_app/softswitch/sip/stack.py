"""sippy's transaction layer bent to our loop: no own threads, no prints, no system log file."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from functools import partial
from heapq import heapify
from typing import Any
from urllib.parse import unquote

import sippy.Core.EventDispatcher as dispatcher
import sippy.Core.Exceptions as sippy_exceptions
import sippy.SipMsg as sippy_message
import sippy.SipRequest as sippy_request
import sippy.SipTransactionManager as transactions
import sippy.SipURL as sippy_url
from sippy.SipConf import SipConf
from sippy.Time.MonoTime import MonoTime

from ..log import Throttled
from ..loop import Loop
from .transport import Address, Options, UdpTransport

AGENT = "Hotline"
_MAX_REMEMBERED = 20_000
_MAX_OPEN = 4_000
_NEW = ("INVITE ", "REGISTER ", "OPTIONS ", "SUBSCRIBE ", "MESSAGE ", "PUBLISH ")
log = logging.getLogger("softswitch.sip")
_noisy = Throttled(log)


class _Wire:
    """sippy's packet logger (SipLogger would open a system log file)."""

    def write(self, title: str, *parts: Any, **_: Any) -> None:
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s%s", title, "".join(str(part) for part in parts))


def _no_packets(message: str, *_: Any, **__: Any) -> None:
    """In place of sippy's dump_exception, which prints the whole packet."""
    kind, error, _trace = sys.exc_info()
    _noisy.warning("sippy: %s: %s: %s", message[:120], getattr(kind, "__name__", ""), str(error)[:200])


def _no_print(*parts: Any, **_: Any) -> None:
    _noisy.warning("sippy: %s", " ".join(str(part)[:200] for part in parts))


def _take_tel(url: Any, text: str, relaxed: bool) -> None:
    """In place of SipURL.convertTelURL, which fails at a parameter without a value (RFC 4694: ;npdi)."""
    number, *parameters = text.split(";")
    url.scheme, url.username = "sip", unquote(number)
    url.userparams = [f"{name.lower()}{rest}" for name, rest in map(_split_parameter, parameters)]
    url.host = "" if relaxed else SipConf.my_address
    if not relaxed:
        url.port, url.transport = SipConf.my_port, SipConf.my_transport


def _split_parameter(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    return name, equals + value


def _patch() -> None:
    for module in (sippy_exceptions, dispatcher, transactions):
        module.dump_exception = _no_packets
    for module in (dispatcher, transactions, sippy_message, sippy_request, sippy_url):
        module.print = _no_print  # in place of the built-in one, for that module only
    sippy_url.SipURL.convertTelURL = _take_tel
    sippy_url.USERNAME_SAFE = sippy_url.USERNAME_SAFE.replace("#", "")  # a phone's %23 is to stay one
    SipConf.my_uaname = AGENT
    SipConf.autoconvert_tel_url = True  # carriers send tel: (RFC 3966) in From


def _final_goes_back(on_response: Callable[[Any, Any], None], response: Any, transaction: Any) -> None:
    """sippy sends the ACK of a refusal to the refusal's Contact: behind NAT, and of a 302, that is elsewhere.
    It belongs to where the INVITE went (RFC 3261, 17.1.1.3)."""
    if response.getSCode()[0] >= 300:
        response.delHFs("contact")
        response.delHFs("record-route")
    on_response(response, transaction)


class Stack:
    """Sends requests and answers, keeps transactions. Raises OSError when the port is taken."""

    def __init__(self, loop: Loop, listen: Address, advertised: str, on_request: Callable[..., Any]) -> None:
        _patch()
        self.loop = loop
        self.transport = UdpTransport(loop, listen, advertised)
        self.address = self.transport.address
        SipConf.my_address, SipConf.my_port = self.address
        config = {
            "_sip_address": self.address[0],
            "_sip_port": self.address[1],
            "_sip_logger": _Wire(),
        }
        transactions.SipTransactionManager.model_udp_server = (self._server, Options)
        self.manager = transactions.SipTransactionManager(config, on_request)
        config["_sip_tm"] = self.manager
        dispatcher.ED2.my_ident = threading.get_ident()
        loop.every(0.010, self._timers)

    def _server(self, _config: dict[str, Any], options: Options) -> UdpTransport:
        """sippy makes a server twice, first as a trial that it shuts down; both are our one socket."""
        if options.flags == 0 and not hasattr(self, "_tried"):
            self._tried = True
            return _Trial()  # type: ignore[return-value]
        take = options.data_callback

        def gated(text: str, *args: Any) -> None:
            """Nothing new while thousands of transactions are open: an unanswered 407 lives for 32 s."""
            if len(self.manager.tserver) > _MAX_OPEN and text.startswith(_NEW):
                _noisy.warning("overload: %d transactions open, request dropped", len(self.manager.tserver))
            else:
                take(text, *args)

        options.data_callback = gated
        self.transport.uopts = options
        return self.transport

    def _timers(self) -> None:
        if len(self.manager.l1rcache) > _MAX_REMEMBERED:
            self.manager.rCachePurge()  # each datagram is remembered for 32 s: a flood would fill the memory
        timers = dispatcher.ED2
        timers.last_ts = MonoTime()
        timers.dispatchTimers()
        if timers.twasted * 2 > len(timers.tlisteners):
            # Cancelled timers stay until they are due (an INVITE's 300 s) unless swept, as ED2.loop does.
            timers.tlisteners = [each for each in timers.tlisteners if each.cb_func is not None]
            heapify(timers.tlisteners)
            timers.twasted = 0

    def send(self, request: Any, on_response: Callable[[Any, Any], None] | None = None) -> Any:
        """Start a client transaction; the callback gets (response, transaction). 408 when it times out."""
        told = on_response and partial(_final_goes_back, on_response)
        return self.manager.newTransaction(request, resp_cb=told, cb_ifver=2)

    def answer(self, response: Any, on_ack: Callable[[Any], None] | None = None) -> None:
        """Answer an open server transaction; an answer to a finished one is dropped."""
        try:
            self.manager.sendResponse(response, ack_cb=on_ack)
        except (KeyError, ValueError):
            log.debug("answer to a finished transaction dropped")

    def dialogs(self, call_id: str) -> list[Any]:
        """Who has taken the requests of this Call-ID (regConsumer)."""
        return [each.cobj for each in self.manager.req_consumers.get(call_id, ())]

    def close(self) -> None:
        self.manager.shutdown()


class _Trial:
    def shutdown(self) -> None:
        return None
