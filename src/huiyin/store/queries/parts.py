"""Tables under short names, and what several queries share: who serves a client, states, blocks of ids."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, func, or_, select

from huiyin.domain.crm import Advisor, Client
from huiyin.store import rows
from huiyin.store.queries.paging import fetch, like
from huiyin.store.rows import Row
from huiyin.store.tables import (
    AdvisorRow,
    ClientRow,
    ContactRow,
    ConversationRow,
    EventRow,
    FindingRow,
    LeadRow,
    TagRow,
    TurnRow,
    table,
)
from huiyin.store.versions import chunks
from huiyin.store.views import State

T = TypeVar("T")
CLIENTS, ADVISORS, EVENTS = table(ClientRow), table(AdvisorRow), table(EventRow)
TALKS, TURNS, TAGS = table(ConversationRow), table(TurnRow), table(TagRow)
LEADS, FINDINGS, CONTACTS = table(LeadRow), table(FindingRow), table(ContactRow)

BRANCH: ColumnElement[Any] = func.coalesce(ADVISORS.c.branch, CLIENTS.c.branch)
"""The branch that answers for a client or conversation: the advisor's, else the client's own. For a lead it is the
advisor's alone, as in domain/summary.py."""

MIN_PHONE_DIGITS = 3
"""Fewer digits are a part of an id, no end of a phone number."""


def present(of: Table) -> ColumnElement[bool]:
    return of.c.valid_to.is_(None)


def with_advisor(source: FromClause, advisor_id: ColumnElement[Any]) -> FromClause:
    return source.outerjoin(ADVISORS, and_(ADVISORS.c.advisor_id == advisor_id, present(ADVISORS)))


def with_client(source: FromClause, client_id: ColumnElement[Any]) -> FromClause:
    return source.outerjoin(CLIENTS, and_(CLIENTS.c.client_id == client_id, present(CLIENTS)))


def served(
    advisor_id: ColumnElement[Any],
    *,
    advisor: str | None,
    team: str | None,
    branch: str | None,
    branch_column: ColumnElement[Any] = BRANCH,
) -> list[ColumnElement[bool]]:
    """Filters by who serves; None lets all through, "" finds those that have no team or branch on record."""
    wanted = ((advisor_id, advisor), (ADVISORS.c.team, team), (branch_column, branch))
    return [column == value if value else column.is_(None) for column, value in wanted if value is not None]


def client_words(q: str) -> ColumnElement[bool]:
    """Whether `q` is part of a client's id or name, or the last digits of the phone number."""
    words = q.strip()
    found = or_(like(CLIENTS.c.client_id, words), like(CLIENTS.c.name, words))
    if words.isdecimal() and len(words) >= MIN_PHONE_DIGITS:
        found = or_(found, like(CLIENTS.c.phone, words, end_only=True))
    return found


def states(
    connection: Connection, of: Table, where: ColumnElement[bool], *, newest: ColumnElement[Any] | None = None
) -> list[Row]:
    """All states, the latest first; with `newest` the order is by that first."""
    order = [*([newest.desc()] if newest is not None else []), of.c.valid_from.desc(), of.c.id.desc()]
    return fetch(connection, select(of).where(where).order_by(*order))


def state(row: Row, value: T) -> State[T]:
    return State[Any](
        value=value,
        since=row["valid_from"],
        since_run=row["valid_from_run"],
        until=row["valid_to"],
        until_run=row["valid_to_run"],
    )


def past(found: list[Row], make: Callable[[Mapping[str, Any]], T]) -> tuple[State[T], ...]:
    """The states that are no more."""
    return tuple(state(row, make(row)) for row in found if row["valid_to"] is not None)


def advisor_of(connection: Connection, advisor_id: str) -> Advisor | None:
    found = fetch(connection, select(ADVISORS).where(present(ADVISORS), ADVISORS.c.advisor_id == advisor_id))
    return rows.to_advisor(found[0]) if found else None


def client_of(connection: Connection, client_id: str) -> Client:
    """The client of a stored conversation or lead: every one has a row, a bare one at least."""
    (found,) = fetch(connection, select(CLIENTS).where(present(CLIENTS), CLIENTS.c.client_id == client_id))
    return rows.to_client(found)


def blocks(column: ColumnElement[Any], ids: Iterable[str] | None) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions that together select the ids, few enough values in each; for None one that lets all through."""
    if ids is None:
        yield ()
        return
    for block in chunks(sorted(set(ids))):
        yield (column.in_(block),)
