"""A caller profile (switch_caller_profile_t): who calls whom, where, and when what happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import time
from typing import ClassVar


def micros() -> int:
    return int(time() * 1e6)


@dataclass
class Times:
    """Microseconds since 1970; 0: not yet."""

    created: int = field(default_factory=micros)
    profile_created: int = field(default_factory=micros)
    answered: int = 0
    progress: int = 0
    progress_media: int = 0
    hungup: int = 0
    transferred: int = 0
    bridged: int = 0


@dataclass
class Profile:
    direction: str
    uuid: str
    channel_name: str
    destination_number: str
    caller_id_name: str = ""
    caller_id_number: str = ""
    callee_id_name: str = ""
    callee_id_number: str = ""
    ani: str = ""
    username: str = ""
    dialplan: str = "XML"
    context: str = "default"
    rdnis: str = ""
    network_addr: str = ""
    source: str = "mod_sofia"
    index: int = 1
    times: Times = field(default_factory=Times)

    def stepped(self, **changes: str) -> Profile:
        """The next profile of the same call, as a transfer makes it."""
        times = replace(self.times, profile_created=micros())
        return replace(self, index=self.index + 1, times=times, **changes)

    FIELDS: ClassVar[set[str]] = {
        "destination_number",
        "caller_id_name",
        "caller_id_number",
        "callee_id_name",
        "callee_id_number",
        "ani",
        "username",
        "dialplan",
        "context",
        "rdnis",
        "network_addr",
        "source",
    }

    def field(self, name: str) -> str | None:
        """A field by its name as a dialplan condition or `${name}` gives it."""
        if name == "chan_name":
            return self.channel_name
        if name == "created_time":
            return str(self.times.created)
        if name == "profile_created_time":
            return str(self.times.profile_created)
        return getattr(self, name) if name in self.FIELDS else None

    def headers(self, prefix: str) -> dict[str, str]:
        """The `Caller-...` (or `Other-Leg-...`) headers of an event, empty ones left out."""
        named = {
            "Username": self.username,
            "Dialplan": self.dialplan,
            "Caller-ID-Name": self.caller_id_name,
            "Caller-ID-Number": self.caller_id_number,
            "Orig-Caller-ID-Name": self.caller_id_name,
            "Orig-Caller-ID-Number": self.caller_id_number,
            "Callee-ID-Name": self.callee_id_name,
            "Callee-ID-Number": self.callee_id_number,
            "Network-Addr": self.network_addr,
            "ANI": self.ani,
            "Destination-Number": self.destination_number,
            "Unique-ID": self.uuid,
            "Source": self.source,
            "Context": self.context,
            "RDNIS": self.rdnis,
            "Channel-Name": self.channel_name,
            "Profile-Index": str(self.index),
        }
        times = self.times
        moments = {
            "Profile-Created-Time": times.profile_created,
            "Channel-Created-Time": times.created,
            "Channel-Answered-Time": times.answered,
            "Channel-Progress-Time": times.progress,
            "Channel-Progress-Media-Time": times.progress_media,
            "Channel-Hangup-Time": times.hungup,
            "Channel-Transfer-Time": times.transferred,
            "Channel-Resurrect-Time": 0,
            "Channel-Bridged-Time": times.bridged,
            "Channel-Last-Hold": 0,
            "Channel-Hold-Accum": 0,
        }
        headers = {f"{prefix}-Direction": self.direction, f"{prefix}-Logical-Direction": self.direction}
        headers |= {f"{prefix}-{name}": value for name, value in named.items() if value}
        headers |= {f"{prefix}-{name}": str(value) for name, value in moments.items()}
        headers |= {f"{prefix}-Screen-Bit": "true"}
        headers |= {f"{prefix}-Privacy-Hide-{what}": "false" for what in ("Name", "Number")}
        return headers
