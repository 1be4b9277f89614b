"""Spoken times against the moment of the turn: spec/tags.md, "Dates", `contact_time`, "Exact and open times"."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import lexicon
from huiyin.domain.record import SHANGHAI
from huiyin.taggers.values.clocks import clock_text
from huiyin.taggers.values.time_words import pattern
from huiyin.taggers.values.times import Habit, find_times, resolve_dates, resolve_habit, resolve_window

THURSDAY = datetime(2026, 3, 12, 10, 5, tzinfo=SHANGHAI)

DATES = [
    ("下个月15号", "04-15", "04-15"),
    ("下个月初", "04-01", "04-10"),
    ("下个月月中", "04-11", "04-20"),
    ("月底", "03-21", "03-31"),
    ("这个月底到七十万", "03-21", "03-31"),
    ("年底", "12-01", "12-31"),
    ("五月份", "05-01", "05-31"),
    ("下周", "03-16", "03-22"),
    ("过两天", "03-14", "03-15"),
    ("大后天", "03-15", "03-15"),
    ("明儿就到", "03-13", "03-13"),
    ("二十五号打到卡上", "03-25", "03-25"),
    ("十号发新的", "04-10", "04-10"),
    ("七月中旬到期", "07-11", "07-20"),
    ("六月下旬", "06-21", "06-30"),
    ("封到八月十八", "08-18", "08-18"),
    ("下下个月八号", "05-08", "05-08"),
    ("七月里头发", "07-01", "07-31"),
    ("十一月到期", "11-01", "11-30"),
    ("还有三个月到期", "06-12", "06-12"),
    ("半个月以后", "03-27", "03-27"),
    ("下礼拜三到", "03-18", "03-18"),
    ("礼拜五", "03-13", "03-13"),
    ("周四", "03-19", "03-19"),  # said on a Thursday: the next one
    ("这礼拜天", "03-15", "03-15"),
    ("下下周二", "03-24", "03-24"),
    ("周末", "03-14", "03-15"),
    ("二十八九号", "03-28", "03-29"),
    ("三季度末", "09-21", "09-30"),
    ("上半年", "01-01", "06-30"),
    ("节后", "04-07", "04-16"),
    ("国庆后", "10-08", "10-17"),
    ("明后天", "03-13", "03-14"),
    ("三天内", "03-12", "03-15"),
]
OTHER_YEARS = [
    ("明年三月份", date(2027, 3, 1), date(2027, 3, 31)),
    ("明年六月底", date(2027, 6, 21), date(2027, 6, 30)),
    ("元月中旬", date(2027, 1, 11), date(2027, 1, 20)),
    ("二月底才到", date(2027, 2, 21), date(2027, 2, 28)),
    ("要到后年了", date(2028, 1, 1), date(2028, 12, 31)),
    ("二〇二七年八月到期", date(2027, 8, 1), date(2027, 8, 31)),
    ("过完年", date(2027, 2, 13), date(2027, 2, 22)),
]
WINDOWS = [
    ("周三下午三点以后打", "03-18T15:00", "03-18T18:00"),
    ("礼拜五吧，收了盘你再打给我", "03-13T15:00", None),
    ("明天上午", "03-13T09:00", "03-13T12:00"),
    ("明天中午", "03-13T11:30", "03-13T13:00"),
    ("今天下午", "03-12T13:00", "03-12T18:00"),
    ("今晚", "03-12T18:00", "03-12T21:00"),
    ("明晚八点", "03-13T20:00", "03-13T20:00"),
    ("周五晚", "03-13T18:00", "03-13T21:00"),
    ("三点一刻", "03-12T15:15", "03-12T15:15"),
    ("差五分三点", "03-12T14:55", "03-12T14:55"),
    ("下晌两点来钟", "03-12T14:00", "03-12T14:00"),
    ("后晌四点半再打", "03-12T16:30", "03-12T16:30"),
    ("三点零五", "03-12T15:05", "03-12T15:05"),
    ("12点半吧 今天", "03-12T12:30", "03-12T12:30"),
    ("10:30前", None, "03-12T10:30"),
    ("周六晚上吧，等孩子睡了，八点半以后", "03-14T20:30", "03-14T21:00"),
    ("后天吧后天下午哎不对后天我去绵阳了星期四星期四下午三点半往后", "03-19T15:30", "03-19T18:00"),
    ("十六号下午，不对，十七号下午三点", "03-17T15:00", "03-17T15:00"),
    ("下周二我要带孙子 礼拜三吧 礼拜三上午", "03-18T09:00", "03-18T12:00"),
    ("明天十点到十一点", "03-13T10:00", "03-13T11:00"),
    ("后天下午去您那儿 两点到三点之间", "03-14T14:00", "03-14T15:00"),
    ("一点往后", "03-12T13:00", None),
    ("下班前", None, "03-12T18:00"),
    ("晚饭前发过去", None, "03-12T18:00"),
    ("礼拜一开盘前", None, "03-16T09:30"),
    ("今天收盘之前", None, "03-12T15:00"),
    ("今晚八点前", None, "03-12T20:00"),
    ("最晚周五", None, "03-13T23:59"),
    ("周四之前", None, "03-19T23:59"),
    ("周三以后", "03-18T00:00", None),
    ("礼拜天你打", "03-15T00:00", "03-15T23:59"),
    ("半小时后", "03-12T10:35", "03-12T10:35"),
    ("一刻钟以后你打来", "03-12T10:20", "03-12T10:20"),
    ("给我四十分钟嘛", "03-12T10:45", "03-12T10:45"),
    ("半小时内一定发您", None, "03-12T10:35"),
    ("明天这个点吧", "03-13T10:05", "03-13T10:05"),
    ("清明过后", "04-07T00:00", None),
    ("五一前", None, "04-30T23:59"),
    ("两天内", None, "03-15T23:59"),
    ("一会儿发您", None, None),
    ("回头发您", None, None),
    ("等财报出来再说", None, None),
]
HABITS = [
    ("周一到周四晚上九点以后", ("mon", "tue", "wed", "thu"), "21:00", None),
    ("每天中午别打", ("any",), "11:30", "13:00"),
    ("平时下午三点以后", ("any",), "15:00", None),
    ("开着盘的时候别打给我", ("trading_day",), "09:30", "15:00"),
    ("盘中不接", ("trading_day",), "09:30", "15:00"),
    ("下半晌，四五点钟那会儿", ("any",), "16:00", "17:00"),
    ("晌午别打，十二点到两点我得眯一觉", ("any",), "12:00", "14:00"),
    ("六点半开喝 喝到八九点 天天晚上", ("any",), "20:00", "21:00"),
    ("就礼拜六礼拜天", ("sat", "sun"), None, None),
    ("周末免打扰", ("sat", "sun"), None, None),
    ("礼拜二跟礼拜五", ("tue", "fri"), None, None),
    ("周一三五晚上", ("mon", "wed", "fri"), "18:00", "21:00"),
    ("每周二上午", ("tue",), "09:00", "12:00"),
    ("工作日别打", ("mon", "tue", "wed", "thu", "fri"), None, None),
    ("七点过后打嘛", ("any",), "19:00", None),
    ("早上九点往后", ("any",), "09:00", None),
    ("十一点四十到十二点半", ("any",), "11:40", "12:30"),
]
NO_TIMES = [
    "有点事", "一点都不想", "说两点", "三个点", "三点五的利率", "年化三点左右", "涨了两点多", "三千点", "一号线",
    "二号口", "三年期", "三个月", "早上好", "新年快乐", "下午好啊", "你一月挣几个钱", "近七日年化", "五十个",
    "头条没说", "前面说过", "最近忙什么", "一般吧", "后面再说", "月供多少", "中间人", "百分之一点五", "万二点五",
    "那半个钟头", "三年前就存在那里", "两点建议",
]  # fmt: skip


def _window(text: str) -> tuple[str | None, str | None] | None:
    return resolve_window(find_times(text, anchor=THURSDAY), anchor=THURSDAY)


def _full(moment: str | None) -> str | None:
    return f"2026-{moment}" if moment else None


@pytest.mark.parametrize(("text", "start", "end"), DATES)
def test_dates_of_this_year(text: str, start: str, end: str) -> None:
    found = resolve_dates(find_times(text, anchor=THURSDAY), anchor=THURSDAY)
    assert found == (date.fromisoformat(f"2026-{start}"), date.fromisoformat(f"2026-{end}"))


@pytest.mark.parametrize(("text", "start", "end"), OTHER_YEARS)
def test_dates_of_other_years(text: str, start: date, end: date) -> None:
    assert resolve_dates(find_times(text, anchor=THURSDAY), anchor=THURSDAY) == (start, end)


@pytest.mark.parametrize(("text", "start", "end"), WINDOWS)
def test_windows(text: str, start: str | None, end: str | None) -> None:
    assert _window(text) == (_full(start), _full(end))


@pytest.mark.parametrize(("text", "days", "start", "end"), HABITS)
def test_habits(text: str, days: tuple[str, ...], start: str | None, end: str | None) -> None:
    assert resolve_habit(find_times(text, anchor=THURSDAY)) == Habit(days, start, end)


@pytest.mark.parametrize("text", NO_TIMES)
def test_what_is_no_time(text: str) -> None:
    assert find_times(text, anchor=THURSDAY) == []


@pytest.mark.parametrize("text", ["昨天下午三点来过电话", "上礼拜五", "去年十月", "二零年底买的", "昨晚"])
def test_the_past_is_no_appointment(text: str) -> None:
    assert _window(text) is None
    assert resolve_dates(find_times(text, anchor=THURSDAY), anchor=THURSDAY) is None


@pytest.mark.parametrize(
    ("anchor", "text", "start"),
    [
        ("2025-01-16T09:35", "正月初八之前你莫找我", None),
        ("2025-01-09T16:20", "元宵节之后", "2025-02-13T00:00"),
        ("2026-01-30T14:47", "初七下午", "2026-02-23T13:00"),
        ("2026-01-13T09:52", "年后再说", "2026-02-24T00:00"),
        ("2025-12-30T17:48", "7号晚上八点", "2026-01-07T20:00"),
        ("2026-03-12T16:00", "三点打给我", "2026-03-13T15:00"),
    ],
)
def test_feasts_turns_of_the_year_and_hours_gone_by(anchor: str, text: str, start: str | None) -> None:
    moment = datetime.fromisoformat(anchor)
    found = resolve_window(find_times(text, anchor=moment), anchor=moment)
    assert found is not None and found[0] == start


def test_a_date_outweighs_the_weekday_beside_it() -> None:
    moment = datetime(2026, 3, 26, 16, 20, tzinfo=SHANGHAI)
    spans = find_times("那二十号礼拜一下午，我打给您", anchor=moment)
    assert resolve_window(spans, anchor=moment) == ("2026-04-20T13:00", "2026-04-20T18:00")


def test_times_of_two_turns_join() -> None:
    asked = find_times("后儿个打", anchor=THURSDAY)
    answered = find_times("晌午端，十二点", anchor=THURSDAY)
    assert resolve_window([*asked, *answered], anchor=THURSDAY) == ("2026-03-14T12:00", "2026-03-14T12:00")


def test_the_session_moves_to_the_next_trading_day() -> None:
    class Weekdays:
        def is_trading_day(self, day: date) -> bool:
            return day.weekday() < 5

    saturday = datetime(2026, 3, 14, 10, 0, tzinfo=SHANGHAI)
    spans = find_times("收盘后打给我", anchor=saturday, calendar=Weekdays())
    assert resolve_window(spans, anchor=saturday) == ("2026-03-16T15:00", None)


def test_no_time_is_no_window() -> None:
    assert _window("好的") is None
    assert resolve_dates([], anchor=THURSDAY) is None
    assert resolve_habit([]) is None


def test_every_entry_is_found_in_its_example() -> None:
    """Also holds `first` against the patterns: an entry that begins with a character not listed is never found."""
    data = lexicon.load("times")
    january = datetime(2026, 1, 12, 10, 5, tzinfo=SHANGHAI)
    for kind in ("days", "parts", "hours"):
        for row in data[kind]:
            matched = {m.lastgroup for m in pattern().finditer(row["example"])}
            assert f"{kind}_{row['id']}" in matched, row["id"]
            assert find_times(row["example"], anchor=january), row["id"]


MOMENTS = st.builds(datetime.combine, st.dates(date(2024, 12, 1), date(2028, 12, 31)), st.times(), st.just(SHANGHAI))
HOURS = [
    "一点半",
    "两点半",
    "三点半",
    "四点半",
    "五点半",
    "六点半",
    "七点半",
    "八点半",
    "九点半",
    "十点半",
    "十一点半",
    "十二点半",
]


@given(st.integers(0, 11), st.sampled_from(["上午", "下午", "晚上"]))
def test_the_part_of_the_day_settles_the_half(index: int, part: str) -> None:
    (span,) = find_times(f"明天{part}{HOURS[index]}", anchor=THURSDAY)
    assert span.clock is not None and span.clock[0] is not None
    hour = int(span.clock[0][:2])
    assert hour % 12 == (index + 1) % 12 and span.clock[0][3:] == "30"
    if part == "上午" and index >= 5:
        assert hour <= 12
    if part == "下午" and index < 7:
        assert hour >= 12
    if part == "晚上" and 4 <= index < 11:
        assert hour >= 17


@given(MOMENTS, st.integers(0, 6))
def test_a_weekday_alone_is_the_next_one(anchor: datetime, weekday: int) -> None:
    found = resolve_dates(find_times("周" + "一二三四五六日"[weekday], anchor=anchor), anchor=anchor)
    assert found is not None and found[0] == found[1]
    assert found[0].weekday() == weekday
    assert timedelta(0) < found[0] - anchor.date() <= timedelta(days=7)


@given(MOMENTS, st.sampled_from(["初", "中", "底"]))
def test_thirds_of_next_month_lie_in_it(anchor: datetime, third: str) -> None:
    found = resolve_dates(find_times(f"下个月{third}", anchor=anchor), anchor=anchor)
    assert found is not None
    assert (found[0].year * 12 + found[0].month) - (anchor.year * 12 + anchor.month) == 1
    assert found[0].month == found[1].month and found[0] <= found[1]


@given(st.integers(0, 24 * 60))
def test_clock_text_is_a_clock(minutes: int) -> None:
    text = clock_text(minutes)
    assert text is not None and datetime.strptime(text, "%H:%M")  # noqa: DTZ007


TALK = st.text(
    st.sampled_from("下周三点半以后前到号月一二十月底初今明天晚上午收盘个礼拜年半小时钟差分内0123:最晚 ，"), max_size=24
)


@given(st.text(max_size=40) | TALK, MOMENTS)
def test_any_text_is_read_spans_index_it_and_ends_follow_starts(text: str, anchor: datetime) -> None:
    spans = find_times(text, anchor=anchor)
    end = 0
    for span in spans:
        assert text[span.start : span.end] == span.text and span.text
        assert span.start >= end
        end = span.end
    resolve_habit(spans)
    for group in [spans, *([s] for s in spans)]:
        window = resolve_window(group, anchor=anchor)
        if window and window[0] and window[1]:
            assert datetime.fromisoformat(window[0]) <= datetime.fromisoformat(window[1])
        days = resolve_dates(group, anchor=anchor)
        assert days is None or days[0] <= days[1]
