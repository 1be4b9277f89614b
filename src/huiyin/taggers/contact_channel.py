"""contact_channel (spec/tags.md, "Service" and "All or one"): the way by which a client wants to be reached, or not.

A wish tied to a moment is an appointment and no channel ("下午打过来"); a wish for no contact at all is do_not_contact
alone. Short answers count where the advisor asked for the way ("短信还是微信" – "微信吧").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiyin.domain.conversation import Channel
from huiyin.domain.tag import Stance
from huiyin.taggers import do_not_contact
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Reply
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.channel_talk import talk
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.resolve import THRESHOLD
from huiyin.taggers.rules import RuleMatch, match_rules

TAG = "contact_channel"
ASKED = 0.15
"""Added where the advisor asked for the way."""
_NARROWS = frozenset({"do_not_contact.limit.time", "do_not_contact.limit.number"})
_OTHER_EARS = frozenset({"do_not_contact.limit.not_meant", "do_not_contact.limit.not_you"})
ASK_REACH = 3
"""Turns back in which the advisor's question stands."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for contact_channel."""
    silent = {c.quote.turn for c in do_not_contact.propose(analysis) if c.final_score >= THRESHOLD}
    for turn in analysis.client_turns():
        if turn.index in silent:
            continue
        asked = _question(analysis, turn)
        refused = [m for m in match_rules(TAG, turn, section="refuses") if _stands(analysis, turn, m)]
        for match in refused:
            yield _candidate(turn, match, asked, Stance.NEGATED)
        wanted = [m for section in ("prefers", "here") for m in match_rules(TAG, turn, section=section)]
        for match in wanted:
            if _stands(analysis, turn, match) and not _taken_back(match, refused):
                yield _candidate(turn, match, asked, Stance.AFFIRMED)
        if asked is not None:
            for match in match_rules(TAG, turn, section="named"):
                yield _candidate(turn, match, asked, Stance.AFFIRMED)
    yield from _accepted(analysis)
    for turn, match, candidate in talk(analysis):
        narrowed = candidate.value["channel"] == "phone" and _timed(analysis, turn, match, whole_turn=False)
        if turn.index not in silent and not narrowed:
            yield candidate


def _candidate(turn: AnalysedTurn, match: RuleMatch, asked: Span | None, stance: Stance) -> Candidate:
    found = replace(candidate_from(TAG, turn.index, match), stance=stance)
    return replace(found, support=(asked,), adjustments=(("asked", ASKED),)) if asked else found


def _question(analysis: Analysis, turn: AnalysedTurn) -> Span | None:
    """The advisor's last question for the way, shortly before `turn`."""
    for index in range(turn.index - 1, max(-1, turn.index - 1 - ASK_REACH), -1):
        earlier = analysis.turns[index]
        if earlier.is_advisor:
            for section in ("asks", "invites"):
                for match in match_rules(TAG, earlier, section=section):
                    return Span(index, match.start, match.end)
    return None


def _stands(analysis: Analysis, turn: AnalysedTurn, match: RuleMatch) -> bool:
    rule = match.rule.extra
    if rule.get("here") and analysis.conversation.channel is not Channel.WECOM:
        return False
    if rule.get("asked_only") and _question(analysis, turn) is None:
        return False
    if rule.get("not_with_time") and _timed(analysis, turn, match, whole_turn=rule["not_with_time"] == "turn"):
        return False
    return not rule.get("invited") or _invited(analysis, turn)


def _timed(analysis: Analysis, turn: AnalysedTurn, match: RuleMatch, *, whole_turn: bool) -> bool:
    """Whether a moment or one number narrows the wish (it says when or where, not how), or it is for other ears."""
    clause = turn.clause_at(match.start)
    low, high = (clause.start, max(clause.end, match.end)) if clause else (match.start, match.end)
    if whole_turn:
        low, high = 0, len(turn.text)
    if any(t.start < high and low < t.end for t in turn.times):
        return True
    for m in do_not_contact.limits(analysis, turn):
        if m.rule.id in _OTHER_EARS:
            return True
    here = match_rules(do_not_contact.TAG, turn, section="limits")
    return not whole_turn and any(m.rule.id in _NARROWS and m.start < high and low < m.end for m in here)


def _invited(analysis: Analysis, turn: AnalysedTurn) -> bool:
    """Whether the advisor has just proposed to meet (an event to attend is no way of being reached)."""
    for earlier in analysis.turns[max(0, turn.index - ASK_REACH) : turn.index]:
        if earlier.is_advisor and any(match_rules(TAG, earlier, section="invites")):
            return not any(match_rules(TAG, earlier, section="events"))
    return False


def _taken_back(match: RuleMatch, refused: list[RuleMatch]) -> bool:
    """ "电话就别响了" names the phone to refuse it."""
    return any(r.rule.value == match.rule.value and r.start < match.end and match.start < r.end for r in refused)


def _accepted(analysis: Analysis) -> Iterator[Candidate]:
    """The advisor offers to use one way from now on, and the client agrees."""
    for exchange in analysis.exchanges:
        answer = analysis.turns[exchange.answered]
        if not answer.is_client or exchange.reply is not Reply.YES:
            continue
        for index in exchange.asked:
            for match in match_rules(TAG, analysis.turns[index], section="offers"):
                yield replace(
                    candidate_from(TAG, answer.index, match),
                    quote=Span(answer.index, 0, len(answer.text)),
                    support=(Span(index, match.start, match.end),),
                    qualifiers=("assent",),
                )
