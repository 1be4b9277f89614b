"""The network as it is shipped: its readings are probabilities, repeatable, in place; the card names its version."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marked import conversation

from huiyin.domain.conversation import Channel
from huiyin.domain.tag import Stance
from huiyin.pipeline.reference import load_calendar
from huiyin.taggers.analysis import Analysis
from huiyin.taggers.components import analyse
from huiyin.taggers.learned.encode import Pieces
from huiyin.taggers.learned.labels import CHOICES, KIND_AT, KINDS, TYPES, WIDTH, choice_of
from huiyin.taggers.learned.model import LearnedModel, reading_of, shipped
from huiyin.taggers.tagger import ConversationTagger

TALK = "A: 您好我是小王\nC: 嗯\nA: 那期权权限给您一起开了吧\nC: 行 你开吧 我这还有三十万没地方放"


@pytest.fixture(scope="module")
def model() -> LearnedModel:
    found = shipped()
    assert found is not None, "the weights are not installed"
    return found


def _analysis(text: str, channel: Channel = Channel.PHONE) -> Analysis:
    return analyse(conversation(text, channel=channel), load_calendar())


def test_the_card_names_the_version_of_the_weights(model: LearnedModel) -> None:
    card = (files("huiyin.taggers.learned") / "weights" / "model_card.md").read_text(encoding="utf-8")
    assert f"`{model.version}`" in card
    for title in ("Where it comes from", "What it was trained on", "What it scores"):
        assert f"## {title}" in card


def test_the_weights_are_small_enough_to_ship() -> None:
    folder = files("huiyin.taggers.learned") / "weights"
    assert sum(len(p.read_bytes()) for p in folder.iterdir()) <= 25_000_000


def test_the_same_conversation_reads_the_same(model: LearnedModel) -> None:
    first = model.read(_analysis(TALK))
    model.read(_analysis("C: 别的话"))
    assert model.read(_analysis(TALK)) == first


def test_readings_are_probabilities_with_places_in_their_turn(model: LearnedModel) -> None:
    analysis = _analysis(TALK)
    readings = model.read(analysis)
    assert set(readings) == {0, 1, 2, 3}
    for index, reading in readings.items():
        assert len(reading.kinds) == len(KINDS)
        assert all(0 <= p <= 1 for p in (*reading.kinds, *reading.choices))
        assert all(0 <= start <= end <= len(analysis.turns[index].text) for start, end in reading.said)
        for tag in {t for t, _ in CHOICES}:
            shares = [reading.choice(tag, value) for t, value in CHOICES if t == tag]
            assert sum(shares) == pytest.approx(1, abs=0.01)


def test_a_plain_wish_is_likelier_than_small_talk(model: LearnedModel) -> None:
    wants = ("permission_intent", Stance.AFFIRMED)
    wish = model.read(_analysis("A: 您说\nC: 我想把科创板开了，要带什么去？"))[1]
    talk = model.read(_analysis("A: 您说\nC: 今天食堂的鱼有点咸。"))[1]
    assert wish.kind(wants) > 0.5 > talk.kind(wants)
    assert wish.choice("permission_intent", "star_market") > 0.5


def test_nobody_speaks_nothing_is_read(model: LearnedModel) -> None:
    assert model.read(_analysis("O: 系统消息")) == {}


def test_a_long_conversation_is_read_to_its_end(model: LearnedModel) -> None:
    text = "\n".join(f"{'AC'[i % 2]}: 第{i}句话，说的是今天天气不错，出去走走也好" for i in range(60))
    assert set(model.read(_analysis(text))) == set(range(60))


def test_tags_are_the_same_bytes_twice_and_carry_the_model_version(model: LearnedModel) -> None:
    tagger = ConversationTagger(calendar=load_calendar())
    first, second = tagger(conversation(TALK)), tagger(conversation(TALK))
    assert [t.model_dump_json() for t in first] == [t.model_dump_json() for t in second]
    assert tagger.model_version == model.version
    for tag in first:
        assert tag.proof.source in ("rule", "model")
        assert tag.proof.model_version in (None, model.version)
        for evidence in tag.proof.evidence:
            said = conversation(TALK).turns[evidence.turn].text
            assert said[evidence.start : evidence.end] == evidence.quote


def test_switched_off_the_rules_speak_alone() -> None:
    tagger = ConversationTagger(calendar=load_calendar(), model=None)
    assert tagger.model_version is None
    assert {t.proof.model_version for t in tagger(conversation(TALK))} <= {None}


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=80))
def test_reading_never_fails_on_any_string(text: str) -> None:
    found = shipped()
    assert found is not None
    analysis = _analysis("C: " + " ".join(text.split()))
    for index, reading in found.read(analysis).items():
        assert all(0 <= start <= end <= len(analysis.turns[index].text) for start, end in reading.said)


def test_a_turn_is_the_weighted_mean_of_its_tokens() -> None:
    scores = np.zeros((3, WIDTH), dtype=np.float32)
    kind = KIND_AT["complaint", Stance.AFFIRMED]
    scores[:, kind] = [0.0, 4.0, -4.0]
    scores[1, len(KINDS) + len(CHOICES) + TYPES.index("complaint")] = 50.0
    reading = reading_of(scores, Pieces((8, 9), ((0, 2), (2, 3))))
    assert reading.kinds[kind] == pytest.approx(1 / (1 + np.exp(-4)), abs=1e-4)
    assert reading.place("complaint") == (0, 2)


def test_a_turn_without_pieces_is_read_from_its_mark() -> None:
    reading = reading_of(np.zeros((1, WIDTH), dtype=np.float32), Pieces((), ()))
    assert set(reading.kinds) == {0.5}
    assert set(reading.said) == {(0, 0)}


def test_external_assets_are_told_by_their_kind_of_place() -> None:
    value = {"institution": "招商银行", "institution_type": "bank"}
    assert choice_of("external_assets", value) == "bank"
    assert choice_of("do_not_contact", {}) is None
    assert choice_of("complaint", {"topic": "app"}) == "app"
