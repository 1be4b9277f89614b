"""permission_intent: which permission a client wants, asks how to get, or refuses (spec/tags.md).

A small decision model. Each block of the client's turns is read for acts (attitudes.py); each act goes to the
permissions it is about: named, offered, or last spoken of; for each permission the evidence for and against is joined
by noisy-or, and what he said last and clearly decides. He has it already, asks what it is, speaks of somebody else,
or only listens: no tag.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence

from huiyin.domain.tag import Stance
from huiyin.domain.tags import PERMISSIONS
from huiyin.taggers.analysis import Analysis, Qualifier, Reply
from huiyin.taggers.attitudes import (
    SENTENCE,
    Act,
    Block,
    Mention,
    Offer,
    assign,
    find_acts,
    find_blocks,
    find_mentions,
    groups,
    negative_answer,
    offer_of,
)
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.evidence import AGAINST, Piece, candidate_of, counts, weigh
from huiyin.taggers.rules import rules

TAG = "permission_intent"
SECTIONS = (("attitudes", "acts"), (TAG, "acts"))
THEY = re.compile(r"[他她](?!们?(?:叫|让)我)|他们|那些人|的人")
HAS_IT = re.compile(
    r"^(?:[嗯啊哦哎呃，。 ]|那|这个)*(?:有(?!兴趣|没|啥|什么|点|空|些|人|个)|开(?:了|过|着)|早(?!说)|是的|对(?!了))"
)
"""The answer 有 to 您开了没有."""
OPENING = re.compile(r"[开弄办签整搞]")
FOCUS_REACH = 4
"""Turns within which an ellipsis ("先开吧") still means the permission last spoken of."""
JUST_NOW = 3
"""Turns within which it may be one that he has said nothing of yet."""
ANY = frozenset(PERMISSIONS)
FOCUS_WEIGHT = 0.7
"""An act on a permission that is neither named nor offered just now needs at least this weight."""
LAST_WORDS = 30
"""Characters at the end of the advisor's turn in which the question that a bare 嗯 answers must stand."""
ACCEPTED = 0.55
"""What a bare 嗯 to a question whether to open it weighs."""
DIRECT = 0.2
"""Strength from which on an offer is a question or proposal to open."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for permission_intent, one a block and permission."""
    found: list[Candidate] = []
    named = {t.index: find_mentions(TAG, t, "permission") for t in analysis.turns}
    for block in find_blocks(analysis):
        found.extend(_decide_block(analysis, block, named, {str(c.value["permission"]) for c in found}))
        found = _disclaimed(block, found)
    yield from found


def _decide_block(
    analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]], engaged: set[str]
) -> Iterator[Candidate]:
    context = _context(block)
    beside = any(not m.weak for t in (*block.advisor[-3:], *block.client) for m in named[t.index])
    own = {t.index: groups(_strong(named[t.index], context, beside=beside), t.text) for t in block.client}
    acts = [a for t in block.client for a in find_acts(t, *SECTIONS)]
    offer = _offer(analysis, block, named)
    focus = () if offer.mentions or any(own.values()) else _last_named(analysis, block.client[0].index, named, engaged)
    if any(a.kind == "mixup" for a in acts):
        offer, focus = Offer(), ()
    if offer.asks_having and HAS_IT.search(block.client[0].text):
        acts.insert(0, Act("has", f"{TAG}.has_it", 0.8, block.client[0].index, 0, 2))
    if offer.mentions and offer.strength >= DIRECT and not offer.asks_having:
        denied = negative_answer(block, acts)
        acts += [denied] if denied else []
    acts += _questions(block, own, acts)
    evidence: dict[str, list[Piece]] = {}
    for act in acts:
        targets = assign(act, block, own, offer)
        if not targets and focus and act.weight >= FOCUS_WEIGHT and _opens(block, act, focus):
            targets = focus
        for mention in targets:
            if counts(act, mention, block, named):
                evidence.setdefault(mention.value, []).append((act, mention))
    accepted = _accept(block, offer, acts)
    if accepted:
        for mention in offer.mentions:
            evidence.setdefault(mention.value, []).append((accepted, mention))
    for value, pieces in evidence.items():
        made = offer if value in offer.values else Offer()
        verdict = weigh(pieces, made)
        if verdict is not None:
            yield candidate_of(TAG, "permission", value, verdict, made)


