"""family: clues of the household that bear on money or decisions.

Marked-up dialogues (tests/taggers/marked.py): what is said, and the tags that it tells; as many that tell none.
"""

from __future__ import annotations

import pytest
from marked import tags_of

TELL = [
    ("C: 我女儿明年要去澳洲读书，得备一百万", {"family:children_education"}),
    ("C: 两个娃上私立，一年学费小二十万", {"family:children_education"}),
    ("C: 孩子今年高三，准备上大学的钱不能动", {"family:children_education"}),
    ("C: 儿子补习班一交就是三万，手头紧", {"family:children_education"}),
    ("C: 我儿子下个月结婚，要给彩礼", {"family:marriage"}),
    ("C: 闺女国庆出嫁，正忙着置办嫁妆", {"family:marriage"}),
    ("C: 我跟老公在办离婚，财产要分", {"family:marriage"}),
    ("C: 我媳妇怀孕六个月了，要花钱的地方多", {"family:newborn"}),
    ("C: 家里刚添了个孙女，天天忙着带娃", {"family:newborn"}),
    ("C: 我们准备换个大点的房子，首付要凑一下", {"family:home_purchase"}),
    ("C: 给儿子在省城买房，钱都取出来了", {"family:home_purchase"}),
    ("C: 看中了一套学区房，下个月签合同", {"family:home_purchase"}),
    ("C: 我明年就退休了，想把钱规划一下", {"family:retirement"}),
    ("C: 我跟老伴都退休了，就靠退休金", {"family:retirement"}),
    ("C: 我爸中风住院了，天天往医院跑", {"family:elder_care"}),
    ("C: 我婆婆瘫痪在床，请了个护工", {"family:elder_care"}),
    ("C: 我妈查出来肺癌，治病要用钱", {"family:elder_care"}),
    ("C: 我下周要做个手术，过阵子再说", {"family:health"}),
    ("C: 我老公心梗放了支架，花了七八万", {"family:health"}),
    ("C: 我爷爷留给我一套房子，正在办过户", {"family:inheritance"}),
    ("C: 我想立个遗嘱，把股票留给女儿", {"family:inheritance"}),
    ("C: 这个我得回去问问我老婆，钱是她管", {"family:family_decides"}),
    ("C: 我家里人不同意我炒股，得跟他们商量", {"family:family_decides"}),
    ("C: 我儿子不让我买，说都是骗人的", {"family:family_decides"}),
    ("C: 我做不了主，等我先生回来再定", {"family:family_decides"}),
    ("C: 密码在我闺女手里，要她同意才行", {"family:family_decides"}),
    ("A: 您退休了吧\nC: 对，退了两年了", {"family:retirement"}),
]
TELL_NOTHING = [
    "C: 我去接孩子放学，晚点聊",
    "C: 我同事的儿子考上清华了",
    "C: 我朋友结婚，随了一千份子",
    "C: 当年我买房的时候才三千一平",
    "C: 我家狗生了一窝小崽",
    "C: 我爸在公园下棋呢",
    "C: 我妈让我晚上回家吃饭",
    "C: 孩子在旁边写作业，小点声",
    "C: 我老婆在做饭，你说",
    "C: 你们同事小王是不是要结婚了",
    "C: 我邻居家老太太住院了",
    "C: 楼上装修吵死了",
    "C: 等我退休了天天去钓鱼",
    "C: 我刚下班，医院今天人多",
    "C: 明星离婚的新闻看了吗",
    "C: 我儿子踢球赢了",
    "C: 房子租出去了，租金三千",
    "C: 学校今天运动会",
    "C: 我老公也在你们这儿开的户",
    "C: 我媳妇说你们服务挺好",
    "A: 您孩子多大了\nC: 上小学了",
    "C: 公司给我们体检",
    "C: 我嗓子疼，少说两句",
    "C: 老人机听不清",
    "C: 物业说要交维修基金",
    "C: 我同学生二胎喊我喝满月酒",
    "C: 我单位退休办发了两桶油",
    "C: 我给人家婚礼当司仪呢",
]


@pytest.mark.parametrize(("text", "expected"), TELL)
def test_tells(text: str, expected: set[str]) -> None:
    assert tags_of(text, "family") == expected


@pytest.mark.parametrize("text", TELL_NOTHING)
def test_tells_nothing(text: str) -> None:
    assert tags_of(text, "family") == set()
