"""A flow that is edited while the centre works: who is in it, who calls next, and what the admin says of a mistake."""

from __future__ import annotations

import html
import re
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

import pytest
import sample
from centre import Centre, until
from talks import facts

from switch_app.phones.phone import Phone
from switch_app.runtime.control_client import ControlClient

RELOAD_S = 3.0  # "within a second", on a busy machine


@pytest.fixture
def flow_file(centre: Centre) -> Iterator[Path]:
    """The changing flow's; as it was after the test."""
    path = centre.folder / "flows/changing.yml"
    text = path.read_text(encoding="utf-8")
    yield path
    path.write_text(text, encoding="utf-8")


def test_a_change_serves_the_next_call_and_a_broken_one_nobody(centre: Centre, flow_file: Path) -> None:
    centre.forgive("changing.yml")
    text = flow_file.read_text(encoding="utf-8")
    running = in_the_menu(centre, "13800000951")
    old = version(centre)

    flow_file.write_text(leading_to("second", text))
    until(lambda: version(centre) != old, RELOAD_S, "the changed flow in force")
    changed = version(centre)
    following = in_the_menu(centre, "13800000952")
    press_1(running)
    press_1(following)
    assert last_step(centre, "13800000951") == ("first", old)
    assert last_step(centre, "13800000952") == ("second", changed)

    flow_file.write_text(text.replace("choices: {1: first}", "choices: {1: frist}"))
    until(lambda: errors(centre), RELOAD_S, "the mistake told")
    page = admin_page(centre, "/flows")
    assert "there is no step frist" in page and changed in page
    press_1(in_the_menu(centre, "13800000953"))
    assert last_step(centre, "13800000953") == ("second", changed)

    flow_file.write_text(leading_to("third", text))
    until(lambda: version(centre) != changed and not errors(centre), RELOAD_S, "the mended flow in force")
    press_1(in_the_menu(centre, "13800000954"))
    assert last_step(centre, "13800000954") == ("third", version(centre))
    assert "there is no step frist" not in admin_page(centre, "/flows")


def leading_to(step: str, text: str) -> str:
    """The flow with another name for its last step."""
    return re.sub(r"\bfirst\b", step, text)


def flows(centre: Centre) -> dict[str, Any]:
    return ControlClient(centre.var / "run" / "control.sock").ask("flows")


def version(centre: Centre) -> str:
    """Of the changing flow, in force."""
    return next(str(flow["version"]) for flow in flows(centre)["flows"] if flow["name"] == "changing")


def errors(centre: Centre) -> list[dict[str, Any]]:
    problems = flows(centre)["problems"]
    return [each for each in problems if each["file"].endswith("changing.yml") and each["severity"] == "error"]


def in_the_menu(centre: Centre, number: str) -> Phone:
    caller = centre.caller(number)
    caller.call(sample.CHANGING_NUMBER)
    caller.wait_for("confirmed", 5)
    return caller


def press_1(caller: Phone) -> None:
    caller.digits("1")
    caller.wait_for("disconnected", 5)


def last_step(centre: Centre, number: str) -> tuple[str, str]:
    """(step, version of the flow) in which this caller's call ended."""
    history = centre.closed(number)
    return facts(history, "StepEntered")[-1]["step"], history["flow_version"]


def admin_page(centre: Centre, path: str) -> str:
    """The text of a page as the first admin sees it."""
    visit: Callable[..., Any] = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
    url = f"http://{centre.http}"
    token = re.search(r'name="csrf_token" value="([^"]+)"', visit(f"{url}/login", timeout=5).read().decode())
    assert token
    secrets = centre.secrets()
    form = {"csrf_token": token[1], "login": secrets["admin_login"], "secret": secrets["admin_password"]}
    visit(f"{url}/login", urllib.parse.urlencode(form).encode(), timeout=5).close()
    return html.unescape(re.sub(r"<[^>]+>", " ", visit(url + path, timeout=5).read().decode()))
