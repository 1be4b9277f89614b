"""Migrations agree with the tables, go both ways on data, and tell what they cannot do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from store_records import advisor, client, conversation, lead, run, tag

from huiyin.domain.errors import StoreError
from huiyin.store import schema
from huiyin.store.engine import Store, open_store
from huiyin.store.queries import leads, runs
from huiyin.store.save import RunRecords, save_run
from huiyin.store.tables import METADATA

RECORDS = RunRecords(
    clients=[client()], advisors=[advisor()], conversations=[conversation()], tags=[tag()], leads=[lead()]
)


def test_migrations_make_what_the_tables_say(store: Store) -> None:
    with store.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_only_present_rows_must_be_unique(store: Store) -> None:
    with store.read() as connection:
        for name, table in METADATA.tables.items():
            if "valid_to" not in table.c:
                continue
            found = {index["name"]: index for index in inspect(connection).get_indexes(name)}
            present = found[f"uq_{name}_present"]
            options = present["dialect_options"]
            where = next(value for key, value in options.items() if key.endswith("_where"))
            assert present["unique"] and "valid_to IS NULL" in str(where)


def test_down_and_up_again_on_data(store: Store) -> None:
    save_run(store, run(), RECORDS)
    with store.write() as connection:
        schema.downgrade(connection, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    store.upgrade()
    save_run(store, run(), RECORDS)
    assert leads.get_lead(store, "L1").item.lead == lead()


def test_opening_again_keeps_the_data(database_url: str) -> None:
    with open_store(database_url) as first:
        save_run(first, run(), RECORDS)
    with open_store(database_url) as second:
        assert runs.counts(second).leads == 1


def test_a_failed_migration_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade = schema.upgrade

    def fail(connection: Connection, *, location: str) -> None:
        upgrade(connection, location=location)
        raise StoreError("half way")

    with monkeypatch.context() as patch:
        patch.setattr(schema, "upgrade", fail)
        with pytest.raises(StoreError, match="half way"):
            open_store(database_url)
    with open_store(database_url) as store:
        assert runs.counts(store).clients == 0


def _set_version(url: str, version: str) -> None:
    with open_store(url) as store, store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})


def test_a_newer_schema_is_refused(database_url: str) -> None:
    _set_version(database_url, "9999")
    with pytest.raises(StoreError, match=r"schema 9999.*newer one"):
        open_store(database_url)


def test_an_empty_database_is_left_alone_when_told_so(database_url: str) -> None:
    with pytest.raises(StoreError, match=r"no schema yet.*huiyin db upgrade"):
        open_store(database_url, migrate=False)


def test_somebody_elses_tables_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE clients (x)")
    with pytest.raises(StoreError, match=r"not Huiyin's \(clients\)"):
        open_store(path)
