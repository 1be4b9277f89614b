"""The lead pages: the list behind a figure, and one lead with its proof and contacts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from huiyin.api.dependencies import StoreDep
from huiyin.api.pages.render import render
from huiyin.store.queries.clients import load_advisors
from huiyin.store.queries.conversations import load_conversations
from huiyin.store.queries.leads import find_leads, get_lead

router = APIRouter(include_in_schema=False)
PAGE = 50
SORTS = {"due": "应跟进时间", "opened": "提出时间", "response": "响应时间", "client": "客户"}


@router.get("/leads", response_class=HTMLResponse)
def leads(
    store: StoreDep,
    advisor_id: str = "",
    team: str | None = None,
    branch: str | None = None,
    status: Annotated[list[str] | None, Query()] = None,
    outcome: Annotated[list[str] | None, Query()] = None,
    kind: str = "",
    tag: str = "",
    week: str = "",
    sort: str = "due",
    page: int = 1,
) -> str:
    """The leads that fit."""
    statuses = [s for s in status or () if s]
    outcomes = [o for o in outcome or () if o]
    found = find_leads(
        store, advisor_id=advisor_id or None, team=team, branch=branch, status=statuses, outcome=outcomes,
        kind=kind or None, tag=tag or None, week=week or None, sort=sort if sort in SORTS else "due",
        page=page, size=PAGE,
    )  # fmt: skip
    chosen = {
        "advisor_id": advisor_id, "team": team, "branch": branch, "status": statuses, "outcome": outcomes,
        "kind": kind, "tag": tag, "week": week, "sort": sort,
    }  # fmt: skip
    return render("leads.html", found=found, chosen=chosen, sorts=SORTS, advisors=load_advisors(store))


@router.get("/leads/{lead_id:path}", response_class=HTMLResponse)
def lead(store: StoreDep, lead_id: str) -> str:
    """One lead."""
    detail = get_lead(store, lead_id)
    talks = {c.conversation_id: c for c in load_conversations(store, client_ids=[detail.item.lead.client_id])}
    return render("lead.html", detail=detail, lead=detail.item.lead, talks=talks)
