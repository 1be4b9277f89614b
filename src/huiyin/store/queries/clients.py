"""Clients: search them, and everything about one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, select

from huiyin.domain.crm import Advisor, Client, Event
from huiyin.domain.errors import NotFoundError
from huiyin.domain.lead import LeadOutcome, LeadStatus
from huiyin.domain.tag import Stance
from huiyin.store import rows
from huiyin.store.engine import Store
from huiyin.store.queries import conversations as conversation_queries
from huiyin.store.queries import leads as lead_queries
from huiyin.store.queries.paging import DEFAULT_SIZE, Page, check_page, cut, fetch, order_by
from huiyin.store.queries.parts import (
    ADVISORS,
    BRANCH,
    CLIENTS,
    EVENTS,
    FINDINGS,
    LEADS,
    TAGS,
    TALKS,
    advisor_of,
    blocks,
    client_words,
    past,
    present,
    served,
    states,
    with_advisor,
)
from huiyin.store.rows import Row
from huiyin.store.views import ClientDetail, ClientItem, ConversationItem, LeadItem, TimelineEntry


def find_clients(
    store: Store,
    *,
    q: str | None = None,
    advisor_id: str | None = None,
    team: str | None = None,
    branch: str | None = None,
    tag: str | None = None,
    discriminator: str | None = None,
    sort: str = "client_id",
    descending: bool = False,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Page[ClientItem]:
    """Clients, filtered; `q` is part of an id or a name, or the last digits (three or more) of the phone number.

    `tag` (with `discriminator`): the client's last word on it, in any conversation, affirms it. `team` is the
    advisor's, `branch` too, or else the client's ("" = none on record). `sort`: `client_id`, `name`, `assets`,
    `last_conversation`, `open_leads`. Raises InputError for a bad sort or page.
    """
    check_page(page=page, size=size)
    names = (ADVISORS.c.name.label("advisor_name"), ADVISORS.c.team, BRANCH.label("serving_branch"))
    query: Select[Any] = select(*CLIENTS.c, *names).select_from(with_advisor(CLIENTS, CLIENTS.c.advisor_id))
    query = query.where(present(CLIENTS), *served(CLIENTS.c.advisor_id, advisor=advisor_id, team=team, branch=branch))
    query = query if q is None else query.where(client_words(q))
    query = query if tag is None else query.where(_affirms(tag, discriminator))
    query, sorts = _sorted_by(query, sort)
    order = order_by(sort, sorts, descending=descending, last=CLIENTS.c.client_id)
    with store.read() as connection:
        found, total = cut(connection, query, order=order, page=page, size=size)
        return Page(items=_items(connection, found), total=total, page=page, size=size)


def get_client(store: Store, client_id: str) -> ClientDetail:
    """Everything about a client, in a fixed number of statements. Raises NotFoundError."""
    with store.read() as connection:
        known = states(connection, CLIENTS, CLIENTS.c.client_id == client_id)
        row = next((row for row in known if row["valid_to"] is None), None)
        if row is None:
            raise NotFoundError(f"no client {client_id} in the database")
        tags = states(connection, TAGS, TAGS.c.client_id == client_id, newest=TAGS.c.said_at)
        conversations = conversation_queries.items_of(connection, TALKS.c.client_id == client_id)
        leads = lead_queries.items_of(connection, LEADS.c.client_id == client_id)
        events = _events(connection, (EVENTS.c.client_id == client_id,))
        return ClientDetail(
            client=rows.to_client(row),
            in_crm=row["in_crm"],
            advisor=advisor_of(connection, row["advisor_id"]),
            tags=tuple(rows.to_tag(tag) for tag in tags if tag["valid_to"] is None),
            tag_history=past(tags, rows.to_tag),
            client_history=past(known, rows.to_client),
            conversations=conversations,
            events=tuple(events),
            leads=leads,
            timeline=_timeline(conversations, events, leads),
        )


def load_clients(store: Store, *, client_ids: Iterable[str] | None = None) -> tuple[Client, ...]:
    """The clients that the CRM knows, all or these, by id."""
    found: list[Client] = []
    with store.read() as connection:
        for where in blocks(CLIENTS.c.client_id, client_ids):
            query = select(CLIENTS).where(present(CLIENTS), CLIENTS.c.in_crm, *where)
            found += [rows.to_client(row) for row in fetch(connection, query)]
    return tuple(sorted(found, key=lambda client: client.client_id))


def load_advisors(store: Store) -> tuple[Advisor, ...]:
    """All advisors, by id; also those that are only named somewhere, with nothing but their id."""
    with store.read() as connection:
        query = select(ADVISORS).where(present(ADVISORS)).order_by(ADVISORS.c.advisor_id)
        return tuple(rows.to_advisor(row) for row in fetch(connection, query))


def load_events(store: Store, *, client_ids: Iterable[str] | None = None) -> tuple[Event, ...]:
    """The events of these clients or of all, by client and time."""
    found: list[Event] = []
    with store.read() as connection:
        for where in blocks(EVENTS.c.client_id, client_ids):
            found += _events(connection, where)
    return tuple(sorted(found, key=lambda event: (event.client_id, event.at, event.event_id)))


def _last_talks() -> Subquery:
    """Of each client: how many conversations, and when the last one began."""
    found = (TALKS.c.client_id, func.count().label("talks"), func.max(TALKS.c.started_at).label("last"))
    return select(*found).where(present(TALKS)).group_by(TALKS.c.client_id).subquery("last_talks")


def _open_leads() -> Subquery:
    """Of each client: how many leads still wait for an outcome."""
    audited = LEADS.join(FINDINGS, and_(FINDINGS.c.lead_id == LEADS.c.lead_id, present(FINDINGS)))
    query = select(LEADS.c.client_id, func.count().label("leads")).select_from(audited)
    waits = (
        FINDINGS.c.outcome == LeadOutcome.OPEN.value,
        FINDINGS.c.status != LeadStatus.SUPPRESSED.value,
        FINDINGS.c.closed_at.is_(None),
    )
    return query.where(present(LEADS), *waits).group_by(LEADS.c.client_id).subquery("open_leads")


def _sorted_by(query: Select[Any], sort: str) -> tuple[Select[Any], dict[str, ColumnElement[Any]]]:
    """The query, joined with what the order needs, and all orders by name.

    Grouped once and joined: a correlated subquery took 20 s for 3,000 clients on SQLite.
    """
    talks, waiting = _last_talks(), _open_leads()
    sorts: dict[str, ColumnElement[Any]] = {
        "client_id": CLIENTS.c.client_id,
        "name": CLIENTS.c.name,
        "assets": CLIENTS.c.total_assets,
        "last_conversation": talks.c.last,
        "open_leads": func.coalesce(waiting.c.leads, 0),
    }
    joined = {"last_conversation": talks, "open_leads": waiting}.get(sort)
    if joined is not None:
        query = query.outerjoin(joined, joined.c.client_id == CLIENTS.c.client_id)
    return query, sorts


def _affirms(tag: str, discriminator: str | None) -> ColumnElement[bool]:
    """The client's last word on the tag (on one of its discriminators, where none is given) affirms it."""

    def last(stance: Stance) -> ColumnElement[Any]:
        return func.max(case((TAGS.c.stance == stance.value, TAGS.c.said_at)))

    query = select(TAGS.c.client_id).where(present(TAGS), TAGS.c.tag == tag)
    if discriminator is not None:
        query = query.where(TAGS.c.discriminator == discriminator)
    affirmed, negated = last(Stance.AFFIRMED), last(Stance.NEGATED)
    standing = affirmed.is_not(None) & (negated.is_(None) | (affirmed >= negated))
    return CLIENTS.c.client_id.in_(query.group_by(TAGS.c.client_id, TAGS.c.discriminator).having(standing))


