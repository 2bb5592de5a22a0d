"""The floor's rules a second time, naively: everything is a scan, nothing is indexed or remembered.

Written from the rules (semantics, not from the floor's code) to be compared with it decision by
decision: every fact in its order, every word to an interaction, and who could have taken what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

from switch_app.core import facts as f
from switch_app.core import signals as s
from switch_app.core.ids import derived_uuid
from switch_app.core.work import AgentProfile, QueueRule, TierRule, Work


class Level:
    """A level in an expression that Python itself evaluates; a missing one compares as false."""

    def __init__(self, level: int | None) -> None:
        self.level = level

    def __bool__(self) -> bool:
        return self.level is not None

    def __ge__(self, other: int) -> bool:
        return self.level is not None and self.level >= other

    def __le__(self, other: int) -> bool:
        return self.level is not None and self.level <= other


class Skills(dict[str, Level]):
    def __missing__(self, name: str) -> Level:
        return Level(None)


@dataclass
class Man:
    profile: AgentProfile
    on_roster: bool = True
    state: str = "logged_out"
    reason: str = ""
    contact: str = ""
    since: float = 0.0
    until: float | None = None
    once: bool = False
    wish: tuple[str, str] | None = None
    interaction: str = ""
    idle_since: float = 0.0
    misses: int = 0
    hold_s: float = 0.0
    calls: int = 0
    talk_s: float = 0.0

    @property
    def free(self) -> bool:
        return self.state in ("ready", "ready_once")


@dataclass
class Job:
    work: Work
    queue: str
    entered: float
    been: list[str]
    state: str = "waiting"
    step: int = 0
    offer: str = ""
    man: str = ""
    answered: float = 0.0
    told: int = 0


@dataclass
class Log:
    """What an oracle remembers of a queue."""

    rule: QueueRule
    retired: bool = False
    last: tuple[int, str] | None = None
    gaps: list[float] = field(default_factory=list)
    answered_at: float | None = None


def absent_of(rule: QueueRule) -> list[str]:
    """An agent in one of these states is not there; to talk is to talk, on hold or not."""
    found = ["logged_out"] + ["offered" if one == "ringing" else one for one in rule.empty_means]
    return found + ["held"] * ("talking" in found)


class Oracle:
    def __init__(self) -> None:
        self.men: dict[str, Man] = {}
        self.jobs: dict[str, Job] = {}
        self.logs: dict[str, Log] = {}
        self.knows: dict[str, str] = {}
        self.count = 0
        self.day = ""
        self.memo: dict[tuple[str, str], bool] = {}
        self.whys: list[tuple[dict[str, int], dict[str, Any]]] = []

    # --- the world ------------------------------------------------------------------------------------------
    def take(self, signal: Any, now: float, day: str) -> tuple[list[Any], list[tuple[str, Any]]]:
        self.now, self.facts, self.words, self.whys = now, [], [], []
        all_new = False
        if day != self.day:
            self.day, all_new = day, True
            self.fact(f.DayBegan(day))
            for man in self.men.values():
                man.calls, man.talk_s = 0, 0.0
        before = {name: man.state for name, man in self.men.items()}
        all_new |= bool(getattr(self, "on_" + type(signal).__name__)(signal))
        offered = True
        while offered:
            offered = False
            self.leave_if_empty(before, all_new)
            while self.offer_one():
                offered = True
        for name in [name for name, man in self.men.items() if not man.on_roster and man.state == "logged_out"]:
            del self.men[name]
        return self.facts, self.words

    def fact(self, fact: Any) -> None:
        self.facts.append(fact)
        self.count += 1

    def say(self, to: str, signal: Any) -> None:
        self.words.append((to, signal))

    # --- who can do what --------------------------------------------------------------------------------------
    def able(self, man: Man, text: str) -> bool:
        key = (text, man.profile.agent)
        if key not in self.memo:
            skills = Skills({name: Level(level) for name, level in man.profile.skills.items()})
            self.memo[key] = bool(eval(text or "True", {"__builtins__": {}}, skills))
        return self.memo[key]

    def wanted(self, job: Job, step: int | None = None) -> tuple[str, str]:
        rule = self.logs[job.queue].rule
        step = min(job.step if step is None else step, len(rule.relax))
        return rule.needs, rule.relax[step - 1].needs if step else job.work.needs

    def fits(self, man: Man, job: Job, step: int | None = None) -> bool:
        return all(self.able(man, text) for text in self.wanted(job, step))

    def alone(self, job: Job) -> bool:
        rule = self.logs[job.queue].rule
        absent = absent_of(rule)
        return not any(
            self.fits(man, job, step) and man.state not in absent
            for man in self.men.values()
            for step in range(job.step, max(job.step, len(rule.relax)) + 1)
        )

    def turn_of(self, job: Job) -> tuple[Any, ...]:
        """Priority with its growth, then the longest wait, then the queue, then the id. Exact integers."""
        rule = self.logs[job.queue].rule
        us = 10**6
        waited_us = round(self.now * us) - round(job.work.waiting_since * us) + round(job.work.boost_s * us)
        points = job.work.priority * 10**12 + round(rule.age_weight * us) * waited_us
        return -points, -waited_us, list(self.logs).index(job.queue), job.work.interaction

    def waiting(self) -> list[Job]:
        return sorted((job for job in self.jobs.values() if job.state == "waiting"), key=self.turn_of)

    def offer_one(self) -> bool:
        free = [man for man in self.men.values() if man.free]
        if not free:
            return False
        for job in self.waiting():
            able = [man for man in free if self.fits(man, job)]
            if able:
                self.offer(job, able)
                return True
        return False

    def pick(self, job: Job, able: list[Man]) -> Man:
        log = self.logs[job.queue]
        own = log.rule.tiers.get(job.work.tier) or TierRule()
        choice, skill = own.choice or log.rule.choice, own.skill or log.rule.skill
        named = set(re.findall(r"[a-z]\w*", " ".join(self.wanted(job)))) - {"and", "or"}
        level = {
            man.profile.agent: man.profile.skills.get(skill, 0)
            if skill
            else sum(man.profile.skills.get(name, 0) for name in named)
            for man in able
        }

        def by(*keys: Any) -> Man:
            return min(able, key=lambda man: (*(key(man) for key in keys), man.profile.agent))

        def idle(man: Man) -> float:
            return man.idle_since

        match choice:
            case "longest-idle":
                return by(idle)
            case "best-skill":
                return by(lambda man: -level[man.profile.agent], idle)
            case "least-skilled-sufficient":
                return by(lambda man: level[man.profile.agent], lambda man: sum(man.profile.skills.values()), idle)
            case "fewest-calls":
                return by(lambda man: man.calls, idle)
            case "least-talk":
                return by(lambda man: man.talk_s, idle)
            case "ordered":
                return by(lambda man: man.profile.order)
            case "round-robin":
                ring = sorted((man.profile.order, man.profile.agent) for man in able)
                later = [one for one in ring if log.last is not None and one > log.last]
                return self.men[(later or ring)[0][1]]
            case "random":
                lot = int(derived_uuid("random", 0, self.count, job.work.interaction)[:8], 16)
                return self.men[sorted(man.profile.agent for man in able)[lot % len(able)]]
            case "last-agent-first":
                known = [man for man in able if man.profile.agent == self.knows.get(job.work.customer)]
                return known[0] if job.work.customer and known else by(idle)
        raise AssertionError(choice)

    def offer(self, job: Job, able: list[Man]) -> None:
        man, rule = self.pick(job, able), self.logs[job.queue].rule
        offer = derived_uuid("offer", job.work.interaction, self.count)
        self.whys.append(self.why(job))
        contact = man.contact
        self.fact(f.WorkOffered(job.work.interaction, offer, man.profile.agent, contact, job.queue, rule.ring_s, {}))
        job.state, job.offer, job.man = "offered", offer, man.profile.agent
        self.logs[job.queue].last = (man.profile.order, man.profile.agent)
        self.say(job.work.interaction, s.AgentOffered(offer, man.profile.agent, contact, rule.ring_s, job.queue))
        self.become(man, "offered", until=self.now + rule.ring_s + 15.0, interaction=job.work.interaction)

    def why(self, job: Job) -> tuple[dict[str, int], dict[str, Any]]:
        """Counts by reason, and the reason of everybody."""
        reasons = {
            name: man.state if not man.free else "candidate" if self.fits(man, job) else "skill"
            for name, man in self.men.items()
        }
        return {reason: list(reasons.values()).count(reason) for reason in reasons.values()}, reasons

    # --- presence ---------------------------------------------------------------------------------------------
    def become(
        self, man: Man, state: str, reason: str = "", until: float | None = None, interaction: str = "",
        by: str = "floor", contact: str | None = None,
    ) -> None:  # fmt: skip
        contact = man.contact if contact is None else contact
        contact = "" if state == "logged_out" else contact
        if man.state == "held":
            man.hold_s = round(man.hold_s + round(self.now - man.since, 3), 3)
        if man.state == "offered":
            man.hold_s = 0.0
        self.fact(f.PresenceChanged(man.profile.agent, state, reason, contact, interaction, until, by))
        if state in ("ready", "ready_once"):
            if not man.free and man.state != "offered":
                man.idle_since = self.now
            man.once = state == "ready_once"
        if state == "missed":
            man.misses += 1
        elif state == "talking" or (by != "floor" and state not in ("offered", "wrap_up")):
            man.misses = 0
        if state in ("ready", "ready_once", "not_ready", "logged_out"):
            man.wish = None
        man.state, man.reason, man.contact, man.interaction = state, reason, contact, interaction
        man.since, man.until = self.now, until

    def on_ConversationHeld(self, held: s.ConversationHeld) -> None:
        job = self.job_of(held.offer)
        if job and self.men[job.man].state == "talking":
            self.become(self.men[job.man], "held", interaction=job.work.interaction)

    def on_ConversationResumed(self, resumed: s.ConversationResumed) -> None:
        job = self.job_of(resumed.offer)
        if job and self.men[job.man].state == "held":
            man = self.men[job.man]
            self.become(man, "talking", interaction=job.work.interaction)

    def next_of(self, man: Man, served: bool) -> tuple[str, str]:
        if man.wish:
            return man.wish
        if man.once:
            return ("not_ready", "ready_once") if served else ("ready_once", "")
        return "ready", ""

    def wish(self, man: Man, state: str, reason: str, by: str) -> None:
        self.fact(f.PresencePlanned(man.profile.agent, state, reason, by))
        man.wish = (state, reason)

    def holder(self, contact: str) -> Man | None:
        found = [man for man in self.men.values() if man.contact == contact and man.state != "logged_out"]
        assert len(found) < 2
        return found[0] if found else None

    def on_PresenceAsked(self, asked: s.PresenceAsked) -> None:
        man = self.men.get(asked.agent) if asked.agent else self.holder(asked.contact)
        ok, state, reason = self.ask(asked, man)
        if asked.interaction:
            self.say(asked.interaction, s.PresenceAnswered(asked.ref, ok, state, reason))
        elif not ok:
            self.fact(f.PresenceRefused(asked.agent, asked.state, reason))

    def ask(self, asked: s.PresenceAsked, man: Man | None) -> tuple[bool, str, str]:
        state = man.state if man else ""
        if asked.state not in ("logged_in", "logged_out", "ready", "ready_once", "not_ready", "wrap_up_done"):
            return False, state, "unknown_state"
        if (asked.agent and man is None) or (man and not man.on_roster):
            return False, state, "unknown_agent"
        if man is None:
            return False, "", "not_logged_in"
        if asked.state == "logged_in":
            return self.ask_login(asked, man)
        if state == "logged_out" and asked.state != "logged_out":
            return False, state, "not_logged_in"
        if asked.state == "wrap_up_done" and state != "wrap_up":
            return False, state, "not_in_wrap_up"
        if state in ("talking", "held"):
            self.wish(man, asked.state, asked.reason, asked.by)
            return True, asked.state, "after_call"
        if state == "offered" and asked.state in ("ready", "ready_once"):
            expected = man.wish[0] if man.wish else "ready_once" if man.once else "ready"
            if asked.state != expected:
                self.wish(man, asked.state, asked.reason, asked.by)
            return True, asked.state, "after_call"
        wanted = (asked.state, asked.reason)
        if asked.state == "wrap_up_done":
            wanted = self.next_of(man, served=True)
        self.change(man, *wanted, asked.by)
        return True, man.state, man.reason

    def change(self, man: Man, state: str, reason: str, by: str) -> None:
        if man.state == "logged_out" or (man.state, man.reason) == (state, reason):
            return
        job = self.jobs[man.interaction] if man.state == "offered" else None
        if job:
            self.fact(f.OfferDeclined(job.work.interaction, job.offer, job.man, state))
            self.say(job.work.interaction, s.OfferWithdrawn(job.offer, state))
            job.state, job.offer, job.man = "waiting", "", ""
        if man.state == "wrap_up":
            wrap_up_s = round(self.now - man.since, 3)
            self.fact(f.WrapUpEnded(man.interaction, man.profile.agent, wrap_up_s, by))
        self.become(man, state, reason, by=by)
        if job:
            self.look_after(job, came_back=True)

    def ask_login(self, asked: s.PresenceAsked, man: Man) -> tuple[bool, str, str]:
        if not asked.contact:
            return False, man.state, "no_contact"
        if man.state in ("offered", "talking", "held") and man.contact != asked.contact:
            return False, man.state, "busy_now"
        other = self.holder(asked.contact)
        if other and other is not man:
            if other.state in ("talking", "held"):
                return False, man.state, "busy_now"
            self.change(other, "logged_out", "contact_taken", "floor")
        if man.state == "logged_out":
            self.become(man, "ready", contact=asked.contact, by=asked.by)
        elif man.state in ("talking", "held"):
            if man.wish and man.wish[0] == "logged_out":
                self.wish(man, "ready", "", asked.by)
        elif man.contact != asked.contact:
            self.become(man, man.state, man.reason, man.until, man.interaction, asked.by, asked.contact)
        return True, man.state, man.reason

    def log_out(self, man: Man, reason: str, by: str) -> None:
        if man.state in ("talking", "held"):
            self.wish(man, "logged_out", reason, by)
        else:
            self.change(man, "logged_out", reason, by)

    def on_ContactLost(self, lost: s.ContactLost) -> None:
        man = self.holder(lost.contact)
        if man:
            self.log_out(man, "contact_lost", "floor")

    # --- work ---------------------------------------------------------------------------------------------------
    def on_WorkArrived(self, arrived: s.WorkArrived) -> None:
        work = arrived.work
        old = self.jobs.get(work.interaction)
        if old:
            if old.state == "offered":
                self.say(work.interaction, s.OfferWithdrawn(old.offer, "withdrawn"))
            self.on_WorkWithdrawn(s.WorkWithdrawn(work.interaction, "requeued"))
        log = self.logs.get(work.queue)
        if log is None or log.retired:
            self.fact(f.WorkLeft(work.interaction, work.queue, "no_queue", 0.0))
            self.say(work.interaction, s.QueueGaveUp("no_queue"))
            return
        if "?" in work.needs:
            self.fact(f.NeedsIgnored(work.interaction, work.needs, "'?' has no meaning here"))
            work = replace(work, needs="")
        self.fact(f.WorkQueued(work.interaction, work, work.queue, self.now))
        job = self.jobs[work.interaction] = Job(work, work.queue, self.now, [work.queue])
        self.enter(job)

    def enter(self, job: Job) -> None:
        rule = self.logs[job.queue].rule
        here = [one for one in self.jobs.values() if one.queue == job.queue and one.state != "talking"]
        if rule.max_waiting and len(here) > rule.max_waiting:
            self.pass_on(job, "full")
        elif not rule.join_when_empty and self.alone(job):
            self.pass_on(job, "empty")
        else:
            self.look_after(job)

    def pass_on(self, job: Job, reason: str) -> None:
        to = self.logs[job.queue].rule.overflow
        if to in self.logs and not self.logs[to].retired and to not in job.been:
            self.fact(f.WorkOverflowed(job.work.interaction, job.queue, to, reason))
            job.queue, job.entered, job.step, job.told = to, self.now, 0, 0
            job.been.append(to)
            self.enter(job)
            return
        self.drop(job, reason)
        self.say(job.work.interaction, s.QueueGaveUp(reason, "" if to in self.logs else to))

    def drop(self, job: Job, reason: str) -> None:
        wait_s = round(self.now - job.work.waiting_since, 3)
        self.fact(f.WorkLeft(job.work.interaction, job.queue, reason, wait_s))
        del self.jobs[job.work.interaction]

    def look_after(self, job: Job, came_back: bool = False) -> None:
        log = self.logs[job.queue]
        while job.step < len(log.rule.relax) and job.entered + log.rule.relax[job.step].after_s <= self.now:
            job.step += 1
            needs = log.rule.relax[job.step - 1].needs
            self.fact(f.NeedsRelaxed(job.work.interaction, job.queue, job.step, needs))
            came_back = True
        if job.state != "waiting":
            return
        if log.retired:
            self.pass_on(job, "no_queue")
        elif log.rule.max_wait_s and job.entered + log.rule.max_wait_s <= self.now:
            self.pass_on(job, "timeout")
        elif came_back and log.rule.leave_when_empty and self.alone(job):
            self.pass_on(job, "empty")

    def leave_if_empty(self, before: dict[str, str], all_new: bool) -> None:
        for name, log in list(self.logs.items()):
            absent = absent_of(log.rule)
            left = any(
                man.state in absent and before.get(number, "logged_out") not in absent
                for number, man in self.men.items()
            )
            if log.rule.leave_when_empty and not log.retired and (left or all_new):
                for job in [job for job in self.waiting() if job.queue == name and self.alone(job)]:
                    self.pass_on(job, "empty")

    def on_WorkWithdrawn(self, gone: s.WorkWithdrawn) -> None:
        job = self.jobs.get(gone.interaction)
        if job is None:
            return
        if job.state == "talking":
            self.part(job)
            return
        if job.state == "offered":
            self.take_back(job)
        self.drop(job, gone.reason)

    def take_back(self, job: Job) -> None:
        self.fact(f.OfferDeclined(job.work.interaction, job.offer, job.man, "withdrawn"))
        man = self.men[job.man]
        job.state, job.offer, job.man = "waiting", "", ""
        self.become(man, *self.next_of(man, served=False))

    def job_of(self, offer: str) -> Job | None:
        return next((job for job in self.jobs.values() if job.offer == offer), None)

    def on_OfferAnswered(self, answered: s.OfferAnswered) -> None:
        job = self.job_of(answered.offer)
        if job and job.state == "offered":
            self.accept(job)

    def accept(self, job: Job) -> None:
        man, log = self.men[job.man], self.logs[job.queue]
        self.fact(f.OfferAccepted(job.work.interaction, job.offer, job.man))
        job.state, job.answered = "talking", self.now
        man.calls += 1
        if log.answered_at is not None and job.entered <= log.answered_at:
            log.gaps.append(round(self.now - log.answered_at, 3))
        log.answered_at = self.now
        if job.work.customer:
            self.knows[job.work.customer] = job.man
        self.become(man, "talking", interaction=job.work.interaction)

    def on_OfferMissed(self, missed: s.OfferMissed) -> None:
        job = self.job_of(missed.offer)
        if job is None or job.state != "offered":
            return
        if missed.reason == "withdrawn":
            self.take_back(job)
            self.drop(job, "not_waiting")
            self.say(job.work.interaction, s.QueueGaveUp("not_waiting"))
        else:
            self.miss(job, missed.reason)

    def miss(self, job: Job, reason: str) -> None:
        man, rule = self.men[job.man], self.logs[job.queue].rule
        self.fact(f.OfferDeclined(job.work.interaction, job.offer, job.man, reason))
        job.state, job.offer, job.man = "waiting", "", ""
        if reason == "unreachable":
            self.become(man, "logged_out", reason)
        elif rule.max_no_answer and man.misses + 1 >= rule.max_no_answer:
            self.become(man, "not_ready", reason)
        else:
            self.become(man, "missed", reason, self.now + max(1.0, rule.no_answer_delay_s))
        self.look_after(job, came_back=True)

    def on_ConversationOver(self, over: s.ConversationOver) -> None:
        job = self.job_of(over.offer)
        if job:
            if job.state == "offered":
                self.accept(job)
            self.part(job)

    def part(self, job: Job) -> None:
        man, rule = self.men[job.man], self.logs[job.queue].rule
        hold_s = round(man.hold_s + (round(self.now - man.since, 3) if man.state == "held" else 0), 3)
        talk_s = round(self.now - hold_s - job.answered, 3)
        self.fact(f.WorkCompleted(job.work.interaction, job.offer, job.man, job.queue, talk_s, hold_s))
        man.talk_s = round(man.talk_s + talk_s + hold_s, 3)
        del self.jobs[job.work.interaction]
        if (man.wish and man.wish[0] == "logged_out") or rule.wrap_up_s <= 0:
            self.become(man, *self.next_of(man, served=True))
        else:
            self.become(man, "wrap_up", until=self.now + rule.wrap_up_s, interaction=job.work.interaction)

    # --- timers ---------------------------------------------------------------------------------------------------
    def on_TimerFired(self, fired: s.TimerFired) -> None:
        _, what, name = fired.timer.split(":")
        if what == "agent":
            self.agent_due(self.men.get(name))
        elif name in self.jobs and self.jobs[name].state != "talking":
            if what == "work":
                self.look_after(self.jobs[name])
            elif self.jobs[name].state == "waiting":
                self.announce(self.jobs[name])

    def agent_due(self, man: Man | None) -> None:
        if man is None or man.until is None or man.until > self.now:
            return
        if man.state == "offered":
            job = self.jobs[man.interaction]
            self.say(job.work.interaction, s.OfferWithdrawn(job.offer, "no_answer"))
            self.miss(job, "no_answer")
        elif man.state == "missed":
            self.become(man, *self.next_of(man, served=False))
        elif man.state == "wrap_up":
            wrap_up_s = round(self.now - man.since, 3)
            self.fact(f.WrapUpEnded(man.interaction, man.profile.agent, wrap_up_s, "deadline"))
            self.become(man, *self.next_of(man, served=True))

    def announce(self, job: Job) -> None:
        log = self.logs[job.queue]
        if log.rule.announce_every_s <= 0:
            return
        ahead = [one for one in self.waiting() if one.queue == job.queue]
        position = 1 + ahead.index(job)
        if job.told and position >= job.told:
            return
        estimate = None
        if len(log.gaps[-20:]) >= 3:
            assert log.answered_at is not None
            gap = max(median(log.gaps[-20:]), self.now - log.answered_at)
            estimate = 30.0 * max(1, round(position * gap / 30.0))
        job.told = position
        self.fact(f.CallerTold(job.work.interaction, "position", position, estimate))
        self.say(job.work.interaction, s.QueueTold("position", position, estimate))

    # --- what is loaded ---------------------------------------------------------------------------------------------
    def on_FloorConfigured(self, loaded: s.FloorConfigured) -> bool:
        before = {name: log.rule for name, log in self.logs.items() if not log.retired}
        if list(before.values()) == list(loaded.queues):
            return False
        self.fact(f.QueuesConfigured(loaded.queues))
        old, self.logs = self.logs, {}
        for rule in loaded.queues:
            self.logs[rule.name] = replace(old.get(rule.name, Log(rule)), rule=rule, retired=False)
        for name, log in old.items():
            if name not in self.logs and any(job.queue == name for job in self.jobs.values()):
                self.logs[name] = replace(log, retired=True)
        for job in list(self.jobs.values()):
            log = self.logs[job.queue]
            if log.retired and job.state == "waiting":
                self.pass_on(job, "no_queue")
            elif job.state != "talking" and before.get(job.queue) != log.rule:
                self.look_after(job)
        return True

    def on_RosterLoaded(self, loaded: s.RosterLoaded) -> bool:
        if [man.profile for man in self.men.values() if man.on_roster] == list(loaded.agents):
            return False
        self.fact(f.RosterChanged(loaded.agents))
        self.memo.clear()
        old, self.men = self.men, {}
        for profile in loaded.agents:
            self.men[profile.agent] = replace(old.get(profile.agent, Man(profile)), profile=profile, on_roster=True)
        for name, man in old.items():
            if name not in self.men and man.state != "logged_out":
                self.men[name] = replace(man, on_roster=False)
        for man in list(self.men.values()):
            leaving = man.state == "logged_out" or (man.wish and man.wish[0] == "logged_out")
            if not man.on_roster and not leaving:
                self.log_out(man, "removed", "roster")
            elif man.on_roster and man.wish == ("logged_out", "removed"):
                self.wish(man, "ready", "", "roster")
        return True
