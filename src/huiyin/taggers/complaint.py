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
from huiyin.taggers.rules import RuleMatch, match_rules, pattern_of

TAG = "complaint"
REACH = 4
"""Turns back in which displeasure looks for its topic."""
SETTLED = -0.4
"""Added where the client says that it is over, or no fault of ours."""
NAMED = 0.15
"""Added to displeasure whose topic stands in the same turn."""
ELSEWHERE = "elsewhere"


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for complaint."""
    for turn in analysis.client_turns():
        settled = next(iter(match_rules(TAG, turn, section="settled")), None)
        for candidate in _of_turn(analysis, turn):
            if settled is None:
                yield candidate
            else:
                yield replace(candidate, adjustments=(*candidate.adjustments, (settled.rule.id, SETTLED)))


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


def _is_elsewhere(objects: list[RuleMatch], match: RuleMatch) -> bool:
    """Whether what the phrase is about is named as something that is not ours."""
    return any(o.rule.value["topic"] == ELSEWHERE and o.end <= match.end and match.start - o.end < 12 for o in objects)


def _with_topic(analysis: Analysis, turn: AnalysedTurn, match: RuleMatch, named: list[RuleMatch]) -> Candidate | None:
    if named:
        nearest = min(named, key=lambda m: (max(m.start - match.end, match.start - m.end), m.start))
        topic = nearest.rule.value["topic"]
        if topic == ELSEWHERE:
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
            topic = last.rule.value["topic"]
            if topic == ELSEWHERE:
                return None
            found = candidate_from(TAG, turn.index, match, topic=topic)
            return replace(found, support=(Span(index, last.start, last.end),))
    alone = match.rule.extra.get("alone")
    if alone and pattern_of(TAG, alone).search(turn.text) and not _told_before(analysis, turn.index):
        return candidate_from(TAG, turn.index, match, topic="other")
    return None


def _told_before(analysis: Analysis, before: int) -> bool:
    """Whether the client has already named what is wrong: more anger is about that, not about something else."""
    return any(t.index < before and any(match_rules(TAG, t)) for t in analysis.client_turns())
