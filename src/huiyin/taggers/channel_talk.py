"""Channels as people talk of them, without a set phrase: a way that is named and what is said of it.

"短信这个真不行 … 换成你们软件里头那个站内的": every mention of a way is read with the words up to the next mention.
What is said welcomes it or turns it down. That it is about reaching the client is shown by a request in the turn, by
the advisor's offer before it, or by his taking it up after it; one of these must hold. 那上头 is the way offered last,
这儿 the chat itself. All words stand in lexicons/contact_channel.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from huiyin.domain.conversation import Channel
from huiyin.domain.tag import Stance
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.phrases import candidate_from
from huiyin.taggers.rules import RuleMatch, match_rules, rules

TAG = "contact_channel"
OFFER_REACH = 2
"""Turns back in which the advisor's offer stands."""
AHEAD = 12
"""Characters ahead of a mention that may speak of it."""
BEHIND = 26
"""Characters after a mention that may speak of it."""
BASE = 0.35
"""Score of a mention that something is said of; what is said and what shows the purpose is added."""
OFFERED = 0.15
TAKEN_UP = 0.2
REQUESTED = 0.1
Mention = tuple[int, int, str, RuleMatch]


def talk(analysis: Analysis) -> Iterator[tuple[AnalysedTurn, RuleMatch, Candidate]]:
    """Candidates from mentions of a way in the client's turns, each with its mention."""
    for turn in analysis.client_turns():
        offered, offer = _offered(analysis, turn)
        mentions = _mentions(analysis, turn, offered)
        requested = any(True for _ in match_rules(TAG, turn, section="requests"))
        for k, (start, end, channel, match) in enumerate(mentions):
            low = mentions[k - 1][1] if k else 0
            high = mentions[k + 1][0] if k + 1 < len(mentions) else len(turn.text)
            ahead = turn.text[max(low, start - AHEAD) : start]
            behind = turn.text[end : min(high, end + BEHIND)]
            stance, said = _said(ahead, behind, match)
            if stance is None or _is_no_way(turn, start, end):
                continue
            purpose = [("requested", REQUESTED)] if requested else []
            purpose += [("offered", OFFERED)] if offer is not None else []
            if stance is Stance.AFFIRMED and _taken_up(analysis, turn, channel):
                purpose.append(("taken_up", TAKEN_UP))
            if purpose:
                candidate = replace(
                    candidate_from(TAG, turn.index, match, channel=channel),
                    stance=stance,
                    score=BASE + said,
                    adjustments=tuple(purpose),
                    support=(offer,) if offer is not None else (),
                )
                yield turn, match, candidate
        if offer is not None and offered is not None and not any(m[2] == offered for m in mentions):
            for match in match_rules(TAG, turn, section="answers_no"):
                candidate = candidate_from(TAG, turn.index, match, channel=offered)
                yield turn, match, replace(candidate, stance=Stance.NEGATED, support=(offer,))


def _mentions(analysis: Analysis, turn: AnalysedTurn, offered: str | None) -> list[Mention]:
    found = [(m.start, m.end, str(m.rule.value["channel"]), m) for m in match_rules(TAG, turn, section="mention")]
    if analysis.conversation.channel is Channel.WECOM:
        found += [(m.start, m.end, "wecom", m) for m in match_rules(TAG, turn, section="here_mention")]
    if offered is not None:
        found += [(m.start, m.end, offered, m) for m in match_rules(TAG, turn, section="there_mention")]
    out: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m[0], -m[1])):
        if not out or mention[0] >= out[-1][1]:
            out.append(mention)
    return out


def _said(ahead: str, behind: str, match: RuleMatch) -> tuple[Stance | None, float]:
    """Whether what surrounds a mention turns it down or welcomes it; the nearer act of a tie is the refusal."""
    for section, stance in (("turns_down", Stance.NEGATED), ("welcomes", Stance.AFFIRMED)):
        for rule in rules(TAG, section):
            if rule.pattern.search(ahead if rule.extra.get("before") else behind):
                return stance, rule.score
    return None, 0.0


def _offered(analysis: Analysis, turn: AnalysedTurn) -> tuple[str | None, Span | None]:
    """The way that the advisor named last before the turn, and his offer of any way, with its place."""
    for index in range(turn.index - 1, max(-1, turn.index - 1 - OFFER_REACH), -1):
        earlier = analysis.turns[index]
        if earlier.is_advisor:
            named = list(match_rules(TAG, earlier, section="mention"))
            offers = any(True for _ in match_rules(TAG, earlier, section="offer"))
            channel = str(named[-1].rule.value["channel"]) if named else None
            return channel, Span(index, 0, len(earlier.text)) if named and offers else None
    return None, None


def _taken_up(analysis: Analysis, turn: AnalysedTurn, channel: str) -> bool:
    after = analysis.turns[turn.index + 1] if turn.index + 1 < len(analysis.turns) else None
    named = match_rules(TAG, after, section="mention") if after is not None and after.is_advisor else ()
    return any(m.rule.value["channel"] == channel for m in named)


def _is_no_way(turn: AnalysedTurn, start: int, end: int) -> bool:
    low, high = max(0, start - AHEAD), end + AHEAD
    found = turn.qualifiers(start, end)
    clause = turn.clause_at(start)
    if Qualifier.OTHER_PERSON in found and not (clause and any(w in clause.text for w in ("你", "您", "别"))):
        return True
    if found & {Qualifier.HYPOTHETICAL, Qualifier.REPORTED}:
        return True
    return any(m.start < high and low < m.end for m in match_rules(TAG, turn, section="not_a_way"))
