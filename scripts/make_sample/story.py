"""Reads the story: the YAML files under story/ are the one place where the sample data is written down."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "sample_audio"
SPEAKERS = {"a": "advisor", "c": "client"}
_TURN = re.compile(r"^(?P<who>[ac])(?: (?P<gap>[+-]\d+(?:\.\d+)?))?: (?P<text>.+)$")


@dataclass(frozen=True)
class SpokenTurn:
    """One utterance; `gap` is seconds after the end of the turn before (None: drawn when it is spoken)."""

    speaker: str
    text: str
    gap: float | None


def load(name: str) -> Any:
    """The parsed content of story/<name>.yaml."""
    return yaml.safe_load((HERE / "story" / f"{name}.yaml").read_text(encoding="utf-8"))


def spoken_turns(call: dict[str, Any]) -> list[SpokenTurn]:
    """The turns of a call; ValueError names a line that is no turn."""
    turns = []
    for line in (call.get("turns") or "").splitlines():
        if not (found := _TURN.match(line.strip())):
            raise ValueError(f"{call['call_id']}: not a turn: {line!r}")
        gap = found["gap"]
        turns.append(SpokenTurn(SPEAKERS[found["who"]], found["text"], float(gap) if gap else None))
    return turns


def tag_line(conversation_id: str, tag: dict[str, Any]) -> dict[str, Any]:
    """A tag as spec/tags.md has it. Every field of an external_assets or idle_funds value is present."""
    value = dict(tag["value"])
    stance = tag.get("stance", "affirmed")
    defaults = {
        "idle_funds": ("amount", "available_from"),
        "external_assets": ("institution", "institution_type", "product", "amount", "matures_on"),
    }
    for field in defaults.get(tag["tag"], ()):
        value.setdefault(field, None)
    return {
        "conversation_id": conversation_id,
        "tag": tag["tag"],
        "stance": stance,
        "value": value,
        "turns": tag["turns"],
        "quote": tag["quote"],
        "confidence": 1.0,
    }
