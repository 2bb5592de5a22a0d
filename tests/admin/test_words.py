"""The pages' texts: every key that is used is there in both languages, and every key that is there is used."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from crm_lite.admin import words
from crm_lite.admin.desk.views import CODES, REASONS
from crm_lite.admin.flows import problems
from crm_lite.admin.health.views import _checks
from crm_lite.admin.interactions import story
from crm_lite.admin.interactions import views as interactions
from crm_lite.admin.people import ROLES
from crm_lite.admin.wallboard.views import CARDS
from crm_lite.store.edits import agents, customers
from switch_app.core import facts
from switch_app.core.acd import choice
from switch_app.core.acd.choice import CHOICES
from switch_app.core.acd.state import STATES
from switch_app.core.work import QueueRule
from switch_app.speech import upload

ADMIN = Path(words.__file__).parent
WORDS = words.load(ADMIN)
SOURCES = "\n".join(path.read_text("utf-8") for path in [*ADMIN.rglob("*.html"), *ADMIN.rglob("*.py")])
KINDS = list(facts.KINDS)


def keypad_reasons() -> list[str]:
    """What an agent can choose by key."""
    flow = yaml.safe_load((ADMIN.parents[1] / "ivr_flows/agent_not_ready.yml").read_text("utf-8"))
    return [*flow["steps"]["change"]["reasons"].values(), flow["steps"]["change"]["reason"]]


def floor_reasons() -> set[str]:
    """Why the floor itself changes a state, and why a phone did not take a call."""
    source = "\n".join(path.read_text("utf-8") for path in Path(choice.__file__).parent.glob("*.py"))
    told = re.findall(r'(?:log_out\(draft, \w+, |move\(draft, \w+, "not_ready", |REASON = )"(\w+)"', source)
    assert len(told) >= 4
    return {*told, "busy", "rejected", "no_answer", "unreachable"}


def rules() -> set[str]:
    """Of the linter, as tests/flows proves that they are all shown; of the prompts, and of the flows' own tests."""
    root = ADMIN.parents[1]
    shown = set(re.findall(r"\[([a-z-]+)\]$", (root / "tests/flows/broken/expected.txt").read_text("utf-8"), re.M))
    files = [root / "switch_app/flowfiles" / name for name in ("manifest.py", "flow_tests.py", "trunks.py")]
    source = "\n".join(path.read_text("utf-8") for path in files)
    others = set(re.findall(r'(?:Problem|_problem|Flaw)\(\s*(?:\([^()]*\),\s*)?"([a-z-]+)"', source))
    assert len(shown) > 40 and {"prompt-audio", "prompts-unreadable", "test-failed"} <= others
    return shown | others


# Keys made of a prefix and a value: what the values are.
FAMILIES = {
    "common.state.": STATES,
    "users.field.": (*agents.FIELDS, *customers.FIELDS, "skills", "phones", "accounts", "login", "role", "agent", "password",
                     "text", *interactions.DAYS, *interactions.CHOICES, "text_zh", "text_en", "recording_zh", "recording_en", "prompt"),
    "common.order.": ("ascending", "descending"),
    "common.outcome.": story.OUTCOMES,
    "common.disposition.": CODES,
    "common.reason.": (*REASONS, *keypad_reasons(), *floor_reasons()),
    "common.role.": ROLES,
    "common.tongue.": words.LANGUAGES,
    "flows.rule.": sorted(rules()),
    "flows.hint.": problems.HINTS,
    "flows.heard.": ("upload", "recording", "voice", "waiting", "prompt"),
    "flows.words.": words.LANGUAGES,
    "flows.recording.": words.LANGUAGES,
    "flows.upload.": upload.REASONS,
    "interactions.fact.": KINDS,
    "queues.choice.": CHOICES,
    "queues.rule.": [name for name in QueueRule.__dataclass_fields__ if name not in ("name", "title")],
    "health.check.": _checks.__annotations__ and ("call_server", "switch", "journal", "crm", "flows"),
    "health.alarm.": ("switch", "journal", "crm", "flows", "disk"),
    "health.switch.": ("embedded", "freeswitch"),
    **{f"wallboard.card.{card}.": ("name", "what", "formula", "source", "left_out") for card in CARDS},
}


def test_both_languages_are_there_and_not_empty() -> None:
    assert len(WORDS.texts) > 300
    assert [
        key for key, texts in WORDS.texts.items() if not all(texts[lang].strip() for lang in words.LANGUAGES)
    ] == []


def test_both_languages_have_the_same_places_for_values() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    uneven = {key: texts for key, texts in WORDS.texts.items() if places(texts["zh"]) != places(texts["en"])}
    assert {key for key in uneven if not key.startswith("interactions.fact.")} == set()
    for key in uneven:  # a sentence may leave something out; it never asks for what the fact has not
        fields = getattr(facts, key.rsplit(".", 1)[1]).__dataclass_fields__
        assert places(uneven[key]["zh"]) | places(uneven[key]["en"]) <= {*fields, "name", "number"}, key


def test_every_key_that_is_written_out_exists() -> None:
    used = set(re.findall(r"""\bt\(\s*["']([\w.-]+)["']\s*[,)]""", SOURCES))
    used |= set(
        re.findall(
            r"""["'](common\.error\.\w+|(?:customers|agents|login|flows)\.\w+_(?:wrong|old))["']""", SOURCES
        )
    )
    assert len(used) > 150
    assert sorted(key for key in used if key not in WORDS) == []


@pytest.mark.parametrize("prefix", FAMILIES)
def test_every_value_has_words(prefix: str) -> None:
    assert [prefix + value for value in FAMILIES[prefix] if prefix + value not in WORDS] == []


def test_no_rule_is_left_over() -> None:
    assert {key.removeprefix("flows.rule.") for key in WORDS.texts if key.startswith("flows.rule.")} == rules()


def test_every_key_is_used() -> None:
    literal = set(re.findall(r"""["']((?:[a-z]+)(?:\.[\w-]+)+)["']""", SOURCES))
    prefixes = set(re.findall(r"""["'{]((?:[a-z]+)(?:\.[\w-]+)*\.)(?:["']|\{)""", SOURCES)) | {
        "common.problem."
    }
    named = {f"{path.parent.name}.nav" for path in ADMIN.glob("*/words.yml")}
    unused = [
        key for key in WORDS.texts
        if key not in literal | named and not any(key.startswith(prefix) for prefix in prefixes if prefix.count(".") > 1)
    ]  # fmt: skip
    assert unused == []


def test_a_key_that_is_not_there_is_told_and_shown() -> None:
    assert WORDS.say("no.such", "en") == "no.such"
    assert WORDS.say("no.such", "en", "other") == "other"


def test_values_can_do_no_harm() -> None:
    catalogue = words.Words({"a.b": {"zh": "{name}", "en": "{name} {other}"}})
    assert catalogue.say("a.b", "en", name="{__class__} {0}") == "{__class__} {0} –"
    assert words.Words({"a.b": {"zh": "{", "en": "{x.__class__}"}}).say("a.b", "zh", x=1) == "{"


@pytest.mark.parametrize(
    "text",
    ["a: {zh: x}", "a: {zh: x, en: y, fr: z}", "a: text", "a: {b: {zh: x}}", "a: {zh: x, en: x}\na: {zh: y, en: y}"],
)
def test_words_that_are_not_whole_are_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "words.yml").write_text(text)
    with pytest.raises(ValueError, match="x"):
        words.load(tmp_path)
