"""What a start tells a person: addresses that can be opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from switch_app import settings
from switch_app.secrets_store import Secrets
from switch_app.supervisor.greeting import greeting

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("http", "advertise", "page"),
    [
        ("127.0.0.1:8080", "", "http://127.0.0.1:8080/"),
        ("192.0.2.10:80", "192.0.2.11", "http://192.0.2.10:80/"),
        ("0.0.0.0:8080", "192.0.2.10", "http://192.0.2.10:8080/"),
        ("0.0.0.0:8080", "", "http://127.0.0.1:8080/"),
    ],
)
def test_the_admins_address_is_one_that_a_browser_can_open(http: str, advertise: str, page: str, tmp_path: Path) -> None:
    environment = {"HOTLINE_HTTP": http, "HOTLINE_ADVERTISE": advertise, "HOTLINE_VAR": str(tmp_path)}
    told = greeting(settings.load(environment, ROOT), Secrets("admin", "word", "esl", "key"), first=False)
    assert [line.split()[1] for line in told if line.startswith("  admin")] == [page]
