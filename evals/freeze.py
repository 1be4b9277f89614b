"""Freezes what the tagger of today scores on the frozen pieces; tests/taggers/test_regression_gate.py holds it to that.

    python evals/freeze.py            rewrites evals/frozen/scores.json
    python evals/freeze.py --check    prints what has fallen behind, and changes nothing

Freeze after a change that is better on unseen talk, never to silence the gate. The pieces are training data: the
figures say whether something broke, not how good the tagger is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from huiyin.pipeline.evaluate import Score, Scores, evaluate, regressions
from huiyin.pipeline.labelled import read_labelled
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.tagger import ConversationTagger

ROOT = Path(__file__).resolve().parents[1]
PIECES = tuple(ROOT / "training" / "pieces" / f"a{n}.jsonl" for n in range(1, 5))
FROZEN = ROOT / "evals" / "frozen" / "scores.json"


def digest(paths: Iterable[Path]) -> str:
    """Names the data: figures over other pieces cannot be compared."""
    sha = hashlib.sha256()
    for path in paths:
        sha.update(path.name.encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]


def measure() -> Scores:
    """The scores of the tagger as it is installed."""
    return evaluate(read_labelled(PIECES), ConversationTagger(calendar=load_calendar()))


def load(path: Path = FROZEN) -> tuple[str, Scores]:
    """The digest of the data and the frozen scores."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    types = {name: Score.model_validate(counts) for name, counts in data["types"].items()}
    return data["data"], Scores(types=types, slots={})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    args = parser.parse_args()
    now = measure()
    if args.check:
        data, frozen = load()
        if data != digest(PIECES):
            print("the pieces have changed since the freeze: run evals/freeze.py")
            return 1
        fallen = regressions(frozen, now)
        print("\n".join(fallen) or "nothing has fallen behind")
        return bool(fallen)
    FROZEN.parent.mkdir(exist_ok=True)
    out = {
        "data": digest(PIECES),
        "micro_f1": round(now.micro.f1 or 0.0, 4),
        "macro_f1": round(now.macro_f1 or 0.0, 4),
        "types": {name: score.model_dump() for name, score in now.types.items()},
    }
    FROZEN.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    print(f"micro F1 {out['micro_f1']}, macro F1 {out['macro_f1']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
