"""What the database holds: counts, the last run, earlier ones, and what they could not read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all

from huiyin.domain.errors import NotFoundError
from huiyin.pipeline.ingest.issue import Issue
from huiyin.store.engine import Store
from huiyin.store.queries.paging import DEFAULT_SIZE, Page, check_page, cut
from huiyin.store.queries.parts import ADVISORS, CLIENTS, EVENTS, LEADS, TAGS, TALKS, present
from huiyin.store.tables import IssueRow, PolicyRow, RunRow, table
from huiyin.store.views import Counts, RunFacts, RunInfo

RUNS, POLICIES, ISSUES = table(RunRow), table(PolicyRow), table(IssueRow)
_COUNTED = {
    "clients": CLIENTS,
    "advisors": ADVISORS,
    "conversations": TALKS,
    "tags": TAGS,
    "leads": LEADS,
    "events": EVENTS,
}


def last_run(store: Store) -> RunInfo | None:
    """The run that was saved last; None where the database is new."""
    runs = find_runs(store, size=1).items
    return runs[0] if runs else None


def find_runs(store: Store, *, page: int = 1, size: int = DEFAULT_SIZE) -> Page[RunInfo]:
    """Runs, the last first. Raises InputError for a bad page."""
    check_page(page=page, size=size)
    with store.read() as connection:
        order = [RUNS.c.saved_at.desc(), RUNS.c.id.desc()]
        found, total = cut(connection, _query(), order=order, page=page, size=size)
    return Page(items=tuple(_info(row) for row in found), total=total, page=page, size=size)


def find_issues(store: Store, run_id: str, *, page: int = 1, size: int = DEFAULT_SIZE) -> Page[Issue]:
    """What a run could not read, in the order in which it was met. Raises NotFoundError for an unknown run."""
    check_page(page=page, size=size)
    columns = [ISSUES.c[name] for name in Issue.model_fields]
    with store.read() as connection:
        if connection.execute(select(RUNS.c.id).where(RUNS.c.id == run_id)).first() is None:
            raise NotFoundError(f"no run {run_id} in the database")
        query = select(*columns).where(ISSUES.c.run_id == run_id)
        found, total = cut(connection, query, order=[ISSUES.c.ordinal], page=page, size=size)
    return Page(items=tuple(Issue.model_validate(row) for row in found), total=total, page=page, size=size)


def counts(store: Store) -> Counts:
    """How many present rows there are, in one statement."""
    parts = [select(literal(name), func.count()).select_from(of).where(present(of)) for name, of in _COUNTED.items()]
    parts.append(select(literal("runs"), func.count()).select_from(RUNS))
    with store.read() as connection:
        found = {row[0]: row[1] for row in connection.execute(union_all(*parts))}
    return Counts(**found)


def _query() -> Select[Any]:
    issues = select(func.count()).where(ISSUES.c.run_id == RUNS.c.id).scalar_subquery()
    source = RUNS.outerjoin(POLICIES, POLICIES.c.digest == RUNS.c.policy_digest)
    return select(*RUNS.c, POLICIES.c.policy, issues.label("issues")).select_from(source)


def _info(row: Mapping[str, Any]) -> RunInfo:
    values = {name: row[name] for name in RunFacts.model_fields if name != "run_id"}
    facts = RunFacts.model_validate({**values, "run_id": row["id"]})
    return RunInfo(facts=facts, saved_at=row["saved_at"], issues=row["issues"])
