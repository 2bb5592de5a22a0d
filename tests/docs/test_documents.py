"""The documents tell of what is there: links, scripts, commands, variables, and both READMEs alike."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from switch_app.cli import hotline
from switch_app.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]


def documents() -> list[Path]:
    """What git knows or would take; all that is no hidden folder where there is no git (an unpacked archive)."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*.md")]
        listed = [name for name in listed if not name.startswith((".", "var/"))]
    return sorted(ROOT / name for name in listed if (ROOT / name).exists())


DOCUMENTS = documents()
OTHER_VARIABLES = {"HOTLINE_CONF", "HOTLINE_PYTHON", "HOTLINE_FREESWITCH", "HOTLINE_SEEDS", "HOTLINE_TTS_PYTHON"}


def texts():
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in DOCUMENTS]


@pytest.mark.parametrize("path", texts())
def test_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [link for link in local if not (path.parent / link).exists()] == []


@pytest.mark.parametrize("path", texts())
def test_scripts_that_are_named_exist(path):
    named = set(re.findall(r"\bscripts/([a-z_]+)\b", path.read_text(encoding="utf-8")))
    assert {name for name in named if not (ROOT / "scripts" / name).exists()} == set()


@pytest.mark.parametrize("path", texts())
def test_commands_that_are_named_exist(path):
    text = path.read_text(encoding="utf-8")
    words = re.findall(r"(?:`|\.venv/bin/)hotline ([a-z][a-z|-]*)", text)
    named = {name for word in words for name in word.split("|")}
    assert named <= set(hotline.list_commands(None)), path


@pytest.mark.parametrize("path", texts())
def test_variables_that_are_named_exist(path):
    named = set(re.findall(r"\bHOTLINE_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    assert named <= {each.variable for each in SETTINGS} | OTHER_VARIABLES


def test_the_defaults_in_the_readmes_are_the_defaults():
    defaults = {each.variable: each.default for each in SETTINGS}
    for name in ("README.md", "README.zh.md"):
        rows = re.findall(r"^\| (HOTLINE_\w+) \| (\S*) ?\|", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert len(rows) >= 6
        assert {variable: defaults[variable] for variable, _ in rows} == dict(rows)


def test_both_readmes_show_the_same_commands():
    shown = [
        set(re.findall(r"^(?:HOTLINE_\S+ )*(scripts/\w+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("README.md", "README.zh.md")
    ]
    assert shown[0] == shown[1] != set()


def test_every_top_folder_has_a_readme():
    tops = {path.parent for path in ROOT.glob("*/*.md")}
    wanted = ("switch_app", "crm_lite", "ivr_flows", "sounds", "conf", "dialplan", "scripts", "tests")
    assert [name for name in wanted if ROOT / name not in tops] == []
