"""Conversations: list them, one with its turns and tags, its recording, and whole ones for a new run of the stages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, select

from huiyin.domain.conversation import Conversation, Recording
from huiyin.domain.correction import Correction
from huiyin.domain.errors import NotFoundError
from huiyin.domain.tag import Tag
from huiyin.store import rows
from huiyin.store.corrections import CORRECTIONS, to_correction
from huiyin.store.engine import Store
from huiyin.store.queries.paging import DEFAULT_SIZE, Page, check_page, cut, fetch, grouped, order_by
from huiyin.store.queries.parts import (
    ADVISORS,
    CLIENTS,
    CONTACTS,
    FINDINGS,
    LEADS,
    TAGS,
    TALKS,
    TURNS,
    advisor_of,
    blocks,
    client_of,
    client_words,
    present,
    served,
    with_advisor,
    with_client,
)
from huiyin.store.rows import Row
from huiyin.store.versions import chunks
from huiyin.store.views import ConversationDetail, ConversationItem

_SORTS: dict[str, ColumnElement[Any]] = {
    "started": TALKS.c.started_at,
    "duration": TALKS.c.duration_s,
    "client": TALKS.c.client_id,
}


def find_conversations(
    store: Store,
    *,
    q: str | None = None,
    client_id: str | None = None,
    advisor_id: str | None = None,
    team: str | None = None,
    branch: str | None = None,
    channel: str | None = None,
    transcript_state: str | None = None,
    tag: str | None = None,
    discriminator: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    sort: str = "started",
    descending: bool = True,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Page[ConversationItem]:
    """Conversations without their turns. `q` finds the client; `since` ≤ start < `until`; `tag`: it carries one.

    `sort`: `started`, `duration`, `client`. Raises InputError for a bad sort or page.
    """
    check_page(page=page, size=size)
    order = order_by(sort, _SORTS, descending=descending, last=TALKS.c.conversation_id)
    query = _items_query().where(*served(TALKS.c.advisor_id, advisor=advisor_id, team=team, branch=branch))
    for column, wanted in (
        (TALKS.c.client_id, client_id),
        (TALKS.c.channel, channel),
        (TALKS.c.transcript_state, transcript_state),
    ):
        query = query if wanted is None else query.where(column == wanted)
    query = query if q is None else query.where(client_words(q))
    query = query if since is None else query.where(TALKS.c.started_at >= since)
    query = query if until is None else query.where(TALKS.c.started_at < until)
    query = query if tag is None else query.where(_carries(tag, discriminator))
    with store.read() as connection:
        found, total = cut(connection, query, order=order, page=page, size=size)
        return Page(items=_items(connection, found), total=total, page=page, size=size)


def get_conversation(store: Store, conversation_id: str) -> ConversationDetail:
    """A conversation with its turns and the tags on it, in the order of their turns. Raises NotFoundError."""
    with store.read() as connection:
        row = _row(connection, conversation_id)
        turns = fetch(connection, select(TURNS).where(TURNS.c.conversation_row == row["id"]).order_by(TURNS.c.turn))
        tags = tag_rows(connection, [conversation_id])
        opened = select(LEADS.c.lead_id).where(present(LEADS), LEADS.c.conversation_id == conversation_id)
        conversation = rows.to_conversation(row, turns)
        return ConversationDetail(
            conversation=conversation,
            client=client_of(connection, conversation.client_id),
            advisor=advisor_of(connection, conversation.advisor_id),
            tags=tuple(rows.to_tag(tag) for tag in tags.get(conversation_id, ())),
            leads=_ids(connection, opened),
            contact_of=_ids(connection, _contact_of(conversation_id)),
            corrections=corrections_of(connection, conversation_id),
            since=row["valid_from"],
            since_run=row["valid_from_run"],
        )


def get_recording(store: Store, conversation_id: str) -> Recording:
    """The recording of a conversation; its path is relative to the data folder.

    Raises NotFoundError if there is no such conversation, or it has no recording.
    """
    with store.read() as connection:
        recording = rows.to_conversation(_row(connection, conversation_id)).recording
    if recording is None:
        raise NotFoundError(f"the conversation {conversation_id} has no recording")
    return recording


def load_conversations(store: Store, *, client_ids: Iterable[str] | None = None) -> tuple[Conversation, ...]:
    """Whole conversations, of these clients or of all, by client and start: what the stages read anew."""
    found: list[Conversation] = []
    with store.read() as connection:
        for where in blocks(TALKS.c.client_id, client_ids):
            found += whole(connection, where)
    return tuple(sorted(found, key=lambda c: (c.client_id, c.started_at, c.conversation_id)))


def whole(connection: Connection, where: Sequence[ColumnElement[bool]]) -> list[Conversation]:
    """Whole present conversations that fit, in no order."""
    mine = (present(TALKS), *where)
    query = select(TURNS).join(TALKS, TALKS.c.id == TURNS.c.conversation_row).where(*mine)
    turns = grouped(fetch(connection, query.order_by(TURNS.c.turn)), "conversation_row")
    talks = fetch(connection, select(TALKS).where(*mine))
    return [rows.to_conversation(row, turns.get(row["id"], ())) for row in talks]


def clients_heard(store: Store) -> tuple[str, ...]:
    """Ids of the clients of whom there is any conversation, in order."""
    query = select(TALKS.c.client_id).where(present(TALKS)).distinct().order_by(TALKS.c.client_id)
    with store.read() as connection:
        return tuple(connection.execute(query).scalars())


def load_tags(store: Store, *, client_ids: Iterable[str] | None = None) -> tuple[Tag, ...]:
    """The present tags, of these clients or of all, by client and time."""
    found: list[Tag] = []
    with store.read() as connection:
        for where in blocks(TAGS.c.client_id, client_ids):
            query = select(TAGS).where(present(TAGS), *where).order_by(TAGS.c.id)
            found += [rows.to_tag(row) for row in fetch(connection, query)]
    return tuple(sorted(found, key=lambda t: (t.client_id, t.said_at, t.conversation_id, t.turns, t.tag)))


def items_of(connection: Connection, where: ColumnElement[bool]) -> tuple[ConversationItem, ...]:
    """All list entries that fit, the earliest first."""
    query = _items_query().where(where).order_by(TALKS.c.started_at, TALKS.c.conversation_id)
    return _items(connection, fetch(connection, query))


def _items_query() -> Select[Any]:
    source = with_advisor(with_client(TALKS, TALKS.c.client_id), TALKS.c.advisor_id)
    names = (CLIENTS.c.name.label("client_name"), ADVISORS.c.name.label("advisor_name"))
    return select(*TALKS.c, *names).select_from(source).where(present(TALKS))


def _items(connection: Connection, found: list[Row]) -> tuple[ConversationItem, ...]:
    carried = tag_rows(connection, [row["conversation_id"] for row in found])
    return tuple(
        ConversationItem(
            conversation=rows.to_conversation(row),
            turn_count=row["turn_count"],
            tags=tuple(
                (tag["tag"], tag["discriminator"] or None, tag["stance"])
                for tag in carried.get(row["conversation_id"], ())
            ),
            client_name=row["client_name"],
            advisor_name=row["advisor_name"],
        )
        for row in found
    )


def tag_rows(connection: Connection, conversation_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Tag rows by conversation, in the order of their turns."""
    found: list[Row] = []
    for block in chunks(conversation_ids):
        query = select(TAGS).where(present(TAGS), TAGS.c.conversation_id.in_(block))
        found += fetch(connection, query)
    found.sort(key=lambda row: (row["turns"], row["tag"], row["discriminator"], row["ordinal"]))
    return grouped(found, "conversation_id")


