"""What the benches say of a caller who was lost: how far it came, and why the switch hung up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from switch_app.bench.crowd import Crowd, lost
from switch_app.bench.sip_text import AUDIO, Message, request, response
from switch_app.bench.spent import served

HOST = "127.0.0.1"


class Switch:
    """Answers each INVITE with `status`, and then ends the call if there is a `cause`."""

    def __init__(self) -> None:
        self.status, self.cause = (200, "OK"), ""
        self.crowd = Crowd(f"{HOST}:9", patience_s=0.3)
        self._sock = self.crowd.loop.udp(HOST, 1 << 16, self._packet)
        self.crowd._server = self._sock.getsockname()

    def _packet(self, data: bytes) -> None:
        message = Message(data)
        if message.method != "INVITE" or message.code:
            return
        caller = (HOST, int(message.vias[0].partition(":")[2].partition(";")[0]))
        answer = AUDIO.format(host=HOST, port=9)
        self._sock.sendto(response(message, *self.status, HOST, "tag", answer), caller)
        if self.cause:
            dialog = {"from": message["to"], "to": message["from"], "id": message["call-id"]}
            reason = f'Reason: Q.850;cause=88;text="{self.cause}"\r\n'
            self._sock.sendto(request("BYE", "sip:x", HOST, dialog, 1, reason), caller)

    def one_caller(self, press_after_s: float, talks: bool = False) -> dict[str, int]:
        return lost(self.crowd.calls("5000", 10, 0.1, press_after_s, talks))


@pytest.fixture
def switch() -> Iterator[Switch]:
    found = Switch()
    yield found
    found._sock.close()
    found.crowd.close()


def test_the_cause_of_the_switch_is_told(switch: Switch) -> None:
    switch.cause = "INCOMPATIBLE_DESTINATION"
    assert switch.one_caller(0.1) == {"hung up on before the key (INCOMPATIBLE_DESTINATION)": 1}
    assert switch.one_caller(0.0, talks=True) == {"hung up on in the queue (INCOMPATIBLE_DESTINATION)": 1}


def test_who_is_not_served_says_how_far_it_came(switch: Switch) -> None:
    assert switch.one_caller(0.1) == {"gave up after 0.3 s after the key": 1}
    assert switch.one_caller(0.0, talks=True) == {"gave up after 0.3 s in the queue": 1}
    switch.status = (503, "Maximum Calls In Progress")
    assert switch.one_caller(0.1) == {"refused with 503 Maximum Calls In Progress": 1}


def test_a_bench_that_lost_callers_tells_what_else_the_machine_did(switch: Switch) -> None:
    with pytest.raises(RuntimeError, match=r"of 1 callers were lost: 1 gave up .* took \d+\.\d of \d+ cores"):
        served(lambda: switch.crowd.calls("5000", 10, 0.1, 0.1))
