"""Advisor or client, judged by what is said (lexicons/roles.yaml): phrases, courtesy, who asks and who answers."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from huiyin import lexicon
from huiyin.pipeline.transcribe.utterances import Utterance

OPENING_S = 20.0
"""Openings say most: within these first seconds evidence counts double."""
_STRONG = 12.0
"""Nats of evidence (400 to 1 when halved, as in `certainty`) needed to contradict what the call record says."""
_LIMIT = 4.0
"""The most that one utterance may say, so that no single phrase decides."""


def log_odds(text: str) -> float:
    """Evidence that the advisor says `text`, in nats; negative for the client."""
    total = sum(weight for pattern, weight in _patterns() if pattern.search(text))
    return max(-_LIMIT, min(_LIMIT, total))


def lexicon_digest() -> str:
    """Six hex digits that change with lexicons/roles.yaml."""
    content = json.dumps(lexicon.load("roles"), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:6]


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], float], ...]:
    entries = lexicon.load("roles")
    return tuple(
        (re.compile(entry["pattern"]), sign * float(entry["weight"]))
        for role, sign in (("advisor", 1), ("client", -1))
        for entry in entries[role]
    )


def evidence(utterances: Sequence[Utterance]) -> float:
    """The sum over utterances, openings counted double."""
    return sum(log_odds(one.text) * (2.0 if one.start < OPENING_S else 1.0) for one in utterances)


def certainty(nats: float) -> float:
    """The probability that goes with so much evidence; halved first, since phrases are not independent."""
    return 1 / (1 + math.exp(-min(abs(nats) / 2, 30.0)))


@dataclass(frozen=True, kw_only=True)
class ChannelChoice:
    """Which channel is the advisor's, how sure that is, and what a person should know about it."""

    advisor_channel: int
    certainty: float
    note: str | None = None


def choose_advisor_channel(channels: Sequence[Sequence[Utterance]], given: int | None) -> ChannelChoice:
    """The advisor's channel of a stereo call.

    What the call record says is kept; a strong contradiction is noted, never acted on: the dialling method decides
    which leg is left, and only the firm knows it (domain-facts B.4). Where nothing is said, content decides.
    """
    difference = evidence(channels[0]) - evidence(channels[1])
    judged = 0 if difference > 0 else 1
    if given is None:
        sure = certainty(difference)
        note = f"未标明投顾声道，按内容判为声道 {judged}（把握 {sure:.0%}）"
        if not difference:
            judged, note = 0, "未标明投顾声道，内容也看不出来，暂按声道 0"
        return ChannelChoice(advisor_channel=judged, certainty=sure, note=note)
    if judged != given and abs(difference) >= _STRONG and all(channels):
        note = f"话单写投顾在声道 {given}，但内容更像在声道 {judged}，请核对；仍按话单"
        return ChannelChoice(advisor_channel=given, certainty=0.5, note=note)
    return ChannelChoice(advisor_channel=given, certainty=1.0)
