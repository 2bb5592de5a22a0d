"""Transfers under way: whose other side rings, and who talks elsewhere."""

from __future__ import annotations

from switch_app.core import orders as o
from switch_app.core import signals as s
from switch_app.core.ids import derived_uuid

RESULTS = ("busy", "no_answer", "unreachable")  # told as they are; other ends are `failed`


class Transfers:
    """From TransferLeg to its one TransferEnded. The other side's leg id is derived from the order."""

    def __init__(self) -> None:
        self._ringing: dict[str, tuple[str, o.TransferLeg]] = {}  # other side's leg -> stream, order
        self._away: dict[str, tuple[str, o.TransferLeg]] = {}  # caller's leg -> other side's leg, order

    def begin(self, stream: str, order: o.TransferLeg) -> str:
        """The id of the leg to call."""
        other = derived_uuid(stream, order.ref, "transfer")
        self._ringing[other] = (stream, order)
        return other

    def __contains__(self, leg: object) -> bool:
        """Whether a leg is the other side of a transfer, ringing or talking."""
        return leg in self._ringing or any(leg == other for other, _ in self._away.values())

    def is_outside(self, other: str) -> bool:
        """Whether a leg rings for a transfer over a trunk."""
        return other in self._ringing and bool(self._ringing[other][1].trunk)

    def answered(self, other: str) -> tuple[str, o.Join] | None:
        """The join that an answer asks for, with its stream."""
        found = self._ringing.get(other)
        return (found[0], o.Join(f"transfer:{found[1].ref}", found[1].leg, other)) if found else None

    def joined(self, leg: str, other: str) -> s.TransferBegun | None:
        """The caller talks with the other side; None if that is no transfer."""
        found = self._ringing.pop(other, None)
        if found is None:
            return None
        order = found[1]
        self._away[leg] = (other, order)
        return s.TransferBegun(order.ref, order.to)

    def back(self, leg: str) -> s.TransferEnded | None:
        """The caller is in the socket again; None if it was not away."""
        found = self._away.pop(leg, None)
        return s.TransferEnded(found[1].ref, "done") if found else None

    def ringing(self) -> list[tuple[str, str, o.TransferLeg]]:
        """(other side's leg, stream, order) of those of which we know no talk and no end yet."""
        return [(other, stream, order) for other, (stream, order) in self._ringing.items()]

    def waiting_for(self, leg: str) -> list[str]:
        """The other sides that ring for this caller."""
        return [other for other, (_, order) in self._ringing.items() if order.leg == leg]

    def ended(self, leg: str, end: s.LegEnded) -> tuple[str, s.TransferEnded] | None:
        """A leg is gone: the failure of a transfer, if it rang for one, with its stream."""
        self._away.pop(leg, None)
        found = self._ringing.pop(leg, None)
        if found is None:
            return None
        stream, order = found
        result = end.reason if end.reason in RESULTS else "failed"
        return stream, s.TransferEnded(order.ref, result, end.cause)
