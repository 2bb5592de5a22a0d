"""Nothing is left out: every fact and signal, setting, queue setting, step and command has its place in a document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from switch_app.cli import _files as files
from switch_app.cli import _first_line as first_line
from switch_app.cli import hotline
from switch_app.core import facts, signals
from switch_app.core.flow.steps import STEP_TYPES
from switch_app.flowfiles.queues import Choice, EmptyFactor, QueueText
from switch_app.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
INTERNAL = re.compile(r"\((?:started by `run[^)]*`|scripts/\w+)\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def documented() -> dict[str, str]:
    """The sections of core/README.md by their headings."""
    parts = re.split(r"^###? (.+)$", text("switch_app/core/README.md"), flags=re.MULTILINE)
    return {title.replace("\\", ""): body for title, body in zip(parts[1::2], parts[2::2], strict=True)}


def rows_of(body: str) -> dict[str, tuple[str, ...]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines() if line.startswith("|")]
    return {row[0]: tuple(row[1:]) for row in rows[2:]}


FACTS = {module: [] for module in ("contact", "flow", "service", "floor", "greetings")}  # in the page's order
for name, kind in facts.KINDS.items():
    FACTS[kind.__module__.rpartition(".")[2]].append(name)


@pytest.mark.parametrize(("place", "module"), [*enumerate(FACTS)])
def test_every_fact_is_told_in_both_languages_and_in_its_stream(place, module):
    section = [title for title in documented() if title.startswith("stream ")][place]
    rows = rows_of(documented()[section])
    assert sorted(rows) == sorted(FACTS[module])
    assert [name for name, (en, zh) in rows.items() if not en or CHINESE.search(en) or not CHINESE.search(zh)] == []


SIGNALS = {
    "from the switch, to an interaction": "from_switch",
    "results of the other ports": "from_ports",
    "from the floor, to an interaction": "from_floor",
    "from a person, by the control socket": "from_people",
    "to the floor": "to_floor",
}


def signals_in(module: str) -> list[str]:
    """The classes of a module of signals, in its order."""
    path = Path(signals.__file__).with_name(f"{module}.py")
    return re.findall(r"^class (\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("section", SIGNALS)
def test_every_signal_is_in_its_family(section):
    assert documented()[section].partition(".")[0].replace(",", "").split() == signals_in(SIGNALS[section])


def test_the_package_has_every_signal():
    modules = [path.stem for path in Path(signals.__file__).parent.glob("[a-z]*.py")]
    assert sorted(modules) == sorted(SIGNALS.values())
    assert signals.__all__ == sorted(name for module in modules for name in signals_in(module))


def test_every_setting_is_in_the_file_with_its_default_and_its_meaning():
    tree = yaml.load(text("conf/hotline.yml"), yaml.BaseLoader)
    flat = {
        name: value
        for key, each in tree.items()
        for name, value in ({f"{key}.{n}": v for n, v in each.items()} if isinstance(each, dict) else {key: each}).items()
    }
    assert flat == {each.name: each.default for each in SETTINGS}
    assert [each.name for each in SETTINGS if not each.meaning] == []


def test_every_queue_setting_is_in_the_table_with_its_default():
    rows = rows_of(text("conf/README.md").split("## A queue")[1].split("\n## ")[0])
    assert list(rows) == list(QueueText.model_fields)
    for name, field in QueueText.model_fields.items():
        default, meaning, chinese = rows[name]
        assert default == written(field.get_default(call_default_factory=True)), name
        assert meaning and CHINESE.search(chinese), name
    assert [factor for factor in EmptyFactor.__args__ if factor not in " ".join(rows["empty_means"])] == []


def test_every_choice_is_told_in_both_languages():
    rows = rows_of(text("conf/README.md").split("## Who gets the call")[1].split("\n## ")[0])
    assert tuple(rows) == Choice.__args__
    assert [name for name, (en, zh) in rows.items() if not en or CHINESE.search(en) or not CHINESE.search(zh)] == []


def written(value: object) -> str:
    """A default as the table shows it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value or "" if not isinstance(value, int) else value)


def test_every_step_has_an_example_and_a_word_of_chinese():
    readme = text("ivr_flows/README.md")
    assert set(re.findall(r"^### (\w+)$", readme, re.MULTILINE)) == set(STEP_TYPES)
    chinese = readme.split("## 中文")[1].split("## Steps")[0]
    assert [name for name in STEP_TYPES if not re.search(rf"\b{name} [\u4e00-\u9fff]", chinese)] == []


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_every_command_for_people_is_in_the_readme(readme):
    """Those that `run` or a script starts are in `hotline --help` alone; `run` itself is scripts/run."""
    named = set(re.findall(r"\.venv/bin/hotline ([a-z][a-z-]*)", text(readme)))
    for_people = {name for name, path in files().items() if not INTERNAL.search(first_line(path))} - {"run"}
    assert for_people <= set(hotline.list_commands(None))
    assert named == for_people
