"""do_not_contact: no contact at all, against what narrows the wish to something else."""

from __future__ import annotations

import pytest
from marked import tags_of

HITS = [
    "C: 以后别再给我打电话了，什么都不要",
    "C: 麻烦把我的号码从名单里删掉",
    "A: 那我下回再联系您\nC: 不用联系了，以后都别找我",
    "C: 我这个号你就当空号吧",
    "C: 请不要再联系我",
    "C: 你们谁都别再打过来，我要清静",
    "C: 有需要我自己会找你们，你们别找我",
    "C: 再打我就拉黑了，往后别来烦我",
    "C: 短信电话微信通通不要",
]
MISSES = [
    "C: 现在不方便，晚点再说",
    "C: 中午别打，我要睡觉",
    "C: 那个座机别打了，打我手机",
    "C: 以后别打电话，发微信就行",
    "C: 这几天别找我，等我忙完",
    "C: 别再给我推荐这类基金了",
    "C: 周末不要给我打电话",
    "C: 别打了别打了，我说我家俩孩子呢，你接着讲",
    "C: 我哥那人，你别再给他打了",
    "C: 初八之前你别找我",
    "C: 不用谢，有事联系我",
]


@pytest.mark.parametrize("said", HITS)
def test_no_contact(said: str) -> None:
    assert tags_of(said, "do_not_contact") == {"do_not_contact"}


@pytest.mark.parametrize("said", MISSES)
def test_narrower_than_no_contact(said: str) -> None:
    assert tags_of(said, "do_not_contact") == set()


def test_all_channels_at_once_is_no_contact_alone() -> None:
    said = "C: 短信电话微信通通不要"
    assert tags_of(said, "do_not_contact", "contact_channel") == {"do_not_contact"}
