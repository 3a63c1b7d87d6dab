"""Runs the migrations on the connection that `models.database.upgrade` hands over."""

from typing import Any, Literal

from alembic import context
from sqlmodel import SQLModel

import models  # noqa: F401  (loads every table)
from models.columns import EpochSeconds, Word


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write the product's own column types as the plain ones they are stored as."""
    if kind == "type" and isinstance(item, Word):
        return "sa.String()"
    if kind == "type" and isinstance(item, EpochSeconds):
        return "sa.BigInteger()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
