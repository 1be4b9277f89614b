"""do_not_contact (spec/tags.md, "The client's voice" and "All or one"): the client wants no contact at all.

A wish narrowed to a time, a number, a channel, a topic or another person is something else; what narrows it may stand
in the same turn or in the client's next words ("别打了" – "微信上说").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiyin.taggers.analysis import AnalysedTurn, Analysis
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.rules import RuleMatch, match_rules

TAG = "do_not_contact"
LIMITED = -0.4
"""Added where the wish is narrowed."""
UNCONDITIONAL = frozenset({"do_not_contact.delete", "do_not_contact.all_channels"})
"""Rules that no time or number narrows: whoever wants his number deleted means it for good."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for do_not_contact."""
    for turn in analysis.client_turns():
        for match in match_rules(TAG, turn):
            kinds = {m.rule.id for m in limits(analysis, turn)}
            if match.rule.id in UNCONDITIONAL:
                kinds -= {"do_not_contact.limit.time", "do_not_contact.limit.topic"}
            found = candidate_from(TAG, turn.index, match)
            if kinds:
                found = replace(found, adjustments=tuple((k, LIMITED) for k in sorted(kinds)))
            else:
                found = replace(found, support=_asked(analysis, turn))
            yield found


def limits(analysis: Analysis, turn: AnalysedTurn) -> list[RuleMatch]:
    """What narrows a wish for no contact, in the turn and in the client's next words."""
    here, *later = ([*match_rules(TAG, t, section="limits")] for t in _reading(analysis, turn))
    return here + [m for found in later for m in found if m.rule.id != "do_not_contact.limit.not_you"]


def _reading(analysis: Analysis, turn: AnalysedTurn) -> list[AnalysedTurn]:
    """The turn and what the client says right after it, before or after one turn of the advisor."""
    out = [turn]
    for later in analysis.turns[turn.index + 1 : turn.index + 3]:
        if later.is_client:
            out.append(later)
            break
    return out


def _asked(analysis: Analysis, turn: AnalysedTurn) -> tuple[Span, ...]:
    """The advisor's question that this answers, as further proof."""
    exchange = analysis.exchange_answered_at(turn.index)
    return tuple(Span(i, 0, len(analysis.turns[i].text)) for i in exchange.asked[-1:]) if exchange else ()
