"""Saves a run: all of it in one transaction, or nothing. Saving the same again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Table, select, update

from huiyin.domain.conversation import Conversation
from huiyin.domain.crm import Advisor, Client, Event
from huiyin.domain.errors import StoreError
from huiyin.domain.lead import AuditedLead
from huiyin.domain.record import Record
from huiyin.domain.tag import Tag
from huiyin.pipeline.ingest.issue import Issue
from huiyin.store import lead_rows, rows, runs
from huiyin.store.engine import Store
from huiyin.store.rows import Row
from huiyin.store.tables import (
    AdvisorRow,
    Base,
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
from huiyin.store.versions import Key, Merged, Present, Stamp, add, chunks, merge, present
from huiyin.store.views import RunFacts

MANY_ROWS = 1000
"""A save of so many new rows makes the database look at its tables anew, for the sake of the query planner."""
TAG_KEY = ("conversation_id", "tag", "discriminator", "ordinal")


@dataclass(frozen=True, kw_only=True)
class RunRecords:
    """What a run brings. `whole`: it is all there is, so what it does not name has vanished.

    Otherwise a run speaks for the things that it names, and for the tags and leads of its conversations: yesterday's
    conversations stay when today's folder is read into the same database.
    """

    conversations: Sequence[Conversation] = ()
    clients: Sequence[Client] = ()
    advisors: Sequence[Advisor] = ()
    events: Sequence[Event] = ()
    tags: Sequence[Tag] = ()
    leads: Sequence[AuditedLead] = ()
    issues: Sequence[Issue] = ()
    whole: bool = False

    def all(self) -> Iterable[Record]:
        """Every record, of whatever kind."""
        return chain(self.conversations, self.clients, self.advisors, self.events, self.tags, self.leads, self.issues)


@dataclass(frozen=True, kw_only=True)
class Change:
    """Rows of one kind: new ones, changed ones (an old state ended, a new one begun), ended for good, untouched."""

    added: int = 0
    changed: int = 0
    ended: int = 0
    kept: int = 0

    def plus(self, other: Change) -> Change:
        """Both together."""
        return Change(
            added=self.added + other.added,
            changed=self.changed + other.changed,
            ended=self.ended + other.ended,
            kept=self.kept + other.kept,
        )


@dataclass(frozen=True, kw_only=True)
class Saved:
    """`run_id` is the run now on record: an earlier one, if this one said nothing new (`unchanged`)."""

    run_id: str
    unchanged: bool
    changes: dict[str, Change] = field(default_factory=dict)


def save_run(
    store: Store,
    run: RunFacts,
    records: RunRecords,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Saved:
    """Writes a run and everything it found, in one transaction.

    A run that repeats an earlier one (same `as_of`, lexicon, policy and content) and changes nothing leaves no trace.
    Raises StoreError if the run id is taken by another run, a tag or lead belongs to no conversation that is given,
    or the database fails; nothing is written then.
    """
    _check(records)
    content = runs.content_digest(run, records.all(), whole=records.whole)
    try:
        with store.write() as connection:
            # The clock is read inside the lock: a writer that waited is later than the one that it waited for.
            stamp = Stamp(run_id=run.run_id, at=runs.moment(connection, now()))
            twin = runs.twin(connection, run, content)
            if twin != run.run_id:
                runs.add_run(connection, run, content=content, stamp=stamp)
            changes = _Writer(connection, records, stamp, run.as_of).write()
            touched = any(c.added or c.changed or c.ended for c in changes.values())
            if twin is not None and not touched:
                raise _UnchangedError(twin)
            if twin != run.run_id:
                runs.add_issues(connection, run.run_id, records.issues)
    except _UnchangedError as same:
        return Saved(run_id=same.run_id, unchanged=True)
    if sum(c.added + c.changed for c in changes.values()) >= MANY_ROWS:
        store.refresh_statistics()
    return Saved(run_id=run.run_id, unchanged=False, changes=changes)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What was found anew in stored conversations, and in nothing else: all of their tags and leads."""

    conversation_ids: Sequence[str]
    tags: Sequence[Tag]
    leads: Sequence[AuditedLead]


