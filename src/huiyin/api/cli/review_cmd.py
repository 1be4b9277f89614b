"""`huiyin review`: uncertain tags out for people to judge, their judgements in, labelled data out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

import typer

from huiyin.api.cli import options
from huiyin.api.cli.exit_codes import Exit
from huiyin.api.cli.screen import err, print_json
from huiyin.api.operator import whoami
from huiyin.domain.conversation import Conversation
from huiyin.domain.correction import Correction, apply_corrections
from huiyin.domain.record import SHANGHAI
from huiyin.lexicon import version as lexicon_version
from huiyin.pipeline.ingest.issue import Severity
from huiyin.pipeline.outputs import prepare_folder, write_lines
from huiyin.pipeline.review import Lookup, is_settled, labelled_line, read_review, review_line
from huiyin.store.corrections import Judged, save_corrections
from huiyin.store.engine import Store, open_store
from huiyin.store.queries.corrections import (
    find_uncertain,
    iter_conversations,
    judged_conversations,
    load_corrections,
    tags_of,
)

review = typer.Typer(no_args_is_help=True, help="Have people judge uncertain tags, and keep what they say")
BELOW = 0.8
LIMIT = 100
REMEMBERED = 256
"""Conversations kept in memory; the lines of a review file jump between few of them."""

OutFile = Annotated[Path, typer.Option("--out", help="File to write, JSON lines")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(review, name="review")


@review.command("export", help="Write uncertain tags with the words around them, for a person to fill in")
def export(
    out: OutFile,
    db: options.Db = options.DEFAULT_DB,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many tags at most")] = LIMIT,
    below: Annotated[
        float, typer.Option("--below", min=0.0, max=1.0, help="Tags of a lower confidence are uncertain")
    ] = BELOW,
    as_json: options.Json = False,
) -> None:
    """The weakest first, each tag type in its turn; what has been judged is left out."""
    with open_store(db) as store:
        tags = find_uncertain(store, below=below, limit=limit)
        names = list(dict.fromkeys(tag.conversation_id for tag in tags))
        lines: dict[int, dict[str, Any]] = {}
        for talk in iter_conversations(store, names):
            lines |= {
                at: review_line(t, talk) for at, t in enumerate(tags) if t.conversation_id == talk.conversation_id
            }
    prepare_folder(out.parent)
    write_lines(out, (lines[at] for at in sorted(lines)))
    if as_json:
        print_json({"out": str(out), "tags": len(lines)})
        return
    err.print(f"{len(lines)} 个标签，已写入 {out}", markup=False)
    err.print(
        "填写 verdict（对/错/改），改的再填 new_value 或 new_stance；漏掉的标签另加一行，verdict 写 漏。", markup=False
    )
    err.print(f"填好后：huiyin review import {out}", markup=False)


@review.command("import", help="Take a filled-in file back; the same file twice changes nothing")
def take_back(
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="A filled-in review file")],
    db: options.Db = options.DEFAULT_DB,
    by: Annotated[str | None, typer.Option("--by", help="Who judged, where a line does not say; default: you")] = None,
    as_json: options.Json = False,
) -> None:
    """A bad line is told with file and line, the others go in. They take effect with the next run or retag."""
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    with open_store(db) as store:
        conversation_of = _lookup(store)
        found = read_review(file, conversation_of, by=whoami() if by is None else by, at=now)
        judged = [Judged(correction=c, dated=d) for c, d in zip(found.corrections, found.dated, strict=True)]
        saved = save_corrections(store, judged)
    bad = [i for i in found.issues if i.severity is Severity.ERROR]
    if as_json:
        print_json(
            {
                "added": saved.added,
                "changed": saved.changed,
                "known": saved.known,
                "open": found.open,
                "issues": [i.model_dump(mode="json") for i in found.issues],
            }
        )
    else:
        for issue in found.issues:
            err.print(issue.render(), style="red" if issue.severity is Severity.ERROR else "yellow", markup=False)
        err.print(
            f"新判断 {saved.added}，改判 {saved.changed}，已有 {saved.known}，尚未填写 {found.open}，有误 {len(bad)}",
            markup=False,
        )
        if saved.added or saved.changed:
            err.print("下次 huiyin run 或 huiyin retag --apply 时生效。", markup=False)
    if bad:
        raise typer.Exit(Exit.INCOMPLETE)


@review.command("labels", help="Write judged conversations as labelled data")
def labels(
    out: OutFile,
    db: options.Db = options.DEFAULT_DB,
    trust: Annotated[
        float,
        typer.Option(
            "--trust", min=0.0, max=1.0, help="Tags that nobody judged count as right from this confidence on"
        ),
    ] = BELOW,
    as_json: options.Json = False,
) -> None:
    """A conversation goes in when somebody judged it and none of its uncertain tags is left unjudged."""
    counts = {"conversations": 0, "tags": 0, "left_out": 0}
    prepare_folder(out.parent)
    with open_store(db) as store:
        write_lines(out, _labelled(store, trust, counts))
    if as_json:
        print_json({"out": str(out), **counts})
        return
    err.print(f"{counts['conversations']} 段对话，{counts['tags']} 个标签，已写入 {out}", markup=False)
    if counts["left_out"]:
        text = f"{counts['left_out']} 段对话还有没判断的不确定标签，没有写入；先用 huiyin review export 判断完。"
        err.print(text, markup=False)


def _labelled(store: Store, trust: float, counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    names = judged_conversations(store)
    corrections: dict[str, list[Correction]] = {}
    for correction in load_corrections(store, conversation_ids=names):
        corrections.setdefault(correction.conversation_id, []).append(correction)
    found = tags_of(store, names)
    for talk in iter_conversations(store, names):
        said = corrections[talk.conversation_id]
        tags = found.get(talk.conversation_id, ())
        applied = apply_corrections(talk, tags, said, lexicon_version=lexicon_version())
        if applied.unplaced or not is_settled(applied.tags, said, trust=trust):
            counts["left_out"] += 1
            continue
        line = labelled_line(talk, applied.tags)
        counts["conversations"] += 1
        counts["tags"] += len(line["tags"])
        yield line


def _lookup(store: Store) -> Lookup:
    """A conversation by its id, from memory where it was asked for lately."""

    @lru_cache(maxsize=REMEMBERED)
    def find(name: str) -> Conversation | None:
        return next(iter_conversations(store, [name]), None)

    return find
