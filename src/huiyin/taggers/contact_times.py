"""Times in the talk of calling and meeting: whose they are, whether they suit, what was asked before.

Shared by contact_time (appointments, habits) and advisor_commitment (what is due when). A `Talk` is what one speaker
says until the other answers; a chat writer's three short messages are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from huiyin.domain.conversation import Speaker
from huiyin.taggers.analysis import AnalysedTurn, Analysis, Qualifier
from huiyin.taggers.candidate import Span
from huiyin.taggers.rules import RuleMatch, match_rules, rules
from huiyin.taggers.values.times import TimeSpan

TAG = "contact_time"
NEAR = 26
"""Characters after a time in which it is told whether it suits."""
_SENTENCE = re.compile(r"[。！？!?\n]")
_OTHERS = re.compile(
    r"(?:他|她|闺女|女儿|儿子|孙子|孙女|老婆|媳妇|同事|朋友|领导|公司|银行|快递|中介|老板)(?:们|那边|说)?"
    r"[^你您，。！？!?]{0,14}(?:给我|跟我|给我们|找我|约我|叫我)|(?:款|钱|工资|奖金|年终|分红|租金|利息|本金)[^，。！？!?]{0,14}(?:打给我|打到|打过来|到账)|给(?:人家?|你妈|你爸|他|她|它|家里|我妈|我爸|孩子)(?:们)?(?:打|回|发)"
)
_WANTED_AHEAD = re.compile(
    r"(?:找|寻|打|联系)(?:我|给我|过来)?(?:的话)?(?:呢|嘛)?(?:就|挑|赶|放|选|最好|尽量|在)+(?:在|到|着)?$"
)
_FORBIDDEN_AHEAD = re.compile(r"(?:别|甭|莫|不要|避开|别在|不要在)$")
_MISSED_CALL = re.compile(
    r"就(?:给我|跟我)?(?:打|来|响|发|唱)|"
    r"[^，。！？,!?]{0,3}(?:买|开|办|做|签|说|讲|聊|建)(?:的|了|过)|"
    r"[^，。！？,!?]{0,4}(?:打|拨|找|联系|来)(?:了|过)?(?:您|你|我|电话)*[^，。！？,!?]{0,3}(?:没接|没打通|没人接|不通|没找着|没联系上|过(?=[，,。\s]|$))"
)
_SUGGESTED = re.compile(r"(?:吧|嘛|呗|哈|再|噻|咯|$|[，,。])")
_AND = re.compile(r"[跟和、与及或\s]|还有|或者|连")
_FOREIGN = frozenset({Qualifier.HYPOTHETICAL, Qualifier.REPORTED, Qualifier.JOKE})
_BLOCKED = re.compile(
    r"(?:的时候|那天|那会儿?|点钟?)?(?:我们?|咱|俺|额|阿拉)?(?:[^，。！？,!?\s]{0,4})?"
    r"(?:还得|还要|我要|我得|要(?=去|上|开|带|送|接|喝|飞)|得(?=去|上|开|带|送|接|飞|给)|在(?=飞|开|上|外|医|睡)|有(?=课|会|事|点事)|不行|不得行|不成|没空|忙|上班|不方便|排练|约了|不在|开会|回来|返来|落地|结束)"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A time as somebody said it. `against` says why it does not suit: he is not to be called then (`forbidden`), or
    only does something then (`activity`)."""

    turn: int
    span: TimeSpan
    against: Literal["forbidden", "activity"] | None = None

    @property
    def place(self) -> Span:
        return Span(self.turn, self.span.start, self.span.end)


@dataclass(frozen=True)
class Talk:
    """Consecutive turns of one speaker."""

    turns: tuple[AnalysedTurn, ...]

    @property
    def is_client(self) -> bool:
        return self.turns[0].is_client

    @property
    def text(self) -> str:
        return " ".join(t.text for t in self.turns)

    def has(self, section: str, *, about: str | None = None) -> bool:
        """Whether a cue of lexicons/contact_time.yaml stands in it (`about` one thing, where the cue has one)."""
        return any(about is None or m.rule.value.get("about") == about for m in self.found(section))

    def found(self, section: str) -> Iterator[RuleMatch]:
        for turn in self.turns:
            yield from match_rules(TAG, turn, section=section)


def talks(analysis: Analysis) -> list[Talk]:
    """The conversation as talks, in order; what nobody's word (a robot, a third person) says is left out."""
    out: list[list[AnalysedTurn]] = []
    for turn in analysis.turns:
        if turn.speaker is Speaker.OTHER or not turn.text:
            continue
        if out and out[-1][-1].speaker is turn.speaker:
            out[-1].append(turn)
        else:
            out.append([turn])
    return [Talk(tuple(turns)) for turns in out]


def times_of(talk: Talk, *, answering: bool = False) -> list[Said]:
    """The times of a talk that are real, ahead, and not somebody else's, each with whether it suits.

    `answering`: the advisor asked for a time or proposed one, so a time said by itself suits.
    """
    out: list[Said] = []
    unreal = False
    for turn in talk.turns:
        before: Said | None = None
        for k, span in enumerate(turn.times):
            qualifiers = turn.qualifiers(span.start, span.end)
            if unreal or _is_told(turn, span) or qualifiers & _FOREIGN or _of_others(turn, span):
                continue
            following = turn.times[k + 1].start if k + 1 < len(turn.times) else len(turn.text)
            said = Said(turn.index, span, _against(turn, span, following, before, answering))
            out.append(said)
            before = said
        _share(turn, out)
        # chat writers break a sentence over messages: 等哪天站上六千 / 你凌晨三点打给我都行
        last = turn.clauses[-1:] if not _SENTENCE.search(turn.text[-1:]) else ()
        unreal = any(Qualifier.HYPOTHETICAL in c.qualifiers() for c in last)
    return out


