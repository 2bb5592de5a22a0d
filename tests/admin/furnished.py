"""A centre with people, customers and a day of interactions, for the pages' tests and pictures."""

from __future__ import annotations

import struct
import time
import wave
from math import pi, sin
from pathlib import Path
from typing import Any

from call_server import CallServer

from crm_lite.store import sample
from crm_lite.store.database import Database
from crm_lite.store.edits.users import save_user
from crm_lite.store.projector import Projector
from switch_app.speech.upload import keep

PASSWORDS = {"admin": "open sesame admin", "lena": "open sesame lena", "otto": "open sesame otto"}
PINS = {number: f"2{number}5" for number in sample.AGENTS}


def furnish(db: Database, var: Path) -> None:
    """Sample rows, a supervisor (lena), an agent's user (otto, desk 1001), interactions i-1 ... and sound."""
    sample.seed(db, PINS, PASSWORDS["admin"])
    supervisor = {"login": "lena", "name": "Lena 林", "role": "supervisor", "agent": None, "active": True}
    save_user(db, "admin", None, supervisor, PASSWORDS["lena"])
    agent = {"login": "otto", "name": "Otto", "role": "agent", "agent": "1001", "active": True}
    save_user(db, "admin", None, agent, PASSWORDS["otto"])
    Projector(db).apply(day())
    sound(var / "recordings" / "i-1.wav")


