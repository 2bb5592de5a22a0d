"""The moves that the contract's scenarios are made of, and what is heard on both ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import audio
from contract_application import Application
from contract_story import played, told
from contract_worlds import AGENT_HZ, CALLER_HZ, World

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.ids import derived_uuid
from switch_app.core.interaction import Interaction, Phase
from switch_app.core.interaction.state import Offer
from switch_app.phones.phone import Phone

MUSIC_HZ, PROMPT_HZ = 1000, 700
MUSIC = (f"tone:%(10000,0,{MUSIC_HZ})",)
JOIN_S = 2.0
BUFFERED_S = 0.4  # a phone's jitter buffer, on a busy machine


def call_in(world: World, app: Application) -> tuple[Phone, str]:
    """The usual caller, answered; and its leg."""
    caller = world.caller()
    caller.call("4000")
    leg = app.arrived()
    caller.wait_for("confirmed")
    return caller, leg


def tone(hz: int, ms: int) -> tuple[str, ...]:
    """A sound of a Play order."""
    return (f"tone:%({ms},0,{hz})",)


def agent_leg(app: Application, number: int = 1) -> str:
    """Our own id of a leg, as the core makes it."""
    return derived_uuid(app.stream, number, time.monotonic_ns())


def ring(app: Application, contact: str = "1001", ring_s: float = 5.0, ani: str = "13800000001", name: str = "Ann",
         leg: str = "") -> str:
    """CallAgent; returns the new leg."""
    leg = leg or agent_leg(app)
    app.order(o.CallAgent(leg, app.stream.partition(":")[2], contact, ring_s, ani, name))
    return leg


def believe(app: Application, leg: str, phase: Phase = Phase.FLOW, other: str = "", stream: str = "") -> Interaction:
    """What the journal says of an interaction. `other`: the leg of its offer."""
    state = Interaction(interaction=leg, phase=phase, leg=leg, leg_up=True)
    if other:
        state.offer = Offer("offer", "agent", "1001", other, 0.0, 20.0, join_ref="join")
    app.interactions[stream or app.stream] = state
    return state


def talk(world: World, app: Application, recording: str = "") -> tuple[Phone, Phone, str, str]:
    """A caller who heard music and an agent, joined: both phones and both legs."""
    agent = world.agent("1001", answer_after_s=0.0)
    caller, leg = call_in(world, app)
    app.order(o.Play("music", leg, MUSIC, endless=True))
    other = ring(app)
    app.wait(s.LegAnswered, leg=other)
    app.order(o.Join("join", leg, other, recording))
    app.wait(s.Joined, JOIN_S)
    return caller, agent, leg, other


JOINING = [  # how each talk begins
    told("LegAnswered", leg="agent"),
    played("music", "stopped"),
    told("Joined", ref="join", leg="caller", other="agent"),
]


def heard(phone: Phone, folder: Path, seconds: float = 0.22) -> audio.Samples:
    path = folder / f"{phone.line}-{time.monotonic_ns()}.wav"
    phone.listen(path, seconds)
    return audio.read(path).mono


def hears(world: World, phone: Phone, hz: int, within_s: float = 2.0) -> None:
    """The phone hears this tone and nothing else, soon."""
    if not world.audible:
        soon(lambda: world.heard_by(phone), f"{phone.line} hears something", within_s)
        return
    deadline, samples = time.monotonic() + within_s, heard(phone, world.folder)
    while audio.tone_share(samples, hz) < 0.9:
        found = f"{audio.loudest_tone(samples):g} Hz at {audio.level_dbfs(samples):.0f} dBFS"
        assert time.monotonic() < deadline, f"{phone.line} hears {found}, not {hz} Hz"
        samples = heard(phone, world.folder)


def falls_silent(world: World, phone: Phone) -> None:
    """At the latest when the packets on their way and in the phone's jitter buffer are played."""
    if not world.audible:
        assert not world.heard_by(phone)
        return
    samples = audio.part(heard(phone, world.folder, BUFFERED_S + 0.2), BUFFERED_S)
    assert audio.is_silent(samples), f"{phone.line} hears {audio.loudest_tone(samples):g} Hz"


def they_talk(world: World, caller: Phone, agent: Phone) -> None:
    """Each hears the other one's tone."""
    if world.audible:
        with ThreadPoolExecutor(2) as ears:
            both = [ears.submit(hears, world, caller, AGENT_HZ), ears.submit(hears, world, agent, CALLER_HZ)]
            for each in both:
                each.result()


def soon(holds: Callable[[], object], what: str, timeout_s: float = 3.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
        time.sleep(0.01)
