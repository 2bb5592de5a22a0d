"""What RECORD_STOP means: a recording, one that was cut off, or none."""

from __future__ import annotations

import pytest

from switch_app.core import signals as s
from switch_app.esl.message import Event
from switch_app.switches.events import recording_ended


def record_stop(record_ms: str, cause: str = "") -> Event:
    text = f"Event-Name: RECORD_STOP\nUnique-ID: leg\nvariable_record_ms: {record_ms}\n"
    return Event((text + (f"Record-Completion-Cause: {cause}\n" if cause else "") + "\n").encode())


@pytest.mark.parametrize(
    ("event", "signal"),
    [
        (record_stop("1500", "success-silence"), s.RecordingEnded("leg", "a.wav", 1.5)),
        (record_stop("1500"), s.RecordingEnded("leg", "a.wav", 1.5)),
        (record_stop("130", "uri-failure"), s.RecordingEnded("leg", "a.wav", 0.13, cut=True)),
        (record_stop("0", "uri-failure"), s.RecordingFailed("leg", "a.wav", "nothing could be written")),
    ],
)
def test_what_a_recording_s_end_means(event: Event, signal: object) -> None:
    assert recording_ended(event, "a.wav") == signal
