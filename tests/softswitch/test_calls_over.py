"""A call that is over is let go at once: the switch collects no garbage while anybody talks."""

from __future__ import annotations

import gc
import socketserver
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from switch_app.bench.softswitch import Phone, Phones
from switch_app.esl import commands
from switch_app.esl.wire import FrameReader
from switch_app.softswitch.call.channel import Channel
from switch_app.softswitch.config import Config
from switch_app.softswitch.switch import Switch

DIALPLAN = """<include><context name="inbound">
  <extension name="app"><condition field="destination_number" expression="^4000$">
    <action application="socket" data="127.0.0.1:{port} async full"/></condition></extension>
</context></include>"""


class Application(socketserver.BaseRequestHandler):
    """Answers, and records a message of ten minutes at most; the connection is the call's."""

    def handle(self) -> None:
        reader = FrameReader()
        self.request.sendall(commands.connect())
        frames = reader.feed(self.request.recv(65536))
        leg = frames[0].get("Unique-ID", "")
        self.request.sendall(commands.execute("answer"))
        self.request.sendall(commands.api("uuid_record", f"{leg} start {leg}.wav 600"))
        while self.request.recv(65536):
            pass


@pytest.fixture
def switch(tmp_path: Path) -> Iterator[Switch]:
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Application)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    (tmp_path / "dialplan").mkdir()
    (tmp_path / "dialplan" / "inbound.xml").write_text(DIALPLAN.format(port=server.server_address[1]))
    switch = Switch(Config(tmp_path, tmp_path, tmp_path / "run", "secret", sip_port=0, esl_port=0))
    yield switch
    switch.server.close()
    switch.stack.close()
    server.shutdown()
    server.server_close()


def test_nothing_holds_the_channel_of_a_call_that_is_over(switch: Switch) -> None:
    phones = Phones(switch.stack.address[1])

    def until(holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 10
        while not holds():
            assert time.monotonic() < deadline
            switch.loop.turn()
            phones.loop.run(0.001)

    def call() -> tuple[Phone, weakref.ref[Channel]]:
        before = set(switch.channels)
        phone = phones.phone(audio=False)
        phone.invite()
        until(lambda: phone.answered_at)
        (channel,) = [channel for uuid, channel in switch.channels.items() if uuid not in before]
        until(lambda: channel.recorders)
        return phone, weakref.ref(channel)

    gc.disable()
    try:
        made = [call() for _ in range(3)]
        for phone, _ in made:
            phone.bye()
        until(lambda: not switch.channels)
        until(lambda: not switch.outbound)
        until(lambda: not any(known() for _, known in made))
    finally:
        gc.enable()
        phones.close()
