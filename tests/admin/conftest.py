from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import furnished
import pytest
from call_server import CallServer
from visiting import Centre

from crm_lite.admin import create_app

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A furnished centre, to be copied: hashing all those secrets takes a second."""
    folder = tmp_path_factory.mktemp("centre")
    app = create_app(furnished.settings(folder, ROOT))
    furnished.furnish(app.extensions["crm"], folder)
    app.extensions["crm"].close()
    return folder


@pytest.fixture
def centre(model: Path, tmp_path: Path) -> Iterator[Centre]:
    folder = tmp_path / "var"
    shutil.copytree(model, folder)
    calls = CallServer(folder / "control.sock")
    app = create_app(furnished.settings(folder, ROOT))
    app.testing = True
    yield Centre(app, app.extensions["crm"], folder, calls)
    calls.close()
    app.extensions["crm"].close()
