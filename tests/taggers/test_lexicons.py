"""Every lexicon entry is well formed, and its own examples hold."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from huiyin.domain.tags import TAG_TYPES
from huiyin.lexicon import load
from huiyin.taggers.context import FILES, cues
from huiyin.taggers.registry import TAGGERS
from huiyin.taggers.rules import rules
from huiyin.taggers.terms import matcher

_SECTIONS = [
    (tag, section)
    for tag in TAG_TYPES
    for section, entries in load(tag).items()
    if isinstance(entries, list) and any("pattern" in e for e in entries)
]


def test_every_tag_type_has_a_tagger_and_a_lexicon() -> None:
    assert list(TAGGERS) == list(TAG_TYPES)
    for tag in TAG_TYPES:
        assert isinstance(load(tag), dict), tag


@pytest.mark.parametrize(("tag", "section"), _SECTIONS)
def test_rule_examples_match_and_counters_do_not(tag: str, section: str) -> None:
    for rule in rules(tag, section):
        assert rule.pattern.search(rule.example), f"{rule.id}: its example does not match"
        if rule.counter:
            assert not rule.pattern.search(rule.counter), f"{rule.id}: its counter-example matches"


def test_ids_are_unique_and_values_are_of_the_type() -> None:
    ids: Counter[str] = Counter()
    for tag, section in _SECTIONS:
        for rule in rules(tag, section):
            ids[rule.id] += 1
            kind = TAG_TYPES[tag]
            field = kind.discriminator
            if kind.choices and field and field in rule.value:
                assert rule.value[field] in kind.choices, rule.id
    for name in FILES:
        ids.update(e["id"] for e in load(f"context/{name}")["entries"])
    assert [i for i, n in ids.items() if n > 1] == []


@pytest.mark.parametrize("tag", TAG_TYPES)
def test_term_examples_are_found(tag: str) -> None:
    for entry in load(tag).get("terms", ()):
        hits = matcher().find(entry["example"])
        assert any(h.group == tag and h.entry == entry["id"] for h in hits), entry["id"]


def test_cue_examples_are_found() -> None:
    examples: dict[str, Any] = {e["id"]: e["example"] for name in FILES for e in load(f"context/{name}")["entries"]}
    for cue in cues():
        assert cue.pattern.search(examples[cue.id]), cue.id
