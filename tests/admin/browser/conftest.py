"""A real browser on the served pages, with a call server that the test commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from surfing import Surfed, Visitor

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PROGRAM = next(filter(None, map(shutil.which, PROGRAMS)), None)
FOUND = {"playwright": find_spec("playwright"), "Chromium": PROGRAM}
REMEDY = "Remedy: .venv/bin/pip install playwright; sudo apt-get install chromium"


@pytest.fixture(scope="session")
def surfed(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surfed]:
    folder = tmp_path_factory.mktemp("surfed") / "var"
    shutil.copytree(model, folder)
    centre = Surfed(folder)
    yield centre
    centre.close()


# Of a module: while playwright runs, its loop is this thread's, where other tests have loops of their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Any, surfed: Surfed) -> Iterator[Callable[..., Visitor]]:
    """visit(role, language, ...) opens a browser. In the end nobody's browser may have complained."""
    surfed.fresh()
    visitors: list[Visitor] = []

    def opened(role: str = "", language: str = "en", **look: Any) -> Visitor:
        visitors.append(Visitor(chromium, surfed, role, language, **look))
        return visitors[-1]

    yield opened
    for each in visitors:
        each.context.close()
    assert [each.complaints for each in visitors if each.complaints] == []


@pytest.fixture
def expect(chromium: Any) -> Any:
    """Conditions that are waited for."""
    from playwright.sync_api import expect

    expect.set_options(timeout=10_000)
    return expect


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = [name for name, found in FOUND.items() if not found]
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")
            if missing:
                item.add_marker(pytest.mark.skip(reason=f"no {' and no '.join(missing)} here. {REMEDY}"))


