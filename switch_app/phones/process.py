"""A phone process: commands as JSON lines on standard input, replies and events on standard output.

    {"id": 1, "do": "line", "line": "1001", "user": "1001", "password": "...", "server": "127.0.0.1:5060"}
    {"reply": 1, "ok": true}
    {"event": "registered", "line": "1001", "at": 12.5, "code": 200}

It ends with its standard input, so that it cannot outlive its parent. No gevent here: pjsua2 runs the
media in threads of its own.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time
import traceback
from typing import Any

from . import endpoint as sip
from .line import Line

POLL_MS = 5
READ_BYTES = 65536
PARTING_S = 0.5


class PhoneProcess:
    """The loop and the table of commands."""

    def __init__(self, out_fd: int, address: str, codecs: tuple[str, ...], log_path: str) -> None:
        self._out = os.fdopen(out_fd, "wb", buffering=0)
        self._address = address
        self._lines: dict[str, Line] = {}
        self._input = b""
        self._endpoint = sip.start(address, codecs, log_path)
        self._say({"event": "started", "pid": os.getpid(), "address": sip.local_address(self._endpoint)})

    def run(self) -> None:
        """Until standard input ends."""
        while self._take_commands():
            self._endpoint.libHandleEvents(POLL_MS)
            for line in self._lines.values():
                self._step(line)

    def part(self) -> None:
        """Hang up and unregister, so that the switch is left clean; at most PARTING_S."""
        self._endpoint.hangupAllCalls()
        for line in self._lines.values():
            line.unregister()
        until = time.monotonic() + PARTING_S
        while time.monotonic() < until and any(line.busy() for line in self._lines.values()):
            self._endpoint.libHandleEvents(POLL_MS)
            for line in self._lines.values():
                line.drop_finished()

    def _step(self, line: Line) -> None:
        try:
            line.step()
        except Exception as error:  # noqa: BLE001 - told to the parent
            line.tell("error", detail=_words(error))

    def _take_commands(self) -> bool:
        if not select.select([0], [], [], 0)[0]:
            return True
        data = os.read(0, READ_BYTES)
        self._input += data
        *whole, self._input = self._input.split(b"\n")
        for text in whole:
            self._obey(json.loads(text))
        return bool(data)

    def _obey(self, command: dict[str, Any]) -> None:
        number, verb = command.pop("id"), command.pop("do")
        try:
            result = self._do(verb, command.pop("line", ""), command)
            self._say({"reply": number, "ok": True, "result": result})
        except Exception as error:  # noqa: BLE001 - told to the parent
            self._say({"reply": number, "ok": False, "error": _words(error)})

    def _do(self, verb: str, name: str, args: dict[str, Any]) -> Any:
        if verb == "line":
            settings, microphone = {"address": self._address, **args}, sip.microphone(self._endpoint)
            self._lines[name] = Line(name, settings, microphone, self._tell, time.monotonic)
            return None
        line = self._lines[name]
        match verb:
            case "register":
                line.register(args.get("on", True))
            case "dial":
                line.dial(**args)
            case "answer":
                line.answer(args.get("code", 200))
            case "behave":
                line.answer_after_s = args.get("answer_after_s")
                line.reject_with = args.get("reject_with", 0)
                line.ring = args.get("ring", True)
            case "hang_up":
                line.hang_up(args.get("code", 0))
            case "hold":
                line.hold()
            case "resume":
                line.resume()
            case "transfer":
                line.transfer(args["target"])
            case "press":
                line.press(args["digits"], args.get("method", "rfc4733"))
            case "tone":
                line.sound.play_tone(args["hz"], args.get("on_ms", 1000), args.get("off_ms", 0))
            case "play":
                line.sound.play_file(args["path"], args.get("loop", False), time.monotonic())
            case "hush":
                line.sound.stop_playing()
            case "record":
                line.sound.record(args["path"], args.get("for_s"), time.monotonic())
            case "stop_recording":
                line.sound.stop_recording()
            case _:
                raise ValueError(f"unknown command {verb!r}")
        return None

    def _tell(self, event: str, **details: Any) -> None:
        self._say({"event": event, "at": time.monotonic(), **details})

    def _say(self, message: dict[str, Any]) -> None:
        self._out.write(json.dumps(message).encode() + b"\n")


def _words(error: Exception) -> str:
    """pj.Error says nothing in str()."""
    info = getattr(error, "info", None)
    return str(info()) if callable(info) else f"{type(error).__name__}: {error}"


def main() -> None:
    """Arguments: one JSON object with address, codecs, log_path."""
    settings = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    out_fd = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not break the protocol
    code = 0
    try:
        codecs = tuple(settings.get("codecs") or sip.CODECS)
        address, log_path = settings.get("address", "127.0.0.1"), settings.get("log_path", "")
        phone = PhoneProcess(out_fd, address, codecs, log_path)
        phone.run()
        phone.part()
    except BaseException:  # noqa: BLE001 - os._exit would hide it
        traceback.print_exc()
        code = 1
    finally:
        sys.stderr.flush()
        os._exit(code)  # destroying pjsua2 at interpreter exit hangs or crashes
