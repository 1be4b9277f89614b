"""complaint (spec/tags.md, "The client's voice"): what of this broker a client is unhappy about.

Two ways lead to a candidate. A phrase that holds the topic and the displeasure at once ("你们软件又闪退") is one by
itself. Displeasure alone ("这像话吗") takes its topic from the nearest thing named: in the same turn, in the client's
turns before it, or in what the advisor just said; where nothing is named and it is aimed at the firm, the topic is
`other`. What the client tells as over, or of a parcel or a train ticket, is no complaint.

How displeased the client sounds around it (taggers/displeasure.py) decides both ways: a lone phrase said calmly is
dropped, and loud displeasure needs no phrase at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from math import exp

from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.displeasure import Displeasure, weigh, windows
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.resolve import THRESHOLD
from huiyin.taggers.rules import RuleMatch, match_rules, pattern_of, rules

TAG = "complaint"
REACH = 4
"""Turns back in which displeasure looks for its topic."""
SETTLED = -0.4
"""Added where the client says that it is over, or no fault of ours."""
NAMED = 0.15
"""Added to displeasure whose topic stands in the same turn."""
ELSEWHERE_REACH = 24
"""Characters from what is not ours (a parcel) to the displeasure that is about it."""
CALM = -2.5
"""Log-odds of displeasure below which a lone phrase is no complaint."""
BARE = -1.0
"""The same for displeasure whose topic stands elsewhere (`grievances`)."""
LOUD = 1.0
"""Log-odds above which displeasure is a complaint without a phrase of its own."""
HINTED = -1.0
"""The same, where the hints of a topic add up to THRESHOLD."""
NOT_OURS = -0.4
"""Added where nothing around names the firm, its people, its products or investing."""
OURS_REACH = 2
"""Turns either way in which it may be named."""
SAID_CALMLY = -0.4
"""Added to a lone phrase said calmly."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for complaint."""
    heard = [weigh(analysis, w) for w in windows(analysis)]
    told: list[Candidate] = []
    for turn in analysis.client_turns():
        settled = next(iter(match_rules(TAG, turn, section="settled")), None)
        found = [_retopic(analysis, c, heard) for c in _of_turn(analysis, turn)]
        loudness = max((d.score for d in heard if turn in d.turns), default=0.0)
        for candidate in found:
            if settled is not None:
                candidate = replace(candidate, adjustments=(*candidate.adjustments, (settled.rule.id, SETTLED)))
            if not _is_ours(analysis, turn):
                candidate = replace(candidate, adjustments=(*candidate.adjustments, ("nothing_of_ours", NOT_OURS)))
            least = BARE if candidate.rule.startswith("complaint.grievance.") else CALM
            if len(found) == 1 and loudness < least:
                candidate = replace(candidate, adjustments=(*candidate.adjustments, ("said_calmly", SAID_CALMLY)))
            told.append(candidate)
    yield from told
    if not any(c.final_score >= THRESHOLD for c in told):
        yield from _by_displeasure(analysis, heard)


def _is_ours(analysis: Analysis, turn: AnalysedTurn) -> bool:
    """Whether the turn or one beside it names the firm, its people, its products or investing."""
    around = analysis.turns[max(0, turn.index - OURS_REACH) : turn.index + OURS_REACH + 1]
    return any(True for t in around for _ in match_rules(TAG, t, section="ours"))


def _of_turn(analysis: Analysis, turn: AnalysedTurn) -> Iterator[Candidate]:
    objects = list(match_rules(TAG, turn, section="objects"))
    told = [m for m in match_rules(TAG, turn) if not _is_elsewhere(objects, m)]
    for match in told:
        yield candidate_from(TAG, turn.index, match)
    for match in match_rules(TAG, turn, section="grievances"):
        if any(m.start < match.end and match.start < m.end for m in told):
            continue
        found = _with_topic(analysis, turn, match, told + objects)
        if found is not None:
            yield found


def _not_ours(match: RuleMatch) -> bool:
    return bool(match.rule.extra.get("not_ours"))


def _is_elsewhere(objects: list[RuleMatch], match: RuleMatch) -> bool:
    """Whether what the phrase is about is named as something that is not ours."""
    return any(_not_ours(o) and o.end <= match.end and match.start - o.end < ELSEWHERE_REACH for o in objects)


