"""spec/audit.md, "Contact": a novice is taught by a lesson, or by two terms or rules explained."""

from __future__ import annotations

from typing import Any

import pytest
from audit_world import World, at

from huiyin.domain.lead import ContactReason, LeadStatus


def opened(tag: str, value: dict[str, Any]) -> World:
    return World().call("a", "03-02 10:00", "A 您好", "C 嗯").tag("a", tag, value)


NOVICE = ("experience_level", {"level": "novice"})


@pytest.mark.parametrize(
    "lines",
    [
        ("A 市盈率就是股价除以每股盈利，换手率是一天里换了手的股份占多少", "C 明白了"),
        ("A 今天买的股票明天才能卖", "C 哦", "A 一手是一百股，最少买一手", "C 这样啊"),
        ("A ETF就是一篮子股票", "C 嗯", "A 定投就是每个月固定买一笔", "C 懂了"),
        ("A 我给您讲讲怎么看K线，先看颜色", "C 好"),
        ("A 您先点交易，再点买入，然后输代码", "C 找到了"),
    ],
)
def test_a_novice_is_taught(lines: tuple[str, ...]) -> None:
    contact = opened(*NOVICE).call("c", "03-03 10:00", *lines).lead("03-31 18:00").contacts[0]
    assert (contact.kind, contact.reason) == ("on_topic", ContactReason.TEACHING)


@pytest.mark.parametrize(
    "lines",
    [
        ("A 我们有一款基金，年化四个点", "C 我考虑下"),
        ("A 市盈率就是股价除以每股盈利", "C 明白了"),
        ("C 市盈率就是股价除以盈利，净值就是一份基金值多少", "A 您说得对"),
        ("A 改天给您讲讲怎么看K线", "C 好"),
        ("A 您买了哪只股票", "C 我买了一只ETF", "A 基金也不错"),
        ("C 你教教我怎么买", "A 好的没问题"),
    ],
)
def test_a_novice_is_not_taught(lines: tuple[str, ...]) -> None:
    assert opened(*NOVICE).call("c", "03-03 10:00", *lines).lead("03-31 18:00").status is LeadStatus.OFF_TOPIC


def test_education_sent_follows_a_novice_up() -> None:
    lead = opened(*NOVICE).event("education_sent", "03-03 10:00").lead("03-31 18:00")
    assert (lead.status, lead.due_at) == (LeadStatus.FOLLOWED_UP, at("03-16 18:00"))


def test_a_course_that_nobody_answered_is_an_attempt() -> None:
    world = opened(*NOVICE).chat("w", "03-03 10:00", "A [链接] 新手入门第一课")
    assert world.lead("03-31 18:00").status is LeadStatus.UNREACHED
