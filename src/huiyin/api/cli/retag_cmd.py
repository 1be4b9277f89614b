"""`huiyin retag`: what the lexicon and model of today would change on stored conversations, and to apply it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.markup import escape

from huiyin.api.cli import options
from huiyin.api.cli.large import TIMEOUT_S, large_json, open_large, tell_large
from huiyin.api.cli.learned import learned_model
from huiyin.api.cli.screen import ProgressScreen, err, print_json, table
from huiyin.api.cli.screen import out as screen
from huiyin.api.labels import value_label
from huiyin.api.views import stored_policy
from huiyin.domain.errors import NotFoundError
from huiyin.domain.lead import OUTCOME_LABELS, STATUS_LABELS
from huiyin.domain.tag import Stance
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.reference import load_calendar, load_topics
from huiyin.pipeline.retag import CHANGE_LABELS, Auditor, Difference, LeadChange, Side, TagChange, joined
from huiyin.store.engine import Store, open_store
from huiyin.store.queries.runs import counts, last_run
from huiyin.store.retag import Spool, iter_retagged
from huiyin.store.save import Saved, save_found
from huiyin.store.views import RunFacts, RunInfo
from huiyin.taggers.tagger import ConversationTagger

SHOWN = 50


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="retag", help="Tag stored conversations anew; show what changes, and apply it if told so")(retag)


def retag(
    db: options.Db = options.DEFAULT_DB,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what would change and write nothing (the default)")
    ] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Save it as a new run; earlier tags stay as history")] = False,
    show_all: Annotated[bool, typer.Option("--all", help=f"Show every change, not only the first {SHOWN}")] = False,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_timeout: options.LlmTimeout = TIMEOUT_S,
    as_json: options.Json = False,
) -> None:
    """The audit is made before and after as of the last run, with its policy and what people have judged."""
    with open_store(db) as store, Spool() as spool:
        last = last_run(store)
        if last is None:
            raise NotFoundError("the database holds no run yet: there is nothing to tag anew (`huiyin run`)")
        policy = stored_policy(last)
        calendar = load_calendar(policy)
        large = open_large(llm, llm_model, llm_timeout)
        tagger = ConversationTagger(calendar=calendar, large=large, model=learned_model())
        auditor = Auditor(policy=policy, calendar=calendar, topics=load_topics(), as_of=last.facts.as_of)
        started = datetime.now(UTC)
        found = []
        with ProgressScreen(quiet=as_json) as progress:
            total = counts(store).conversations
            progress.tagging(total)
            for part in iter_retagged(store, tagger, auditor, on_tagged=_ticks(progress, total)):
                found.append(part.difference)
                if apply:
                    spool.add(part)
        change = joined(found)
        saved = _save(store, spool, last, tagger.version, started) if apply else None
    if as_json:
        print_json({**_as_json(change, last, tagger.version, saved), "llm": large_json(large)})
        return
    tell_large(large)
    print_difference(change, last, tagger.version, limit=None if show_all else SHOWN)
    if saved is None:
        err.print("什么都没有写入；确认后用 huiyin retag --apply 保存。", markup=False)
    elif saved.unchanged:
        err.print("没有变化，数据库没有改动。", markup=False)
    else:
        err.print(f"已保存为新的运行 {saved.run_id}；原来的标签和线索留在历史里。", markup=False)


def _ticks(progress: ProgressScreen, total: int) -> Callable[[], None]:
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        progress.tagged(done, total)

    return tick


def _save(store: Store, spool: Spool, last: RunInfo, version: str, started: datetime) -> Saved:
    facts = RunFacts(
        run_id=uuid.uuid4().hex,
        started_at=started,
        finished_at=datetime.now(UTC),
        as_of=last.facts.as_of,
        lexicon_version=version,
        recognizer=last.facts.recognizer,
        source="retag",
        policy=last.facts.policy,
        counts={"conversations": spool.conversations, "tags": spool.tags, "leads": spool.leads},
    )
    return save_found(store, facts, spool, after=last.facts.run_id)


def _as_json(change: Difference, last: RunInfo, version: str, saved: Saved | None) -> dict[str, Any]:
    return {
        "as_of": last.facts.as_of.isoformat(),
        "old_lexicon_version": last.facts.lexicon_version,
        "lexicon_version": version,
        "counts": change.counts(),
        **change.model_dump(mode="json"),
        "applied": saved is not None,
        "run_id": saved.run_id if saved else None,
        "unchanged": saved.unchanged if saved else None,
    }


def print_difference(change: Difference, last: RunInfo, version: str, *, limit: int | None) -> None:
    """Counts, then tags by conversation and leads by client, old → new."""
    screen.print(
        f"词库 {last.facts.lexicon_version} → {version}   截至 {last.facts.as_of:%Y-%m-%d %H:%M}", markup=False
    )
    for name, label in (("tags", "标签"), ("leads", "线索")):
        numbers = change.counts()[name]
        screen.print(f"{label}：" + "，".join(f"{CHANGE_LABELS[k]} {n}" for k, n in numbers.items()))
    screen.print(f"另有 {change.rescored} 个标签只是依据或把握不同，{change.same} 个没有变化", style="dim")
    if change.tags:
        made = table("标签的变化", "", "对话", "标签", "原来", "现在", "原话")
        for tag in change.tags[:limit]:
            made.add_row(*_tag_cells(tag))
        screen.print(made)
        _tell_more(len(change.tags), limit)
    if change.leads:
        made = table("线索的变化", "", "客户", "线索", "提出", "原来", "现在")
        for lead in change.leads[:limit]:
            made.add_row(*_lead_cells(lead))
        screen.print(made)
        _tell_more(len(change.leads), limit)


def _tell_more(count: int, limit: int | None) -> None:
    if limit is not None and count > limit:
        screen.print(f"… 另有 {count - limit} 条（--all 或 --json 全部列出）", style="dim")


def _tag_cells(change: TagChange) -> tuple[str, ...]:
    side = change.new or change.old
    return (
        CHANGE_LABELS[change.change], change.conversation_id, TAG_TYPES[change.tag].label,
        _said(change.tag, change.old), _said(change.tag, change.new), escape(side.quote) if side else "",
    )  # fmt: skip


def _said(tag: str, side: Side | None) -> str:
    if side is None:
        return "–"
    no = "不要：" if side.stance is Stance.NEGATED else ""
    turns = "、".join(str(t + 1) for t in side.turns)
    return f"{no}{escape(value_label(tag, side.value))}（第 {turns} 句）"


def _lead_cells(change: LeadChange) -> tuple[str, ...]:
    return (
        CHANGE_LABELS[change.change], change.client_id,
        f"{TAG_TYPES[change.tag].label} {change.discriminator or ''}", f"{change.opened_at:%Y-%m-%d %H:%M}",
        _stands(change.old_status, change.old_outcome), _stands(change.new_status, change.new_outcome),
    )  # fmt: skip


def _stands(status: str | None, outcome: str | None) -> str:
    return "–" if status is None or outcome is None else f"{STATUS_LABELS[status]}，{OUTCOME_LABELS[outcome]}"
