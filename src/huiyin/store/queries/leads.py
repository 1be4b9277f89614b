"""Leads: list them, one with its contacts and history, and all of them for the managers' figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from huiyin.domain.errors import NotFoundError
from huiyin.domain.lead import AuditedLead
from huiyin.store import lead_rows
from huiyin.store.engine import Store
from huiyin.store.queries.paging import DEFAULT_SIZE, Page, check_page, cut, fetch, grouped, order_by
from huiyin.store.queries.parts import (
    ADVISORS,
    CLIENTS,
    CONTACTS,
    FINDINGS,
    LEADS,
    advisor_of,
    blocks,
    client_of,
    client_words,
    present,
    served,
    states,
    with_advisor,
    with_client,
)
from huiyin.store.rows import Row
from huiyin.store.versions import chunks
from huiyin.store.views import LeadDetail, LeadItem, State

_FINDING_PREFIX = "finding_"
_SORTS: dict[str, ColumnElement[Any]] = {
    "due": LEADS.c.due_at,
    "opened": LEADS.c.opened_at,
    "response": FINDINGS.c.response_minutes,
    "client": LEADS.c.client_id,
}


def find_leads(
    store: Store,
    *,
    q: str | None = None,
    client_id: str | None = None,
    advisor_id: str | None = None,
    team: str | None = None,
    branch: str | None = None,
    status: Sequence[str] = (),
    outcome: Sequence[str] = (),
    kind: str | None = None,
    tag: str | None = None,
    discriminator: str | None = None,
    week: str | None = None,
    due_from: datetime | None = None,
    due_to: datetime | None = None,
    lead_ids: Iterable[str] | None = None,
    sort: str = "due",
    descending: bool = False,
    page: int = 1,
    size: int = DEFAULT_SIZE,
) -> Page[LeadItem]:
    """Leads with their contacts, filtered; several of `status` or `outcome` mean any of them.

    `q` finds the client; `team` and `branch` are the advisor's ("" = none on record); `week` is the ISO week of
    `opened_at` ("2026-W12"); `due_from` ≤ due < `due_to`. `sort`: `due`, `opened`, `response` (none last),
    `client`. Raises InputError for a bad sort or page.
    """
    check_page(page=page, size=size)
    order = order_by(sort, _SORTS, descending=descending, last=LEADS.c.lead_id)
    query = _query().where(
        *served(LEADS.c.advisor_id, advisor=advisor_id, team=team, branch=branch, branch_column=ADVISORS.c.branch)
    )
    for column, wanted in (
        (LEADS.c.client_id, client_id),
        (LEADS.c.kind, kind),
        (LEADS.c.tag, tag),
        (LEADS.c.discriminator, discriminator),
        (LEADS.c.opened_week, week),
    ):
        query = query if wanted is None else query.where(column == wanted)
    query = query.where(FINDINGS.c.status.in_(status)) if status else query
    query = query.where(FINDINGS.c.outcome.in_(outcome)) if outcome else query
    query = query if q is None else query.where(client_words(q))
    query = query if due_from is None else query.where(LEADS.c.due_at >= due_from)
    query = query if due_to is None else query.where(LEADS.c.due_at < due_to)
    query = query if lead_ids is None else query.where(LEADS.c.lead_id.in_(sorted(set(lead_ids))))
    with store.read() as connection:
        found, total = cut(connection, query, order=order, page=page, size=size)
        return Page(items=_items(connection, found), total=total, page=page, size=size)


def get_lead(store: Store, lead_id: str) -> LeadDetail:
    """A lead with its contacts, its client and what was said of it before. Raises NotFoundError."""
    with store.read() as connection:
        items = items_of(connection, LEADS.c.lead_id == lead_id)
        if not items:
            raise NotFoundError(f"no lead {lead_id} in the database, or a later run ended it")
        item = items[0]
        return LeadDetail(
            item=item,
            client=client_of(connection, item.lead.client_id),
            advisor=advisor_of(connection, item.lead.advisor_id),
            history=_history(connection, lead_id),
        )


def load_leads(store: Store, *, client_ids: Iterable[str] | None = None) -> tuple[AuditedLead, ...]:
    """All present leads, or these clients', by client and opening: what the managers' figures are made of."""
    found: list[LeadItem] = []
    with store.read() as connection:
        for where in blocks(LEADS.c.client_id, client_ids):
            found += items_of(connection, and_(*where) if where else None)
    leads = (item.lead for item in found)
    return tuple(sorted(leads, key=lambda lead: (lead.client_id, lead.opened_at, lead.lead_id)))


def items_of(connection: Connection, where: ColumnElement[bool] | None) -> tuple[LeadItem, ...]:
    """All list entries that fit, by opening."""
    query = _query() if where is None else _query().where(where)
    return _items(connection, fetch(connection, query.order_by(LEADS.c.opened_at, LEADS.c.lead_id)))


def _query() -> Select[Any]:
    audited = LEADS.join(FINDINGS, and_(FINDINGS.c.lead_id == LEADS.c.lead_id, present(FINDINGS)))
    source = with_advisor(with_client(audited, LEADS.c.client_id), LEADS.c.advisor_id)
    found = [column.label(f"{_FINDING_PREFIX}{column.name}") for column in FINDINGS.c]
    names = (
        CLIENTS.c.name.label("client_name"),
        ADVISORS.c.name.label("advisor_name"),
        ADVISORS.c.team,
        ADVISORS.c.branch,
    )
    return select(*LEADS.c, *found, *names).select_from(source).where(present(LEADS))


def _items(connection: Connection, found: list[Row]) -> tuple[LeadItem, ...]:
    contacts = _contacts(connection, [row["finding_id"] for row in found])
    return tuple(_item(row, contacts.get(row["finding_id"], [])) for row in found)


def _item(row: Row, contacts: list[Row]) -> LeadItem:
    finding = {name.removeprefix(_FINDING_PREFIX): v for name, v in row.items() if name.startswith(_FINDING_PREFIX)}
    return LeadItem(
        lead=lead_rows.to_lead(row, finding, contacts),
        client_name=row["client_name"],
        advisor_name=row["advisor_name"],
        team=row["team"],
        branch=row["branch"],
        as_of=finding["confirmed_as_of"],
        since=finding["valid_from"],
    )


def _contacts(connection: Connection, finding_ids: Iterable[int]) -> dict[int, list[Row]]:
    found: list[Row] = []
    for block in chunks(finding_ids):
        query = select(CONTACTS).where(CONTACTS.c.finding_row.in_(block)).order_by(CONTACTS.c.ordinal)
        found += fetch(connection, query)
    return grouped(found, "finding_row")


def _history(connection: Connection, lead_id: str) -> tuple[State[AuditedLead], ...]:
    """Each stretch of time in which neither the lead nor its finding changed, but the present one."""
    opened = states(connection, LEADS, LEADS.c.lead_id == lead_id)
    findings = states(connection, FINDINGS, FINDINGS.c.lead_id == lead_id)
    contacts = _contacts(connection, [row["id"] for row in findings])
    past: list[State[AuditedLead]] = []
    for lead in opened:
        for finding in findings:
            begun = max((lead, finding), key=lambda row: row["valid_from"])
            ends = [row for row in (lead, finding) if row["valid_to"] is not None]
            ended = min(ends, key=lambda row: row["valid_to"], default=None)
            if ended is None or begun["valid_from"] >= ended["valid_to"]:
                continue
            past.append(
                State[AuditedLead](
                    value=lead_rows.to_lead(lead, finding, contacts.get(finding["id"], [])),
                    since=begun["valid_from"],
                    since_run=begun["valid_from_run"],
                    until=ended["valid_to"],
                    until_run=ended["valid_to_run"],
                )
            )
    return tuple(sorted(past, key=lambda state: state.since, reverse=True))
