"""The short report on the terminal: leads by status, who dropped what, tags with quotes and where to play them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from huiyin.api.cli.screen import STATE_LABELS, clock, table
from huiyin.api.cli.screen import out as screen
from huiyin.api.labels import value_label
from huiyin.domain.lead import OUTCOME_LABELS, STATUS_LABELS, AuditedLead, LeadStatus
from huiyin.domain.tag import Stance, Tag
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.run import RunResult
from huiyin.store.save import Saved

DROPPED = (LeadStatus.MISSED, LeadStatus.UNREACHED, LeadStatus.OFF_TOPIC, LeadStatus.LATE)
_SHOWN_DROPPED = 10
_SHOWN_TAGS = 3


def print_report(result: RunResult, saved: Saved, *, out: Path, db: str, folder: Path) -> None:
    """All of it, ending with how to open the pages."""
    print_inputs(result)
    print_status(result)
    print_dropped(result)
    print_tags(result)
    screen.print()
    if saved.unchanged:
        screen.print("与上次运行结果相同，数据库没有改动。")
    screen.print(f"文件与报告   {out}（用浏览器打开 {out / 'report.html'}，无需联网）", markup=False)
    screen.print(f"打开网页     huiyin serve --db {_without_password(db)} --data {folder}", markup=False)


def _without_password(db: str) -> str:
    head, at, tail = db.rpartition("@")
    if not at or ":" not in head.split("//", 1)[-1]:
        return db
    return f"{head.rsplit(':', 1)[0]}:***@{tail}"


def print_inputs(result: RunResult) -> None:
    """What was read and what became of the recordings."""
    counts = result.counts
    screen.print()
    screen.print(
        f"客户 {counts['clients']}   对话 {counts['conversations']}   标签 {counts['tags']}   线索 {counts['leads']}"
        f"   截至 {result.as_of:%Y-%m-%d %H:%M}"
    )
    states = Counter(c.transcript_state for c in result.conversations)
    screen.print("、".join(f"{STATE_LABELS[s]} {n}" for s, n in states.most_common()), style="dim")


def print_status(result: RunResult) -> None:
    """Leads by status and outcome."""
    by_status = Counter(lead.status for lead in result.leads)
    by_outcome = Counter(lead.outcome for lead in result.leads)
    made = table("线索状态", "状态", "条数", right=("条数",))
    for status, label in STATUS_LABELS.items():
        if by_status[LeadStatus(status)]:
            made.add_row(label, str(by_status[LeadStatus(status)]))
    screen.print()
    screen.print(made if result.leads else "没有线索。")
    if result.leads:
        screen.print("结果：" + "、".join(f"{OUTCOME_LABELS[o]} {n}" for o, n in by_outcome.most_common()))


def print_dropped(result: RunResult) -> None:
    """Who dropped what, the oldest due first."""
    dropped = sorted((x for x in result.leads if x.status in DROPPED), key=lambda x: (x.due_at, x.lead_id))
    if not dropped:
        return
    advisors = {a.advisor_id: a.name or a.advisor_id for a in result.dataset.advisors}
    clients = {c.client_id: c.name or c.client_id for c in result.dataset.clients}
    made = table("谁漏了什么", "顾问", "客户", "线索", "应在何时前", "状态", "客户原话")
    for lead in dropped[:_SHOWN_DROPPED]:
        made.add_row(
            advisors.get(lead.advisor_id, lead.advisor_id),
            clients.get(lead.client_id, lead.client_id),
            lead.label,
            f"{lead.due_at:%m-%d %H:%M}",
            lead.status_label,
            _first_quote(lead),
        )
    screen.print()
    screen.print(made)
    if len(dropped) > _SHOWN_DROPPED:
        screen.print(f"… 另有 {len(dropped) - _SHOWN_DROPPED} 条，见报告", style="dim")


def _first_quote(lead: AuditedLead) -> str:
    return f"“{lead.evidence[0].quote}”" if lead.evidence else ""


def print_tags(result: RunResult) -> None:
    """A few tags with the words that prove them and where to hear these: the surest of different types."""
    recordings = {c.conversation_id: c.recording.path for c in result.conversations if c.recording}
    picked: list[Tag] = []
    for tag in sorted(result.tags, key=lambda t: (-t.confidence, t.said_at)):
        heard = tag.proof.evidence[0].audio_start is not None and tag.conversation_id in recordings
        if heard and tag.stance is Stance.AFFIRMED and tag.tag not in {p.tag for p in picked}:
            picked.append(tag)
        if len(picked) == _SHOWN_TAGS:
            break
    if not picked:
        return
    screen.print()
    screen.print("听得见的证据", style="bold")
    for tag in picked:
        first = tag.proof.evidence[0]
        screen.print(
            f"  {TAG_TYPES[tag.tag].label}  {value_label(tag.tag, tag.value)}  把握 {tag.confidence:.0%}\n"
            f"    “{first.quote}”\n"
            f"    {recordings[tag.conversation_id]}  {clock(first.audio_start or 0)} 起",
            markup=False,
        )
