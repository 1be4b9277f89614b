"""Pages of a list, and the parts that several queries share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, func, select

from huiyin.domain.errors import InputError
from huiyin.domain.record import Record
from huiyin.store.rows import Row

T = TypeVar("T")
DEFAULT_SIZE = 50
MAX_SIZE = 500


class Page(Record, Generic[T]):
    """`items` of page `page` (from 1) with `size` a page; `total` counts all that the filter lets through."""

    items: tuple[T, ...]
    total: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


def check_page(*, page: int, size: int) -> None:
    """Raises InputError for a page or size that cannot be."""
    if page < 1:
        raise InputError(f"page is {page}: pages are counted from 1")
    if not 1 <= size <= MAX_SIZE:
        raise InputError(f"size is {size}: it goes from 1 to {MAX_SIZE}")


def fetch(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]


def cut(
    connection: Connection,
    query: Select[Any],
    *,
    order: Sequence[ColumnElement[Any]],
    page: int,
    size: int,
) -> tuple[list[Row], int]:
    """The rows of one page and the number of all. `order` must end with something unique, or pages overlap."""
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    return fetch(connection, query.order_by(*order).limit(size).offset((page - 1) * size)), total


def order_by(
    sort: str, columns: Mapping[str, ColumnElement[Any]], *, descending: bool, last: ColumnElement[Any]
) -> list[ColumnElement[Any]]:
    """The order for `sort`, unknown values last on both engines. Raises InputError for a sort that is none."""
    column = columns.get(sort)
    if column is None:
        raise InputError(f"sort is {sort!r}: give one of {', '.join(columns)}")
    return [column.is_(None), column.desc() if descending else column.asc(), last]


def like(column: ColumnElement[Any], words: str, *, end_only: bool = False) -> ColumnElement[bool]:
    """Whether the column holds (or ends with) the words; % and _ stand for themselves."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{escaped}" if end_only else f"%{escaped}%", escape="\\")


def grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    """The rows by the value of `key`, in their order."""
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups
