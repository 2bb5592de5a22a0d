"""What one connection wants to hear: event names, custom subclasses, filters (mod_event_socket.c)."""

from __future__ import annotations

import re

from .events import NAMES, Bus, Event

MYEVENTS = """
    CHANNEL_ANSWER CHANNEL_APPLICATION CHANNEL_BRIDGE CHANNEL_CREATE CHANNEL_DATA CHANNEL_DESTROY
    CHANNEL_EXECUTE CHANNEL_EXECUTE_COMPLETE CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE
    CHANNEL_ORIGINATE CHANNEL_UUID CHANNEL_OUTGOING CHANNEL_PARK CHANNEL_PROGRESS
    CHANNEL_PROGRESS_MEDIA CHANNEL_STATE CHANNEL_UNBRIDGE CHANNEL_UNPARK DETECTED_SPEECH DTMF NOTALK
    TALK
""".split()


class Subscription:
    """`only`: with myevents, the one channel whose events pass."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._names: set[str] = set()
        self._custom: set[str] = set()
        self._filters: list[tuple[str, str]] = []
        self.only: str | None = None
        self.format = "plain"
        self.enabled = False

    def add(self, words: list[str]) -> bool:
        """`[plain|json] NAME ... [CUSTOM subclass ...]`; False without any known name."""
        known = custom = False
        for place, word in enumerate(words):
            if place == 0 and word.lower() in ("plain", "json", "xml"):
                self.format = "json" if word.lower() == "json" else "plain"
            elif custom:
                self._custom.add(word)
            elif word.upper() in NAMES:
                known = True
                self._want(word.upper())
                custom = word.upper() == "CUSTOM"
        self.enabled = self.enabled or known
        return known

    def remove(self, words: list[str]) -> bool:
        known = custom = False
        for word in words:
            if custom:
                self._custom.discard(word)
            elif word.upper() in NAMES:
                known = True
                name = word.upper()
                custom = name == "CUSTOM"
                if name == "ALL":
                    self._drop_names()
                elif not custom:
                    if "ALL" in self._names:
                        self._unwant("ALL")
                        for each in NAMES - {"ALL"}:
                            self._want(each)
                    self._unwant(name)
        return known

    def clear(self) -> None:
        """No events at all from now on."""
        self._drop_names()
        self._custom.clear()
        self.enabled = False

    def my_events(self, uuid: str) -> None:
        for name in MYEVENTS:
            self._want(name)
        self.only, self.enabled = uuid, True

    def add_filter(self, header: str, value: str) -> None:
        if len(self._filters) < 256:
            self._filters.append((header, value))

    def delete_filter(self, header: str, value: str) -> None:
        """`all` deletes every filter; an empty value all of that header."""
        if header.lower() == "all":
            self._filters.clear()
            return
        self._filters = [
            (name, each)
            for name, each in self._filters
            if name.lower() != header.lower() or (value and each != value)
        ]

    def wants(self, event: Event) -> bool:
        name = event.name
        if not self.enabled or not (name in self._names or "ALL" in self._names):
            return False
        if (
            name == "CUSTOM"
            and "ALL" not in self._names
            and (event.get("Event-Subclass") or "") not in self._custom
        ):
            return False
        passed = self._filtered(event) if self._filters else True
        if self.only is None:
            return passed
        if event.get("Job-Owner-UUID") == self.only:
            return True
        return passed and event.get("Unique-ID") == self.only

    def _filtered(self, event: Event) -> bool:
        """Filters are alternatives; one that begins with - forbids (event_handler)."""
        lowered = {name.lower(): value for name, value in event.headers.items()} if self._filters else {}
        passed = False
        for header, wanted in self._filters:
            value = lowered.get(header.lower())
            if value is None:
                continue
            positive, wanted = _signed(wanted)
            if passed and positive:
                continue
            if _matches(value, wanted):
                if not positive:
                    return False
                passed = True
        return passed

    def _want(self, name: str) -> None:
        if name not in self._names:
            self._names.add(name)
            self._bus.want(name)

    def _unwant(self, name: str) -> None:
        if name in self._names:
            self._names.discard(name)
            self._bus.unwant(name)

    def _drop_names(self) -> None:
        for name in list(self._names):
            self._unwant(name)


def _signed(wanted: str) -> tuple[bool, str]:
    positive = True
    place = 0
    while place < len(wanted) and wanted[place] in "+- ":
        if wanted[place] != " ":
            positive = wanted[place] == "+"
        place += 1
    return positive, wanted[place:]


def _matches(value: str, wanted: str) -> bool:
    if len(wanted) > 2 and wanted.startswith("/"):
        try:
            return re.search(wanted.strip("/")[:200], value[:1000]) is not None
        except re.error:
            return False
    return value.lower() == wanted.lower()
