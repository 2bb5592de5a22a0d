"""One contact, from the first ring to its close: `decide`, `evolve`, `Interaction`."""

from .deadlines import deadlines
from .decide import decide
from .evolve import evolve
from .state import Interaction, Phase

__all__ = ["Interaction", "Phase", "deadlines", "decide", "evolve"]
