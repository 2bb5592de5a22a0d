"""Why a step could not do its work; the interpreter turns these into facts and goes on."""

from __future__ import annotations


class StepFault(Exception):
    """An author's mistake, or what a port could not do: the flow goes to `on_error`."""


class CallerGone(Exception):
    """The step needs the caller, who has hung up: the flow ends here."""
