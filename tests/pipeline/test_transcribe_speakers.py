"""Who speaks: by what is said, and on mixed mono by the voice as well."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import lexicon
from huiyin.domain.conversation import Speaker, Word
from huiyin.pipeline.transcribe.mono import attribute, is_one_side
from huiyin.pipeline.transcribe.protocol import SAMPLE_RATE, Samples
from huiyin.pipeline.transcribe.roles import choose_advisor_channel, log_odds
from huiyin.pipeline.transcribe.utterances import Utterance
from huiyin.pipeline.transcribe.vad import Span
from huiyin.pipeline.transcribe.voices import NO_WINDOWS, Windows, measure

A, C = Speaker.ADVISOR, Speaker.CLIENT
CALL = [
    (A, "喂您好，我是国泰证券的小李，没打扰您吧？"),
    (C, "哦小李，你说。"),
    (A, "您账上的理财到期了，我给您介绍一下新的产品。"),
    (C, "行啊。"),
    (A, "起购一万，封闭期九十天。"),
    (C, "我老婆管钱，我再考虑考虑。"),
    (A, "理解，那您看周三方便吗？"),
    (C, "可以，你周三打给我吧。"),
]


def test_every_phrase_finds_its_example_and_speaks_for_its_role() -> None:
    for role, sign in (("advisor", 1), ("client", -1)):
        for entry in lexicon.load("roles")[role]:
            assert re.search(entry["pattern"], entry["example"]), entry["id"]
            assert sign * log_odds(entry["example"]) > 0, entry["id"]


@pytest.mark.parametrize("text", ["", "七月十五号", "三十万", "那个科创板啊"])
def test_what_either_could_say_speaks_for_nobody(text: str) -> None:
    assert log_odds(text) == 0


def scene(call: list[tuple[Speaker, str]] = CALL, *, pause: float = 0.4) -> tuple[list[Word], list[Span], list[Span]]:
    """Words at five characters a second, a span a turn, and the spans of each speaker."""
    words, spans, at = [], [], 0.0
    for _, text in call:
        start = at
        for character in text:
            words.append(Word(text=character, start=round(at, 2), end=round(at + 0.2, 2), probability=0.9))
            at += 0.2
        spans.append(Span(start=start, end=at))
        at += pause
    return words, spans, [span for (speaker, _), span in zip(call, spans, strict=True) if speaker == A]


def buzz(words: list[Word], spans: list[Span], high: list[Span]) -> Samples:
    """Two "voices": pulses of changing pitch through one of two resonances, with a syllable rhythm."""
    rng = np.random.default_rng(3)
    samples = np.zeros(int((spans[-1].end + 1) * SAMPLE_RATE), dtype=np.float32)
    for span in spans:
        at = np.arange(int(span.start * SAMPLE_RATE), int(span.end * SAMPLE_RATE))
        second = at / SAMPLE_RATE
        is_high = span in high
        glide = 1 + 0.15 * np.sin(2 * np.pi * 1.7 * second + rng.uniform(0, 6))
        phase = 2 * np.pi * np.cumsum((210 if is_high else 115) * glide) / SAMPLE_RATE
        formant = (1.25 if is_high else 1.0) * (600 + 300 * np.sin(2 * np.pi * 2.3 * second))
        voice = sum(
            np.cos(k * phase) * np.exp(-(((k * (210 if is_high else 115) - formant) / 400) ** 2)) for k in range(1, 16)
        )
        envelope = 0.2 * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * second))
        samples[at] = (voice * envelope + rng.normal(0, 0.003, len(at))).astype(np.float32)
    return samples


def who(words: list[Word], spans: list[Span], windows: Windows) -> list[tuple[Speaker, str]]:
    return [(turn.speaker, turn.utterance.text) for turn in attribute(words, spans, windows).turns]


def test_words_alone_name_the_speakers_of_a_plain_call() -> None:
    words, spans, _ = scene(pause=0.6)
    assert who(words, spans, NO_WINDOWS) == CALL


def test_the_voice_decides_where_the_words_say_nothing() -> None:
    call = [*CALL, (A, "七月十五号。"), (C, "七月十五号。"), (C, "那天是星期几。"), (A, "星期三。")]
    words, spans, high = scene(call, pause=0.6)
    result = who(words, spans, measure(buzz(words, spans, high), spans))
    assert result == call
    low = [span for span in spans if span not in high]
    assert who(words, spans, measure(buzz(words, spans, low), spans)) == call


def test_a_change_of_voice_within_an_utterance_is_cut_at_the_sentence() -> None:
    words, spans, high = scene(pause=0.6)
    merged = [*spans[:4], Span(start=spans[4].start, end=spans[5].end), *spans[6:]]
    assert who(words, merged, measure(buzz(words, spans, high), merged)) == CALL


def test_one_side_alone_is_all_of_that_side() -> None:
    words, spans, high = scene(pause=0.6)
    turns = attribute(words, spans, measure(buzz(words, spans, high), spans), only=C).turns
    assert {turn.speaker for turn in turns} == {C}
    assert not is_one_side(spans)
    assert is_one_side([Span(start=0, end=4), Span(start=9, end=12), Span(start=20, end=25)])
    assert not is_one_side([])


def test_without_any_cue_the_certainty_is_a_toss_up() -> None:
    words, spans, _ = scene([(A, "七月十五号。"), (C, "星期三。")])
    assert attribute(words, spans, NO_WINDOWS).certainty < 0.6
    assert attribute([], spans, NO_WINDOWS).turns == ()


@given(
    st.lists(st.tuples(st.floats(0, 60), st.sampled_from(["好，", "您", "我", "？", "万。"])), max_size=40),
    st.integers(0, 9),
)
def test_no_word_is_lost_on_mono(said: list[tuple[float, str]], seed: int) -> None:
    words = [Word(text=text, start=at, end=at + 0.2) for at, text in sorted(said)]
    spans = [Span(start=at, end=at + 4) for at in range(0, 60, 5)]
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(12), 4)
    windows = Windows(times=np.sort(rng.uniform(0, 60, 48)), table=rng.normal(size=(48, 5)), owner=owner)
    turns = attribute(words, spans, windows).turns
    assert "".join(turn.utterance.text for turn in turns) == "".join(word.text for word in words)
    assert all(0 < turn.certainty <= 1 for turn in turns)


def channel(number: int, *texts: str) -> list[Utterance]:
    return [
        Utterance(start=at * 5.0, end=at * 5.0 + 3, words=(Word(text=text, start=0, end=1),), channel=number)
        for at, text in enumerate(texts)
    ]


ADVISOR = ("您好，我是国泰证券的小李，打扰您了", "我给您介绍一下", "那您看周三方便吗？")
CLIENT = ("哦，你说", "我再考虑考虑", "你们佣金多少")


def test_the_channel_of_the_call_record_is_kept() -> None:
    choice = choose_advisor_channel([channel(0, *ADVISOR), channel(1, *CLIENT)], 0)
    assert (choice.advisor_channel, choice.certainty, choice.note) == (0, 1.0, None)


def test_a_contradiction_is_noted_and_not_acted_on() -> None:
    choice = choose_advisor_channel([channel(0, *ADVISOR), channel(1, *CLIENT)], 1)
    assert choice.advisor_channel == 1
    assert choice.note is not None and "请核对" in choice.note
    assert choice.certainty == 0.5


def test_weak_doubt_is_not_worth_a_note() -> None:
    assert choose_advisor_channel([channel(0, "那您看"), channel(1, "嗯")], 1).note is None
    assert choose_advisor_channel([channel(0, *ADVISOR), []], 1).note is None


@pytest.mark.parametrize("left_is_advisor", [True, False])
def test_an_unnamed_channel_is_judged_by_content(left_is_advisor: bool) -> None:
    texts = (ADVISOR, CLIENT) if left_is_advisor else (CLIENT, ADVISOR)
    choice = choose_advisor_channel([channel(0, *texts[0]), channel(1, *texts[1])], None)
    assert choice.advisor_channel == (0 if left_is_advisor else 1)
    assert choice.certainty > 0.95
    assert choice.note is not None and "未标明" in choice.note


def test_nothing_to_judge_by_is_said() -> None:
    choice = choose_advisor_channel([channel(0, "七月"), channel(1, "八月")], None)
    assert (choice.advisor_channel, choice.certainty) == (0, 0.5)
    assert choice.note is not None and "看不出来" in choice.note