def _share(turn: AnalysedTurn, out: list[Said]) -> None:
    """礼拜一跟礼拜三我看晚自习: what is told of the second is told of both."""
    for k in range(len(out) - 2, -1, -1):
        one, two = out[k], out[k + 1]
        if one.turn == two.turn == turn.index and _AND.fullmatch(turn.text, one.span.end, two.span.start):
            out[k] = replace(one, against=two.against)


def _is_told(turn: AnalysedTurn, span: TimeSpan) -> bool:
    """Whether the time is over (上午打您没接) or a stretch (打了一下午) and fixes nothing."""
    stretch = span.part is not None and span.start > 0 and turn.text[span.start - 1] in "一整半"
    return stretch or span.past or _MISSED_CALL.match(turn.text, span.end) is not None


def _of_others(turn: AnalysedTurn, span: TimeSpan) -> bool:
    """他说明天上午十点给我打电话: somebody else calls."""
    return _OTHERS.search(turn.text, max(0, span.start - 24), _sentence_end(turn, span.end)) is not None


def _sentence_end(turn: AnalysedTurn, offset: int) -> int:
    found = _SENTENCE.search(turn.text, offset)
    return found.start() if found else len(turn.text)


def _against(
    turn: AnalysedTurn, span: TimeSpan, following: int, before: Said | None, answering: bool
) -> Literal["forbidden", "activity"] | None:
    text = turn.text
    if _FORBIDDEN_AHEAD.search(text, max(0, span.start - 6), span.start):
        return "forbidden"
    if _WANTED_AHEAD.search(text, max(0, span.start - 12), span.start):
        return None
    ahead = re.search(r"[^，,。！？!?\s]+[，,\s]*$", text[: span.start])
    told_ahead = ahead is not None and rules(TAG, "avoid")[0].pattern.search(ahead.group()) is not None
    alone = span.end == len(text) or text[span.end] in "，,。！？!? 吧呗呢嘛哈"
    if answering and alone and not told_ahead and not (before and before.against):
        return None
    stop = min(following, _sentence_end(turn, span.end), span.end + NEAR)
    cues: list[tuple[int, Literal["forbidden", "activity"] | None]] = []
    for section in ("avoid", "free"):
        for rule in rules(TAG, section):
            found = rule.pattern.search(text, span.end, stop)
            if found and section == "free":
                cues.append((found.start(), None))
            elif found:
                cues.append((found.start(), "activity" if rule.value.get("activity") else "forbidden"))
    if cues:
        return min(cues, key=lambda c: c[0])[1]
    if before is not None and span.start - before.span.end < 14 and "。" not in text[before.span.end : span.start]:
        return before.against
    return "forbidden" if told_ahead else None


def suggested(turn: AnalysedTurn, span: TimeSpan) -> bool:
    """Whether a time is put forward by itself: 明天上午嘛, 三点吧."""
    return _SUGGESTED.match(turn.text, span.end) is not None


def blocked(turn: AnalysedTurn, span: TimeSpan) -> bool:
    """Whether the client names the time only to say that something else is then (礼拜四我要去苏州喝喜酒)."""
    return _BLOCKED.match(turn.text, span.end) is not None


def near(talk: Talk, said: Said, section: str, *, after: int = 14, before: int = 8) -> bool:
    """Whether a cue of `section` belongs to a time: in its sentence, up to `after` characters on or `before` back."""
    turn = next(t for t in talk.turns if t.index == said.turn)
    span = said.span
    stop = min(_sentence_end(turn, span.end), span.end + after)
    for rule in rules(TAG, section):
        # one character of context behind `stop`: 打 may end a sentence
        found = rule.pattern.search(turn.text, span.end, min(len(turn.text), stop + 3))
        if found and found.start() <= stop:
            return True
        for found in rule.pattern.finditer(turn.text, max(0, span.start - 24), span.start):
            if span.start - found.end() <= before and not _SENTENCE.search(turn.text, found.end(), span.start):
                return True
    return False


def is_standing(talk: Talk, times: Sequence[Said]) -> bool:
    """Whether the times are habits: every day, several weekdays, trading hours, or words such as 以后 and 平时."""
    if any(s.span.every or (len(s.span.weekdays) > 1 and set(s.span.weekdays) != {"sat", "sun"}) for s in times):
        return True
    if any(s.span.part and s.span.part.trading for s in times):
        return True
    if any(s.against and s.span.weekdays == ("sat", "sun") for s in times):
        return True
    dayless = all(s.span.day is None for s in times)
    if dayless and any(s.against == "forbidden" and (s.span.part or s.span.hour) for s in times):
        return True
    return any(
        not any(t.start < m.end and m.start < t.end for t in turn.times)  # 八点半以后 is a bound
        for turn in talk.turns
        for m in match_rules(TAG, turn, section="habit")
    )
