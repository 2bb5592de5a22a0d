"""Interactions, their timelines and recordings: made from the journal's facts alone (projections/).

Keys are natural (the interaction's id, the fact's position in the journal), so that a rebuild makes the
same rows. Nothing here points at a customer's or agent's row: those may be erased, the facts stay.
"""

from __future__ import annotations

import peewee

from .base import JsonText, Row


class Interaction(Row):
    """One contact. Moments are epoch seconds (UTC), durations seconds."""

    id = peewee.CharField(64, primary_key=True)
    channel = peewee.CharField(16, default="")
    direction = peewee.CharField(16, default="")
    ani = peewee.CharField(128, default="", index=True)
    name = peewee.CharField(255, default="")  # what the caller's phone calls itself: hostile
    dnis = peewee.CharField(128, default="")
    customer_id = peewee.IntegerField(null=True, index=True)
    customer_number = peewee.CharField(32, default="")  # as it was during the contact, like name and tier
    customer_name = peewee.CharField(200, default="")
    customer_tier = peewee.CharField(32, default="")
    language = peewee.CharField(8, default="")
    flow = peewee.CharField(100, default="")
    flow_version = peewee.CharField(64, default="")
    queue = peewee.CharField(100, default="", index=True)
    agent = peewee.CharField(16, null=True, index=True)
    outcome = peewee.CharField(16, null=True, index=True)
    opened_at = peewee.DoubleField(index=True)
    closed_at = peewee.DoubleField(null=True)
    wait_s = peewee.DoubleField(default=0.0)
    talk_s = peewee.DoubleField(default=0.0)  # without hold_s
    hold_s = peewee.DoubleField(default=0.0)
    recording = peewee.CharField(255, null=True)
    disposition = peewee.CharField(50, default="")
    note = peewee.TextField(default="")

    class Meta:
        table_name = "interactions"
        # For lists by these; the newest first among equals.
        indexes = tuple(((name, "opened_at"), False) for name in ("dnis", "wait_s", "talk_s"))


class InteractionFact(Row):
    """One line of an interaction's timeline. position: the fact's place in the journal."""

    position = peewee.BigIntegerField(primary_key=True)
    interaction = peewee.CharField(64, index=True)
    at = peewee.DoubleField()
    kind = peewee.CharField(64)
    data = JsonText()

    class Meta:
        table_name = "interaction_facts"


class Recording(Row):
    """A file of sound. path: relative to var; what: conversation | voicemail."""

    position = peewee.BigIntegerField(primary_key=True)
    interaction = peewee.CharField(64, index=True)
    path = peewee.CharField(255)
    what = peewee.CharField(16)
    duration_s = peewee.DoubleField()
    at = peewee.DoubleField()

    class Meta:
        table_name = "recordings"


class ProjectorPosition(Row):
    """How far the projector has come: written in the transaction that writes the rows."""

    name = peewee.CharField(32, primary_key=True)
    position = peewee.BigIntegerField()

    class Meta:
        table_name = "projector_position"


PROJECTED = (Interaction, InteractionFact, Recording)
