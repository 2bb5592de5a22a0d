"""The alarm of a disk that is nearly full."""

from __future__ import annotations

from pathlib import Path

import pytest

from switch_app.bootstrap import room


def test_room_is_told_by_the_disk_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "ENOUGH", 0)
    assert room.alarm(tmp_path) == ""
    monkeypatch.setattr(room, "ENOUGH", 2**62)
    monkeypatch.setattr(room, "SHARE", 2.0)  # more than any disk has
    assert "MB are left for" in room.alarm(tmp_path) and "Remedy" in room.alarm(tmp_path)
    assert room.alarm(tmp_path / "nowhere")