def _carries(tag: str, discriminator: str | None) -> ColumnElement[bool]:
    where = [present(TAGS), TAGS.c.conversation_id == TALKS.c.conversation_id, TAGS.c.tag == tag]
    if discriminator is not None:
        where.append(TAGS.c.discriminator == discriminator)
    return exists().where(*where)


def _contact_of(conversation_id: str) -> Select[Any]:
    source = CONTACTS.join(FINDINGS, FINDINGS.c.id == CONTACTS.c.finding_row)
    query = select(FINDINGS.c.lead_id).select_from(source)
    return query.where(present(FINDINGS), CONTACTS.c.contact_id == conversation_id)


def corrections_of(connection: Connection, conversation_id: str) -> tuple[Correction, ...]:
    """The present judgements on a conversation, in the order in which they were made."""
    query = select(CORRECTIONS).where(present(CORRECTIONS), CORRECTIONS.c.conversation_id == conversation_id)
    return tuple(sorted((to_correction(row) for row in fetch(connection, query)), key=lambda c: (c.at, c.fact)))


def _ids(connection: Connection, query: Select[Any]) -> tuple[str, ...]:
    return tuple(sorted(set(connection.execute(query).scalars())))


def _row(connection: Connection, conversation_id: str) -> Row:
    where = (present(TALKS), TALKS.c.conversation_id == conversation_id)
    found = fetch(connection, select(TALKS).where(*where))
    if not found:
        raise NotFoundError(f"no conversation {conversation_id} in the database")
    return found[0]
