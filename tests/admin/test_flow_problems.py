"""Flow problems in the admin: what the rule means in the person's language, then the linter's detail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from call_server import FLOWS, STATUS
from visiting import Centre

from crm_lite.admin.flows.problems import HINTS

ROOT = Path(__file__).resolve().parents[2]
PROBLEM = {
    "rule": "unknown-step", "message": "there is no step no_start", "file": "/srv/ivr_flows/main.yml", "line": 3,
    "column": 8, "hint": "did you mean start?", "severity": "error",
}  # fmt: skip


def break_main(centre: Centre, count: int = 1) -> None:
    centre.calls.answers["flows"] = {**FLOWS, "problems": [{**PROBLEM, "line": 3 + n} for n in range(count)]}
    centre.calls.answers["status"] = {**STATUS, "alarms": {"flows": "/srv/ivr_flows/main.yml:3:8: ..."}}


@pytest.mark.parametrize("path", ["/flows", "/flows/main", "/health"])
def test_the_rule_stands_before_the_detail_and_the_hint_is_translated(centre: Centre, path: str) -> None:
    break_main(centre)
    page = re.sub(r"<[^>]+>", "", centre.of("supervisor").page(path))
    assert re.search(r"要去的步骤不存在\s+there is no step no_start\s+是不是 start？", page)
    page = re.sub(r"<[^>]+>", "", centre.of("supervisor").speak("en").page(path))
    assert re.search(r"Unknown step\s+there is no step no_start\s+did you mean start\?", page)


def test_the_health_shows_a_few_and_leads_to_the_others(centre: Centre) -> None:
    break_main(centre, 8)
    page = centre.of("supervisor").page("/health")
    assert page.count("there is no step no_start") == 5
    assert "另有 3 处错误" in page and 'href="/flows"' in page


def hints() -> list[str]:
    """Those of the broken samples, and those that stand in the source."""
    expected = (ROOT / "tests/flows/broken/expected.txt").read_text("utf-8")
    found = re.findall(r"\((did you mean [^()]*|one of [^()]*|[a-z][^()]*)\) \[[a-z-]+\]$", expected, re.M)
    for folder in ("switch_app/core/flow", "switch_app/flowfiles"):
        for path in (ROOT / folder).rglob("*.py"):
            found += re.findall(r'\bhint = "([a-z][^"{]+)"', path.read_text("utf-8"))
    assert len(found) > 20
    return sorted(set(found) - {"nor from tell", "at most 4 keys and 120 s are wanted"})


@pytest.mark.parametrize("text", hints())
def test_every_hint_has_words(text: str) -> None:
    assert any(re.fullmatch(form, text) for form in HINTS.values())
