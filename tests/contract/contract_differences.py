"""Where a switch is known to differ from FreeSWITCH, whose behaviour is the contract.

Each line is a task for the switch named, (world, test): reason; when it is done, the test passes and the
line goes.
"""

from __future__ import annotations

KNOWN: dict[tuple[str, str], str] = {}
