"""contact_channel: the way of being reached, against times, numbers and mere mentions."""

from __future__ import annotations

import pytest
from marked import tags_of

from huiyin.domain.conversation import Channel

HITS = [
    ("C: 有事你微信上给我留言就行", {"contact_channel:wecom"}),
    ("C: 别打电话，我上班接不了，发短信就行", {"contact_channel!:phone", "contact_channel:sms"}),
    ("C: 微信我不会用，你有事直接打电话过来", {"contact_channel!:wecom", "contact_channel:phone"}),
    ("C: 材料发我邮箱吧", {"contact_channel:email"}),
    ("C: 短信我从来不看的", {"contact_channel!:sms"}),
    ("C: 我还是想当面谈，踏实", {"contact_channel:in_person"}),
    ("A: 给您发短信还是微信\nC: 微信吧", {"contact_channel:wecom"}),
    ("A: 以后我就发您APP站内信，可以吗\nC: 可以", {"contact_channel:app"}),
    (
        "A: 我哪天去您单位拜访一下\nC: 见面就不用了，电话里说就行",
        {"contact_channel!:in_person", "contact_channel:phone"},
    ),
]
MISSES = [
    "C: 你明天下午三点打电话给我",
    "C: 那个座机别打，没人接",
    "C: 昨天微信步数我第一",
    "C: 刚来条短信说我账户异常",
    "C: 邮箱密码忘了怎么找回",
    "A: 我下午把报告发您微信\nC: 好的",
    "C: 别打了别打了，说我儿子呢",
    "C: 上回你电话里跟我说的那个",
    "C: 我先不说了，有人打电话进来",
]


@pytest.mark.parametrize(("said", "tags"), HITS)
def test_channels(said: str, tags: set[str]) -> None:
    assert tags_of(said, "contact_channel") == tags


@pytest.mark.parametrize("said", MISSES)
def test_no_channel(said: str) -> None:
    assert tags_of(said, "contact_channel") == set()


def test_here_is_wecom_in_a_chat_alone() -> None:
    assert tags_of("C: 文件别发这儿", "contact_channel", channel=Channel.WECOM) == {"contact_channel!:wecom"}
    assert tags_of("C: 文件别发这儿", "contact_channel") == set()
