"""What goes wrong in a simulated centre, and how often."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities are of each single time; `_every_s` are mean seconds between events, 0 = never."""

    play_fails: float = 0.0
    join_fails: float = 0.0
    message_fails: float = 0.0  # a caller's message
    recording_fails: float = 0.0  # of a talk
    directory_late: float = 0.0
    phone_vanishes_every_s: float = 0.0  # of each agent's phone
    line_drops_every_s: float = 0.0  # events in between are lost
    application_dies_every_s: float = 0.0
    switch_dies_every_s: float = 0.0
    reload_every_s: float = 0.0  # queues or roster change
    disk_refuses_every_s: float = 0.0  # for some seconds; the journal then waits in memory
    commit_s: float = 0.0  # longest time from decision to commit; 0 = at once. A death loses what waits


CALM = Faults()
ROUGH = Faults(
    play_fails=0.01,
    join_fails=0.03,
    message_fails=0.1,
    recording_fails=0.05,
    directory_late=0.05,
    phone_vanishes_every_s=3600.0,
)
