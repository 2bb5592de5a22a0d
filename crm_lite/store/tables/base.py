"""What all tables share."""

from __future__ import annotations

import json
from typing import Any

import peewee
from playhouse.shortcuts import ThreadSafeDatabaseMetadata


class Row(peewee.Model):
    """A table's row. Bound to a database only inside Database.read and Database.write."""

    class Meta:
        legacy_table_names = False
        # The binding is per thread, so that two open databases never meet.
        model_metadata_class = ThreadSafeDatabaseMetadata


class JsonText(peewee.TextField):
    """Plain data as JSON in a text column, the same on every database. NULL is None."""

    def db_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def python_value(self, value: str | None) -> Any:
        return None if value is None else json.loads(value)
