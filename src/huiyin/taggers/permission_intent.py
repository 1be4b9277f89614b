"""permission_intent: which permission a client wants, asks how to get, or refuses (spec/tags.md).

A small decision model. Each block of the client's turns is read for acts (attitudes.py); each act goes to the
permissions it is about: named, offered, or last spoken of; for each permission the evidence for and against is joined
by noisy-or, and what he said last and clearly decides. He has it already, asks what it is, speaks of somebody else,
or only listens: no tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from huiyin.domain.tag import Stance
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier, Reply
from huiyin.taggers.attitudes import (
    Act,
    Block,
    Mention,
    Offer,
    about_other,
    assign,
    find_acts,
    find_blocks,
    find_mentions,
    groups,
    noisy_or,
    offer_of,
)
from huiyin.taggers.candidate import Candidate, Span
from huiyin.taggers.rules import rules

TAG = "permission_intent"
SECTIONS = (("attitudes", "acts"), (TAG, "acts"))
LONG_AGO = re.compile(r"上回|上次|那回|那次|那年|当时|当初|以前|去年|前年|早先|原先")
OBJECT = re.compile(r"把(?!那个|这个|它|那|这|俩|两个|剩下|后面|前面)([^，。？！ ]{1,8})$")
OPENING = re.compile(r"[开弄办签整搞]")
FOCUS_REACH = 4
"""Turns within which an ellipsis ("先开吧") still means the permission last spoken of."""
FOCUS_WEIGHT = 0.7
"""An act on a permission that is neither named nor offered just now needs at least this weight."""
WANTS = frozenset({"want", "ask", "blocked", "like", "habit", "accept"})
AGAINST = frozenset({"refuse", "dislike"})
FLAT = 6
"""A refusal that begins within so many characters of an answer is flat: what is asked after it is rhetoric."""
DISLIKE_ALONE = 0.5
"""What an answer that only runs an offered thing down weighs at least to be a refusal."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for permission_intent, one a block and permission."""
    found: list[Candidate] = []
    named = {t.index: find_mentions(TAG, t, "permission") for t in analysis.turns}
    for block in find_blocks(analysis):
        found.extend(_decide_block(analysis, block, named))
        found = _disclaimed(block, found)
    yield from found


def _decide_block(analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]]) -> Iterator[Candidate]:
    context = _context(block)
    beside = any(not m.weak for t in (*block.advisor[-3:], *block.client) for m in named[t.index])
    own = {t.index: groups(_strong(named[t.index], context, beside=beside), t.text) for t in block.client}
    acts = [a for t in block.client for a in find_acts(t, *SECTIONS)]
    offer = _offer(analysis, block, named)
    focus = _focus(analysis, block, named) if not offer.mentions and not any(own.values()) else ()
    if any(a.kind == "mixup" for a in acts):
        return
    evidence: dict[str, list[tuple[Act, Mention]]] = {}
    for act in acts:
        targets = assign(act, block, own, offer)
        if not targets and focus and act.weight >= FOCUS_WEIGHT and _opens(block, act):
            targets = focus
        for mention in targets:
            if _counts(act, mention, block, named):
                evidence.setdefault(mention.value, []).append((act, mention))
    accepted = _accept(block, offer, acts)
    for mention in offer.mentions if accepted else ():
        evidence.setdefault(mention.value, []).append((accepted, mention)) if accepted else None
    for value, pieces in evidence.items():
        candidate = _decide(value, pieces, offer if value in offer.values else Offer())
        if candidate is not None:
            yield candidate


def _opens(block: Block, act: Act) -> bool:
    """Whether an act with no object of its own speaks of opening: a 不动 or 别说 long after may mean anything."""
    turn = next(t for t in block.client if t.index == act.turn)
    return act.kind not in AGAINST or bool(OPENING.search(turn.text[act.start : act.end]))


def _context(block: Block) -> str:
    """The words in which a weak name is judged: the block's and the advisor's before it."""
    return "\n".join(t.text for t in (*block.advisor[-3:], *block.client))


def _strong(mentions: Sequence[Mention], context: str, *, beside: bool = False) -> list[Mention]:
    """The mentions that stand for a permission: strong names, and weak ones beside a word of opening or a strong one."""
    has_cue = beside or any(rule.pattern.search(context) for rule in rules(TAG, "cues"))
    return [m for m in mentions if has_cue or not m.weak]


def _has_other_object(turn: AnalysedTurn, act: Act, mentions: Sequence[Mention]) -> bool:
    """你就把过户给我办利索: the act has an object of its own, and it is no permission."""
    clause = turn.clause_at(act.start)
    before = turn.text[clause.start if clause else 0 : act.start]
    found = OBJECT.search(before)
    if not found:
        return False
    low = act.start - len(before) + found.start(1)
    return not any(m.start < act.start and low < m.end for m in mentions if m.turn == turn.index)


def _offer(analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]]) -> Offer:
    """What the advisor's last turns offer; 那您要不要开 names again what was last spoken of."""
    run = block.advisor[-3:]
    words = "\n".join(t.text for t in run)
    strength = max((r.score for r in rules(TAG, "offers") if r.pattern.search(words)), default=0.0)
    mentions = _strong([m for t in run for m in named[t.index]], words)
    if not mentions and any(r.extra.get("anaphor") and r.pattern.search(words) for r in rules(TAG, "offers")):
        mentions = list(_last_named(analysis, run[0].index, named))
    having = any(r.pattern.search(words) for r in rules(TAG, "have_questions"))
    return offer_of(block, mentions, strength, asks_having=having)


def _focus(analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]]) -> tuple[Mention, ...]:
    return _last_named(analysis, block.client[0].index, named)


