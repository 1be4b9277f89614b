"""`huiyin show client|lead`: what the database knows, on the terminal."""

from __future__ import annotations

from typing import Annotated

import typer

from huiyin.api.cli import options
from huiyin.api.cli.screen import out as screen
from huiyin.api.cli.screen import print_json, table
from huiyin.api.labels import value_label
from huiyin.api.views import client_profile
from huiyin.domain.lead import CONTACT_KIND_LABELS
from huiyin.domain.tag import Stance
from huiyin.domain.tags import TAG_TYPES
from huiyin.store.engine import open_store
from huiyin.store.queries.clients import get_client
from huiyin.store.queries.leads import get_lead

show = typer.Typer(no_args_is_help=True, help="Show a client or a lead from the database")


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(show, name="show")


@show.command("client", help="Profile, tags, leads and conversations of a client")
def client(
    client_id: Annotated[str, typer.Argument(metavar="ID", help="Client id, as in clients.csv")],
    db: options.Db = options.DEFAULT_DB,
    as_of: options.AsOf = None,
    as_json: options.Json = False,
) -> None:
    """Prints one client."""
    with open_store(db) as store:
        detail = get_client(store, client_id)
        profile = client_profile(store, detail, as_of=options.moment(as_of) if as_of else None)
    if as_json:
        print_json({"client": detail.model_dump(mode="json"), "profile": profile.as_line()})
        return
    known = detail.client
    facts = [known.name or "", known.region or "", known.occupation or "", known.risk_level or ""]
    screen.print(f"{client_id}  {'  '.join(f for f in facts if f)}", style="bold", markup=False)
    made = table("现在的标签", "标签", "内容", "把握", "何时说的", "原话", right=("把握",))
    for tag in (*profile.tags, *profile.refusals):
        no = "不要：" if tag.stance is Stance.NEGATED else ""
        made.add_row(
            TAG_TYPES[tag.tag].label,
            no + value_label(tag.tag, tag.value),
            f"{tag.confidence:.0%}",
            f"{tag.said_at:%Y-%m-%d %H:%M}",
            tag.quote,
        )
    screen.print(made)
    for conflict in profile.conflicts:
        screen.print(f"矛盾：档案 {conflict.on_record}；客户说 {conflict.said}（“{conflict.quote}”）", markup=False)
    leads = table("线索", "编号", "线索", "状态", "结果", "应在何时前")
    for item in detail.leads:
        lead = item.lead
        leads.add_row(lead.lead_id, lead.label, lead.status_label, lead.outcome_label, f"{lead.due_at:%Y-%m-%d %H:%M}")
    screen.print(leads)
    talks = table("往来", "时间", "编号", "渠道", "句数", right=("句数",))
    for talk in detail.conversations:
        c = talk.conversation
        talks.add_row(f"{c.started_at:%Y-%m-%d %H:%M}", c.conversation_id, c.channel, str(talk.turn_count))
    screen.print(talks)


@show.command("lead", help="One lead with its proof and every contact")
def lead(
    lead_id: Annotated[str, typer.Argument(metavar="ID", help="Lead id, as in leads.jsonl")],
    db: options.Db = options.DEFAULT_DB,
    as_json: options.Json = False,
) -> None:
    """Prints one lead."""
    with open_store(db) as store:
        detail = get_lead(store, lead_id)
    if as_json:
        print_json(detail.model_dump(mode="json"))
        return
    found = detail.item.lead
    screen.print(f"{found.label}  {found.status_label}  {found.outcome_label}", style="bold", markup=False)
    screen.print(
        f"客户 {found.client_id}   顾问 {found.advisor_id}   {value_label(found.tag, found.value)}", markup=False
    )
    screen.print(
        f"{found.opened_at:%Y-%m-%d %H:%M} 提出，{found.due_at:%Y-%m-%d %H:%M} 前跟进（{found.due_rule}）", markup=False
    )
    for proof in found.evidence:
        turns = "、".join(str(t) for t in proof.turns)
        screen.print(f"  “{proof.quote}”  {proof.conversation_id} 第 {turns} 句", markup=False)
    made = table("联系记录", "时间", "编号", "算作", "理由")
    for contact in found.contacts:
        made.add_row(f"{contact.time:%Y-%m-%d %H:%M}", contact.id, CONTACT_KIND_LABELS[contact.kind], contact.why)
    screen.print(made if found.contacts else "没有联系记录。")
