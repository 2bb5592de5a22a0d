"""The why of an offer in plain words (its shape: switch_app/core/acd/why.py)."""

from __future__ import annotations

from typing import Any

from ..queue_titles import queue_title
from ..show import duration
from ..speaking import t

Data = dict[str, Any]
READY = ("ready", "ready_once")


def explained(offer: Data) -> Data:
    """{at, agent, queue, rule, relaxed, candidates: [{agent, chosen, ranks}], passed: [{agent, because}],
    counts: [text], whole} for the page; a why of another shape gives what can be read of it."""
    why = offer["why"]
    choice = str(why.get("choice", ""))
    return {
        "at": offer.get("at"),
        "agent": offer.get("agent"),
        "queue": queue_title(offer.get("queue")),
        "rule": t(f"queues.choice.{choice}", choice),
        "needs": why.get("needs") or "",
        "step": why.get("step") or 0,
        "wait": duration(why.get("wait_s") or 0),
        "knows": why.get("customer_knows") or "",
        "candidates": [_candidate(each, why) for each in _listed(why, "candidates")],
        "passed": [
            {"agent": each.get("agent"), "because": _because(each)} for each in _listed(why, "passed")
        ],
        "counts": _counts(why.get("counts") or {}),
        "whole": why.get("whole", True),
    }


def _listed(why: Data, name: str) -> list[Data]:
    return [each for each in why.get(name) or () if isinstance(each, dict)]


def _candidate(each: Data, why: Data) -> Data:
    ranks = [
        t(f"interactions.rank.{name}", name, value=duration(value) if name.endswith("_s") else value)
        for name, value in each.items()
        if name != "agent"
    ]
    return {"agent": each.get("agent"), "chosen": each.get("agent") == why.get("chosen"), "ranks": ranks}


def _because(each: Data) -> str:
    because = str(each.get("because", ""))
    if because == "skill":
        return "; ".join(_lack(lack) for lack in each.get("lacks") or () if isinstance(lack, dict))
    state = t(f"common.state.{because}", because)
    reason = each.get("reason")
    told = f" ({t(f'common.reason.{reason}', reason)})" if reason else ""
    for_s = each.get("for_s")
    return state + told if for_s is None else t("interactions.was", state=state + told, time=duration(for_s))


def _lack(lack: Data) -> str:
    has, lowest, highest = lack.get("has"), lack.get("lowest"), lack.get("highest")
    if has is None:
        return t("interactions.lacks", skill=lack.get("skill"))
    if lowest is not None and has < lowest:
        return t("interactions.too_low", skill=lack.get("skill"), has=has, wanted=lowest)
    return t("interactions.too_high", skill=lack.get("skill"), has=has, wanted=highest)


def _counts(counts: Data) -> list[str]:
    names = {"candidate": t("interactions.candidate"), "skill": t("interactions.unskilled")}
    return [
        f"{names.get(name) or t(f'common.state.{name}', name)}: {count}" for name, count in counts.items()
    ]
