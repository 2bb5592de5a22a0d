"""What `hotline freeswitch-config` tells people to start."""

from __future__ import annotations

import shlex
from pathlib import Path

from starting import ROOT

from switch_app.cli.freeswitch_config import start_command

PLACES = {"-conf": "", "-log": "log", "-db": "db", "-run": "run"}


def options(command: str) -> dict[str, str]:
    words = shlex.split(command)
    return {word: words[at + 1] for at, word in enumerate(words) if word in PLACES}


def test_freeswitch_is_told_all_its_places():
    """It wants -conf, -log and -db together or none of them."""
    found = options(start_command(Path("/srv/of a name")))
    assert found == {option: str(Path("/srv/of a name") / place) for option, place in PLACES.items()}


def test_both_readmes_start_it_likewise():
    for name in ("README.md", "README.zh.md"):
        [line] = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if "freeswitch -nonat" in line]
        assert options(line) == {option: f"$F/{place}".rstrip("/") for option, place in PLACES.items()}, name
