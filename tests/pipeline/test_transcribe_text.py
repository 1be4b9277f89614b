"""Normalising recognised words, and taking out what nobody said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import lexicon
from huiyin.domain.conversation import Word
from huiyin.pipeline.transcribe.filters import Segment, believable, prompt
from huiyin.pipeline.transcribe.text import full_width, normalise, simplified


def words(text: str, *, size: int = 1, probability: float = 0.9, each_s: float = 0.2) -> tuple[Word, ...]:
    cut = [text[at : at + size] for at in range(0, len(text), size)]
    return tuple(
        Word(text=part, start=n * each_s, end=(n + 1) * each_s, probability=probability) for n, part in enumerate(cut)
    )


def heard(text: str, **segment: float) -> str:
    return "".join(word.text for word in believable([Segment(words=words(text), **segment)]))


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("融資融券,開戶", "融资融券，开户"),
        ("您好,請問是張先生嗎?", "您好，请问是张先生吗？"),
        ("年化3.5%,起購10,000元", "年化3.5%，起购10,000元"),
        ("下午15:30打給我", "下午15:30打给我"),
        ("好的 那我再考慮 一下", "好的，那我再考虑，一下"),
        ("ETF 和 QDII 都有", "ETF 和 QDII 都有"),
        ("乾淨的頭髮", "干净的头发"),
        ("好的.那再見.", "好的。那再见。"),
        ("买入价1.25.", "买入价1.25."),
    ],
)
def test_text_becomes_simplified_with_full_width_marks(raw: str, wanted: str) -> None:
    assert full_width(simplified(raw)) == wanted
    assert "".join(word.text for word in normalise(words(raw))) == wanted


@given(st.text(alphabet=st.sampled_from("證券開戶融資理財後里裡發髮乾干瞭解12.5,:?! aB，。 著什麼"), max_size=60))
def test_the_number_of_characters_never_changes(text: str) -> None:
    assert len(full_width(simplified(text))) == len(text)
    before = words(text, size=2)
    after = normalise(before)
    assert [(len(word.text), word.start, word.end) for word in after] == [
        (len(word.text), word.start, word.end) for word in before
    ]


def test_every_known_hallucination_is_removed_from_the_middle_of_speech() -> None:
    for entry in lexicon.load("asr")["hallucinations"]:
        assert re.search(entry["pattern"], entry["example"]), entry["id"]
        assert heard(f"好的。{entry['example']}。那再见。").startswith("好的。"), entry["id"]
        assert entry["example"] not in heard(f"好的。{entry['example']}。那再见。"), entry["id"]
        assert heard(entry["example"]) == "", entry["id"]


@pytest.mark.parametrize(
    "said",
    [
        "谢谢您，那我先挂了，再见。",
        "我关注这个基金很久了。",
        "你们那个软件上的字太小了，我看不清。",
        "我是国泰证券公司投资顾问小李，您好。",
        "我想开融资融券，科创板也想开。",
        "嗯嗯嗯，对对对，是是是。",
        "好好好好好，我知道了。",
        "六零零零零零这只股票。",
        "融资融券、科创板",
    ],
)
def test_what_people_say_stays(said: str) -> None:
    assert heard(said) == said


def test_the_prompt_read_back_is_removed_whatever_its_punctuation() -> None:
    assert heard(prompt()) == ""
    assert heard(prompt().replace("，", "").replace("、", "，")) == ""
    assert heard(prompt()[:20] + "嗯，好的。") == "嗯，好的。"
    assert heard("证券公司投", avg_logprob=-0.5) != ""
    doubtful = Segment(words=words("证券公司投", probability=0.1))
    assert believable([doubtful]) == []


def test_a_window_without_speech_is_not_believed() -> None:
    assert heard("证券", no_speech_prob=0.975, avg_logprob=-1.47) == ""
    assert heard("证券", no_speech_prob=0.975, avg_logprob=-0.4) == "证券"
    assert heard("证券", no_speech_prob=0.2, avg_logprob=-1.47) == "证券"


def test_a_loop_is_cut_to_one_turn_of_it() -> None:
    assert heard("那就" + "哦" * 40) == "那就哦"
    assert heard("我想问一下，" * 9 + "好的") == "我想问一下，好的"
    fast = Segment(words=words("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", each_s=0.01), avg_logprob=-0.9)
    assert believable([fast]) == []
