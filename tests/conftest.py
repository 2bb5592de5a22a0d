"""What all tests share: how many ran on a real FreeSWITCH stands in the closing lines."""

from __future__ import annotations

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    ran = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        if report.when == "call" and "freeswitch" in report.keywords
    ]
    left_out = [each for each in terminalreporter.stats.get("skipped", []) if "freeswitch" in each.keywords]
    if ran or left_out:
        terminalreporter.write_line(f"FreeSWITCH: {len(ran)} tests ran on it, {len(left_out)} left out")
