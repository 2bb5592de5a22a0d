"""A recording that a person uploads for a greeting -> VAR/greetings/HASH.wav, in the form of the prompts."""

from __future__ import annotations

import io
import tempfile
import wave
from hashlib import sha256
from pathlib import Path

from switch_app.core.errors import Refused
from switch_app.prompts import audio

GREETINGS = "greetings"  # folder in var
MOST_BYTES = 12_000_000  # a minute in stereo of a studio's form
LONGEST_S = 120
SHORTEST_S = 0.3
REASONS = tuple(f"recording_{why}" for why in ("too_large", "not_wav", "too_long", "silent", "needs_sox"))
_RATES_HZ = range(4000, 192_001)
_QUIET_DB = -60.0


def keep(data: bytes, folder: Path) -> str:
    """Check, convert to 8 kHz, 16 bit, mono, level, and store; the file's name without .wav (32 hex digits).

    Raises Refused with one of REASONS.
    """
    samples = _samples(data)
    if len(samples) < SHORTEST_S * audio.RATE_HZ or audio.active_level(samples) < _QUIET_DB:
        raise Refused("recording_silent", "nothing is to be heard in the recording")
    samples = audio.polish(samples)
    name = sha256(samples.tobytes()).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    audio.save(folder / f"{name}.wav", samples)
    return name


def _samples(data: bytes) -> audio.Samples:
    """At 8 kHz, mono. The file itself goes to no other program: a new one is written of its samples."""
    if len(data) > MOST_BYTES:
        raise Refused("recording_too_large", f"the file is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        with wave.open(io.BytesIO(data)) as wav:
            form = wav.getnchannels(), wav.getsampwidth(), wav.getframerate()
            if wav.getnframes() > LONGEST_S * form[2]:
                raise Refused("recording_too_long", f"the recording is longer than {LONGEST_S} s")
            frames = wav.readframes(wav.getnframes())
    except (wave.Error, EOFError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise Refused("recording_not_wav", f"not a WAV file with PCM sound: {error}") from error
    channels, width, rate = form
    if channels not in (1, 2) or width not in (1, 2, 3, 4) or rate not in _RATES_HZ:
        raise Refused("recording_not_wav", f"{channels} channels, {8 * width} bit, {rate} Hz: not for speech")
    if len(frames) > LONGEST_S * rate * channels * width:  # its head told another length
        raise Refused("recording_too_long", f"the recording is longer than {LONGEST_S} s")
    if form == (1, 2, audio.RATE_HZ):
        return audio.from_bytes(frames)
    return _converted(frames, channels, width, rate)


def _converted(frames: bytes, channels: int, width: int, rate: int) -> audio.Samples:
    with tempfile.TemporaryDirectory(prefix="hotline-upload-") as scratch:
        plain = Path(scratch) / "plain.wav"
        with wave.open(str(plain), "wb") as wav:
            wav.setnchannels(channels)
            wav.setsampwidth(width)
            wav.setframerate(rate)
            wav.writeframes(frames)
        try:
            return audio.telephone(plain)
        except Refused as error:
            raise Refused("recording_needs_sox", error.message) from error
