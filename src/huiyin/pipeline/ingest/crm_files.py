"""clients.csv, advisors.csv and events.csv (spec/formats.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from huiyin.domain.crm import Advisor, Client, Event, EventType
from huiyin.domain.tags import PERMISSIONS, PRODUCTS
from huiyin.pipeline.ingest import fields
from huiyin.pipeline.ingest.issue import Severity, warning
from huiyin.pipeline.ingest.table import Column, Loaded, Table, read_table
from huiyin.pipeline.ingest.text import Source

CLIENTS = Table(
    key="client_id",
    record=Client,
    columns=(
        Column(name="client_id", required=True),
        Column(name="name"),
        Column(name="phone"),
        Column(name="gender", parse=fields.one_of(("F", "M"))),
        Column(name="birth_year", parse=fields.whole(1900, 2100)),
        Column(name="region"),
        Column(name="occupation"),
        Column(name="branch"),
        Column(name="advisor_id", required=True),
        Column(name="opened_on", parse=fields.day),
        Column(name="first_traded_on", parse=fields.day),
        Column(name="risk_level", parse=fields.one_of(("C1", "C2", "C3", "C4", "C5"))),
        Column(name="risk_assessed_on", parse=fields.day),
        Column(name="total_assets", parse=fields.number),
        Column(name="avg_assets_20d", parse=fields.number),
        # A CRM that has the column and leaves the cell empty says that the client holds none.
        Column(name="permissions", parse=fields.some_of(PERMISSIONS), empty=()),
        Column(name="wecom_userid"),
    ),
)

ADVISORS = Table(
    key="advisor_id",
    record=Advisor,
    columns=(
        Column(name="advisor_id", required=True),
        Column(name="name"),
        Column(name="team"),
        Column(name="branch"),
        Column(name="manager_id"),
        Column(name="wecom_userid"),
    ),
)


def _check_event(event: Event) -> Iterator[tuple[Severity, str, str]]:
    if event.type is EventType.PERMISSION_OPENED and event.permission is None:
        yield Severity.ERROR, "permission", "permission_opened must name the permission; the line is left out"
    if event.type is EventType.PRODUCT_PURCHASED and event.product is None:
        yield Severity.WARNING, "product", "product_purchased names no product: it can only answer idle funds"
    if event.type in (EventType.ASSET_INFLOW, EventType.ASSET_OUTFLOW) and event.amount is None:
        yield Severity.WARNING, "amount", f"{event.type.value} names no amount: it cannot be held against a named sum"


EVENTS = Table(
    key="event_id",
    record=Event,
    columns=(
        Column(name="event_id", required=True),
        Column(name="client_id", required=True),
        Column(name="type", parse=fields.one_of(tuple(EventType)), required=True),
        Column(name="at", parse=fields.moment, required=True),
        Column(name="permission", parse=fields.one_of(PERMISSIONS)),
        Column(name="product", parse=fields.one_of(PRODUCTS)),
        Column(name="amount", parse=fields.positive),  # the type says the direction
        Column(name="advisor_id"),
        Column(name="note"),
    ),
    check=_check_event,
)


def read_clients(source: Source) -> Loaded[Client]:
    loaded = read_table(source, CLIENTS)
    _warn_of_shared_userids(source, loaded, "client_id")
    return loaded


def read_advisors(source: Source) -> Loaded[Advisor]:
    loaded = read_table(source, ADVISORS)
    _warn_of_shared_userids(source, loaded, "advisor_id")
    return loaded


def read_events(source: Source) -> Loaded[Event]:
    return read_table(source, EVENTS)


def _warn_of_shared_userids(source: Source, loaded: Loaded[Client] | Loaded[Advisor], key: str) -> None:
    """A WeCom user that two records claim: its chats go to the first."""
    first: dict[str, str] = {}
    records: Sequence[Client | Advisor] = loaded.records
    for record, line in zip(records, loaded.lines, strict=True):
        userid = record.wecom_userid
        if userid is None:
            continue
        owner = first.setdefault(userid.lower(), str(getattr(record, key)))
        if owner != getattr(record, key):
            message = f"this WeCom user is {key} {owner} already; its chats go there"
            loaded.issues.append(warning(source.name, message, line=line, column="wecom_userid", value=userid))
