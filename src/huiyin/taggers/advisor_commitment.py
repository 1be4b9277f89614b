"""advisor_commitment (spec/tags.md, "Conduct", "Appointments", "A bare 好的"): what the advisor promises this client.

A phrase that names the deed is a promise where a time stands with it, or a definite word; an offer in a question
becomes one when the client takes it. Talk of what one always does, what might happen, and what is done already is
none. `due` is the time said with it; what the client and the advisor agree on afterwards replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from huiyin.taggers import do_not_contact
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Reply
from huiyin.taggers.appointments import SHORT, Settled, settle
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.contact_times import Talk
from huiyin.taggers.dialogue import reply_of
from huiyin.taggers.resolve import THRESHOLD
from huiyin.taggers.rules import RuleMatch, match_rules, rules
from huiyin.taggers.values.times import TimeSpan, Window, resolve_window

TAG = "advisor_commitment"
_SENTENCE = re.compile(r"[。！？!?；;\n]")
_TURNED_DOWN = re.compile(
    r"(?:别|不用|不要|甭|莫|不必|免)[^，。！？,!?]{0,4}(?:发|传|寄|送|查|问|弄|申请|报|麻烦|了|$|[，,。])|^(?:算了|免了)"
)
UNTIMED = 0.55
"""Score of a promise with no time."""
RESTATED = 6
"""Turns within which a second promise of a kind is the first one, put more exactly."""
_REMINDS = re.compile("提醒|喊您|叫您")
_OTHER_WAY = re.compile("电话|短信|微信|邮箱")
TAIL = 8
"""Characters behind the clause of an offer in which 行吗, 您看呢 make it a question."""
_BY_AGREEMENT = frozenset({"call_back", "arrange_meeting"})
"""Deeds that are done at the time agreed on for talking or meeting."""


@dataclass(frozen=True)
class _Promise:
    match: RuleMatch
    turn: AnalysedTurn
    times: tuple[TimeSpan, ...]
    support: tuple[Span, ...]
    score: float

    @property
    def action(self) -> str:
        return str(self.match.rule.value["action"])


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for advisor_commitment."""
    settled = settle(analysis)
    facts: dict[str, tuple[int, int, Window | None]] = {}  # action → its last promise: number, turn, due
    silenced = {c.quote.turn for c in do_not_contact.propose(analysis) if c.final_score >= THRESHOLD}
    for turn in analysis.advisor_turns():
        promises = list(_promises(analysis, turn, settled, silenced))
        named = {p.action for p in promises}
        for promise in promises:
            if promise.action == "other" and named - {"other"}:
                continue  # 给您申请，明天答复: the deed is the answer
            window, extra = _due(analysis, settled, promise)
            fact, at, due = facts.get(promise.action, (0, turn.index, None))
            if turn.index - at > RESTATED and window and due and window != due:
                fact += 1  # not the same promise put more exactly
            facts[promise.action] = (fact, turn.index, window or due)
            yield Candidate(
                tag=TAG,
                value={"action": promise.action, "due": window if window and any(window) else None},
                quote=Span(turn.index, promise.match.start, promise.match.end),
                support=(*promise.support, *extra),
                rule=promise.match.rule.id,
                score=promise.score,
                fact=fact,
                qualifiers=tuple(sorted(promise.match.qualifiers)),
            )


def _promises(analysis: Analysis, turn: AnalysedTurn, settled: Settled, silenced: set[int]) -> Iterator[_Promise]:
    answer = _next(analysis, turn, client=True)
    for match in match_rules(TAG, turn):
        low, high = _sentence(turn, match.start, match.end)
        times = tuple(
            t
            for t in turn.times
            if low <= t.start < high and not (t.past or (t.every and t.weekdays in ((), ("any",))))
        )
        general = _has("vague", turn, low, high) and all(t.vague for t in times)
        if general or _is_done(turn, match, low):
            continue
        clause = turn.clause_at(match.end - 1)
        tail = min(len(turn.text), high + 1, (clause.end if clause else match.end) + TAIL)
        asked = _has("questions", turn, match.start, tail) or _has("questions", turn, low, match.start)
        reply = _reply(answer, settled, silenced)
        if reply is Reply.NO and not asked and match.rule.value["action"] not in _BY_AGREEMENT:
            # 你别打电话 turns down the call, not the answer that was promised
            reply = Reply.NO if answer and _turned_down(answer.text) else Reply.OTHER
        if reply is Reply.NO or (asked and reply is not Reply.YES and not _counters(answer, settled)):
            continue
        score = match.rule.score if times else UNTIMED if asked else _untimed(turn, match, low, silenced)
        if score:
            support = (Span(answer.index, 0, len(answer.text)),) if asked and answer else ()
            yield _Promise(match, turn, times, support, score)


