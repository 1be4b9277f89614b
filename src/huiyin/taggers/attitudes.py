"""What a client does about a named thing: wants it, asks what it takes, refuses it, puts it off, has it.

Shared by the taggers of permissions and of products, whose things are offered and answered in the same ways:

    A: 两融跟北交所一起办了行不？            offered: margin, bse
    C: 两融就算咯。北交所我倒是想搞一个        refuse → margin; want → bse

A client's turns in a row are a `Block`; the advisor's turns before it hold the offer. `find_acts` reads the acts
(lexicons/attitudes.yaml and the tag's own), `assign` gives each to the things it is about: the one named nearest in
the same breath, else those that were offered, else the one last spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from huiyin.lexicon import load
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier, Reply
from huiyin.taggers.dialogue import asks
from huiyin.taggers.rules import Rule, rules

ACTS = ("void", "mixup", "has", "postpone", "refuse", "blocked", "like", "want", "habit", "ask", "dislike", "what")
"""In order of precedence: an act whose words overlap those of an earlier one gives way to it."""
OBJECT_REACH = 14
REFUSED_REACH = 8
"""Characters after a wish, or a refusal, within which a thing named is its object."""
COORDINATION = re.compile(
    r"^(?:的)?(?:权限|账户|户|那个|这个|那边|板块)?"
    r"(?:[、，,和跟与或及还有也都以同带 ]|还有|以及|加上|连同|外加|的和|再加)*$"
)
WISHES = frozenset({"want", "like", "habit"})
FORBIDDEN = re.compile(r"(?:别|莫|甭|勿|覅|没|未|不|不要|不用|少|谁)(?:再|老|给|跟|想|先|那么|太|怎么|大)?$")
"""What stands right before a wish and turns it: 先别跟我说."""
SUBJECT_REACH = 12
"""Characters before a predicate (蛮好, 行) within which a thing named is its subject."""
SENTENCE = re.compile(r"[。！？!?；;]")
OTHERS = re.compile(
    r"(?:另外|其他|其它|其余|剩下|别的|余下)(?:的)?(?:那)?(?:俩|两个|两样|几个|三个|两项|几样|都|就|的|不|全)"
)
LAST_TWO = re.compile(r"后(?:面|头|边)?(?:这|那)?(?:两|俩)(?:个|样|项|只)?")
FIRST_TWO = re.compile(r"前(?:面|头|边)?(?:这|那)?(?:两|俩)(?:个|样|项|只)")
LAST = re.compile(r"后(?:头|面|边)?(?:的)?(?:那个|那样|一个|那项|那只)|第二个|最后(?:那|一)个")
FIRST = re.compile(r"(?:前|头)(?:头|面|边)?(?:的)?(?:那个|那样|一个|那项|那只)|第一个")
MIDDLE = re.compile(r"(?:中间|当中)(?:的)?(?:那个|那样|一个|那类|那种|档)?")
SELF = re.compile(
    r"(?<![跟给对叫让拉问喊劝带陪找教同害骗逼催替帮])(?:我(?!们(?:单位|公司|厂|科室|队|小区|学校|院|村|老板|领导))|俺|额|阿拉|咱|偶)"
)
"""The speaker as the one who acts: not 跟我讲, 让我问."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing named in a turn, by a term or a description."""

    turn: int
    start: int
    end: int
    value: str
    rule: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    kind: str
    rule: str
    weight: float
    turn: int
    start: int
    end: int
    after: int = 0  # a predicate, said after its subject only (那个就蛮好): at most so many characters after it
    bound: bool = False  # it takes its object after it (换成债基): never what was named before or offered

    @property
    def position(self) -> tuple[int, int]:
        return (self.turn, self.start)


@dataclass(frozen=True, slots=True)
class Offer:
    """What the advisor named before the client spoke. `strength` is added to what the answer weighs."""

    mentions: tuple[Mention, ...] = ()
    strength: float = 0.0
    asked: bool = False  # as a question or proposal, which a bare 嗯 answers
    asks_having: bool = False  # whether he has it: 没有 is no refusal then

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(m.value for m in self.mentions))


@dataclass(frozen=True)
class Block:
    """Client turns in a row, and the advisor's turns in a row before them."""

    client: tuple[AnalysedTurn, ...]
    advisor: tuple[AnalysedTurn, ...]
    reply: Reply
    acts: tuple[Act, ...] = field(default=())


