"""product_preference: which kinds of product a client likes, wants, keeps using, or avoids (spec/tags.md).

The same model as permission_intent over products: acts, what they are about, evidence for and against. What only
lies elsewhere, or belongs to a company, is no liking; a thing said of a permission is the permission's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from huiyin.taggers.analysis import AnalysedTurn, Analysis, Reply
from huiyin.taggers.attitudes import (
    Act,
    Block,
    Mention,
    Offer,
    assign,
    find_acts,
    find_blocks,
    find_mentions,
    groups,
    offer_of,
)
from huiyin.taggers.candidate import Candidate
from huiyin.taggers.evidence import Piece, candidate_of, counts, weigh
from huiyin.taggers.rules import rules

TAG = "product_preference"
SECTIONS = (("attitudes", "acts"), (TAG, "acts"))
LAST_WORDS = 26
"""Characters at the end of the advisor's turn in which the question that a bare 行 answers must stand."""
ACCEPTED = 0.5
"""What a bare 嗯 to "要不要配点黄金" weighs."""
DISLIKE_ALONE = 0.6
"""What running an offered product down weighs at least to be a refusal: 再多就睡不着了 sets a limit, no more."""
KINDS = frozenset({"refuse", "dislike", "like", "want", "habit", "postpone"})
FOCUS_REACH = 3
FOCUS_RULES = frozenset({"product.want.find_me", "product.like.suits", "product.want.take_it", "product.want.more"})
"""What may be said of a product named some turns before."""
PERMITTED = frozenset({"convertible_bond", "private_fund", "fund_advisory", "overseas"})
"""Products that have a permission of the same name: where opening is talked of, what is said is said of that."""
EXPLAINING = PERMITTED | {"insurance", "ipo", "stock", "index_fund"}
"""Products by which an advisor explains a permission: 期权就是给持仓买个保险."""
OUTRIGHT = frozenset({"product.like.love", "product.want.buy", "product.want.find_me", "permission.want.goal"})
AVOIDS = re.compile(r"[碰沾买玩要投炒]")
REST = re.compile(r"(?:别|旁|其他|其它|其余)的")
NOT_NOW = 0.6
"""Weight of 先不要 said of a product: to put a product off is not to want it, unlike a permission."""


def propose(analysis: Analysis) -> Iterator[Candidate]:
    """Candidates for product_preference, one a block and product."""
    named = {t.index: _products(t) for t in analysis.turns}
    for block in find_blocks(analysis):
        yield from _decide_block(analysis, block, named)


def _products(turn: AnalysedTurn) -> tuple[Mention, ...]:
    """Products named in a turn, without those that are part of a permission's name (借钱炒股, 给持仓上个保险)."""
    permissions = [m for m in find_mentions("permission_intent", turn, "permission") if not m.weak]
    beside = turn.is_advisor and bool(permissions)
    return tuple(
        m
        for m in find_mentions(TAG, turn, "product")
        if not (beside and m.value in EXPLAINING) and not any(p.start < m.end and m.start < p.end for p in permissions)
    )


def _opens(text: str) -> bool:
    return any(r.pattern.search(text) for r in rules("permission_intent", "cues"))


def _decide_block(analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]]) -> Iterator[Candidate]:
    words = "\n".join(t.text for t in (*block.advisor[-2:], *block.client))
    permission = _opens(words)
    named = _clear(block, named, permission=permission)
    own = {t.index: groups(named[t.index], t.text) for t in block.client}
    offer = _offer(block, named)
    focus = () if offer.mentions or any(own.values()) else _focus(analysis, block, named)
    if not offer.mentions and not any(own.values()) and not focus:
        return
    acts = [_as_product_act(a, t.text[a.start : a.end]) for t in block.client for a in find_acts(t, *SECTIONS)]
    acts = [
        a for a in acts if a.kind in KINDS and not _only_rolls_over(block, a, acts) and not _of_the_rest(block, a, own)
    ]
    evidence: dict[str, list[Piece]] = {}
    for act in acts:
        for mention in assign(act, block, own, offer) or (focus if _speaks_of_focus(block, act) else ()):
            if permission and mention.value in PERMITTED and act.rule not in OUTRIGHT:
                continue
            if act.kind == "refuse" and _of_another_turn(block, act, mention):
                continue
            if counts(act, mention, block, named):
                evidence.setdefault(mention.value, []).append((act, mention))
    accepted = _accept(block, offer, acts)
    if accepted:
        for mention in offer.mentions:
            evidence.setdefault(mention.value, []).append((accepted, mention))
    for value, pieces in evidence.items():
        made = offer if value in offer.values else Offer()
        if not made.mentions and all(_held_elsewhere(block, a) for a, _ in pieces):
            continue
        verdict = weigh(pieces, made, dislike_alone=DISLIKE_ALONE, postponing=False)
        if verdict is not None:
            yield candidate_of(TAG, "product", value, verdict, made)