def save_found(
    store: Store,
    run: RunFacts,
    parts: Iterable[Found],
    *,
    after: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Saved:
    """Writes new tags and leads of stored conversations as a run, part by part, in one transaction.

    `after` is the run that was the last one when the conversations were read: raises StoreError where another was
    saved since, for its conversations are not those that were tagged. Changes nothing where all is as before.
    """
    changes: dict[str, Change] = {}
    try:
        with store.write() as connection:
            runs.check_last(connection, after)
            stamp = Stamp(run_id=run.run_id, at=runs.moment(connection, now()))
            runs.add_run(connection, run, content="", stamp=stamp)
            digests = []
            for part in parts:
                writer = _Writer(connection, RunRecords(tags=part.tags, leads=part.leads), stamp, run.as_of)
                for name, change in writer.found(set(part.conversation_ids)).items():
                    changes[name] = changes.get(name, Change()).plus(change)
                digests.append(rows.digest(*part.tags, *part.leads))
            if not any(c.added or c.changed or c.ended for c in changes.values()):
                raise _UnchangedError(after)
            runs.set_content(connection, run, digests)
    except _UnchangedError as same:
        return Saved(run_id=same.run_id, unchanged=True)
    if sum(c.added + c.changed for c in changes.values()) >= MANY_ROWS:
        store.refresh_statistics()
    return Saved(run_id=run.run_id, unchanged=False, changes=changes)


class _UnchangedError(Exception):
    """Undoes a transaction that turned out to write nothing but the run itself."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id


@dataclass(frozen=True)
class _Writer:
    connection: Connection
    records: RunRecords
    stamp: Stamp
    as_of: datetime

    def write(self) -> dict[str, Change]:
        changes = {
            "advisors": self._people(AdvisorRow, "advisor_id", self._advisors()),
            "clients": self._people(ClientRow, "client_id", self._clients()),
            "events": self._people(EventRow, "event_id", [rows.event_row(e) for e in self.records.events]),
        }
        conversations, superseded = self._conversations()
        scope = {c.conversation_id for c in self.records.conversations} | superseded
        changes["conversations"] = _change(conversations)
        return changes | self.found(scope)

    def found(self, conversations: set[str]) -> dict[str, Change]:
        """Tags and leads alone, as those of these conversations."""
        tags = table(TagRow)
        scope = self._scope(tags, TAG_KEY, "conversation_id", conversations)
        changed = _change(self._merge(tags, TAG_KEY, rows.tag_rows(self.records.tags), scope))
        leads, findings = self._leads(conversations)
        return {"tags": changed, "leads": leads, "findings": findings}

    def _merge(self, to: Table, key: Sequence[str], new: Iterable[Row], scope: dict[Key, Present]) -> Merged:
        return merge(self.connection, to, new, key=key, scope=scope, stamp=self.stamp)

    def _scope(self, of: Table, key: Sequence[str], column: str, values: Iterable[Any]) -> dict[Key, Present]:
        if self.records.whole:
            return present(self.connection, of, key=key)
        return present(self.connection, of, key=key, column=column, values=values)

    def _people(self, model: type[Base], key: str, new: list[Row]) -> Change:
        to = table(model)
        return _change(self._merge(to, (key,), new, self._scope(to, (key,), key, [row[key] for row in new])))

    def _advisors(self) -> list[Row]:
        """The given ones, and a bare row for each that is only named by a conversation or client."""
        given = {a.advisor_id for a in self.records.advisors}
        named = {c.advisor_id for c in self.records.conversations} | {c.advisor_id for c in self.records.clients}
        missing = self._unknown(AdvisorRow, "advisor_id", named - given - {""})
        bare = [rows.advisor_row(Advisor(advisor_id=a), in_crm=False) for a in missing]
        return [*(rows.advisor_row(a) for a in self.records.advisors), *bare]

    def _clients(self) -> list[Row]:
        given = {c.client_id for c in self.records.clients}
        advisor = {e.client_id: e.advisor_id or "" for e in self.records.events}
        for talk in sorted(self.records.conversations, key=lambda c: (c.started_at, c.conversation_id)):
            advisor[talk.client_id] = talk.advisor_id
        missing = self._unknown(ClientRow, "client_id", advisor.keys() - given)
        bare = [rows.client_row(Client(client_id=c, advisor_id=advisor[c]), in_crm=False) for c in missing]
        return [*(rows.client_row(c) for c in self.records.clients), *bare]

    def _unknown(self, model: type[Base], key: str, ids: Iterable[str]) -> list[str]:
        """Those of the ids without a present row (of a whole run: all, since what it does not name has vanished)."""
        wanted = sorted(ids)
        if self.records.whole:
            return wanted
        known = present(self.connection, table(model), key=(key,), column=key, values=wanted)
        return [i for i in wanted if (i,) not in known]

    def _conversations(self) -> tuple[Merged, set[str]]:
        """Also the ids of chats that were cut anew: their messages stand in a conversation of another id now."""
        to, key = table(ConversationRow), ("conversation_id",)
        given = {c.conversation_id: c for c in self.records.conversations}
        superseded = self._superseded(given)
        scope = self._scope(to, key, "conversation_id", given.keys() | superseded)
        done = self._merge(to, key, (rows.conversation_row(c) for c in given.values()), scope)
        turns = (
            turn for (name,), row in done.added.items() for turn in rows.turn_rows(given[name], conversation_row=row)
        )
        add(self.connection, table(TurnRow), turns)
        return done, superseded

    def _superseded(self, given: dict[str, Conversation]) -> set[str]:
        talks, turns = table(ConversationRow), table(TurnRow)
        written = {(c.client_id, t.msgid) for c in given.values() for t in c.turns if t.msgid is not None}
        found: set[str] = set()
        for block in chunks(sorted({msgid for _, msgid in written})):
            query = (
                select(talks.c.conversation_id, talks.c.client_id, turns.c.msgid)
                .join(turns, turns.c.conversation_row == talks.c.id)
                .where(talks.c.valid_to.is_(None), turns.c.msgid.in_(block))
            )
            found |= {name for name, *message in self.connection.execute(query) if tuple(message) in written}
        return found - given.keys()

    def _leads(self, conversations: set[str]) -> tuple[Change, Change]:
        leads, findings, key = table(LeadRow), table(FindingRow), ("lead_id",)
        given = {lead.lead_id: lead for lead in self.records.leads}
        scope = self._scope(leads, key, "conversation_id", conversations)
        scope |= self._scope(leads, key, "lead_id", given)
        done = self._merge(leads, key, (lead_rows.lead_row(lead) for lead in given.values()), scope)
        finding_scope = self._scope(findings, key, "lead_id", {name for (name,) in scope} | given.keys())
        new = [lead_rows.finding_row(lead, as_of=self.as_of) for lead in given.values()]
        found = self._merge(findings, key, new, finding_scope)
        contacts = (
            contact
            for (name,), row in found.added.items()
            for contact in lead_rows.contact_rows(given[name], finding_row=row)
        )
        add(self.connection, table(ContactRow), contacts)
        confirmed = self._confirm(found.kept.values())
        change = _change(found)
        return _change(done), Change(
            added=change.added, changed=change.changed + confirmed, ended=change.ended, kept=change.kept - confirmed
        )

    def _confirm(self, ids: Iterable[int]) -> int:
        """Notes that unchanged findings hold at this `as_of` too; how many did not say so yet."""
        findings, count = table(FindingRow), 0
        for block in chunks(ids):
            other = findings.c.id.in_(block) & (findings.c.confirmed_as_of != self.as_of)
            count += self.connection.execute(update(findings).where(other).values(confirmed_as_of=self.as_of)).rowcount
        return count


def _change(done: Merged) -> Change:
    return Change(added=len(done.added) - done.changed, changed=done.changed, ended=done.ended, kept=len(done.kept))


def _check(records: RunRecords) -> None:
    given = {c.conversation_id for c in records.conversations}
    for tag in records.tags:
        if tag.conversation_id not in given:
            raise StoreError(
                f"a tag {tag.tag} belongs to the conversation {tag.conversation_id}, which the run does not bring: "
                "save a conversation together with its tags"
            )