def find_blocks(analysis: Analysis) -> Iterator[Block]:
    """The client's runs of turns in order, each with the advisor's run before it."""
    client: list[AnalysedTurn] = []
    advisor: list[AnalysedTurn] = []
    for turn in analysis.turns:
        if turn.is_client:
            client.append(turn)
        elif client:
            yield _block(analysis, client, advisor)
            client, advisor = [], [turn] if turn.is_advisor else []
        elif turn.is_advisor:
            advisor.append(turn)
    if client:
        yield _block(analysis, client, advisor)


def _block(analysis: Analysis, client: Sequence[AnalysedTurn], advisor: Sequence[AnalysedTurn]) -> Block:
    exchange = analysis.exchange_answered_at(client[0].index)
    return Block(tuple(client), tuple(advisor), exchange.reply if exchange else Reply.LISTENING)


@cache
def _weak_entries(tag: str) -> frozenset[str]:
    return frozenset(e["id"] for e in load(tag).get("terms", ()) if e.get("weak"))


def find_mentions(tag: str, turn: AnalysedTurn, field_name: str) -> tuple[Mention, ...]:
    """Things of a tag named in a turn: its terms, and the descriptions of section `subjects`, longest first.

    A place where section `not_subjects` matches names none (公司发的期权, 两融余额).
    """
    found = [
        Mention(turn.index, h.start, h.end, h.value, h.entry, h.entry in _weak_entries(tag)) for h in turn.hits(tag)
    ]
    for rule in rules(tag, "subjects"):
        for m in rule.pattern.finditer(turn.text):
            weak = bool(rule.extra.get("weak") or rule.extra.get("needs_focus"))
            found.append(Mention(turn.index, m.start(), m.end(), str(rule.value[field_name]), rule.id, weak))
    barred = [m.span() for rule in rules(tag, "not_subjects") for m in rule.pattern.finditer(turn.text)]
    found = [f for f in found if not any(a < f.end and f.start < b for a, b in barred)]
    kept: list[Mention] = []
    for mention in sorted(found, key=lambda m: (m.weak, m.start - m.end, m.start)):
        if not any(k.start < mention.end and mention.start < k.end for k in kept):
            kept.append(mention)
    return tuple(sorted(kept, key=lambda m: m.start))


def find_acts(turn: AnalysedTurn, *sections: tuple[str, str]) -> list[Act]:
    """The acts in a client's turn, of the given (lexicon, section) pairs, none overlapping a stronger kind's."""
    hits: list[Act] = []
    for lexicon, section in sections:
        for rule in rules(lexicon, section):
            hits.extend(_hits(rule, turn))
    hits.sort(key=lambda a: (ACTS.index(a.kind), -a.weight, a.start))
    kept: list[Act] = []
    for hit in hits:
        if hit.kind in WISHES and FORBIDDEN.search(turn.text[: hit.start]):
            continue
        if not any(k.start < hit.end and hit.start < k.end and _yields(hit.kind, k.kind) for k in kept):
            kept.append(hit)
    return sorted((a for a in kept if a.kind != "void"), key=lambda a: a.start)


def _yields(kind: str, to: str) -> bool:
    """Whether an act gives way to an overlapping one; a void phrase (是不是) takes the force of refusals alone."""
    return kind != to and (to != "void" or kind not in ("want", "ask", "blocked", "like", "habit", "what"))


def _hits(rule: Rule, turn: AnalysedTurn) -> Iterator[Act]:
    for m in rule.pattern.finditer(turn.text):
        if m.end() == m.start():
            continue
        low, high = turn.to_raw(m.start(), m.end())
        if not any(a < high and low < b for a, b in turn.turn.quoted):
            yield Act(
                str(rule.extra["act"]),
                rule.id,
                rule.score,
                turn.index,
                m.start(),
                m.end(),
                bool(rule.extra.get("after")),
            )


def _after(rule: Rule) -> int:
    after = rule.extra.get("after", 0)
    return SUBJECT_REACH if after is True else int(after)


def negative_answer(block: Block, acts: Sequence[Act]) -> Act | None:
    """The refusal in an answer that denies in words of no list: 我那点钱不够塞牙缝的; None beside any other act."""
    if block.reply is Reply.YES or any(a.kind not in ("dislike",) for a in acts):
        return None
    first = block.client[0]
    for rule in rules("attitudes", "answers"):
        match = rule.pattern.search(first.text)
        if match and Qualifier.JOKE not in first.qualifiers(match.start(), match.end()):
            return Act("refuse", rule.id, rule.score, first.index, match.start(), match.end())
    return None


