"""What is played: a list of clips, silence or endless repetition, handed out frame by frame."""

from __future__ import annotations

import logging
from pathlib import Path

from . import g711
from .clip import BadAudio, Clip, Clips
from .g711 import Law
from .tones import render

log = logging.getLogger("softswitch.media")


class Source:
    """One playback: `next` gives 20 ms of audio, None at its end."""

    def __init__(self, parts: list[tuple[Clip | None, int]], loops: int = 1) -> None:
        """parts: (clip, frames); a clip of None is silence. loops: -1 is for ever."""
        self._parts, self._loops = parts, loops
        self._part = self._frame = 0
        self.played_frames = 0

    def next(self, law: Law) -> bytes | None:
        while True:
            if self._part >= len(self._parts) and not self._again():
                return None
            clip, frames = self._parts[self._part]
            if self._frame < frames:
                break
            self._part, self._frame = self._part + 1, 0
        index, self._frame = self._frame, self._frame + 1
        self.played_frames += 1
        return g711.SILENCE[law] if clip is None else clip.frame(index, law)

    def _again(self) -> bool:
        if self._loops > 0:
            self._loops -= 1
        if self._loops == 0 or not any(frames for _, frames in self._parts):
            return False
        self._part = self._frame = 0
        return True


class Sounds:
    """Turns FreeSWITCH file names into sources: file_string://, tone_stream://, silence_stream://, paths."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clips = Clips()

    def open(self, name: str, endless: bool = False) -> Source:
        """Raises BadAudio. Paths are relative to the sounds folder unless absolute."""
        found = self._pieces(name) if name.startswith("file_string://") else [self._part(name)]
        loops = found[0][1] if len(found) == 1 else 1
        return Source([part for part, _ in found], -1 if endless else loops)

    def _pieces(self, name: str) -> list[tuple[tuple[Clip | None, int], int]]:
        """What cannot be opened is left out; nothing at all is an error (mod_dptools.c, next_file)."""
        found, missing = [], BadAudio("no pieces")
        for each in filter(None, name.removeprefix("file_string://").split("!")):
            try:
                found.append(self._part(each))
            except BadAudio as error:
                log.error("a piece is left out: %s", error)
                missing = error
        if not found:
            raise missing
        return found

    def _part(self, name: str) -> tuple[tuple[Clip | None, int], int]:
        if name.startswith("silence_stream://"):
            length = name[len("silence_stream://") :].split(",")[0].strip()
            try:
                milliseconds = int(length)
            except ValueError:
                raise BadAudio(f"not a length: {length[:20]!r}") from None
            if milliseconds < 0:
                return (None, 50), -1
            return (None, -(-milliseconds // 20)), 1
        if name.startswith("tone_stream://"):
            clip, loops = render(name[len("tone_stream://") :])
            return (clip, clip.frames), loops
        if name.startswith("local_stream://"):
            return self._music(name[len("local_stream://") :])
        if "://" in name:
            raise BadAudio(f"unknown format: {name[:60]!r}")
        if "\0" in name:
            raise BadAudio("NUL in a file name")
        clip = self._clips.load(self._folder / name)
        return (clip, clip.frames), 1

    def _music(self, name: str) -> tuple[tuple[Clip | None, int], int]:
        """A local_stream is the first file of the folder music/NAME, for ever; a soft tone without one."""
        folder = self._folder / "music" / (name if name.isalnum() else "moh")
        files = sorted(folder.glob("*.wav")) if folder.is_dir() else []
        if files:
            clip = self._clips.load(files[0])
        else:
            clip, _ = render("v=-24;%(400,3600,440)")
        return (clip, clip.frames), -1