def _clear(block: Block, named: dict[int, tuple[Mention, ...]], *, permission: bool) -> dict[int, tuple[Mention, ...]]:
    """Without weak names beside a clear one in the client's turn or the advisor's run: ETF after 黄金 is no index."""
    out = dict(named)
    for turn in (*block.advisor[-3:], *block.client):
        beside = (turn,) if turn.is_client else (*block.advisor[-3:], *block.client)
        clear = {m.value for t in beside for m in named[t.index] if not m.weak}
        out[turn.index] = tuple(m for m in named[turn.index] if not m.weak or not (permission or clear - {m.value}))
    return out


def _as_product_act(act: Act, said: str) -> Act:
    """先不要 said of a product is a refusal for now; a bare 先放放 is nothing."""
    if act.rule == "attitude.postpone.first" and said.startswith("先不"):
        return replace(act, kind="refuse", weight=NOT_NOW)
    return act


def _focus(analysis: Analysis, block: Block, named: dict[int, tuple[Mention, ...]]) -> tuple[Mention, ...]:
    """The products last spoken of, for 适合我, 多发几个, 不碰了."""
    first = block.client[0].index
    for index in range(first - 1, max(-1, first - 1 - FOCUS_REACH), -1):
        if named[index]:
            return tuple(groups(named[index], analysis.turns[index].text)[-1])
    return ()


def _speaks_of_focus(block: Block, act: Act) -> bool:
    said = _turn(block, act).text[act.start : act.end]
    return act.rule in FOCUS_RULES or (act.rule == "attitude.refuse.not_do" and bool(AVOIDS.search(said)))


def _of_another_turn(block: Block, act: Act, mention: Mention) -> bool:
    """Whether a refusal and the product stand in two messages of the client's: each may have its own object."""
    return mention.turn != act.turn and any(mention.turn == t.index for t in block.client)


def _of_the_rest(block: Block, act: Act, own: dict[int, list[tuple[Mention, ...]]]) -> bool:
    """旁的我不要, 别的都没劲: refused is what was not named."""
    turn = _turn(block, act)
    clause = turn.clause_at(act.start)
    if act.kind not in ("refuse", "dislike") or clause is None:
        return False
    inside = any(clause.start <= m.start < act.start for g in own.get(turn.index, ()) for m in g)
    rest = REST.search(turn.text[clause.start : act.end])
    return bool(rest) and not (inside and not REST.search(turn.text[clause.start : act.start]))


def _turn(block: Block, act: Act) -> AnalysedTurn:
    return next(t for t in block.client if t.index == act.turn)


def _only_rolls_over(block: Block, act: Act, acts: Sequence[Act]) -> bool:
    """到期不续了 says where money goes, not what he thinks of the product, unless he runs it down as well."""
    said = _turn(block, act).text[act.start : act.end]
    return act.kind == "refuse" and "续" in said and not any(a.kind == "dislike" for a in acts)


def _held_elsewhere(block: Block, act: Act) -> bool:
    """A habit told together with another house (工行那个积存金我一个月攒两克) is a holding there."""
    return act.kind == "habit" and bool(_turn(block, act).institutions)


def _offer(block: Block, named: dict[int, tuple[Mention, ...]]) -> Offer:
    run = block.advisor[-3:]
    words = "\n".join(t.text for t in run)
    mentions = [m for t in run for m in named[t.index]]
    strength = max((r.score for r in rules(TAG, "offers") if r.pattern.search(words)), default=0.0)
    return offer_of(block, mentions, strength)


def _asks_now(block: Block) -> bool:
    """Whether the offer stands at the end of what the advisor said, and not a question of something else."""
    last = block.advisor[-1].text[-LAST_WORDS:] if block.advisor else ""
    return any(r.pattern.search(last) for r in rules(TAG, "offers")) and bool(last)


def _accept(block: Block, offer: Offer, acts: Sequence[Act]) -> Act | None:
    """A bare 行 to an offered product."""
    if block.reply is not Reply.YES or not offer.asked or not offer.strength or not _asks_now(block):
        return None
    if any(a.kind in ("has", "refuse", "what", "dislike", "postpone") for a in acts):
        return None
    first = block.client[0]
    return Act("accept", f"{TAG}.accept", ACCEPTED, first.index, 0, min(len(first.text), 12))
