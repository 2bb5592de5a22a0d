from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_lite.store import database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[database.Database]:
    opened = database.open(tmp_path / "crm.db")
    yield opened
    opened.close()
