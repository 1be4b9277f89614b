"""Everyday talk opens no lead: at most 1 in 100 dialogues may hold an opportunity tag."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
import yaml
from marked import tag

from huiyin.domain.tags import TAG_TYPES

DIALOGUES = yaml.safe_load((Path(__file__).parent / "everyday.yaml").read_text(encoding="utf-8"))["dialogues"]
MOST = 0.01


def test_there_are_enough_dialogues_each_of_its_own() -> None:
    assert len(DIALOGUES) >= 60
    assert len({d["id"] for d in DIALOGUES}) == len({d["text"] for d in DIALOGUES}) == len(DIALOGUES)


@pytest.mark.parametrize("model", [None, "shipped"])
def test_everyday_talk_is_no_opportunity(model: Literal["shipped"] | None) -> None:
    found = {
        d["id"]: [f"{t.tag}: {t.quote}" for t in tag(d["text"], model=model) if TAG_TYPES[t.tag].group == "opportunity"]
        for d in DIALOGUES
    }
    wrong = {name: tags for name, tags in found.items() if tags}
    assert len(wrong) <= MOST * len(DIALOGUES), wrong
