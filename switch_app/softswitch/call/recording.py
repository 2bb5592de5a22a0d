"""uuid_record and record_session: start, stop, mask and pause of a channel's recordings."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path

from ..media.recorder import Recorder, Sides
from .channel import Channel
from .silence_limits import SilenceLimits

log = logging.getLogger("softswitch.recording")


def start_recording(
    channel: Channel, path: str, limit_s: float = 0.0, given: Mapping[str, str] | None = None
) -> bool:
    """Record both directions; RECORD_STEREO=true puts the phone left and what it hears right.

    RECORD_READ_ONLY=true records the phone only. Relative paths are below the run directory's
    recordings. given: recording variables of this recording alone, which win over the channel's.
    False if the file cannot be written or is being written.
    """
    switch = channel.switch
    given = given or {}
    if not channel.up or path in channel.recorders or "\0" in path:
        return False
    stereo = given["RECORD_STEREO"] == "true" if "RECORD_STEREO" in given else channel.true("RECORD_STEREO")
    sides: Sides = "stereo" if stereo else "mixed"
    if channel.true("RECORD_READ_ONLY"):
        sides = "heard"
    try:
        recorder = Recorder(
            switch.loop,
            switch.config.run_dir / "recordings" / Path(path),
            sides,
            channel.stream.rtp.law,
        )
    except OSError as error:
        log.error("%s: cannot record: %s", channel.name, error)
        return False
    channel.recorders[path] = recorder
    channel.stream.taps.append(recorder)
    limits = SilenceLimits.of(switch.loop, given, lambda: stop_recording(channel, path))
    if limits is not None:
        channel.stream.taps.append(limits)
        channel.recording_limits[path] = limits
    channel.fire("RECORD_START", {"Record-File-Path": path})
    if limit_s > 0:
        channel.recording_ends[path] = switch.loop.later(limit_s, stop_recording, channel, path)
    return True


def stop_recording(channel: Channel, path: str) -> bool:
    """`all` stops every recording. False if there is none of that path."""
    paths = list(channel.recorders) if path == "all" else [path]
    stopped = False
    for each in paths:
        recorder: Recorder | None = channel.recorders.pop(each, None)
        if recorder is None:
            continue
        stopped = True
        end = channel.recording_ends.pop(each, None)
        if end is not None:  # it would hold the channel, and stop the next one of this path
            end.cancel()
        limits = channel.recording_limits.pop(each, None)
        if limits is not None:
            limits.close()
        for tap in (recorder, limits):
            if tap in channel.stream.taps:
                channel.stream.taps.remove(tap)
        recorder.close()
        channel.set("record_samples", str(recorder.samples))
        channel.set("record_ms", str(recorder.samples // 8))
        channel.set("record_seconds", str(recorder.samples // 8000))
        cause = "uri-failure" if recorder.failed else "success-silence"  # FreeSWITCH's words
        channel.set("record_completion_cause", cause)
        channel.fire("RECORD_STOP", {"Record-File-Path": each, "Record-Completion-Cause": cause})
    return stopped


def mask_recording(channel: Channel, path: str, masked: bool) -> bool:
    """Silence instead of both voices; the time line stays."""
    recorder: Recorder | None = channel.recorders.get(path)
    if recorder is None:
        return False
    recorder.masked = masked
    return True


def pause_recording(channel: Channel, path: str, paused: bool) -> bool:
    recorder: Recorder | None = channel.recorders.get(path)
    if recorder is None:
        return False
    if paused:
        recorder.pause()
    else:
        recorder.resume()
    return True
