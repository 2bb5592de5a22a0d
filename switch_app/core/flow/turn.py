"""One turn of a flow: what a step may read, say, wait for and order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .. import facts as f
from .. import orders as o
from ..world import World
from . import expressions, template
from .fault import CallerGone, StepFault
from .prompts import Manifest, say
from .session import Session

if TYPE_CHECKING:
    from .model import Flow
    from .steps.base import Say

DEEPEST = 8  # subflows
PLAY_LIMIT_S = 180.0  # a prompt whose end is never reported
NOBODY = {"known": False, "id": "", "number": "", "name": "", "tier": "", "language": "", "accounts": []}


class Turn:
    """Steps change the session only through here and `ask`/`announce`; facts and orders gather in order."""

    def __init__(self, session: Session, world: World, now: float, refs: Callable[[], str]) -> None:
        self.session, self.world, self.now, self.refs = session, world, now, refs
        self.facts: list[Any] = []
        self.orders: list[Any] = []
        self.flow: Flow | None = None  # the interpreter keeps it in step with session.version
        self.released = False  # the leg is no longer ours to hang up

    # --- values -------------------------------------------------------------------------------------
    def names(self) -> Mapping[str, Any]:
        """What templates and expressions see."""
        session, local = self.session, self.world.local
        known = {"known": True, **session.customer} if session.customer else {}
        return {
            **session.vars,
            **session.secrets,
            "customer": {**NOBODY, **known},
            "caller": session.call.get("ani", ""),
            "called": session.call.get("dnis", ""),
            "language": session.language,
            "queues": {name: _figures(figures) for name, figures in self.world.queues.items()},
            "now": {
                "date": local.date,
                "weekday": local.weekday,
                "minute": local.minute,
                "time": local.iso[11:16],
            },
        }

    def value(self, expression: str, more: Mapping[str, Any] = MappingProxyType({})) -> Any:
        """A variable that no step has set yet is an empty text. more: values that go before its own.

        Raises StepFault.
        """
        try:
            unset = dict.fromkeys(expressions.names_in(expression), "")
            return expressions.evaluate(expression, {**unset, **self.names(), **more})
        except expressions.ExpressionError as error:
            raise StepFault(str(error)) from error

    def text(self, source: Any) -> Any:
        """Texts filled with values, nested ones too. Raises StepFault."""
        try:
            return template.fill_all(source, self.names())
        except template.TemplateProblem as error:
            raise StepFault(str(error)) from error

    def url(self, source: str) -> str:
        """An address with its values URL-encoded. Raises StepFault."""
        try:
            return template.fill(source, self.names(), url=True)
        except template.TemplateProblem as error:
            raise StepFault(str(error)) from error

    def set_variable(self, name: str, value: Any, secret: bool = False) -> None:
        """Keep a value for later steps; a secret one is never written anywhere."""
        if secret:
            self.session.vars.pop(name, None)
            self.session.secrets[name] = str(value)
            self.facts.append(f.VariableSet(name, "*" * len(str(value))))
        else:
            self.session.secrets.pop(name, None)
            self.session.vars[name] = value
            self.facts.append(f.VariableSet(name, value))

    def choose_language(self, language: str) -> None:
        self.session.language = language
        self.facts.append(f.LanguageChosen(language))

    # --- the caller's leg -----------------------------------------------------------------------------
    def sounds(self, parts: Say, language: str = "") -> tuple[str, ...]:
        """The sounds of the parts in the caller's language; what is missing becomes a fact."""
        return self.spoken([(p.kind, self._spoken_value(p.value, language)) for p in parts], language)

    def spoken(self, parts: Iterable[tuple[str, Any]], language: str = "") -> tuple[str, ...]:
        """The sounds of ready (kind, value) pairs."""
        manifest, voices = self.world.prompts or Manifest(), self.world.voices
        said = say(manifest, language or self.session.language, parts, voices)
        self.facts.extend(f.PromptMissing(name, lang) for name, lang in said.missing)
        return said.sounds

    def _spoken_value(self, value: Any, language: str) -> Any:
        if isinstance(value, Mapping):
            value = value.get(language or self.session.language) or next(iter(value.values()), "")
        return self.text(value)

    def play(self, sounds: tuple[str, ...]) -> str:
        """Play to the caller, answering the call first. Returns the ref of its end."""
        self.answer()
        ref = self.refs()
        self.orders.append(o.Play(ref, self.session.leg, sounds))
        return ref

    def stop_play(self) -> None:
        self.orders.append(o.StopPlay(self.session.leg))

    def answer(self) -> None:
        """Raises CallerGone."""
        self.need_caller()
        if not self.session.answered:
            self.session.answered = True
            self.orders.append(o.Answer(self.session.leg))

    def need_caller(self) -> None:
        """Raises CallerGone."""
        if self.session.gone:
            raise CallerGone

    def shield(self, on: bool) -> None:
        """Keep the digits that follow out of the switch's log."""
        if not self.session.gone:
            self.orders.append(o.ShieldDigits(self.session.leg, on))

    def hang_up(self, reason: str = "normal") -> None:
        if not (self.session.gone or self.released):
            self.released = True
            self.orders.append(o.HangUp(self.session.leg, reason))

    # --- flows ----------------------------------------------------------------------------------------
    def call_flow(self, name: str, then: str) -> str:
        """Enter another flow and come back to `then` of this one. The first step's name."""
        s = self.session
        if len(s.stack) >= DEEPEST:
            raise StepFault(f"subflows are nested more than {DEEPEST} deep")
        frame = {"flow": s.flow, "version": s.version, "step": s.step, "next": then}
        first = self.switch_flow(name)
        s.stack.append(frame)
        return first

    def switch_flow(self, name: str) -> str:
        """Enter another flow for good, in the version that this one was loaded with. Its first step."""
        assert self.flow
        flow = self.world.flows.get(self.flow.links.get(name, ""))
        if flow is None:
            raise StepFault(f"there is no flow {name}")
        self.flow, self.session.flow, self.session.version = flow, flow.name, flow.version
        return str(flow.start)

    # --- waiting --------------------------------------------------------------------------------------
    def wait(self, kind: str, ref: str = "", limit_s: float = 0.0, **more: Any) -> None:
        """Wait for the result `ref`, at most limit_s (0 = somebody else has the deadline)."""
        self.stop_waiting()
        self.session.wait = {"for": kind, "ref": ref, "timer": "", **more}
        if limit_s:
            self.limit(limit_s)

    def limit(self, seconds: float) -> None:
        """Set, or move, the deadline of the wait.

        A moved one has a new name: its stop waits for the commit, and until then the old one may fire.
        """
        self.lift_limit()
        wait = self.session.wait
        wait["timer"] = f"flow-{self.refs()}"
        self.orders.append(o.StartTimer(wait["timer"], self.now + seconds))

    def lift_limit(self) -> None:
        """The wait has no deadline of ours any more (a talk may be long)."""
        timer, self.session.wait["timer"] = self.session.wait["timer"], ""
        if timer:
            self.orders.append(o.StopTimer(timer))

    def stop_waiting(self) -> None:
        timer = self.session.wait.get("timer")
        self.session.wait = {}
        if timer:
            self.orders.append(o.StopTimer(timer))

    # --- attempts -------------------------------------------------------------------------------------
    def place(self) -> str:
        return f"{self.session.flow}:{self.session.step}"

    def missed_attempts(self) -> int:
        """Count one more attempt at this step that failed; how many there are now."""
        count = self.session.attempts.get(self.place(), 0) + 1
        self.session.attempts[self.place()] = count
        return count

    def forget_attempts(self) -> None:
        self.session.attempts.pop(self.place(), None)


def _figures(figures: Any) -> dict[str, Any]:
    return {name: getattr(figures, name) for name in ("waiting", "logged_in", "ready", "longest_wait_s")}
