"""What the reader and the fusion leave of a large model that is always right: a model that answers with the labels.

    python evals/llm_ceiling.py ../shared/dev_set/*.jsonl [--blank]

No model is asked. Every label that is lost here is lost by us. `--blank` leaves sums, days and windows out of the
answers, so that our own readers must find them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from huiyin.domain.conversation import Conversation
from huiyin.domain.tag import Tag
from huiyin.pipeline.evaluate import Scores, evaluate
from huiyin.pipeline.labelled import Labelled, read_labelled
from huiyin.pipeline.llm.cache import MemoryAnswerCache
from huiyin.pipeline.llm.model import ScriptedLargeModel
from huiyin.pipeline.llm.tagger import LargeTagger
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.llm.schema import Prompt
from huiyin.taggers.tagger import ConversationTagger

FIGURES = frozenset({"amount", "currency", "available_from", "matures_on", "window", "due", "days", "from", "to"})


def answers(one: Labelled, *, blank: bool) -> list[dict[str, Any]]:
    """The labels of a conversation as a model would answer them."""
    out = []
    for label in one.labels:
        turn = next((t for t in label.turns if label.quote in one.conversation.turns[t].text), label.turns[0])
        value = {k: v for k, v in label.value.items() if not (blank and k in FIGURES)}
        support = [t for t in label.turns if t != turn]
        out.append({"tag": label.tag, "stance": label.stance.value, "turn": turn, "quote": label.quote,
                    "support": support, "certainty": "certain", "value": value})  # fmt: skip
    return out


def measure(labelled: tuple[Labelled, ...], *, rules: bool, blank: bool) -> tuple[Scores, LargeTagger]:
    """Scores of the model alone, or with the rules."""
    by_identity = {id(one.conversation): one for one in labelled}
    now: list[dict[str, Any]] = []

    def answer(prompt: Prompt) -> str:
        return json.dumps({"tags": [e for e in now if e["turn"] in prompt.turns]}, ensure_ascii=False)

    large = LargeTagger(ScriptedLargeModel(answer), cache=MemoryAnswerCache(), parallel=1)
    tagger = ConversationTagger(calendar=load_calendar(), taggers=None if rules else {}, large=large)

    def tag(conversation: Conversation) -> tuple[Tag, ...]:
        now[:] = answers(by_identity[id(conversation)], blank=blank)
        return tagger(conversation)

    return evaluate(labelled, tag), large


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labelled", nargs="+", type=Path)
    parser.add_argument("--blank", action="store_true")
    given = parser.parse_args()
    labelled = read_labelled(given.labelled)
    for rules in (False, True):
        scores, large = measure(labelled, rules=rules, blank=given.blank)
        slots = "  ".join(f"{name} {slot.right}/{slot.of}" for name, slot in scores.slots.items())
        told = "with the rules" if rules else "alone"
        print(f"{told}: micro F1 {scores.micro.f1:.3f}, dropped {dict(large.tally.dropped)}\n  {slots}")


if __name__ == "__main__":
    main()
