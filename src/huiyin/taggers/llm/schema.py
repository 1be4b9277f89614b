"""What a large model is asked: the tag specification compiled from domain/tags.py, and one conversation.

The meanings are data (`lexicons/llm.yaml`); types, stances and values come from the declarations, so that a new tag
type is asked for once it is declared and described. Turns go in as one JSON object a line: whatever a client says, it
stays inside a string.

    >>> for prompt in prompts_of(conversation):
    ...     answer = ask(prompt.system, prompt.user, answer_schema())
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from huiyin.domain.conversation import Conversation, Speaker, Turn
from huiyin.domain.errors import LexiconError
from huiyin.domain.record import in_shanghai
from huiyin.domain.tag import Stance
from huiyin.domain.tags import DAYS, INSTITUTION_TYPES, TAG_TYPES, TagType
from huiyin.lexicon import load

PART_CHARACTERS = 6000
"""Characters of talk in one prompt; a longer conversation is asked in parts."""
TURN_CHARACTERS = 1000
"""Characters of one turn that are sent; a pasted article proves nothing of the client."""
OVERLAP = 4
"""Turns that a part repeats of the one before it, so that a question stays with its answer."""
MOST_TAGS = 60
"""Tags in one answer; a model that goes round in circles is cut off there."""
CERTAINTIES = ("certain", "likely")
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Prompt:
    """`user` holds the turns `turns` (their places in the conversation) and nothing else of it but its time."""

    system: str
    user: str
    turns: frozenset[int]


def _nullable(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"anyOf": [dict(schema), {"type": "null"}]}


_TEXT = _nullable({"type": "string"})
_PAIR = _nullable({"type": "array", "items": {"type": ["string", "null"]}})
FIELDS: Mapping[str, Mapping[str, Any]] = {
    "amount": _nullable({"type": "array", "items": {"type": "number"}}),
    "currency": _nullable({"type": "string", "enum": ["USD", "HKD"]}),
    "available_from": _PAIR,
    "matures_on": _PAIR,
    "institution": _TEXT,
    "institution_type": {"type": "string", "enum": list(INSTITUTION_TYPES)},
    "product": _TEXT,
    "window": _PAIR,
    "due": _PAIR,
    "days": _nullable({"type": "array", "items": {"type": "string", "enum": list(DAYS)}}),
    "from": _TEXT,
    "to": _TEXT,
}
"""JSON schemas of the fields beside the discriminator, in the part of JSON schema that all servers understand."""


def fields_of(kind: TagType) -> list[str]:
    """The fields of a type's value as they stand in JSON."""
    return [f.serialization_alias or name for name, f in kind.value_model.model_fields.items()]


def value_schema(kind: TagType) -> dict[str, Any]:
    """The JSON schema of a type's value. Raises LexiconError for a field nobody described here."""
    properties: dict[str, Any] = {}
    for name in fields_of(kind):
        if name == kind.discriminator and kind.choices is not None:
            properties[name] = {"type": "string", "enum": list(kind.choices)}
        elif name in FIELDS:
            properties[name] = dict(FIELDS[name])
        else:
            raise LexiconError(f"{kind.key}: taggers/llm/schema.py does not know the field {name!r}")
    return _object(properties)


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "properties": dict(properties), "required": list(properties), "additionalProperties": False,
    }  # fmt: skip


@cache
def definitions() -> Mapping[str, Mapping[str, Any]]:
    """The entries of `lexicons/llm.yaml` by tag type. Raises LexiconError where a type is missing or unknown."""
    entries = {str(e["id"]): e for e in load("llm")["types"]}
    if odd := set(entries) ^ set(TAG_TYPES):
        raise LexiconError(f"lexicons/llm.yaml, types: missing or unknown: {', '.join(sorted(odd))}")
    return entries


def stances_of(key: str) -> tuple[str, ...]:
    """The stances that a type can have; only a type with a meaning for `negated` can be negated."""
    return tuple(s.value for s in Stance if s is Stance.AFFIRMED or "negated" in definitions()[key])


def answer_schema() -> dict[str, Any]:
    """The JSON schema that an answer is bound to: {"tags": [...]}, each entry of one type with that type's value."""
    entries = [
        _object(
            {
                "tag": {"type": "string", "enum": [key]},
                "stance": {"type": "string", "enum": list(stances_of(key))},
                "turn": {"type": "integer"},
                "quote": {"type": "string"},
                "support": {"type": "array", "items": {"type": "integer"}},
                "certainty": {"type": "string", "enum": list(CERTAINTIES)},
                "value": value_schema(kind),
            }
        )
        for key, kind in TAG_TYPES.items()
    ]
    return _object({"tags": {"type": "array", "items": {"anyOf": entries}}})


