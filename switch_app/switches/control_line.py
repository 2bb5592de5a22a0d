"""The call server's own connection to a switch: API commands, and events of all channels."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic
from uuid import uuid4

import gevent
from gevent import socket
from gevent.event import Event as Flag
from greenswitch.esl import InboundESL

from ..esl import commands
from ..esl.message import Event, Frame
from ..esl.text import decode
from .errors import PasswordRefused, SwitchGone
from .jobs import Jobs, OnText
from .tcp import tune
from .transport import Transport

log = logging.getLogger(__name__)

GONE = "-ERR switch gone"  # the outcome of a command is unknown: the line broke first
LATE = "-ERR no result in time"  # likewise
_FIRST_DELAY_S, _LAST_DELAY_S = 0.1, 2.0
_STOOD_STILL_S = 0.3


class ControlLine(Transport, InboundESL):
    """Connects, and connects again after 0.1 s .. 2 s, until it is stopped.

    on_up(): connected, authenticated and subscribed; it may wait for `api`, and events may come
    before it returns. on_down(reason): once after each on_up. on_event(event): the subscribed events.
    on_job(job_uuid, text): the result of each bgapi; after on_down the results of the jobs under way
    are unknown and never told. A text that begins with -ERR is the switch's refusal, or ours: GONE,
    LATE. Except on_up, callbacks run in the reading greenlet and must not wait.
    """

    def __init__(
        self,
        host: str,
        port: int,
        password: str,
        timeout: float = 5.0,
        *,
        events: Iterable[str] = (),
        format: str = "plain",
        keepalive_s: float = 5.0,
        patience_s: float = 10.0,
    ) -> None:
        """timeout: s for connecting and for each step of the log-in.

        After keepalive_s of silence the line asks for a sign of life; after patience_s of silence
        with something unanswered the peer is taken for dead.
        """
        Transport.__init__(self)
        self.host, self.port, self.password, self.timeout = host, port, password, timeout
        self.on_up: Callable[[], None] | None = None
        self.on_down: Callable[[str], None] | None = None
        self.on_job: Callable[[str, str], None] | None = None
        self.is_up = False
        self.failure: SwitchGone | TimeoutError | None = None  # why it is not up, None before the first try
        self._events = list(events)
        self._format = format
        self._keepalive_s, self._patience_s = keepalive_s, patience_s
        self._patient_until = 0.0
        self._jobs = Jobs()
        self._gone = Flag()
        self._stopping = Flag()
        self._keeper: gevent.Greenlet | None = None

    # --- the line -----------------------------------------------------------------------------------
    def start(self) -> None:
        """Keep the line up from now on; returns at once."""
        self._stopping.clear()
        self._keeper = gevent.spawn(self._keep)

    def stop(self) -> None:
        """Give the line up and wait until nothing of it runs."""
        self._stopping.set()
        super().stop()
        if self._keeper and self._keeper is not gevent.getcurrent():
            self._keeper.join(1.0)

    def connect(self) -> None:
        """One attempt: connect, log in, subscribe. Raises SwitchGone, PasswordRefused, TimeoutError."""
        try:
            sock = socket.create_connection((self.host, self.port), timeout=self.timeout)
        except OSError as error:
            raise SwitchGone(f"{self.host}:{self.port}: {error.strerror or error}") from None
        sock.settimeout(None)
        tune(sock)
        self._auth_request_event.clear()
        self._gone.clear()
        self._open(sock, outbound=False)
        try:
            if not self._auth_request_event.wait(self.timeout):
                raise TimeoutError("the switch does not ask for the password")
            if not self.connected:
                raise SwitchGone(self.gone_reason)
            self.authenticate()
            self._subscribe()
        except BaseException:
            self.close()
            raise

    def authenticate(self) -> None:
        reply = self.ask(commands.auth(self.password), self.timeout)
        if reply.get("Reply-Text") != "+OK accepted":
            raise PasswordRefused("the switch refuses the password of the event socket")

    def subscribe(self, names: Iterable[str]) -> None:
        """Add to the events that are sent, now and after every reconnection."""
        more = [name for name in names if name not in self._events]
        self._events += more
        if more and self.is_up:
            self.post(commands.events(self._wanted(), self._format))

    # --- commands -------------------------------------------------------------------------------------
    def api(self, name: str, args: str = "", timeout_s: float = 5.0) -> str:
        """Run an API command and wait for its output. Raises SwitchGone, TimeoutError.

        The switch runs these one after the other: what can last belongs into bgapi.
        """
        self._patient_until = max(self._patient_until, monotonic() + timeout_s)
        return _text(self.ask(commands.api(name, args), timeout_s))

    def command(self, name: str, args: str = "", on_text: OnText | None = None) -> None:
        """Run an API command and go on; `on_text` gets its output, or GONE."""
        on_reply = partial(_tell_text, on_text) if on_text else None
        self.post(commands.api(name, args), on_reply=on_reply)

    def bgapi(
        self,
        name: str,
        args: str = "",
        job_uuid: str = "",
        on_text: OnText | None = None,
        timeout_s: float = 120.0,
    ) -> str:
        """Run an API command beside the line and go on; returns the job's id.

        Its result goes to on_job and to `on_text`; the latter gets GONE or LATE where there is none.
        """
        job = job_uuid or str(uuid4())
        wanted = commands.bgapi(name, args, job)
        self._jobs.add(job, monotonic() + timeout_s, on_text or _ignore)
        self.post(wanted, on_reply=partial(self._job_taken, job))
        return job

    # --- what comes in ---------------------------------------------------------------------------------
    def _event(self, event: Event) -> None:
        if event.name == "BACKGROUND_JOB":
            job = event.get("Job-UUID", "")
            on_text = self._jobs.done(job)
            if on_text:
                self._job_told(job, on_text, decode(event.body))
                return
        super()._event(event)

    def _job_taken(self, job: str, reply: Frame | None) -> None:
        text = GONE if reply is None else reply.get("Reply-Text", "")
        on_text = self._jobs.done(job) if text.startswith("-ERR") else None
        if on_text and reply:
            self._job_told(job, on_text, text)
        elif on_text:
            on_text(text)

    def _job_told(self, job: str, on_text: OnText, text: str) -> None:
        self._safely(on_text, text)
        if self.on_job:
            self.on_job(job, text)

    def _closed(self, reason: str) -> None:
        for on_text in self._jobs.clear():
            self._safely(on_text, GONE)
        self._gone.set()

    # --- keeping it up -----------------------------------------------------------------------------------
    def _keep(self) -> None:
        delay_s, told = _FIRST_DELAY_S, ""
        while not self._stopping.is_set():
            try:
                self.connect()
            except (SwitchGone, TimeoutError) as error:
                self.failure = error
                if str(error) != told:
                    told = str(error)
                    log.warning("no control line: %s", told)
            else:
                delay_s, told = _FIRST_DELAY_S, ""
                self._be_up()
            self._stopping.wait(delay_s)
            delay_s = min(2 * delay_s, _LAST_DELAY_S)

    def _be_up(self) -> None:
        log.info("the control line is up: %s:%d", self.host, self.port)
        self.is_up = True
        watch = gevent.spawn(self._watch)
        self._safely(self.on_up)
        watch.join()
        self.is_up, self.failure = False, SwitchGone(self.gone_reason)
        log.warning("the control line is down: %s", self.gone_reason)
        self._safely(self.on_down, self.gone_reason)

    def _watch(self) -> None:
        """Until the line is gone: ask for signs of life, and end overdue jobs.

        A look that comes late blames nobody: this process stood still, and has to read first.
        Not so two in a row: it is slow, and goes on.
        """
        every_s = min(self._keepalive_s, 1.0)
        looked_at, stood_still = monotonic(), False
        while not self._gone.wait(every_s):
            now = monotonic()
            stood_still = not stood_still and now - looked_at > every_s + _STOOD_STILL_S
            looked_at = now
            if stood_still:
                self._heard_at = now
                continue
            for on_text in self._jobs.overdue(now):
                self._safely(on_text, LATE)
            silence_s = now - self._heard_at
            if self._conversation.unanswered:
                if silence_s > self._patience_s and now > self._patient_until:
                    self._break("silent")
            elif silence_s >= self._keepalive_s:
                self.post(commands.api("status"))

    def _subscribe(self) -> None:
        reply = self.ask(commands.events(self._wanted(), self._format), self.timeout)
        if not reply.get("Reply-Text", "").startswith("+OK"):
            raise SwitchGone("the switch refuses the events")

    def _wanted(self) -> list[str]:
        """What follows CUSTOM are subclasses, so that plain names come first."""
        plain = [name for name in self._events if "::" not in name and name != "CUSTOM"]
        custom = [name for name in self._events if "::" in name]
        return ["BACKGROUND_JOB", *plain, *(["CUSTOM", *custom] if custom else [])]


def _text(reply: Frame) -> str:
    """The output of an API command, or the text of its refusal."""
    if reply.content_type == "api/response":
        return decode(reply.body)
    return reply.get("Reply-Text", "")


def _tell_text(on_text: OnText, reply: Frame | None) -> None:
    on_text(_text(reply) if reply else GONE)


def _ignore(text: str) -> None:
    """Nobody asked for the result."""