def _items(connection: Connection, found: list[Row]) -> tuple[ClientItem, ...]:
    ids = [row["client_id"] for row in found]
    of_talks, of_leads = _last_talks(), _open_leads()
    talk_query = select(of_talks.c.client_id, of_talks.c.talks, of_talks.c.last).where(of_talks.c.client_id.in_(ids))
    talks = {client: (count, last) for client, count, last in connection.execute(talk_query)}
    lead_query = select(of_leads.c.client_id, of_leads.c.leads).where(of_leads.c.client_id.in_(ids))
    leads = {row[0]: row[1] for row in connection.execute(lead_query)}
    return tuple(
        ClientItem(
            client=rows.to_client(row),
            in_crm=row["in_crm"],
            advisor_name=row["advisor_name"],
            team=row["team"],
            branch=row["serving_branch"],
            conversations=talks.get(row["client_id"], (0, None))[0],
            last_conversation_at=talks.get(row["client_id"], (0, None))[1],
            open_leads=leads.get(row["client_id"], 0),
        )
        for row in found
    )


def _events(connection: Connection, where: tuple[ColumnElement[bool], ...]) -> list[Event]:
    query = select(EVENTS).where(present(EVENTS), *where).order_by(EVENTS.c.at, EVENTS.c.event_id)
    return [rows.to_event(row) for row in fetch(connection, query)]


def _timeline(
    conversations: Iterable[ConversationItem], events: Iterable[Event], leads: Iterable[LeadItem]
) -> tuple[TimelineEntry, ...]:
    """The newest first."""
    entries = [
        *(
            TimelineEntry(at=c.conversation.started_at, kind="conversation", ref=c.conversation.conversation_id)
            for c in conversations
        ),
        *(TimelineEntry(at=e.at, kind="event", ref=e.event_id) for e in events),
        *(TimelineEntry(at=item.lead.opened_at, kind="lead", ref=item.lead.lead_id) for item in leads),
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.ref), reverse=True))