def sound(path: Path, seconds: float = 2.0) -> None:
    """8 kHz stereo: 440 Hz left, 660 Hz right."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        for n in range(int(8000 * seconds)):
            file.writeframesraw(
                struct.pack("<hh", *(int(9000 * sin(2 * pi * f * n / 8000)) for f in (440, 660)))
            )


class Entry:
    def __init__(self, position: int, stream: str, at: float, kind: str, data: dict[str, Any]) -> None:
        self.position, self.stream, self.version = position, stream, position
        self.at, self.kind, self.data = at, kind, data


WHY = {
    "chosen": "1003", "choice": "longest-idle", "skill": "", "needs": "billing >= 3 and mandarin >= 3", "step": 1,
    "wait_s": 9.5, "customer_knows": "1007",
    "candidates": [{"agent": "1003", "idle_s": 412.0}, {"agent": "1007", "idle_s": 37.5}],
    "passed": [
        {"agent": "1001", "because": "talking", "reason": "", "for_s": 62.0},
        {"agent": "1002", "because": "skill", "lacks": [{"skill": "billing", "lowest": 3, "highest": None, "has": 1}]},
        {"agent": "1005", "because": "not_ready", "reason": "lunch", "for_s": 1510.0},
        {"agent": "1006", "because": "logged_out", "reason": "", "for_s": None},
        {"agent": "1009", "because": "skill",
         "lacks": [{"skill": "billing", "lowest": 3, "highest": None, "has": None}]},
    ],
    "counts": {"candidate": 2, "skill": 2, "talking": 1, "not_ready": 1}, "whole": True,
}  # fmt: skip


def day() -> list[Entry]:
    """An answered call (i-1), one in progress (i-2), and 60 of all kinds."""
    entries: list[Entry] = []
    start = time.time() - 3 * 3600

    def add(id: str, at: float, kind: str, floor: bool = False, **data: Any) -> None:
        stream = "floor" if floor else f"interaction:{id}"
        entries.append(Entry(len(entries) + 1, stream, start + at, kind, data))

    def opened(id: str, at: float, ani: str, name: str = "") -> None:
        add(id, at, "InteractionOpened", interaction=id, channel="voice", direction="inbound", leg=f"l-{id}",
            ani=ani, name=name, dnis="4000", flow="main", version="3f9ac0174bd2")  # fmt: skip

    zhou = {"id": 3, "number": "C10003", "name": "周建国", "tier": "silver"}
    for number in range(60):
        id, at = f"m-{number:02}", 40.0 * number
        opened(id, at, ("12000000003", "+447700900123", "", "057155501003")[number % 4])
        outcome = ("answered", "abandoned", "completed", "voicemail", "answered", "overflowed")[number % 6]
        if number % 4 == 0:
            add(id, at, "CustomerIdentified", customer=zhou, by="number")
        if outcome != "completed":
            add(id, at + 9, "QueueEntered", queue=("sales", "support", "billing")[number % 3], needs="", priority=0,
                waiting_since=at)  # fmt: skip
        if outcome == "answered":
            add(id, at + 20, "AgentConnected", offer="o", agent=f"10{number % 10 + 1:02}", leg="l", wait_s=11.0,
                queue="support", ring_s=3.0, recording="")  # fmt: skip
        add(id, at + 80, "InteractionClosed", outcome=outcome, reason="", wait_s=11.0 + number, talk_s=60.0)
    opened("i-1", 8000.0, "12000000001", "=1+1<script>alert(1)</script>")
    gold = {"id": 1, "number": "C10001", "name": "林晓燕", "tier": "gold"}
    for after, kind, data in (
        (0.1, "StepEntered", {"flow": "main", "step": "welcome", "type": "play"}),
        (0.4, "CustomerIdentified", {"customer": gold, "by": "number"}),
        (4.0, "LanguageChosen", {"language": "zh"}),
        (6.0, "DigitsCollected", {"step": "main_menu", "digits": "3", "accepted": True}),
        (6.1, "HoursDecided", {"calendar": "office", "open": True, "local": "x", "why": "09:00-18:00"}),
        (
            6.2,
            "QueueEntered",
            {"queue": "billing", "needs": "billing >= 3", "priority": 20, "waiting_since": 1.0},
        ),
        (15.7, "AgentMissed", {"offer": "o-0", "agent": "1007", "reason": "no_answer"}),
    ):
        add("i-1", 8000.0 + after, kind, **data)
    add("i-1", 8016.0, "WorkOffered", True, interaction="i-1", offer="o-1", agent="1003", contact="1003",
        queue="billing", ring_s=20.0, why=WHY)  # fmt: skip
    for after, kind, data in (
        (18.0, "AgentConnected", {"offer": "o-1", "agent": "1003", "leg": "l", "queue": "billing", "wait_s": 11.8,
                                  "ring_s": 2.0, "recording": "recordings/i-1.wav"}),
        (140.0, "ConversationEnded", {"offer": "o-1", "agent": "1003", "talk_s": 122.0, "by": "caller"}),
        (140.2, "RecordingKept", {"path": "recordings/i-1.wav", "what": "conversation", "duration_s": 122.0}),
        (150.0, "DispositionSet", {"agent": "1003", "code": "solved", "note": "账单已重寄 <b>bold</b>"}),
        (151.0, "InteractionClosed", {"outcome": "answered", "reason": "", "wait_s": 11.8, "talk_s": 122.0}),
    ):  # fmt: skip
        add("i-1", 8000.0 + after, kind, **data)
    opened("i-2", 10700.0, "12000000004", "O'Brien")
    add("i-2", 10702.0, "AgentConnected", offer="o", agent="1003", leg="l", queue="sales", wait_s=2.0, ring_s=1.0,
        recording="")  # fmt: skip
    return entries


RECORDING = "/interactions/i-1/recordings/" + str(
    next(entry.position for entry in day() if entry.kind == "RecordingKept")
)


def settings(folder: Path, root: Path) -> dict[str, Any]:
    """The pages' settings for a centre in `folder`, with the repository's own conf and flows."""
    return {
        "database": str(folder / "crm.db"), "secret_key": "k" * 64, "control_socket": folder / "control.sock",
        "keep_recording": lambda data: keep(data, folder / "greetings"),
        "var": folder, "conf": root / "conf", "flows": root / "ivr_flows", "language": "zh",
    }  # fmt: skip


__all__ = ["PASSWORDS", "PINS", "CallServer", "day", "furnish", "settings", "sound"]
