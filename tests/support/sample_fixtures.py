"""The sample in a database, and the app over it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sample_run import SAMPLE, sample_result

from huiyin.api.app import create_app
from huiyin.api.cli.run_cmd import facts_of, records_of
from huiyin.store.engine import Store, open_store
from huiyin.store.save import save_run


@pytest.fixture(scope="session")
def sample_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An SQLite database that holds the sample."""
    url = f"sqlite:///{tmp_path_factory.mktemp('db')}/sample.db"
    result = sample_result()
    with open_store(url) as store:
        save_run(store, facts_of(result, datetime(2026, 3, 23, tzinfo=UTC), SAMPLE), records_of(result))
    return url


@pytest.fixture(scope="session")
def sample_store(sample_url: str) -> Iterator[Store]:
    with open_store(sample_url) as store:
        yield store


@pytest.fixture
def web(sample_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A client of the app; playable sound is kept in a folder of the test."""
    monkeypatch.setenv("HUIYIN_CACHE", str(tmp_path))
    return TestClient(create_app(sample_store, data_folder=SAMPLE), base_url="http://127.0.0.1")
