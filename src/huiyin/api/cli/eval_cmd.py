"""`huiyin eval`: how good the tagger is on labelled conversations."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from huiyin.api.cli import options
from huiyin.api.cli.large import TIMEOUT_S, large_json, open_large, tell_large
from huiyin.api.cli.learned import learned_model
from huiyin.api.cli.screen import ProgressScreen, print_json, table
from huiyin.api.cli.screen import out as screen
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.evaluate import Score, Scores, evaluate
from huiyin.pipeline.labelled import read_labelled
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.tagger import ConversationTagger

SLOT_LABELS = {
    "amount": "金额", "available_from": "到账日", "matures_on": "到期日", "due": "承诺时限", "window": "联系时间",
    "evidence": "证据",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="eval", help="Score the tagger on labelled conversations (precision, recall, F1 a type)")(run_eval)


def run_eval(
    labelled: Annotated[
        list[Path], typer.Argument(metavar="LABELLED.jsonl...", help="Conversations with their tags, one a line")
    ],
    errors: Annotated[int, typer.Option("--errors", min=0, help="Show up to so many errors")] = 0,
    tag: Annotated[str | None, typer.Option("--tag", help="Show the errors of this tag type alone")] = None,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_timeout: options.LlmTimeout = TIMEOUT_S,
    as_json: options.Json = False,
) -> None:
    """The table of spec/tags.md, "How a tagger is scored", over all files together."""
    found = read_labelled(labelled)
    large = open_large(llm, llm_model, llm_timeout)
    tagger = ConversationTagger(calendar=load_calendar(), large=large, model=learned_model())
    if large is not None:
        large.expect([one.conversation for one in found])
    with ProgressScreen(quiet=as_json) as progress:
        progress.tagging(len(found))
        scores = evaluate(found, tagger, on_tagged=progress.tagged)
    if as_json:
        about = {"conversations": len(found), "lexicon_version": tagger.version, "llm": large_json(large)}
        print_json({**scores.as_json(), **about})
        return
    tell_large(large)
    print_scores(scores)
    told = [e for e in scores.errors if tag is None or f" {tag} " in e]
    for line in told[:errors]:
        screen.print(line, markup=False)


def print_scores(scores: Scores) -> None:
    """The table, then the values of the tags that were found."""
    columns = ("标注", "找到", "准确率", "召回率", "F1")
    made = table(None, "标签", *columns, right=columns)
    for name, score in scores.types.items():
        made.add_row(f"{TAG_TYPES[name].label} {name}", *_figures(score))
    made.add_row("合计 micro", *_figures(scores.micro), style="bold")
    screen.print(made)
    screen.print(f"macro F1 {_figure(scores.macro_f1)}")
    for name, slot in scores.slots.items():
        label = SLOT_LABELS.get(name, name)
        screen.print(f"  {label} {name}: {slot.right} / {slot.of}  {slot.share:.3f}", markup=False)


def _figures(score: Score) -> tuple[str, ...]:
    shares = (score.precision, score.recall, score.f1)
    return (str(score.labelled), str(score.predicted), *(_figure(x) for x in shares))


def _figure(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"
