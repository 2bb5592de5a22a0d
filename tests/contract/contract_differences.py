"""Where a switch is known to differ from FreeSWITCH, whose behaviour is the contract.

Each line is a task for the switch named: when it is done, the test passes and the line goes.
"""

from __future__ import annotations

KNOWN = {
    ("embedded", "test_a_missing_piece_is_left_out"): (
        "file_string://a!b is refused as a whole when one piece is missing; FreeSWITCH goes to the next "
        "(mod_dptools.c, next_file)"
    ),
}
