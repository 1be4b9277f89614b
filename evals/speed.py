"""How fast conversations are tagged, beside two floors in one run, one process, one thread.

    python evals/speed.py [LABELLED.jsonl …] [--turns N] [--json]

Floors: a bare Aho-Corasick pass over the same text for the same terms, and spaCy's blank Chinese with jieba. Turns a
second on this machine; the ratios are what can be compared between machines. `--turns` sets how many turns are tagged.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import spacy

from huiyin.domain.conversation import Conversation
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.components import JiebaTokenizer
from huiyin.taggers.tagger import ConversationTagger
from huiyin.taggers.terms import matcher

SHARED = Path(__file__).resolve().parents[2] / "shared"


def conversations(paths: list[Path], turns: int) -> list[Conversation]:
    """Conversations with at least `turns` turns in all, the files' own repeated as needed."""
    found = [
        Conversation.model_validate({k: v for k, v in json.loads(line).items() if k != "tags"})
        for path in paths
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    out: list[Conversation] = []
    while sum(len(c.turns) for c in out) < turns:
        out.extend(found)
    return out


def long_conversation(talks: list[Conversation], turns: int) -> Conversation:
    """One conversation of so many turns, made of the turns of others."""
    texts = [t for c in talks for t in c.turns][:turns]
    laid = tuple(t.model_copy(update={"turn": i, "start": 5.0 * i, "end": 5.0 * i + 4}) for i, t in enumerate(texts))
    return talks[0].model_copy(update={"turns": laid})


def seconds(work: Callable[[], object]) -> float:
    """The best of two runs: the first one warms caches."""
    best = float("inf")
    for _ in range(2):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def measure(talks: list[Conversation]) -> dict[str, Any]:
    """Turns a second of each method, their ratios, and peak memory."""
    texts = [t.text for c in talks for t in c.turns]
    calendar = load_calendar()
    tagger = ConversationTagger(calendar=calendar)
    plain = spacy.blank("zh")
    plain.tokenizer = JiebaTokenizer(plain.vocab)
    terms = matcher()
    long = long_conversation(talks, 1000)
    tagged = len(texts) / seconds(lambda: [tagger(c) for c in talks])
    automaton = len(texts) / seconds(lambda: [terms.find(t) for t in texts])
    jieba = len(texts) / seconds(lambda: [plain.make_doc(t) for t in texts])
    return {
        "turns": len(texts),
        "tagger_turns_per_s": round(tagged),
        "aho_corasick_turns_per_s": round(automaton),
        "spacy_jieba_turns_per_s": round(jieba),
        "aho_corasick_over_tagger": round(automaton / tagged, 1),
        "spacy_jieba_over_tagger": round(jieba / tagged, 1),
        "thousand_turn_conversation_s": round(seconds(lambda: tagger(long)), 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", nargs="*", type=Path, default=sorted((SHARED / "dev_set").glob("*.jsonl")))
    parser.add_argument("--turns", type=int, default=4000)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    figures = measure(conversations(args.labelled, args.turns))
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        for name, value in figures.items():
            print(f"{name:30} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
