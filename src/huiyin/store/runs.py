"""Keeps the books of runs: which one said what, under which policy, and what it could not read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, insert, select, update

from huiyin.domain.errors import StoreError
from huiyin.domain.record import Record
from huiyin.pipeline.ingest.issue import Issue
from huiyin.store import rows
from huiyin.store.tables import IssueRow, PolicyRow, RunRow, table
from huiyin.store.versions import Stamp, add
from huiyin.store.views import RunFacts

_NOT_CONTENT = ("run_id", "started_at", "finished_at", "counts")  # differ though two runs say the same


def content_digest(run: RunFacts, records: Iterable[Record], *, whole: bool) -> str:
    """Over all that a run says, however its records are ordered; equal for a run done twice."""
    facts = json.dumps(run.model_dump(mode="json", exclude=set(_NOT_CONTENT)), sort_keys=True)
    return rows.digest(facts, whole, *sorted(rows.digest(record) for record in records))


def twin(connection: Connection, run: RunFacts, content: str) -> str | None:
    """The id of a run on record with this very content. Raises StoreError if another content has taken the id."""
    runs = table(RunRow)
    taken = connection.execute(select(runs.c.digest).where(runs.c.id == run.run_id)).scalar()
    if taken == content:
        return run.run_id
    if taken is not None:
        raise StoreError(f"the run {run.run_id} is on record with other content: give each run an id of its own")
    query = select(runs.c.id).where(runs.c.digest == content).order_by(runs.c.saved_at.desc(), runs.c.id)
    found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def moment(connection: Connection, now: datetime) -> datetime:
    """`now`, or just after the last save where a clock went back: states must not overlap."""
    last: datetime | None = connection.execute(select(func.max(table(RunRow).c.saved_at))).scalar()
    return now if last is None else max(now, last + timedelta(microseconds=1))


def add_run(connection: Connection, run: RunFacts, *, content: str, stamp: Stamp) -> None:
    values = run.model_dump(exclude={"run_id", "policy"})
    policy = None if run.policy is None else _policy(connection, run, stamp)
    row = {**values, "id": run.run_id, "saved_at": stamp.at, "policy_digest": policy, "digest": content}
    add(connection, table(RunRow), [row])


def check_last(connection: Connection, run_id: str) -> None:
    """Raises StoreError if another run was saved after this one."""
    query = select(table(RunRow).c.id).order_by(table(RunRow).c.saved_at.desc(), table(RunRow).c.id.desc())
    if connection.execute(query.limit(1)).scalar() != run_id:
        raise StoreError("another run was saved in the meantime, nothing is written: do it again on what is there now")


def set_content(connection: Connection, run: RunFacts, digests: Sequence[str]) -> None:
    """Gives a run that was written in parts the digest over all of them."""
    facts = json.dumps(run.model_dump(mode="json", exclude=set(_NOT_CONTENT)), sort_keys=True)
    content = rows.digest(facts, *digests)
    connection.execute(update(table(RunRow)).where(table(RunRow).c.id == run.run_id).values(digest=content))


def add_issues(connection: Connection, run_id: str, issues: Sequence[Issue]) -> None:
    new = ({**issue.model_dump(mode="json"), "run_id": run_id, "ordinal": n} for n, issue in enumerate(issues))
    add(connection, table(IssueRow), new)


def _policy(connection: Connection, run: RunFacts, stamp: Stamp) -> str:
    policies = table(PolicyRow)
    name = rows.digest(json.dumps(run.policy, sort_keys=True))
    if connection.execute(select(policies.c.digest).where(policies.c.digest == name)).first() is None:
        connection.execute(insert(policies), [{"digest": name, "policy": run.policy, "saved_at": stamp.at}])
    return name
