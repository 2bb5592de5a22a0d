"""Callers of another make (SIPp), many at once: everybody is answered, and nobody's record is missing or double."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from centre import Centre, until

CALLS, CALLS_A_SECOND = 60, 12
SCENARIO = Path(__file__).parent / "sipp" / "caller.xml"

pytestmark = [
    pytest.mark.sipp,
    pytest.mark.skipif(not shutil.which("sipp"), reason="no SIPp here: apt-get install sip-tester"),
]


def test_a_burst_of_callers(centre: Centre, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "sipp", centre.sip, "-sf", str(SCENARIO), "-i", "127.0.0.1", "-m", str(CALLS), "-r", str(CALLS_A_SECOND),
            "-timeout", "40", "-timeout_error", "-nostdin", "-trace_err", "-error_file", str(tmp_path / "errors.txt"),
        ],
        cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    errors = tmp_path / "errors.txt"
    assert done.returncode == 0, done.stdout[-3000:] + (errors.read_text() if errors.exists() else "")

    wanted = Counter({f"1370000{number}": 1 for number in range(1, CALLS + 1)})
    until(lambda: not centre.floor()["calls"], 10, "all calls over")
    until(lambda: [each["closed_at"] for each in mine(centre)].count(None) == 0, 10, "all closed", 0.3)
    found = mine(centre)
    assert Counter(each["from"] for each in found) == wanted
    assert {(each["outcome"], each["language"]) for each in found} == {("completed", "en")}


def mine(centre: Centre) -> list[dict[str, object]]:
    newest = centre.ask("interactions", "--limit", str(2 * CALLS))
    return [each for each in newest if each["from"].startswith("1370000")]
