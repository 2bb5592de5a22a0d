"""The control line's questions, as the reconciler asks them, answered from the simulated switch."""

from __future__ import annotations

import json

from .simulated_switch import Leg, SimulatedSwitch


def _state_of(leg: Leg) -> str:
    if leg.at == "ringing":
        return "RINGING"
    return "ACTIVE" if leg.held_at is None else "HELD"


class SimulatedLine:
    """`api(command, arguments)` as switches.control_line.ControlLine gives it."""

    def __init__(self, switch: SimulatedSwitch) -> None:
        self._switch = switch

    @property
    def is_up(self) -> bool:
        return self._switch.line_up

    def api(self, command: str, arguments: str = "") -> str:
        """Raises KeyError on a command that is not known here, TimeoutError when the line is dead."""
        if self._switch.stalled:
            raise TimeoutError
        leg, _, rest = arguments.partition(" ")
        return {
            "show": self._show,
            "global_getvar": lambda leg, rest: f"core-{self._switch.core}",
            "uuid_getvar": self._getvar,
            "uuid_exists": lambda leg, rest: "true" if leg in self._switch.legs else "false",
            "hash_dump": self._dump,
            "hash": self._hash,
            "uuid_transfer": self._transfer,
            "uuid_kill": self._kill,
        }[command](leg, rest)

    def _show(self, what: str, how: str) -> str:
        rows = [{"uuid": leg.id, "callstate": _state_of(leg)} for leg in self._switch.legs.values()]
        return json.dumps({"row_count": len(rows), "rows": rows})

    def _dump(self, kind: str, realm: str) -> str:
        return "".join(f"D/{realm}_{leg}/{note}\n" for leg, note in self._switch.notes.items())

    def _hash(self, deed: str, _: str) -> str:
        what, _, leg = deed.split("/")
        if what == "select":
            return self._switch.notes.get(leg, "")
        return "+OK" if self._switch.notes.pop(leg, None) else "-ERR Not found"

    def _getvar(self, leg: str, name: str) -> str:
        found = self._switch.legs.get(leg)
        partner = found.partner if found and name == "bridge_uuid" else None
        return partner.id if partner else "_undef_"

    def _transfer(self, leg: str, to: str) -> str:
        found = self._switch.legs.get(leg)
        if found is None:
            return "-ERR No such channel!"
        self._switch.recover(found)
        return "+OK"

    def _kill(self, leg: str, cause: str) -> str:
        found = self._switch.legs.get(leg)
        if found is None:
            return "-ERR No such channel!"
        self._switch.end(found)
        return "+OK"
