"""What the network is taught: the deciding turn of each tag, noise that keeps the words in place, targets in rows."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.domain.conversation import Channel, Conversation, Speaker
from huiyin.domain.tag import Stance
from huiyin.pipeline.labelled import Label, Labelled
from huiyin.pipeline.reference import load_calendar
from huiyin.pipeline.train.augment import noisy, swapped
from huiyin.pipeline.train.batches import batch_of, joined
from huiyin.pipeline.train.examples import Example, Target, TurnExample, examples
from huiyin.pipeline.train.vocabulary import MARKS, cut, tokenizer_of
from huiyin.taggers.learned.labels import CHOICE_AT, CHOICES, KIND_AT, KINDS, TYPES
from huiyin.taggers.learned.model import marks_of

MARGIN = CHOICE_AT["permission_intent", "margin"]
WANTS = KIND_AT["permission_intent", Stance.AFFIRMED]


def _row(turns: list[tuple[str, str]], *labels: Label) -> Labelled:
    talk = {
        "conversation_id": "x", "channel": "phone", "client_id": "C1", "advisor_id": "A1",
        "started_at": "2026-03-12T10:05:00+08:00",
        "turns": [
            {"turn": i, "speaker": s, "start": 5.0 * i, "end": 5.0 * i + 4, "text": t} for i, (s, t) in enumerate(turns)
        ],
    }  # fmt: skip
    return Labelled(conversation=Conversation.model_validate(talk), labels=labels)


def _tag(turns: list[int], quote: str, tag: str = "permission_intent", **value: str) -> Label:
    return Label(tag=tag, value=dict(value), turns=tuple(turns), quote=quote)


def _example(row: Labelled) -> Example:
    (only,) = examples([row], load_calendar())
    return only


def test_the_turn_with_the_quote_decides_and_its_words_are_marked() -> None:
    row = _row([("advisor", "您好"), ("client", "我想把两融开了")], _tag([1], "两融开了", permission="margin"))
    (target,) = _example(row).turns[1].targets
    assert (target.kind, target.choice) == (WANTS, MARGIN)
    assert _example(row).turns[1].text[target.start : target.end] == "两融开了"


def test_a_quoted_question_is_decided_by_the_answer() -> None:
    row = _row([("advisor", "两融给您开了吧"), ("client", "行啊")], _tag([0, 1], "两融给您开了吧", permission="margin"))
    example = _example(row)
    assert example.turns[0].targets == ()
    assert [t.choice for t in example.turns[1].targets] == [MARGIN]


def test_other_proof_is_unsure_and_other_turns_are_not() -> None:
    row = _row(
        [("client", "两融开吧"), ("advisor", "好"), ("client", "对就那个")],
        _tag([0, 2], "两融开吧", permission="margin"),
    )
    example = _example(row)
    assert example.turns[2].unsure == {TYPES.index("permission_intent")}
    assert example.turns[1].unsure == frozenset()


def test_a_repaired_term_keeps_the_words_in_place() -> None:
    row = _row([("client", "我想问下那个融资龙卷怎么开")], _tag([0], "融资龙卷怎么开", permission="margin"))
    turn = _example(row).turns[0]
    (target,) = turn.targets
    assert turn.text[target.start : target.end].endswith("怎么开")


def _wants(text: str, low: int, high: int) -> Example:
    turn = TurnExample(Speaker.CLIENT, text, (Target(WANTS, MARGIN, low, high),))
    return Example("x", Channel.PHONE, (turn,))


@settings(deadline=None)  # the first call reads lexicons and dictionary
@given(st.integers(min_value=0, max_value=10_000))
def test_noise_is_repeatable_and_keeps_a_place_for_every_target(seed: int) -> None:
    example = _wants("你好，我想把两融开了，要什么条件？", 3, 10)
    first, second = noisy(example, random.Random(seed)), noisy(example, random.Random(seed))
    assert first == second
    (turn,) = first.turns
    (target,) = turn.targets
    assert 0 <= target.start < target.end <= len(turn.text)
    assert target.kind == WANTS


def test_a_renamed_thing_takes_its_label_along() -> None:
    renamed = [swapped(_wants("我想把两融开了", 2, 7), random.Random(seed)) for seed in range(20)]
    for example in renamed:
        (turn,) = example.turns
        assert turn.targets[0].choice != MARGIN
        assert "两融" not in turn.text


def test_words_without_a_name_are_not_renamed() -> None:
    example = _wants("把票押给你们再借我一份钱的那个", 0, 8)
    assert swapped(example, random.Random(1)) == example


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    pieces = [(m, 0.0) for m in MARKS] + [(c, -5.0) for c in "我想把两融开了要什么条件你好▁"] + [("两融", -4.0)]
    return tokenizer_of(pieces)


def test_a_batch_marks_who_speaks_and_which_words_decide(tokenizer: Any) -> None:
    batch = batch_of([[_wants("我想把两融开了", 3, 5)]], tokenizer, marks_of(tokenizer))
    assert batch.kinds[0, WANTS] == 1
    assert batch.kinds.sum() == 1
    assert batch.choices[0, MARGIN] == 1
    said = batch.said[0, TYPES.index("permission_intent")]
    assert [tokenizer.id_to_token(int(batch.ids[0, batch.tokens[0, i]])) for i in np.flatnonzero(said)] == ["两融"]
    advisors = [k for k, (tag, _) in enumerate(KINDS) if tag in ("advisor_commitment", "compliance_flag")]
    assert batch.counts[0, advisors].sum() == 0


def test_joined_examples_keep_all_and_never_mix_channels() -> None:
    calls = [Example(f"p{i}", Channel.PHONE, ()) for i in range(9)]
    chats = [Example(f"w{i}", Channel.WECOM, ()) for i in range(5)]
    groups = list(joined([*chats, *calls], random.Random(3)))
    assert sorted(e.name for g in groups for e in g) == sorted(e.name for e in [*calls, *chats])
    assert all(len({e.channel for e in g}) == 1 for g in groups)


def test_cut_keeps_the_pieces_that_are_used() -> None:
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("两融", -4.0), ("两", -6.0), ("猫", -6.0)]
    assert cut(pieces, ["两融"]) == [0, 1, 2, 3, 4]


def test_choices_are_in_the_order_of_the_types() -> None:
    assert [tag for tag, _ in CHOICES] == sorted((tag for tag, _ in CHOICES), key=TYPES.index)
