"""Writes rows with a history: what is equal stays untouched, what changed is ended and added anew (tables.py)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select, update

from huiyin.store.rows import Row, storable

CHUNK = 500
"""Rows or ids in one statement; SQLite allows 32,766 values in one."""

Key = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """When, by the database's knowledge, and by which run the rows change."""

    run_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Present:
    id: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What a merge did: the ids of new rows (changed ones too) and of untouched ones, by key."""

    added: dict[Key, int]
    kept: dict[Key, int]
    changed: int
    ended: int


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    block: list[T] = []
    for value in values:
        block.append(value)
        if len(block) == CHUNK:
            yield block
            block = []
    if block:
        yield block


def present(
    connection: Connection,
    table: Table,
    *,
    key: Sequence[str],
    column: str | None = None,
    values: Iterable[Any] = (),
) -> dict[Key, Present]:
    """The present rows by natural key: those whose `column` holds one of the values, or all where none is named."""
    query = select(table.c.id, table.c.digest, *(table.c[k] for k in key)).where(table.c.valid_to.is_(None))
    if column is None:
        queries = [query]
    else:
        queries = [query.where(table.c[column].in_(block)) for block in chunks(sorted(set(values)))]
    found: dict[Key, Present] = {}
    for each in queries:
        for id_, digest, *parts in connection.execute(each):
            found[tuple(parts)] = Present(id=id_, digest=digest)
    return found


def merge(
    connection: Connection,
    table: Table,
    rows: Iterable[Row],
    *,
    key: Sequence[str],
    scope: dict[Key, Present],
    stamp: Stamp,
) -> Merged:
    """Makes `rows` the present ones. Those in `scope` that `rows` does not name have vanished, and are ended."""
    left = dict(scope)
    kept: dict[Key, int] = {}
    new: list[Row] = []
    stale: list[int] = []
    for row in rows:
        name = tuple(row[k] for k in key)
        old = left.pop(name, None)
        if old is not None and old.digest == row["digest"]:
            kept[name] = old.id
            continue
        if old is not None:
            stale.append(old.id)
        new.append({**row, "valid_from": stamp.at, "valid_from_run": stamp.run_id})
    changed = len(stale)
    end(connection, table, [*stale, *(old.id for old in left.values())], stamp=stamp)
    return Merged(added=_add(connection, table, new, key), kept=kept, changed=changed, ended=len(left))


def end(connection: Connection, table: Table, ids: Iterable[int], *, stamp: Stamp) -> None:
    for block in chunks(ids):
        connection.execute(
            update(table).where(table.c.id.in_(block)).values(valid_to=stamp.at, valid_to_run=stamp.run_id)
        )


def add(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Adds plain rows, many at a time."""
    for block in chunks(rows):
        connection.execute(insert(table), [storable(row) for row in block])


def _add(connection: Connection, table: Table, rows: Sequence[Row], key: Sequence[str]) -> dict[Key, int]:
    added: dict[Key, int] = {}
    for block in chunks(rows):
        query = insert(table).returning(table.c.id, *(table.c[k] for k in key))
        added |= {tuple(parts): id_ for id_, *parts in connection.execute(query, [storable(row) for row in block])}
    return added
