"""All switches that the contract suite runs on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import freeswitch
import pytest
from contract_scripted import ScriptedWorld
from contract_worlds import EmbeddedWorld, FreeSwitchWorld, World

from switch_app.phones import phone

WORLDS: dict[str, type[World]] = {"scripted": ScriptedWorld, "embedded": EmbeddedWorld, "freeswitch": FreeSwitchWorld}
ALL = ["scripted", "embedded", pytest.param("freeswitch", marks=pytest.mark.freeswitch)]


def new_world(name: str, folder: Path, **plan: Any) -> World:
    """Started, with a plan of its own; or the test is left out, saying what is missing."""
    if name != "scripted" and not phone.available():
        pytest.skip(phone.MISSING)
    if name == "freeswitch" and not freeswitch.program():
        pytest.skip(freeswitch.MISSING)
    world = WORLDS[name](folder, **plan)
    world.start()
    return world
