"""What the command line, the JSON API and the pages all ask: one function a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huiyin.domain.lead import AuditedLead
from huiyin.domain.policy import Policy
from huiyin.domain.profile import Profile, build_profile
from huiyin.domain.record import SHANGHAI
from huiyin.domain.summary import Summary, summarise
from huiyin.pipeline.reference import load_policy, load_suitability
from huiyin.store.engine import Store
from huiyin.store.queries.clients import load_advisors
from huiyin.store.queries.leads import load_leads
from huiyin.store.queries.runs import last_run
from huiyin.store.views import ClientDetail, RunInfo


@dataclass(frozen=True, kw_only=True)
class AuditView:
    """The managers' figures with what they were made from; `run` is None in a database without a run."""

    summary: Summary
    leads: tuple[AuditedLead, ...]
    run: RunInfo | None


def stored_policy(run: RunInfo | None) -> Policy:
    """The policy of the last run; the default where there was none."""
    overrides: Mapping[str, Any] = (run.facts.policy if run else None) or {}
    return load_policy(overrides)


def client_profile(store: Store, detail: ClientDetail, *, as_of: datetime | None = None) -> Profile:
    """The profile of a client at `as_of`; by default when the last run looked."""
    run = last_run(store)
    moment = as_of or (run.facts.as_of if run else datetime.now(SHANGHAI))
    return build_profile(
        detail.client.client_id,
        detail.client if detail.in_crm else None,
        detail.tags,
        detail.events,
        policy=stored_policy(run),
        rules=load_suitability(),
        as_of=moment,
    )


def audit_view(
    store: Store, *, advisor_id: str | None = None, team: str | None = None, branch: str | None = None
) -> AuditView:
    """Follow-up figures over all leads, or an advisor's, a team's, a branch's."""
    advisors = load_advisors(store)
    chosen = {
        a.advisor_id for a in advisors if (team is None or a.team == team) and (branch is None or a.branch == branch)
    }
    leads = load_leads(store)
    if advisor_id is not None:
        leads = tuple(x for x in leads if x.advisor_id == advisor_id)
    if team is not None or branch is not None:
        leads = tuple(x for x in leads if x.advisor_id in chosen)
    return AuditView(summary=summarise(leads, advisors=advisors), leads=leads, run=last_run(store))
