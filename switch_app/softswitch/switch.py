"""The switch put together: what its parts share, and the recipe of its start and stop."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any

from .api.table import COMMANDS, INSIDE_ARGUMENTS
from .applications.table import APPLICATIONS
from .call.channel import Channel
from .call.incoming import IncomingCalls
from .call.vanishing import LOOK_S, has_vanished
from .config import Config
from .control.events import CORE_UUID, HOSTNAME, Bus
from .control.inbound import Server
from .control.outbound import OutboundListener
from .dialplan.directory import User, load_users
from .dialplan.preprocess import load_globals
from .dialplan.routes import Dialplan, load_dialplan
from .loop import Loop
from .media.clock import Clock
from .media.rtp import Ports
from .media.sources import Sounds
from .sip.gateway import Gateway, load_gateways
from .sip.kept import KeptBindings
from .sip.leg import NOBODY
from .sip.outbound import OutboundLeg
from .sip.registrar import Binding, Registrar
from .sip.requests import Requests
from .sip.stack import Stack
from .tasks import Task

log = logging.getLogger("softswitch")
_HEARTBEAT_S = 20.0
_COLLECT_AFTER = 2000
_BEAT_S = 2.0


class Switch:
    """Raises OSError when a port is taken."""

    applications = APPLICATIONS

    def __init__(self, config: Config) -> None:
        self.config = config
        self.started_at = monotonic()
        self.loop = Loop()
        self.bus = Bus()
        self.clock = Clock(self.loop)
        self.ports = Ports(config.sip_host, config.rtp_low, config.rtp_high)
        self.sounds = Sounds(config.sounds_dir)
        self.channels: dict[str, Channel] = {}
        self.outbound: set[OutboundListener] = set()
        self.total_sessions = self.peak_sessions = self._ended = 0
        self._ending = False
        self.globals: dict[str, str] = {}
        self.hashed: dict[str, str] = {}
        self.users: dict[str, User] = {}
        self.dialplan = Dialplan()
        self.gateways: dict[str, Gateway] = {}
        self.registrar = Registrar(self.loop, config.min_expires_s, config.max_expires_s, self._registration)
        self.kept = KeptBindings(self.loop, config.run_dir / "registrations.json", self.registrar.all)
        self.registrar.restore(self.kept.load())
        requests = Requests(
            IncomingCalls(self), self.registrar, config.domain, config.inbound_rate, config.inbound_burst
        )
        self.stack = Stack(self.loop, (config.sip_host, config.sip_port), config.address, requests)
        self.stack.transport.unreachable = self._unreachable
        self.server = Server(self, config.esl_host, config.esl_port)
        self.load_xml()
        self.loop.every(_HEARTBEAT_S, self._heartbeat)
        self.loop.every(10.0, self._tidy)
        self.loop.every(LOOK_S, self._look_for_vanished)

    # -- configuration ------------------------------------------------------------------------
    def load_xml(self) -> None:
        """Read dialplan, directory and gateways again; calls keep the actions that they have."""
        folder = self.config.conf_dir
        given = {
            "domain": self.config.domain,
            "sounds_dir": str(self.config.sounds_dir),
            "recordings_dir": str(self.config.run_dir / "recordings"),
            "local_ip_v4": self.config.address,
            "hostname": HOSTNAME,
            "core_uuid": CORE_UUID,
        }
        self.globals = load_globals(folder / "vars.xml", given)
        self.users = load_users(folder / "directory", self.globals)
        self.dialplan = load_dialplan(folder / "dialplan", self.globals)
        wanted = {each.name: each for each in load_gateways(folder / "gateways", self.globals)}
        for name, gateway in list(self.gateways.items()):
            if wanted.get(name) != gateway.params:
                self.gateways.pop(name).stop()
        for name, params in wanted.items():
            if name not in self.gateways:
                self.gateways[name] = Gateway(self.loop, self.stack, params, self.config.domain)
        log.info(
            "%d users, %d contexts, %d gateways",
            len(self.users),
            len(self.dialplan.contexts),
            len(self.gateways),
        )

    # -- channels -----------------------------------------------------------------------------
    @property
    def full(self) -> bool:
        """It takes no calls now; at its end it would leave them without a word."""
        return self._ending or len(self.channels) >= self.config.max_sessions

    def add(self, channel: Channel) -> None:
        self.channels[channel.uuid] = channel
        self.total_sessions += 1
        self.peak_sessions = max(self.peak_sessions, len(self.channels))

    def forget(self, channel: Channel) -> None:
        """The call is over and told: let go of everything that it held."""
        self.channels.pop(channel.uuid, None)
        channel.stream.close()
        if channel.partner and channel.partner.partner is channel:
            channel.partner.partner = None
        channel.partner = None
        channel.private.clear()
        # Cut the circle of channel and leg: the collector runs seldom, and each call would stay until then.
        if channel.leg:
            channel.leg.owner = NOBODY
            channel.leg = None
        self._ended += 1

    # -- API ----------------------------------------------------------------------------------
    def run_api(self, name: str, args: str, done: Callable[[str], Any] = lambda _: None) -> None:
        """Run a command; `done(output)` at once or, for one that takes its time, later."""
        command = COMMANDS.get(name)
        if command is None:
            done(f"-ERR {name} Command not found!\n")
            return
        try:
            output = command(self, args)
        except Exception:
            log.exception("bug: api %s failed", name)
            done("-ERR internal error\n")
            return
        if isinstance(output, str):
            done(output)
            return
        task = Task(self.loop, output, name)  # type: ignore[arg-type]
        task.finished.when_done(lambda: done(task.finished.value or "-ERR internal error\n"))

    def api_text(self, name: str, args: str) -> str:
        """A command inside `${...}`; only those that act on no call."""
        if name not in INSIDE_ARGUMENTS:
            return ""
        output = COMMANDS[name](self, args)
        return output if isinstance(output, str) else ""

    # -- happenings ---------------------------------------------------------------------------
    def _registration(self, kind: str, binding: Binding) -> None:
        self.kept.changed()
        headers = {
            "Event-Subclass": f"sofia::{kind}",
            "profile-name": "internal",
            "from-user": binding.user,
            "from-host": self.config.domain,
            "user": binding.user,
            "host": self.config.domain,
            "contact": binding.contact,
            "call-id": binding.call_id,
            "rpid": "unknown",
            "status": "Registered(UDP)",
            "expires": str(binding.expires_s),
            "to-user": binding.user,
            "to-host": self.config.domain,
            "network-ip": binding.source[0],
            "network-port": str(binding.source[1]),
            "username": binding.user,
            "realm": self.config.domain,
            "user-agent": binding.agent,
        }
        self.bus.fire("CUSTOM", lambda: headers)
        log.info("%s %s at %s:%s", kind, binding.user, *binding.source)

    def _unreachable(self, peer: tuple[str, int]) -> None:
        for channel in list(self.channels.values()):
            leg = channel.leg
            if isinstance(leg, OutboundLeg) and leg.call.peer == peer:
                leg.unreachable()

    def _look_for_vanished(self) -> None:
        now = self.loop.now()
        for channel in [each for each in self.channels.values() if has_vanished(each, now)]:
            log.warning("%s: no sound comes from it any more", channel.name)
            channel.hangup("MEDIA_TIMEOUT")

    @property
    def uptime_s(self) -> int:
        return int(monotonic() - self.started_at)

    def _heartbeat(self) -> None:
        self.bus.fire(
            "HEARTBEAT",
            lambda: {
                "Event-Info": "System Ready",
                "Up-Time": f"0 years, 0 days, 0 hours, 0 minutes, {self.uptime_s} seconds",
                "Session-Count": str(len(self.channels)),
                "Max-Sessions": str(self.config.max_sessions),
                "Session-Since-Startup": str(self.total_sessions),
                "Session-Peak-Max": str(self.peak_sessions),
                "Heartbeat-Interval": str(int(_HEARTBEAT_S)),
                "Idle-CPU": "100.000000",
            },
        )

    def _tidy(self) -> None:
        """The collector runs when nobody talks, or else after thousands of calls: its pauses (5-15 ms) would
        look like SIP stalls."""
        if self._ended and (not self.channels or self._ended > _COLLECT_AFTER):
            self._ended = 0
            gc.collect()

    # -- life ---------------------------------------------------------------------------------
    def run(self, beat: Callable[[], None] | None = None) -> None:
        """Serve until SIGTERM or SIGINT. beat: called every _BEAT_S, so that somebody may watch the loop."""
        if beat:
            self._beat(beat)
        wake_out, wake_in = socket.socketpair()
        wake_in.setblocking(False)
        signal.set_wakeup_fd(wake_in.fileno(), warn_on_full_buffer=False)
        wake_out.setblocking(False)
        self.loop.read(wake_out.fileno(), lambda: wake_out.recv(64))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.loop.soon(self.shut_down))
        gc.collect()
        gc.freeze()
        gc.disable()
        self.loop.run()
        for listener in list(self.outbound):
            listener.connection.close()
        self.server.close()

    def _beat(self, beat: Callable[[], None]) -> None:
        beat()
        self.loop.later(_BEAT_S, self._beat, beat)

    def shut_down(self) -> None:
        """BYE to every call and no new ones, then end within half a second."""
        self._ending = True
        self.kept.save()
        self.bus.fire("SHUTDOWN", lambda: {"Event-Info": "System Shutting Down"})
        for gateway in self.gateways.values():
            gateway.stop()
        for channel in list(self.channels.values()):
            channel.hangup("SYSTEM_SHUTDOWN")
        self.loop.later(0.4 if self.channels else 0.1, self.loop.stop)
