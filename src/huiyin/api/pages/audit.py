"""The audit page: figures, charts, and the leads behind each of them."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from huiyin.api.charts import Link, leads_address, status_bars
from huiyin.api.dependencies import StoreDep
from huiyin.api.pages.render import render
from huiyin.api.views import audit_view
from huiyin.domain.summary import GroupBy
from huiyin.store.queries.clients import load_advisors

router = APIRouter(include_in_schema=False)

GROUP_LABELS = {
    GroupBy.ADVISOR: "按顾问",
    GroupBy.TEAM: "按团队",
    GroupBy.BRANCH: "按营业部",
    GroupBy.TAG: "按标签",
    GroupBy.WEEK: "按周",
}
QUERY_NAMES = {
    GroupBy.ADVISOR: "advisor_id",
    GroupBy.TEAM: "team",
    GroupBy.BRANCH: "branch",
    GroupBy.TAG: "tag",
    GroupBy.WEEK: "week",
}


@router.get("/", response_class=HTMLResponse)
def audit(store: StoreDep, advisor_id: str = "", team: str = "", branch: str = "") -> str:
    """What became of the leads."""
    chosen = {"advisor_id": advisor_id or None, "team": team or None, "branch": branch or None}
    view = audit_view(store, **chosen)
    charts = {
        by: status_bars(view.summary.groups[by], link=_link(by, chosen))
        for by in (GroupBy.ADVISOR, GroupBy.TAG, GroupBy.WEEK)
    }
    advisors = load_advisors(store)
    return render(
        "audit.html",
        view=view,
        charts=charts,
        group_labels=GROUP_LABELS,
        query_names=QUERY_NAMES,
        chosen=chosen,
        advisors=advisors,
        teams=sorted({a.team for a in advisors if a.team}),
        branches=sorted({a.branch for a in advisors if a.branch}),
    )


def _link(by: GroupBy, chosen: Mapping[str, str | None]) -> Link:
    """The leads of one bar, within what the page was narrowed to."""
    return lambda key, status: leads_address(**{**chosen, QUERY_NAMES[by]: key, "status": status})
