"""Acceptance tests: the whole product, used from outside, with real SIP phones.

A scenario takes the fixture `centre` and runs on the embedded switch and, where one is found, on
FreeSWITCH; `fresh_centre` makes one of its own for a test that breaks things or wants other settings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # audio, centre ...: shared by these tests alone

import freeswitch
from centre import Centre

from switch_app.phones import phone

SWITCHES = ("embedded", pytest.param("freeswitch", marks=pytest.mark.freeswitch))


@pytest.fixture(scope="session", params=SWITCHES)
def switch(request: pytest.FixtureRequest) -> str:
    if not phone.available():
        pytest.skip(phone.MISSING)
    if request.param == "freeswitch" and not freeswitch.program():
        pytest.skip(freeswitch.MISSING)
    return str(request.param)


@pytest.fixture(scope="session")
def shared_centre(switch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with Centre(tmp_path_factory.mktemp(switch), switch, quick=True) as centre:
        yield centre


@pytest.fixture
def centre(shared_centre: Centre) -> Iterator[Centre]:
    """The shared one; after the test every line has hung up, and nothing new is in the logs."""
    yield shared_centre
    shared_centre.clear()
    if troubles := shared_centre.troubles():
        pytest.fail("in the logs: " + "\n".join(troubles))


@pytest.fixture
def fresh_centre(switch: str, tmp_path: Path) -> Iterator[Callable[..., Centre]]:
    """fresh_centre(**options) -> a running Centre that ends with the test."""
    made: list[Centre] = []

    def make(**options: Any) -> Centre:
        made.append(Centre(tmp_path / f"centre-{len(made)}", switch, **options))
        made[-1].start()
        return made[-1]

    yield make
    for centre in made:
        centre.stop()
