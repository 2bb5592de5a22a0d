"""What happens to a caller after a bug of ours: the operator queue first, then an apology."""

from __future__ import annotations

from typing import Any

from .. import facts as f
from .. import orders as o
from .. import signals as s
from ..decision import Decision
from ..flow.prompts import say
from ..work import Work
from ..world import World
from . import queueing
from .draft import Draft
from .state import Interaction, Phase

OPERATOR = "operator"


def fallback(state: Interaction, signal: Any, error: Exception, now: float, world: World) -> Decision:
    """A safe decision after decide() raised; it uses as little of the state as it can."""
    draft = Draft(state, now, world)
    about = (type(signal).__name__, f"{type(error).__name__}: {error}"[:300])
    if state.phase is Phase.NEW and isinstance(signal, s.CallArrived):
        draft.fact(f.TurnCrashed(*about, "hung up"))
        draft.order(o.HangUp(signal.leg, "failed"))
    elif state.phase is Phase.FLOW and state.leg_up and state.crashes == 0:
        draft.fact(f.TurnCrashed(*about, "operator queue"))
        _to_operator(draft)
    elif state.phase in (Phase.FLOW, Phase.PARTED) and state.leg_up:
        draft.fact(f.TurnCrashed(*about, "apology and hang-up"))
        said = say(world.prompts, state.language or "zh", (("prompt", "apology"),))
        draft.order(o.Play(draft.ref(), state.leg, said.sounds))
        draft.deadline("leave", 8.0)
        draft.fact(f.CallerReleased("failed"))
    else:
        draft.fact(f.TurnCrashed(*about, "signal dropped"))
    return draft.decision()


def _to_operator(draft: Draft) -> None:
    state = draft.state
    draft.fact(f.QueueEntered(OPERATOR, "", 0, state.waiting_since or draft.now))
    work = Work(
        state.interaction, OPERATOR, state.waiting_since or draft.now, language=state.language or "zh"
    )
    draft.floor(s.WorkArrived(work))
    queueing.play_music(draft, state.leg, "music", state.language)
