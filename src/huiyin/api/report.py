"""report.html: the manager's audit in one file that opens offline, charts and evidence inside."""

from __future__ import annotations

from pathlib import Path

from huiyin.api.charts import status_bars
from huiyin.api.pages.audit import GROUP_LABELS
from huiyin.api.pages.render import render
from huiyin.domain.lead import LeadStatus
from huiyin.domain.summary import GroupBy, summarise
from huiyin.pipeline.outputs import write_text
from huiyin.pipeline.run import RunResult

STYLE = Path(__file__).parent / "static" / "huiyin.css"
_URGENCY = (
    LeadStatus.MISSED, LeadStatus.UNREACHED, LeadStatus.OFF_TOPIC, LeadStatus.LATE, LeadStatus.UNVERIFIED,
    LeadStatus.PENDING, LeadStatus.FOLLOWED_UP, LeadStatus.SUPPRESSED,
)  # fmt: skip


def write_report(path: Path, result: RunResult) -> Path:
    """Writes the report; the same result gives the same bytes."""
    return write_text(path, report_html(result))


def report_html(result: RunResult) -> str:
    """The report as one page."""
    summary = summarise(result.leads, advisors=result.dataset.advisors)
    charts = {
        by: status_bars(summary.groups[by], link=lambda key, status: f"#{status}")
        for by in (GroupBy.ADVISOR, GroupBy.TAG, GroupBy.WEEK)
    }
    leads = sorted(result.leads, key=lambda x: (_URGENCY.index(x.status), x.due_at, x.lead_id))
    return render(
        "report.html",
        style=STYLE.read_text(encoding="utf-8"),
        summary=summary,
        charts=charts,
        group_labels=GROUP_LABELS,
        leads=leads,
        talks={c.conversation_id: c for c in result.conversations},
        clients={c.client_id: c for c in result.dataset.clients},
        advisors={a.advisor_id: a for a in result.dataset.advisors},
        profiles=result.profiles,
        flags=[t for t in result.tags if t.tag == "compliance_flag"],
        result=result,
    )