def _last_named(analysis: Analysis, before: int, named: dict[int, tuple[Mention, ...]]) -> tuple[Mention, ...]:
    """The permissions last spoken of before a turn, within FOCUS_REACH."""
    for index in range(before - 1, max(-1, before - 1 - FOCUS_REACH), -1):
        mentions = _strong(named[index], analysis.turns[index].text)
        if mentions:
            last = groups(mentions, analysis.turns[index].text)[-1]
            return tuple(last)
    return ()


def _counts(act: Act, mention: Mention, block: Block, named: dict[int, tuple[Mention, ...]]) -> bool:
    """Whether an act is the client's own and meant: not another person's, not a joke, not a far-off if."""
    turn = next(t for t in block.client if t.index == act.turn)
    qualifiers = turn.qualifiers(act.start, act.end)
    if Qualifier.JOKE in qualifiers or _someday(turn, act):
        return False
    offered = all(mention.turn != t.index for t in block.client)
    if act.kind == "refuse" and offered:
        return True
    if act.kind == "want" and _long_ago(turn, act):
        return False
    if about_other(turn, act.start, act.end) or _has_other_object(turn, act, named[turn.index]):
        return False
    if offered:
        return True
    said = next(t for t in block.client if t.index == mention.turn)
    return not (about_other(said, mention.start, mention.end) and about_other(turn, act.start, act.end))


def _someday(turn: AnalysedTurn, act: Act) -> bool:
    return any(
        c.entry == "hypothesis.someday" and c.scope[0] < act.end and act.start < c.scope[1]
        for clause in turn.clauses
        for c in clause.cues
    )


def _long_ago(turn: AnalysedTurn, act: Act) -> bool:
    """上回在别家给我勾了八个: told of another time."""
    clause = turn.clause_at(act.start)
    low = turn.text.rfind("。", 0, act.start) + 1 if clause else 0
    return bool(LONG_AGO.search(turn.text[max(low, act.start - 16) : act.start])) and "了" in turn.text[act.start : act.end]


def _accept(block: Block, offer: Offer, acts: Sequence[Act]) -> Act | None:
    """A bare 嗯, 行, 可以 to a question whether to open it."""
    if block.reply is not Reply.YES or not offer.asked or offer.asks_having or offer.strength < 0.2:
        return None
    if any(a.kind in ("has", "refuse", "what", "dislike") for a in acts):
        return None
    first = block.client[0]
    return Act("accept", f"{TAG}.accept", 0.55, first.index, 0, min(len(first.text), 12))


def _decide(value: str, pieces: Sequence[tuple[Act, Mention]], offer: Offer) -> Candidate | None:
    """One permission's evidence in one block as a candidate, or None where it does not carry."""
    ordered = sorted(pieces, key=lambda p: p[0].position)
    has = [a for a, _ in ordered if a.kind == "has"]
    after = has[-1].position if has else (-1, -1)
    wants = [p for p in ordered if p[0].kind in WANTS and p[0].position > after]
    against = [p for p in ordered if p[0].kind in AGAINST and not has]
    refusals = [p for p in against if p[0].kind == "refuse"]
    postponed = [p for p in ordered if p[0].kind == "postpone"]
    pro = noisy_or(a.weight for a, _ in wants)
    con = noisy_or(a.weight for a, _ in against)
    if has and not wants:
        return None
    if refusals or (con >= DISLIKE_ALONE and offer.mentions and con > pro and not postponed):
        flat = bool(refusals) and refusals[0][0].start <= FLAT and offer.mentions != ()
        turning = [a for a, _ in wants if a.weight >= (0.7 if flat else 0.6) and not (flat and a.kind == "ask")]
        last_want = max((a.position for a in turning), default=(-1, -1))
        last_no = max((a.position for a, _ in refusals), default=(-1, -1))
        if not wants or last_no > last_want:
            return _candidate(value, Stance.NEGATED, against, con, offer)
    if wants:
        return _candidate(value, Stance.AFFIRMED, [*wants, *postponed], pro, offer)
    if postponed and offer.mentions:
        return _candidate(value, Stance.AFFIRMED, postponed, noisy_or(a.weight for a, _ in postponed), offer)
    return None


def _candidate(
    value: str, stance: Stance, pieces: Sequence[tuple[Act, Mention]], weight: float, offer: Offer
) -> Candidate | None:
    best = max(pieces, key=lambda p: (p[0].weight, p[0].position))[0]
    quote = Span(best.turn, best.start, best.end)
    support = {Span(a.turn, a.start, a.end) for a, _ in pieces} | {Span(m.turn, m.start, m.end) for _, m in pieces}
    adjustments = (("offered", offer.strength),) if offer.mentions else ()
    return Candidate(
        tag=TAG,
        stance=stance,
        value={"permission": value},
        quote=quote,
        support=tuple(sorted(support - {quote}, key=lambda s: (s.turn, s.start))),
        rule=best.rule,
        score=round(min(0.95, weight), 4),
        adjustments=adjustments,
        qualifiers=tuple(sorted({a.kind for a, _ in pieces})),
    )


def _disclaimed(block: Block, found: list[Candidate]) -> list[Candidate]:
    """Without the wishes that he then says he asked about for somebody else."""
    for turn in block.client:
        for rule in rules(TAG, "disclaim"):
            if rule.pattern.search(turn.text) and any(
                c.qualifier is Qualifier.OTHER_PERSON for t in block.client for cl in t.clauses for c in cl.cues
            ):
                low = turn.index - FOCUS_REACH
                return [c for c in found if c.stance is Stance.NEGATED or c.quote.turn < low]
    return found
