"""The state of a database's schema, and the way to the current one (Alembic, `migrations/`)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from huiyin.domain.errors import StoreError
from huiyin.store.tables import METADATA

_FOLDER = Path(__file__).parent / "migrations"


class State(StrEnum):
    EMPTY = "no schema yet"
    OLDER = "an older schema"
    CURRENT = "the current schema"


def config(connection: Connection) -> Config:
    """Alembic's settings for work on this very connection, inside its transaction."""
    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def state(connection: Connection, *, location: str) -> State:
    """How far the schema is. Raises StoreError if it is newer than this program, or somebody else's."""
    script = ScriptDirectory(str(_FOLDER))
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        taken = set(inspect(connection).get_table_names()) & set(METADATA.tables)
        if taken:
            raise StoreError(
                f"the database {location} holds tables that are not Huiyin's ({', '.join(sorted(taken))}): "
                "give it a database of its own"
            )
        return State.EMPTY
    if found == script.get_current_head():
        return State.CURRENT
    if found in {revision.revision for revision in script.walk_revisions()}:
        return State.OLDER
    raise StoreError(
        f"the database {location} has the schema {found}, which this version of Huiyin does not know: a newer one "
        "wrote it. Install that version, or restore the backup made before the upgrade"
    )


def upgrade(connection: Connection, *, location: str) -> None:
    """To the current schema, inside the caller's transaction: all of it or nothing."""
    if state(connection, location=location) is not State.CURRENT:  # another process may have been first
        command.upgrade(config(connection), "head")


def downgrade(connection: Connection, revision: str) -> None:
    """Back to `revision` ("base": no tables). What the older schema has no place for is lost."""
    command.downgrade(config(connection), revision)
