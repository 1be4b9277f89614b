"""Fixtures that several folders of tests share. What stands in `support/` is imported by its file's name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from postgres_server import PostgresServer, running
from sample_fixtures import sample_store, sample_url, web

from huiyin.store.engine import Store, open_store

__all__ = ["database_url", "postgres", "sample_store", "sample_url", "store", "web"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A private PostgreSQL server; where its binaries are missing, every test that asks for it fails."""
    with running() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a new, empty database; each test that asks for it runs on both engines."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/huiyin.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database()
    yield url
    server.drop_database(url)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open, empty store on each engine."""
    with open_store(database_url) as opened:
        yield opened
