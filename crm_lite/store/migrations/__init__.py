"""Migrations, applied in the order of their numbers by Database.migrate; never changed once released.

Each is a script of playhouse.migrations with tables of its own, frozen at the state of that day.
"""
