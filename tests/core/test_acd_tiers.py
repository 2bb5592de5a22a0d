"""R16, R18: customers of one tier may have their own choice of the agent and their own service level."""

from __future__ import annotations

import json

import pytest
from acd_run import FloorRun, agents

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.acd import floor as acd
from switch_app.core.acd.choice import check
from switch_app.core.acd.figures import live
from switch_app.core.work import QueueRule, TierRule

GOLD = TierRule(choice="best-skill", skill="support", service_level_s=5.0)
QUEUE = QueueRule("support", wrap_up_s=0, service_level_s=20.0, tiers={"gold": GOLD})


def run(queue: QueueRule = QUEUE, levels: tuple[int, ...] = (3, 9)) -> FloorRun:
    return FloorRun(queue, agents(*({"support": level} for level in levels)))


def figures(floor: FloorRun) -> dict[str, object]:
    return live(floor.floor, floor.now)["queues"][0]


def test_the_best_skilled_agent_is_for_gold_and_the_longest_idle_for_the_others() -> None:
    floor = run()
    floor.log_in("1001")
    floor.wait(30)
    floor.log_in("1002")
    floor.arrive("anybody")
    assert floor.rung("anybody") == ["1001"]
    floor.miss("anybody", "rejected")
    floor.serve("anybody")
    floor.wait(30)
    floor.arrive("golden", tier="gold")  # 1001 is idle for longer now
    assert floor.rung("golden") == ["1002"]
    why = floor.of(f.WorkOffered)[-1].why
    assert (why["choice"], why["skill"]) == ("best-skill", "support")
    assert [each["level"] for each in why["candidates"]] == [9, 3]


def test_a_tier_without_a_rule_is_served_as_everybody() -> None:
    floor = run()
    floor.log_in("1001")
    floor.wait(1)
    floor.log_in("1002")
    floor.arrive("silver", tier="silver")
    assert floor.rung("silver") == ["1001"]


def test_a_line_of_both_takes_the_first_and_the_choice_is_that_ones_own() -> None:
    """Waiting already when agents become ready, in one turn each."""
    floor = run()
    floor.log_in("1001", "1002")
    floor.ask("1001", "not_ready")
    floor.ask("1002", "not_ready")
    floor.arrive("golden", tier="gold", priority=10)
    floor.arrive("anybody")
    floor.ask("1001", "ready")
    assert floor.rung("golden") == ["1001"]  # alone, the best there is
    floor.ask("1002", "ready")
    assert floor.rung("anybody") == ["1002"]


def test_the_service_level_of_a_tier_has_its_own_limit() -> None:
    floor = run()
    floor.log_in("1001", "1002")
    for interaction, tier in (("slow-gold", "gold"), ("slow", ""), ("silver", "silver")):
        floor.arrive(interaction, tier=tier)
        floor.wait(8)
        floor.serve(interaction)
    told = figures(floor)
    assert told["answered_today"] == 3
    assert told["service_level"] == pytest.approx(2 / 3, abs=1e-4)  # 8 s is late for gold alone
    assert told["tiers"] == [
        {"tier": "gold", "answered_today": 1, "abandoned_today": 0, "service_level": 0.0, "service_level_s": 5.0}
    ]


def test_who_of_a_tier_leaves_after_its_limit_counts_against_it() -> None:
    floor = run()
    floor.log_in("1001")
    floor.ask("1001", "not_ready")
    floor.arrive("early", tier="gold")
    floor.wait(4)
    floor.take(s.WorkWithdrawn("early", "abandoned"))
    floor.arrive("late", tier="gold")
    floor.wait(8)
    floor.take(s.WorkWithdrawn("late", "abandoned"))
    floor.arrive("other")
    floor.wait(8)
    floor.take(s.WorkWithdrawn("other", "abandoned"))
    told = figures(floor)
    assert (told["abandoned_today"], told["service_level"]) == (3, 0.0)
    assert told["tiers"][0]["abandoned_today"] == 2
    assert told["tiers"][0]["service_level"] == 0.0


def test_figures_of_tiers_outlive_a_restart_and_end_with_the_day() -> None:
    floor = run()
    floor.log_in("1001")
    floor.arrive("golden", tier="gold")
    floor.answer("golden")
    before = figures(floor)["tiers"]
    floor.restart()
    assert figures(floor)["tiers"] == before and before[0]["service_level"] == 1.0
    floor.date = "2026-11-24"
    floor.over("golden")
    assert figures(floor)["tiers"][0]["service_level"] is None


def test_a_snapshot_from_before_tiers_is_read() -> None:
    floor = run(QueueRule("support"))
    floor.log_in("1001")
    data = json.loads(json.dumps(acd.to_plain(floor.floor)))
    del data["queues"]["support"]["by_tier"], data["queues"]["support"]["rule"]["tiers"]
    assert acd.to_plain(acd.from_plain(data)) == acd.to_plain(floor.floor)


@pytest.mark.parametrize("tier", [TierRule(choice="ring-all"), TierRule(choice="best")])
def test_a_choice_that_cannot_be_followed_is_refused(tier: TierRule) -> None:
    with pytest.raises(ValueError, match="queue support: tier gold: choice"):
        check(QueueRule("support", tiers={"gold": tier}))
