"""Freezes what the tagger of today scores on the frozen pieces; tests/taggers/test_regression_gate.py holds it to that.

    python evals/freeze.py            rewrites evals/frozen/scores.json
    python evals/freeze.py --check    prints what has fallen behind, and changes nothing

Two tables. `rules`: the rules alone on training/pieces a1–a4; the model has learned these and would hide what the
rules lose. `tagger`: rules and model together on evals/held_out, which neither was made from. Freeze after a change
that is better on unseen talk, never to silence the gate; the first table says whether something broke, not how good
the tagger is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from huiyin.pipeline.evaluate import Score, Scores, evaluate, regressions
from huiyin.pipeline.labelled import read_labelled
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.tagger import ConversationTagger

ROOT = Path(__file__).resolve().parents[1]
FROZEN = ROOT / "evals" / "frozen" / "scores.json"
DATA: dict[str, tuple[Path, ...]] = {
    "rules": tuple(ROOT / "training" / "pieces" / f"a{n}.jsonl" for n in range(1, 5)),
    "tagger": tuple(ROOT / "evals" / "held_out" / f"h{n}.jsonl" for n in range(1, 3)),
}


def digest(paths: Iterable[Path]) -> str:
    """Names the data: figures over other pieces cannot be compared."""
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]


def measure(table: str) -> Scores:
    """The scores of today for one table of DATA."""
    model: Literal["shipped"] | None = None if table == "rules" else "shipped"
    return evaluate(read_labelled(DATA[table]), ConversationTagger(calendar=load_calendar(), model=model))


def load(table: str, path: Path = FROZEN) -> tuple[str, Scores]:
    """The digest of the data and the frozen scores of one table."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))[table]
    types = {name: Score.model_validate(counts) for name, counts in data["types"].items()}
    return data["data"], Scores(types=types, slots={})


def fallen(table: str) -> tuple[str, ...]:
    """What is worse than frozen, or that the data are no longer the frozen ones."""
    data, frozen = load(table)
    if data != digest(DATA[table]):
        return ("the pieces have changed since the freeze: look at the scores, then run evals/freeze.py",)
    return regressions(frozen, measure(table))


def frozen_now(table: str) -> dict[str, Any]:
    """One table as it is written."""
    now = measure(table)
    return {
        "data": digest(DATA[table]),
        "micro_f1": round(now.micro.f1 or 0.0, 4),
        "macro_f1": round(now.macro_f1 or 0.0, 4),
        "types": {name: score.model_dump() for name, score in now.types.items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    args = parser.parse_args()
    if args.check:
        told = [f"{table}: {line}" for table in DATA for line in fallen(table)]
        print("\n".join(told) or "nothing has fallen behind")
        return bool(told)
    FROZEN.parent.mkdir(exist_ok=True)
    out = {table: frozen_now(table) for table in DATA}
    FROZEN.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    for table, scores in out.items():
        print(f"{table}: micro F1 {scores['micro_f1']}, macro F1 {scores['macro_f1']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
