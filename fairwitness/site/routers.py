"""Migrations run as the owner of the tables, never as the service."""

from typing import Any


class OwnerMigrates:
    """Both aliases are the same database; only the owner may change its shape."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "owner"
