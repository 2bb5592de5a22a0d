"""A leg's ears in memory, and what the switch tells of their sounds."""

from __future__ import annotations

from collections.abc import Callable

from switch_app.core.orders import Play
from switch_app.core.signals import PlayEnded
from switch_app.esl.message import Event
from switch_app.switches.player import BEGUN_S, Player

PLAYED = "FILE PLAYED"


def completion(tag: str, response: str, state: str = "answered") -> Event:
    lines = ["Event-Name: CHANNEL_EXECUTE_COMPLETE", f"Application-UUID: {tag.replace(':', '%3A')}"]
    lines += [f"Application-Response: {response.replace(' ', '%20')}", f"Answer-State: {state}"]
    return Event("\n".join(lines).encode() + b"\n\n")


class Ears:
    """A leg of a switch: it runs what is executed, and would notice a second sound inside a first."""

    def __init__(self, on_result: Callable[[PlayEnded], None] = lambda signal: None) -> None:
        self.running: list[str] = []
        self.heard: list[tuple[str, str]] = []
        self.results: list[PlayEnded] = []
        self.breaks = 0
        self.held = False
        self.quiet = 0  # how often a bridge was told that it may come
        self.voices: list[tuple[tuple[str, ...], Callable[[list[str]], None]]] = []  # that speak now
        self.forgotten = 0
        self._on_result = on_result
        self.now = self.asked_at = 100.0
        self.player = Player(self._execute, self._break, self._playable, self._tell, self._speak, lambda: self.now)

    def _execute(self, app: str, arg: str, tag: str) -> None:
        assert app == "playback"
        self.running.append(tag)
        self.asked_at = self.now
        self.heard.append((arg, tag))
        assert len(self.running) == 1, "a second sound inside the first"
        assert not self.held, "a sound inside the bridge"

    def _break(self) -> None:
        assert self.running, "nothing plays that could be broken off"
        self.breaks += 1

    def _speak(self, sounds: tuple[str, ...], ready: Callable[[list[str]], None]) -> Callable[[], None]:
        voice = (tuple(sounds), ready)
        self.voices.append(voice)
        assert len(self.voices) == 1, "a second voice for one leg"

        def forget() -> None:
            self.forgotten += 1
            self.voices.remove(voice)

        return forget

    def spoken(self, failed: bool = False) -> None:
        """The voice is done."""
        sounds, ready = self.voices.pop()
        ready(["tone" if failed else each.replace("text:zh:", "/spoken/") for each in sounds])

    def _playable(self, order: Play) -> str:
        if "bad" in order.sounds:
            raise ValueError("not a sound")
        return "!".join(order.sounds)

    def _tell(self, signal: PlayEnded) -> None:
        self.results.append(signal)
        self._on_result(signal)

    def hold(self) -> None:
        self.held = True
        self.player.hold(self._may_come)

    def _may_come(self) -> None:
        fresh = self.now - self.asked_at <= BEGUN_S
        assert not (self.running and fresh), "a sound that the switch may yet begin inside the bridge"
        self.quiet += 1

    def release(self) -> None:
        self.held = False
        self.player.release()

    def complete(self, response: str = PLAYED, state: str = "answered") -> None:
        tag = self.running.pop()
        assert self.player.completed(completion(tag, response, state))

    def ended(self) -> list[tuple[str, str]]:
        return [(each.ref, each.result) for each in self.results]


def play(ref: str, sound: str = "a", endless: bool = False) -> Play:
    return Play(ref, "leg", (sound,), endless)