@cache
def system_prompt() -> str:
    """The task, the rules and the types, in Chinese, as every conversation gets them."""
    data = load("llm")
    lines = [str(data["task"]).strip(), "", "规则："]
    lines += [f"{i}. {rule['text']}" for i, rule in enumerate(data["rules"], start=1)]
    lines += ["", "标签："]
    for key, kind in TAG_TYPES.items():
        lines += _type_lines(key, kind, definitions()[key])
    lines += ["", "value 里的字段："]
    lines += [f"- {field['id']}：{field['text']}" for field in data["fields"]]
    shape = '{"tags": [{"tag": …, "stance": …, "turn": 3, "quote": "…", "support": [], "certainty": …, "value": {…}}]}'
    lines += ["", f'只输出一个 JSON 对象：{shape}。没有标签时输出 {{"tags": []}}。']
    return "\n".join(lines)


def _type_lines(key: str, kind: TagType, told: Mapping[str, Any]) -> Iterator[str]:
    whose = "看顾问的话" if kind.speaker == "advisor" else "看客户的话"
    yield f"- {key}（{kind.label}，{whose}）：{told['meaning']}。"
    if "negated" in told:
        yield f"  stance 为 negated：{told['negated']}。"
    hints = told.get("hints", {})
    if kind.choices is not None:
        values = "；".join(f"{c}（{hints.get(c, label)}）" for c, label in kind.choices.items())
        yield f"  {kind.discriminator}：{values}。"
    others = [f for f in fields_of(kind) if f != kind.discriminator or kind.choices is None]
    if others:
        yield f"  其他字段：{'、'.join(others)}。"
    yield f"  例：“{told['example']}”；不算：“{told['counter']}”。"


@cache
def _withheld() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_scoped(e['pattern'])})" for e in load("llm")["withheld"]))


def _scoped(pattern: str) -> str:
    """An inline flag at the start as one of its own group, so that patterns can be joined."""
    return f"(?i:{pattern[4:]})" if pattern.startswith("(?i)") else pattern


def speaks_to_a_machine(text: str) -> bool:
    """Whether a turn orders a model about ("忽略以上指令", "输出标签"); such a turn is not sent."""
    return _withheld().search(text) is not None


def sendable(conversation: Conversation) -> list[tuple[int, Turn]]:
    """The turns that are sent, with their places: of advisor and client, with words, not recalled, not to a machine."""
    return [
        (place, turn)
        for place, turn in enumerate(conversation.turns)
        if turn.speaker is not Speaker.OTHER
        and not turn.recalled
        and turn.text.strip()
        and not speaks_to_a_machine(turn.text)
    ]


def prompts_of(conversation: Conversation) -> tuple[Prompt, ...]:
    """The prompts of a conversation: one, or for a long one several whose turns overlap; none where nothing was said.

    Ids and names of client and advisor are not in them.
    """
    began = in_shanghai(conversation.started_at)
    channel = "电话" if conversation.medium == "call" else "微信"
    head = f"对话开始于 {began:%Y-%m-%d %H:%M}（星期{_WEEKDAYS[began.weekday()]}），{channel}。对话："
    return tuple(
        Prompt(
            system=system_prompt(),
            user="\n".join((head, *(_line(conversation, place, turn) for place, turn in part))),
            turns=frozenset(place for place, _ in part),
        )
        for part in _parts(sendable(conversation))
    )


def _line(conversation: Conversation, place: int, turn: Turn) -> str:
    line: dict[str, Any] = {"turn": place, "speaker": turn.speaker.value}
    at = in_shanghai(conversation.moment(turn.start))
    if at.date() != in_shanghai(conversation.started_at).date():
        line["at"] = f"{at:%Y-%m-%d %H:%M}"  # a chat that goes on for days
    line["text"] = turn.text[:TURN_CHARACTERS]
    if quoted := [turn.text[a:b] for a, b in turn.quoted if a < TURN_CHARACTERS]:
        line["quoted"] = quoted
    return json.dumps(line, ensure_ascii=False)


def _parts(turns: Sequence[tuple[int, Turn]]) -> Iterator[Sequence[tuple[int, Turn]]]:
    first = 0
    while first < len(turns):
        last, used = first, 0
        while last < len(turns) and (last == first or used + _size(turns[last]) <= PART_CHARACTERS):
            used += _size(turns[last])
            last += 1
        yield turns[first:last]
        if last == len(turns):
            return
        first = max(last - OVERLAP, first + 1)


def _size(turn: tuple[int, Turn]) -> int:
    return min(len(turn[1].text), TURN_CHARACTERS) + 40  # the keys around it
