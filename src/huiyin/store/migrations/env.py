"""Runs migrations on the connection that `huiyin.store.schema` gives; a URL of its own is never read."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString

from huiyin.store.tables import METADATA
from huiyin.store.types import UtcDateTime, VersionedJson

_PLAIN = {AutoString: "sa.String()", UtcDateTime: "sa.DateTime(timezone=True)", VersionedJson: "sa.JSON()"}


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Plain types in what autogenerate writes: a migration must not change when a type of ours does."""
    return _PLAIN.get(type(item), False) if kind == "type" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    compare_type=True,
    render_item=render_item,
    transactional_ddl=True,  # SQLite can, now that engine.py begins transactions itself
)
context.run_migrations()
