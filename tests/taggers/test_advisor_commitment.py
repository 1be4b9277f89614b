"""advisor_commitment: definite promises and when they are due. The calls are on Thursday 2026-03-12, 10:05."""

from __future__ import annotations

from typing import Any

import pytest
from marked import tag, tags_of

HITS = [
    ("A: 我下午三点前把报告发您微信", "send_material", [None, "2026-03-12T15:00"]),
    ("A: 回头我把清单发您\nC: 好", "send_material", None),
    ("A: 要不我明天上午给您发一份\nC: 可以啊", "send_material", ["2026-03-13T09:00", "2026-03-13T12:00"]),
    ("A: 我问一下清算，最晚明天给您答复", "check_and_reply", [None, "2026-03-13T23:59"]),
    ("A: 费率我去申请，下周一之前给您一个准信", "check_and_reply", [None, "2026-03-16T23:59"]),
    ("C: 我在开会，三点再打\nA: 好，三点我打给您", "call_back", ["2026-03-12T15:00", "2026-03-12T15:00"]),
    ("A: 那我明天上午十点给您打过去\nC: 行", "call_back", ["2026-03-13T10:00", "2026-03-13T10:00"]),
    ("A: 那我明天上午十点给您打过去\nC: 十点不行，下午两点吧\nA: 行，两点", "call_back",
     ["2026-03-13T14:00", "2026-03-13T14:00"]),
    ("C: 我周五上午过来\nA: 好的，周五上午我在营业部等您", "arrange_meeting", ["2026-03-13T09:00", "2026-03-13T12:00"]),
    ("A: 今天下班前我给您把密码解锁", "other", [None, "2026-03-12T18:00"]),
]  # fmt: skip
MISSES = [
    "C: 三点再打给我\nA: 好的",
    "A: 有好的产品我再联系您",
    "A: 昨天我把材料发您微信了",
    "A: 我们一般会提前跟您沟通",
    "A: 要不我明天给您打个电话\nC: 不用了",
    "A: 您有问题随时打给我\nC: 好",
    "C: 我明天上午把材料发给你",
    "A: 我给您讲讲这个产品",
    "A: 要是批下来了再说吧",
    "A: 我同事明天给他的客户打电话",
    "A: 您看要不要我发您一份\nC: 先不用",
]


def due_of(said: str, action: str) -> Any:
    found = [t for t in tag(said) if t.tag == "advisor_commitment" and t.value["action"] == action]
    assert len(found) == 1, [(t.value, t.quote) for t in tag(said)]
    return found[0].value["due"]


@pytest.mark.parametrize(("said", "action", "due"), HITS)
def test_promises(said: str, action: str, due: list[str | None] | None) -> None:
    assert due_of(said, action) == due


@pytest.mark.parametrize("said", MISSES)
def test_no_promise(said: str) -> None:
    assert tags_of(said, "advisor_commitment") == set()
