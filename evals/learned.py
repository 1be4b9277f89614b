"""What the learned tagger adds: rules alone, model alone, both, on labelled conversations; figures; speed.

    python evals/learned.py [LABELLED.jsonl …] [--folds N] [--choose] [--speed]

Default: all files of ../shared/dev_set and evals/held_out, a table each. `fused, cross-validated` takes the figures of
lexicons/fusion.yaml anew for each fold of conversations from the other folds; `--choose` prints what would be chosen
on all of them, as entries of that file.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huiyin.domain.conversation import Conversation
from huiyin.domain.tags import TAG_TYPES
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.components import analyse
from huiyin.taggers.learned.fusion import Weight, fuse, weights
from huiyin.taggers.learned.model import Model, Readings, shipped
from huiyin.taggers.registry import TAGGERS
from huiyin.taggers.resolve import resolve

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PROPOSE = (None, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95)
DOUBT = (None, 0.005, 0.01, 0.02, 0.04, 0.08)
GAIN = 0.01
"""F1 that a figure must gain where it is chosen, over leaving the type to the rules."""


@dataclass(frozen=True)
class Case:
    """A labelled conversation with what rules and model make of it."""

    row: dict[str, Any]
    analysis: Analysis
    rules: tuple[Candidate, ...]
    readings: Readings


def cases(paths: Sequence[Path], model: Model) -> list[Case]:
    calendar = load_calendar()
    out = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            conversation = Conversation.model_validate({k: v for k, v in row.items() if k != "tags"})
            analysis = analyse(conversation, calendar)
            rules = tuple(c for propose in TAGGERS.values() for c in propose(analysis))
            out.append(Case(row, analysis, rules, model.read(analysis)))
    return out


def tags_of(case: Case, figures: Mapping[str, Weight], *, rules: bool = True) -> list[dict[str, Any]]:
    candidates = fuse(case.analysis, case.rules if rules else (), case.readings, version="eval", figures=figures)
    return [json.loads(t.model_dump_json()) for t in resolve(case.analysis, candidates)]


def load_scorer(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score_tags", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"no scorer at {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scored(scorer: Any, found: Sequence[Case], predicted: Sequence[dict[str, Any]]) -> dict[str, Any]:
    result: dict[str, Any] = scorer.score([c.row for c in found], predicted)
    return result


def choose(scorer: Any, found: Sequence[Case]) -> dict[str, Weight]:
    """For each type the figures with the best F1 on these conversations; types that gain too little have none.

    Every figure that is used must gain `GAIN`: a type is left to the rules where the model adds next to nothing.
    """
    plain = Weight(propose=None, agree=0.5, doubt=None, raised=0.05, lowered=0.35)
    out: dict[str, Weight] = {}
    for tag in TAG_TYPES:
        best, kept = _f1(scorer, found, tag, plain), plain
        for propose in PROPOSE:
            for doubt in DOUBT:
                figure = Weight(propose=propose, agree=0.5, doubt=doubt, raised=0.05, lowered=0.35)
                steps = (propose is not None) + (doubt is not None)
                score = _f1(scorer, found, tag, figure) - GAIN * steps
                if score > best:
                    best, kept = score, figure
        if kept != plain:
            out[tag] = kept
    return out


def _f1(scorer: Any, found: Sequence[Case], tag: str, figure: Weight) -> float:
    rows, predicted = [], []
    for case in found:
        rows.append({**case.row, "tags": [g for g in case.row["tags"] if g["tag"] == tag]})
        rules = tuple(c for c in case.rules if c.tag == tag)
        predicted += tags_of(Case(case.row, case.analysis, rules, case.readings), {tag: figure})
    return float(scorer.score(rows, predicted)["micro"]["f1"] or 0.0)


def cross_validated(scorer: Any, found: Sequence[Case], folds: int) -> list[dict[str, Any]]:
    order = random.Random(5).sample(range(len(found)), len(found))
    predicted: list[dict[str, Any]] = []
    for fold in range(folds):
        figures = choose(scorer, [found[i] for n, i in enumerate(order) if n % folds != fold])
        for n, i in enumerate(order):
            if n % folds == fold:
                predicted += tags_of(found[i], figures)
    return predicted


def table(results: Mapping[str, dict[str, Any]]) -> str:
    def cell(row: Mapping[str, float | None]) -> str:
        shown = ["   - " if row[k] is None else f"{row[k]:5.3f}" for k in ("precision", "recall", "f1")]
        return " ".join(shown)

    lines = [f"{'':20}" + "".join(f"{name:^22}" for name in results)]
    for tag in [*TAG_TYPES, "micro"]:
        rows = [r["micro"] if tag == "micro" else r["types"][tag] for r in results.values()]
        lines.append(f"{tag:20}" + "".join(f"{cell(row):^22}" for row in rows))
    lines.append(f"{'macro f1':20}" + "".join(f"{r['macro_f1']:^22.3f}" for r in results.values()))
    return "\n".join(lines)


def speed(found: Sequence[Case], model: Model) -> str:
    """Turns a second of one thread, CPU time, rules alone and with the model."""
    calendar = load_calendar()
    turns = sum(len(c.analysis.turns) for c in found)
    spent = {"rules": 0.0, "model": 0.0}
    for case in found:
        start = time.process_time()
        analysis = analyse(case.analysis.conversation, calendar)
        candidates = [c for propose in TAGGERS.values() for c in propose(analysis)]
        resolve(analysis, candidates)
        middle = time.process_time()
        resolve(analysis, fuse(analysis, candidates, model.read(analysis), version="eval"))
        spent["rules"] += middle - start
        spent["model"] += time.process_time() - middle
    return (
        f"speed: {turns} turns; rules alone {turns / spent['rules']:.0f} turns/s, "
        f"model alone {turns / spent['model']:.0f}, both {turns / (spent['rules'] + spent['model']):.0f}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", nargs="*", type=Path)
    parser.add_argument("--scorer", type=Path, default=SHARED / "tools" / "score_tags.py")
    parser.add_argument("--folds", type=int, default=0, help="also cross-validate the choice of figures")
    parser.add_argument("--choose", action="store_true", help="print the figures chosen on all of these conversations")
    parser.add_argument("--speed", action="store_true")
    args = parser.parse_args()
    model = shipped()
    if model is None:
        raise SystemExit("no weights are installed: taggers/learned/weights/ is empty")
    scorer = load_scorer(args.scorer)
    groups = [args.labelled] if args.labelled else [
        sorted((SHARED / "dev_set").glob("*.jsonl")), sorted((ROOT / "evals" / "held_out").glob("*.jsonl"))
    ]  # fmt: skip
    alone = {tag: Weight(propose=0.5, agree=0.5, doubt=None, raised=0.0, lowered=0.0) for tag in TAG_TYPES}
    for paths in groups:
        found = cases(paths, model)
        predicted = {
            "rules": [t for c in found for t in tags_of(c, {})],
            "model": [t for c in found for t in tags_of(c, alone, rules=False)],
            "fused": [t for c in found for t in tags_of(c, weights())],
        }
        if args.folds:
            predicted["fused, cross-val."] = cross_validated(scorer, found, args.folds)
        print(", ".join(p.name for p in paths), f"({len(found)} conversations), model {model.version}")
        print(table({name: scored(scorer, found, tags) for name, tags in predicted.items()}))
        if args.choose:
            for tag, figure in choose(scorer, found).items():
                print(f"  - {{id: {tag}, propose: {figure.propose}, doubt: {figure.doubt}}}")
        if args.speed:
            print(speed(found, model))
        print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
