"""Words to utterances: nothing lost, nothing twice, order kept, times inside."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from huiyin.domain.conversation import Speaker, Word
from huiyin.pipeline.transcribe.crosstalk import mask_crosstalk
from huiyin.pipeline.transcribe.gaps import unheard, with_heard
from huiyin.pipeline.transcribe.pieces import cut
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples
from huiyin.pipeline.transcribe.utterances import Attributed, Utterance, as_turns, give_words_to_spans, interleave
from huiyin.pipeline.transcribe.vad import Span


def word(text: str, start: float, end: float | None = None, probability: float | None = 0.8) -> Word:
    return Word(text=text, start=start, end=start + 0.2 if end is None else end, probability=probability)


def spread(text: str, start: float, each: float = 0.2) -> list[Word]:
    return [word(character, start + n * each, start + (n + 1) * each) for n, character in enumerate(text)]


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Word], list[Span]]:
    """Words in order of their beginning, with jitter and overlong ends, and spans in order, not overlapping."""
    borders = sorted(draw(st.lists(st.floats(0, 100), min_size=0, max_size=12).filter(lambda b: len(b) % 2 == 0)))
    spans = [Span(start=a, end=b) for a, b in zip(borders[::2], borders[1::2], strict=True)]
    starts = sorted(draw(st.lists(st.floats(0, 100), max_size=40)))
    lengths = draw(st.lists(st.floats(0, 5), min_size=len(starts), max_size=len(starts)))
    texts = draw(
        st.lists(st.sampled_from(["好", "的，", "是。", "30", "？"]), min_size=len(starts), max_size=len(starts))
    )
    return [word(t, s, s + n) for t, s, n in zip(texts, starts, lengths, strict=True)], spans


@given(scenes())
def test_every_word_is_in_exactly_one_utterance_in_order(scene: tuple[list[Word], list[Span]]) -> None:
    words, spans = scene
    utterances = give_words_to_spans(words, spans)
    assert "".join(one.text for one in utterances) == "".join(one.text for one in words)
    assert all(one.words and one.end >= one.start for one in utterances)


@given(scenes(), scenes())
def test_interleaving_keeps_every_utterance_and_sorts_by_time(
    left: tuple[list[Word], list[Span]], right: tuple[list[Word], list[Span]]
) -> None:
    channels = [give_words_to_spans(*left, channel=0), give_words_to_spans(*right, channel=1)]
    together = interleave(channels)
    assert sorted(map(id, together)) == sorted(id(one) for channel in channels for one in channel)
    assert [one.start for one in together] == sorted(one.start for one in together)


def test_words_of_one_decoder_window_go_to_the_utterances_they_lie_in() -> None:
    spans = [Span(start=1, end=3), Span(start=5, end=7), Span(start=8, end=9)]
    utterances = give_words_to_spans([*spread("您好，我是小李", 1.2), *spread("请问方便吗", 5.2)], spans)
    assert [(one.text, one.start, one.end) for one in utterances] == [("您好，我是小李", 1, 3), ("请问方便吗", 5, 7)]


def test_a_word_timed_on_the_wrong_side_of_a_pause_follows_its_sentence() -> None:
    spans = [Span(start=0, end=3), Span(start=6, end=8)]
    said = [*spread("我要进车间", 0.5), word("了。", 1.6), word("就", 2.6), *spread("这样啊。", 6.1)]
    assert [one.text for one in give_words_to_spans(said, spans)] == ["我要进车间了。", "就这样啊。"]
    said = [*spread("没打扰您", 0.5), word("吧，", 5.9), *spread("那个怎么样了？", 6.3)]
    assert [one.text for one in give_words_to_spans(said, spans)] == ["没打扰您吧，", "那个怎么样了？"]


def test_a_sentence_that_runs_over_a_pause_is_not_moved() -> None:
    spans = [Span(start=0, end=3), Span(start=6, end=8)]
    said = [*spread("我手上有", 0.5), *spread("三十万闲钱。", 6.1)]
    assert [one.text for one in give_words_to_spans(said, spans)] == ["我手上有", "三十万闲钱。"]


def test_speech_we_did_not_hear_gets_an_utterance_of_its_own() -> None:
    utterances = give_words_to_spans([*spread("好的", 1.0), *spread("喂喂", 20.0)], [Span(start=1, end=2)])
    assert [(one.text, one.start) for one in utterances] == [("好的", 1), ("喂喂", 20.0)]
    assert [one.text for one in give_words_to_spans(spread("喂", 3.0), [])] == ["喂"]


def test_turns_are_numbered_and_their_text_is_their_words() -> None:
    said = [
        Attributed(utterance=Utterance(start=0, end=1, words=(word(" 好", 0), word("的", 0.2)), channel=1),
                   speaker=Speaker.CLIENT, certainty=0.5),
        Attributed(utterance=Utterance(start=2, end=3, words=(word(" ", 2),)), speaker=Speaker.CLIENT),
        Attributed(utterance=Utterance(start=4, end=5, words=(word("行", 4, probability=None),)),
                   speaker=Speaker.ADVISOR),
    ]  # fmt: skip
    turns = as_turns(said)
    assert [(turn.turn, turn.speaker, turn.channel) for turn in turns] == [(0, "client", 1), (1, "advisor", None)]
    assert all(turn.text == "".join(one.text for one in turn.words) for turn in turns)
    assert turns[0].confidence == 0.4
    assert turns[1].confidence is None
    assert turns[0].kind == "speech"


def test_unheard_speech_is_found_and_joined() -> None:
    spans = [Span(start=0, end=4), Span(start=4.5, end=9), Span(start=20, end=24), Span(start=30, end=30.5)]
    words = spread("我手上有三十万闲钱", 20.1)
    assert unheard(words, spans) == [Span(start=0, end=9)]
    assert unheard(words, spans, join=False) == [Span(start=0, end=4), Span(start=4.5, end=9)]
    assert unheard([*spread("您好我是国泰证券的小李", 0.1, 0.8)], spans[:2]) == []


def test_what_was_heard_again_goes_in_once_and_in_order() -> None:
    gap = Span(start=2, end=6)
    words = [*spread("您好，", 0.5), *spread("再见", 8.0)]
    filled = with_heard(words, spread("我是小李", 2.2), gap)
    assert "".join(one.text for one in filled) == "您好，我是小李再见"
    assert with_heard(filled, spread("我是小李", 2.1), gap) == filled
    assert with_heard(words, [], gap) == words
    beside = [*spread("您好，我是小李", 0.5), *spread("再见", 8.0)]
    assert with_heard(beside, spread("我是小李", 2.2), gap) == beside


@given(st.lists(st.tuples(st.floats(0.1, 25), st.floats(0, 60)), min_size=1, max_size=60))
def test_pieces_cover_the_channel_and_cut_no_utterance(lengths: list[tuple[float, float]]) -> None:
    spans, at = [], 0.0
    for length, pause in lengths:
        spans.append(Span(start=at, end=at + length))
        at += length + pause
    pieces = cut(spans, channel=0, duration_s=at)
    assert pieces[0].start == 0 and pieces[-1].end == at
    assert all(a.end == b.start for a, b in itertools.pairwise(pieces))
    for span in spans:
        assert any(piece.start <= span.start and span.end <= piece.end for piece in pieces)


def noise(level_db: float, seconds: float, seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    return (10 ** (level_db / 20) * rng.normal(size=int(seconds * SAMPLE_RATE))).astype(np.float32)


def test_a_leak_is_silenced_and_double_talk_is_not() -> None:
    own, other = noise(-20, 3, 1), noise(-24, 3, 2)
    quiet = np.zeros_like(own)
    first = np.concatenate([own, quiet, own])
    second = np.concatenate([quiet, other, other])
    leaked = np.stack([first + second * 0.05, second + first * 0.05]).astype(np.float32)
    masked = mask_crosstalk(leaked)
    core = slice(SAMPLE_RATE // 2, 5 * SAMPLE_RATE // 2)
    assert not masked[1, core].any()
    assert not masked[0, 3 * SAMPLE_RATE :][core].any()
    assert (masked[:, 6 * SAMPLE_RATE + SAMPLE_RATE // 2 :] == leaked[:, 6 * SAMPLE_RATE + SAMPLE_RATE // 2 :]).all()
    assert (masked[0, core] == leaked[0, core]).all()


def test_noise_below_the_floor_masks_nothing() -> None:
    faint = np.stack([noise(-60, 2, 1), noise(-90, 2, 2)])
    assert (mask_crosstalk(faint) == faint).all()
