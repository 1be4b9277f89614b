"""Questions and their answers over turns (spec/tags.md, "What counts", 3).

What the advisor asks and the client answers is one fact; a listening 嗯嗯 to a monologue is none. Cues are data:
lexicons/context/prompts.yaml (what asks) and replies.yaml (what answers).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from huiyin.domain.conversation import Speaker
from huiyin.lexicon import load
from huiyin.taggers.analysis import AnalysedTurn, Exchange, Reply

MONOLOGUE = 45
"""An asking cue must stand in the last so many characters of what was said: a question mid-speech is rhetoric."""


@cache
def _prompt() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{e['pattern']})" for e in load("context/prompts")["entries"]))


@cache
def _replies() -> dict[str, re.Pattern[str]]:
    out: dict[str, list[str]] = {}
    for entry in load("context/replies")["entries"]:
        out.setdefault(entry["kind"], []).append(entry["pattern"])
    return {kind: re.compile("|".join(f"(?:{p})" for p in patterns)) for kind, patterns in out.items()}


def asks(text: str) -> bool:
    """Whether a turn ends in a real question or proposal."""
    return bool(_prompt().search(text[-MONOLOGUE:].strip()))


def reply_of(text: str, *, asked: bool) -> Reply:
    """What an answer does. A bare 嗯 assents to a question and to nothing else."""
    patterns = _replies()
    text = text.strip()
    if patterns["listening"].match(text):
        return Reply.YES if asked and re.match(r"^[嗯唔啊是的对]+[。，\s]*$", text) else Reply.LISTENING
    if patterns["no"].match(text):
        return Reply.NO
    if patterns["yes"].match(text):
        return Reply.YES if asked else Reply.LISTENING if len(text) <= 3 else Reply.YES
    return Reply.OTHER


def find_exchanges(turns: Sequence[AnalysedTurn]) -> tuple[Exchange, ...]:
    """Each question or proposal with the first turn in which the other side answers it."""
    out: list[Exchange] = []
    index = 0
    while index < len(turns):
        speaker = turns[index].speaker
        run = [index]
        while index + 1 < len(turns) and turns[index + 1].speaker is speaker:
            index += 1
            run.append(index)
        index += 1
        if speaker is Speaker.OTHER or index >= len(turns) or turns[index].speaker is Speaker.OTHER:
            continue
        asked = tuple(i for i in run[-3:] if asks(turns[i].text))
        if asked:
            first = asked[0]
            out.append(
                Exchange(
                    asked=tuple(turns[i].index for i in run if i >= first),
                    answered=turns[index].index,
                    reply=reply_of(turns[index].text, asked=True),
                )
            )
    return tuple(out)
