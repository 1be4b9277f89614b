"""Leads: lists by everything that people filter for, and one with its contacts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query

from huiyin.api.dependencies import SIZE, PageNumber, PageSize, StoreDep
from huiyin.domain.lead import LeadOutcome, LeadStatus
from huiyin.domain.record import in_shanghai
from huiyin.domain.tags import LeadKind
from huiyin.store.queries.leads import find_leads, get_lead
from huiyin.store.queries.paging import Page
from huiyin.store.views import LeadDetail, LeadItem

router = APIRouter(tags=["leads"])


@router.get("/leads")
def leads(
    store: StoreDep,
    client_id: str | None = None,
    advisor_id: str | None = None,
    team: str | None = None,
    branch: str | None = None,
    status: Annotated[list[LeadStatus] | None, Query(description="Any of these")] = None,
    outcome: Annotated[list[LeadOutcome] | None, Query(description="Any of these")] = None,
    kind: LeadKind | None = None,
    tag: str | None = None,
    discriminator: str | None = None,
    week: Annotated[str | None, Query(description='ISO week of opened_at, "2026-W12"')] = None,
    due_from: datetime | None = None,
    due_to: datetime | None = None,
    sort: Literal["due", "opened", "response", "client"] = "due",
    descending: bool = False,
    page: PageNumber = 1,
    size: PageSize = SIZE,
) -> Page[LeadItem]:
    """Leads, filtered and sorted, a page at a time."""
    return find_leads(
        store, client_id=client_id, advisor_id=advisor_id, team=team, branch=branch, status=status or (),
        outcome=outcome or (), kind=kind, tag=tag, discriminator=discriminator, week=week,
        due_from=in_shanghai(due_from) if due_from else None, due_to=in_shanghai(due_to) if due_to else None,
        sort=sort, descending=descending, page=page, size=size,
    )  # fmt: skip


@router.get("/leads/{lead_id:path}")
def lead(store: StoreDep, lead_id: str) -> LeadDetail:
    """One lead with its proof, every contact with the reason why it counts, and what it was before."""
    return get_lead(store, lead_id)
