"""What a line says and what it hears: a source and a recorder, wired to the call's audio."""

from __future__ import annotations

import wave
from typing import Any

import pjsua2 as pj

from .endpoint import CLOCK_RATE_HZ

TICKS_S = 0.04  # a link of the conference bridge is made within two ticks


class Sound:
    """Outlives the call's audio port, which a re-INVITE replaces: `connect` wires everything again."""

    def __init__(self, microphone: Any) -> None:
        self._microphone = microphone
        self._port: Any = None  # the call's audio while it is active
        self._source: Any = None
        self._recorder: Any = None
        self._path = ""
        self._closing: str | None = None
        self._for_s: float | None = None
        self._record_until: float | None = None
        self._ends_at: float | None = None

    def connect(self, port: Any, now: float) -> None:
        """The call's audio became active."""
        self._port = port
        self._microphone.startTransmit(port)
        if self._source is not None:
            self._source.startTransmit(port)
        self._connect_recorder(now)

    def disconnect(self) -> None:
        """The call's audio is gone or on hold; the conference bridge has cut the links itself."""
        self._port = None

    def play_tone(self, hz: int, on_ms: int = 1000, off_ms: int = 0) -> None:
        """Say a tone until something else is played."""
        tone = pj.ToneDesc()
        tone.freq1, tone.freq2, tone.on_msec, tone.off_msec = hz, 0, on_ms, off_ms
        generator = pj.ToneGenerator()
        generator.createToneGenerator(CLOCK_RATE_HZ, 1)
        tones = pj.ToneDescVector()
        tones.append(tone)
        generator.play(tones, True)
        self._say(generator, None)

    def play_file(self, path: str, loop: bool, now: float) -> None:
        """Say a WAV file. Its end is reckoned from its length: onEof2 comes on a foreign thread."""
        with wave.open(path) as sound:
            duration_s = sound.getnframes() / sound.getframerate()
        player = pj.AudioMediaPlayer()
        player.createPlayer(path, 0 if loop else pj.PJMEDIA_FILE_NO_LOOP)
        self._say(player, None if loop else now + duration_s)

    def stop_playing(self) -> None:
        self._source, self._ends_at = None, None

    def played(self, now: float) -> bool:
        """True once, when a file that is not looped has been said."""
        if self._ends_at is None or now < self._ends_at:
            return False
        self.stop_playing()
        return True

    def record(self, path: str, for_s: float | None, now: float) -> None:
        """Write what is heard to a WAV file, from now or from the next call on; for_s: so much of it."""
        self.stop_recording()
        recorder = pj.AudioMediaRecorder()
        recorder.createRecorder(path)
        self._recorder, self._path, self._for_s = recorder, path, for_s
        self._connect_recorder(now)

    def stop_recording(self) -> None:
        """Close the file: dropping the recorder writes its header, a media tick later (`recorded`)."""
        if self._recorder is not None:
            self._recorder, self._closing = None, self._path
        self._record_until = None

    @property
    def closing(self) -> bool:
        """Whether a recording is still being written to its file."""
        return self._closing is not None

    def recorded(self, now: float) -> str:
        """The path of a recording, once, when its file is whole; else ""."""
        if self._record_until is not None and now >= self._record_until:
            self.stop_recording()
        if self._closing is None or not _whole(self._closing):
            return ""
        path, self._closing = self._closing, None
        return path

    def _connect_recorder(self, now: float) -> None:
        if self._recorder is None or self._port is None:
            return
        self._port.startTransmit(self._recorder)
        if self._for_s is not None:
            self._record_until = now + self._for_s + TICKS_S

    def _say(self, source: Any, ends_at: float | None) -> None:
        self._source, self._ends_at = source, ends_at
        if self._port is not None:
            source.startTransmit(self._port)


def _whole(path: str) -> bool:
    """pjmedia fills in the RIFF length when it closes the file."""
    with open(path, "rb") as file:
        return any(file.read(8)[4:])
