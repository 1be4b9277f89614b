"""Opens a database: SQLite by default, PostgreSQL by URL; brings its schema up to date; hands out transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from huiyin.domain.errors import StoreError
from huiyin.store import schema

BUSY_TIMEOUT_MS = 60_000
"""How long a SQLite writer waits for another one to finish."""
CONNECT_TIMEOUT_S = 10
_WRITE = "huiyin_write"
_WRITER_LOCK = 0x68796E  # one number for all writers of a PostgreSQL database; any constant serves


class Store:
    """A database that is ready for use. Close it, or use it as a context manager; safe to share among threads."""

    def __init__(self, *, engine: Engine, location: str) -> None:
        self.engine = engine
        self.location = location
        """The URL, fit to show: it holds no password."""

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection on which all reads see one and the same state of the database."""
        with self._told(), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, and the only writing one: others wait. Commits at the end, undone by any error.

        Writers are serialised since a save reads the current rows, compares, and then ends or adds some: two at
        once would each end the same row. A save takes seconds, a night's recognition takes hours.
        """
        with self._told(), self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITE: True})
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITER_LOCK})
                yield connection

    def upgrade(self) -> None:
        """Brings the schema to this version of Huiyin. Raises StoreError if the database is newer."""
        with self.write() as connection:
            schema.upgrade(connection, location=self.location)

    def refresh_statistics(self) -> None:
        """Lets the query planner know what the tables hold; without, a join may take the wrong index for minutes."""
        sqlite = self.engine.dialect.name == "sqlite"
        with self.write() as connection:
            for statement in ("PRAGMA analysis_limit = 1000", "ANALYZE") if sqlite else ("ANALYZE",):
                connection.execute(text(statement))

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Database errors as StoreError, without the statement's values: they may hold a client's words."""
        try:
            yield
        except DBAPIError as error:
            reason = _scrubbed(error.orig, self.engine.url)
            raise StoreError(f"the database {self.location} failed: {reason}") from None


def open_store(url: str | Path, *, migrate: bool | None = None) -> Store:
    """Opens the database at `url`: `sqlite:///path`, a bare path, or `postgresql://user:password@host/name`.

    A SQLite file is created with its folder, and always brought to the current schema. A PostgreSQL database is
    set up if it holds nothing of Huiyin yet; one with an older schema is shared with others and is left alone
    unless `migrate` is true. `migrate=False` never changes a schema.

    Raises StoreError if the database is unreachable, is no database, or has an older or newer schema.
    """
    parsed = _parsed(str(url))
    location = _shown(parsed)
    engine = _sqlite(parsed, location) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)
    store = Store(engine=engine, location=location)
    try:
        _prepare(store, migrate=migrate)
    except BaseException:
        store.close()
        raise
    return store


def _prepare(store: Store, *, migrate: bool | None) -> None:
    try:
        with store.engine.connect() as connection:
            state = schema.state(connection, location=store.location)
    except DBAPIError as error:
        reason = _scrubbed(error.orig, store.engine.url)
        raise StoreError(
            f"the database {store.location} cannot be opened: {reason}. Check that the address is right, that the "
            "server runs, and that the user may use it"
        ) from None
    if state is schema.State.CURRENT:
        return
    wanted = migrate
    if wanted is None:
        wanted = store.engine.dialect.name == "sqlite" or state is schema.State.EMPTY
    if not wanted:
        raise StoreError(
            f"the database {store.location} has {state.value}: run `huiyin db upgrade` once, with no Huiyin of the "
            "older version still at work on it"
        )
    store.upgrade()


def _parsed(url: str) -> URL:
    if "://" not in url:
        return URL.create("sqlite", database=url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("the database URL cannot be read; it looks like sqlite:///huiyin.db or "
                         "postgresql://user:password@host:5432/huiyin") from None  # fmt: skip
    backend = parsed.drivername.partition("+")[0]
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        return parsed.set(drivername="sqlite")
    raise StoreError(f"{backend}:// is no database that Huiyin knows: give sqlite:///path or postgresql://…")


def _shown(url: URL) -> str:
    """The URL without password and options (an option can be a password too)."""
    return url.set(drivername=url.get_backend_name(), query={}).render_as_string(hide_password=True)


def _scrubbed(error: BaseException | None, url: URL) -> str:
    lines = str(error).strip().splitlines() or ["no reason given"]
    reason = lines[0]
    for secret in (url.password, url.query.get("password")):
        if isinstance(secret, str) and secret:
            reason = reason.replace(secret, "***")
    return reason


def _sqlite(url: URL, location: str) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise StoreError("a SQLite database needs a file: give sqlite:///path/to/huiyin.db")
    path = Path(str(url.database))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"the folder of {location} cannot be made: {error.strerror}") from None
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin transactions late, and never around DDL
        for pragma in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "journal_mode = WAL",
            "synchronous = NORMAL",  # safe in WAL: a power cut may lose the last commits, never the file
            "foreign_keys = ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres(url: URL) -> Engine:
    return create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S})
