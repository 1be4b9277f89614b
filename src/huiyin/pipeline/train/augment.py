"""Noise on labelled talk, so that the network has heard what recognisers and hasty typists do.

Every change keeps track of where each character came from, so that the words that decide a tag stay marked. All of
it is drawn from the generator that is given: the same seed makes the same talk.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from pypinyin import lazy_pinyin

from huiyin.lexicon import load
from huiyin.pipeline.train.examples import Example, Target, TurnExample
from huiyin.pipeline.train.vocabulary import dictionary_words
from huiyin.taggers.learned.labels import CHOICE_AT, CHOICES, KINDS
from huiyin.taggers.terms import matcher

_PUNCTUATION = frozenset("，。？！、；：,.?!;:…~～ ")
_FILLERS = ("嗯", "那个", "就是", "呃", "这个", "就是说", "哎", "其实", "反正", "然后")
_SWAPPED = ("permission_intent", "product_preference")

Marked = list[tuple[str, int]]
"""Characters with the place in the text that each came from."""


def noisy(example: Example, draw: random.Random) -> Example:
    """The example as it might have been heard or typed otherwise; about one in four comes back as it is."""
    if draw.random() < 0.35:
        example = swapped(example, draw)
    changes: list[Callable[[Marked, random.Random], Marked]] = []
    if draw.random() < 0.35:
        changes.append(_bare)
    if draw.random() < 0.35:
        changes.append(_misheard)
    if draw.random() < 0.25:
        changes.append(_dropped)
    if draw.random() < 0.25:
        changes.append(_filled)
    if not changes:
        return example
    return replace(example, turns=tuple(_changed(turn, changes, draw) for turn in example.turns))


def _changed(
    turn: TurnExample, changes: Sequence[Callable[[Marked, random.Random], Marked]], draw: random.Random
) -> TurnExample:
    marked: Marked = [(c, i) for i, c in enumerate(turn.text)]
    for change in changes:
        marked = change(marked, draw) or marked
    targets = tuple(moved for t in turn.targets for moved in [_moved(t, marked)])
    return replace(turn, text="".join(c for c, _ in marked), targets=targets)


def _moved(target: Target, marked: Marked) -> Target:
    inside = [i for i, (_, origin) in enumerate(marked) if target.start <= origin < target.end]
    start, end = (inside[0], inside[-1] + 1) if inside else (0, len(marked))
    return replace(target, start=start, end=end)


def _bare(marked: Marked, draw: random.Random) -> Marked:
    return [(c, i) for c, i in marked if c not in _PUNCTUATION]


def _dropped(marked: Marked, draw: random.Random) -> Marked:
    return [pair for pair in marked if draw.random() > 0.03]


def _filled(marked: Marked, draw: random.Random) -> Marked:
    at = draw.choice([0, *(n + 1 for n, (c, _) in enumerate(marked) if c in _PUNCTUATION)])
    origin = marked[min(at, len(marked) - 1)][1] if marked else 0
    return [*marked[:at], *((c, origin) for c in draw.choice(_FILLERS)), *marked[at:]]


def _misheard(marked: Marked, draw: random.Random) -> Marked:
    same = _homophones()
    return [(draw.choice(same[c]), i) if c in same and draw.random() < 0.06 else (c, i) for c, i in marked]


@cache
def _homophones() -> dict[str, tuple[str, ...]]:
    """Common characters by others of the same sound, tones aside."""
    common = sorted({c for word in dictionary_words(1500) for c in word if "\u4e00" <= c <= "\u9fff"})
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character in common:
        by_sound[lazy_pinyin(character)[0]].append(character)
    return {c: tuple(o for o in group if o != c) for group in by_sound.values() for c in group if len(group) > 1}


@cache
def _names(group: str) -> dict[str, tuple[str, ...]]:
    """What each permission or product is called: the first words of its strong terms."""
    out: dict[str, list[str]] = defaultdict(list)
    for entry in load(group).get("terms", ()):
        if not entry.get("weak") or entry["value"] not in out:
            out[entry["value"]].extend(map(str, entry["words"][:4]))
    return {k: tuple(v) for k, v in out.items()}


def swapped(example: Example, draw: random.Random) -> Example:
    """The example about another permission or product: what is wanted must not hang on which thing it is."""
    wanted = {CHOICES[t.choice] for turn in example.turns for t in turn.targets if t.choice is not None}
    values = sorted(c for c in wanted if c[0] in _SWAPPED)
    if not values:
        return example
    group, value = draw.choice(values)
    # a thing that is two tags at once (转债 as permission and as product) cannot be renamed for one of them
    if any(v == value and g != group for g, v in wanted):
        return example
    others = [v for v in _names(group) if (group, v) not in wanted]
    other = draw.choice(others)
    if not any(h.group == group and h.value == value for t in example.turns for h in matcher().find(t.text)):
        return example
    name = draw.choice(_names(group)[other])
    return replace(example, turns=tuple(_renamed(t, group, value, other, name) for t in example.turns))


def _renamed(turn: TurnExample, group: str, value: str, other: str, name: str) -> TurnExample:
    marked: Marked = []
    at = 0
    for hit in matcher().find(turn.text):
        if hit.group == group and hit.value == value and hit.start >= at:
            marked += [(c, i) for i, c in enumerate(turn.text[at : hit.start], start=at)]
            marked += [(c, hit.start) for c in name]
            at = hit.end
    marked += [(c, i) for i, c in enumerate(turn.text[at:], start=at)]
    old, new = CHOICE_AT[group, value], CHOICE_AT[group, other]
    targets = tuple(
        replace(_moved(t, marked), choice=new if t.choice == old and KINDS[t.kind][0] == group else t.choice)
        for t in turn.targets
    )
    return replace(turn, text="".join(c for c, _ in marked), targets=targets)
