"""Tells Alembic what to compare and where: the connection that it was given."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

from storage.tables import Moment  # the tables announce themselves to the metadata


def plainly(kind: str, item: Any, _draft: object) -> str | Literal[False]:
    """Draft our own types as what they are in the database: a version outlives our classes."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_item=plainly,
    transactional_ddl=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
