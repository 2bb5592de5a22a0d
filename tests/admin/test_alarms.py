"""What an alarm means, and what to do, is said in the language of who looks; its own words stand behind."""

from __future__ import annotations

import re

import pytest
from visiting import Centre


@pytest.mark.parametrize(
    ("tongue", "means", "switch"), [("zh", "请移走旧的录音", "内置交换机"), ("en", "move old recordings away", "embedded")]
)
def test_an_alarm_is_explained(centre: Centre, tongue: str, means: str, switch: str) -> None:
    alarms = {"disk": "12 MB are left", "odd": "nobody has foreseen <this>"}
    centre.calls.answers["status"] = {**centre.calls.answers["status"], "alarms": alarms}
    page = centre.of("supervisor").speak(tongue).page("/health")
    told = [re.sub(r"<[^>]*>", "", note) for note in re.findall(r'<p class="note bad" role="alert">(.*?)</p>', page)]
    assert means in told[0] and "12 MB are left" in told[0]
    assert "nobody has foreseen &lt;this&gt;" in told[1]
    assert switch in page
