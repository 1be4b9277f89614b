"""Opening: which URLs, where files come to lie, what is told when it fails, and that no password ever is."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from sqlalchemy import text

from huiyin.domain.errors import StoreError
from huiyin.store.engine import Store, open_store


def told(url: str) -> str:
    """The whole traceback of the refusal, as an operator would see it."""
    with pytest.raises(StoreError) as caught:
        open_store(url)
    return "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("prefix", ["sqlite:///", ""])
def test_a_sqlite_file_comes_with_its_folder(tmp_path: Path, prefix: str) -> None:
    path = tmp_path / "new" / "deep" / "huiyin.db"
    with open_store(f"{prefix}{path}") as store:
        assert path.exists()
        assert store.location == f"sqlite:///{path}"


def test_sqlite_runs_with_wal_foreign_keys_and_patience(tmp_path: Path) -> None:
    with open_store(tmp_path / "huiyin.db") as store, store.read() as connection:
        found = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")]
        assert found == ["wal", 1]
        assert connection.execute(text("PRAGMA busy_timeout")).scalar() == 60_000


def test_reading_is_not_held_up_by_a_writer(store: Store) -> None:
    with store.write() as writer:
        writer.execute(text("INSERT INTO policies VALUES ('x', '{}', '2026-01-01 00:00:00')"))
        with store.read() as reader:
            assert reader.execute(text("SELECT count(*) FROM policies")).scalar() == 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_sqlite_without_a_file_is_refused(url: str) -> None:
    assert "needs a file" in told(url)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no database at all, but long enough to be looked at" * 20, encoding="utf-8")
    assert "notes.txt cannot be opened: file is not a database" in told(str(path))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "cannot be made" in told(str(tmp_path / "file" / "huiyin.db"))


@pytest.mark.parametrize("url", ["mysql://u:s3cret@h/d", "mongodb+srv://u:s3cret@h/d"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    message = told(url)
    assert "no database that Huiyin knows" in message and "s3cret" not in message


def test_a_url_that_cannot_be_read_is_not_repeated() -> None:
    message = told("postgresql://u:s3cret@host:notaport/d")
    assert "cannot be read" in message and "s3cret" not in message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://huiyin:s3cret@127.0.0.1:1/huiyin",
        "postgres://huiyin:s3cret@127.0.0.1:1/huiyin",
        "postgresql://huiyin@127.0.0.1:1/huiyin?password=s3cret",
    ],
)
def test_an_unreachable_server_is_told_without_the_password(url: str) -> None:
    message = told(url)
    assert "cannot be opened" in message and "127.0.0.1:1/huiyin" in message
    assert "Check that the address is right" in message
    assert "s3cret" not in message


@pytest.mark.postgres
def test_a_wrong_password_is_told_without_it(postgres: PostgresServer) -> None:
    message = told(f"postgresql://huiyin:s3cr%40et@127.0.0.1:{postgres.port}/postgres")
    assert "password authentication failed" in message
    assert "s3cr" not in message


@pytest.mark.postgres
def test_a_database_that_is_not_there_is_told(postgres: PostgresServer) -> None:
    message = told(postgres.url("nowhere"))
    assert '"nowhere" does not exist' in message and postgres.password not in message


def test_a_failing_statement_tells_no_values(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.write() as connection:
        connection.execute(text("INSERT INTO nothing VALUES (:words)"), {"words": "客户的话"})
    assert "客户的话" not in "".join(traceback.format_exception(caught.value))
