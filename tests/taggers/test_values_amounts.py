"""Spoken sums: the table of spec/tags.md and domain-facts D.2, what is no money, and numbers made at random."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.taggers.values.amounts import drop_corrected, find_amounts, last_amount_with_correction

WAN = 10_000
SUMS: list[tuple[str, float, float]] = [
    ("手上有三十万闲钱", 30, 30),
    ("三十来万", 30, 40),
    ("三十多万吧", 30, 40),
    ("十几万", 10, 20),
    ("几十万", 20, 90),
    ("两三百万", 200, 300),
    ("二十三四万", 23, 24),
    ("一百五六十万", 150, 160),
    ("还有八百个，七月到期", 800, 800),
    ("四五十个搁那儿", 40, 50),
    ("一百六十多个", 160, 170),
    ("一百个出头 票和现金都有", 100, 200),
    ("20个w", 20, 20),
    ("9个w出头", 9, 10),
    ("13.5w", 13.5, 13.5),
    ("50W", 50, 50),
    ("半个亿", 5000, 5000),
    ("一个小目标", 10_000, 10_000),
    ("三点五亿", 35_000, 35_000),
    ("一个半亿", 15_000, 15_000),
    ("一亿两千万", 12_000, 12_000),
    ("二万四千亿", 240_000_000, 240_000_000),
    ("大几十万", 50, 90),
    ("小几十个", 20, 50),
    ("小两百万", 180, 200),
    ("不到一百万", 90, 100),
    ("账上上百万", 100, 200),
    ("百八十万", 80, 100),
    ("百十来万的票", 100, 120),
    ("百来个", 100, 200),
    ("万把块", 1, 2),
    ("五万块", 5, 5),
    ("8万来块吧", 8, 9),
    ("九万六。", 9.6, 9.6),
    ("四万二", 4.2, 4.2),
    ("二十八万八的彩礼", 28.8, 28.8),
    ("三十五万八千", 35.8, 35.8),
    ("八万零五百", 8.05, 8.05),
    ("三十到五十万", 30, 50),
    ("20-30万", 20, 30),
    ("1,200,000", 120, 120),
    ("1.2kw", 1200, 1200),
    ("六位数", 10, 99.9999),
    ("五十万一年", 50, 50),
    ("三十万一直没动", 30, 30),
    ("两千来万", 2000, 3000),
    ("10几万", 10, 20),
    ("一百零八万", 108, 108),
    ("廿万", 20, 20),
]
BARE: list[tuple[str, float, float]] = [
    ("先弄个…一百五吧", 150, 150),
    ("我这边统共才三十出头，这个", 30, 40),
    ("税后三十几吧 去年比这多", 30, 40),
    ("市值两百多 人家给的万一免五", 200, 300),
    ("不对不对，一百二，趴了半个月", 120, 120),
    ("三十五，写我老婆名字的", 35, 35),
]
NO_MONEY = [
    "百分之三", "三个点", "五十个基点", "给我万三", "万一免五", "万二点五", "万一跌了呢", "千万别打", "三千点",
    "3600点", "三点半", "二十五号到", "三年期的", "12个月", "600519", "300750", "13912345678", "五万股", "二十手",
    "一万二千股", "第二十名", "五十个人", "五十个客户", "二十个交易日", "三十岁", "二十来岁", "八十三了",
    "一百二十平米", "50ETF", "沪深300", "2026年", "零八年", "10:30", "一块儿去", "几个钱", "好几个都买了",
    "八九不离十", "三成仓位", "五十万粉丝", "一万个赞", "二十万欧元", "工号0372", "K线", "年化三点五", "一个",
    "俩人", "五一再说", "四十分钟", "二百来克",
]  # fmt: skip


@pytest.mark.parametrize(("text", "low", "high"), SUMS + BARE)
def test_reads_sums_in_wan(text: str, low: float, high: float) -> None:
    found = find_amounts(text)
    assert found and found[0].low == pytest.approx(low * WAN) and found[0].high == pytest.approx(high * WAN)


@pytest.mark.parametrize("text", NO_MONEY)
def test_what_is_no_money(text: str) -> None:
    assert find_amounts(text, default_unit="wan") == []


@pytest.mark.parametrize("text", [t for t, *_ in BARE] + ["五十个吧"])
def test_a_sum_without_a_unit_needs_talk_about_money(text: str) -> None:
    assert find_amounts(text)[0].needs_context
    assert not find_amounts(text, default_unit="wan")[0].needs_context


@pytest.mark.parametrize("text", ["三十万", "五万块", "20w", "半个亿", "六万美金"])
def test_a_sum_with_a_unit_stands_alone(text: str) -> None:
    assert not find_amounts(text)[0].needs_context


@pytest.mark.parametrize(
    ("text", "low", "high", "currency"),
    [
        ("六万美金 做的定存", 60_000, 60_000, "USD"),
        ("也就七八千刀吧", 7_000, 8_000, "USD"),
        ("美金二十万", 200_000, 200_000, "USD"),
        ("美元存款十万", 100_000, 100_000, "USD"),
        ("塞给我二十万港纸", 200_000, 200_000, "HKD"),
        ("HK$50万", 500_000, 500_000, "HKD"),
        ("五十万人民币", 500_000, 500_000, None),
    ],
)
def test_foreign_money_keeps_its_currency(text: str, low: float, high: float, currency: str | None) -> None:
    (found,) = find_amounts(text)
    assert (found.low, found.high, found.currency) == (low, high, currency)


def test_several_sums_in_one_turn() -> None:
    text = "招行里头三十万，搁在那个朝朝宝；再就是年金险，本金五十万"
    assert [a.amount for a in find_amounts(text)] == [(300_000, 300_000), (500_000, 500_000)]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("三十万，不对，四十万", (400_000, 400_000)),
        ("十八万嘛 不对不对 加上利息 差不多二十万", (200_000, 200_000)),
        ("一百来万吧，不对不对，一百二，趴了半个月", (1_200_000, 1_200_000)),
        ("七十二万还是十三万来着十三万吧", (130_000, 130_000)),
    ],
)
def test_the_corrected_sum_counts(text: str, amount: tuple[float, float]) -> None:
    last = last_amount_with_correction(text)
    assert last is not None and last.amount == amount


def test_two_sums_without_a_correction_both_stay() -> None:
    text = "工行三十万，建行四十万"
    assert len(drop_corrected(text, find_amounts(text))) == 2
    assert last_amount_with_correction("没有") is None


DIGITS = "零一二三四五六七八九"


def spoken(number: int) -> str:
    """The number, 1 to 9999, as it is read out."""
    out, pending = "", False
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit == 0:
            pending = bool(out)
            continue
        out += ("零" if pending else "") + DIGITS[digit] + unit
        pending = False
    return out.removeprefix("一") if 10 <= number < 20 else out


@given(st.integers(1, 9999), st.sampled_from(["万", "w", "个w"]))
def test_numbers_read_out_come_back(number: int, unit: str) -> None:
    (found,) = find_amounts(f"大概有{spoken(number)}{unit}吧")
    assert found.amount == (number * WAN, number * WAN)


@given(st.integers(1, 9999), st.integers(1, 9))
def test_the_elided_thousand_comes_back(wan: int, thousand: int) -> None:
    found = find_amounts(f"有{spoken(wan)}万{DIGITS[thousand]}，活期")
    assert found[0].low == wan * WAN + thousand * 1000


@given(st.integers(1, 99), st.sampled_from(["来", "多"]))
def test_rounded_tens_reach_to_the_next_ten(tens: int, fuzz: str) -> None:
    number = tens * 10
    (found,) = find_amounts(f"{spoken(number)}{fuzz}万")
    step = 100 if number % 100 == 0 else 10
    assert found.amount == (number * WAN, (number + step) * WAN)


@given(st.integers(1, 100_000_000))
def test_digits_with_commas_come_back(number: int) -> None:
    found = find_amounts(f"余额{number:,}元")
    assert found and found[0].amount == (number, number)


TALK = st.text(
    st.sampled_from("零一二两三五十百千万亿几多来半个块元w5.,点0号年股美金港币到-不对大小上的吧 ，有"), max_size=24
)


@given(st.text(max_size=40) | TALK)
def test_any_text_is_read_and_spans_index_it(text: str) -> None:
    end = 0
    for span in find_amounts(text):
        assert text[span.start : span.end] == span.text and span.text
        assert span.start >= end and span.low <= span.high
        end = span.end