def _questions(block: Block, own: dict[int, list[tuple[Mention, ...]]], acts: Sequence[Act]) -> Iterator[Act]:
    """Sentences that name a permission, speak of opening and ask, in words of no list."""
    opening, asking = rules(TAG, "questions")
    for turn in block.client:
        if any(a.turn == turn.index and a.kind in ("ask", "want", "what", "has", "refuse") for a in acts):
            continue
        for group in own[turn.index]:
            low = max((m.end() for m in SENTENCE.finditer(turn.text, 0, group[0].start)), default=0)
            end = SENTENCE.search(turn.text, group[-1].end)
            high = end.end() if end else len(turn.text)
            verbs = opening.pattern.finditer(turn.text, low, high)
            verb = next(
                (v for v in verbs if not any(m.start <= v.start() < m.end for g in own[turn.index] for m in g)), None
            )
            if not verb or THEY.search(turn.text, low, verb.start()):
                continue
            if asking.pattern.search(turn.text, low, high):
                yield Act("ask", opening.id, opening.score, turn.index, min(low, verb.start()), high)


def _opens(block: Block, act: Act, focus: Sequence[Mention]) -> bool:
    """Whether an act with no object of its own may be about the focus: a 不动 or 别说 long after may mean anything."""
    turn = next(t for t in block.client if t.index == act.turn)
    near = act.turn - focus[0].turn < JUST_NOW and act.rule != "attitude.refuse.stop_it"
    return act.kind not in AGAINST or near or bool(OPENING.search(turn.text[act.start : act.end]))


def _context(block: Block) -> str:
    """The words in which a weak name is judged: the block's and the advisor's before it."""
    return "\n".join(t.text for t in (*block.advisor[-3:], *block.client))


def _strong(mentions: Sequence[Mention], context: str, *, beside: bool = False) -> list[Mention]:
    """The mentions that stand for a permission: strong names, and weak ones beside a word of opening or such a name."""
    has_cue = beside or any(rule.pattern.search(context) for rule in rules(TAG, "cues"))
    return [m for m in mentions if has_cue or not m.weak]


def _offer(analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]]) -> Offer:
    """What the advisor's last turns offer; 那您要不要开 names again what was last spoken of."""
    run = block.advisor[-3:]
    words = "\n".join(t.text for t in run)
    strength = max((r.score for r in rules(TAG, "offers") if r.pattern.search(words)), default=0.0)
    mentions = _strong([m for t in run for m in named[t.index]], _context(block))
    if not mentions and any(r.extra.get("anaphor") and r.pattern.search(words) for r in rules(TAG, "offers")):
        mentions = list(_last_named(analysis, run[0].index, named, ANY))
    having = any(r.pattern.search(words) for r in rules(TAG, "have_questions"))
    return offer_of(block, mentions, strength, asks_having=having)


def _last_named(
    analysis: Analysis, before: int, named: dict[int, tuple[Mention, ...]], engaged: Container[str]
) -> tuple[Mention, ...]:
    """The permissions last spoken of before a turn: just now by anybody, or farther off where he took them up."""
    for index in range(before - 1, max(-1, before - 1 - FOCUS_REACH), -1):
        mentions = _strong(named[index], analysis.turns[index].text)
        if mentions:
            last = tuple(groups(mentions, analysis.turns[index].text)[-1])
            return last if before - index <= JUST_NOW or any(m.value in engaged for m in last) else ()
    return ()


def _accept(block: Block, offer: Offer, acts: Sequence[Act]) -> Act | None:
    """A bare 嗯, 行, 可以 to a question whether to open it."""
    if block.reply is not Reply.YES or not offer.asked or offer.asks_having or offer.strength < DIRECT:
        return None
    if not any(
        r.score >= DIRECT and r.pattern.search(block.advisor[-1].text[-LAST_WORDS:]) for r in rules(TAG, "offers")
    ):
        return None
    if any(a.kind in ("has", "refuse", "what", "dislike") for a in acts):
        return None
    first = block.client[0]
    return Act("accept", f"{TAG}.accept", ACCEPTED, first.index, 0, min(len(first.text), 12))


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