def groups(mentions: Sequence[Mention], text: str) -> list[tuple[Mention, ...]]:
    """Mentions of one turn, those joined by 和, 跟, a comma … together."""
    out: list[list[Mention]] = []
    for mention in mentions:
        if out and COORDINATION.match(text[out[-1][-1].end : mention.start]):
            out[-1].append(mention)
        else:
            out.append([mention])
    return [tuple(g) for g in out]


def assign(act: Act, block: Block, own: dict[int, list[tuple[Mention, ...]]], offer: Offer) -> tuple[Mention, ...]:
    """The things an act of the block is about; empty where nothing was named or offered in reach."""
    turn = next(t for t in block.client if t.index == act.turn)
    here = own.get(act.turn, [])
    pointed = _pointed(act, turn, own, offer)
    if pointed is not None and not act.bound:
        return pointed
    inside = [
        g
        for g in here
        if (act.start <= g[0].start and g[-1].end <= act.end) or (g[0].start <= act.start and act.end <= g[-1].end)
    ]
    if inside:
        return inside[-1]
    clause = turn.clause_at(act.start)
    reach = REFUSED_REACH if act.kind in ("refuse", "dislike") else OBJECT_REACH
    limit = min(clause.end, act.end + reach) if clause else act.end
    following = next((g for g in here if act.end - 1 <= g[0].start < limit), None)
    if act.after:
        following = None
    if following and re.fullmatch(
        r"(?:了|个|一个|一下|那个|这个|把|你们的?|点|的)*", turn.text[act.end : following[0].start]
    ):
        return following
    if act.bound:
        return following or ()
    preceding = next((g for g in reversed(here) if g[-1].end <= act.end), None)
    if act.after and preceding and act.start - preceding[-1].end > act.after:
        preceding = None
    if act.after and act.after < SUBJECT_REACH and not preceding:
        return ()
    if preceding:
        between = turn.text[preceding[-1].end : max(act.start, preceding[-1].end)]
        if not SENTENCE.search(between) or not offer.mentions or preceding[-1].value in offer.values:
            return preceding
    if following:
        return following
    if offer.mentions:
        return offer.mentions
    earlier = [g for t in block.client if t.index < act.turn for g in own.get(t.index, [])]
    return earlier[-1] if earlier and not offer.mentions else offer.mentions


def _pointed(
    act: Act, turn: AnalysedTurn, own: dict[int, list[tuple[Mention, ...]]], offer: Offer
) -> tuple[Mention, ...] | None:
    """另外俩, 后头那个, 中间那个: which of the offered things an act points at."""
    if len(offer.values) < 2:
        return None
    clause = turn.clause_at(act.start)
    said = turn.text[clause.start if clause else 0 : max(act.end, clause.end if clause else act.end)]
    named = {m.value for gs in own.values() for g in gs for m in g if (m.turn, m.start) < (act.turn, act.end)}
    if OTHERS.search(said):
        return tuple(m for m in offer.mentions if m.value not in named)
    for pattern, few in ((LAST_TWO, offer.values[-2:]), (FIRST_TWO, offer.values[:2])):
        if pattern.search(said):
            return tuple(m for m in offer.mentions if m.value in few)
    if LAST.search(said):
        return tuple(m for m in offer.mentions if m.value == offer.values[-1])
    if FIRST.search(said):
        return tuple(m for m in offer.mentions if m.value == offer.values[0])
    if MIDDLE.search(said) and len(offer.values) >= 3:
        return tuple(m for m in offer.mentions if m.value == offer.values[1])
    return None


def about_other(turn: AnalysedTurn, start: int, end: int) -> bool:
    """Whether [start, end) speaks of somebody else's affair: no 我 of its own stands against it."""
    if Qualifier.OTHER_PERSON not in turn.qualifiers(start, end):
        return False
    clause = turn.clause_at(start)
    if clause is None:
        return True
    cues = [c for c in clause.cues if c.qualifier is Qualifier.OTHER_PERSON and c.scope[0] < end and start < c.scope[1]]
    last = max((c.end for c in cues if c.end <= start), default=clause.start)
    return not SELF.search(turn.text[max(last, clause.start) : end])


def offer_of(block: Block, mentions: Sequence[Mention], strength: float, *, asks_having: bool = False) -> Offer:
    """The advisor's run as an offer of `mentions`."""
    asked = any(asks(t.text) for t in block.advisor[-2:])
    return Offer(tuple(mentions), strength, asked, asks_having)
