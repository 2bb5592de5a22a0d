"""The turn as code: journal, turn, timers, ports, projector feed, recovery, control socket."""
