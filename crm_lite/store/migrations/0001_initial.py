"""The first tables: customers, agents, interactions, access."""

import peewee


class Tier(peewee.Model):
    name = peewee.CharField(32, primary_key=True)
    priority = peewee.IntegerField()

    class Meta:
        table_name = "tiers"


class Customer(peewee.Model):
    id = peewee.AutoField()
    number = peewee.CharField(32, unique=True)
    name = peewee.CharField(200, index=True)
    tier = peewee.ForeignKeyField(Tier, column_name="tier", on_delete="RESTRICT")
    language = peewee.CharField(8)
    note = peewee.TextField()

    class Meta:
        table_name = "customers"


class CustomerNumber(peewee.Model):
    id = peewee.AutoField()
    customer = peewee.ForeignKeyField(Customer, on_delete="CASCADE")
    e164 = peewee.CharField(24)
    tail = peewee.CharField(7, index=True)

    class Meta:
        table_name = "customer_numbers"
        indexes = ((("customer", "e164"), True),)


class Account(peewee.Model):
    id = peewee.AutoField()
    customer = peewee.ForeignKeyField(Customer, on_delete="CASCADE")
    number = peewee.CharField(32, unique=True)
    balance_minor = peewee.BigIntegerField()
    currency = peewee.CharField(3)

    class Meta:
        table_name = "accounts"


class Agent(peewee.Model):
    number = peewee.CharField(16, primary_key=True)
    name = peewee.CharField(100)
    email = peewee.CharField(200)
    pin_hash = peewee.CharField(200)
    active = peewee.BooleanField()

    class Meta:
        table_name = "agents"


class AgentSkill(peewee.Model):
    id = peewee.AutoField()
    agent = peewee.ForeignKeyField(Agent, on_delete="CASCADE")
    skill = peewee.CharField(50)
    level = peewee.IntegerField(constraints=[peewee.Check("level BETWEEN 1 AND 10")])

    class Meta:
        table_name = "agent_skills"
        indexes = ((("agent", "skill"), True),)


class Interaction(peewee.Model):
    id = peewee.CharField(64, primary_key=True)
    channel = peewee.CharField(16)
    direction = peewee.CharField(16)
    ani = peewee.CharField(128, index=True)
    name = peewee.CharField(255)
    dnis = peewee.CharField(128)
    customer_id = peewee.IntegerField(null=True, index=True)
    customer_number = peewee.CharField(32)
    customer_name = peewee.CharField(200)
    customer_tier = peewee.CharField(32)
    language = peewee.CharField(8)
    flow = peewee.CharField(100)
    flow_version = peewee.CharField(64)
    queue = peewee.CharField(100, index=True)
    agent = peewee.CharField(16, null=True, index=True)
    outcome = peewee.CharField(16, null=True, index=True)
    opened_at = peewee.DoubleField(index=True)
    closed_at = peewee.DoubleField(null=True)
    wait_s = peewee.DoubleField()
    talk_s = peewee.DoubleField()
    recording = peewee.CharField(255, null=True)
    disposition = peewee.CharField(50)
    note = peewee.TextField()

    class Meta:
        table_name = "interactions"


class InteractionFact(peewee.Model):
    position = peewee.BigIntegerField(primary_key=True)
    interaction = peewee.CharField(64, index=True)
    at = peewee.DoubleField()
    kind = peewee.CharField(64)
    data = peewee.TextField()

    class Meta:
        table_name = "interaction_facts"


class Recording(peewee.Model):
    position = peewee.BigIntegerField(primary_key=True)
    interaction = peewee.CharField(64, index=True)
    path = peewee.CharField(255)
    what = peewee.CharField(16)
    duration_s = peewee.DoubleField()
    at = peewee.DoubleField()

    class Meta:
        table_name = "recordings"


class ProjectorPosition(peewee.Model):
    name = peewee.CharField(32, primary_key=True)
    position = peewee.BigIntegerField()

    class Meta:
        table_name = "projector_position"


class User(peewee.Model):
    id = peewee.AutoField()
    login = peewee.CharField(64, unique=True)
    name = peewee.CharField(100)
    role = peewee.CharField(16)
    password_hash = peewee.CharField(200)
    agent = peewee.CharField(16, null=True)
    language = peewee.CharField(8)
    active = peewee.BooleanField()
    stamp = peewee.IntegerField()

    class Meta:
        table_name = "users"


class Audit(peewee.Model):
    id = peewee.AutoField()
    at = peewee.DoubleField(index=True)
    who = peewee.CharField(64)
    what = peewee.CharField(64)
    subject = peewee.CharField(200, index=True)
    detail = peewee.TextField()

    class Meta:
        table_name = "audit"


class Attempt(peewee.Model):
    subject = peewee.CharField(128, primary_key=True)
    failed = peewee.IntegerField()
    shut_until = peewee.DoubleField()

    class Meta:
        table_name = "attempts"


TABLES = [
    Tier, Customer, CustomerNumber, Account, Agent, AgentSkill,
    Interaction, InteractionFact, Recording, ProjectorPosition, User, Audit, Attempt,
]  # fmt: skip


def up(migrator, db):
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)


def down(migrator, db):
    with db.bind_ctx(TABLES):
        db.drop_tables(TABLES)