def _untimed(turn: AnalysedTurn, match: RuleMatch, low: int, silenced: set[int]) -> float:
    """The score of a promise with no time: a definite word must make it one; 0 where none does.

    What the client asked for by wanting no more contact is promised by being said.
    """
    action = match.rule.value["action"]
    if action == "other" and turn.index - 1 in silenced:
        return UNTIMED
    definite = _has("definite", turn, low, match.end)
    if definite and action in ("other", "call_back"):
        definite = _REMINDS.search(turn.text, match.start, match.end) is not None
    return UNTIMED if definite else 0.0


def _turned_down(text: str) -> bool:
    return _TURNED_DOWN.search(text) is not None and not _OTHER_WAY.search(text)


def _sentence(turn: AnalysedTurn, start: int, end: int) -> tuple[int, int]:
    low = max((m.end() for m in _SENTENCE.finditer(turn.text, 0, start)), default=0)
    found = _SENTENCE.search(turn.text, end)
    return low, found.start() if found else len(turn.text)


def _has(section: str, turn: AnalysedTurn, low: int, high: int) -> bool:
    return any(r.pattern.search(turn.text, low, high) for r in rules(TAG, section))


def _is_done(turn: AnalysedTurn, match: RuleMatch, low: int) -> bool:
    done = next(r for r in rules(TAG, "vague") if r.id == "commitment.vague.done")
    return any(m.start() < match.end and match.start < m.end() for m in done.pattern.finditer(turn.text, low))


def _next(analysis: Analysis, turn: AnalysedTurn, *, client: bool) -> AnalysedTurn | None:
    return next((t for t in analysis.turns[turn.index + 1 :] if t.is_client is client), None)


def _reply(answer: AnalysedTurn | None, settled: Settled, silenced: set[int]) -> Reply:
    if answer is None:
        return Reply.OTHER
    if answer.index in silenced:
        return Reply.NO
    if Talk((answer,)).has("refuses"):
        return Reply.OTHER if _counters(answer, settled) else Reply.NO
    if Talk((answer,)).has("accepts"):
        return Reply.YES
    return reply_of(answer.text, asked=True)


def _counters(answer: AnalysedTurn | None, settled: Settled) -> bool:
    """Whether the client puts another time in the place of the one offered."""
    if answer is None or settled.agreed is None:
        return False
    return answer.index in {settled.agreed.quote.turn, *(s.turn for s in settled.agreed.support)}


def _due(analysis: Analysis, settled: Settled, promise: _Promise) -> tuple[Window | None, tuple[Span, ...]]:
    """When it is due, and the turns in which that was settled."""
    turn, times = promise.turn, list(promise.times)
    agreed = settled.agreed
    if promise.action in _BY_AGREEMENT and agreed is not None and any(agreed.window):
        places = {agreed.quote.turn, *(s.turn for s in agreed.support)}
        if turn.index in places or min(abs(turn.index - p) for p in places) <= 2:
            mine = tuple(s for s in agreed.support if analysis.turns[s.turn].is_advisor)
            return agreed.window, mine
    spans: tuple[Span, ...] = ()
    client = _next(analysis, turn, client=True)
    if client and any(not t.past for t in client.times):
        later = _next(analysis, client, client=False)
        if later and (later.times or Talk((later,)).has("accepts")) and len(later.text) <= SHORT:
            times += [t for t in (*client.times, *later.times) if not t.past]
            spans = (Span(later.index, 0, len(later.text)),)
    return resolve_window(times, anchor=turn.moment), spans