def _with_topic(analysis: Analysis, turn: AnalysedTurn, match: RuleMatch, named: list[RuleMatch]) -> Candidate | None:
    if named:
        nearest = min(named, key=lambda m: (max(m.start - match.end, match.start - m.end), m.start))
        topic = nearest.rule.value.get("topic")
        # 找你们领导说理去: a place to complain at, once the cause has been told
        if _not_ours(nearest) or (topic == "service" and _told_before(analysis, turn.index)):
            return None
        found = candidate_from(TAG, turn.index, match, topic=topic)
        support = (Span(turn.index, nearest.start, nearest.end),)
        return replace(found, support=support, adjustments=(("topic_named", NAMED),))
    for index in range(turn.index - 1, max(-1, turn.index - 1 - REACH), -1):
        earlier = analysis.turns[index]
        found_there = list(match_rules(TAG, earlier)) if earlier.is_client else []
        found_there += list(match_rules(TAG, earlier, section="objects"))
        if found_there:
            last = max(found_there, key=lambda m: m.end)
            if _not_ours(last):
                return None
            topic = last.rule.value["topic"]
            found = candidate_from(TAG, turn.index, match, topic=topic)
            return replace(found, support=(Span(index, last.start, last.end),))
    alone = match.rule.extra.get("alone")
    if alone and pattern_of(TAG, alone).search(turn.text) and not _told_before(analysis, turn.index):
        return candidate_from(TAG, turn.index, match, topic="other")
    return None


def _told_before(analysis: Analysis, before: int) -> bool:
    """Whether the client has already named what is wrong: more anger is about that, not about something else."""
    return any(t.index < before and any(match_rules(TAG, t)) for t in analysis.client_turns())


def _by_displeasure(analysis: Analysis, heard: list[Displeasure]) -> Iterator[Candidate]:
    """The loudest window, about what most was said of."""
    loud = [d for d in heard if d.signs and d.score >= (HINTED if _hinted(d) else LOUD)]
    loudest = max(loud, key=lambda d: d.score, default=None)
    if loudest is None or not any(_is_ours(analysis, t) for t in loudest.turns):
        return
    turn, match = max(loudest.signs, key=lambda x: x[1].rule.score)
    if not any(_is_ours(analysis, t) for t in loudest.turns):
        return
    others = tuple(Span(t, m.start, m.end) for t, m in loudest.signs if m is not match and m.rule.score > 0)
    found = candidate_from(TAG, turn, match, topic=_topic(analysis, loudest.turns))
    probability = max(THRESHOLD, 1 / (1 + exp(-loudest.score)))
    yield replace(found, score=round(probability, 4), support=others)


def _hinted(heard: Displeasure) -> bool:
    """Whether the weak hints of a topic, each counted once, add up in a window."""
    hits = {m.rule.id: m.rule for t in heard.turns for m in match_rules(TAG, t, section="hints")}
    return sum(r.score for r in hits.values()) >= THRESHOLD and any("topic" in r.value for r in hits.values())


CLEARLY = 1.0
"""How much more must have been said of another topic, to take a loose phrase ("没人跟我提过") from its own."""


@cache
def _vague() -> frozenset[str]:
    """Rules whose phrase leaves open what it is about."""
    return frozenset(r.id for r in rules(TAG) if r.extra.get("loose")) | {r.id for r in rules(TAG, "grievances")}


def _topics(analysis: Analysis, turns: tuple[AnalysedTurn, ...]) -> dict[str, float]:
    """How much was said of each topic in these turns, and half as much in the advisor's before and between them."""
    weights: dict[str, float] = {}
    for turn in analysis.turns[max(0, turns[0].index - 1) : turns[-1].index + 2]:
        if turn.is_client and turn not in turns:
            continue
        seen = {turn.text[m.start : m.end]: m for m in match_rules(TAG, turn, section="topics")}
        seen |= {m.rule.id: m for m in match_rules(TAG, turn, section="hints") if "topic" in m.rule.value}
        for match in seen.values():
            topic = match.rule.value["topic"]
            weights[topic] = weights.get(topic, 0.0) + match.rule.score * (1.0 if turn.is_client else 0.5)
    return weights


def _topic(analysis: Analysis, turns: tuple[AnalysedTurn, ...]) -> str:
    weights = _topics(analysis, turns)
    return max(weights, key=lambda t: weights[t], default="other")


def _retopic(analysis: Analysis, candidate: Candidate, heard: list[Displeasure]) -> Candidate:
    """A loose phrase takes the topic of which clearly most was said around it."""
    if candidate.rule not in _vague():
        return candidate
    around = max((d for d in heard if candidate.quote.turn in {t.index for t in d.turns}), key=lambda d: d.score)
    weights = _topics(analysis, around.turns)
    best = max(weights, key=lambda t: weights[t], default=None)
    own = weights.get(candidate.value["topic"], 0.0)
    if best is None or weights[best] - own < CLEARLY:
        return candidate
    return replace(candidate, value={**candidate.value, "topic": best})
