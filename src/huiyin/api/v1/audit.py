"""The managers' figures; each names the leads behind it."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from huiyin.api.dependencies import StoreDep
from huiyin.api.views import audit_view
from huiyin.domain.record import Moment
from huiyin.domain.summary import Summary

router = APIRouter(tags=["audit"])


class AuditAnswer(BaseModel):
    as_of: Moment | None
    summary: Summary


@router.get("/audit")
def audit(
    store: StoreDep, advisor_id: str | None = None, team: str | None = None, branch: str | None = None
) -> AuditAnswer:
    """Leads, follow-up rate, late, missed, response, conversion, money; by advisor, team, branch, tag, week."""
    view = audit_view(store, advisor_id=advisor_id, team=team, branch=branch)
    return AuditAnswer(as_of=view.run.facts.as_of if view.run else None, summary=view.summary)
