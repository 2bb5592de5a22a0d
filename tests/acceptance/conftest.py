"""Acceptance tests: the whole product, used from outside, with real SIP phones."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # audio, centre: shared by these tests alone
