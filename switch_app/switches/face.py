"""greenswitch's public face on our transport: its method names, arguments and event shape."""

from __future__ import annotations

from typing import Any

from greenswitch.esl import ESLEvent, OutboundSession

from ..esl.message import Event, Frame
from ..esl.text import decode
from .errors import SwitchGone


class FacedEvent(ESLEvent):
    """An event as greenswitch's handlers know it: `headers` is a dict, `data` the body."""

    def __init__(self, event: Event) -> None:
        self.headers = dict(event.headers())
        self.data = decode(event.body)


class FacedReply(ESLEvent):
    """A reply as greenswitch's `send` returns it: `data` is the Reply-Text or the API's output."""

    def __init__(self, frame: Frame) -> None:
        self.headers = dict(frame.headers())
        self.data = decode(frame.body) if frame.body else frame.get("Reply-Text", "")


class FacedSession(OutboundSession):
    """The methods of OutboundSession that wait for an application, matched by its own id.

    They need `run(app, arg, timeout_s)` and `execute(app, arg)` of the class beside it.
    """

    def call_command(
        self,
        app_name: str,
        app_args: str | None = None,
        block: bool = False,
        response_timeout: float | None = None,
    ) -> Any:
        if self._lingering:
            raise SwitchGone("the channel has hung up")
        if not block:
            return self.execute(app_name, str(app_args or ""))
        return FacedEvent(self.run(app_name, str(app_args or ""), response_timeout))

    def answer(self) -> None:
        self.execute("answer")

    def playback(self, path: str, block: bool = True) -> Any:
        return self.call_command("playback", path, block)

    def say(
        self,
        module_name: str = "en",
        lang: str | None = None,
        say_type: str = "NUMBER",
        say_method: str = "pronounced",
        gender: str = "FEMININE",
        text: str | None = None,
        block: bool = True,
        response_timeout: float | None = 30,
    ) -> Any:
        module = f"{module_name}:{lang}" if lang else module_name
        return self.call_command(
            "say", f"{module} {say_type} {say_method} {gender} {text}", block, response_timeout
        )

    def play_and_get_digits(
        self,
        min_digits: Any = None,
        max_digits: Any = None,
        max_attempts: Any = None,
        timeout: Any = None,
        terminators: Any = None,
        prompt_file: Any = None,
        error_file: Any = None,
        variable: Any = None,
        digits_regex: Any = None,
        digit_timeout: Any = None,
        transfer_on_fail: Any = None,
        block: bool = True,
        response_timeout: float | None = 30,
    ) -> str | None:
        asked = (
            min_digits,
            max_digits,
            max_attempts,
            timeout,
            terminators,
            prompt_file,
            error_file,
            variable,
        )
        args = " ".join(map(str, (*asked, digits_regex, digit_timeout, transfer_on_fail)))
        event = self.call_command("play_and_get_digits", args, block, response_timeout)
        return event.headers.get(f"variable_{variable}") if block else None
