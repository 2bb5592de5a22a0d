"""A why in plain words, for people: the chosen agent first, then the other candidates, then the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from .needs import TOP

Words = Mapping[str, str]

EN: Words = {
    "chosen": "Agent {agent} was chosen from {count} who could take it: {rule}{rank}.",
    "only": "Agent {agent} was the only one who could take it{rank}.",
    "needs": "Needed: {needs}.",
    "relaxed": "Relaxation step {step} had begun after {wait} of waiting.",
    "candidate": "Agent {agent} could have taken it too{rank}.",
    "state": "Agent {agent} was {state}{reason}{time}.",
    "time": ", for {}",
    "lacks": "Agent {agent} was ready, but {lacks}.",
    "missing": "does not have the skill {skill}",
    "too_low": "has {skill} at level {has}, needed is {lowest} or more",
    "too_high": "has {skill} at level {has}, allowed is {highest} at most",
    "nobody": "nobody can meet this requirement",
    "others": "And {count} more: {reason}.",
    "and": " and ",
    "because": " ({})",
    "reason": " ({})",
    "longest-idle": "idle for the longest time",
    "best-skill": "the highest level",
    "least-skilled-sufficient": "the lowest level that is enough",
    "round-robin": "the next in turn",
    "last-agent-first": "the agent who knows the customer, or who is idle for the longest time",
    "knows": "talked with this customer last",
    "ordered": "the first in the order",
    "fewest-calls": "the fewest calls today",
    "least-talk": "the least talk time today",
    "random": "by lot",
    "rank.idle_s": "idle {time}",
    "rank.level": "level {value}",
    "rank.all_levels": "{value} over all skills",
    "rank.calls": "{value} calls today",
    "rank.talk_s": "{time} of talk today",
    "rank.order": "rank {value}",
    "skill": "ready, but without the skills needed",
    "candidate_": "could have taken it too",
    "logged_out": "logged out",
    "not_ready": "not ready",
    "missed": "in the pause after a missed call",
    "offered": "being rung for another call",
    "talking": "in a call",
    "held": "in a call, on hold",
    "wrap_up": "in wrap-up",
    "ready": "ready",
    "ready_once": "ready for one call",
    "listing": ", ",
}

ZH: Words = {
    "chosen": "从 {count} 位符合条件的座席中选择了 {agent}:{rule}{rank}。",
    "only": "只有座席 {agent} 符合条件{rank}。",
    "needs": "要求:{needs}。",
    "relaxed": "等待 {wait} 后,已放宽到第 {step} 步。",
    "candidate": "座席 {agent} 也符合条件{rank}。",
    "state": "座席 {agent}:{state}{reason}{time}。",
    "time": ",已 {}",
    "lacks": "座席 {agent} 空闲,但{lacks}。",
    "missing": "没有技能 {skill}",
    "too_low": "{skill} 为 {has} 级,要求至少 {lowest} 级",
    "too_high": "{skill} 为 {has} 级,要求至多 {highest} 级",
    "nobody": "没有人能满足此要求",
    "others": "另有 {count} 位:{reason}。",
    "and": ",",
    "because": "({})",
    "reason": "({})",
    "longest-idle": "空闲时间最长",
    "best-skill": "技能等级最高",
    "least-skilled-sufficient": "满足要求的最低等级",
    "round-robin": "轮到",
    "last-agent-first": "上次接待该客户的座席,否则空闲时间最长",
    "knows": "上次接待过该客户",
    "ordered": "排序最前",
    "fewest-calls": "今日接听最少",
    "least-talk": "今日通话时间最短",
    "random": "随机",
    "rank.idle_s": "空闲 {time}",
    "rank.level": "等级 {value}",
    "rank.all_levels": "全部技能合计 {value}",
    "rank.calls": "今日 {value} 通",
    "rank.talk_s": "今日通话 {time}",
    "rank.order": "排序 {value}",
    "skill": "空闲但缺少所需技能",
    "candidate_": "也符合条件",
    "logged_out": "未登录",
    "not_ready": "示忙",
    "missed": "漏接后暂停",
    "offered": "正在为另一通来电振铃",
    "talking": "通话中",
    "held": "通话保持中",
    "wrap_up": "话后处理",
    "ready": "空闲",
    "ready_once": "空闲(仅一通)",
    "listing": "、",
}

LANGUAGES: Mapping[str, Words] = {"en": EN, "zh": ZH}


def in_words(why: Mapping[str, Any], language: str) -> list[str]:
    """One sentence a line; language: zh | en (others: en). `why` is what why.explain made."""
    words = LANGUAGES.get(language, EN)
    counts: Mapping[str, int] = why["counts"]
    ranks = {one["agent"]: _rank(one, words, language) for one in why["candidates"]}
    lines = [_chosen(why, words, ranks.get(why["chosen"], ""))]
    if why["needs"]:
        lines.append(words["needs"].format(needs=why["needs"]))
    if why["step"]:
        wait = _time(why["wait_s"], language)
        lines.append(words["relaxed"].format(step=why["step"], wait=wait))
    lines += [
        words["candidate"].format(agent=agent, rank=rank)
        for agent, rank in ranks.items()
        if agent != why["chosen"]
    ]
    lines += [_passed(one, words, language) for one in why["passed"]]
    named = Counter(one["because"] for one in why["passed"])
    named["candidate"] = len(ranks.keys() | {why["chosen"]})
    for reason, count in counts.items():
        if count > named[reason]:
            text = words["candidate_"] if reason == "candidate" else words[reason]
            lines.append(words["others"].format(count=count - named[reason], reason=text))
    return lines


def _chosen(why: Mapping[str, Any], words: Words, rank: str) -> str:
    count = why["counts"]["candidate"]
    if count == 1:
        return words["only"].format(agent=why["chosen"], rank=rank)
    knows = why["choice"] == "last-agent-first" and why["customer_knows"] == why["chosen"]
    rule = words["knows"] if knows else words[why["choice"]]
    return words["chosen"].format(agent=why["chosen"], count=count, rule=rule, rank=rank)


def _rank(candidate: Mapping[str, Any], words: Words, language: str) -> str:
    parts = [
        words[f"rank.{name}"].format(value=value, time=_time(value, language))
        for name, value in candidate.items()
        if name != "agent"
    ]
    return words["because"].format(words["listing"].join(parts)) if parts else ""


def _passed(one: Mapping[str, Any], words: Words, language: str) -> str:
    if one["because"] != "skill":
        reason = words["reason"].format(one["reason"]) if one["reason"] else ""
        time = "" if one["for_s"] is None else words["time"].format(_time(one["for_s"], language))
        state = words[one["because"]]
        return words["state"].format(agent=one["agent"], state=state, reason=reason, time=time)
    lacks = words["and"].join(_lack(lack, words) for lack in one["lacks"]) or words["nobody"]
    return words["lacks"].format(agent=one["agent"], lacks=lacks)


def _lack(lack: Mapping[str, Any], words: Words) -> str:
    if lack["has"] is None:
        return words["missing"].format(**lack)
    too_high = lack["highest"] < TOP and lack["has"] > lack["highest"]
    return words["too_high" if too_high else "too_low"].format(**lack)


def _time(seconds: float, language: str) -> str:
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    units = ("小时", "分", "秒") if language == "zh" else (" h", " min", " s")
    parts = [f"{n}{unit}" for n, unit in zip((hours, minutes, rest), units, strict=True) if n]
    return ("" if language == "zh" else " ").join(parts[:2]) or f"0{units[2]}"
