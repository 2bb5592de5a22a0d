"""Transfers under way: one end for each, and whose phone rings for whom."""

from __future__ import annotations

import pytest

from switch_app.core.orders import TransferLeg
from switch_app.core.signals import LegEnded, TransferBegun, TransferEnded
from switch_app.switches.transfers import Transfers

ORDER = TransferLeg("t1", "caller", "1001")


@pytest.fixture
def begun() -> tuple[Transfers, str]:
    transfers = Transfers()
    return transfers, transfers.begin("interaction:i", ORDER)


def test_a_talk_elsewhere_and_back(begun: tuple[Transfers, str]):
    transfers, other = begun
    stream, join = transfers.answered(other) or ("", None)
    assert (stream, join.leg, join.other) == ("interaction:i", "caller", other)
    assert transfers.joined("caller", other) == TransferBegun("t1", "1001")
    assert other in transfers
    assert transfers.ended(other, LegEnded(other, "normal")) is None
    assert transfers.back("caller") == TransferEnded("t1", "done")
    assert transfers.back("caller") is None and other not in transfers


@pytest.mark.parametrize(
    ("reason", "result"),
    [("busy", "busy"), ("no_answer", "no_answer"), ("unreachable", "unreachable"), ("rejected", "failed"),
     ("normal", "failed"), ("cancelled", "failed")],
)  # fmt: skip
def test_a_failure_has_one_result(begun: tuple[Transfers, str], reason: str, result: str):
    transfers, other = begun
    told = transfers.ended(other, LegEnded(other, reason, "CAUSE"))
    assert told == ("interaction:i", TransferEnded("t1", result, "CAUSE"))
    assert transfers.ended(other, LegEnded(other, reason, "CAUSE")) is None
    assert transfers.answered(other) is None


def test_who_rings_for_a_caller_who_has_left(begun: tuple[Transfers, str]):
    transfers, other = begun
    assert transfers.waiting_for("caller") == [other]
    assert transfers.waiting_for("somebody else") == []
    transfers.joined("caller", other)
    assert transfers.waiting_for("caller") == []


def test_the_caller_leaves_in_the_talk(begun: tuple[Transfers, str]):
    transfers, other = begun
    transfers.joined("caller", other)
    assert transfers.ended("caller", LegEnded("caller", "normal")) is None
    assert transfers.back("caller") is None


def test_legs_that_are_no_transfer_are_not_known(begun: tuple[Transfers, str]):
    transfers, _ = begun
    assert "x" not in transfers
    assert transfers.answered("x") is None and transfers.joined("caller", "x") is None
    assert transfers.ended("x", LegEnded("x", "normal")) is None
