"""complaint (spec/tags.md, "The client's voice"): what of this broker a client is unhappy about.

Two ways lead to a candidate. A phrase that holds the topic and the displeasure at once ("你们软件又闪退") is one by
itself. Displeasure alone ("这像话吗") takes its topic from the nearest thing named: in the same turn, in the client's
turns before it, or in what the advisor just said; where nothing is named and it is aimed at the firm, the topic is
`other`. What the client tells as over, or of a parcel or a train ticket, is no complaint.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.resolve import THRESHOLD
from huiyin.taggers.rules import RuleMatch, match_rules, pattern_of

TAG = "complaint"
REACH = 4
"""Turns back in which displeasure looks for its topic."""
SETTLED = -0.4
"""Added where the client says that it is over, or no fault of ours."""
NAMED = 0.15
"""Added to displeasure whose topic stands in the same turn."""
_NOTHING_CAME = "complaint.hint.nothing_came"
ELSEWHERE_REACH = 24
"""Characters from what is not ours (a parcel) to the displeasure that is about it."""
HINT_TURNS = 3
"""Turns of the client over which weak signs add up."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for complaint."""
    told: list[Candidate] = []
    for turn in analysis.client_turns():
        settled = next(iter(match_rules(TAG, turn, section="settled")), None)
        for candidate in _of_turn(analysis, turn):
            if settled is not None:
                candidate = replace(candidate, adjustments=(*candidate.adjustments, (settled.rule.id, SETTLED)))
            told.append(candidate)
    yield from told
    if not any(c.final_score >= THRESHOLD for c in told):
        yield from _by_hints(analysis)


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


def _by_hints(analysis: Analysis) -> Iterator[Candidate]:
    """Weak signs that add up over what the client says in three turns of his, each counted once."""
    turns = [t for t in analysis.client_turns() if t.text]
    best: Candidate | None = None
    for k in range(len(turns)):
        window = [t for t in turns[k : k + HINT_TURNS] if t.index - turns[k].index <= 2 * HINT_TURNS]
        found = _weigh(window)
        if found is not None and (best is None or found.final_score > best.final_score):
            best = found
    if best is not None:
        yield best


def _weigh(turns: list[AnalysedTurn]) -> Candidate | None:
    hits: dict[str, tuple[AnalysedTurn, RuleMatch]] = {}
    for turn in turns:
        for match in match_rules(TAG, turn, section="hints"):
            hits.setdefault(match.rule.id, (turn, match))
    score = sum(m.rule.score for _, m in hits.values())
    if score < THRESHOLD:
        return None
    objects = [(t, m) for t in turns for m in match_rules(TAG, t, section="objects")]
    if any(_not_ours(m) for _, m in objects):
        return None
    named = [(t, m) for t, m in hits.values() if "topic" in m.rule.value] or objects
    topic = _heaviest(named) or ("service" if _NOTHING_CAME in hits else None)
    if topic is None:
        return None
    turn, match = max(
        [x for x in hits.values() if x[1].rule.score > 0],
        key=lambda x: (x[1].rule.value.get("topic") == topic, x[1].rule.score),
    )
    others = tuple(Span(t.index, m.start, m.end) for t, m in hits.values() if m is not match and m.rule.score > 0)
    found = candidate_from(TAG, turn.index, match, topic=topic)
    added = tuple((m.rule.id, m.rule.score) for _, m in hits.values() if m is not match)
    return replace(found, support=others, adjustments=added)


def _heaviest(named: list[tuple[AnalysedTurn, RuleMatch]]) -> str | None:
    """The topic for which most was said; the first of equals."""
    weights: dict[str, float] = {}
    for _, match in named:
        topic = match.rule.value["topic"]
        weights[topic] = weights.get(topic, 0.0) + match.rule.score
    return max(weights, key=lambda t: weights[t], default=None)
