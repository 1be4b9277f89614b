"""contact_time: appointments from a negotiation, standing times, and "not now".

The calls are on Thursday 2026-03-12, 10:05.
"""

from __future__ import annotations

from typing import Any

import pytest
from marked import tag, tags_of


def values(said: str) -> list[dict[str, Any]]:
    return [t.value for t in tag(said) if t.tag == "contact_time"]


def window(said: str) -> Any:
    found = [v["window"] for v in values(said) if v["kind"] == "callback"]
    assert len(found) == 1, values(said)
    return tuple(found[0])


CALLBACKS = [
    ("C: 我在开会，你下午三点再打来\nA: 好的", ("2026-03-12T15:00", "2026-03-12T15:00")),
    ("A: 那我明天上午十点给您打过去行吗\nC: 行", ("2026-03-13T10:00", "2026-03-13T10:00")),
    ("A: 什么时候方便再跟您聊\nC: 后天下午吧", ("2026-03-14T13:00", "2026-03-14T18:00")),
    ("C: 你周六上午给我来个电话", ("2026-03-14T09:00", "2026-03-14T12:00")),
    ("A: 您看周一上午行吗，我打给您\nC: 周一上午我要去医院，周二吧\nA: 好，周二上午九点半我打给您\nC: 好的",
     ("2026-03-17T09:30", "2026-03-17T09:30")),
    ("A: 明天上午十点我打给您\nC: 十点我在飞机上，改下午四点吧\nA: 没问题", ("2026-03-13T16:00", "2026-03-13T16:00")),
    ("A: 周五下午两点您来营业部，我陪您签字\nC: 好，两点我过去", ("2026-03-13T14:00", "2026-03-13T14:00")),
    ("A: 您这会儿方便说话吗\nC: 不太方便，在上课", (None, None)),
    ("C: 我开车呢，等会儿再打吧", (None, None)),
]  # fmt: skip
HABITS = [
    ("A: 您平时几点接电话方便\nC: 晚上八点以后吧", {"kind": "preferred", "days": ["any"], "from": "20:00", "to": None}),
    ("C: 以后上午别打，我在补觉", {"kind": "avoid", "days": ["any"], "from": "09:00", "to": "12:00"}),
    ("C: 盘中你别打电话，我盯着盘呢", {"kind": "avoid", "days": ["trading_day"], "from": "09:30", "to": "15:00"}),
    ("C: 以后有事你周末打给我", {"kind": "preferred", "days": ["sat", "sun"], "from": None, "to": None}),
]
NONE = [
    "A: 周五有个策略会，您来不来\nC: 到时候看吧",
    "C: 他说明天上午十点给我打电话",
    "C: 昨天下午三点你们来过一个电话",
    "A: 我明天上午把报告发您\nC: 好的",
    "C: 我闺女天天晚上八点给我打视频",
    "A: 那我后天再给您打\nC: 不用打了",
    "C: 存款下个月15号到期，到了我找你",
    "C: 大额存单九月份到期",
    "A: 您方便说话吗\nC: 方便，你说",
    "C: 要是哪天涨到六千点你半夜三点打给我都行",
    "A: 下周三再跟您约\nC: 看情况吧，说不准",
    "C: 你等一下，我关个火，好了你说",
    "A: 有消息我随时联系您\nC: 好",
]


@pytest.mark.parametrize(("said", "expected"), CALLBACKS)
def test_appointments(said: str, expected: tuple[str | None, str | None]) -> None:
    assert window(said) == expected


@pytest.mark.parametrize(("said", "expected"), HABITS)
def test_standing_times(said: str, expected: dict[str, Any]) -> None:
    assert values(said) == [expected]


@pytest.mark.parametrize("said", NONE)
def test_no_time_for_contact(said: str) -> None:
    assert tags_of(said, "contact_time") == set()


def test_both_sides_of_an_appointment_are_its_proof() -> None:
    (found,) = (t for t in tag("A: 那我明天上午十点给您打过去行吗\nC: 行") if t.tag == "contact_time")
    assert found.turns == (0, 1)
